"""Words for mistakes on the way back within one step: the slope of tanh, and what goes through it."""

from ..mistake import Words

SLOPES = {
    "no-slope": Words(
        found="the slope of tanh is missing on the way back",
        matters="Saturated units get gradients as if they could still move, and over many steps gradients explode "
        "that should fade. With states near zero the slope is close to 1, which hides it.",
        look="By the chain rule every function of the forward pass leaves a factor. Which one has left none?",
        right="dz_t = dh_t * (1 - h_t^2)",
        wrong="dz_t = dh_t",
    ),
    "slope-of-tanh-h": Words(
        found="the slope is taken from tanh of the state, which has been through tanh already",
        matters="All slopes are too large, most of all for saturated units. The signs are right, so training goes "
        "on, only somewhat astray.",
        look="Is the array in your slope a state or the sum before the activation? The formula differs.",
        right="dz_t = dh_t * (1 - h_t^2)   with h_t = tanh(z_t)",
        wrong="dz_t = dh_t * (1 - tanh(h_t)^2)",
    ),
    "slope-plus": Words(
        found="the slope of tanh has a plus where a minus belongs",
        matters="It lies between 1 and 2 instead of between 0 and 1, so gradients grow at every step back instead of "
        "shrinking; near zero states the difference is small.",
        look="Where tanh flattens out, should its slope be small or large? Put in a state near 1.",
        right="d tanh(z) / dz = 1 - tanh(z)^2",
        wrong="d tanh(z) / dz = 1 + tanh(z)^2",
    ),
    "slope-of-preactivation": Words(
        found="the slope is computed from the sum z_t, expected the state h_t",
        matters="For sums beyond 1 in size it even turns negative, and the gradient points the wrong way for the very "
        "units that work hardest. Small sums hide it.",
        look="Which variable holds the output of tanh, and which its input? The slope is written in one of them.",
        right="dz_t = dh_t * (1 - tanh(z_t)^2)",
        wrong="dz_t = dh_t * (1 - z_t^2)",
    ),
    "dh-not-through-tanh": Words(
        found="what goes back to the state before has not been through the slope of tanh",
        matters="The weights' share of this one step is right, and every earlier step gets a gradient that is too "
        "large. One step tested alone shows it only in the gradient of the state.",
        look="Which gradient is multiplied by the recurrent weights: that of the state or that of the sum?",
        right="dh_prev = W_hh^T dz_t",
        wrong="dh_prev = W_hh^T dh_t",
    ),
    "dX-not-through-tanh": Words(
        found="what goes back to the input has not been through the slope of tanh",
        matters="The weights are trained correctly, so the network alone shows nothing; an embedding or a layer below "
        "gets wrong gradients.",
        look="The input enters before the activation. What has to be undone first on the way to it?",
        right="dx_t = W_xh^T dz_t",
        wrong="dx_t = W_xh^T dh_t",
    ),
}

PRODUCTS = {
    "dh-next-untransposed": Words(
        found="the gradient goes back through W_hh in the forward direction",
        matters="W_hh is square, so nothing raises. The last step's gradients are right, and the further back, the "
        "more they belong to other units.",
        look="Forward, unit i gathers from all j. Back, unit j gathers from all i: over which index is your sum?",
        right="dh_prev[j] = sum_i W_hh[i, j] dz_t[i]",
        wrong="dh_prev[j] = sum_i W_hh[j, i] dz_t[i]",
    ),
    "dX-untransposed": Words(
        found="the gradient goes back through W_xh in the forward direction",
        matters="It runs only where D equals H. The network's own weights are trained correctly and hide it; what "
        "lies below the input is not.",
        look="dx_t has D entries and dz_t has H. Try sizes that differ, and see whether your product still fits.",
        right="dx_t[d] = sum_i W_xh[i, d] dz_t[i]",
        wrong="dx_t[d] = sum_i W_xh[d, i] dz_t[i]",
    ),
    "dW_hh-from-h_t": Words(
        found="dW_hh is made with the state after the step, expected the one before",
        matters="Only dW_hh is wrong. Neighbouring states resemble each other, so the loss falls for a while, and "
        "what the network should learn about time it learns wrongly.",
        look="Which state did W_hh multiply in the forward pass of this step?",
        right="dW_hh = sum_t dz_t h_prev^T",
        wrong="dW_hh = sum_t dz_t h_t^T",
    ),
    "dW_hh-wraps": Words(
        found="at the first step dW_hh is made with the last state instead of h0",
        matters="An index of -1 takes the last entry and raises nothing. Only dW_hh is wrong, by the share of one "
        "step, which in a long sequence is small.",
        look="Which index do you use for the state before step 0, and what does Python make of it?",
        right="dW_hh contains dz_0 h0^T",
        wrong="dW_hh contains dz_0 h_T^T",
    ),
    "dW_hh-transposed": Words(
        found="the gradient dW_hh is transposed",
        matters="Its shape is right, for W_hh is square, so it is subtracted without an error: the weight from j to i "
        "moves by what belongs to the one from i to j.",
        look="Row i of W_hh belongs to the receiving unit i. Which factor of your outer product gives the rows?",
        right="dW_hh[i, j] = sum_t dz_t[i] h_prev[j]",
        wrong="dW_hh[i, j] = sum_t h_prev[i] dz_t[j]",
    ),
    "dW_xh-transposed": Words(
        found="the gradient dW_xh is transposed",
        matters="It has the shape (D, H) where the weights have (H, D): the update raises, or runs where D equals H "
        "and trains the wrong entries.",
        look="Compare the shapes of the gradient and of the weights it is for, with D and H different.",
        right="dW_xh[i, d] = sum_t dz_t[i] x_t[d]",
        wrong="dW_xh[d, i] = sum_t dz_t[i] x_t[d]",
    ),
}
