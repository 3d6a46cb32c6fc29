"""Mistakes in what is added up: a sign, a factor, a step left out, a loss of one's own."""

from ...mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, Words, form, mistake, more
from .softmax import DZ, LOG_P, PICK

ENTRIES = [
    # a sign or a factor
    mistake("sign", Words(
        found="the sign of the loss is wrong",
        matters="Gradient descent on it makes the right class ever less likely. The loss seems to improve all the "
        "while, towards minus infinity.",
        look="Can a cross-entropy be negative? Count the minus signs from the logarithm to the result.",
        right="loss = -ln p[y]   (at least 0)",
        wrong="loss = ln p[y]   (at most 0)"),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = -log_p"))),

    mistake("sign:cross_entropy_backward", Words(
        found="the sign of the gradient is wrong",
        matters="Each step of descent goes uphill. A check that compares only the lengths of gradients does not see "
        "it.",
        look="Descent should raise the target's logit. Which sign must its gradient have, then?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = onehot(y) - p"),
        form(LOSS_BACK, (DZ, "dz = q - p * q.sum(1, keepdims=True)"))),

    more("sign", form(SUM, ("sum(losses)", "-sum(losses)"))),

    mistake("sign:rnn_sequence_loss_backward", Words(
        found="the gradients of the steps are handed on with the wrong sign",
        matters="The function passes on what loss_backward says; turned round, every parameter below is moved away "
        "from the minimum.",
        look="The loss is a plain sum of the steps' losses. What is the derivative of a sum by one of its terms?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = -loss_backward(dloss, logits_t, target_t)"),
        form(SUM_BACK, ("np.array(dlogits)", "-np.array(dlogits)"))),

    mistake("sign:rnn_bptt", Words(
        found="the sign of the loss, of the gradients, or of both is wrong",
        matters="With wrong gradients training climbs; with a wrong loss alone it works, and what you watch rises "
        "when it ought to fall. A pair that agrees passes any gradient check.",
        look="Is the loss positive? And does a small step against the gradient make it smaller?",
        right="loss = -sum ln p[y],   dlogits = p - onehot(y)",
        wrong="loss = sum ln p[y],   or dlogits = onehot(y) - p"),
        form(BPTT, (PICK, "log_p[rows, y].sum()"), variant="of the loss"),
        form(BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = -p"), variant="of the gradients"),
        form(BPTT, (PICK, "log_p[rows, y].sum()"), ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = -p"),
             variant="of both")),

    mistake("mean-over-steps:cross_entropy", Words(
        found="sum and mean are confused: the wrong one is returned for `reduction`",
        matters="The loss is off by exactly the number of targets, so a curve has the right form on the wrong scale, "
        "and a batch twice as large looks twice as bad.",
        look="What does each value of `reduction` divide by? The default is the mean.",
        right='"mean": sum_n loss[n] / count     "sum": sum_n loss[n]',
        wrong='"mean": sum_n loss[n]     or "sum": sum_n loss[n] / count'),
        form(LOSS, ("losses.sum() / count", "losses.sum()"), variant="sum for mean"),
        form(LOSS, ("return losses.sum()\n", "return losses.sum() / count\n"), variant="mean for sum")),

    mistake("mean-over-steps:cross_entropy_backward", Words(
        found="the gradient belongs to the other reduction, sum for mean or mean for sum",
        matters="Each entry is off by exactly the number of targets: the optimiser takes steps that are far too "
        "large, or far too small, and grow or shrink with the batch.",
        look="The forward pass divides for one value of `reduction` and not for the other. Does the way back too?",
        right='"mean": dlogits = (p - onehot(y)) / count     "sum": p - onehot(y)',
        wrong='"mean": dlogits = p - onehot(y)     or "sum": (p - onehot(y)) / count'),
        form(LOSS_BACK, ("dz = dz / count", "dz = dz / 1"), variant="sum for mean"),
        form(LOSS_BACK, ('if reduction == "mean"', 'if reduction != "none"'), variant="mean for sum")),

    mistake("mean-over-steps", Words(
        found="the loss is divided by the number of steps or sequences, expected the sum",
        matters="It is off by the exact factor T, B or T*B. If gradients follow, a learning rate tuned elsewhere is "
        "too small by as much, and changes its meaning with the length of the sequence.",
        look="Which word does the task use, sum or mean? And does loss_fn already take a mean over the batch?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = (1/T) sum_t loss_fn(logits_t, target_t)   (or 1/B, 1/(T*B))"),
        *(form(SUM, ("sum(losses)", f"sum(losses) / {by}"), variant=f"by {told}")
          for by, told in (("len(losses)", "T"), ("np.size(targets_seq[0])", "B"), ("np.size(targets_seq)", "T * B")))),

    mistake("mean-over-steps:rnn_sequence_loss_backward", Words(
        found="the gradient is divided by the number of steps or sequences, and the loss is not",
        matters="Every entry is too small by the same factor T, B or T*B. The direction is right, so a training run "
        "hides it as a smaller learning rate.",
        look="The forward pass is a sum over t. What divides on your way back, and what would it be the gradient of?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t) / T   (B, T*B)"),
        *(form(SUM_BACK, ("np.array(dlogits)", f"np.array(dlogits) / {by}"), variant=f"by {told}")
          for by, told in (("len(dlogits)", "T"), ("np.size(targets_seq[0])", "B"),
                           ("np.size(targets_seq)", "T * B")))),

    mistake("mean-over-steps:rnn_bptt", Words(
        found="the loss is divided by the number of steps or sequences, here it is the sum",
        matters="It is off by exactly T, B or T*B. If the gradients are not divided alike, they belong to another "
        "function than the loss; if they are, the learning rate means something else.",
        look="The default of `reduction` is the sum. Where does your loss divide, and do the gradients as well?",
        right="loss = -sum_t ln p_t[y_t],   summed over the batch as well",
        wrong="loss = -(1/T) sum_t ln p_t[y_t]   (or 1/B, 1/(T*B))"),
        *(form(BPTT, (PICK, f"{PICK} / {by}"), variant=f"by {told}, the loss alone")
          for by, told in (("T", "T"), ("B", "B"), ("(T * B)", "T * B"))),
        *(form(BPTT, (PICK, f"{PICK} / {by}"), ("p[rows, y] -= 1", f"p[rows, y] -= 1\n    p = p / {by}"),
               variant=f"by {told}") for by, told in (("T", "T"), ("B", "B"), ("(T * B)", "T * B")))),

    more("averaged-over-steps", form(BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / T"), variant="all")),

    more("averaged-over-batch", form(BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / B"), variant="all")),

    mistake("dlogits-averaged", Words(
        found="the gradient of the logits is divided by the number of classes",
        matters="All gradients below are V times too small, which for a large vocabulary looks as if nothing were "
        "learnt. A mean over the entries of an array divides by its last axis too.",
        look="Over how many predictions do you average, and how many numbers does the array have?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) / V"),
        form(LOSS_BACK, (DZ, f"{DZ}\n    dz = dz / V")),
        form(LOSS_BACK, ("dz = dz / count", "dz = dz / V"), variant="in place of the number of rows"),
        form(LOSS_BACK, ("dz = dz / count", "dz = dz / count / V"), variant="besides the number of rows"),
        form(SUM_BACK, ("np.array(dlogits)", "np.array(dlogits) / logits_seq.shape[-1]")),
        form(BPTT, ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p = p / V"))),

    mistake("dloss-ignored", Words(
        found="the upstream gradient dloss is not used",
        matters="With dloss = 1, the usual start, everything is right. As soon as the loss is scaled, weighted or one "
        "of several, the gradients stay as they were.",
        look="Call it with dloss = 2. What should double?",
        right="dlogits = dloss * (d loss / d logits)",
        wrong="dlogits = d loss / d logits"),
        form(LOSS_BACK, ("dz = np.reshape(dloss, (-1, 1)) * dz", "dz = 1 * dz")),
        form(SUM_BACK, ("[loss_backward(dloss,", "[loss_backward(1.0,"))),

    mistake("perplexity-for-loss", Words(
        found="the perplexity is returned, the exponential of the mean loss",
        matters="It is what papers report and no loss: its gradient is another one, its size grows without measure "
        "where predictions are bad, and it is at least 1.",
        look="What would a perfect prediction give? The loss of one is 0.",
        right="loss = -(1/N) sum_n ln p[n, y[n]]",
        wrong="loss = exp(-(1/N) sum_n ln p[n, y[n]])"),
        form(LOSS, ("losses.sum() / count", "np.exp(losses.sum() / count)")),
        form(BPTT, ("sum() / count", "sum() / count\n    loss = np.exp(loss) if reduction == 'mean' else loss"),
             variant="of a mean"),
        form(BPTT, ("sum() / count", "sum() / len(rows)\n    loss = np.exp(loss)"), variant="always"),
        form(SUM, ("sum(losses)", "np.exp(sum(losses) / len(losses))"), variant="of the mean over the steps"),
        form(SUM, ("sum(losses)", "np.exp(sum(losses))"), variant="of the sum")),

    # the steps that are added up, and the loss that is asked
    mistake("last-step-only", Words(
        found="only the last step's loss counts",
        matters="The network is asked for one answer per sequence. Earlier steps are trained through the recurrence "
        "alone, and what they predict is never judged.",
        look="What happens to each step's loss inside the loop: is it kept, or replaced by the next?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = loss_fn(logits_t, target_t)   with t = T-1"),
        form(SUM, ("sum(losses)", "losses[-1]"))),

    mistake("first-step-only", Words(
        found="only the first step's loss counts",
        matters="After one step there is nothing to remember, so the recurrent weights get no gradient worth the "
        "name. The loss is near ln V in the beginning, as it would be for a mean.",
        look="Is there a `return` inside the loop, one level too deep?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = loss_fn(logits_t, target_t)   with t = 0"),
        form(SUM, ("sum(losses)", "losses[0]"))),

    mistake("last-step-only:rnn_sequence_loss_backward", Words(
        found="only the last step gets a gradient",
        matters="What the earlier steps predict has no influence on training, though it counts in the loss that is "
        "shown.",
        look="Each step has a term in the sum. How many rows of your result differ from zero?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)   for every t",
        wrong="dlogits_seq[t] = 0   for t < T-1"),
        form(SUM_BACK,
             ("np.array(dlogits)", "np.array([d * (t == len(dlogits) - 1) for t, d in enumerate(dlogits)])"))),

    mistake("first-step-only:rnn_sequence_loss_backward", Words(
        found="only the first step gets a gradient",
        matters="Later predictions count in the loss and cannot be improved; the recurrence, which matters from the "
        "second step on, is hardly trained.",
        look="Does the loop reach its second turn, and does that turn write to its own row?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)   for every t",
        wrong="dlogits_seq[t] = 0   for t > 0"),
        form(SUM_BACK, ("np.array(dlogits)", "np.array([d * (t == 0) for t, d in enumerate(dlogits)])"))),

    more("last-step-only", form(BPTT, (PICK, "-log_p[rows, y][rows >= len(z) - B].sum()"), variant="the loss alone")),

    more("first-step-only", form(BPTT, (PICK, "-log_p[rows, y][rows < B].sum()"), variant="the loss alone")),

    more("last-step-only",
        form(BPTT, (PICK, "-log_p[rows, y][rows >= len(z) - B].sum()"),
             ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p[:-B] = 0"))),

    more("first-step-only",
        form(BPTT, (PICK, "-log_p[rows, y][rows < B].sum()"), ("p[rows, y] -= 1", "p[rows, y] -= 1\n    p[B:] = 0"))),

    mistake("ignores-loss-fn", Words(
        found="a cross-entropy of its own is computed instead of calling loss_fn",
        matters="Whoever passes weights, smoothing or another loss altogether gets the same number as without. With "
        "the usual cross-entropy it is right.",
        look="Pass a loss_fn that always returns 1. What should come out, and what does?",
        right="loss = sum_t loss_fn(logits_t, target_t)",
        wrong="loss = -sum_t ln p_t[y_t],   whatever loss_fn is"),
        form(SUM, ("loss_fn(z_t, y_t)", "(np.log(np.exp(z_t).sum(-1)) - np.take_along_axis("
             "z_t, np.asarray(y_t)[..., None], -1)[..., 0]).sum()"))),

    mistake("ignores-loss-fn:rnn_sequence_loss_backward", Words(
        found="the gradient of a cross-entropy is computed instead of calling loss_backward",
        matters="It is right for one loss and wrong for every other, and then loss and gradient belong to two "
        "different functions.",
        look="Pass a loss_backward that returns ones. Do they arrive?",
        right="dlogits_seq[t] = loss_backward(dloss, logits_t, target_t)",
        wrong="dlogits_seq[t] = dloss * (p_t - onehot(y_t)),   whatever loss_backward is"),
        form(SUM_BACK, ("loss_backward(dloss, z_t, y_t)", "dloss * (np.exp(z_t) / np.exp(z_t).sum(-1, "
             "keepdims=True) - np.eye(z_t.shape[-1])[y_t])"))),
]  # fmt: skip
