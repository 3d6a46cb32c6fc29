"""Mistakes in the sums over time and batch, and those that any function can have, on the way back through a GRU."""

from ...mistake import Entry, Words, form, mistake, more
from .text import BACK, BACKS, CELL_BACK, DN, DW_HH, END, NEXT, SUMMED

WEIGHTS = "dW_xh, dW_hh, db_xh, db_hh"
H_T = "((1 - z_t) * n_t + z_t * h_prev)"

SUMS = (
    mistake(
        "dW_hh-from-h_t",
        Words(
            found="dW_hh is made with the state after the step, expected the one before it",
            matters="Where the update gate keeps, the two are nearly the same, so the loss falls. Only dW_hh is "
            "wrong, and with it what the gates learn about the past.",
            look="What did W_hh multiply when this step was computed?",
            right="dW_hz = sum_t da_z h_{t-1}^T,   r and n like z",
            wrong="dW_hz = sum_t da_z h_t^T",
        ),
        form(BACKS, (DW_HH, DW_HH.replace("h_prev", H_T).replace("seen", f"(seen + {H_T} - h_prev)"))),
    ),
    mistake(
        "dW_hh-wraps",
        Words(
            found="at the first step the last state stands in the place of h0",
            matters="An index of -1 takes the last entry and raises nothing. The share of one step is wrong, in dW_hh "
            "or in every gradient, and in a long sequence that is little.",
            look="What is your index of the state before step 0, and which entry is that in Python?",
            right="dW_hz contains da_z h0^T",
            wrong="dW_hz contains da_z h_T^T",
        ),
        form(BACK, (" if t > 0 else h0", "")),
        form(BACK, (DW_HH, DW_HH.replace("h_prev", "h_states[t - 1]").replace(
            "seen", "(h_states[t - 1] if reset_after else r_t * h_states[t - 1])")), variant="in dW_hh alone"),
    ),
    mistake(
        "dW_hh-transposed",
        Words(
            found="each block of dW_hh is transposed",
            matters="The blocks are square and the shape is right, so the update runs: the weight from unit j to unit "
            "i moves by what belongs to the one from i to j.",
            look="Row i of a block belongs to the unit that receives. Which factor of your product gives the rows?",
            right="dW_hz[i, j] = sum_t da_z[i] h_prev[j],   r and n like z",
            wrong="dW_hz[i, j] = sum_t h_prev[i] da_z[j]",
        ),
        form(BACKS, (DW_HH, "[h_prev.T @ da_r, h_prev.T @ da_z, seen.T @ da_hn]")),
    ),
    mistake(
        "dW_xh-transposed",
        Words(
            found="the gradient dW_xh is turned over",
            matters="It has the shape (D, 3H) and the weights (3H, D): the update raises, or is broadcast, or nothing "
            "tells where the two are the same.",
            look="Print the shapes of W_xh and of its gradient, side by side.",
            right="dW_xh[k, d] = sum_t da[k] x_t[d]   for every row k of the gates",
            wrong="dW_xh[d, k] = sum_t da[k] x_t[d]",
        ),
        form(CELL_BACK, ("da_x.T @ x_t", "x_t.T @ da_x")),
        form(BACK, (END, f"{END}\n    dW_xh = dW_xh.T")),
    ),
    more(
        "assigned-not-accumulated",
        form(BACK, ("dW_hh +=", "dW_hh ="), variant="W_hh"),
        form(BACK, ("dW_xh +=", "dW_xh ="), variant="W_xh"),
        form(BACK, *((f"{name} +=", f"{name} =") for name in WEIGHTS.split(", ")), variant="all"),
    ),
    more(
        "db-first-step-only",
        form(BACK, ("db_xh +=", "db_xh ="), variant="b_xh"),
        form(BACK, ("db_hh +=", "db_hh ="), variant="b_hh"),
        form(BACK, ("db_xh +=", "db_xh ="), ("db_hh +=", "db_hh ="), variant="both"),
    ),
    mistake(
        "db-twice",
        Words(
            found="a bias gets twice its gradient",
            matters="Where the two biases are kept as one, that one has the gradient once; it is not the sum of "
            "theirs. Training goes on with a bias that learns twice as fast.",
            look="How often is each gate's gradient added to each of the two biases in one step?",
            right="db_xh = sum_t [da_r; da_z; da_n]",
            wrong="db_xh = 2 sum_t [da_r; da_z; da_n]   (or db_hh so)",
        ),
        form(BACKS, ("da_x.sum(0)", "2 * da_x.sum(0)"), variant="b_xh"),
        form(BACKS, ("da_h.sum(0)", "2 * da_h.sum(0)"), variant="b_hh"),
        form(BACKS, ("da_x.sum(0)", "2 * da_x.sum(0)"), ("da_h.sum(0)", "2 * da_h.sum(0)"), variant="both"),
    ),
    more(
        "averaged-over-steps",
        form(BACK, (f"return dX, dh0, {WEIGHTS}", f"return tuple(d / T for d in (dX, dh0, {WEIGHTS}))"), variant="all"),
        form(BACK, (END, f"{END}\n    {WEIGHTS} = (d / T for d in ({WEIGHTS}))"), variant="recurrent weights"),
    ),
    more(
        "averaged-over-batch",
        form(BACK, (f"return dX, dh0, {WEIGHTS}", f"return tuple(d / B for d in (dX, dh0, {WEIGHTS}))"), variant="all"),
        form(BACK, (SUMMED, f"({SUMMED}) / B"), variant="at every step"),
        form(BACK, (END, f"{END}\n    {WEIGHTS} = (d / B for d in ({WEIGHTS}))"), variant="recurrent weights"),
        form(CELL_BACK, ("    dx_t = da_x", f"    {WEIGHTS} = (d / len(x_t) for d in ({WEIGHTS}))\n    dx_t = da_x"),
             variant="recurrent weights"),
        form(CELL_BACK, (f"dn_t = {DN}", f"dh_t = dh_t / len(dh_t)\n    dn_t = {DN}"), variant="all"),
    ),
    more(
        "batch-mean-state",
        form(BACK, (NEXT, f"{NEXT}\n        dh_next = dh_next.mean(0) + 0 * dh_next")),
        form(CELL_BACK, ("    if single:\n        dx_t,", "    dh_prev = dh_prev.mean(0) + 0 * dh_prev\n    if single:"
                         "\n        dx_t,")),
    ),
    more(
        "grads-pile-up",
        *(form(BACK, *((f"np.zeros_like({name})", f"KEPT.setdefault(('{name}', {key}), np.zeros_like({name}))")
                       for name in names), variant=f"{what} {variant}".strip())
          for names, what in ((("W_xh",), "dW_xh"), (("W_hh",), "dW_hh"), (("W_xh", "W_hh", "b_xh", "b_hh"), "all"))
          for key, variant in (("X_seq.shape", ""), ("W_xh.shape", "in all calls"))),
    ),
)  # fmt: skip

