"""Mistakes in which of the two states is whose, and in the loop over time."""

from ...across import batch_first
from ...mistake import Entry, Number, Words, form, mistake, more
from .text import BACK, BOTH, CARRIED, CELL, GATES, LOOP, START

RETURNED, LISTS = "return h_states, c_states", "h_states, c_states = [], []"


EVERY = Number(4, "every {} steps", steps=True, at_step=lambda step, T: [step] if step else [])
STARTS = {"to h0 and c0": "h0, c0", "to 0": "0 * h0, 0 * c0", "memory to 0": "h_t, 0 * c0", "h to 0": "0 * h0, c_t"}
STATES = (
    mistake(
        "states-swapped",
        Words(
            found="the state and the memory are exchanged",
            matters="Both have the same shape. Frameworks differ in which one comes first, and where both start as "
            "zeros an exchange on the way in is not seen.",
            look="In which order are the two states taken, and in which are they handed back?",
            right="h_t = o * tanh(c_t) comes first, c_t second",
            wrong="c_t first, h_t second   (on the way in, or out)",
        ),
        form(CELL, ("return h_t, c_t", "return c_t, h_t"), variant="out"),
        form(LOOP, (RETURNED, "return c_states, h_states"), variant="out"),
        form(CELL, (GATES, f"h_prev, c_prev = c_prev, h_prev\n    {GATES}"), variant="in"),
        form(LOOP, (START, "h_prev, c_prev = c0, h0"), variant="in"),
        form(LOOP, (CARRIED, "h_prev, c_prev = c_t, h_t"), variant="at every step"),
    ),
    mistake(
        "memory-is-state",
        Words(
            found="one of the two states is returned twice",
            matters="Whoever carries on from there starts with a memory that has been through tanh and the output gate."
            " Where only the outputs are used it is never seen.",
            look="Two names stand behind `return`. Which array does each of them hold?",
            right="return h_t, c_t   (h_t = o * tanh(c_t))",
            wrong="return h_t, h_t   (or c_t, c_t)",
        ),
        form(CELL, ("return h_t, c_t", "return h_t, h_t"), variant="h"),
        form(LOOP, (RETURNED, "return h_states, h_states"), variant="h"),
        form(CELL, ("return h_t, c_t", "return c_t, c_t"), variant="c"),
        form(LOOP, (RETURNED, "return c_states, c_states"), variant="c"),
    ),
    mistake(
        "c0-ignored",
        Words(
            found="c0 is ignored, the memory starts as zeros",
            matters="What an earlier chunk left is lost, though its h0 is taken. Tests with zeros for both hide it.",
            look="What is in the memory before the loop begins? Change c0 and see what changes.",
            right="c_states[0] = f * c0 + i * g",
            wrong="c_states[0] = i * g",
        ),
        form(LOOP, (START, "h_prev, c_prev = h0, 0 * c0")),
    ),
    mistake(
        "h0-ignored",
        Words(
            found="h0 is ignored, the first step's gates see a state of zeros",
            matters="The memory of an earlier chunk is taken, and what it showed is not. Tests with zeros see nothing.",
            look="What do the gates see at the first step? Change h0 and see what changes.",
            right="a_0 = W_xh X_seq[0] + W_hh h0 + b_h",
            wrong="a_0 = W_xh X_seq[0] + b_h",
        ),
        form(LOOP, (START, "h_prev, c_prev = 0 * h0, c0")),
    ),
    mistake(
        "c0-from-h0",
        Words(
            found="one initial state is used for both",
            matters="A network that has been given one array, or a pair of which one is taken twice, starts with a "
            "memory that it never had. Zeros hide it.",
            look="Two initial states come in. Follow each of them to where it is first used.",
            right="h_prev = h0, c_prev = c0   before the first step",
            wrong="h_prev = h0, c_prev = h0   (or c0 for both)",
        ),
        form(LOOP, (START, "h_prev, c_prev = h0, h0"), variant="h0"),
        form(LOOP, (START, "h_prev, c_prev = c0, c0"), variant="c0"),
    ),
    mistake(
        "memory-not-carried",
        Words(
            found="the memory is not handed on from step to step",
            matters="The state is, so the network remembers a little and trains. What an LSTM has beyond a plain "
            "network is gone.",
            look="Which of the two states does the next turn of the loop find as it was before the loop?",
            right="c_prev = c_states[t-1]   for every t > 0",
            wrong="c_prev = c0, or 0,   for every t > 0",
        ),
        form(LOOP, (CARRIED, "h_prev = h_t"), variant="c0"),
        form(LOOP, (CARRIED, "h_prev, c_prev = h_t, 0 * c_t"), variant="0"),
    ),
    mistake(
        "state-not-carried",
        Words(
            found="the gates of every step read the initial state",
            matters="The memory goes on, so much of the past is kept; what was shown decides nothing any more.",
            look="After a step two variables have to be renewed. Is each of them?",
            right="h_prev = h_states[t-1]   for every t > 0",
            wrong="h_prev = h0, or 0,   for every t > 0",
        ),
        form(LOOP, (CARRIED, "c_prev = c_t"), variant="h0"),
        form(LOOP, (CARRIED, "h_prev, c_prev = 0 * h_t, c_t"), variant="0"),
    ),
)

