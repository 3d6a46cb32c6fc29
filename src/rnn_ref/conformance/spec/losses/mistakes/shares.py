"""Mistakes in the shares of the classes: how weight and label_smoothing, s for short, meet in them.

Many programs treat class indices in one branch and probabilities in another, so a mistake may be made in one alone.
"""

from collections.abc import Iterator

from ...mistake import LOSS, LOSS_BACK, Form, Words, form, mistake, more
from .options import LOSSES, SMOOTHED
from .softmax import DZ

CLASSES, PROBABILITIES = "np.asarray(targets).dtype.kind != 'f'", "np.asarray(targets).dtype.kind == 'f'"
BRANCHES = {"of classes": CLASSES, "of probabilities": PROBABILITIES}
Q = f"w * ((1 - label_smoothing) * q + {SMOOTHED})"
WEIGHT = "w = np.ones(V, z.dtype) if weight is None else weight"
PLAIN = "(1 - label_smoothing) * nll"
UNWEIGHTED = "-log_p.sum(1) / V"
OTHERS = "max(V - 1, 1)"
SHARES_OFF = {  # losses, and shares: where these do not add up to 1
    "not divided by V": (f"{PLAIN} + label_smoothing * smooth * V", "(1 - label_smoothing) * q + label_smoothing"),
    "over V - 1, the target too": (
        f"{PLAIN} + label_smoothing * smooth * V / {OTHERS}",
        f"(1 - label_smoothing) * q + label_smoothing / {OTHERS}",
    ),
    "the target without its part": (
        f"{PLAIN} + label_smoothing * (smooth - nll / V)",
        "(1 - label_smoothing) * q + label_smoothing * (1 - q) / V",
    ),
    "nothing for the others": (PLAIN, "(1 - label_smoothing) * q"),
}
ADDED = ("nll + label_smoothing * smooth", f"q + {SMOOTHED}")
OVER_OTHERS = (
    f"{PLAIN} + label_smoothing * (smooth * V - nll) / {OTHERS}",
    f"(1 - label_smoothing) * q + label_smoothing * (1 - q) / {OTHERS}",
)


def in_branches(losses: str, shares: str, variant: str = "", *, whole: bool = False) -> Iterator[Form]:
    """Yield the forms with these losses and these shares, in one branch each; and in the whole."""
    told = f"{variant}, " if variant else ""
    for branch, when in BRANCHES.items():
        yield form(LOSS, (LOSSES, f"({losses} if {when} else {LOSSES})"), variant=f"{told}{branch}")
        yield form(LOSS_BACK, (f"q = {Q}", f"q = w * ({shares}) if {when} else {Q}"), variant=f"{told}{branch}")
    if whole:
        yield form(LOSS, (LOSSES, losses), variant=variant)
        yield form(LOSS_BACK, (f"q = {Q}", f"q = w * ({shares})"), variant=variant)


