"""Words for mistakes in the softmax, its logarithm, and the entry that is taken."""

from ..mistake import Words

SOFTMAX = {
    "base-2-log": Words(
        found="the logarithm has base 2, so the loss is in bits",
        matters="It is 1.4427 times (1 / ln 2) what it should be: it cannot be compared with PyTorch's, and a "
        "learning rate that was found there is too large here if the gradients follow.",
        look="Which logarithm do you call? A uniform guess among V classes costs ln V.",
        right="loss = -ln p[y]",
        wrong="loss = -log2 p[y] = -ln p[y] / ln 2",
    ),
    "base-2-log:cross_entropy_backward": Words(
        found="the gradient is that of a loss in bits",
        matters="Every entry is 1.4427 times (1 / ln 2) too large. The direction is right, so training works with "
        "another learning rate than the one that was written down.",
        look="Which constant does the derivative of your logarithm bring with it?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) / ln 2",
    ),
    "double-softmax": Words(
        found="the softmax is applied twice",
        matters="The second one sees numbers between 0 and 1, so even a perfect prediction costs "
        "ln(1 + (V-1)/e): 1.46 for ten classes. Training slows down and stops at a plateau.",
        look="Is what comes in as logits already a probability, or does a helper turn it into one?",
        right="loss = -ln softmax(logits)[y]",
        wrong="loss = -ln softmax(softmax(logits))[y]",
    ),
    "double-softmax:cross_entropy_backward": Words(
        found="the gradient is taken with the softmax of a softmax",
        matters="The probabilities are then nearly uniform, so the gradient pulls at every class even when the "
        "prediction is perfect, and logits grow without need.",
        look="Count the softmaxes between the logits that come in and the probabilities that you subtract from.",
        right="dlogits = softmax(logits) - onehot(y)",
        wrong="dlogits = softmax(softmax(logits)) - onehot(y)",
    ),
    "softmax-wrong-axis": Words(
        found="the softmax is normalised over another axis than the classes",
        matters="Predictions of different steps or sequences then compete with each other, and the probabilities of "
        "one prediction do not add up to 1. No shape changes, so nothing raises.",
        look="Over which axis do you take the maximum and the sum? The classes are the last one.",
        right="p[n, v] = exp(z[n, v]) / sum_v exp(z[n, v])",
        wrong="p[n, v] = exp(z[n, v]) / sum_n exp(z[n, v])",
    ),
    "unstable-softmax": Words(
        found="the exponential is taken of logits as they are, however large",
        matters="exp overflows above 88 in float32 and above 709 in float64, and inf / inf is nan. One confident "
        "prediction late in training then turns the loss and all weights into nan.",
        look="Which constant may be subtracted from all logits of a row without changing their softmax?",
        right="ln p[v] = (z[v] - m) - ln sum_u exp(z[u] - m)   with m = max_u z[u]",
        wrong="ln p[v] = z[v] - ln sum_u exp(z[u])",
    ),
    "log-epsilon": Words(
        found="a small constant is added inside the logarithm",
        matters="With 1e-8 no loss gets above 18.4, so the worst errors, which should teach most, are told apart no "
        "longer; every other loss is slightly too small.",
        look="What was the constant to protect from? The logarithm of a softmax can be written without one.",
        right="loss = -ln p[y]",
        wrong="loss = -ln(p[y] + 1e-8)",
    ),
    "unnormalised": Words(
        found="the normalising sum of the softmax is missing",
        matters="The loss then has no lower limit: raising all logits alike lowers it for ever, without the "
        "prediction getting any better.",
        look="Do the exponentials of what you take the target's entry of add up to 1?",
        right="loss = -z[y] + ln sum_v exp(z[v])",
        wrong="loss = -z[y]",
    ),
    "probability-not-log": Words(
        found="the probability is used where its logarithm belongs",
        matters="The loss of a prediction never exceeds 1. A certain mistake costs hardly more than an "
        "uncertain one, and with its gradient learning is slowest where the error is worst.",
        look="What should a prediction cost that gives the right class almost no chance? Compare with yours.",
        right="loss = -ln p[y]",
        wrong="loss = 1 - p[y]   (or p[y])",
    ),
}

TARGETS = {
    "targets-shifted": Words(
        found="the targets are shifted by one place",
        matters="Each prediction is scored against its neighbour's target. While the logits are still nearly uniform "
        "the loss is off by a per cent or less; afterwards the network learns to predict something else.",
        look="Take one sequence by hand: which input and which target meet at step 0? The targets come in aligned.",
        right="loss = sum_t loss_fn(logits[t], targets[t])",
        wrong="loss = sum_t loss_fn(logits[t], targets[t-1])   (or t+1)",
    ),
    "target-columns": Words(
        found="all targets are looked up in every row",
        matters="Two lists of indices pick pairs, a colon and a list pick whole columns. As a mean the loss looks "
        "plausible, for it is that of targets dealt out at random.",
        look="What shape does the array have that you take from the log-probabilities? One entry a row is asked for.",
        right="loss = -sum_n ln p[n, y[n]]",
        wrong="loss = -sum_n sum_m ln p[n, y[m]]   (or its mean over m)",
    ),
    "target-columns:cross_entropy_backward": Words(
        found="in every row the share of every row's target is subtracted",
        matters="A class that is a target anywhere in the batch is then pushed up everywhere. With a single row it is "
        "right, so a small test passes.",
        look="How many entries of your one-hot rows are not zero?",
        right="dlogits[n, v] = p[n, v] - [v = y[n]]",
        wrong="dlogits[n, v] = p[n, v] - [v = y[m] for any m]",
    ),
    "onehot-missing": Words(
        found="nothing is subtracted at the target",
        matters="The gradient is the softmax alone, which is positive everywhere: all logits are pushed down, and the "
        "targets have no influence at all.",
        look="Where do the targets enter your gradient?",
        right="dlogits[v] = p[v] - [v = y]",
        wrong="dlogits[v] = p[v]",
    ),
}
