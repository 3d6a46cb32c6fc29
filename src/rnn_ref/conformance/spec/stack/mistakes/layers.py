"""Mistakes in what a layer reads, and with which weights."""

from ...mistake import Entry, Words, form, mistake
from .text import CALL, FORWARD, JOINED, KEEPS, LAYERS, READ, RETURNED

INPUT = "np.where(real, X_seq, 0)"
OTHERS = "k + 1 < len(layers)"

ENTRIES: tuple[Entry, ...] = (
    mistake(
        "layer-reads-input",
        Words(
            found="every layer reads the inputs, in the place of what the layer below shows",
            matters="The layers stand side by side, and all but the last are wasted: they change only last states that "
            "few look at. Where D is not K*H it raises; where it is, nothing tells.",
            look="Inside the loop over layers, which array goes into the next call? Is it ever assigned again?",
            right="layer l reads what layer l-1 shows",
            wrong="layer l reads X_seq",
        ),
        form(FORWARD, (READ, f"{INPUT}[turn, b] if backward else {INPUT}")),
    ),
    mistake(
        "layers-share-weights",
        Words(
            found="every layer runs with the weights of the first one",
            matters="Depth then costs time and adds no parameters, and a trained network's upper layers are never "
            "used. Other sizes of D and K*H would raise.",
            look="Which index picks the weights for a call? Does it move on with the layer?",
            right="layer l has the weights layers[l]",
            wrong="layer l has the weights layers[0]",
        ),
        form(FORWARD, (CALL, "run(read, *starts, **layers[k % directions])")),
    ),
    mistake(
        "directions-share-weights",
        Words(
            found="both directions of a layer run with the first one's weights",
            matters="Each has weights of its own in every framework. Shared ones halve the parameters, and a trained "
            "network's second direction is lost.",
            look="How many sets of weights does one layer of two directions have, and which one does each call get?",
            right="the directions of layer l have layers[2 l] and layers[2 l + 1]",
            wrong="both directions of layer l have layers[2 l]",
        ),
        form(FORWARD, (CALL, "run(read, *starts, **layers[k - k % directions])")),
    ),
    mistake(
        "layers-reversed",
        Words(
            found="the layers are taken from the top down",
            matters="Every layer is there and has its weights, in the wrong place. Where all sizes are equal, training "
            "from scratch hides it, and loading weights does not.",
            look="In which order does your list of weights stand, and in which do you go through it?",
            right="layers[0] reads X_seq, layers[-1] is shown",
            wrong="layers[-1] reads X_seq, layers[0] is shown",
        ),
        form(FORWARD, (LAYERS, "enumerate(layers[::-1])")),
    ),
    mistake(
        "residual",
        Words(
            found="what a layer reads is added to what it shows",
            matters="Deep networks of later years do so, as transformers do, and it helps training. It is another "
            "function: the stacks of PyTorch, Keras and ONNX have no such path.",
            look="Is there a sum between two layers? With all weights 0, what should the top layer show?",
            right="what is shown is h_states of the layer",
            wrong="what is shown is h_states + what the layer read",
        ),
        form(FORWARD, (JOINED, "below = np.concatenate(shown, -1) + (below if k >= directions else 0)")),
        form(FORWARD, (JOINED, "below = np.concatenate(shown, -1) + (below if k >= directions and k + 1 < len(layers)"
                       " else 0)"), variant="but for the top layer"),
    ),
    mistake(
        "activation-between-layers",
        Words(
            found="an activation stands between the layers",
            matters="States have been through tanh already; once more flattens them, and relu drops half of them. It "
            "trains, and no weights from a framework fit.",
            look="What happens to an array between one layer's loop and the next one's?",
            right="layer l reads h_states of layer l-1",
            wrong="layer l reads tanh(h_states of layer l-1), or relu of it",
        ),
        form(FORWARD, (JOINED, f"below = (np.tanh if {OTHERS} else np.array)(np.concatenate(shown, -1))"),
             variant="tanh"),
        form(FORWARD, (JOINED, f"below = np.maximum(np.concatenate(shown, -1), 0 if {OTHERS} else -np.inf)"),
             variant="relu"),
    ),
    mistake(
        "last-layer-only",
        Words(
            found="only the last states of the top layer are returned",
            matters="To carry on in the next chunk every layer needs its own. Whoever broadcasts what there is starts "
            "all layers from the top one's state.",
            look="How many states does one step of the whole stack leave behind, and how many do you hand back?",
            right="states_T has L*K entries on its first axis",
            wrong="states_T has K entries, those of the last layer",
        ),
        form(FORWARD, (KEEPS, "[np.array(one)[-directions:] for one in states_T]")),
    ),
    mistake(
        "last-states-swapped",
        Words(
            found="the last states are handed back in another order of kinds: the memories first",
            matters="Both have one shape. Fed back as they come, the next chunk starts with memories for states and "
            "states for memories, and nothing raises.",
            look="In which order does your layer take its kinds of states, and in which are their ends returned?",
            right="states_T = (h_T, c_T)",
            wrong="states_T = (c_T, h_T)",
        ),
        form(FORWARD, (RETURNED, "tuple(states_T[::-1])")),
    ),
)  # fmt: skip
