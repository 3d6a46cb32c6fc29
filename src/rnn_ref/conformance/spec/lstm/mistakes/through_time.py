"""Mistakes on the way back through time: on the straight path of the memory, and beside it."""

from ...across.shares import in_sums
from ...across.truncation import cut, stops
from ...constants import finished
from ...mistake import Entry, Number, Words, form, mistake, more
from .text import BACK, BACKS, CELL_BACK, blocks_transposed

H_NEXT, C_NEXT, END = "dh_next = da @ W_hh", "dc_next = dc * f_t", "dh0, dc0 = dh_next, dc_next"
H_SUM, C_SUM = "dh_states[t] + dh_next", "dc_states[t] + dc_next"
WEIGHTS, RESULTS = "dW_xh, dW_hh, db_h", "dX, dh0, dc0, dW_xh, dW_hh, db_h"
ZEROS = "np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)"
LINKS = {"": (H_NEXT, C_NEXT), " of h alone": (H_NEXT,), " of the memory alone": (C_NEXT,)}


CLIPPED = ("da @ W_hh", "np.clip(da @ W_hh, -NUMBER, NUMBER)")
BOUND = Number(5, "at {}", points=4)  # what is clipped on the way need not grow with the bound
MEMORY = (
    mistake(
        "no-dc-next",
        Words(
            found="what comes back to the memory from the step after is not added",
            matters="The straight path is cut: gradients go back through h alone, and fade as in a tanh network. The "
            "last step is exact.",
            look="Two gradients travel back from step to step. Where is the second one added?",
            right="dc = dc_t + ...,   dc_t from the step after",
            wrong="dc = dh_t * o * (1 - tanh(c_t)^2)",
        ),
        form(BACK, (C_SUM, "dc_states[t]")),
        form(CELL_BACK, ("dc = dc_t + dh_t", "dc = dh_t")),
    ),
    mistake(
        "dc-next-misses-forget",
        Words(
            found="the memory's gradient goes back without the forget gate",
            matters="It never fades, so every old memory is blamed in full, also for what was forgotten in between.",
            look="By what was the old memory multiplied, and by what is its gradient?",
            right="dc_prev = dc * f",
            wrong="dc_prev = dc",
        ),
        form(BACKS, ("dc * f_t", "dc")),
    ),
    mistake(
        "dc-next-wrong-gate",
        Words(
            found="the memory's gradient goes back through another gate than the forget gate",
            matters="All gates have one shape. The last step is right, and before it the blame goes where something "
            "was written, or shown, instead of where it was kept.",
            look="Which of the gates stood between one memory and the next?",
            right="dc_prev = dc * f   (the forget gate)",
            wrong="dc_prev = dc * i   (or o)",
        ),
        form(BACKS, ("dc * f_t", "dc * i_t"), variant="i"),
        form(BACKS, ("dc * f_t", "dc * o_t"), variant="o"),
    ),
    mistake(
        "dc-next-misses-state",
        Words(
            found="the memory's gradient goes back without what came through the state",
            matters="h was made of the memory, and so the loss of every step reaches it through tanh and the output "
            "gate. Earlier memories hear only of what came from outside.",
            look="There are two sums called dc: before the state's part is added, and after. Which of them goes back?",
            right="dc_prev = (dc_t + dh_t * o * (1 - tanh(c_t)^2)) * f",
            wrong="dc_prev = dc_t * f",
        ),
        form(BACKS, ("dc * f_t", "dc_t * f_t")),
    ),
    mistake(
        "memory-detached",
        Words(
            found="the memory's gradient ends at every step, the initial memory's as well",
            matters="The memory was detached, or its gradient made anew in each turn of the loop. What comes from "
            "outside still counts, so short tests look right.",
            look="Is there a detach, or a copy by value, of the memory between two steps?",
            right="dc_next = dc * f,   and at the end dc0 = dc_next",
            wrong="dc_next = 0,   and dc0 = 0",
        ),
        form(BACK, (C_NEXT, "dc_next = 0 * dc")),
    ),
    mistake(
        "dc_T-ignored",
        Words(
            found="what reaches the memories from outside is ignored",
            matters="A decoder that takes over the last memory, or the chunk after this one, cannot teach what comes "
            "before it. Where only h is used, it is zero and nothing shows.",
            look="One of the arguments is a gradient of the memories. Where does it enter?",
            right="dc_t = dc_states[t] + dc_next",
            wrong="dc_t = dc_next   (0 at the last step)",
        ),
        form(BACK, (C_SUM, "dc_next"), variant="all"),
        form(BACK, (C_SUM, "dc_next + dc_states[t] * (t < T - 1)"), variant="the last step's"),
        form(BACK, (C_SUM, "dc_next + dc_states[t] * (t == T - 1)"), variant="all but the last step's"),
    ),
    mistake(
        "dh0-dc0-swapped",
        Words(
            found="the gradients of the two states before are exchanged",
            matters="Same shape, no error. The weights' gradients are right here, and in a cell that is used in a loop "
            "every earlier step is wrong.",
            look="In which order are the initial states given, and in which their gradients?",
            right="dh0 = W_hh^T da_0, dc0 = dc * f",
            wrong="dh0 = dc * f, dc0 = W_hh^T da_0",
        ),
        form(BACK, (END, "dc0, dh0 = dh_next, dc_next")),
        form(CELL_BACK, ("return dx_t, dh_prev, dc_prev", "return dx_t, dc_prev, dh_prev")),
    ),
    mistake(
        "dc0-missing",
        Words(
            found="the gradient of the memory before is zero",
            matters="It does not matter for a constant c0. If c0 is learnt or comes from an encoder, that part is never"
            " trained; a cell in a loop has lost its straight path.",
            look="What is left over of the memory's gradient after the first step, and where do you return it?",
            right="dc0 = dc * f   of the first step",
            wrong="dc0 = 0",
        ),
        form(BACK, (END, "dh0, dc0 = dh_next, np.zeros_like(c0)")),
        form(CELL_BACK, ("dc_prev = dc * f_t", "dc_prev = 0 * dc")),
    ),
)

