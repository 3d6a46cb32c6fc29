"""Words for mistakes on the way back through time: which gradients meet at a step, and how far they are carried."""

from ..mistake import Words

PATHS = {
    "no-dh-next": Words(
        found="the gradient that comes from the step after is not added",
        matters="Each step is trained for its own prediction only, as if it had no influence on later ones, so "
        "nothing is learnt about what to remember. The last step is exact.",
        look="A state is used in two places: for this step's output and for the next state. How many gradients meet?",
        right="dh_t = dh_states[t] + dh_next",
        wrong="dh_t = dh_states[t]",
    ),
    "only-dh-next": Words(
        found="the gradient from this step's own output is not added",
        matters="Nothing enters along the way: the recurrent gradients are zero, or know of the last prediction "
        "alone, while the output layer goes on learning.",
        look="Where in the loop is the gradient read that comes down from the output of step t?",
        right="dh_t = dh_states[t] + dh_next   (both at every t)",
        wrong="dh_t = dh_next",
    ),
    "last-gradient-every-step": Words(
        found="every step adds the gradient of the last step's output",
        matters="What the other predictions have to say is lost, and the last one counts T times. With an upstream "
        "gradient that is the same at all steps nothing shows.",
        look="Which index does the upstream gradient have inside your loop?",
        right="dh_t = dh_states[t] + dh_next   (its own t)",
        wrong="dh_t = dh_states[T-1] + dh_next",
    ),
    "forward-order": Words(
        found="the way back runs through the steps from first to last",
        matters="Gradients then flow from the past into the future, which is no derivative of anything. With a single "
        "step it is right.",
        look="At which step is everything known that dh_t needs? The loop has to start there.",
        right="t = T-1, T-2, ..., 0",
        wrong="t = 0, 1, ..., T-1   on the way back",
    ),
    "dh0-missing": Words(
        found="the gradient of the state before is zero",
        matters="It does not matter as long as h0 is a constant. If h0 is learnt or comes from an encoder, that part "
        "is never trained; in a cell used in a loop, nothing goes back in time at all.",
        look="What is left over on the way back when there is no earlier step, and where do you return it?",
        right="dh0 = W_hh^T dz_0,   dh_prev = W_hh^T dz_t",
        wrong="dh0 = 0,   dh_prev = 0",
    ),
    "dh0-is-dz0": Words(
        found="the gradient of the state before has not been carried through W_hh",
        matters="It has the right shape and the wrong entries. All other gradients are right, so only what produced "
        "that state is trained wrongly.",
        look="The state before entered the sum multiplied by a matrix. Where is that matrix in your gradient?",
        right="dh0 = W_hh^T dz_0   (dz_0: the first step's)",
        wrong="dh0 = dz_0",
    ),
    "batch-mean-state": Words(
        found="the gradient of the state is averaged over the batch on the way back",
        matters="Each sequence is blamed for the errors of the others. With one sequence it is right; the axis of the "
        "batch was collapsed where only weights have that right.",
        look="Which gradients may lose the axis of the batch? A state's has one row for each sequence.",
        right="dh_prev[b] = W_hh^T dz_t[b]   for every sequence b",
        wrong="dh_prev[b] = (1/B) sum_c W_hh^T dz_t[c]",
    ),
}

CUTS = {
    "truncated": Words(
        found="the gradient is not carried back through all steps",
        matters="What happened longer ago than the cut has no influence on training, so a dependence over more steps "
        "cannot be learnt. Sequences shorter than that are exact. Truncation is a method, but not this gradient.",
        look="How many rows of dX are right, counted from the end? Search for that number, or for a reset.",
        right="dh_next = W_hh^T dz_t   handed back until t = 0",
        wrong="dh_next = 0   after k steps, or at every k-th",
    ),
    "gradients-clipped": Words(
        found="gradients are clipped inside the backward pass",
        matters="As long as they are small it is exact, and where they are large, in the very case it was meant for, "
        "what comes out is not the gradient. Clipping belongs between the gradient and the optimiser.",
        look="Search for clip, minimum and maximum. May the function that computes a derivative change it?",
        right="dh_next = W_hh^T dz_t,   whatever its size",
        wrong="dh_next = clip(W_hh^T dz_t, -c, c)",
    ),
}
