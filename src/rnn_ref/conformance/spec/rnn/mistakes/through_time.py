"""Mistakes on the way back through time: which gradients meet at a step, where they go, and their sum."""

from ...across.truncation import EACH, WINDOW, cut, stops
from ...mistake import BACK, BPTT, CELL_BACK, Words, form, mistake, more

ALL, LOOPS = CELL_BACK + BACK + BPTT, BACK + BPTT
SUMMED, NEXT, END = "dh_states[t] + dh_next", "dh_next = dz_t @ W_hh", "dh0 = dh_next"
RESULTS = "dX, dh0, dW_xh, dW_hh, db_h"
WEIGHTS = "dW_xh, dW_hh, db_h = "

START = "dh_next = np.zeros_like(h0)"
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

    mistake("dX-without-dh-next", Words(
        found="the gradient of the input misses what comes from the step after",
        matters="The weights' gradients are right, so the network trains. What lies below it, an embedding or another "
        "layer, is taught from each step's own output alone.",
        look="Which gradient goes down to the input: the one from above alone, or the one that the weights use?",
        right="dX[t] = W_xh^T dz_t   with dz_t from dh_states[t] + dh_next",
        wrong="dX[t] = W_xh^T dz_t   with dz_t from dh_states[t] alone"),
        form(LOOPS, ("dX[t] = dz_t @ W_xh", "dX[t] = (dh_states[t] * slope) @ W_xh"))),

    mistake("dh-added-not-carried", Words(
        found="the gradient of the step after is added, but has not been carried through W_hh",
        matters="Shapes fit and the last step is exact. The further back, the more the gradient belongs to the wrong "
        "units, and h0's is wrong too.",
        look="Forward, the state meets a matrix before it enters the next step. Where does the way back meet it?",
        right="dh_next = W_hh^T dz_t",
        wrong="dh_next = dh_t   (or dz_t)"),
        form(LOOPS, (NEXT, "dh_next = dh_t"), variant="dh"),
        form(LOOPS, (NEXT, "dh_next = dz_t"), variant="dz")),

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

    mistake("loop-misses-first-step", Words(
        found="the way back ends before the first step",
        matters="One share of T is left out of every gradient, dX[0] stays zero, and what goes to h0 is a step short. "
        "In a long sequence the loss hardly tells.",
        look="Which is the last value of t that your loop takes? range leaves its end out.",
        right="t = T-1, T-2, ..., 0",
        wrong="t = T-1, T-2, ..., 1"),
        form(LOOPS, ("reversed(range(T))", "reversed(range(1, T))")),
        form(LOOPS, ("reversed(range(T))", "reversed(range(1, T))"), (END, f"{END} * 0"), variant="dh0 zero")),

    mistake("loop-misses-last-step", Words(
        found="the way back begins one step too late",
        matters="What the last prediction has to say is never heard. All other shares are there, so the network "
        "trains, except for what only the last step would teach.",
        look="With which t does your loop begin? The highest index of T rows is not T - 2.",
        right="t = T-1, T-2, ..., 0   all of them",
        wrong="t = T-2, T-3, ..., 0"),
        form(LOOPS, ("reversed(range(T))", "reversed(range(T - 1))"))),

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
        form(CELL_BACK, ("dz_t = dh_t * slope", "dh_t *= slope\n    dz_t = dh_t")),
        form(BACK, (f"dh_t = {SUMMED}", "dh_t = dh_states[t]\n        dh_t += dh_next"))),

    # sums that became means
    mistake("averaged-over-steps", Words(
        found="gradients are divided by the number of steps, expected their sum",
        matters="They are too small by the exact factor T. If the loss is a mean, the upstream gradient has been "
        "divided already, and the second time long sequences teach less than short ones.",
        look="The weights are shared by all steps. Does the chain rule ask for the sum of their shares or the mean?",
        right="dW_hh = sum_t dz_t h_prev^T   (the sum over t)",
        wrong="dW_hh = (1/T) sum_t dz_t h_prev^T"),
        form(BACK, (f"return {RESULTS}", f"return tuple(d / T for d in ({RESULTS}))"), variant="all")),

    mistake("averaged-over-batch", Words(
        found="gradients are divided by the batch size, expected their sum",
        matters="They are too small by the exact factor B, or by another power of it at every step back. If the loss "
        "is a mean over the batch, the division is contained in what comes from above.",
        look="Who takes the mean over the batch, the loss or the layer? Only one of them may.",
        right="dW_hh = sum_b sum_t dz_t[b] h_prev[b]^T",
        wrong="dW_hh = (1/B) sum_b sum_t dz_t[b] h_prev[b]^T"),
        form(BACK, (f"return {RESULTS}", f"return tuple(d / B for d in ({RESULTS}))"), variant="all")),

    more("averaged-over-steps",
        form(LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / T, dW_hh / T, db_h / T"), variant="recurrent weights")),

    more("averaged-over-batch",
        form(LOOPS, ("dz_t = dh_t *", "dz_t = dh_t / B *"), variant="at every step"),
        form(LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / B, dW_hh / B, db_h / B"), variant="recurrent weights"),
        form(CELL_BACK, ("    dx_t = dz_t", "    dW_xh, dW_hh, db_h = (d / len(dz_t) for d in "
             "(dW_xh, dW_hh, db_h))\n    dx_t = dz_t"), variant="recurrent weights"),
        form(CELL_BACK, ("dz_t = dh_t *", "dz_t = dh_t / len(dh_t) *"), variant="all")),

    *(more(f"averaged-over-{what}",
        form(LOOPS, (END, f"{END}\n    db_h = db_h / {size}"), variant="b_h"),
        form(BPTT, (END, f"{END}\n    {WEIGHTS}dW_xh / {size}, dW_hh / {size}, db_h / {size}\n"
             f"    dW_hy, db_y = dW_hy / {size}, db_y / {size}"), variant="every weight"))
      for what, size in (("steps", "T"), ("batch", "B"))),

    more("averaged-over-steps",
        form(BPTT, (END, f"{END}\n    {WEIGHTS}dW_xh / (T * B), dW_hh / (T * B), db_h / (T * B)\n"
             f"    dW_hy, db_y = dW_hy / (T * B), db_y / (T * B)"), variant="every weight, and over the batch"),
        form(BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / (T * B)"), variant="all, and over the batch"),
        form(BACK, (END, f"{END}\n    {WEIGHTS}dW_xh / (T * B), dW_hh / (T * B), db_h / (T * B)"),
             variant="recurrent weights, and over the batch")),

    more("averaged-over-batch",
        form(CELL_BACK, ("db_h = dz_t.sum(0)", "db_h = dz_t.mean(0)"), variant="b_h")),

    mistake("batch-mean-state", Words(
        found="the gradient of the state is averaged over the batch on the way back",
        matters="Each sequence is blamed for the errors of the others. With one sequence it is right; the axis of the "
        "batch was collapsed where only weights have that right.",
        look="Which gradients may lose the axis of the batch? A state's has one row for each sequence.",
        right="dh_prev[b] = W_hh^T dz_t[b]   for every sequence b",
        wrong="dh_prev[b] = (1/B) sum_c W_hh^T dz_t[c]"),
        form(LOOPS, (NEXT, "dh_next = (dz_t @ W_hh).mean(0) + 0 * dz_t")),
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = (dz_t @ W_hh).mean(0) + 0 * dz_t"))),

    # how far it is carried
    mistake("truncated", Words(
        found="the gradient is not carried back through all steps",
        matters="What happened longer ago than the cut has no influence on training, so a dependence over more steps "
        "cannot be learnt. Sequences shorter than that are exact. Truncation is a method, but not this gradient.",
        look="How many rows of dX are right, counted from the end? Search for that number, or for a reset.",
        right="dh_next = W_hh^T dz_t   handed back until t = 0",
        wrong="dh_next = 0   after k steps, or at every k-th"),
        *cut(LOOPS, NEXT),
        form(LOOPS, (SUMMED, f"({SUMMED}) * ((t + 1) % NUMBER > 0)"), variant="chunks, the last state of each too",
             number=EACH),
        *stops(LOOPS, (END, f"{END} * (T <= NUMBER)")),
        *(form(LOOPS, (START, f"{START}\n    dh0 = 0 * h0"),
               ("for t in reversed(range(T)):",
                "for s, t in ((s, t) for s in range(T) for t in range(s, max(-1, s - NUMBER - 1), -1)):"),
               (SUMMED, "dh_next if t < s else dh_states[t]"), ("dX[t] = dz_t", "dX[t] += dz_t"),
               (NEXT, f"{NEXT}\n        dh0 = dh0 + {reached} * dh_next"), (END, "dh0 = dh0 + 0"),
               variant=f"a window from each step{told}", number=WINDOW)
          for reached, told in (("(t == 0)", ""), ("0", ", dh0 not reached")))),
]  # fmt: skip