STATE = (
    more("no-dh-next", form(BACK, (H_SUM, "dh_states[t]"))),
    more("only-dh-next", form(BACK, (H_SUM, "dh_next"))),
    more("last-gradient-every-step", form(BACK, (H_SUM, "dh_states[-1] + dh_next"))),
    mistake(
        "dh-next-untransposed",
        Words(
            found="the gradient goes back through the gates' blocks of W_hh in the forward direction",
            matters="Each block is square, so a product block by block raises nothing. The last step's gradients are "
            "right, all before it belong to other units.",
            look="Forward, a row of a block gathers. Over which axis of the block does your sum run on the way back?",
            right="dh_prev[k] = sum_j W_hi[j, k] da_i[j] + ...   for four gates",
            wrong="dh_prev[k] = sum_j W_hi[k, j] da_i[j] + ...",
        ),
        form(BACKS, ("da @ W_hh", f"da @ {blocks_transposed('W_hh')}")),
    ),
    mistake(
        "dW_hh-wraps",
        Words(
            found="at the first step the last state, or the last memory, stands in for the initial one",
            matters="An index of -1 takes the last entry and raises nothing. Only one step of T is wrong, which in a "
            "long sequence is little.",
            look="What does t - 1 pick at t = 0? Look at the state and at the memory.",
            right="at t = 0: h_prev = h0, c_prev = c0",
            wrong="at t = 0: h_prev = h_states[-1], c_prev = c_states[-1]",
        ),
        form(BACK, ("da.T @ h_prev", "da.T @ h_states[t - 1]"), variant="in dW_hh"),
        form(BACK, ("dc * c_prev", "dc * c_states[t - 1]"), variant="in df"),
        form(BACK, ("da.T @ h_prev", "da.T @ h_states[t - 1]"), ("dc * c_prev", "dc * c_states[t - 1]"),
             variant="in dW_hh and df"),
        form(BACK, (" if t > 0 else h0", ""), (" if t > 0 else c0", ""), variant="everywhere"),
    ),
    more(
        "dh0-missing",
        form(BACK, (END, "dh0, dc0 = np.zeros_like(h0), dc_next")),
        form(CELL_BACK, ("dh_prev = da @ W_hh", "dh_prev = np.zeros_like(h_prev)")),
    ),
    more(
        "batch-mean-state",
        form(BACKS, ("da @ W_hh", "(da @ W_hh).mean(0) + np.zeros_like(h_prev)")),
    ),
    mistake(
        "dX-untransposed",
        Words(
            found="the gradient goes back through the gates' blocks of W_xh in the forward direction",
            matters="It runs only where D equals H. The network's own weights are trained correctly; an embedding or a "
            "layer below is not.",
            look="dx_t has D entries. Use sizes that differ, and see whether the product still fits.",
            right="dx_t[d] = sum_j W_xi[j, d] da_i[j] + ...   for four gates",
            wrong="dx_t[d] = sum_j W_xi[d, j] da_i[j] + ...",
        ),
        form(BACKS, ("da @ W_xh", f"da @ {blocks_transposed('W_xh')}")),
    ),
    more("forward-order", form(BACK, ("reversed(range(T))", "range(T)"))),
)  # fmt: skip

