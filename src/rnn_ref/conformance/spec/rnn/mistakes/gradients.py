"""Mistakes on the way back within one step: the slope of tanh, and the gradients of the weights."""

from ...mistake import BACK, BPTT, CELL_BACK, Number, Words, form, mistake

ALL, LOOPS = CELL_BACK + BACK + BPTT, BACK + BPTT
ZEROS = "np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)"
PILES = [(zeros, "", zeros, what) for zeros, what in zip(ZEROS.split(", "), ("dW_xh", "dW_hh", ""), strict=True)]
PILES += [(ZEROS, "*", f"({ZEROS})", "all")]
SLOPE, END = "1 - h_t**2", "dh0 = dh_next"

ENTRIES = [
    # the slope of tanh
    mistake("no-slope", Words(
        found="the slope of tanh is missing on the way back",
        matters="Saturated units get gradients as if they could still move, and over many steps gradients explode "
        "that should fade. With states near zero the slope is close to 1, which hides it.",
        look="By the chain rule every function of the forward pass leaves a factor. Which one has left none?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t"),
        form(ALL, ("dh_t * slope", "dh_t"))),

    mistake("slope-of-tanh-h", Words(
        found="the slope is taken from tanh of the state, which has been through tanh already",
        matters="All slopes are too large, most of all for saturated units. The signs are right, so training goes "
        "on, only somewhat astray.",
        look="Is the array in your slope a state or the sum before the activation? The formula differs.",
        right="dz_t = dh_t * (1 - h_t^2)   with h_t = tanh(z_t)",
        wrong="dz_t = dh_t * (1 - tanh(h_t)^2)"),
        form(ALL, (SLOPE, "1 - np.tanh(h_t) ** 2"))),

    mistake("slope-plus", Words(
        found="the slope of tanh has a plus where a minus belongs",
        matters="It lies between 1 and 2 instead of between 0 and 1, so gradients grow at every step back instead of "
        "shrinking; near zero states the difference is small.",
        look="Where tanh flattens out, should its slope be small or large? Put in a state near 1.",
        right="d tanh(z) / dz = 1 - tanh(z)^2",
        wrong="d tanh(z) / dz = 1 + tanh(z)^2"),
        form(ALL, (SLOPE, "1 + h_t**2"))),

    mistake("slope-not-squared", Words(
        found="the state is not squared in the slope of tanh",
        matters="The slope then depends on the sign: too small for positive states, and up to 2 for negative ones, "
        "where tanh has none above 1. Small states hide it, and the loss falls all the same.",
        look="tanh is odd, so its slope is even. Does yours give the same for a state and for its negative?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (1 - h_t)"),
        form(ALL, (SLOPE, "1 - h_t"))),

    mistake("slope-of-h_prev", Words(
        found="the slope is taken from the state before, expected the one after the step",
        matters="Every gradient is right in sign and wrong in size. Where states change little from step to step the "
        "difference is small, and training goes on.",
        look="The slope is that of the activation of this very step. Which state did that activation give?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (1 - h_prev^2)"),
        form(ALL, (SLOPE, "1 - h_prev**2"))),

    mistake("slope-floored", Words(
        found="the slope of tanh is kept away from zero",
        matters="It was to help saturated units, and gives them a gradient that is not theirs. As long as no state is "
        "near 1 in size, or the constant is small, nothing shows.",
        look="Does any constant stand beside the slope, such as the limit of a maximum, or something small added?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * max(1 - h_t^2, c)   (or 1 - h_t^2 + c)"),
        form(ALL, (SLOPE, "np.maximum(1 - h_t**2, NUMBER)"), variant="a limit",
             number=Number(1e-3, "by a limit of {}", 1e-12, 0.9)),
        form(ALL, (SLOPE, "1 - h_t**2 + NUMBER"), variant="a term",
             number=Number(1e-6, "by {}, which is added", 1e-12, 0.9))),

    mistake("slope-of-preactivation", Words(
        found="the slope is computed from the sum z_t, expected the state h_t",
        matters="For sums beyond 1 in size it even turns negative, and the gradient points the wrong way for the very "
        "units that work hardest. Small sums hide it.",
        look="Which variable holds the output of tanh, and which its input? The slope is written in one of them.",
        right="dz_t = dh_t * (1 - tanh(z_t)^2)",
        wrong="dz_t = dh_t * (1 - z_t^2)"),
        form(ALL, (SLOPE, "1 - np.arctanh(h_t) ** 2"))),

    mistake("dh-not-through-tanh", Words(
        found="what goes back to the state before has not been through the slope of tanh",
        matters="The weights' share of this one step is right, and every earlier step gets a gradient that is too "
        "large. One step tested alone shows it only in the gradient of the state.",
        look="Which gradient is multiplied by the recurrent weights: that of the state or that of the sum?",
        right="dh_prev = W_hh^T dz_t",
        wrong="dh_prev = W_hh^T dh_t"),
        form(ALL, ("dz_t @ W_hh", "dh_t @ W_hh"))),

    mistake("dX-not-through-tanh", Words(
        found="what goes back to the input has not been through the slope of tanh",
        matters="The weights are trained correctly, so the network alone shows nothing; an embedding or a layer below "
        "gets wrong gradients.",
        look="The input enters before the activation. What has to be undone first on the way to it?",
        right="dx_t = W_xh^T dz_t",
        wrong="dx_t = W_xh^T dh_t"),
        form(ALL, ("dz_t @ W_xh", "dh_t @ W_xh"))),

    # the gradients of weights and bias
    mistake("dW_hh-from-h_t", Words(
        found="dW_hh is made with the state after the step, expected the one before",
        matters="Only dW_hh is wrong. Neighbouring states resemble each other, so the loss falls for a while, and "
        "what the network should learn about time it learns wrongly.",
        look="Which state did W_hh multiply in the forward pass of this step?",
        right="dW_hh = sum_t dz_t h_prev^T",
        wrong="dW_hh = sum_t dz_t h_t^T"),
        form(ALL, ("dz_t.T @ h_prev", "dz_t.T @ h_t"))),

    mistake("dW_hh-wraps", Words(
        found="at the first step dW_hh is made with the last state instead of h0",
        matters="An index of -1 takes the last entry and raises nothing. Only dW_hh is wrong, by the share of one "
        "step, which in a long sequence is small.",
        look="Which index do you use for the state before step 0, and what does Python make of it?",
        right="dW_hh contains dz_0 h0^T",
        wrong="dW_hh contains dz_0 h_T^T"),
        form(LOOPS, (" if t > 0 else h0", ""))),

    mistake("dW_hh-from-zero-start", Words(
        found="at the first step dW_hh is made with zeros instead of h0",
        matters="Only dW_hh is wrong, by the share of the first step. With an h0 of zeros it is right, so it shows "
        "where a state is carried over from an earlier chunk.",
        look="Which state did the first step multiply by W_hh, and where does your way back take it from?",
        right="dW_hh contains dz_0 h0^T",
        wrong="dW_hh contains dz_0 0^T, which is nothing"),
        form(LOOPS, (" if t > 0 else h0", " if t > 0 else np.zeros_like(h0)"))),

    mistake("dW_hh-transposed", Words(
        found="the gradient dW_hh is transposed",
        matters="Its shape is right, for W_hh is square, so it is subtracted without an error: the weight from j to i "
        "moves by what belongs to the one from i to j.",
        look="Row i of W_hh belongs to the receiving unit i. Which factor of your outer product gives the rows?",
        right="dW_hh[i, j] = sum_t dz_t[i] h_prev[j]",
        wrong="dW_hh[i, j] = sum_t h_prev[i] dz_t[j]"),
        form(ALL, ("dz_t.T @ h_prev", "h_prev.T @ dz_t"))),

    mistake("dW_xh-transposed", Words(
        found="the gradient dW_xh is transposed",
        matters="It has the shape (D, H) where the weights have (H, D): the update raises, or runs where D equals H "
        "and trains the wrong entries.",
        look="Compare the shapes of the gradient and of the weights it is for, with D and H different.",
        right="dW_xh[i, d] = sum_t dz_t[i] x_t[d]",
        wrong="dW_xh[d, i] = sum_t dz_t[i] x_t[d]"),
        form(CELL_BACK, ("dz_t.T @ x_t", "x_t.T @ dz_t")),
        form(LOOPS, (END, f"{END}\n    dW_xh = dW_xh.T"))),

    mistake("assigned-not-accumulated", Words(
        found="the gradient of a weight is overwritten at each step, not added up",
        matters="One step's share is left of T, that of the step which the loop visits last. With T = 1 it is right; "
        "later, training is noisy and slow rather than broken.",
        look="The same weights are used at every step. What does your loop do with the shares of earlier turns?",
        right="dW = sum_t dW_t",
        wrong="dW = dW_t   of a single t"),
        form(LOOPS, ("dW_hh +=", "dW_hh ="), variant="W_hh"),
        form(LOOPS, ("dW_xh +=", "dW_xh ="), variant="W_xh"),
        form(LOOPS, ("dW_hh +=", "dW_hh ="), ("dW_xh +=", "dW_xh ="), ("db_h +=", "db_h ="), variant="all")),

    mistake("db-twice", Words(
        found="the gradient of a bias is twice what it should be",
        matters="Everything else is right, and training goes on with a bias that learns twice as fast. Where two "
        "biases were merged into one, each has the whole gradient, and the merged one has it once.",
        look="In how many lines is something added to the bias's gradient in one turn?",
        right="db = sum_t dz_t   (b_h), or sum_t dlogits_t   (b_y)",
        wrong="db = 2 sum_t dz_t,   or 2 sum_t dlogits_t"),
        form(CELL_BACK, ("db_h = dz_t.sum(0)", "db_h = 2 * dz_t.sum(0)")),
        form(LOOPS, ("db_h += dz_t.sum(0)", "db_h += 2 * dz_t.sum(0)"))),

    mistake("db-first-step-only", Words(
        found="the gradient of a bias contains the first step only",
        matters="The bias learns from one step of T. The other gradients are right, so the network still trains, and "
        "sequences of length 1 show nothing.",
        look="Is the bias treated like the weights beside it, or assigned where they are added to?",
        right="db = sum_t db_t",
        wrong="db = db_0   (the first step's share)"),
        form(LOOPS, ("db_h += dz_t.sum(0)", "db_h = dz_t.sum(0)"))),

    mistake("db-without-first-step", Words(
        found="the gradient of a parameter misses the first step",
        matters="One share of T is left out, the other gradients are right, and in a long sequence hardly anything "
        "shows. Where T is 1, this gradient is zero.",
        look="Is the sum made under a condition on t, or over a slice that begins after the first?",
        right="db = dz_0 + dz_1 + ... + dz_{T-1}",
        wrong="db = dz_1 + ... + dz_{T-1}"),
        form(LOOPS, ("db_h += dz_t.sum(0)", "db_h += dz_t.sum(0) * (t > 0)")),
        form(LOOPS, ("dW_xh += dz_t.T @ x_t", "dW_xh += dz_t.T @ x_t * (t > 0)"), variant="W_xh")),

    mistake("grads-pile-up", Words(
        found="gradients of an earlier call are still contained",
        matters="The first call is right, the second returns the sum of both. In training every step then repeats all "
        "steps before it, which resembles a momentum that never fades.",
        look="Where are the arrays made into which gradients are added: inside the function, each time anew?",
        right="every call starts from zeros",
        wrong="every call starts from what the last one left"),
        *(form(LOOPS, (zeros, f"{star}KEPT.setdefault({key}, {kept})"), variant=f"{what} {variant}".strip())
          for zeros, star, kept, what in PILES
          for key, variant in (("X_seq.shape", ""), ("W_xh.shape", "in all calls")))),
]  # fmt: skip
