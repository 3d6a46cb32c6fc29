"""Mistakes on the way back through time: which gradients meet at a step, their sum, and how far they are carried."""

from ..mistake import BACK, BPTT, CELL_BACK, Solved, Words, form, mistake, more
from ..truncation import CUTS, Truncation

ALL, LOOPS = CELL_BACK + BACK + BPTT, BACK + BPTT
SUMMED, NEXT, END = "dh_states[t] + dh_next", "dh_next = dz_t @ W_hh", "dh0 = dh_next"
RESULTS = "dX, dh0, dW_xh, dW_hh, db_h"
WEIGHTS = "dW_xh, dW_hh, db_h = "

CUT = Truncation(LOOPS, NEXT)

SOLVED = [Solved("truncated", CUT.at)]
ENTRIES = [
    # the gradients that meet at a step, and where they go
    mistake("no-dh-next", Words(
        found="the gradient that comes from the step after is not added",
        matters="Each step is trained for its own prediction only, as if it had no influence on later ones, so "
        "nothing is learnt about what to remember. The last step is exact.",
        look="A state is used in two places: for this step's output and for the next state. How many gradients meet?",
        right="dh_t = dh_states[t] + dh_next",
        wrong="dh_t = dh_states[t]"),
        form(LOOPS, (SUMMED, "dh_states[t]"))),

    mistake("only-dh-next", Words(
        found="the gradient from this step's own output is not added",
        matters="Nothing enters along the way: the recurrent gradients are zero, or know of the last prediction "
        "alone, while the output layer goes on learning.",
        look="Where in the loop is the gradient read that comes down from the output of step t?",
        right="dh_t = dh_states[t] + dh_next   (both at every t)",
        wrong="dh_t = dh_next"),
        form(LOOPS, (SUMMED, "dh_next")),
        form(LOOPS, (SUMMED, "dh_next if t < T - 1 else dh_states[t]"), variant="but at the last step")),

    mistake("last-gradient-every-step", Words(
        found="every step adds the gradient of the last step's output",
        matters="What the other predictions have to say is lost, and the last one counts T times. With an upstream "
        "gradient that is the same at all steps nothing shows.",
        look="Which index does the upstream gradient have inside your loop?",
        right="dh_t = dh_states[t] + dh_next   (its own t)",
        wrong="dh_t = dh_states[T-1] + dh_next"),
        form(LOOPS, (SUMMED, "dh_states[-1] + dh_next"))),

    mistake("dh-next-untransposed", Words(
        found="the gradient goes back through W_hh in the forward direction",
        matters="W_hh is square, so nothing raises. The last step's gradients are right, and the further back, the "
        "more they belong to other units.",
        look="Forward, unit i gathers from all j. Back, unit j gathers from all i: over which index is your sum?",
        right="dh_prev[j] = sum_i W_hh[i, j] dz_t[i]",
        wrong="dh_prev[j] = sum_i W_hh[j, i] dz_t[i]"),
        form(ALL, ("dz_t @ W_hh", "dz_t @ W_hh.T"))),

    mistake("dX-untransposed", Words(
        found="the gradient goes back through W_xh in the forward direction",
        matters="It runs only where D equals H. The network's own weights are trained correctly and hide it; what "
        "lies below the input is not.",
        look="dx_t has D entries and dz_t has H. Try sizes that differ, and see whether your product still fits.",
        right="dx_t[d] = sum_i W_xh[i, d] dz_t[i]",
        wrong="dx_t[d] = sum_i W_xh[d, i] dz_t[i]"),
        form(ALL, ("dz_t @ W_xh", "dz_t @ W_xh.T"))),

    mistake("forward-order", Words(
        found="the way back runs through the steps from first to last",
        matters="Gradients then flow from the past into the future, which is no derivative of anything. With a single "
        "step it is right.",
        look="At which step is everything known that dh_t needs? The loop has to start there.",
        right="t = T-1, T-2, ..., 0",
        wrong="t = 0, 1, ..., T-1   on the way back"),
        form(LOOPS, ("reversed(range(T))", "range(T)"))),

    mistake("dh0-missing", Words(
        found="the gradient of the state before is zero",
        matters="It does not matter as long as h0 is a constant. If h0 is learnt or comes from an encoder, that part "
        "is never trained; in a cell used in a loop, nothing goes back in time at all.",
        look="What is left over on the way back when there is no earlier step, and where do you return it?",
        right="dh0 = W_hh^T dz_0,   dh_prev = W_hh^T dz_t",
        wrong="dh0 = 0,   dh_prev = 0"),
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = np.zeros_like(h_prev)")),
        form(LOOPS, (END, "dh0 = np.zeros_like(h0)"))),

    mistake("dh0-is-dz0", Words(
        found="the gradient of the state before has not been carried through W_hh",
        matters="It has the right shape and the wrong entries. All other gradients are right, so only what produced "
        "that state is trained wrongly.",
        look="The state before entered the sum multiplied by a matrix. Where is that matrix in your gradient?",
        right="dh0 = W_hh^T dz_0   (dz_0: the first step's)",
        wrong="dh0 = dz_0"),
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = dz_t")),
        form(LOOPS, (END, "dh0 = dz_t"))),

    mistake("upstream-mutated", Words(
        found="the upstream gradient is written to",
        matters="What is returned is right, but the caller's array has changed. A second use of it, by a gradient "
        "check or a second branch of the network, gets wrong numbers.",
        look="Search for +=, *= and [...] = on a gradient that came in as an argument, or on a view of it.",
        right="dh_states is the same before and after the call",
        wrong="dh_states[t] += dh_next   in the caller's own array"),
        form(CELL_BACK, ("dz_t = dh_t * (1 - h_t**2)", "dh_t *= 1 - h_t**2\n    dz_t = dh_t")),
        form(BACK, (f"dh_t = {SUMMED}", "dh_t = dh_states[t]\n        dh_t += dh_next"))),

    # sums that became means
    mistake("averaged-over-steps", Words(
        found="gradients are divided by the number of steps, expected their sum",
        matters="They are too small by the exact factor T. If the loss is a mean, the upstream gradient has been "
        "divided already, and the second time long sequences teach less than short ones.",
        look="The weights are shared by all steps. Does the chain rule ask for the sum of their shares or the mean?",
        right="dW = sum_t dW_t   (the sum of the steps' shares)",
        wrong="dW = (1/T) sum_t dW_t"),
        form(BACK, (f"return {RESULTS}", f"return tuple(d / T for d in ({RESULTS}))"), variant="all")),

    mistake("averaged-over-batch", Words(
        found="gradients are divided by the batch size, expected their sum",
        matters="They are too small by the exact factor B, or by another power of it at every step back. If the loss "
        "is a mean over the batch, the division is contained in what comes from above.",
        look="Who takes the mean over the batch, the loss or the layer? Only one of them may.",
        right="dW = sum_b sum_t dW_t[b]",
        wrong="dW = (1/B) sum_b sum_t dW_t[b]"),
        form(BACK, (f"return {RESULTS}", f"return tuple(d / B for d in ({RESULTS}))"), variant="all")),

    more("averaged-over-steps",
        form(LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / T, dW_hh / T, db_h / T"), variant="recurrent weights")),

    more("averaged-over-batch",
        form(LOOPS, ("dz_t = dh_t *", "dz_t = dh_t / B *"), variant="at every step"),
        form(LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / B, dW_hh / B, db_h / B"), variant="recurrent weights"),
        form(CELL_BACK, ("    dx_t = dz_t", "    dW_xh, dW_hh, db_h = (d / len(dz_t) for d in "
             "(dW_xh, dW_hh, db_h))\n    dx_t = dz_t"), variant="recurrent weights"),
        form(CELL_BACK, ("dz_t = dh_t *", "dz_t = dh_t / len(dh_t) *"), variant="all")),

    mistake("batch-mean-state", Words(
        found="the gradient of the state is averaged over the batch on the way back",
        matters="Each sequence is blamed for the errors of the others. With one sequence it is right; the axis of the "
        "batch was collapsed where only weights have that right.",
        look="Which gradients may lose the axis of the batch? A state's has one row for each sequence.",
        right="dh_prev[b] = what goes back from dh_t[b], for every sequence b",
        wrong="dh_prev[b] = (1/B) sum_c dh_prev[c]"),
        form(LOOPS, (NEXT, "dh_next = (dz_t @ W_hh).mean(0) + 0 * dz_t")),
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = (dz_t @ W_hh).mean(0) + 0 * dz_t"))),

    # gradients that are cut or clipped on the way
    mistake("truncated", Words(
        found="the gradient is not carried back through all steps",
        matters="What happened longer ago than the cut has no influence on training, so a dependence over more steps "
        "cannot be learnt. Sequences shorter than that are exact. Truncation is a method, but not this gradient.",
        look="How many rows of dX are right, counted from the end? Search for that number, or for a reset.",
        right="dh_next = dh_prev of every step, handed back until t = 0",
        wrong="dh_next = 0   after k steps, or at every k-th"),
        *(CUT.once(k) for k in CUTS),
        *(CUT.one_link(k) for k in CUTS),
        *(CUT.stops(k) for k in (1, *CUTS)),
        *(CUT.stops_before_h0(k) for k in (1, *CUTS)),
        *(CUT.chunks(k) for k in (*CUTS, 40))),

    mistake("gradients-clipped", Words(
        found="gradients are clipped inside the backward pass",
        matters="As long as they are small it is exact, and where they are large, in the very case it was meant for, "
        "what comes out is not the gradient. Clipping belongs between the gradient and the optimiser.",
        look="Search for clip, minimum and maximum. May the function that computes a derivative change it?",
        right="dh_next = dh_prev,   whatever its size",
        wrong="dh_next = clip(dh_prev, -c, c)"),
        *(form(LOOPS, (NEXT, f"dh_next = np.clip(dz_t @ W_hh, -{c}, {c})"), variant=f"at {c}")
          for c in (1, 5, 10, 100)),
        *(form(CELL_BACK, ("dz_t = dh_t", f"dz_t = np.clip(dh_t, -{c}, {c})"), variant=f"at {c}")
          for c in (1, 5, 10, 100))),
]  # fmt: skip