SUMS = (
    more(
        "assigned-not-accumulated",
        *(form(BACK, (f"d{name} +=", f"d{name} ="), variant=name) for name in ("W_hh", "W_xh")),
        form(BACK, *((f"{name} +=", f"{name} =") for name in WEIGHTS.split(", ")), variant="all"),
    ),
    more("db-first-step-only", form(BACK, ("db_h +=", "db_h ="))),
    more(
        "averaged-over-steps",
        form(BACK, (f"return {RESULTS}", f"return tuple(d / T for d in ({RESULTS}))"), variant="all"),
        form(BACK, (END, f"{END}\n    {WEIGHTS} = dW_xh / T, dW_hh / T, db_h / T"), variant="recurrent weights"),
    ),
    more(
        "averaged-over-batch",
        form(BACK, (f"return {RESULTS}", f"return tuple(d / B for d in ({RESULTS}))"), variant="all"),
        form(BACK, (END, f"{END}\n    {WEIGHTS} = dW_xh / B, dW_hh / B, db_h / B"), variant="recurrent weights"),
        form(CELL_BACK, ("    dx_t = da @", f"    {WEIGHTS} = (d / len(da) for d in ({WEIGHTS}))\n    dx_t = da @"),
             variant="recurrent weights"),
    ),
    more(
        "grads-pile-up",
        form(BACK, (ZEROS, f"*KEPT.setdefault(X_seq.shape, ({ZEROS}))"), variant="all"),
        form(BACK, (ZEROS, f"*KEPT.setdefault(W_xh.shape, ({ZEROS}))"), variant="all in all calls"),
    ),
    more(
        "upstream-mutated",
        form(CELL_BACK, ("dc = dc_t + dh_t", "dc = dc_t\n    dc += dh_t"), variant="of the memory"),
        form(BACK, (f"dh_t = {H_SUM}", "dh_t = dh_states[t]\n        dh_t += dh_next")),
        form(BACK, (f"dc_t = {C_SUM}", "dc_t = dc_states[t]\n        dc_t += dc_next"), variant="of the memory"),
    ),
    more(
        "truncated",
        *(one for told, links in LINKS.items() for one in cut(BACK, *links, told=told)),
        *stops(BACK, (END, "dh0, dc0 = dh_next * (T <= NUMBER), dc_next * (T <= NUMBER)")),
    ),
    more(
        "gradients-clipped",
        form(BACKS, CLIPPED, variant="dh", number=BOUND),
        form(BACKS, CLIPPED, ("dc * f_t", "np.clip(dc * f_t, -NUMBER, NUMBER)"), variant="dh and dc", number=BOUND),
        form(BACK, (H_SUM, f"np.clip({H_SUM}, -NUMBER, NUMBER)"), variant="the sum", number=BOUND),
        form(CELL_BACK, ("    dc = dc_t +", "    dh_t = np.clip(dh_t, -NUMBER, NUMBER)\n    dc = dc_t +"),
             variant="dh_t", number=BOUND),
        *finished({"lstm_backward": (END, WEIGHTS, RESULTS, f"dh0, dc0, {WEIGHTS}")}),
    ),
    *in_sums(CELL_BACK, BACK, {"W_xh": "da.T @ x_t", "W_hh": "da.T @ h_prev", "b_h": "da.sum(0)"}, H_NEXT),
    more("dW_hh-from-zero-start", form(BACK, ("da.T @ h_prev", "da.T @ (h_prev * (t > 0))"))),
    mistake(
        "h0-ignored",
        Words(
            found="on the way back h0 is taken for zeros",
            matters="The gates of the first step are made anew from a state that was not there, so its share of every "
            "gradient is off. With an h0 of zeros nothing shows.",
            look="From which state did the first step start, and what does your way back hold in its place?",
            right="a = W_xh X_seq[0] + W_hh h0 + b_h   made again at t = 0",
            wrong="a = W_xh X_seq[0] + b_h   made again at t = 0",
        ),
        form(BACK, (" if t > 0 else h0", " if t > 0 else np.zeros_like(h0)")),
    ),
    mistake(
        "c0-ignored",
        Words(
            found="on the way back c0 is taken for zeros",
            matters="The forget gate of the first step learns nothing from it, and the memory that is made again there "
            "is off. Most tests start from an empty memory and do not see it.",
            look="What did the forget gate multiply at the first step, and where does your way back take that from?",
            right="df = dc * c0   at t = 0",
            wrong="df = 0   at t = 0",
        ),
        form(BACK, (" if t > 0 else c0", " if t > 0 else np.zeros_like(c0)")),
    ),
)  # fmt: skip

ENTRIES: tuple[Entry, ...] = MEMORY + STATE + SUMS
