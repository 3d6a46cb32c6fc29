"""Mistakes of a network that is asked for max(0, ·) in the place of tanh, on the way forward and back."""

from ...mistake import BACK, BPTT, CELL_BACK, FORWARD, STEP, Mistake, Number, Words, form, mistake, more
from .step import PARTS, TANH

ALL, LOOPS = STEP + FORWARD + BPTT, FORWARD + BPTT
RELU, CALLED = "np.maximum(z_t, 0)", "h_t = np.maximum(z_t, 0)"
BACKS = CELL_BACK + BACK + BPTT
SLOPED, SLOPE = "slope = h_t > 0", "h_t > 0"
SMOOTH = {
    "softplus": "np.logaddexp(0, z_t)",
    "elu": "np.where(z_t > 0, z_t, np.expm1(np.minimum(z_t, 0)))",
    "silu": "z_t / (1 + np.exp(-z_t))",
    "gelu": "z_t / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z_t + 0.044715 * z_t**3)))",
}
OWN = {RELU, CALLED, SLOPED, SLOPE}  # what stands in the base for relu alone
LEAK = Number(0.01, "by {} of it", 1e-6, 1.0, linear=True)


def of_the_option(mistake: Mistake) -> bool:
    """Whether a mistake shows only where relu is asked for.

    >>> [of_the_option(one) for entry in ENTRIES[:1] for one in entry.mistakes]
    [True, True]
    """
    return all(old in OWN for old, _ in mistake.edits) and bool(mistake.edits)


ENTRIES = [
    mistake("tanh-for-relu", Words(
        found="the activation is tanh where relu is asked for",
        matters="The option is taken and has no effect. States stay within (-1, 1), and weights of a network with relu "
        "give something else altogether.",
        look="Where does the option change what is computed? Try it on a sum of 3.",
        right='h_t = max(z_t, 0)   with activation="relu"',
        wrong="h_t = tanh(z_t)"),
        form(ALL, (CALLED, "pass")),
        form(BPTT, (CALLED, "pass"), (SLOPED, "pass"), variant="and its slope")),

    mistake("leaky-relu", Words(
        found="sums below zero are let through, a part of them",
        matters="It is a leaky ReLU: no unit ever falls silent. It trains well, and differs from the network whose "
        "weights it is given in every unit that is off there.",
        look="What does your activation give at -1? For relu it is zero.",
        right="h_t = max(z_t, 0)",
        wrong="h_t = z_t where z_t > 0, else 0.01 z_t"),
        form(ALL, (RELU, "np.where(z_t > 0, z_t, NUMBER * z_t)"), number=LEAK),
        form(BPTT, (RELU, "np.where(z_t > 0, z_t, NUMBER * z_t)"), (SLOPE, "np.where(h_t > 0, 1, NUMBER)"),
             variant="with its slope", number=LEAK)),

    mistake("relu-bounded", Words(
        found="states are cut off above",
        matters="relu has no upper limit. A cut keeps states of a network that explodes finite and wrong, and where "
        "states are small nothing shows.",
        look="What does your activation give at 100?",
        right="h_t = max(z_t, 0)",
        wrong="h_t = min(max(z_t, 0), 6)"),
        form(ALL, (RELU, "np.clip(z_t, 0, NUMBER)"), number=Number(6, "at {}", 1e-2, 1e4, points=4))),

    mistake("smooth-for-relu", Words(
        found="the activation is a smooth relative of ReLU",
        matters="Softplus, ELU, SiLU and GELU are close to ReLU far from zero, and differ where most sums are.",
        look="What does your activation give at 0, and at -0.5? Of relu both are exactly zero.",
        right="h_t = max(z_t, 0)",
        wrong="h_t = log(1 + e^z_t)   (or another smooth one)"),
        *(form(ALL, (RELU, text), variant=told) for told, text in SMOOTH.items())),

    # what is wrong with both activations
    more("no-tanh", form(ALL, (TANH, "z_t"), (RELU, "z_t"), variant="and no relu"),
         form(ALL, (RELU, "z_t"), variant="no relu")),
    more("bias-outside-tanh",
         form(ALL, (TANH, "np.tanh(z_t - b_h) + b_h"), (RELU, "np.maximum(z_t - b_h, 0) + b_h"),
              variant="and outside relu")),
    more("tanh-of-part",
         *(form(functions, (TANH, whole.format(x="x_t @ W_xh.T", h=f"{state} @ W_hh.T")),
                (RELU, whole.replace("np.tanh(", "np.maximum(0, ").format(x="x_t @ W_xh.T", h=f"{state} @ W_hh.T")),
                variant=f"{told}, and relu")
           for functions, state in ((STEP, "h_prev"), (LOOPS, "h_t"))
           for told, whole in PARTS.items())),

    # on the way back
    mistake("tanh-slope-for-relu", Words(
        found="the slope is that of tanh where relu is asked for",
        matters="1 - h^2 is negative as soon as a state exceeds 1, and is 1 where a unit is off and should learn "
        "nothing.",
        look="Which slope belongs to max(z, 0), and does the option reach the way back?",
        right='dz_t = dh_t where h_t > 0, else 0   with activation="relu"',
        wrong="dz_t = dh_t * (1 - h_t^2)"),
        form(BACKS, (SLOPED, "pass"))),

    more("leaky-relu", form(CELL_BACK + BACK, (SLOPE, "np.where(h_t > 0, 1, NUMBER)"), number=LEAK)),
    mistake("slope-of-relu-missing", Words(
        found="units that are off are given gradients, the slope of relu is missing on the way back",
        matters="Where a sum is below zero the state does not depend on it, and nothing that led to it should change. "
        "Weights then learn from units that said nothing.",
        look="What is the slope of max(z, 0) on either side of zero, and what is it where h_t is exactly 0?",
        right="dz_t = dh_t where h_t > 0, else 0",
        wrong="dz_t = dh_t   (or where h_t >= 0)"),
        form(BACKS, (SLOPE, "1"))),

    more("slope-of-h_prev", form(BACKS, (SLOPE, "h_prev > 0"), variant="of relu")),
    more("slope-of-gradient", form(BACKS, (SLOPE, "dh_t > 0"), variant="of relu")),
]  # fmt: skip
