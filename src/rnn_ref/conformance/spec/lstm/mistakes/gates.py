"""Mistakes in which rows are whose: the order of the gates in the weights, and gates that take another one's rows."""

from itertools import permutations

from ...mistake import Entry, Form, Words, form, mistake
from .text import BACKS, BOTH, CANDIDATE, GATES, GRADIENTS, SIGMOIDS, SUM

ROWS = "rows: i 0 to H-1, f H to 2H-1, g 2H to 3H-1, o 3H to 4H-1"


def _order(order: str) -> tuple[str, str]:
    """Return the edit that takes the gates' blocks of rows in another order."""
    return GATES, f"{', '.join(f'a_{gate}' for gate in order)} = np"


def _gradients(order: str) -> tuple[str, str]:
    """Return the edit that stacks the gradients of the gates in another order."""
    return GRADIENTS, f"[{', '.join(f'da_{gate}' for gate in order)}]"


def _both_ways(order: str) -> tuple[Form, Form]:
    """Return the forms of another order of the gates, forward and back."""
    told = " ".join(order)
    return (
        form(BOTH, _order(order), variant=told),
        form(BACKS, _order(order), _gradients(order), variant=f"{told}, both ways"),
    )


LAYOUTS = (  # of other frameworks: first it is told whose
    mistake(
        "gate-order-ifog",
        Words(
            found="right if the gates' rows are in the order i, f, o, g, as in Caffe and CS231n",
            matters="Trained by itself such a network works. With PyTorch's weights the candidate and the output gate "
            "are exchanged, without any error. Where weights are in this order, nothing has to be changed.",
            look="Did you follow the notes of CS231n? Compare its last two blocks of columns with PyTorch's rows.",
            right=ROWS,
            wrong="rows: i, f, o, g",
        ),
        *_both_ways("ifog"),
    ),
    mistake(
        "gate-order-iofg",
        Words(
            found="right if the gates' rows are in the order i, o, f, g, as in ONNX",
            matters="ONNX's LSTM has W, R and B in this order and calls g the cell gate c. Weights of PyTorch have to "
            "be reordered on the way to such code, which an exporter does and a copy by hand does not.",
            look="Where do the weights come from, a file of ONNX or a state_dict? Only one of them has o second.",
            right=ROWS,
            wrong="rows: i, o, f, g",
        ),
        *_both_ways("iofg"),
    ),
    mistake(
        "gate-order-figo",
        Words(
            found="right if the gates' rows are in the order f, i, g, o, as in OpenVINO",
            matters="It is the order of the equations in many courses, the forget gate first, and of OpenVINO. With "
            "PyTorch's weights the network writes where it should keep, and keeps where it should write.",
            look="Which gate comes first in your equations, and which one in the weights that were stacked elsewhere?",
            right=ROWS,
            wrong="rows: f, i, g, o",
        ),
        *_both_ways("figo"),
    ),
    mistake(
        "gate-order-igfo",
        Words(
            found="right if the gates' rows are in the order i, g, f, o, as in TensorFlow 1 and Haiku",
            matters="TensorFlow 1 calls g the new input j, and adds 1 to the forget gate's sum besides. Between "
            "PyTorch's order and this one the two blocks in the middle change places.",
            look="Is the second block of your weights one that goes through tanh or through the sigmoid?",
            right=ROWS,
            wrong="rows: i, g, f, o",
        ),
        *_both_ways("igfo"),
    ),
)
NAMED = ("ifgo", "ifog", "iofg", "figo", "igfo")
OTHERS = ["".join(order) for order in permutations("ifgo") if "".join(order) not in NAMED]

