"""Mistakes in which rows are whose, and in what the update gate does."""

from ...mistake import Entry, Words, form, mistake
from .text import APART, BOTH, H_SIDE, STATE, UPDATE, X_SIDE, Z


def _ordered(order: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the edits that take the gates' blocks of rows in another order."""
    sides = (("x", X_SIDE), ("h", H_SIDE))
    x, h = ((f"{a}_r, {a}_z, {a}_n = {side}", f"{', '.join(f'{a}_{gate}' for gate in order)} = {side}")
            for a, side in sides)  # fmt: skip
    return x, h


LAYOUT = (
    mistake(
        "gate-order",
        Words(
            found="the rows of the gates are taken in another order than r, z, n",
            matters="Trained by itself such a network works. Weights from PyTorch make it compute something else, "
            "without any error, for all blocks have the same size. Keras, TensorFlow and ONNX keep z first.",
            look="Which H rows of W_xh, W_hh and the biases belong to which gate? Compare with where the weights came "
            "from.",
            right="rows 0 to H-1 of W_xh are r's, H to 2H-1 are z's, 2H to 3H-1 are n's",
            wrong="rows 0 to H-1 of W_xh are another gate's",
        ),
        *(form(BOTH, *_ordered(order), variant=" ".join(order)) for order in ("zrn", "rnz", "znr", "nrz", "nzr")),
    ),
    mistake(
        "gates-interleaved",
        Words(
            found="the gates' rows alternate, gate by gate for each unit, instead of standing in blocks",
            matters="Some kernels keep weights this way, because a unit's three numbers then lie together. Taken from "
            "a library that keeps blocks, every unit mixes the gates of three others.",
            look="Is row 1 of the stacked weights unit 1 of the first gate, or unit 0 of the second?",
            right="gate k of unit j is row k H + j",
            wrong="gate k of unit j is row 3 j + k",
        ),
        form(BOTH, (X_SIDE, f"np.split({APART.format('(x_t @ W_xh.T + b_xh)')}, 3, -1)"),
             (H_SIDE, f"np.split({APART.format('(h_prev @ W_hh.T + b_hh)')}, 3, -1)")),
    ),
)  # fmt: skip

UPDATES = (
    mistake(
        "update-inverted",
        Words(
            found="the update gate has the opposite sense: z lets the candidate in, and keeps nothing",
            matters="Papers write it both ways, and with W_z and b_z negated it is the same cell. With weights from "
            "PyTorch a unit that learnt to remember forgets, and the other way round.",
            look="What should the state become where z is exactly 1: the candidate, or what it was?",
            right=STATE,
            wrong="h_t = z * n + (1 - z) * h_prev",
        ),
        form(BOTH, (UPDATE, "z_t * n_t + (1 - z_t) * h_prev")),
    ),
    mistake(
        "update-not-convex",
        Words(
            found="the new state is no mean of candidate and old state: one of the two shares is missing",
            matters="The shares do not add up to one, so states can leave (-1, 1) and grow from step to step.",
            look="How much of the candidate and how much of the old state goes into the new one? What is their sum?",
            right=STATE,
            wrong="h_t = n + z * h_prev   (or (1 - z) * n + h_prev)",
        ),
        form(BOTH, (UPDATE, "n_t + z_t * h_prev"), variant="n + z h"),
        form(BOTH, (UPDATE, "(1 - z_t) * n_t + h_prev"), variant="(1 - z) n + h"),
    ),
    mistake(
        "past-dropped",
        Words(
            found="the old state is missing from the new one",
            matters="Nothing passes a step unchanged, so the straight path that lets a GRU remember, and its gradient "
            "last, is gone. With a zero state before, the result is right.",
            look="The last line of the step has two parts. Where is the one that keeps?",
            right=STATE,
            wrong="h_t = (1 - z) * n",
        ),
        form(BOTH, (UPDATE, "(1 - z_t) * n_t")),
    ),
    mistake(
        "update-ignored",
        Words(
            found="the update gate is not used, the candidate becomes the state",
            matters="The network rewrites its whole memory at every step, as the tanh network does; a third of the "
            "weights has no effect.",
            look="Change the rows of the update gate in W_xh: does anything change?",
            right=STATE,
            wrong="h_t = n",
        ),
        form(BOTH, (UPDATE, "n_t")),
    ),
    mistake(
        "gates-tied",
        Words(
            found="one gate is used for both: the update gate is the reset gate",
            matters="It is a smaller cell of its own (a minimal gated unit). Weights of a GRU do not fit it, and "
            "nothing raises.",
            look="From which rows are the two gates computed?",
            right="z = sigmoid(W_xz x + b_xz + W_hz h_prev + b_hz)",
            wrong="z = r",
        ),
        form(BOTH, (Z, "r_t")),
    ),
)

ENTRIES: tuple[Entry, ...] = LAYOUT + UPDATES
