"""Mistakes in the softmax, its logarithm, and the entry that is taken; rnn_bptt has a loss of its own."""

from ...mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, Number, Words, form, mistake, more

LOG_P = "log_p = z - np.log(np.exp(z).sum(1, keepdims=True))"
P = "p = np.exp(z) / np.exp(z).sum(1, keepdims=True)"
SHIFT = "z = z - z.max(1, keepdims=True)"
FORWARDS, BACKWARDS, ALL = LOSS + BPTT, LOSS_BACK + BPTT, LOSS + LOSS_BACK + BPTT
NLL, PICK = "nll = -w[y] * log_p[rows, y]", "-log_p[rows, y].sum()"
DZ = "dz = p * q.sum(1, keepdims=True) - q"
AS_PROBABILITY = "np.exp(z) / np.exp(z).sum(1, keepdims=True)"
OF_ONE_HOT = (
    (LOG_P, f"log_p = np.log({AS_PROBABILITY})"),
    (PICK, "-(np.eye(V, dtype=z.dtype)[y] * log_p[rows]).sum()"),
)
THROUGH = "s * ({0} - ({0} * s).sum(1, keepdims=True))"  # from a softmax s back to its logits
EPSILON = Number(1e-8, "", 1e-45, 0.1, common=(1e-300, 1e-100))
EPSILONS = (  # what is done to a probability, in front of its logarithm
    ("added", "{} + NUMBER", EPSILON._replace(told="({} is added)")),
    ("a limit", "np.maximum({}, NUMBER)", EPSILON._replace(told="(a limit of {})")),
    ("two limits", "np.clip({}, NUMBER, 1 - NUMBER)", EPSILON._replace(told="(limits of {} and of 1 minus it)")),
)
IN_THE_SUM = EPSILON._replace(told="({})")
COLUMNS = "logits.reshape(z.shape) - logits.reshape(z.shape).max(0, keepdims=True)"
LOG_P_OF_COLUMNS = f"log_p = {COLUMNS}\n    log_p = log_p - np.log(np.exp(log_p).sum(0, keepdims=True))"
P_OF_COLUMNS = f"p = np.exp({COLUMNS})\n    p = p / p.sum(0, keepdims=True)"

OF_A_STEP = (  # the softmax over other axes of what a step has, its logarithm and itself
    "log_p = logits - logits.max({0}, keepdims=True)\n"
    "    log_p = (log_p - np.log(np.exp(log_p).sum({0}, keepdims=True))).reshape(z.shape)",
    "p = np.exp(logits - logits.max({0}, keepdims=True))\n    p = (p / p.sum({0}, keepdims=True)).reshape(z.shape)",
)
ONES = {"behind the maximum": "1", "as a logit of 0": "np.exp(-logits.reshape(z.shape).max(1, keepdims=True))"}
TOP = "logits.reshape(z.shape).max(1, keepdims=True)"
ONE_HOT = "nll = -(w * np.eye(V, dtype=z.dtype)[y] * log_p).sum(1)"
ALWAYS, IGNORED = ("if label_smoothing:", "if True:"), ("losses[~kept] = 0", "losses = losses * kept")
LABELS = "np.where(kept, np.ravel(targets_seq), 0)"
ROWS = {"of all predictions": "y", "modulo their number": "y % len(z)"}

