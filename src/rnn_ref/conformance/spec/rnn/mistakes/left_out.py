"""Mistakes at the ends of loops: a unit, an input, a sequence, a step or a class that a loop does not reach."""

from ...mistake import BACK, BPTT, CELL_BACK, FORWARD, OUTPUT, STEP, Number, Words, form, mistake

LOOPS, BACKS = FORWARD + BPTT, BACK + BPTT
TANH, LOGITS, END = "np.tanh(z_t)", "h_states @ W_hy.T + b_y", "dh0 = dh_next"
ENDS = {"the last": "[..., :-1]", "the first": "[..., 1:]"}
ONE = "np.where(np.arange({0}) == {0} - 1, 0, {1})"  # the last of several is 0
LAST_ROW = "np.arange(dz_t.shape[1])[:, None] == dz_t.shape[1] - 1"
PRODUCTS = {"W_xh": ("dz_t.T @ x_t", "x_t"), "W_hh": ("dz_t.T @ h_prev", "h_prev")}
SOME = {"W_xh": ("W_xh",), "W_hh": ("W_hh",), "both": ("W_xh", "W_hh")}


def _remainders(step: int, T: int) -> list[int]:
    """Return the lengths of blocks of which the last ends before that step."""
    return [k for k in range(2, T + 1) if T // k * k == step]


ENTRIES = [
    mistake("unit-left-out", Words(
        found="the last, or first, unit, input or class is left out",
        matters="A loop that ends one early takes no part in what stands there. Of many units one is missed, so the "
        "numbers are nearly right, and the larger the network, the less it shows.",
        look="Write down the indices that each of your loops and slices takes for three units.",
        right="z_t[i] = sum_j W_hh[i, j] h_prev[j] + ...   with j = 0, ..., H-1",
        wrong="z_t[i] = sum_j W_hh[i, j] h_prev[j] + ...   with j = 0, ..., H-2"),
        *(form(functions, (f"{vector} @ {W}.T", f"{vector}{part} @ {W}{part}.T"), variant=f"{told} {of}")
          for told, part in ENDS.items()
          for functions, vector, W, of in ((STEP, "h_prev", "W_hh", "unit of the state before"),
                                           (LOOPS, "h_t", "W_hh", "unit of the state before"),
                                           (STEP + LOOPS, "x_t", "W_xh", "input"),
                                           (OUTPUT + BPTT, "h_states", "W_hy", "unit below the logits"))),
        form(STEP + LOOPS, (TANH, ONE.format("len(b_h)", TANH)), variant="the last unit stays 0"),
        form(OUTPUT + BPTT, (LOGITS, ONE.format("len(b_y)", f"({LOGITS})")), variant="the last class stays 0"),
        *(form(CELL_BACK + BACKS, (line, f"np.where({LAST_ROW}, 0, {line})"),
               variant=f"the last row of d{name} stays 0") for name, (line, _) in PRODUCTS.items()),
        form(CELL_BACK + BACKS, ("dz_t @ W_hh", "dz_t[:, :-1] @ W_hh[:-1]"), variant="the last unit on the way back"),
        form(CELL_BACK + BACKS, ("dz_t @ W_xh", "dz_t[:, :-1] @ W_xh[:-1]"), variant="the last unit, to the input")),

    mistake("sequence-left-out", Words(
        found="one sequence of the batch is left out of a weight's gradient",
        matters="Its share of the gradient is lost, whatever it had to teach. In a large batch hardly anything shows, "
        "and the gradients of inputs and states are right.",
        look="With which index of the batch does the loop begin in which this gradient is added up, and where does it "
        "end?",
        right="dW = sum_b dz_t[b] x_t[b]^T   with b = 0, ..., B-1",
        wrong="dW = sum_b dz_t[b] x_t[b]^T   with b = 1, ..., B-1"),
        *(form(CELL_BACK + BACKS, *((PRODUCTS[name][0], f"dz_t{part}.T @ {PRODUCTS[name][1]}{part}") for name in names),
               variant=f"{told}, of {weights}")
          for told, part in (("the first", "[1:]"), ("the last", "[:-1]")) for weights, names in SOME.items()),
        *(form(CELL_BACK + BACKS, ("dz_t.sum(0)", f"dz_t{part}.sum(0)"), variant=f"{told}, of b_h")
          for told, part in (("the first", "[1:]"), ("the last", "[:-1]"))),
        *(form(CELL_BACK + BACKS, *((PRODUCTS[name][0], f"dz_t{part}.T @ {PRODUCTS[name][1]}{part}")
               for name in PRODUCTS), ("dz_t.sum(0)", f"dz_t{part}.sum(0)"), variant=f"{told}, of all")
          for told, part in (("the first", "[1:]"), ("the last", "[:-1]")))),

    mistake("first-step-missing", Words(
        found="the first step is not taken",
        matters="The first input is never read, and what is there in its place is h0 or nothing. All later states "
        "miss what it said.",
        look="With which t does the loop over time begin, and is h0 the state after the first input or before it?",
        right="t = 0, 1, ..., T-1   with h0 before the first of them",
        wrong="t = 1, 2, ..., T-1   with h0 in the place of h_states[0]"),
        form(FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), variant="a row less"),
        form(FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), ("return h_states", "return [h0, *h_states]"),
             variant="a row of h0"),
        form(FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), ("return h_states", "return [0 * h0, *h_states]"),
             variant="a row of 0"),
        form(BPTT, ("in enumerate(X_seq)", "in enumerate(X_seq[1:])"),
             ("np.array(h_states)", "np.array([h0, *h_states])"), variant="a row of h0")),

    mistake("remainder-left-out", Words(
        found="the steps that are left over at the end are not taken, where T is no multiple of a block",
        matters="A loop that takes several steps in a turn is right for even lengths, or for multiples of its block. "
        "In all others the last states are missing, or stay zero.",
        look="How many turns does your loop take for a sequence of 5 steps, and which steps do they cover?",
        right="t = 0, 1, ..., T-1",
        wrong="t = 0, 1, ..., k * (T // k) - 1"),
        form(FORWARD, ("return h_states", "n = len(h_states) // NUMBER * NUMBER\n    "
             "return h_states[:n] + [0 * h for h in h_states[n:]]"), variant="rows of 0",
             number=Number(2, "(blocks of {})", steps=True, at_step=_remainders)),
        form(FORWARD, ("return h_states", "return h_states[:len(h_states) // 2 * 2]"), variant="fewer rows, by twos")),
]  # fmt: skip
