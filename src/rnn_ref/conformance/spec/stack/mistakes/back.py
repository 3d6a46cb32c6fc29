"""Mistakes on the way back through layers and directions."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BACK, BELOW_BACK, DH, DLAYERS, DOWN, DSTATE0, DX, READ, START

PLACE = "k % directions * (len(layers) // directions) + k // directions"
ENDING = "return dX_seq, tuple(dstates0), dlayers"
CALLED = "starts, **layers[k])"

THROUGH_LAYERS = (
    mistake(
        "gradient-stops-between-layers",
        Words(
            found="no gradient goes from a layer to the one below",
            matters="Only the top layer learns, the others stay as they were drawn. The loss falls all the same, more "
            "slowly, and last states that are used hide it further.",
            look="What does a layer hand down after its loop, and does the next one add it to anything that counts?",
            right="what reaches layer l-1 is dL/d(input) of layer l",
            wrong="what reaches layer l-1 is 0",
        ),
        form(BACK, (DOWN, "dabove = dbelow * (first == 0)")),
    ),
    mistake(
        "upstream-at-every-layer",
        Words(
            found="every layer is given dh_states, in the place of what comes from the layer above",
            matters="Only the top layer's states reach the loss. For the others it is a gradient of nothing, in the "
            "right shape, and the network learns something.",
            look="Inside the loop over layers, from the top down: is the gradient from above ever assigned again?",
            right="what reaches layer l-1 is dL/d(input) of layer l",
            wrong="what reaches layer l-1 is dh_states",
        ),
        form(BACK, (DOWN, "dabove = np.where(real, dh_states, 0) if first else dbelow")),
    ),
    mistake(
        "layer-reads-input:stack_backward",
        Words(
            found="the weights of every layer get their gradients from the inputs of the stack",
            matters="What an upper layer read is what the one below showed. Where D is K*H nothing raises, and dW_xh "
            "above the first layer is of another network.",
            look="Which array was multiplied by W_xh of the second layer on the way forward?",
            right="dW_xh of layer l = sum da_t^T (what layer l-1 showed)",
            wrong="dW_xh of layer l = sum da_t^T X_seq",
        ),
        form(BACK, (BELOW_BACK, "X_seq")),
    ),
    mistake(
        "layers-share-weights:stack_backward",
        Words(
            found="gradients go back through the first layer's weights in every layer",
            matters="On the way forward each layer had its own. Sizes that are equal let it pass, and only the first "
            "layer's gradients may be right.",
            look="Which index picks the weights on the way back, and does it follow the layer from the top down?",
            right="layer l goes back through layers[l]",
            wrong="layer l goes back through layers[0]",
        ),
        form(BACK, (CALLED, "starts, **layers[k % directions])")),
    ),
    mistake(
        "layers-reversed:stack_backward",
        Words(
            found="the gradients of the weights come back from the top layer down",
            matters="They were appended in the order in which the way back meets the layers. Where sizes agree, every "
            "layer is updated with another one's gradients.",
            look="The loop runs from the top layer down. In which order do its results end up in the list?",
            right="layers[0] of the gradients belongs to layers[0]",
            wrong="layers[0] of the gradients belongs to layers[-1]",
        ),
        form(BACK, (ENDING, "return dX_seq, tuple(dstates0), dlayers[::-1]")),
    ),
    more("averaged-over-batch", form(BACK, (DLAYERS, "{name: getattr(found, name) / B for name in layers[k]}"))),
)

DIRECTIONS = (
    mistake(
        "one-direction-back",
        Words(
            found="what was read gets its gradient from one of the two directions alone",
            matters="Both have read it. One overwrites the other, or was forgotten; the gradients of the top layer's "
            "weights are right, and everything below is not.",
            look="Two networks read the same array. What is done with the second gradient for it?",
            right="dbelow = dX_forward + dX_backward",
            wrong="dbelow = dX_forward   (or dX_backward)",
        ),
        form(BACK, (DX, "dbelow += 0 * dX if backward else dX"), variant="the first"),
        form(BACK, (DX, "dbelow = dX[turn, b] if backward else dX"), variant="the second"),
    ),
    mistake(
        "dX-averaged-over-directions",
        Words(
            found="the gradients of the two directions are averaged, not added up",
            matters="With every layer the gradient is halved once more, so lower layers learn more slowly, and nothing "
            "looks broken.",
            look="An array is used twice. By what rule do its two gradients become one?",
            right="dbelow = dX_forward + dX_backward",
            wrong="dbelow = (dX_forward + dX_backward) / 2",
        ),
        form(BACK, (DX, "dbelow += (dX[turn, b] if backward else dX) / directions")),
    ),
    mistake(
        "not-turned-back:stack_backward",
        Words(
            found="the second direction's gradient for its inputs stays in the order in which it read",
            matters="It is added to the wrong steps: the last element is blamed for the first. Sums over time, as of "
            "weights, do not show it in the top layer.",
            look="The second direction read from the end. Which step does row 0 of its gradient for the inputs mean?",
            right="dX_backward is turned round before it is added",
            wrong="dX_backward is added as it comes",
        ),
        form(BACK, (DX, "dbelow += dX")),
    ),
    mistake(
        "dh-not-turned",
        Words(
            found="the second direction is given the gradient from above in the order of time",
            matters="It reads from the end, so its first state stands at the last step. Each of its states gets the "
            "gradient that is meant for another.",
            look="Which state did the second direction show at step t, and which of its steps was that?",
            right="the gradient from above is turned round, as the states were",
            wrong="the gradient from above is used as it comes",
        ),
        form(BACK, (DH, "part")),
    ),
    mistake(
        "not-turned:stack_backward",
        Words(
            found="the second direction's weights get their gradients from inputs in the order of time",
            matters="It read them from the end. dW_xh and the slopes of gates are made of states and inputs that never "
            "met.",
            look="Beside state 0 of the second direction, which element of the sequence has to stand?",
            right="the way back reads x_T, ..., x_1, as the way forward did",
            wrong="the way back reads x_1, ..., x_T",
        ),
        form(BACK, (READ, "below")),
    ),
    mistake(
        "shown-in-reading-order",
        Words(
            found="upper layers read the second direction's states in the order in which these were made",
            matters="On the way forward they had been turned back. The stored states of the second direction begin at "
            "the end of the sequence.",
            look="In which order are the stored states of the second direction, and in which were they shown?",
            right="layer l reads states that are turned back to the order of time",
            wrong="layer l reads the second direction's states as they were stored",
        ),
        form(BACK, ("states[0][turn, b] if k % directions == 1 else states[0]", "states[0]")),
    ),
    mistake(
        "directions-swapped:stack_backward",
        Words(
            found="the halves of the gradient from above go to the other direction each",
            matters="Both have H columns. Every state gets a gradient, and it is that of the other network.",
            look="Which H columns of what a layer shows are the forward direction's?",
            right="columns 0 to H-1 go back to the forward direction",
            wrong="columns H to 2H-1 go back to the forward direction",
        ),
        form(BACK, ("enumerate(np.split(dabove, directions, -1), first)",
                    "enumerate(np.split(dabove, directions, -1)[::-1], first)")),
    ),
)  # fmt: skip

STARTS = (
    mistake(
        "h0-ignored:stack_backward",
        Words(
            found="the way back takes zeros for the initial states",
            matters="The first step of every layer then has other slopes, and W_hh misses its share there. Tests that "
            "start from zeros cannot see it.",
            look="What does the first step's gradient of W_hh have on its other side?",
            right="dW_hh has da_0^T states0[k] in it",
            wrong="dW_hh has da_0^T 0 in it",
        ),
        form(BACK, (START, "0 * state0[k] for state0 in states0")),
    ),
    mistake(
        "state-of-first-layer:stack_backward",
        Words(
            found="the way back takes the first layer's initial state in every layer",
            matters="The gradient of W_hh above the first layer is off by the first step. Where all start from zeros "
            "it is right.",
            look="How is the initial state of a layer picked on the way back, and how was it on the way forward?",
            right="layer l goes back with states0[l]",
            wrong="layer l goes back with states0[0]",
        ),
        form(BACK, (START, "state0[k % directions] for state0 in states0")),
    ),
    mistake(
        "dstates0-missing",
        Words(
            found="the gradients of the initial states are zeros",
            matters="Initial states that are learnt, or made by an encoder, get no gradient: the encoder does not "
            "learn. Where they are constants nobody notices.",
            look="What is left over of the gradient after the first step, in each layer, and where does it go?",
            right="dstates0[k] = what reaches the state before the first step",
            wrong="dstates0[k] = 0",
        ),
        form(BACK, (DSTATE0, "dstate0[k] = 0"), variant="all"),
        form(BACK, (DSTATE0, "dstate0[k] = one * (k < directions)"), variant="above the first layer"),
        form(BACK, (DSTATE0, "dstate0[k] = one * (not backward)"), variant="of the second direction"),
    ),
    mistake(
        "states-ordered-by-direction:stack_backward",
        Words(
            found="gradients of states lie direction by direction, not layer by layer",
            matters="Where L and K are both above 1, layers get each other's gradients for their first states, or for "
            "their last ones.",
            look="If a gradient has the shape (L*K, B, H), is that (L, K, B, H) or (K, L, B, H) without the product?",
            right="dstates0[2 l + d] belongs to direction d of layer l   (K = 2)",
            wrong="dstates0[d L + l] belongs to direction d of layer l",
        ),
        form(BACK, (DSTATE0, f"dstate0[{PLACE}] = one"), variant="of the first states"),
        form(BACK, ("dlast[k]", f"dlast[{PLACE}]"), variant="of the last states"),
    ),
)
ENTRIES: tuple[Entry, ...] = (*THROUGH_LAYERS, *DIRECTIONS, *STARTS)