STEP = "x_t, h_prev, W_xh, W_hh, b_xh, b_hh"
ARRAYS = {
    "gru_cell_backward": f"dh_t, {STEP}",
    "gru_backward": "dh_states, h_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh",
}
RETURNED = {"gru_cell_backward": f"dx_t, dh_prev, {WEIGHTS}", "gru_backward": f"dX, dh0, {WEIGHTS}"}
ANYWHERE = (
    more("returns-none", *(form((name,), (f"return {all_}\n", f"{all_}\n")) for name, all_ in RETURNED.items())),
    more("all-zero", form(CELL_BACK, (f"return dx_t, dh_prev, {WEIGHTS}\n",
                                      f"return tuple(0 * d for d in (dx_t, dh_prev, {WEIGHTS}))\n"))),
    more(
        "low-precision",
        *(form((name,), ('."""\n', f'."""\n    {arrays} = (np.asarray(a, np.{dtype}) for a in ({arrays}))\n'),
               variant=dtype) for name, arrays in ARRAYS.items() for dtype in ("float16", "float32")),
    ),
    more(
        "mutates-input",
        form(CELL_BACK, ("dx_t = da_x @ W_xh", "x_t[...] = dx_t = da_x @ W_xh")),
        form(BACK, ("np.zeros_like(X_seq)", "X_seq")),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = SUMS + ANYWHERE
