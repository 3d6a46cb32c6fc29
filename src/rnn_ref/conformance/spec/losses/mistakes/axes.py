"""Mistakes in the softmax's sum, maximum and logarithm: over which axis, of which entries, in which base."""

from collections.abc import Iterator

from ...mistake import BPTT, LOSS, LOSS_BACK, Form, Words, form, mistake, more
from .softmax import BACKWARDS, DZ, FORWARDS, LOG_P, PICK, SHIFT, P

EXP, GRADIENT = "np.exp(z).sum(1, keepdims=True)", "p[rows, y] -= 1"
AXES = {"time": "(0, keepdims=True)", "the batch": "(min(1, e.ndim - 1), keepdims=True)", "all entries": "()"}
SHAPES = {LOSS: "logits.shape", LOSS_BACK: "logits.shape", BPTT: "logits[:, 0].shape if single else logits.shape"}
OF_BOTH = {"in the loss": (LOG_P,), "in the gradient": (P,), "in both": (LOG_P, P)}
TENS, P_OF_LOG = "np.log(10)", f"p = np.exp(z - np.log({EXP}))"


def summed_over() -> Iterator[Form]:
    """Yield the forms in which the exponentials are added up over another axis, or over all entries.

    The maximum that is subtracted first is still that of each prediction.
    """
    for functions, shape in SHAPES.items():
        lines = OF_BOTH if functions == BPTT else {"": (LOG_P,) if functions == LOSS else (P,)}
        for told, axis in AXES.items():
            total = f"(0 * e + e.sum{axis}).reshape(z.shape)"
            first = (SHIFT, f"{SHIFT}\n    e = np.exp(z).reshape({shape})\n    total = {total}")
            for where, some in lines.items():
                edits = (first, *((line, line.replace(EXP, "total")) for line in some))
                yield form(functions, *edits, variant=f"the sum over {told} {where}".strip())


def with_true_gradient() -> Iterator[Form]:
    """Yield the forms of the gradient of a loss whose softmax is taken over another axis, as autograd gives it."""
    for told, shape in (("over time", "logits.shape"), ("over all rows", "z.shape")):
        e = f"e = np.exp(z.reshape({shape}) - z.reshape({shape}).max(0, keepdims=True))"
        scaled = "q = np.where(kept[:, None], q * np.reshape(dloss, (-1, 1)), 0)"
        added = f"(0 * e + q.reshape({shape}).sum(0, keepdims=True)).reshape(z.shape)"
        yield form(
            LOSS_BACK,
            (SHIFT, "z = z + 0"),
            (P, f"{e}\n    p = (e / e.sum(0, keepdims=True)).reshape(z.shape)"),
            (DZ, f"{scaled}\n    dz = p * {added} - q"),
            ("dz = np.reshape(dloss, (-1, 1)) * dz", "dz = 1 * dz"),
            ("dz[~kept] = 0", "dz[~kept] *= 1"),
            variant=f"{told}, with the true gradient",
        )


