"""Words for mistakes on the way back in what is added up: over steps, over the batch, over calls."""

from ..mistake import Words

ADDED = {
    "assigned-not-accumulated": Words(
        found="the gradient of a weight is overwritten at each step, not added up",
        matters="One step's share is left of T, that of the step which the loop visits last. With T = 1 it is right; "
        "later, training is noisy and slow rather than broken.",
        look="The same weights are used at every step. What does your loop do with the shares of earlier turns?",
        right="dW = sum_t dW_t",
        wrong="dW = dW_t   of a single t",
    ),
    "db-twice": Words(
        found="the gradient of a bias is twice what it should be",
        matters="Everything else is right, and training goes on with a bias that learns twice as fast. Where two "
        "biases were merged into one, each has the whole gradient, and the merged one has it once.",
        look="In how many lines is something added to the bias's gradient in one turn?",
        right="db = sum_t dz_t   (b_h), or sum_t dlogits_t   (b_y)",
        wrong="db = 2 sum_t dz_t,   or 2 sum_t dlogits_t",
    ),
    "db-first-step-only": Words(
        found="the gradient of a bias contains the first step only",
        matters="The bias learns from one step of T. The other gradients are right, so the network still trains, and "
        "sequences of length 1 show nothing.",
        look="Is the bias treated like the weights beside it, or assigned where they are added to?",
        right="db = dz_0 + dz_1 + ... + dz_{T-1}",
        wrong="db = dz_0",
    ),
    "grads-pile-up": Words(
        found="gradients of an earlier call are still contained",
        matters="The first call is right, the second returns the sum of both. In training every step then repeats all "
        "steps before it, which resembles a momentum that never fades.",
        look="Where are the arrays made into which gradients are added: inside the function, each time anew?",
        right="every call starts from zeros",
        wrong="every call starts from what the last one left",
    ),
    "upstream-mutated": Words(
        found="the upstream gradient is written to",
        matters="What is returned is right, but the caller's array has changed. A second use of it, by a gradient "
        "check or a second branch of the network, gets wrong numbers.",
        look="Search for +=, *= and [...] = on a gradient that came in as an argument, or on a view of it.",
        right="dh_states is the same before and after the call",
        wrong="dh_states[t] += dh_next   in the caller's own array",
    ),
}

AVERAGES = {
    "averaged-over-steps": Words(
        found="gradients are divided by the number of steps, expected their sum",
        matters="They are too small by the exact factor T. If the loss is a mean, the upstream gradient has been "
        "divided already, and the second time long sequences teach less than short ones.",
        look="The weights are shared by all steps. Does the chain rule ask for the sum of their shares or the mean?",
        right="dW_hh = sum_t dz_t h_prev^T   (the sum over t)",
        wrong="dW_hh = (1/T) sum_t dz_t h_prev^T",
    ),
    "averaged-over-batch": Words(
        found="gradients are divided by the batch size, expected their sum",
        matters="They are too small by the exact factor B, or by another power of it at every step back. If the loss "
        "is a mean over the batch, the division is contained in what comes from above.",
        look="Who takes the mean over the batch, the loss or the layer? Only one of them may.",
        right="dW_hh = sum_b sum_t dz_t[b] h_prev[b]^T",
        wrong="dW_hh = (1/B) sum_b sum_t dz_t[b] h_prev[b]^T",
    ),
}
