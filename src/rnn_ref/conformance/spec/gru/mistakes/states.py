"""Mistakes in the states and in the loop over time, and those that any function can have."""

from ...across import batch_first
from ...mistake import Entry, Number, Words, form, mistake, more
from .text import B_HN, BACK, BOTH, LOOP, RESET, UPDATE

START, RETURNED = "h_prev = h0", "return h_states"
EVERY = Number(4, "every {} steps", steps=True, at_step=lambda step, T: [step] if step else [])
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
        form(LOOP, ("h_prev = h_t", "h_prev = h_t * ((t + 1) % NUMBER > 0)"), number=EVERY),
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
    more("states-aliased", form(LOOP, (RETURNED, "return [h_t] * len(h_states)"))),
    more("states-reversed", form(LOOP, (RETURNED, f"{RETURNED}[::-1]"))),
    more("last-state-only", form(LOOP, (RETURNED, "return h_t"))),
    more(
        "last-step-missing",
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[:-1])"), variant="a row less"),
        form(LOOP, (RETURNED, "return [*h_states[:-1], 0 * h_t]"), variant="a row of 0"),
    ),
    more(
        "first-step-missing",
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), variant="a row less"),
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), ("h_states = []", "h_states = [h0]"),
             variant="a row of h0"),
    ),
    more("input-off-by-one", form(LOOP, ("x_t @ W_xh.T", "X_seq[t - 1] @ W_xh.T"), variant="wraps")),
    more(
        "batch-time-swapped",
        form(LOOP, (START, f"if h0.ndim == 2 and len(h0) > 1:\n        X_seq = X_seq.swapaxes(0, 1)\n    {START}")),
    ),
    more(
        "state-leaks",
        form(LOOP, (START, "h_prev = KEPT.get(h0.shape, h0)"), (RETURNED, f"KEPT[h0.shape] = h_t\n    {RETURNED}")),
    ),
    more("batch-rows-mixed", *batch_first.forward(LOOP, "h_states"), *batch_first.back(BACK, "dh0 = dh_next\n")),
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

ENTRIES: tuple[Entry, ...] = STATES + ANYWHERE
