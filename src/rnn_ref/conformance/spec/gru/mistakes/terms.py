"""Mistakes in the activations, in the weights and in the biases."""

from ...mistake import Entry, Number, Words, form, mistake
from .text import B_HN, B_XN, BOTH, CANDIDATE, W_HN, N, R, Z

ACTIVATIONS = (
    mistake(
        "candidate-sigmoid",
        Words(
            found="the candidate goes through the logistic sigmoid, expected tanh",
            matters="Candidates are never negative, so the state drifts to positive values whatever is read.",
            look="Three activations are used in a step. Which one may give negative numbers?",
            right="n = tanh(a)",
            wrong="n = 1 / (1 + e^-a)",
        ),
        form(BOTH, (N, f"1 / (1 + np.exp(-({CANDIDATE})))")),
    ),
    mistake(
        "candidate-no-tanh",
        Words(
            found="the candidate has no activation",
            matters="States are not kept within (-1, 1) and can grow over a sequence. Small weights hide it.",
            look="Follow the candidate's sum to the last line: what happens to it in between?",
            right="n = tanh(a)",
            wrong="n = a",
        ),
        form(BOTH, (N, f"({CANDIDATE})")),
    ),
    mistake(
        "candidate-relu",
        Words(
            found="the candidate goes through a ReLU, expected tanh",
            matters="Candidates are never negative and have no upper limit; a trained GRU's weights mean something "
            "else.",
            look="Which function makes the candidate? Try it on -1.",
            right="n = tanh(a)",
            wrong="n = max(a, 0)",
        ),
        form(BOTH, (N, f"np.maximum({CANDIDATE}, 0)")),
    ),
    mistake(
        "gate-tanh",
        Words(
            found="a gate goes through tanh, expected the logistic sigmoid",
            matters="A gate between -1 and 1 turns signs around instead of letting more or less through.",
            look="Between which two values should a gate be?",
            right="gate = 1 / (1 + e^-a)",
            wrong="gate = tanh(a)",
        ),
        form(BOTH, (R, "np.tanh(x_r + h_r)"), (Z, "np.tanh(x_z + h_z)"), variant="both"),
        form(BOTH, (R, "np.tanh(x_r + h_r)"), variant="r"),
        form(BOTH, (Z, "np.tanh(x_z + h_z)"), variant="z"),
    ),
    mistake(
        "gate-hard-sigmoid",
        Words(
            found="the gates go through a hard sigmoid, straight in the middle and cut off at both ends",
            matters="Keras 1 and some chips use it because it needs no exponential. It is off by up to 0.08, and its "
            "slope is zero where the true gate still learns.",
            look="Is the activation of the gates made of an exponential, or of a straight line and a clip?",
            right="gate = 1 / (1 + e^-a)",
            wrong="gate = clip(0.2 a + 0.5, 0, 1)   (or clip(a / 6 + 0.5, 0, 1))",
        ),
        *(form(BOTH, (R, f"np.clip({slope} * (x_r + h_r) + 0.5, 0, 1)"),
               (Z, f"np.clip({slope} * (x_z + h_z) + 0.5, 0, 1)"), variant=told)
          for slope, told in (("0.2", "0.2 a + 0.5"), ("1 / 6", "a / 6 + 0.5"))),
    ),
    mistake(
        "gate-clipped",
        Words(
            found="what the sigmoid of a gate is taken of is clipped",
            matters="It is meant to keep the exponential from overflowing, which does no harm: 1 / inf is 0. Clipped, "
            "a gate is never quite shut: at 10 it lets 5e-5 through, at 20 2e-9, at every step.",
            look="Is there a clip between a gate's sum and its sigmoid? A sigmoid of exp(-abs(a)) needs none.",
            right="gate = 1 / (1 + e^-a),   whatever the size of a",
            wrong="gate = 1 / (1 + e^-clip(a, -bound, bound))",
        ),
        form(
            BOTH,
            (R, "1 / (1 + np.exp(-np.clip(x_r + h_r, -NUMBER, NUMBER)))"),
            (Z, "1 / (1 + np.exp(-np.clip(x_z + h_z, -NUMBER, NUMBER)))"),
            number=Number(20, "at {}", points=4),
        ),
    ),
    mistake(
        "gate-sigmoid-twice",
        Words(
            found="a gate goes through the sigmoid twice",
            matters="It stays between 0.5 and 0.73 and can neither open nor close.",
            look="Count the activations on the way from a gate's sum to where it is used, helper functions included.",
            right="gate = sigmoid(a), once",
            wrong="gate = sigmoid(sigmoid(a))",
        ),
        form(BOTH, (R, f"1 / (1 + np.exp(-{R}))"), variant="r"),
        form(BOTH, (Z, f"1 / (1 + np.exp(-{Z}))"), variant="z"),
        form(BOTH, (R, f"1 / (1 + np.exp(-{R}))"), (Z, f"1 / (1 + np.exp(-{Z}))"), variant="both"),
    ),
)  # fmt: skip

