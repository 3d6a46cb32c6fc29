"""Mistakes in a GRU's step and in its loop, each with its words.

Probes that show them have all biases different and not zero, and h0 ≠ 0: with zeros a third cannot be seen.
"""

from ..mistake import Entry, Words, form, mistake, more

BOTH, LOOP = ("gru_cell_step", "gru_forward"), ("gru_forward",)
X_SIDE, H_SIDE = "np.split(x_t @ W_xh.T + b_xh, 3, -1)", "np.split(h_prev @ W_hh.T + b_hh, 3, -1)"
R, Z = "1 / (1 + np.exp(-(x_r + h_r)))", "1 / (1 + np.exp(-(x_z + h_z)))"
RESET, UPDATE = "r_t * h_n if reset_after else h_n", "(1 - z_t) * n_t + z_t * h_prev"
BEFORE, N = "(r_t * h_prev) @", f"np.tanh(x_n + ({RESET}))"
CANDIDATE = f"x_n + ({RESET})"
W_HN, B_HN, B_XN = "np.split(W_hh, 3)[2]", "np.split(b_hh, 3)[2]", "np.split(b_xh, 3)[2]"
APART = "{0}[..., np.arange(3 * h_prev.shape[-1]).reshape(-1, 3).T.ravel()]"  # gate k of unit j is row 3j + k
HERE = "n = tanh(W_xn x + b_xn + r * (W_hn h_prev + b_hn))"
STATE = "h_t = (1 - z) * n + z * h_prev"


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

