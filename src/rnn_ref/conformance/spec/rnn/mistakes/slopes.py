"""Mistakes on the way back through tanh: the slope of another function or place, one too many, one too few."""

from ...mistake import BACK, BPTT, CELL_BACK, Words, form, mistake, more

ALL, LOOPS = CELL_BACK + BACK + BPTT, BACK + BPTT
SLOPE, SLOPED = "1 - h_t**2", "dz_t = dh_t * slope"
W_XH, W_HH, B_H = "dz_t.T @ x_t", "dz_t.T @ h_prev", "dz_t.sum(0)"

ENTRIES = [
    mistake("slope-of-sigmoid", Words(
        found="the slope is that of the logistic sigmoid, expected that of tanh",
        matters="h (1 - h) is negative for every negative state, so half of the units are pushed the wrong way, and "
        "it is zero where tanh is steepest.",
        look="Which function does the forward pass apply, and for which one is this slope written down in books?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * h_t * (1 - h_t)"),
        form(ALL, (SLOPE, "h_t * (1 - h_t)"))),

    mistake("slope-of-relu", Words(
        found="the slope is that of a ReLU, expected that of tanh",
        matters="Units with a negative state learn nothing at all, and all others as if they were never saturated.",
        look="A ReLU lets through all or nothing. Does your forward pass hold one?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t where h_t > 0, else 0"),
        form(ALL, (SLOPE, "h_t > 0"))),

    mistake("slope-twice", Words(
        found="the slope of tanh is multiplied in twice",
        matters="It is at most 1, so every gradient is too small, most where units are saturated, and over many "
        "steps it vanishes twice as fast.",
        look="Through how many activations does the sum go forward, and in how many lines do you undo one?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (1 - h_t^2)^2"),
        form(ALL, (SLOPE, f"({SLOPE}) ** 2"))),

    mistake("slope-squared-outside", Words(
        found="the difference is squared in the slope of tanh, not the state",
        matters="For states below zero the factor lies between 1 and 4, where it should be below 1: gradients of "
        "such units explode over time.",
        look="What exactly does the exponent belong to? Try a state of -0.5.",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (1 - h_t)^2"),
        form(ALL, (SLOPE, "(1 - h_t) ** 2"))),

    mistake("slope-negative", Words(
        found="the slope of tanh has the wrong sign",
        matters="tanh rises everywhere, so its slope is positive. With a minus the last step is trained uphill, the "
        "one before downhill, and so on by turns.",
        look="Which of the two terms is larger, 1 or the square of a state?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (h_t^2 - 1)"),
        form(ALL, (SLOPE, "h_t**2 - 1"))),

    mistake("slope-is-square", Words(
        found="the square of the state is used for the slope, expected 1 minus it",
        matters="Where tanh is steepest the gradient is cut off, and where it is flat the gradient goes through: "
        "just the wrong way round.",
        look="What is the slope of tanh at zero, and what is yours there?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * h_t^2"),
        form(ALL, (SLOPE, "h_t**2"))),

    mistake("slope-subtracted", Words(
        found="the square of the state is subtracted from the gradient, a bracket is missing",
        matters="The product comes first, so the gradient keeps its full size and loses a number that does not depend "
        "on it: where nothing comes from above, something goes down all the same.",
        look="Put brackets around what your multiplication applies to, as Python reads it.",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * 1 - h_t^2"),
        form(ALL, (SLOPED, 'dz_t = dh_t - h_t**2 if activation == "tanh" else dh_t * slope'))),

    mistake("slope-of-gradient", Words(
        found="the slope is computed from the gradient, expected the state",
        matters="Both have the same shape and similar names. The slope then has nothing to do with where the unit "
        "stands on the curve, and small gradients are not damped at all.",
        look="Which array do you square: what went forward, or what comes back?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t * (1 - dh_t^2)"),
        form(ALL, (SLOPE, "1 - dh_t**2"))),

    mistake("slope-of-one-state", Words(
        found="at every step the slope is taken from the same state",
        matters="One step's gradients are right, the others are damped as if their units stood where they do at that "
        "step. A variable that is left over from the forward loop has this effect.",
        look="Which index does the state have in your slope, and does it change from turn to turn?",
        right="dz_t = dh_t * (1 - h_states[t]^2)",
        wrong="dz_t = dh_t * (1 - h_states[T-1]^2)   at every t   (or h_states[0])"),
        form(LOOPS, (SLOPE, "1 - h_states[-1] ** 2"), variant="the last"),
        form(LOOPS, (SLOPE, "1 - h_states[0] ** 2"), variant="the first")),

    # what has been through tanh, and what has not
    mistake("dh-next-after-slope", Words(
        found="what comes from the step after is added behind the slope of tanh",
        matters="A step's own share is right. The share from later steps has skipped this step's activation, so it "
        "fades too slowly and may explode over a long sequence.",
        look="Both gradients reach the state before tanh is undone. In which order do you add and multiply?",
        right="dz_t = (dh_states[t] + dh_next) * (1 - h_t^2)",
        wrong="dz_t = dh_states[t] * (1 - h_t^2) + dh_next"),
        form(LOOPS, (SLOPED, "dz_t = dh_states[t] * slope + dh_next"))),

    mistake("slope-on-dh-next-only", Words(
        found="only what comes from the step after is multiplied by the slope of tanh",
        matters="A step's own share counts as if its unit were never saturated. Brackets that are missing around the "
        "sum of the two gradients do this.",
        look="The multiplication binds more tightly than the addition. What does yours apply to?",
        right="dz_t = (dh_states[t] + dh_next) * (1 - h_t^2)",
        wrong="dz_t = dh_states[t] + dh_next * (1 - h_t^2)"),
        form(LOOPS, (SLOPED, "dz_t = dh_states[t] + dh_next * slope"))),

    mistake("db-not-through-tanh", Words(
        found="the gradient of the bias b_h has not been through the slope of tanh",
        matters="The weights are right and the bias beside them is not: it learns too fast wherever units are "
        "saturated. Small states hide it.",
        look="The bias stands inside the brackets of tanh, as the weights do. Which gradient do these use?",
        right="db_h = sum_t dz_t",
        wrong="db_h = sum_t dh_t"),
        form(CELL_BACK, (f"db_h = {B_H}", "db_h = dh_t.sum(0)")),
        form(LOOPS, (f"db_h += {B_H}", "db_h += dh_t.sum(0)")),
        form(LOOPS, (f"db_h += {B_H}", "db_h += dh_states[t].sum(0)"), variant="its own output's alone")),

    mistake("dW-not-through-tanh", Words(
        found="the gradient of a weight has not been through the slope of tanh",
        matters="Inputs and h0 get the right gradient, and the recurrence does. The weight itself is trained as if "
        "its units were never saturated.",
        look="In the outer product for the weight, which gradient stands on the left: of the state or of the sum?",
        right="dW_hh = sum_t dz_t h_prev^T,   dW_xh = sum_t dz_t x_t^T",
        wrong="dW_hh = sum_t dh_t h_prev^T,   or dW_xh = sum_t dh_t x_t^T"),
        form(ALL, (W_HH, "dh_t.T @ h_prev"), variant="W_hh"),
        form(ALL, (W_XH, "dh_t.T @ x_t"), variant="W_xh"),
        form(ALL, (W_HH, "dh_t.T @ h_prev"), (W_XH, "dh_t.T @ x_t"), variant="both"),
        form(CELL_BACK, (W_HH, "dh_t.T @ h_prev"), (W_XH, "dh_t.T @ x_t"), (f"db_h = {B_H}", "db_h = dh_t.sum(0)"),
             variant="all and the bias"),
        form(LOOPS, (W_HH, "dh_t.T @ h_prev"), (W_XH, "dh_t.T @ x_t"), (f"db_h += {B_H}", "db_h += dh_t.sum(0)"),
             variant="all and the bias")),

    mistake("dX-is-dz", Words(
        found="the gradient of the input has not been carried through W_xh",
        matters="It runs only where D equals H. The network's own weights are trained correctly; an embedding or a "
        "layer below gets the gradients of other numbers.",
        look="Forward, the input is multiplied by a matrix first. Where is that matrix on the way back to it?",
        right="dx_t = W_xh^T dz_t",
        wrong="dx_t = dz_t"),
        form(CELL_BACK, ("dx_t = dz_t @ W_xh", "dx_t = dz_t")),
        form(LOOPS, ("dX[t] = dz_t @ W_xh", "dX[t] = dz_t"))),

    more("slope-twice",
        *(form(functions, (line, line.replace("dz_t", f"(dz_t * ({SLOPE}))")), variant=told)
          for functions, line, told in (
              (CELL_BACK, "dh_prev = dz_t @ W_hh", "on the way to the state before"),
              (LOOPS, "dh_next = dz_t @ W_hh", "on the way to the state before"),
              (CELL_BACK, "dx_t = dz_t @ W_xh", "on the way to the input"),
              (LOOPS, "dX[t] = dz_t @ W_xh", "on the way to the input"),
              (ALL, W_XH, "in dW_xh"), (ALL, W_HH, "in dW_hh"), (ALL, B_H, "in db_h"))),
        form(ALL, *((line, line.replace("dz_t", f"(dz_t * ({SLOPE}))")) for line in (W_XH, W_HH, B_H)),
             variant="in the weights' gradients")),

    more("dh0-is-dz0",
        form(CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = dh_t"), variant="nor through tanh"),
        form(LOOPS, ("dh0 = dh_next", "dh0 = dh_t"), variant="nor through tanh")),

    more("no-dh-next",
        form(LOOPS, ("dh_states[t] + dh_next", "dh_states[t]"), ("dh0 = dh_next", "dh0 = 0 * h0"),
             variant="and h0 gets none")),
]  # fmt: skip