ENTRIES = [
    mistake("smoothing-shares-off", Words(
        found="with label_smoothing the shares of all classes do not add up to 1",
        matters="The target is then no distribution: the loss is off by a part that grows with s and with the number "
        "of classes, and a prediction that matches the target is not its minimum.",
        look="Add up the shares that your target gives to all V classes, the right one included.",
        right="q[v] = (1 - s) [v = y] + s / V   (their sum is 1)",
        wrong="q[v] = (1 - s) [v = y] + s   (or s / (V-1), or s / V for the others alone)"),
        *(one for variant, (losses, shares) in SHARES_OFF.items()
          for one in in_branches(losses, shares, variant, whole=True))),

    mistake("smoothing-inverted", Words(
        found="s and 1 - s are exchanged in the smoothed target",
        matters="The target keeps the small share and the uniform distribution gets the large one. With s = 0.1 the "
        "network learns to be unsure of everything, and s = 0.5 hides it.",
        look="With label_smoothing near 0, what should be left of the smoothing?",
        right="loss = (1 - s) nll + s smooth",
        wrong="loss = s nll + (1 - s) smooth"),
        *in_branches("label_smoothing * nll + (1 - label_smoothing) * smooth",
                     "label_smoothing * q + (1 - label_smoothing) / V", whole=True)),

    more("smoothing-added", *in_branches(*ADDED)),

    more("smoothing-over-others", *in_branches(*OVER_OTHERS)),

    more("weight-not-in-smoothing",
        *(form(LOSS, (LOSSES, f"({PLAIN} + label_smoothing * {UNWEIGHTED} if {when} else {LOSSES})"), variant=branch)
          for branch, when in BRANCHES.items()),
        *(form(LOSS_BACK, (f"q = {Q}", f"q = w * (1 - label_smoothing) * q + {SMOOTHED} if {when} else {Q}"),
               variant=branch) for branch, when in BRANCHES.items())),

    more("option-ignored",
        *(form(LOSS, (LOSSES, f"(nll if {when} else {LOSSES})"), variant=f"label_smoothing, {branch}")
          for branch, when in BRANCHES.items()),
        *(form(LOSS_BACK, (f"q = {Q}", f"q = w * q if {when} else {Q}"), variant=f"label_smoothing, {branch}")
          for branch, when in BRANCHES.items()),
        *(form(LOSS + LOSS_BACK, (WEIGHT, f"w = np.ones(V, z.dtype) if weight is None or {when} else weight"),
               variant=f"weight, {branch}") for branch, when in BRANCHES.items()),
        form(LOSS + LOSS_BACK, (WEIGHT, f"{WEIGHT}\n    label_smoothing = 0 if weight is not None else "
             "label_smoothing"), variant="label_smoothing, beside weight")),

    mistake("weight-misplaced", Words(
        found="the class weights are not where they belong in the gradient",
        matters="A weight belongs to the whole loss of a prediction, so all its entries are scaled alike. Here the "
        "entries no longer add up to zero, and the target's and the others' do not fit together.",
        look="The weight of a target multiplies its loss. Which entries of the gradient does it multiply, then?",
        right="dlogits[n, v] = w[y[n]] (p[n, v] - [v = y[n]])",
        wrong="dlogits[n, v] = p[n, v] - w[v] [v = y[n]]   (or w[v] (p[n, v] - ...))"),
        form(LOSS_BACK, (DZ, "dz = p - q"), variant="at the target alone"),
        form(LOSS_BACK, (DZ, "dz = w * p - q"), variant="of each class"),
        *(form(LOSS_BACK, (DZ, "q = np.where(kept[:, None], q, 0)\n    dz = p - q"),
               ("dz[~kept] = 0", f"dz[~kept] *= {only}"), variant=f"at the target alone, where ignored too{told}")
          for only, told in (("1", ""), ('reduction != "mean"', ", unless averaged"))),
        form(LOSS_BACK, (DZ, f"dz = p - q if {CLASSES} else p * q.sum(1, keepdims=True) - q"),
             variant="at the target alone, of classes"),
        form(LOSS_BACK, (DZ, f"dz = p - q if {PROBABILITIES} else p * q.sum(1, keepdims=True) - q"),
             variant="at the target alone, of probabilities"),
        form(LOSS_BACK, (DZ, f"dz = w * p - q if {PROBABILITIES} else p * q.sum(1, keepdims=True) - q"),
             variant="of each class, of probabilities"),
        form(LOSS_BACK, (DZ, f"dz = (w[y][:, None] * p if {CLASSES} else p * q.sum(1, keepdims=True)) - q"),
             variant="of the target alone in the softmax's part")),

    more("averaged-by-weight",
        form(LOSS + LOSS_BACK, ("count = len(z)", "count = len(z) * w.mean()"), variant="their mean"),
        form(LOSS + LOSS_BACK, ("count = len(z)", "count = w[targets.reshape(-1, V).argmax(1)].sum()"),
             variant="of the likeliest classes")),

    more("dloss-ignored",
        *(form(LOSS_BACK, ("dz = np.reshape(dloss, (-1, 1)) * dz",
               f"dz = (1 if {when} else np.reshape(dloss, (-1, 1))) * dz"), variant=told)
          for told, when in (("row by row", 'reduction == "none"'), ("unless row by row", 'reduction != "none"'))),
        form(LOSS_BACK, ("dz = np.reshape(dloss, (-1, 1)) * dz", "dz = np.mean(dloss) * dz"),
             variant="their mean, row by row"),
        form(LOSS_BACK, ("dz = np.reshape(dloss, (-1, 1)) * dz", "dz = np.sum(dloss) * dz"),
             variant="their sum, row by row")),
]  # fmt: skip