RESETS = (
    mistake(
        "reset-before",
        Words(
            found="the reset gate multiplies the state before the product with W_hn instead of the product",
            matters="It is the cell of Cho et al. (2014), Keras with reset_after=False and ONNX's default, and another"
            " function. PyTorch and cuDNN have the gate behind the product; weights do not carry over.",
            look="What does the reset gate multiply: the state, or what W_hn and b_hn have made of it?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + W_hn (r * h_prev) + b_hn)",
        ),
        form(BOTH, ("if not reset_after", "if True"), (RESET, "h_n")),
    ),
    mistake(
        "reset-misses-bias",
        Words(
            found="the bias b_hn stands outside of the reset gate",
            matters="It happens where the two biases of the candidate are merged into one. Where the gate is closed, "
            "PyTorch's b_hn has no effect and this one has. Zero biases hide it.",
            look="Which of the candidate's two biases does the reset gate multiply?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + r * (W_hn h_prev) + b_hn)",
        ),
        form(BOTH, (RESET, f"r_t * (h_n - {B_HN}) + {B_HN} if reset_after else h_n")),
    ),
    mistake(
        "reset-takes-both-biases",
        Words(
            found="both biases of the candidate stand inside of the reset gate",
            matters="The input's bias b_xn then vanishes with the past wherever the gate closes. Zero biases hide it.",
            look="Close the reset gate in your mind: what of the candidate's two biases should be left?",
            right=HERE,
            wrong="n = tanh(W_xn x + r * (W_hn h_prev + b_xn + b_hn))",
        ),
        form(BOTH, (RESET, f"r_t * (h_n + {B_XN}) - {B_XN} if reset_after else h_n")),
    ),
    mistake(
        "reset-ignored",
        Words(
            found="the reset gate is not used",
            matters="The candidate always sees the whole past. A third of the weights has no effect, and training "
            "hides it: the update gate takes over.",
            look="Change the rows of the reset gate in W_xh: does anything change?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (RESET, "h_n"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "reset-inverted",
        Words(
            found="the reset gate has the opposite sense: it lets the past in where it should keep it out",
            matters="With its rows negated it is the same cell, so it trains. With weights from elsewhere the "
            "candidate sees the past exactly where it should not.",
            look="What should the candidate be made of where r is exactly 0?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + (1 - r) * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, (RESET, "(1 - r_t) * h_n if reset_after else h_n"), (BEFORE, "((1 - r_t) * h_prev) @")),
    ),
    mistake(
        "update-for-reset",
        Words(
            found="the candidate is made with the update gate in the place of the reset gate",
            matters="Both gates have the same shape, so nothing raises. What is kept and what is looked at are then "
            "one and the same decision.",
            look="Which gate stands in the candidate's line?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + z * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, (RESET, "z_t * h_n if reset_after else h_n"), (BEFORE, "(z_t * h_prev) @")),
    ),
    mistake(
        "reset-both",
        Words(
            found="the reset gate is applied twice, before the product with W_hn and behind it",
            matters="What the gate half lets through is quartered. Where it is nearly open or nearly closed, little "
            "shows.",
            look="How often does the reset gate occur on the way from the state to the candidate?",
            right=HERE,
            wrong="n = tanh(W_xn x + b_xn + r * (W_hn (r * h_prev) + b_hn))",
        ),
        form(BOTH, ("if not reset_after", "if True"), (RESET, "r_t * h_n")),
    ),
    mistake(
        "reset-of-input",
        Words(
            found="the reset gate multiplies the input's side of the candidate instead of the state's",
            matters="It decides what of the input is read, and the past always counts in full.",
            look="What is reset: the past or the present?",
            right=HERE,
            wrong="n = tanh(r * (W_xn x + b_xn) + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (CANDIDATE, "(r_t * x_n + h_n)"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "reset-of-all",
        Words(
            found="the reset gate multiplies both sides of the candidate's sum",
            matters="Where it closes, the candidate is zero whatever is read, and the state fades instead of starting "
            "anew.",
            look="Where do the brackets behind the reset gate open and close?",
            right=HERE,
            wrong="n = tanh(r * (W_xn x + b_xn + W_hn h_prev + b_hn))",
        ),
        form(BOTH, (CANDIDATE, "r_t * (x_n + h_n)"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "reset-outside-tanh",
        Words(
            found="the reset gate multiplies the finished candidate",
            matters="The candidate shrinks instead of forgetting, and with it the new state.",
            look="Is the reset gate inside or outside of the brackets of tanh?",
            right=HERE,
            wrong="n = r * tanh(W_xn x + b_xn + W_hn h_prev + b_hn)",
        ),
        form(BOTH, (N, "r_t * np.tanh(x_n + h_n)"), (BEFORE, "h_prev @")),
    ),
    mistake(
        "option-ignored",
        Words(
            found="the option reset_after is accepted and changes nothing",
            matters="Who asks for the other cell gets this one, without a word.",
            look="Search the function for the option's name. Where does the path divide?",
            right="reset_after=False: n = tanh(W_xn x + b_xn + W_hn (r * h_prev) + b_hn)",
            wrong="reset_after=False: n = tanh(W_xn x + b_xn + r * (W_hn h_prev + b_hn))",
        ),
        form(BOTH, ("if not reset_after", "if False"), (RESET, "r_t * h_n"), variant="reset_after"),
    ),
)

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

STATES = (
    mistake(
        "b_hn-missing-at-start",
        Words(
            found="the candidate's bias b_hn is missing from the first step",
            matters="Where no state is given, its whole side is skipped, and the bias with it. A zero state is not the"
            " same as none: W_hn 0 + b_hn is b_hn.",
            look="What does the code do differently when it starts?",
            right="n_0 = tanh(W_xn x + b_xn + r * (W_hn h0 + b_hn))",
            wrong="n_0 = tanh(W_xn x + b_xn + r * (W_hn h0))",
        ),
        form(LOOP, (RESET, f"r_t * (h_n if t else h_n - {B_HN}) if reset_after else h_n")),
    ),
    mistake(
        "gate-state-stale",
        Words(
            found="the gates and the candidate read the state of two steps before",
            matters="The first two states are right. It happens where two buffers take turns and one is read too "
            "early.",
            look="Which state is in the variable that the gates read, at the third step?",
            right="r = sigmoid(W_xr x_t + b_xr + W_hr h_{t-1} + b_hr)",
            wrong="r = sigmoid(W_xr x_t + b_xr + W_hr h_{t-2} + b_hr)",
        ),
        form(LOOP, ("h_prev @ W_hh.T", "(h_states[t - 2] if t > 1 else h0) @ W_hh.T"),
             ("(r_t * h_prev)", "(r_t * (h_states[t - 2] if t > 1 else h0))")),
    ),
    mistake(
        "h0-ignored",
        Words(
            found="h0 is ignored, the gates first see a state of zeros",
            matters="A state carried over from an earlier chunk is lost. Tests that pass zeros for h0 do not see it.",
            look="Before the loop begins there is a state already. Which variable holds it?",
            right="h_states[0] = GRU(X_seq[0], h0)",
            wrong="h_states[0] = GRU(X_seq[0], 0)",
        ),
        form(LOOP, ("h_prev = h0", "h_prev = 0 * h0")),
    ),
    mistake(
        "h0-every-step",
        Words(
            found="the gates of every step read h0 instead of the state before it",
            matters="The first state is right and the others depend on one input each, so the network cannot remember.",
            look="Which variable does the next turn of the loop read?",
            right="h_t = GRU(x_t, h_prev)",
            wrong="h_t = GRU(x_t, h0)   for t > 0",
        ),
        form(LOOP, ("h_prev = h_t", "h_prev = h0")),
    ),
    more(
        "chunk-reset",
        *(form(LOOP, ("h_prev = h_t", f"h_prev = h_t * ((t + 1) % {k} > 0)"), variant=f"every {k}")
          for k in (2, 3, 4, 8, 10, 16, 20, 32, 40)),
    ),
    mistake(
        "starts-with-h0",
        Words(
            found="the states begin with h0, one row more than there are steps",
            matters="Every state is one place too late for whoever goes on with them.",
            look="How many states does a sequence of T elements have, and is h0 one of them?",
            right="h_states = [h_1, ..., h_T]",
            wrong="h_states = [h0, h_1, ..., h_T]",
        ),
        form(LOOP, ("h_states = []", "h_states = [h0]")),
    ),
    mistake(
        "shifted-by-one",
        Words(
            found="the states are one step late: what is kept is the state before each step",
            matters="The output layer sees at step t what was known before x_t was read, and the last state is "
            "missing.",
            look="In which line of the loop is the state kept, and which one?",
            right="h_states[t] = the state after x_t",
            wrong="h_states[t] = the state before x_t",
        ),
        form(LOOP, ("h_states.append(h_t)", "h_states.append(h_prev)")),
    ),
    mistake(
        "time-reversed",
        Words(
            found="the GRU reads the sequence from its end",
            matters="The last element is read first, so every state knows the future and not the past.",
            look="In which order does the loop visit the elements?",
            right="h_states[0] has read X_seq[0]",
            wrong="h_states[0] has read X_seq[T-1]",
        ),
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[::-1])")),
    ),
)  # fmt: skip

ARRAYS = {"gru_cell_step": "x_t, h_prev, W_xh, W_hh, b_xh, b_hh", "gru_forward": "X_seq, h0, W_xh, W_hh, b_xh, b_hh"}
ANYWHERE = (
    more(
        "returns-none",
        form(("gru_cell_step",), ("return h_t\n", "h_t\n")),
        form(LOOP, ("return h_states\n", "h_states\n")),
    ),
    more(
        "all-zero",
        form(("gru_cell_step",), ("return h_t\n", "return 0 * h_t\n")),
        form(LOOP, ("return h_states\n", "return [0 * h for h in h_states]\n")),
    ),
    more(
        "low-precision",
        *(form((function,), ('."""\n', f'."""\n    {names} = (np.asarray(a, np.{dtype}) for a in ({names}))\n'),
               variant=dtype) for function, names in ARRAYS.items() for dtype in ("float16", "float32")),
    ),
    more("mutates-input", form(BOTH, (f"h_t = {UPDATE}", f"h_prev[...] = h_t = {UPDATE}"))),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = LAYOUT + UPDATES + RESETS + ACTIVATIONS + TERMS + STATES + ANYWHERE