ENTRIES = [
    more("softmax-wrong-axis",
        *summed_over(),
        *with_true_gradient(),
        *(form((function,), (SHIFT, "z = z - z.max()"),
               *((line, line.replace(EXP, "np.exp(z).sum()")) for line in lines), variant="over all entries")
          for function, lines in zip(LOSS + LOSS_BACK + BPTT, ((LOG_P,), (P,), (LOG_P, P)), strict=True))),

    mistake("maximum-of-columns", Words(
        found="the maximum that is subtracted is that of each class, not of each prediction",
        matters="A softmax allows one number to be subtracted from a whole prediction. Here each class loses another "
        "one, which changes the probabilities. Of a single prediction none are left that differ.",
        look="Along which axis is the maximum taken, and does it subtract the same from all classes of a prediction?",
        right="z[n, v] - max_u z[n, u]",
        wrong="z[n, v] - max_m z[m, v]"),
        form(LOSS + LOSS_BACK + BPTT, (SHIFT, "z = z - z.max(0, keepdims=True)"), variant="of all predictions"),
        form(BPTT, (LOG_P, f"top = z - z.max(0, keepdims=True)\n    {LOG_P.replace('z', 'top')}"),
             variant="in the loss"),
        form(BPTT, (P, f"top = z - z.max(0, keepdims=True)\n    {P.replace('z', 'top')}"), variant="in the gradient"),
        form(LOSS + LOSS_BACK, (SHIFT, "z = (logits - logits.max(0, keepdims=True)).reshape(z.shape)"),
             variant="over time"),
        form(LOSS + LOSS_BACK,
             (SHIFT, "z = (logits - logits.max(min(1, logits.ndim - 1), keepdims=True)).reshape(z.shape)"),
             variant="over the batch")),

    mistake("maximum-of-all", Words(
        found="the maximum of the whole array is subtracted, expected that of each prediction",
        matters="It changes no softmax, as long as predictions are of one size. One that lies some hundreds below "
        "the largest of all loses every exponential: its sum is 0, and the logarithm of that is -inf.",
        look="Call max on an array without an axis and see how many numbers come back. How many are needed?",
        right="z[n, v] - max_u z[n, u]",
        wrong="z[n, v] - max_m,u z[m, u]"),
        form(LOSS + LOSS_BACK + BPTT, (SHIFT, "z = z - z.max()")),
        form(LOSS, (SHIFT, "z = z - z.max()"), (LOG_P, f"log_p = np.log(np.exp(z) / {EXP})"),
             variant="and the logarithm of a probability")),

    mistake("log-base-mixed", Words(
        found="the logarithm of the softmax's sum has another base than e",
        matters="Only one of the two terms changes its unit, so the loss is neither in nats nor in bits. Raising all "
        "logits alike, which should change nothing, changes it.",
        look="exp and the logarithm behind it have to undo each other. Does yours belong to this exponential?",
        right="ln p[v] = z[v] - ln sum_u exp(z[u])",
        wrong="ln p[v] = z[v] - log2 sum_u exp(z[u])   (or log10)"),
        *(form(FORWARDS, (LOG_P, LOG_P.replace("np.log(", f"np.log{base}(")), variant=f"base {base}")
          for base in ("2", "10")),
        *(form(BACKWARDS, (P, P_OF_LOG.replace("np.log(", f"np.log{base}(")), variant=f"base {base}, in the gradient")
          for base in ("2", "10")),
        *(form(BPTT, (LOG_P, LOG_P.replace("np.log(", f"np.log{base}(")), (P, "p = np.exp(log_p)"),
               variant=f"base {base}, in both") for base in ("2", "10"))),

    mistake("exponential-for-score", Words(
        found="the target's term is an exponential, expected the logit itself",
        matters="The logarithm has been drawn into the quotient for one of its parts alone. The loss even turns "
        "negative, and whoever overwrites the logits with their exponentials gets this without a word.",
        look="When the target's entry is taken, what does the array hold: logits, or their exponentials?",
        right="loss = ln sum_u exp(z[u]) - z[y]",
        wrong="loss = ln sum_u exp(z[u]) - exp(z[y])"),
        form(LOSS, (LOG_P, LOG_P.replace("= z -", "= np.exp(z) -"))),
        form(BPTT, (PICK, "-(log_p + np.exp(z) - z)[rows, y].sum()"))),

    mistake("base-10-log", Words(
        found="the logarithm has base 10, so the loss is in decimal digits",
        matters="It is 0.4343 times (1 / ln 10) what it should be, looks better than PyTorch's, and cannot be "
        "compared with it. If gradients follow, training is slower by as much.",
        look="In some libraries log means one base, in others another. What does yours give for e?",
        right="loss = -ln p[y]",
        wrong="loss = -log10 p[y] = -ln p[y] / ln 10"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p / {TENS}")),
        form(BPTT, (LOG_P, f"{LOG_P}\n    log_p = log_p / {TENS}"), (GRADIENT, f"{GRADIENT}\n    p = p / {TENS}"),
             variant="both ways")),

    mistake("base-10-log:cross_entropy_backward", Words(
        found="the gradient is that of a loss in decimal digits",
        matters="Every entry is 0.4343 times (1 / ln 10) what it should be. The direction is right, and training goes "
        "on more slowly than its learning rate says.",
        look="Is there a factor in front of your gradient, and which logarithm has it as its derivative?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) / ln 10"),
        form(LOSS_BACK, (DZ, f"{DZ}\n    dz = dz / {TENS}"))),

    mistake("loss-averaged-over-classes", Words(
        found="the loss of a prediction is a mean over the classes, expected their sum",
        matters="It is V times too small. With one-hot targets all terms but one are zero and still count in the "
        "mean, so a loss over a large vocabulary looks like none at all.",
        look="A cross-entropy adds up one term for each class. Which of your reductions divides by their number?",
        right="loss[n] = -sum_v q[n, v] ln p[n, v]",
        wrong="loss[n] = -(1/V) sum_v q[n, v] ln p[n, v]"),
        form(FORWARDS, (LOG_P, f"{LOG_P}\n    log_p = log_p / V")),
        form(LOSS, ("losses.sum() / count", "losses.sum() / V"), variant="in place of the mean over the rows"),
        form(BPTT, (PICK, f"{PICK} / (T * B * V)"), variant="and over the predictions"),
        form(BPTT, (LOG_P, f"{LOG_P}\n    log_p = log_p / V"), (GRADIENT, f"{GRADIENT}\n    p = p / V"),
             variant="both ways")),

    # what is the gradient of something else
    mistake("gradient-at-target-only", Words(
        found="only the target's entry of a prediction gets a gradient",
        matters="The right class is pushed up and no other is pushed down. As a softmax knows differences alone, "
        "training still works, at a slower rate, and every gradient check fails.",
        look="A logit that is not the target's stands in the loss as well. In which term?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - 1) * onehot(y)"),
        form(LOSS_BACK, (DZ, "dz = p * q - q")),
        form(BPTT, (GRADIENT, f"{GRADIENT}\n    p[np.arange(V) != np.ravel(targets_seq)[:, None]] = 0"))),

    mistake("softmax-slope-twice", Words(
        found="the gradient is multiplied by p (1 - p) as well",
        matters="That is the slope of a sigmoid, which belongs to a squared error. With a cross-entropy it has "
        "cancelled already: predictions that are sure and wrong now learn least.",
        look="p - onehot(y) is the gradient by the logits, not by the probabilities. What is left to multiply it by?",
        right="dlogits = p - onehot(y)",
        wrong="dlogits = (p - onehot(y)) * p * (1 - p)"),
        form(LOSS_BACK, (DZ, f"{DZ}\n    dz = dz * p * (1 - p)")),
        form(BPTT, (GRADIENT, f"s = p.copy()\n    {GRADIENT}\n    p *= s * (1 - s)"))),
]  # fmt: skip