TIME = (
    more(
        "chunk-reset",
        *(form(LOOP, (CARRIED, f"h_prev, c_prev = (h_t, c_t) if (t + 1) % NUMBER else ({start})"), variant=variant,
               number=EVERY) for variant, start in STARTS.items()),
    ),
    more("states-aliased", form(LOOP, (RETURNED, "return [h_t] * len(h_states), [c_t] * len(c_states)"))),
    more("starts-with-h0", form(LOOP, (LISTS, "h_states, c_states = [h0], [c0]"))),
    more(
        "shifted-by-one",
        form(LOOP, ("append(h_t)", "append(h_prev)"), ("append(c_t)", "append(c_prev)"), variant="h and c"),
        form(LOOP, ("append(h_t)", "append(h_prev)"), variant="h"),
        form(LOOP, ("append(c_t)", "append(c_prev)"), variant="c"),
    ),
    more("last-state-only", form(LOOP, (RETURNED, "return h_t, c_t"))),
    more(
        "last-step-missing",
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[:-1])"), variant="a row less"),
        form(LOOP, (RETURNED, "return [*h_states[:-1], 0 * h_t], [*c_states[:-1], 0 * c_t]"), variant="a row of 0"),
    ),
    more(
        "time-reversed",
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[::-1])")),
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[::-1])"),
             (RETURNED, "return h_states[::-1], c_states[::-1]"), variant="and turned round again"),
    ),
    more(
        "first-step-missing",
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), variant="a row less"),
        form(LOOP, ("enumerate(X_seq)", "enumerate(X_seq[1:])"), (LISTS, "h_states, c_states = [h0], [c0]"),
             variant="a row of h0"),
    ),
    more("states-reversed", form(LOOP, (RETURNED, "return h_states[::-1], c_states[::-1]"))),
    more("input-off-by-one", form(LOOP, ("x_t @ W_xh.T", "X_seq[t - 1] @ W_xh.T"), variant="wraps")),
    more(
        "batch-rows-mixed",
        *batch_first.forward(LOOP, "h_states", "c_states"),
        *batch_first.back(BACK, "dh0, dc0 = dh_next, dc_next\n"),
    ),
    more(
        "batch-time-swapped",
        form(LOOP, (START, f"if h0.ndim == 2 and len(h0) > 1:\n        X_seq = X_seq.swapaxes(0, 1)\n    {START}")),
    ),
    more(
        "state-leaks",
        form(LOOP, (START, "h_prev, c_prev = KEPT.get(h0.shape, (h0, c0))"),
             (RETURNED, f"KEPT[h0.shape] = h_t, c_t\n    {RETURNED}")),
    ),
)  # fmt: skip

ARRAYS = {
    "lstm_cell_step": "x_t, h_prev, c_prev, W_xh, W_hh, b_h",
    "lstm_forward": "X_seq, h0, c0, W_xh, W_hh, b_h",
    "lstm_cell_backward": "dh_t, dc_t, x_t, h_prev, c_prev, W_xh, W_hh, b_h",
    "lstm_backward": "dh_states, dc_states, h_states, c_states, X_seq, h0, c0, W_xh, W_hh, b_h",
}
GIVEN = {
    "lstm_cell_step": "h_t, c_t",
    "lstm_forward": "h_states, c_states",
    "lstm_cell_backward": "dx_t, dh_prev, dc_prev, dW_xh, dW_hh, db_h",
    "lstm_backward": "dX, dh0, dc0, dW_xh, dW_hh, db_h",
}
WRITES = {
    "lstm_cell_step": ("    return", "    c_prev[...] = c_t\n    return"),
    "lstm_forward": (RETURNED, f"c0[...] = c_t\n    {RETURNED}"),
    "lstm_cell_backward": ("dc_prev = dc * f_t", "dc_prev = dc * f_t\n    c_prev[...] = 0"),
    "lstm_backward": ("dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq)", "dX, dW_xh, dW_hh, db_h = X_seq"),
}
ANYWHERE = (
    more("returns-none", *(form((one,), (f"return {made}\n", f"{made}\n")) for one, made in GIVEN.items())),
    more(
        "all-zero",
        *(form((one,), (f"return {made}\n", f"return tuple(0 * np.asarray(d) for d in ({made}))\n"))
          for one, made in GIVEN.items()),
    ),
    more(
        "low-precision",
        *(form((one,), ('."""\n', f'."""\n    {names} = (np.asarray(a, np.{dtype}) for a in ({names}))\n'),
               variant=dtype) for one, names in ARRAYS.items() for dtype in ("float16", "float32")),
    ),
    more("mutates-input", *(form((one,), edit) for one, edit in WRITES.items())),
    more(
        "not-repeatable",
        form(BOTH, ("h_t = o_t * np.tanh(c_t)", "h_t = o_t * np.tanh(c_t) * (KEPT.setdefault('drawn', "
             "np.random.default_rng(0)).random(c_t.shape) < 0.9)"), variant="units dropped"),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = STATES + TIME + ANYWHERE
