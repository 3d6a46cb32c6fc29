"""Mistakes in which number is read: of other rows of memory, of a state that was overwritten, of a state from zero."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BACK, BACKS, BOTH, CELL_BACK, LOOP, SIGMOIDS, START

UNITS = (  # one after the other, each from the state in which those before it are new already
    "h_t, c_t = 0 * c_prev + h_prev, 0 * c_prev\n{0}W, U, b = (np.split(one, 4) for one in (W_xh, W_hh, b_h))\n"
    "{0}for k in range(h_t.shape[-1]):\n"
    "{0}    a = [x_t @ W[n][k] + h_t @ U[n][k] + b[n][k] for n in range(4)]\n"
    "{0}    i_k, f_k, o_k = (1 / (1 + np.exp(-a[n])) for n in (0, 1, 3))\n"
    "{0}    c_t[..., k] = f_k * c_prev[..., k] + i_k * np.tanh(a[2])\n"
    "{0}    h_t[..., k] = o_k * np.tanh(c_t[..., k])\n"
)
C_T, H_T = "c_t = f_t * c_prev + i_t * g_t", "h_t = o_t * np.tanh(c_t)"
JOINED = "np.concatenate([h_prev, x_t], -1) @ np.concatenate([W_xh, W_hh], 1).T"
AGAIN = (  # the states, made once more
    "again_h, again_c = {0}\n    h_states, c_states = np.array(h_states), np.array(c_states)\n"
    "    h0, c0 = again_h, again_c\n    for t in range(T):\n"
    "        a = np.split(X_seq[t] @ W_xh.T + again_h @ W_hh.T + b_h, 4, -1)\n"
    "        again_c = again_c / (1 + np.exp(-a[1])) + np.tanh(a[2]) / (1 + np.exp(-a[0]))\n"
    "        again_h = np.tanh(again_c) / (1 + np.exp(-a[3]))\n"
    "        h_states[t], c_states[t] = again_h, again_c\n"
)
ZEROS = {"h": "0 * h0, c0", "c": "h0, 0 * c0", "h and c": "0 * h0, 0 * c0"}
SLOPE, LAST = "(1 - np.tanh(c_t) ** 2)", ("dh_states[t] + dh_next", "dh_next if t < T - 1 else dh_states[t]")
BEGIN = "    dX, dW_xh, dW_hh, db_h = np.zeros_like"
BLOCKS = {"W_xh": "x_t", "W_hh": "h_prev"}
OPEN = {"forget": ("f", 1), "input": ("i", 0), "output": ("o", 3)}
SIZES = {"averaged-over-batch": "B", "averaged-over-steps": "T"}
SHARES = {"b_h": "db_h", "W_xh": "dW_xh", "W_hh": "dW_hh"}

FORWARDS = (
    mistake(
        "state-updated-in-place",
        Words(
            found="the gates of later units read units of the state that are new already",
            matters="The state is overwritten while the gates of later units still read it, so the numbers depend on "
            "the order of the units. The first unit is right.",
            look="Into which array does the loop over the units write, and which one do the gates read?",
            right="a[j] = W_xh[j] x + W_hh[j] h_prev + b_h[j]   with h_prev as it was",
            wrong="a[j] = W_xh[j] x + W_hh[j] h + b_h[j]   with h[k] new for k < j",
        ),
        form(("lstm_cell_step",), (f"{H_T}\n", f"{UNITS.format('    ')}")),
        form(LOOP, (f"{H_T}\n", f"{UNITS.format('        ')}")),
    ),
    more("weights-swapped", form(BOTH, ("x_t @ W_xh.T + h_prev @ W_hh.T", JOINED), variant="end to end")),
    more(
        "reshaped-not-transposed",
        *(form(BOTH, (f"{vector} @ {W}.T", f"{vector} @ {W}.reshape({W}.shape[::-1])"), variant=W)
          for W, vector in BLOCKS.items()),
        form(BOTH, *((f"{vector} @ {W}.T", f"{vector} @ {W}.reshape({W}.shape[::-1])") for W, vector in BLOCKS.items()),
             variant="both"),
    ),
    mistake(
        "gate-without-input",
        Words(
            found="one gate sees the state and not the input",
            matters="It opens and closes by what was shown before, and a new input can change nothing about it. Small "
            "inputs hide it.",
            look="Change one entry of the input: which of the four sums stays as it is?",
            right="f = sigmoid(W_xf x_t + W_hf h_prev + b_f)",
            wrong="f = sigmoid(W_hf h_prev + b_f)",
        ),
        *(form(BOTH, (SIGMOIDS[gate], f"1 / (1 + np.exp(np.split(x_t @ W_xh.T, 4, -1)[{k}] - a_{gate}))"), variant=gate)
          for gate, k in OPEN.values()),
    ),
    more(
        "state-of-one-sequence",
        *(form(BOTH, ("h_prev @ W_hh.T", f"(h_prev[{row}] if h_prev.ndim == 2 else h_prev) @ W_hh.T"), variant=told)
          for row, told in ((":1", "the first"), ("-1:", "the last"))),
    ),
    more(
        "h0-of-one-sequence",
        *(form(LOOP, (START, f"{START}\n    if h0.ndim > 1:\n        {names} = ({of} for one in ({states}))"),
               variant=f"{told}{whose}")
          for told, of in (("the first", "one[:1] + 0 * one"), ("the last", "one[-1:] + 0 * one"))
          for whose, names, states in (("", "h_prev, c_prev", "h0, c0"), (", of h0 alone", "h_prev,", "h0,"),
                                       (", of c0 alone", "c_prev,", "c0,"))),
    ),
    more(
        "memory-squashed",
        form(LOOP, ("c_states.append(c_t)", "c_states.append(np.tanh(c_t))"), variant="in the list alone"),
    ),
    more("bias-of-one-unit", *(form(BOTH, (" + b_h", f" + b_h[{unit}]"), variant=told)
                               for told, unit in (("the first's", 0), ("the last's", -1)))),
)  # fmt: skip

BACKWARDS = (
    more(
        "slope-squared-outside",
        form(BACKS, (SLOPE, "(1 - np.tanh(c_t)) ** 2"), variant="of the memory"),
        form(BACKS, ("(1 - g_t**2)", "(1 - g_t) ** 2"), variant="of the candidate"),
        form(BACKS, (SLOPE, "(1 - np.tanh(c_t)) ** 2"), ("(1 - g_t**2)", "(1 - g_t) ** 2"), variant="of both"),
    ),
    more(
        "slope-not-squared",
        form(BACKS, (SLOPE, "(1 - np.tanh(c_t))"), variant="of the memory"),
        form(BACKS, ("(1 - g_t**2)", "(1 - g_t)"), variant="of the candidate"),
        form(BACKS, (SLOPE, "(1 - np.tanh(c_t))"), ("(1 - g_t**2)", "(1 - g_t)"), variant="of both"),
    ),
    mistake(
        "states-made-again-from-zero",
        Words(
            found="the way back makes the states once more, from zeros instead of h0 or c0",
            matters="It differentiates another run than the one that was made, and all gradients are off, the first "
            "steps' most. With initial states of zeros it is right.",
            look="From which state and memory does the run begin along which your way back goes?",
            right="h_prev = h0, c_prev = c0   at t = 0",
            wrong="h_prev = 0   (or c_prev = 0)   at t = 0",
        ),
        *(form(BACK, (BEGIN, f"    {AGAIN.format(start)}{BEGIN}"), variant=told) for told, start in ZEROS.items()),
    ),
    more(
        "loop-misses-first-step",
        form(BACK, ("reversed(range(T))", "reversed(range(1, T))")),
    ),
    more("loop-misses-last-step", form(BACK, ("reversed(range(T))", "reversed(range(T - 1))"))),
    *(more(
        slug,
        *(form(BACK, ("dh0, dc0 = dh_next", f"{d} = {d} / {size}\n    dh0, dc0 = dh_next"), variant=name)
          for name, d in SHARES.items()))
      for slug, size in SIZES.items()),
    more(
        "averaged-over-batch",
        *(form(CELL_BACK, ("    dx_t = da @", f"    {d} = {d} / len(da)\n    dx_t = da @"), variant=name)
          for name, d in SHARES.items()),
    ),
    more(
        "upstream-of-ones",
        form(CELL_BACK, ("dc = dc_t + dh_t", "dh_t, dc_t = 0 * dh_t + 1, 0 * dc_t + 1\n    dc = dc_t + dh_t"),
             variant="both"),
        form(CELL_BACK, ("dc = dc_t + dh_t", "dh_t, dc_t = np.ones_like(dh_t), 0 * dc_t\n    dc = dc_t + dh_t"),
             variant="of the state, none of the memory"),
        form(BACK, ("dh_states[t] + dh_next", "1 + dh_next"), variant="of the states"),
        form(BACK, ("dh_states[t] + dh_next", "1 + dh_next"), ("dc_states[t] + dc_next", "dc_next"),
             variant="of the states, none of the memories"),
    ),
    more(
        "only-dh-next",
        form(BACK, LAST, variant="but at the last step"),
        form(BACK, LAST, ("dc_states[t] + dc_next", "dc_next if t < T - 1 else dc_states[t]"),
             variant="but at the last step, of the memory too"),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = FORWARDS + BACKWARDS