TERMS = (
    mistake(
        "gate-without-state",
        Words(
            found="a gate does not look at the state",
            matters="It decides by the input alone, so it cannot learn to keep what has been seen. With h0 zero and no"
            " bias the first step is right.",
            look="Each gate is made of two sums. Which one is missing?",
            right="gate = sigmoid(W_x x + b_x + W_h h_prev + b_h)",
            wrong="gate = sigmoid(W_x x + b_x)",
        ),
        form(BOTH, (R, "1 / (1 + np.exp(-x_r))"), variant="r"),
        form(BOTH, (Z, "1 / (1 + np.exp(-x_z))"), variant="z"),
    ),
    mistake(
        "bias-missing",
        Words(
            found="a bias is left out",
            matters="As biases often start as zeros, it hides until they have been trained or loaded from elsewhere.",
            look="A GRU has two biases. Change each and see what changes.",
            right="W_xh x + b_xh, and W_hh h_prev + b_hh",
            wrong="W_xh x, or W_hh h_prev",
        ),
        form(BOTH, (" + b_xh, 3", ", 3"), variant="b_xh"),
        form(BOTH, (" + b_hh, 3", ", 3"), (f" + {B_HN}", ""), variant="b_hh"),
        form(BOTH, (" + b_xh, 3", ", 3"), (" + b_hh, 3", ", 3"), (f" + {B_HN}", ""), variant="both"),
    ),
    mistake(
        "bias-twice",
        Words(
            found="one bias stands in both places",
            matters="One of the two is counted twice and the other never. Equal or zero biases hide it.",
            look="Which bias goes with W_xh, and which with W_hh?",
            right="W_xh x + b_xh, and W_hh h_prev + b_hh",
            wrong="W_xh x + b_xh, and W_hh h_prev + b_xh",
        ),
        form(BOTH, (" + b_hh, 3", " + b_xh, 3"), (B_HN, B_XN), variant="b_xh"),
        form(BOTH, (" + b_xh, 3", " + b_hh, 3"), variant="b_hh"),
    ),
    mistake(
        "biases-swapped",
        Words(
            found="the two biases are exchanged",
            matters="For r and z only their sum counts, so the gates are right. In the candidate b_hn is reset and "
            "b_xn is not, and there it shows. Zero or equal biases hide it.",
            look="Set one bias to zero, then the other. Which of them should the reset gate be able to switch off?",
            right="W_xh x + b_xh, and W_hh h_prev + b_hh",
            wrong="W_xh x + b_hh, and W_hh h_prev + b_xh",
        ),
        form(BOTH, (" + b_xh, 3", " + b_hh, 3"), ("W_hh.T + b_hh, 3", "W_hh.T + b_xh, 3"), (B_HN, B_XN)),
    ),
    mistake(
        "bias-of-another-gate",
        Words(
            found="a gate has another gate's bias",
            matters="All blocks of a bias have the same size, so a wrong slice raises nothing. Equal biases hide it.",
            look="Write down which entries of b_xh each gate takes.",
            right="z takes entries H to 2H-1 of b_xh",
            wrong="z takes entries 0 to H-1 of b_xh",
        ),
        form(BOTH, (Z, "1 / (1 + np.exp(-(x_z + h_z + np.split(b_xh, 3)[0] - np.split(b_xh, 3)[1])))"),
             variant="z takes r's"),
        form(BOTH, (R, "1 / (1 + np.exp(-(x_r + h_r + np.split(b_xh, 3)[1] - np.split(b_xh, 3)[0])))"),
             variant="r takes z's"),
    ),
    mistake(
        "gate-of-another-gate",
        Words(
            found="one side of a gate is made with another gate's weights",
            matters="The block of weights that should stand there has no effect, and the other has two. A line that "
            "was copied and not changed all the way does this; nothing raises.",
            look="Two gates, two blocks of weights each: is each of the four used once?",
            right="r = sigmoid(W_xr x + W_hr h_prev + b_r)",
            wrong="r = sigmoid(W_xr x + W_hz h_prev + b_r)",
        ),
        *(form(BOTH, (own, own.replace(f"{there}_{gate}", f"({there}_{gate} + {side} @ (np.split({W}, 3)"
               f"[{'rzn'.index(other)}] - np.split({W}, 3)[{'rzn'.index(gate)}]).T)")),
               variant=f"{gate} with {W} of {other}")
          for gate, own in {"r": R, "z": Z, "n": N}.items() for other in "rzn" if other != gate
          for there, W, side in (("x", "W_xh", "x_t"), ("h", "W_hh", "h_prev")) if gate != "n" or there == "x"),
    ),
    mistake(
        "W_hh-transposed",
        Words(
            found="the blocks of W_hh are used transposed",
            matters="Each gate's block is square, so nothing raises, and with a zero state the first step is right.",
            look="Rows of a block belong to the units that receive. What does `@` sum over?",
            right="(W_hr h)_i = sum_j W_hr[i, j] h_j",
            wrong="(W_hr h)_i = sum_j W_hr[j, i] h_j",
        ),
        form(BOTH, ("h_prev @ W_hh.T", "h_prev @ np.concatenate([W.T for W in np.split(W_hh, 3)]).T"),
             (f"{W_HN}.T", W_HN)),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = ACTIVATIONS + TERMS
