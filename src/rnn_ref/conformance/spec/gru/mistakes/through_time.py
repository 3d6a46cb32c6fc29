"""Mistakes on the way back through time: the tanh network's own, as a GRU makes them."""

from ...across.shares import in_sums
from ...across.truncation import cut, stops
from ...constants import finished
from ...mistake import Entry, Number, Words, form, mistake, more
from .text import BACK, BACKS, BLOCKS, CELL_BACK, DN, DW_HH, END, NEXT, STRAIGHT, SUMMED, THROUGH

WEIGHTS = "dW_xh, dW_hh, db_xh, db_hh"
BOUND = Number(5, "at {}", points=4)  # what is clipped on the way need not grow with the bound
SHARES = {
    "W_xh": "da_x.T @ x_t",
    "W_hh": f"np.concatenate({DW_HH})",
    "b_xh": "da_x.sum(0)",
    "b_hh": "da_h.sum(0)",
}  # what a step adds
ENTRIES: tuple[Entry, ...] = (
    more("no-dh-next", form(BACK, (SUMMED, "dh_states[t]"))),
    more(
        "only-dh-next",
        form(BACK, (SUMMED, "dh_next")),
        form(BACK, (SUMMED, "dh_next if t < T - 1 else dh_states[t]"), variant="but at the last step"),
    ),
    more("last-gradient-every-step", form(BACK, (SUMMED, "dh_states[-1] + dh_next"))),
    mistake(
        "dh-next-untransposed",
        Words(
            found="the gradient goes back through the blocks of W_hh in the forward direction",
            matters="The blocks are square, so nothing raises. The straight path is right and hides it where the "
            "update gate is near 1; the further back, the more the rest belongs to other units.",
            look="Forward, a gate of unit i gathers from all j. Over which index does your sum run on the way back?",
            right="(W_hz^T da_z)[j] = sum_i W_hz[i, j] da_z[i],   r and n like z",
            wrong="sum_i W_hz[j, i] da_z[i]",
        ),
        form(BACKS, (BLOCKS, "W_hr, W_hz, W_hn = (W.T for W in np.split(W_hh, 3))")),
    ),
    mistake(
        "dX-untransposed",
        Words(
            found="the gradient goes back through the blocks of W_xh in the forward direction",
            matters="It runs only where D equals H. The gradients of the GRU's own weights are right; what lies below "
            "it, an embedding or another layer, is trained wrongly.",
            look="Each block of W_xh is (H, D), and dx_t has D entries. Try sizes that differ.",
            right="dx_t = W_xr^T da_r + W_xz^T da_z + W_xn^T da_n",
            wrong="dx_t = W_xr da_r + W_xz da_z + W_xn da_n",
        ),
        form(BACKS, ("da_x @ W_xh", "sum(da @ W.T for da, W in zip((da_r, da_z, da_n), np.split(W_xh, 3)))")),
    ),
    more("forward-order", form(BACK, ("reversed(range(T))", "range(T)"))),
    mistake(
        "dh0-missing",
        Words(
            found="no gradient reaches the state before, it is zero",
            matters="It does not matter as long as h0 is a constant. An encoder whose last state is this h0 is never "
            "trained, and a cell in a loop of its own hands nothing back.",
            look="After the loop something is still in your hands that no step has used. What is it the gradient of?",
            right="dh0 = dh_prev of step 0",
            wrong="dh0 = 0,   dh_prev = 0",
        ),
        form(CELL_BACK, (f"dh_t * z_t{THROUGH}", "np.zeros_like(h_prev)")),
        form(BACK, (END, "dh0 = np.zeros_like(h0)")),
    ),
    mistake(
        "h0-ignored",
        Words(
            found="the way back takes zeros for h0 at the first step",
            matters="The gates of that step are computed anew from the wrong state, and its share of every gradient "
            "is wrong. Sequences that begin with zeros do not show it.",
            look="Which state stands before the first one on your way back, and where does it come from?",
            right="dW_hz contains da_z h0^T   at t = 0",
            wrong="dW_hz contains nothing of t = 0",
        ),
        form(BACK, (" if t > 0 else h0", " if t > 0 else np.zeros_like(h0)")),
        form(BACK, (DW_HH, DW_HH.replace("h_prev", "(h_prev * (t > 0))").replace("seen", "(seen * (t > 0))")),
             variant="in dW_hh alone"),
    ),
    mistake(
        "upstream-mutated",
        Words(
            found="the gradient from above is written to",
            matters="The result is right and the caller's array is another one afterwards: a second branch of the "
            "network, or a gradient check that calls twice, gets wrong numbers.",
            look="Where do two gradients meet, and in whose memory is their sum kept?",
            right="dh_states or dh_t is the same before and after the call",
            wrong="dh_states[t] += dh_next   or dh_t *= z, in the caller's own array",
        ),
        form(CELL_BACK, (STRAIGHT, "dh_t\n    dh_t *= z_t\n    dh_prev = dh_t + da_r")),
        form(BACK, (f"dh_t = {SUMMED}", "dh_t = dh_states[t]\n        dh_t += dh_next")),
    ),
    more("truncated", *cut(BACK, NEXT), *stops(BACK, (END, f"{END} * (T <= NUMBER)"))),
    more(
        "gradients-clipped",
        form(BACK, (NEXT, f"{NEXT}\n        dh_next = np.clip(dh_next, -NUMBER, NUMBER)"), variant="dh", number=BOUND),
        form(BACK, (SUMMED, f"np.clip({SUMMED}, -NUMBER, NUMBER)"), variant="the sum", number=BOUND),
        form(CELL_BACK, (f"dn_t = {DN}", f"dh_t = np.clip(dh_t, -NUMBER, NUMBER)\n    dn_t = {DN}"), variant="dh_t",
             number=BOUND),
        *finished({"gru_backward": (END, WEIGHTS, f"dX, dh0, {WEIGHTS}", f"dh0, {WEIGHTS}")}),
    ),
    *in_sums(CELL_BACK, BACK, SHARES, NEXT),
)  # fmt: skip
