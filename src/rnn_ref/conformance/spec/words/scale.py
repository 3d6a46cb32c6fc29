"""Words for right terms that are wrongly added up: a sign, a factor, a step left out, a loss of one's own."""

from ..mistake import Words

SIGN = {
    "sign": Words(
        found="the sign of the loss is wrong",
        matters="Gradient descent on it makes the right class ever less likely. The loss seems to improve all the "
        "while, towards minus infinity.",
        look="Can a cross-entropy be negative? Count the minus signs from the logarithm to the result.",
        right="loss = -ln p[y]   (at least 0)",
        wrong="loss = ln p[y]   (at most 0)",
    ),
    "sign:cross_entropy_backward": Words(
        found="the sign of the gradient is wrong",
        matters="Each step of descent goes uphill. A check that compares only the lengths of gradients does not see "
        "it.",
        look="Descent should raise the target's logit. Which sign must its gradient have, then?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = onehot(y) - p",
    ),
    "sign:rnn_sequence_loss_backward": Words(
        found="the gradients of the steps are handed on with the wrong sign",
        matters="The function passes on what loss_backward says; turned round, every parameter below is moved away "
        "from the minimum.",
        look="The loss is a plain sum of the steps' losses. What is the derivative of a sum by one of its terms?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = -loss_backward(dloss, logits_t, target_t)",
    ),
    "sign:rnn_bptt": Words(
        found="the sign of the loss, of the gradients, or of both is wrong",
        matters="With wrong gradients training climbs; with a wrong loss alone it works, and what you watch falls "
        "when it ought to rise. A pair that agrees passes any gradient check.",
        look="Is the loss positive? And does a small step against the gradient make it smaller?",
        right="loss = -sum ln p[y],   dlogits = p - onehot(y)",
        wrong="loss = sum ln p[y],   or dlogits = onehot(y) - p",
    ),
}

FACTOR = {
    "mean-over-steps": Words(
        found="the loss is divided by the number of steps or sequences, expected the sum",
        matters="It is off by the exact factor T, B or T*B. If gradients follow, a learning rate tuned elsewhere is "
        "too small by as much, and changes its meaning with the length of the sequence.",
        look="Which word does the task use, sum or mean? And does loss_fn already take a mean over the batch?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = (1/T) sum_t loss_fn(logits_t, target_t)   (or 1/B, 1/(T*B))",
    ),
    "mean-over-steps:cross_entropy": Words(
        found="sum and mean are confused: the wrong one is returned for `reduction`",
        matters="The loss is off by exactly the number of targets, so a curve has the right form on the wrong scale, "
        "and a batch twice as large looks twice as bad.",
        look="What does each value of `reduction` divide by? The default is the mean.",
        right='"mean": sum_n loss[n] / count     "sum": sum_n loss[n]',
        wrong='"mean": sum_n loss[n]     or "sum": sum_n loss[n] / count',
    ),
    "mean-over-steps:cross_entropy_backward": Words(
        found="the gradient belongs to the other reduction, sum for mean or mean for sum",
        matters="Each entry is off by exactly the number of targets: the optimiser takes steps that are far too "
        "large, or far too small, and grow or shrink with the batch.",
        look="The forward pass divides for one value of `reduction` and not for the other. Does the way back too?",
        right='"mean": dlogits = (p - onehot(y)) / count     "sum": p - onehot(y)',
        wrong='"mean": dlogits = p - onehot(y)     or "sum": (p - onehot(y)) / count',
    ),
    "mean-over-steps:rnn_sequence_loss_backward": Words(
        found="the gradient is divided by the number of steps or sequences, expected that of the sum",
        matters="Every entry is too small by the same factor T, B or T*B. The direction is right, so a training run "
        "hides it as a smaller learning rate.",
        look="The forward pass is a sum over t. What divides on your way back, and what would it be the gradient of?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t) / T   (B, T*B)",
    ),
    "mean-over-steps:rnn_output_backward": Words(
        found="the gradients of W_hy and b_y are divided by the number of predictions",
        matters="If the loss is a mean, dlogits_seq already contains the division; done again, the output layer "
        "learns T*B times more slowly than the layer below it.",
        look="Whether the loss was a mean is settled in the gradient that comes in. What is left to do here?",
        right="dW_hy = sum_t dlogits_t h_t^T,   summed over the batch as well",
        wrong="dW_hy = (1/(T*B)) sum_t dlogits_t h_t^T",
    ),
    "mean-over-steps:rnn_bptt": Words(
        found="the loss is divided by the number of steps or sequences, here it is the sum",
        matters="It is off by exactly T, B or T*B. If the gradients are not divided alike, they belong to another "
        "function than the loss; if they are, the learning rate means something else.",
        look="The default of `reduction` is the sum. Where does your loss divide, and do the gradients as well?",
        right="loss = -sum_t ln p_t[y_t],   summed over the batch as well",
        wrong="loss = -(1/T) sum_t ln p_t[y_t]   (or 1/B, 1/(T*B))",
    ),
    "dlogits-averaged": Words(
        found="the gradient of the logits is divided by the number of classes",
        matters="All gradients below are V times too small, which for a large vocabulary looks as if nothing were "
        "learnt. A mean over the entries of an array divides by its last axis too.",
        look="Over how many predictions do you average, and how many numbers does the array have?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) / V",
    ),
    "dloss-ignored": Words(
        found="the upstream gradient dloss is not used",
        matters="With dloss = 1, the usual start, everything is right. As soon as the loss is scaled, weighted or one "
        "of several, the gradients stay as they were.",
        look="Call it with dloss = 2. What should double?",
        right="dlogits = dloss * (d loss / d logits)",
        wrong="dlogits = d loss / d logits",
    ),
}
