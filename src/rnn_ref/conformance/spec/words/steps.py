"""Words for mistakes in which steps, and whose loss, the sum over time takes."""

from ..mistake import Words

STEPS = {
    "last-step-only": Words(
        found="only the last step's loss counts",
        matters="The network is asked for one answer per sequence. Earlier steps are trained through the recurrence "
        "alone, and what they predict is never judged.",
        look="What happens to each step's loss inside the loop: is it kept, or replaced by the next?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = loss_fn(logits_t, target_t)   with t = T-1",
    ),
    "last-step-only:rnn_sequence_loss_backward": Words(
        found="only the last step gets a gradient",
        matters="What the earlier steps predict has no influence on training, though it counts in the loss that is "
        "shown.",
        look="Each step has a term in the sum. How many rows of your result differ from zero?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)   for every t",
        wrong="dlogits_seq[t] = 0   for t < T-1",
    ),
    "first-step-only": Words(
        found="only the first step's loss counts",
        matters="After one step there is nothing to remember, so the recurrent weights get no gradient worth the "
        "name. The loss is near ln V in the beginning, as it would be for a mean.",
        look="Is there a `return` inside the loop, one level too deep?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = loss_fn(logits_t, target_t)   with t = 0",
    ),
    "first-step-only:rnn_sequence_loss_backward": Words(
        found="only the first step gets a gradient",
        matters="Later predictions count in the loss and cannot be improved; the recurrence, which matters from the "
        "second step on, is hardly trained.",
        look="Does the loop reach its second turn, and does that turn write to its own row?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)   for every t",
        wrong="dlogits_seq[t] = 0   for t > 0",
    ),
    "ignores-loss-fn": Words(
        found="a cross-entropy of its own is computed instead of calling loss_fn",
        matters="Whoever passes weights, smoothing or another loss altogether gets the same number as without. With "
        "the usual cross-entropy it is right.",
        look="Pass a loss_fn that always returns 1. What should come out, and what does?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = -sum_t ln p_t[y_t],   whatever loss_fn is",
    ),
    "ignores-loss-fn:rnn_sequence_loss_backward": Words(
        found="the gradient of a cross-entropy is computed instead of calling loss_backward",
        matters="It is right for one loss and wrong for every other, and then loss and gradient belong to two "
        "different functions.",
        look="Pass a loss_backward that returns ones. Do they arrive?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = dloss * (p_t - onehot(y_t)),   whatever loss_backward is",
    ),
}
