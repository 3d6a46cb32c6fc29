"""Mistakes in what each layer and direction starts from."""

from ...mistake import Entry, Words, form, mistake
from .text import FORWARD, KEEPS, SIZES, START, WITH_LAST

PLACE = "k % directions * (len(layers) // directions) + k // directions"
BY_DIRECTION = "[np.concatenate([np.array(one)[d::directions] for d in range(directions)]) for one in states_T]"

ENTRIES: tuple[Entry, ...] = (
    mistake(
        "h0-ignored",
        Words(
            found="initial states are ignored, and zeros stand in their places",
            matters="What an earlier chunk left is lost to some or all layers. Tests that start from zeros, as nearly "
            "all do, cannot see it.",
            look="Change the initial state of one layer and direction at a time. Which outputs change?",
            right="layer and direction k start from states0[k]",
            wrong="some of them start from 0",
        ),
        form(FORWARD, (START, "0 * state0[k] for state0 in states0"), variant="all"),
        form(FORWARD, (START, "state0[k] * (k < directions) for state0 in states0"), variant="above the first layer"),
        form(FORWARD, (START, "state0[k] * (not backward) for state0 in states0"), variant="of the second direction"),
    ),
    mistake(
        "c0-ignored",
        Words(
            found="the initial memories are ignored, they start as zeros",
            matters="What an earlier chunk left in the memories is lost, though its states are taken. Tests with zeros "
            "for both hide it.",
            look="Two kinds of initial states come in. Follow each of them to the call of a layer.",
            right="layer and direction k start from h0[k] and c0[k]",
            wrong="layer and direction k start from h0[k] and 0",
        ),
        form(FORWARD, (START, "state0[k] * (place == 0) for place, state0 in enumerate(states0)")),
    ),
    mistake(
        "state-of-first-layer",
        Words(
            found="every layer starts from the first layer's state",
            matters="The others' initial states are lost. Zeros, or one layer, hide it; a text that is read in chunks "
            "goes on in the wrong place.",
            look="Which axis of the initial states is the layers', and where is it indexed?",
            right="layer l starts from states0[l]",
            wrong="layer l starts from states0[0]",
        ),
        form(FORWARD, (START, "state0[k % directions] for state0 in states0")),
    ),
    mistake(
        "state-of-forward-direction",
        Words(
            found="the second direction starts from the first one's state",
            matters="Its own initial state is never read. Zeros hide it, and so does a network of one direction.",
            look="How many entries do the initial states have for one layer of two directions, and who reads which?",
            right="the directions of layer l start from states0[2 l] and states0[2 l + 1]",
            wrong="both directions of layer l start from states0[2 l]",
        ),
        form(FORWARD, (START, "state0[k - k % directions] for state0 in states0")),
    ),
    mistake(
        "states-ordered-by-direction",
        Words(
            found="states lie direction by direction, not layer by layer",
            matters="PyTorch, ONNX and cuDNN keep both directions of a layer together. With one layer or one direction "
            "the two orders are one; with more, layers start from each other's states.",
            look="If a state has the shape (L*K, B, H), is it (L, K, B, H) or (K, L, B, H) without the product?",
            right="of L = 2, K = 2: layer 0 forward, 0 backward, 1 forward, 1 backward",
            wrong="of L = 2, K = 2: 0 forward, 1 forward, 0 backward, 1 backward",
        ),
        form(FORWARD, (START, f"state0[{PLACE}] for state0 in states0"), (KEEPS, BY_DIRECTION),
             variant="in and out"),
        form(FORWARD, (START, f"state0[{PLACE}] for state0 in states0"), variant="in"),
        form(FORWARD, (KEEPS, BY_DIRECTION), variant="out"),
    ),
    mistake(
        "state-carried-between-layers",
        Words(
            found="a layer starts from the state in which the layer below ended",
            matters="This comes of one variable for the state that is not set again for the next layer. The first "
            "layer is right, and in all others the end of the sequence is known at its beginning.",
            look="Is the variable of the state assigned inside the loop over layers, before the loop over time?",
            right="layer l starts from states0[l]",
            wrong="layer l starts from the last state of layer l-1",
        ),
        form(FORWARD, (START, f"state0[k] if k < directions else last[k - directions] {WITH_LAST}")),
    ),
    mistake(
        "state-carried-between-directions",
        Words(
            found="the second direction starts from the state in which the first one ended",
            matters="The variable of the state is not set again between the two loops over time. The second direction "
            "then knows the whole sequence before it reads it.",
            look="Between the two loops over time, where does the second one get its state from?",
            right="the second direction starts from a state of its own",
            wrong="the second direction starts from the first one's last state",
        ),
        form(FORWARD, (START, f"last[k - 1] if backward else state0[k] {WITH_LAST}")),
    ),
    mistake(
        "h0-batch-first",
        Words(
            found="the initial states are read with the batch first",
            matters="PyTorch's batch_first exchanges the axes of inputs and outputs, never those of states. Where L*K "
            "equals B nothing raises, and rows and layers change places.",
            look="What are the first two axes of the initial states, in the call and in the code?",
            right="h0 (L*K, B, H), whatever the order of the inputs' axes is",
            wrong="h0 (B, L*K, H)",
        ),
        form(FORWARD, (SIZES, f"states0 = [one.swapaxes(0, 1) for one in states0]\n    {SIZES}")),
    ),
)  # fmt: skip
