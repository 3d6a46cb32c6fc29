"""Mistakes in a mean over two axes: it is taken of means, or steps and sequences that have padding are left out."""

from collections.abc import Iterator

from ...mistake import BPTT, LOSS, LOSS_BACK, SUM, SUM_BACK, Edit, Form, Words, form, mistake, more

CLASSES = "np.asarray(targets).dtype.kind != 'f'"
SHARES = f"s = (w[y] * kept if {CLASSES} else 0 * rows + 1.0)"  # of each row
FIRST, LAST = "(logits.shape[0] if logits.ndim > 1 else 1, -1)", "(-1, *logits.shape[-2:-1])"
AXES = {"step": (1, FIRST), "sequence": (0, FIRST), "row of targets": (1, LAST)}  # of a mean, and the shape
ONE = {"step": "T", "sequence": "B"}  # how many of them there are
NONE = {"nan where one has no target": "", "one without a target counted as 0": " + (c == 0)"}
RATIO = "losses.sum() / count"
COUNT, PLAIN = 'count = len(rows) if reduction == "mean" else 1', "np.ones(len(kept))"
ALL = {"step": "np.repeat(kept.reshape(T, B).all(1), B)", "sequence": "np.tile(kept.reshape(T, B).all(0), T)"}
KEPT = "kept = y != ignore_index"


def _of_losses(one: str, told: str, none: str, end: str, ended: str) -> Iterator[Form]:
    """Yield the forms of a loss and of its gradient, in which each step or sequence has a mean of its own."""
    axis, shape = AXES[one]
    sums = f"{SHARES}.reshape{shape}\n    c = s.sum({axis}, keepdims=True)\n    c = 1.0 * c{none}"
    each = f"np.sum(losses.reshape(s.shape).sum({axis}) / c.ravel())"
    yield form(LOSS, (f"return {RATIO}", f"{sums}\n    return {each}{end}"), variant=told)
    back = f"{sums.replace('rows', 'np.arange(len(z))')}\n    count = np.ravel(c + 0 * s)[:, None]{ended}"
    back = back.replace("\n    ", "\n        ")
    yield form(LOSS_BACK, ("dz = dz / count", f"{back}\n        dz = dz / count"), variant=told)


def _of_means() -> Iterator[Form]:
    for one, (axis, _) in AXES.items():
        for how, none in NONE.items():
            for what, end, ended in (
                ("averaged", f" / s.shape[{1 - axis}]", f" * s.shape[{1 - axis}]"),
                ("added up", "", ""),
            ):
                told = f"of each {one}, {what}, {how}"
                yield from _of_losses(one, told, none, end, ended)
                if one not in ONE:
                    continue
                number = ONE[one] if what == "averaged" else "1"
                c = f"c = kept.reshape(T, B).sum({axis}, keepdims=True) * {number} + np.zeros((T, B))"
                lost = "" if none else " + (0 * c[c == 0] / c[c == 0]).sum()"
                loss: Edit = ("-log_p[rows, y].sum() / count", f"-(log_p[rows, y] / count[rows, 0]).sum(){lost}")
                divided = "np.where(c, c, 1.0).reshape(-1, 1)"
                count = f"{c}\n    count = ({divided} if reduction == 'mean' else {PLAIN}[:, None])"
                count += "\n    c = c if reduction == 'mean' else c[:0]" if lost else ""
                yield form(BPTT, (COUNT, count), loss, variant=told)


ENTRIES = [
    mistake("mean-of-means", Words(
        found="means of single steps, or sequences, are averaged or added up, expected one mean of all",
        matters="A step with much padding then counts as much as one without, and one that is all padding gives nan. "
        "Where every target counts the average of the means is right, and nothing shows.",
        look="How often is a division made, once at the end or once in every turn of the loop? Count the targets kept.",
        right="loss = sum_t sum_b nll[t, b] / (number of targets kept)",
        wrong="loss = (1/T) sum_t (sum_b nll[t, b] / number kept at t)   (or without 1/T)"),
        *_of_means()),

    more("mean-of-one-axis",
        *(form(LOSS, (f"return {RATIO}", f"return losses.sum() / {size}"), variant=told)
          for told, size in (("by T", "logits.shape[0]"), ("by B", "logits.shape[-2]"))),
        *(form(LOSS_BACK, ("dz = dz / count", f"dz = dz / {size}"), variant=told)
          for told, size in (("by T", "logits.shape[0]"), ("by B", "logits.shape[-2]")))),

    mistake("padding-ends-a-step", Words(
        found="a step, or a sequence, in which one target is ignored is left out as a whole",
        matters="Sequences of a batch end at different steps. From the shortest one's end on nothing counts for any of "
        "them, so what only long sequences teach is never learnt.",
        look="Your condition looks at several targets at once. To how many of them does it apply what it finds?",
        right="loss = sum over all (t, b) whose target is kept",
        wrong="loss = sum over the t at which every target is kept"),
        form(SUM, ("targets_seq)]\n    return sum(losses)", "targets_seq) if np.min(y_t) >= 0]\n"
             "    return sum(losses, 0 * loss_fn(logits_seq[0], targets_seq[0]))")),
        form(SUM_BACK, ("[loss_backward(dloss, z_t, y_t) for",
             "[loss_backward(dloss, z_t, y_t) * (np.min(y_t) >= 0) for")),
        *(form(BPTT, (KEPT, f"{KEPT}\n    kept = {kept}"), variant=f"of a {one}") for one, kept in ALL.items())),
]  # fmt: skip