ROWS_OF_OTHERS = (
    mistake(
        "gate-order",
        Words(
            found="the rows of the gates are taken in another order than i, f, g, o",
            matters="All blocks have the same size, so nothing raises, and a network that is trained like this from "
            "the start works. With weights from PyTorch or Keras every gate does the work of another.",
            look="Write down which H rows each of the four sums takes. Does the list agree with the weights' source?",
            right=ROWS,
            wrong="rows 0 to H-1 are not i's, or H to 2H-1 not f's, ...",
        ),
        *(form(BOTH, _order(order), variant=" ".join(order)) for order in OTHERS),
    ),
    mistake(
        "gates-interleaved",
        Words(
            found="the four rows of a unit lie side by side, instead of the gates in blocks",
            matters="Some kernels keep weights this way to read a unit's four numbers at once. From a library that "
            "keeps blocks, each unit is given the rows of four other units.",
            look="Does the code step through the rows by 4, or reshape them to (H, 4)? How were they stacked?",
            right="gate k of unit j is row k H + j   (k = 0 to 3)",
            wrong="gate k of unit j is row 4 j + k",
        ),
        form(BOTH, (f"np.split({SUM}, 4, -1)", f"[({SUM})[..., k::4] for k in range(4)]")),
    ),
    mistake(
        "gate-of-another-gate",
        Words(
            found="a gate is computed from another gate's rows",
            matters="Two gates are then one, and the rows of the gate that is left out have no effect. A line that "
            "was copied and not changed does this; nothing raises.",
            look="Four sums, four names: is each of them used once?",
            right="o = sigmoid(a_o), f = sigmoid(a_f), i = sigmoid(a_i)",
            wrong="o = sigmoid(a_f), or W_hf h_prev in a_o",
        ),
        *(form(BOTH, (own, own.replace(f"a_{gate}", f"a_{other}")), variant=f"{gate} from {other}'s")
          for gate, own in SIGMOIDS.items() for other in "ifo" if other != gate),
        *(form(BOTH, (own, own.replace(f"a_{gate}", f"(a_{gate} + {side} @ (np.split({W}, 4)[{'ifgo'.index(other)}] - "
               f"np.split({W}, 4)[{'ifgo'.index(gate)}]).T)")), variant=f"{gate} with {W} of {other}")
          for gate, own in {**SIGMOIDS, "g": CANDIDATE}.items() for other in "ifgo" if other != gate
          for W, side in (("W_xh", "x_t"), ("W_hh", "h_prev"))),
    ),
    mistake(
        "bias-of-another-gate",
        Words(
            found="one gate's bias stands in the sum of another gate",
            matters="The forget gate's bias often is 1 and the others 0 at the start, so whoever takes the wrong slice "
            "starts with a network that forgets. Equal biases hide it.",
            look="Which entries of b_h does each of the four sums take?",
            right="f takes entries H to 2H-1 of b_h, o 3H to 4H-1",
            wrong="f takes entries 3H to 4H-1 of b_h",
        ),
        *(form(BOTH, (own, own.replace(f"-a_{gate}", f"-(a_{gate} - np.split(b_h, 4)[{'ifgo'.index(gate)}] + "
               f"np.split(b_h, 4)[{'ifgo'.index(other)}])")), variant=f"{gate} takes {other}'s")
          for gate, own in SIGMOIDS.items() for other in "ifo" if other != gate),
    ),
    mistake(
        "gate-gradients-reordered",
        Words(
            found="the gates' gradients are stacked in another order than their rows",
            matters="Forward and back each look right by themselves. Each block of dW_xh, dW_hh and db_h has the "
            "gradient of another gate, and the products with the weights pair the wrong rows.",
            look="Lay the line that takes the sums apart beside the line that puts their gradients together.",
            right="da = [da_i, da_f, da_g, da_o]",
            wrong="da = [da_i, da_f, da_o, da_g]   (or another order)",
        ),
        *(form(BACKS, _gradients(order), variant=" ".join(order))
          for order in ("ifog", "iofg", "figo", "igfo", "fiog", "fgio", "ogfi")),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = LAYOUTS + ROWS_OF_OTHERS
