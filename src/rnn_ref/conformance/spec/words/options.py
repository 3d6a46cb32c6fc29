"""Words for mistakes in what the options of the cross-entropy mean; s is short for label_smoothing."""

from ..mistake import Words

IGNORED = {
    "option-ignored": Words(
        found="an option is accepted and changes nothing",
        matters="Whoever passes weight, ignore_index, reduction or label_smoothing trains on another loss than they "
        "believe, and no error tells them. With the defaults everything is right.",
        look="Search the body for the name of each option. Which is never read, or read only when it is None?",
        right="loss(..., option=value) differs from loss(...)",
        wrong="loss(..., option=value) = loss(...)",
    ),
    "option-ignored:rnn_bptt": Words(
        found="an option is accepted and changes nothing, in the loss or in the gradients",
        matters="Training then minimises another loss than was asked for, or than is reported. Where only the loss is "
        "a mean, the steps taken are as many times too large as there are targets.",
        look="The gradients start from dlogits. Which options has it met by then, and which has the loss met?",
        right='"mean": loss and dlogits are divided by the number of targets kept',
        wrong='"mean": as "sum", in loss, dlogits or both   (or ignore_index unused)',
    ),
    "ignored-targets-counted": Words(
        found="targets equal to ignore_index take part after all",
        matters="Padding then counts: in the divisor, as if it were some class, or through smoothing. The loss of a "
        "sequence depends on how long the longest one in its batch is.",
        look="Change the logits of an ignored row. Should the result move? And by how many rows is the sum divided?",
        right="sums and count run over n with y[n] != ignore_index",
        wrong="sums or count run over all n",
    ),
}

WEIGHTS = {
    "weight-not-in-mean": Words(
        found="the weighted mean is divided by something else than the targets' weights",
        matters="Doubling all weights should change nothing in a mean, and here it doubles the loss or leaves it off "
        "by a factor that depends on which classes the batch happens to contain.",
        look="A weighted mean has weights above and below the line. Which are yours below it?",
        right="loss = sum_n w[y[n]] nll[n] / sum_n w[y[n]]",
        wrong="loss = sum_n w[y[n]] nll[n] / N   (or / (N * sum_v w[v]))",
    ),
    "weight-not-in-smoothing": Words(
        found="the smoothing term has no class weights",
        matters="Rare classes are weighted up in one half of the loss and not in the other. It shows only where "
        "weight and label_smoothing are used together.",
        look="Smoothing gives every class a small share of the target. Does each of these shares meet its weight?",
        right="smooth = -(1/V) sum_v w[v] ln p[v]",
        wrong="smooth = -(1/V) sum_v ln p[v]",
    ),
    "smoothing-by-target-weight": Words(
        found="the smoothing term is weighted by the target's class, expected every class by its own",
        matters="The share that smoothing gives to a class then depends on which class was right. Equal weights hide "
        "it, and so does label_smoothing = 0.",
        look="Inside the mean over the classes, which index should the weight carry?",
        right="smooth = -(1/V) sum_v w[v] ln p[v]   (w inside the sum)",
        wrong="smooth = -(w[y]/V) sum_v ln p[v]",
    ),
}

SMOOTHING = {
    "smoothing-over-others": Words(
        found="smoothing is spread over the V - 1 other classes, expected all V",
        matters="It is a definition that exists, but not PyTorch's: the same label_smoothing means slightly more "
        "smoothing, and losses cannot be compared. The fewer the classes, the larger the difference.",
        look="Does the right class also get its part of the share that is spread?",
        right="q[v] = (1 - s) [v = y] + s / V",
        wrong="q[v] = (1 - s) [v = y] + s / (V - 1) [v != y]",
    ),
    "smoothing-added": Words(
        found="the smoothing term is added without taking its share from the target",
        matters="The shares add up to more than 1, so the loss is larger by a part of itself and the learning rate "
        "effectively grows with label_smoothing.",
        look="What do the shares of all classes add up to?",
        right="loss = (1 - s) nll + s smooth",
        wrong="loss = nll + s smooth",
    ),
}

PROBABILITIES = {
    "probabilities-as-classes": Words(
        found="target probabilities are reduced to the likeliest class",
        matters="What soft targets tell about the other classes is thrown away: a target of 0.51 counts like one of "
        "1. One-hot targets hide it.",
        look="Floating targets of the logits' shape have an entry for every class. How many of them do you use?",
        right="loss = -sum_v q[v] ln p[v]",
        wrong="loss = -ln p[argmax_v q[v]]",
    ),
    "averaged-by-weight": Words(
        found="with target probabilities the mean is divided by weights, expected the number of rows",
        matters="For class indices a mean is a weighted one, for probabilities PyTorch divides by the rows alone. "
        "Without class weights the two are equal as long as probabilities add up to 1.",
        look="Are class indices and probabilities divided by the same number in your code? Look up both cases.",
        right="loss = -sum_n sum_v w[v] q[n, v] ln p[n, v] / N",
        wrong="loss = the same sum / sum_n sum_v w[v] q[n, v]",
    ),
    "averaged-over-classes": Words(
        found="with target probabilities the mean is taken over the classes as well",
        matters="Loss and gradients are V times too small, so the same training goes V times as slowly as with class "
        "indices that say the same.",
        look="A mean over all entries of an array counts every class. How many predictions are there?",
        right="loss = sum_n loss[n] / N   with loss[n] = -sum_v w[v] q[n, v] ln p[n, v]",
        wrong="loss = sum_n loss[n] / (N * V)",
    ),
}
