"""Mistakes in what the options of the cross-entropy mean, and those of rnn_bptt; s is short for label_smoothing."""

from ...mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, Words, form, mistake, more

BOTH = LOSS + LOSS_BACK
KEPT = "kept = y != ignore_index"
COUNT = "count = w[y][kept].sum()"
SMOOTH, SMOOTHED = "smooth = -(w * log_p).sum(1) / V", "label_smoothing / V"
LOSSES = "(1 - label_smoothing) * nll + label_smoothing * smooth"
WEIGHT = "w = np.ones(V, z.dtype) if weight is None else weight"

REFUSED = "np.where((y != -100) & (y < 0), V, 0)"  # an index that does not exist

ONLY = {'reduction != "mean"': "unless averaged", 'reduction == "none"': "row by row", 'reduction == "sum"': "in a sum"}

ENTRIES = [
    mistake("nothing-kept", Words(
        found="the case in which all targets are ignored is wrong",
        matters="The mean over no rows is nan, as PyTorch has it, and its gradient is 0 everywhere: no row has any "
        "influence. One batch of padding alone otherwise puts nan into all weights, or hides that it was empty.",
        look="What does your division do if no target is left, in the loss and on the way back?",
        right="loss = 0 / 0 = nan,   dlogits = 0   (with nothing kept)",
        wrong="loss = 0,   or dlogits = nan   (with nothing kept)"),
        form(LOSS, ("/ count", "/ (count or 1)"), variant="a loss of 0"),
        form(LOSS_BACK, ("dz[~kept] = 0\n    return", "return"), ('if reduction == "mean":',
             'dz[~kept] = 0\n    if reduction == "mean":'), variant="a gradient of nan")),

    # an option that is accepted and changes nothing
    mistake("option-ignored", Words(
        found="an option is accepted and changes nothing",
        matters="Whoever passes weight, ignore_index, reduction or label_smoothing trains on another loss than they "
        "believe, and no error tells them. With the defaults everything is right.",
        look="Search the body for the name of each option. Which is never read, or read only when it is None?",
        right="loss(..., option=value) differs from loss(...)",
        wrong="loss(..., option=value) = loss(...)"),
        form(BOTH, (WEIGHT, "w = np.ones(V, z.dtype)"), variant="weight"),
        form(BOTH + BPTT, (KEPT, "kept = y != -100"), variant="ignore_index"),
        form(BOTH, (KEPT, "kept = y >= 0"), variant="ignore_index, all that is negative is ignored"),
        form(BOTH + BPTT, (KEPT, f"kept = (y != -100) & (np.zeros(V)[{REFUSED}] == 0)"),
             variant="ignore_index, another that is negative is refused"),
        form(LOSS, ('if reduction == "sum"', "if False"), ('if reduction == "none"', "if False"), variant="reduction"),
        form(LOSS_BACK, ('if reduction == "mean":', "if True:"), variant="reduction"),
        form(LOSS, ("nll = -w[y] * log_p", "nll = -log_p"), (SMOOTH, "smooth = -log_p.sum(1) / V"),
             ("-(w * q * log_p)", "-(q * log_p)"), variant="weight, but in the mean"),
        form(LOSS_BACK, ("q = w * ((1", "q = 1 * ((1"), variant="weight, but in the mean"),
        form(LOSS, (LOSSES, "nll"), variant="label_smoothing"),
        form(LOSS_BACK, (f"((1 - label_smoothing) * q + {SMOOTHED})", "q"), variant="label_smoothing")),

    # ignore_index
    mistake("ignored-targets-counted", Words(
        found="targets that are ignored, by ignore_index or a mask, take part after all",
        matters="Padding then counts: in the divisor, as if it were some class, or through smoothing. The loss of a "
        "sequence depends on how long the longest one in its batch is.",
        look="Change the logits of an ignored row. Should the result move? And by how many rows is the sum divided?",
        right="sums and count run over n with y[n] != ignore_index",
        wrong="sums or count run over all n"),
        form(BOTH, (COUNT, "count = w[y].sum()"), variant="in the mean's denominator"),
        form(BOTH, (COUNT, "count = w[y][kept].sum() + (~kept).sum()"), variant="in the mean's denominator, as 1 each"),
        form(LOSS_BACK, ("dz[~kept] = 0", "dz[~kept] = 0\n    dz[~kept, 0] = -1"), variant="at class 0 alone"),
        *(form(functions, (f"{array}[~kept] = 0", f"{array}[~kept] *= 1"),
               ("np.where(kept, y, 0)", f"np.where(kept, y, {label})"), variant=f"as class {label}")
          for functions, array in ((LOSS, "losses"), (LOSS_BACK, "dz")) for label in ("0", "V - 1")),
        form(LOSS, ("losses[~kept] = 0", "losses[~kept] = label_smoothing * smooth[~kept]"), variant="when smoothing"),
        form(LOSS, ("if label_smoothing:", "if True:"),
             ("losses[~kept] = 0", "losses[~kept] = (label_smoothing * smooth)[~kept]"),
             variant="when smoothing, 0 times -inf too"),
        *(form(functions, (f"{array}[~kept] = 0", f"{array}[~kept] *= {only}"),
               ("np.where(kept, y, 0)", f"np.where(kept, y, {label})"), variant=f"as class {label}, {told}")
          for functions, array in ((LOSS, "losses"), (LOSS_BACK, "dz"))
          for label in ("0", "V - 1") for only, told in ONLY.items()),
        form(LOSS_BACK, ("np.eye(V, dtype=z.dtype)[y]", "np.eye(V, dtype=z.dtype)[y] * "
             "kept[:, None]"), ("dz[~kept] = 0", "dz[~kept] *= 1"), variant="when smoothing"),
        *(form(LOSS_BACK, ("np.eye(V, dtype=z.dtype)[y]", "np.eye(V, dtype=z.dtype)[y] * kept[:, None]"),
               ("dz[~kept] = 0", f"dz[~kept] *= {only}"), variant=f"when smoothing, {told}")
          for only, told in ONLY.items())),

    # the options of rnn_bptt
    mistake("option-ignored:rnn_bptt", Words(
        found="an option is accepted and changes nothing, in the loss or in the gradients",
        matters="Training then minimises another loss than was asked for, or than is reported. Where only the loss is "
        "a mean, the steps taken are as many times too large as there are targets.",
        look="The gradients start from dlogits. Which options has it met by then, and which has the loss met?",
        right='"mean": loss and dlogits are divided by the number of targets kept',
        wrong='"mean": as "sum", in loss, dlogits or both   (or ignore_index unused)'),
        form(BPTT, ('if reduction == "mean"', "if False"), variant="reduction"),
        form(BPTT, ("sum() / count", "sum()"), variant="reduction, in the loss"),
        form(BPTT, ("p = p / count", "p = p / 1"), variant="reduction, in the gradients")),

    more("dlogits-averaged",
        form(LOSS_BACK, (COUNT, "count = V"), variant="in place of the number of rows, of classes")),

    more("loss-averaged-over-classes",
        form(LOSS, (COUNT, "count = V"), variant="in place of the mean over the rows, of classes")),

    more("mean-over-steps", form(BPTT, ('if reduction == "mean"', "if True"), variant="mean for sum")),

    more("ignored-targets-counted",
        form(BPTT, ("count = len(rows)", "count = len(z)"), variant="in the mean's denominator"),
        *(form(BPTT, (KEPT, f"y = np.where(y == ignore_index, {label}, y)\n    {KEPT}"),
               variant=f"as class {label}") for label in ("0", "V - 1")),
        *(form(BPTT, ("p[~kept] = 0", also), variant=f"in the gradients{told}")
          for also, told in (("p[~kept] *= 1", ""), ("p[~kept, 0] -= 1", ", as class 0"),
               ("p[~kept, np.ravel(targets_seq)[~kept]] -= 1", ", as the class it is"),
               ("p[~kept] = 0\n    p[~kept, 0] = -1", ", at class 0 alone"))),
        form(SUM, ("loss_fn(z_t, y_t)", "loss_fn(z_t, np.where(np.less(y_t, 0), 0, y_t))"), variant="as class 0"),
        form(SUM_BACK, ("dloss, z_t, y_t) for", "dloss, z_t, np.where(np.less(y_t, 0), 0, y_t)) for"),
             variant="as class 0")),

    # weight
    mistake("weight-not-in-mean", Words(
        found="the weighted mean is divided by something else than the targets' weights",
        matters="Doubling all weights should change nothing in a mean, and here it doubles the loss or leaves it off "
        "by a factor that depends on which classes the batch happens to contain.",
        look="A weighted mean has weights above and below the line. Which are yours below it?",
        right="loss = sum_n w[y[n]] nll[n] / sum_n w[y[n]]",
        wrong="loss = sum_n w[y[n]] nll[n] / N   (or / (N * sum_v w[v]))"),
        form(BOTH, (COUNT, "count = kept.sum()"), variant="the number of rows"),
        form(BOTH, (COUNT, "count = kept.sum() * w.sum()"), variant="all weights"),
        form(BOTH, (COUNT, "count = kept.sum() if weight is None else w.sum()"), variant="all weights, once"),
        form(BOTH, (COUNT, "count = kept.sum() * w.mean()"), variant="the number of rows, times the mean weight")),

    mistake("weight-not-in-smoothing", Words(
        found="the smoothing term has no class weights",
        matters="Rare classes are weighted up in one half of the loss and not in the other. It shows only where "
        "weight and label_smoothing are used together.",
        look="Smoothing gives every class a small share of the target. Does each of these shares meet its weight?",
        right="smooth = -(1/V) sum_v w[v] ln p[v]",
        wrong="smooth = -(1/V) sum_v ln p[v]"),
        form(LOSS, (SMOOTH, "smooth = -log_p.sum(1) / V")),
        form(LOSS_BACK, (f"w * ((1 - label_smoothing) * q + {SMOOTHED})",
             f"w * (1 - label_smoothing) * q + {SMOOTHED}"))),

    mistake("smoothing-by-target-weight", Words(
        found="the smoothing term is weighted by the target's class, expected every class by its own",
        matters="The share that smoothing gives to a class then depends on which class was right. Equal weights hide "
        "it, and so does label_smoothing = 0.",
        look="Inside the mean over the classes, which index should the weight carry?",
        right="smooth = -(1/V) sum_v w[v] ln p[v]   (w inside the sum)",
        wrong="smooth = -(w[y]/V) sum_v ln p[v]"),
        form(LOSS, (LOSSES, "(1 - label_smoothing) * nll + label_smoothing * (smooth if "
             "np.asarray(targets).dtype.kind == 'f' else -w[y] * log_p.mean(1))")),
        form(LOSS_BACK, ("q = w * ((1", "q = (w if np.asarray(targets).dtype.kind == 'f' else w[y][:, None]) * ((1"))),

    # label_smoothing
    mistake("smoothing-over-others", Words(
        found="smoothing is spread over the V - 1 other classes, expected all V",
        matters="It is a definition that exists, but not PyTorch's: the same label_smoothing means slightly more "
        "smoothing, and losses cannot be compared. The fewer the classes, the larger the difference.",
        look="Does the right class also get its part of the share that is spread?",
        right="q[v] = (1 - s) [v = y] + s / V",
        wrong="q[v] = (1 - s) [v = y] + s / (V - 1) [v != y]"),
        form(LOSS, (LOSSES, "(1 - label_smoothing) * nll + label_smoothing * (smooth * V - nll) / max(V - 1, 1)")),
        form(LOSS_BACK, (f"(1 - label_smoothing) * q + {SMOOTHED}",
             "(1 - label_smoothing) * q + label_smoothing * (1 - q) / max(V - 1, 1)"))),

    mistake("smoothing-added", Words(
        found="the smoothing term is added without taking its share from the target",
        matters="The shares add up to more than 1, so the loss is larger by a part of itself and the learning rate "
        "effectively grows with label_smoothing.",
        look="What do the shares of all classes add up to?",
        right="loss = (1 - s) nll + s smooth",
        wrong="loss = nll + s smooth"),
        form(LOSS, (LOSSES, "nll + label_smoothing * smooth")),
        form(LOSS_BACK, ("((1 - label_smoothing) * q +", "(q +"))),

    # targets that are probabilities
    mistake("probabilities-as-classes", Words(
        found="target probabilities are reduced to the likeliest class",
        matters="What soft targets tell about the other classes is thrown away: a target of 0.51 counts like one of "
        "1. One-hot targets hide it.",
        look="Floating targets of the logits' shape have an entry for every class. How many of them do you use?",
        right="loss = -sum_v q[v] ln p[v]",
        wrong="loss = -ln p[argmax_v q[v]]"),
        form(LOSS, ("q = targets.reshape(-1, V)", "q = np.eye(V, dtype=z.dtype)[targets.reshape(-1, V).argmax(1)]")),
        form(LOSS_BACK, ("q = targets.reshape(-1, V)",
             "q = np.eye(V, dtype=z.dtype)[targets.reshape(-1, V).argmax(1)]"))),

    mistake("averaged-by-weight", Words(
        found="with target probabilities the mean is divided by weights, expected the number of rows",
        matters="For class indices a mean is a weighted one, for probabilities PyTorch divides by the rows alone. "
        "Without class weights the two are equal as long as probabilities add up to 1.",
        look="Are class indices and probabilities divided by the same number in your code? Look up both cases.",
        right="loss = -sum_n sum_v w[v] q[n, v] ln p[n, v] / N",
        wrong="loss = the same sum / sum_n sum_v w[v] q[n, v]"),
        form(BOTH, ("count = len(z)", "count = (w * targets.reshape(-1, V)).sum()"))),

    mistake("averaged-over-classes", Words(
        found="with target probabilities the mean is taken over the classes as well",
        matters="Loss and gradients are V times too small, so the same training goes V times as slowly as with class "
        "indices that say the same.",
        look="A mean over all entries of an array counts every class. How many predictions are there?",
        right="loss = sum_n loss[n] / N   with loss[n] = -sum_v w[v] q[n, v] ln p[n, v]",
        wrong="loss = sum_n loss[n] / (N * V)"),
        form(BOTH, ("count = len(z)", "count = len(z) * V"))),
]  # fmt: skip