ENTRIES = [
    # the softmax and its logarithm
    mistake("base-2-log", Words(
        found="the logarithm has base 2, so the loss is in bits",
        matters="It is 1.4427 times (1 / ln 2) what it should be: it cannot be compared with PyTorch's, and a "
        "learning rate that was found there is too large here if the gradients follow.",
        look="Which logarithm do you call? A uniform guess among V classes costs ln V.",
        right="loss = -ln p[y]",
        wrong="loss = -log2 p[y] = -ln p[y] / ln 2"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p / np.log(2)")),
        form(BPTT, (LOG_P, f"{LOG_P}\n    log_p = log_p / np.log(2)"), ("p[rows, y] -= 1",
             "p[rows, y] -= 1\n    p = p / np.log(2)"), variant="both ways")),

    mistake("base-2-log:cross_entropy_backward", Words(
        found="the gradient is that of a loss in bits",
        matters="Every entry is 1.4427 times (1 / ln 2) too large. The direction is right, so training works with "
        "another learning rate than the one that was written down.",
        look="Which constant does the derivative of your logarithm bring with it?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) / ln 2"),
        form(LOSS_BACK, (DZ, f"{DZ}\n    dz = dz / np.log(2)"))),

    mistake("double-softmax", Words(
        found="the softmax is applied twice",
        matters="The second one sees numbers between 0 and 1, so even a perfect prediction costs "
        "ln(1 + (V-1)/e): 1.46 for ten classes. Training slows down and stops at a plateau.",
        look="Is what comes in as logits already a probability, or does a helper turn it into one?",
        right="loss = -ln softmax(logits)[y]",
        wrong="loss = -ln softmax(softmax(logits))[y]"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = np.exp(log_p)\n    log_p = log_p - "
             "np.log(np.exp(log_p).sum(1, keepdims=True))")),
        form(BACKWARDS, (P, f"{P}\n    p = np.exp(p) / np.exp(p).sum(1, keepdims=True)"), variant="in the gradient"),
        form(BPTT, (SHIFT, f"{SHIFT}\n    z = {AS_PROBABILITY}"), variant="in both"),
        form(BPTT, (SHIFT, f"{SHIFT}\n    s = z = {AS_PROBABILITY}"),
             ("dlogits_seq = p.reshape", f"p = {THROUGH.format('p')}\n    dlogits_seq = p.reshape"),
             variant="in both, with the true gradient"),
        form(LOSS_BACK, (P, f"s = {AS_PROBABILITY}\n    p = np.exp(s) / np.exp(s).sum(1, keepdims=True)"),
             (DZ, f"{DZ}\n    dz = {THROUGH.format('dz')}"), variant="with the true gradient")),

    mistake("double-softmax:cross_entropy_backward", Words(
        found="the gradient is taken with the softmax of a softmax",
        matters="The probabilities are then nearly uniform, so the gradient pulls at every class even when the "
        "prediction is perfect, and logits grow without need.",
        look="Count the softmaxes between the logits that come in and the probabilities that you subtract from.",
        right="dlogits = softmax(logits) - onehot(y)",
        wrong="dlogits = softmax(softmax(logits)) - onehot(y)")),

    mistake("softmax-wrong-axis", Words(
        found="the softmax is normalised over another axis than the classes",
        matters="Predictions of different steps or sequences then compete with each other, and the probabilities of "
        "one prediction do not add up to 1. No shape changes, so nothing raises.",
        look="Over which axis do you take the maximum and the sum? The classes are the last one.",
        right="p[n, v] = exp(z[n, v]) / sum_v exp(z[n, v])",
        wrong="p[n, v] = exp(z[n, v]) / sum_n exp(z[n, v])"),
        form(LOSS, (SHIFT, "z = z - z.max(0, keepdims=True)"),
             (LOG_P, LOG_P.replace("(1", "(0")), variant="over all rows"),
        form(LOSS, (LOG_P, "log_p = logits - logits.max(0, keepdims=True)\n"
             "    log_p = (log_p - np.log(np.exp(log_p).sum(0, keepdims=True))).reshape(z.shape)"),
             variant="over time"),
        form(LOSS, (LOG_P, "axis = min(1, logits.ndim - 1)\n    log_p = logits - logits.max(axis, "
             "keepdims=True)\n    log_p = (log_p - np.log(np.exp(log_p).sum(axis, keepdims=True))).reshape(z.shape)"),
             variant="over the batch"),
        form(BACKWARDS, (P, P.replace("(1", "(0")), variant="over all rows"),
        form(LOSS_BACK, (P, P_OF_COLUMNS), variant="over all rows, maximum too"),
        *(form(BPTT, *edits, variant=told) for told, edits in (
               ("in the loss", ((LOG_P, LOG_P_OF_COLUMNS),)), ("in the gradient", ((P, P_OF_COLUMNS),)),
               ("both ways", ((LOG_P, LOG_P_OF_COLUMNS), (P, P_OF_COLUMNS))))),
        form(BPTT, (LOG_P, LOG_P.replace("(1", "(0")), (P, P.replace("(1", "(0")), variant="over all rows, both ways"),
        *(form(BPTT, *edits, variant=f"over {told} of a step{where}")
          for told, axes in (("the batch", "1"), ("all entries", "(1, 2)"))
          for log_p, p in [[line.format(axes) for line in OF_A_STEP]]
          for where, edits in ((", in the loss", ((LOG_P, log_p),)), (", in the gradient", ((P, p),)),
                               ("", ((LOG_P, log_p), (P, p)))))),

    mistake("unstable-softmax", Words(
        found="the exponential is taken of logits as they are, however large",
        matters="exp overflows above 88 in float32 and above 709 in float64, and inf / inf is nan. One confident "
        "prediction late in training then turns the loss and all weights into nan.",
        look="Which constant may be subtracted from all logits of a row without changing their softmax?",
        right="ln p[v] = (z[v] - m) - ln sum_u exp(z[u] - m)   with m = max_u z[u]",
        wrong="ln p[v] = z[v] - ln sum_u exp(z[u])"),
        form(ALL, (SHIFT, "z = z + 0")),
        form(FORWARDS, (SHIFT, "z = z + 0"), (LOG_P, f"log_p = np.log({AS_PROBABILITY})"),
             variant="and the logarithm of that"),
        form(BPTT, (SHIFT, "z = z + 0"), *OF_ONE_HOT, variant="and the logarithm of that, times one-hot rows"),
        *(form(BPTT, (SHIFT, "z = z.astype(float)"), *edits, variant=f"in float64{told}")
          for told, edits in (("", ()), (", and the logarithm of that", OF_ONE_HOT[:1]),
                              (", and the logarithm of that, times one-hot rows", OF_ONE_HOT)))),

    mistake("log-epsilon", Words(
        found="a small constant stands inside the logarithm",
        matters="With 1e-8 no loss gets above 18.4, so the worst errors, which should teach most, are told apart no "
        "longer; every other loss is slightly too small.",
        look="What was the constant to protect from? The logarithm of a softmax can be written without one.",
        right="loss = -ln p[y]",
        wrong="loss = -ln(p[y] + c)   (or max(p[y], c))"),
        *(form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = np.log({inside.format('np.exp(log_p)')})"), variant=told,
               number=number)
          for told, inside, number in EPSILONS),
        *(form(BPTT, (PICK, f"-np.log({inside.format('np.exp(log_p[rows, y])')}).sum()"), variant=told, number=number)
          for told, inside, number in EPSILONS)),

    mistake("log-epsilon:cross_entropy_backward", Words(
        found="the gradient is that of a logarithm with a small constant inside",
        matters="Where the target's probability is below the constant nothing is learnt any more: the worst "
        "predictions, which should teach most, are left as they are.",
        look="What does your gradient say of a prediction that gives the target a chance of 1e-20?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) * p[y] / (p[y] + c)   (or 0 where p[y] < c)"),
        *(form(LOSS_BACK, (DZ, f"q = q * {share}\n    {DZ}"), variant=told, number=number)
          for share, (told, _, number) in zip(("p / (p + NUMBER)", "(p > NUMBER)",
                                               "((p > NUMBER) & (p < 1 - NUMBER))"), EPSILONS, strict=True)),
        *(form(LOSS_BACK, (DZ, f"p = {inside.format('p')}\n    {DZ}"), variant=f"{told}, in every probability",
               number=number) for told, inside, number in EPSILONS)),

    mistake("softmax-epsilon", Words(
        found="a small constant is added to the sum of the softmax",
        matters="With the maximum subtracted, that sum is at least 1 and needs no protection. The probabilities no "
        "longer add up to 1, which gradient checks notice first.",
        look="Which sum stands under the line of your softmax, and can it ever be zero?",
        right="p[v] = exp(z[v]) / sum_u exp(z[u])",
        wrong="p[v] = exp(z[v]) / (sum_u exp(z[u]) + c)"),
        form(FORWARDS, (LOG_P, LOG_P.replace("True))", "True) + NUMBER)")), variant="in the loss", number=IN_THE_SUM),
        form(BACKWARDS, (P, f"{P.replace('/ ', '/ (')} + NUMBER)"), variant="in the gradient", number=IN_THE_SUM),
        form(BPTT, (LOG_P, LOG_P.replace("True))", "True) + NUMBER)")), (P, f"{P.replace('/ ', '/ (')} + NUMBER)"),
             variant="in both", number=IN_THE_SUM)),

    mistake("log-of-softmax", Words(
        found="the logarithm is taken of a probability, which may have become 0",
        matters="A target that is some hundred logits behind the largest has a probability of 0 in floating point, "
        "and its loss is inf. Moderate logits hide it: nearly every lesson writes it so.",
        look="What does your loss say of logits that are 1000 times as large? Which step loses the number?",
        right="ln p[y] = z[y] - m - ln sum_u exp(z[u] - m)   with m = max_u z[u]",
        wrong="ln p[y] = ln (exp(z[y] - m) / sum_u exp(z[u] - m))"),
        form(FORWARDS, (LOG_P, f"log_p = np.log({AS_PROBABILITY})")),
        form(LOSS, (LOG_P, f"log_p = np.log({AS_PROBABILITY})"),
             (NLL, "nll = -w[y] * (np.eye(V, dtype=z.dtype)[y] * log_p).sum(1)"), variant="times one-hot rows"),
        form(BPTT, *OF_ONE_HOT, variant="times one-hot rows")),

    mistake("one-in-softmax", Words(
        found="1 is added to the sum of the softmax, as if there were one class more",
        matters="The probabilities of a row add up to less than 1, so a sure prediction still costs something, and "
        "its gradient still pulls. Some attention layers do it on purpose; a loss of classes may not.",
        look="Which terms stand in the sum under the line of your softmax? Is log1p called where log belongs?",
        right="p[v] = exp(z[v]) / sum_u exp(z[u])",
        wrong="p[v] = exp(z[v]) / (1 + sum_u exp(z[u]))"),
        *(one for told, added in ONES.items()
          for log_p in [(LOG_P, LOG_P.replace("True))", f"True) + {added})"))]
          for p in [(P, f"{P.replace('/ ', '/ (')} + {added})")]
          for one in (form(FORWARDS, log_p, variant=f"{told}, in the loss"),
                      form(BACKWARDS, p, variant=f"{told}, in the gradient"),
                      form(BPTT, log_p, p, variant=f"{told}, in both")))),

    mistake("maximum-not-added-back", Words(
        found="the maximum that is subtracted is missing in one of the two terms of the loss",
        matters="The logits of a row are shifted for the exponentials alone. The loss is then off by the largest logit "
        "of each row, may be negative, and has the right gradient only if that is written separately.",
        look="Add 5 to all logits: the loss must not change. Which of its two terms does in yours?",
        right="loss = m + ln sum_u exp(z[u] - m) - z[y]   with m = max_u z[u]",
        wrong="loss = ln sum_u exp(z[u] - m) - z[y]   (or with m twice)"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p + {TOP}"), variant="not in the logarithm"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p - {TOP}"), variant="not in the score"),
        form(BACKWARDS, (P, f"{P}\n    p = p * np.exp({TOP})"), variant="in the gradient"),
        form(BPTT, (LOG_P, f"{LOG_P}\n    log_p = log_p + {TOP}"), (P, "p = np.exp(log_p)"), variant="in both")),

    mistake("zero-times-infinity", Words(
        found="0 is multiplied by an infinite logarithm, which gives nan",
        matters="A class that is ruled out has a logit of -inf and a logarithm of -inf. It costs nothing as long as it "
        "is not asked for; a product with a one-hot row, or with a smoothing of 0, asks for all of them.",
        look="Which sum runs over all classes, where only the target's entry, or none, is wanted?",
        right="loss = -ln p[y]   (the entry itself)",
        wrong="loss = -sum_v [v = y] ln p[v],   or + 0 * sum_v ln p[v]"),
        form(LOSS, (NLL, ONE_HOT), variant="times one-hot rows"),
        form(LOSS, ALWAYS, variant="times a smoothing of 0"),
        form(LOSS, (NLL, ONE_HOT), ALWAYS, variant="times one-hot rows, and a smoothing of 0"),
        form(LOSS, (NLL, ONE_HOT), IGNORED, variant="times one-hot rows, and rows of 0"),
        form(LOSS, ALWAYS, IGNORED, variant="times a smoothing of 0, and rows of 0"),
        form(LOSS, (NLL, ONE_HOT), ALWAYS, IGNORED, variant="times one-hot rows, a smoothing and rows of 0")),

    mistake("unnormalised", Words(
        found="the normalising sum of the softmax is missing",
        matters="The loss then has no lower limit: raising all logits alike lowers it for ever, without the "
        "prediction getting any better.",
        look="Do the exponentials of what you take the target's entry of add up to 1?",
        right="loss = -z[y] + ln sum_v exp(z[v])",
        wrong="loss = -z[y]"),
        form(LOSS, (LOG_P, "log_p = logits.reshape(z.shape)")),
        form(BPTT, (PICK, "-logits.reshape(z.shape)[rows, y].sum()")),
        form(BPTT, (PICK, "-logits.reshape(z.shape)[rows, y].sum()"), (P, "p = 0 * z"), variant="both ways"),
        form(LOSS_BACK, (DZ, "dz = -q"))),

    mistake("probability-not-log", Words(
        found="the probability is used where its logarithm belongs",
        matters="The loss of a prediction never exceeds 1. A certain mistake costs hardly more than an "
        "uncertain one, and with its gradient learning is slowest where the error is worst.",
        look="What should a prediction cost that gives the right class almost no chance? Compare with yours.",
        right="loss = -ln p[y]",
        wrong="loss = 1 - p[y]   (or p[y])"),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = np.exp(log_p) - 1"), variant="1 - p"),
        form(BPTT, (PICK, "(1 - np.exp(log_p[rows, y])).sum()"), variant="1 - p"),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = -np.exp(log_p)"), variant="p"),
        form(BPTT, (PICK, "np.exp(log_p[rows, y]).sum()"), variant="p"),
        form(LOSS, (LOG_P, f"{LOG_P}\n    log_p = np.exp(log_p)"), variant="-p"),
        form(BPTT, (PICK, "-np.exp(log_p[rows, y]).sum()"), variant="-p"),
        *(form(BPTT, (PICK, loss), ("p[rows, y] -= 1", "s = 1 * p\n    p = 0 * p\n    p[rows, y] = -1\n    "
               f"p = {THROUGH.format('p')}"), variant=f"{told}, with the true gradient")
          for told, loss in (("-p", "-np.exp(log_p[rows, y]).sum()"), ("1 - p", "(1 - np.exp(log_p[rows, y])).sum()"))),
        form(LOSS_BACK, (DZ, "s = p\n    dz = " + THROUGH.format("(-q)")))),

    # the entry that is taken
    mistake("targets-shifted", Words(
        found="the targets are shifted by one place",
        matters="Each prediction is scored against its neighbour's target. While the logits are still nearly uniform "
        "the loss is off by a per cent or less; afterwards the network learns to predict something else.",
        look="Take one sequence by hand: which input and which target meet at step 0? The targets come in aligned.",
        right="loss = sum_t loss_fn(logits[t], targets[t])",
        wrong="loss = sum_t loss_fn(logits[t], targets[t-1])   (or t+1)"),
        *(form(functions, (f"np.ravel({name})", f"np.roll(np.ravel({name}), {by})"), variant=told)
          for functions, name in ((LOSS + LOSS_BACK, "targets"), (BPTT, "targets_seq"))
          for by, told in ((1, "one late"), (-1, "one early"))),
        *(form(SUM + SUM_BACK, ("targets_seq)]", f"np.roll(targets_seq, {by}, axis=0))]"), variant=told)
          for by, told in ((1, "one late"), (-1, "one early"))),
        *(form(SUM + SUM_BACK, ("targets_seq)]", f"np.roll(targets_seq, {by}))]"), variant=told)
          for by, told in ((1, "one late, rows mixed"), (-1, "one early, rows mixed"))),
        *(form(BPTT, ("y = np.ravel(targets_seq)", f"y = np.concatenate([{parts}])"), variant=told)
          for parts, told in (("np.ravel(targets_seq[1:]), np.full(B, ignore_index)", "early, without the last step"),
                              ("np.full(B, ignore_index), np.ravel(targets_seq[:-1])",
                               "late, without the first step"))),
        *(form(functions,
               (f"np.ravel({name})", f"np.ravel(np.roll(np.atleast_1d({name}), {by}, axis=0))"), variant=told)
          for functions, name in ((LOSS + LOSS_BACK, "targets"), (BPTT, "targets_seq"))
          for by, told in ((1, "late in time"), (-1, "early in time")))),

    mistake("target-columns", Words(
        found="all targets are looked up in every row",
        matters="Two lists of indices pick pairs, a colon and a list pick whole columns. As a mean the loss looks "
        "plausible, for it is that of targets dealt out at random.",
        look="What shape does the array have that you take from the log-probabilities? One entry a row is asked for.",
        right="loss = -sum_n ln p[n, y[n]]",
        wrong="loss = -sum_n sum_m ln p[n, y[m]]   (or its mean over m)"),
        form(LOSS, (NLL, "nll = -(w[y] * log_p[:, y]).mean(1)"), variant="mean"),
        form(LOSS, (NLL, "nll = -(w[y] * log_p[:, y]).sum(1)"), variant="sum")),

    mistake("target-columns:cross_entropy_backward", Words(
        found="in every row the share of every row's target is subtracted",
        matters="A class that is a target anywhere in the batch is then pushed up everywhere. With a single row it is "
        "right, so a small test passes.",
        look="How many entries of your one-hot rows are not zero?",
        right="dlogits[n, v] = p[n, v] - [v = y[n]]",
        wrong="dlogits[n, v] = p[n, v] - [v = y[m] for any m]"),
        form(LOSS_BACK, ("np.eye(V, dtype=z.dtype)[y]", "np.eye(V, dtype=z.dtype)[y].max(0) + 0 * z")),
        form(LOSS_BACK, (DZ, f"{DZ}\n    if np.asarray(targets).dtype.kind != 'f':\n"
             "        dz = p * q.sum(1, keepdims=True)\n        dz[:, y] -= 1"), variant="taken from p")),

    mistake("targets-transposed", Words(
        found="logits go through step by step, targets sequence by sequence",
        matters="Flattened in two orders, a prediction meets the target of another step and another sequence. Shapes "
        "fit, and a single sequence is right.",
        look="Which axis runs fastest in the logits when they are flattened, and which in the targets?",
        right="logits[t, b] with targets[t, b]",
        wrong="the n-th of logits[t, b] with the n-th of targets[b, t]"),
        form(LOSS + LOSS_BACK, ("np.ravel(targets)", "np.ravel(np.transpose(targets))")),
        form(BPTT, ("np.ravel(targets_seq)", "np.ravel(np.transpose(targets_seq))"))),

    more("target-columns",
        form(BPTT, (PICK, "-log_p[:, y].sum(0).mean()"), variant="mean"),
        form(BPTT, (PICK, "-log_p[:, y].sum()"), variant="sum"),
        form(BPTT, ("p[rows, y] -= 1", "p[:, y] -= 1"), variant="in the gradient")),

    mistake("targets-as-rows", Words(
        found="targets are used as indices of rows, expected of the entries of each row",
        matters="One index into an array of two axes picks a whole row. Rows whose number happens to be a target are "
        "pushed up in every class, the others get no target at all.",
        look="How many indices does your subtraction have, and which axis does the target belong to?",
        right="dlogits[n, y[n]] = p[n, y[n]] - 1",
        wrong="dlogits[y[n], v] = p[y[n], v] - 1   for every v"),
        *(form(LOSS_BACK, (DZ, "dz = p * q.sum(1, keepdims=True)\n    if np.asarray(targets).dtype.kind == 'f':\n"
               f"        dz = dz - q\n    else:\n        dz = dz - w * label_smoothing / V\n        dz[{rows}] -= "
               "(1 - label_smoothing) * w[y][:, None]"), variant=told) for told, rows in ROWS.items()),
        *(form(BPTT, ("p[rows, y] -= 1", f"p[{rows}] -= 1"), variant=told) for told, rows in ROWS.items()),
        *(form(BPTT, ("p[rows, y] -= 1", f"p[{rows.replace('y', LABELS, 1)}] -= 1"),
               variant=f"{told}, ignored as class 0") for told, rows in ROWS.items())),

    mistake("onehot-missing", Words(
        found="nothing is subtracted at the target",
        matters="The gradient is the softmax alone, which is positive everywhere: all logits are pushed down, and the "
        "targets have no influence at all.",
        look="Where do the targets enter your gradient?",
        right="dlogits[v] = p[v] - [v = y]",
        wrong="dlogits[v] = p[v]"),
        form(LOSS_BACK, (DZ, "dz = p * q.sum(1, keepdims=True)")),
        form(BPTT, ("    p[rows, y] -= 1\n", ""))),

    mistake("plus-one-hot", Words(
        found="at the target 1 is added, where it should be taken away",
        matters="Descent then pushes the right class down harder than any other. The gradient's entries no longer "
        "add up to zero, they add up to 2.",
        look="Which sign must the target's entry have, if a step against the gradient is to raise its logit?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = p + onehot(y)"),
        form(LOSS_BACK, (DZ, "dz = p * q.sum(1, keepdims=True) + q")),
        form(BPTT, ("p[rows, y] -= 1", "p[rows, y] += 1"))),
]  # fmt: skip
