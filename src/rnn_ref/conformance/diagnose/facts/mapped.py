"""Another function of the right argument: entries that depend on what is due alone, and not as they should."""

from collections.abc import Iterator, Sequence

import numpy as np

from ...._shapes import Array
from ...judge.compare import Comparison
from ...numbers.bounded import unit
from .factors import factor
from .seen import Everything, Seen, listed, shown

LEAST, TELLING = 24, 8  # entries of an output, and of those wrong, that have to lie on one curve
NEARLY = 1e-5  # of the largest entry: how far off a multiple entries may be
CLEARLY = 1e-3  # off 1: by which a factor is told that is not exact
CLOSE, FAR = 0.1, 0.5  # of the errors: how far off the curve half of the entries may be, and nineteen of twenty
AT = (-2.0, -1.0, 0.0, 1.0, 2.0)  # near which points of the curve are told


def mapped(known: Everything) -> Iterator[str]:
    """Yield of which function of its argument an output's entries are, in points of it."""
    told: list[tuple[str, str]] = []
    for name, wrong in known.outputs():
        precise = [one for one in wrong if one.check.dtype == "float64"] or wrong  # in which a factor is one
        if all(factor(one.check, [one.output(name)]) is None for one in precise):
            told += [(shown(wrong[0].check, name), one) for one in _curve(name, wrong)]
    if told:
        others = [name for name, _ in told[1:]]
        yield f"{known.where}{told[0][1]}" + (f"; and so {_are(others)} {listed(others)}" if others else "")


def _curve(name: str, wrong: Sequence[Seen]) -> Iterator[str]:
    wrong = [one for one in wrong if np.isfinite(one.output(name).truth).all()]  # of nan nothing follows
    if not wrong:
        return
    ones = [one.output(name) for one in wrong]
    due, answer = (np.concatenate([np.ravel(array) for array in arrays])
                   for arrays in ([one.truth for one in ones], [one.answer for one in ones]))  # fmt: skip
    allowed = np.concatenate([np.ravel(np.broadcast_to(one.allowed, one.errors.shape)) for one in ones])
    off = answer - due
    if due.size < LEAST or not (np.isfinite(off).all() and np.isfinite(allowed).all()):
        return
    told, bad = shown(wrong[0].check, name), np.abs(off) > allowed
    ulps = [np.full(np.size(one.truth), 4 * unit(seen.check.dtype)) for one, seen in zip(ones, wrong, strict=True)]
    rounding = np.concatenate(ulps) * (np.abs(answer) + np.median(np.abs(due)))
    added = float(np.median(off[np.concatenate(ulps) == np.min([*map(np.min, ulps)])]))
    if np.all(np.abs(off - added) <= 4 * allowed + rounding):
        yield f"{added:.6g} is added to every entry of {told}"
    elif about := _about_a_factor([one.output(name) for one in wrong if one.check.dtype == "float64"]):
        yield f"every entry of {told} is {about}"
    elif bad.sum() >= TELLING and _on_a_curve(due, off, bad) and _on_it_in_each(ones):
        yield f"{_points(wrong[0], told, due, answer)}"


def _about_a_factor(ones: Sequence[Comparison]) -> str:
    """Return by which factor all entries are off, to more than rounding and little more; empty if there is none."""
    if not ones:
        return ""
    due, answer = (np.concatenate([np.ravel(array) for array in arrays])
                   for arrays in ([one.truth for one in ones], [one.answer for one in ones]))  # fmt: skip
    largest, square = float(np.abs(due).max()), float(np.sum(due**2))
    if not square:
        return ""
    c = float(np.sum(answer * due)) / square
    left = float(np.abs(answer - c * due).max()) / largest
    if left > NEARLY or abs(c - 1) < CLEARLY:
        return ""
    told = f"about {c:.4g} times what is due, to {left:.0e} of the largest entry"
    return f"{told}: as of a difference quotient that is divided by another step"


def _on_it_in_each(ones: Sequence[Comparison]) -> bool:
    """Whether entries lie on a curve in every check alone that has enough of them, and in one at least.

    In all checks together, the many that are nearly alike may hide those that are not.
    """
    found = []
    for one in ones:
        due, off = np.ravel(one.truth), np.ravel(one.answer - one.truth)
        bad = np.ravel(~(one.ratios <= 1))
        if due.size >= LEAST and bad.sum() >= TELLING:
            found.append(_on_a_curve(due, off, bad) and len(np.unique(due[bad])) >= TELLING)
    return bool(found) and all(found)


def _on_a_curve(due: Array, off: Array, bad: Array) -> bool:
    """Whether what is added to an entry follows from what is due: from the entries next above and below."""
    order = np.argsort(due, kind="stable")
    x, y, counts = due[order], off[order], bad[order][1:-1]
    gap = x[2:] - x[:-2]
    share = np.divide(x[1:-1] - x[:-2], gap, out=np.full(len(gap), 0.5), where=gap > 0)
    missed = np.abs(y[1:-1] - (y[:-2] + share * (y[2:] - y[:-2])))[counts]
    if not missed.size:
        return False
    size = float(np.median(np.abs(off[bad])))
    varied = float(np.ptp(due)) > 0
    return varied and bool(np.median(missed) <= CLOSE * size and np.quantile(missed, 0.95) <= FAR * size)


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _points(seen: Seen, told: str, due: Array, answer: Array) -> str:
    """Tell some points of the curve, by the argument where that can be had from what is due."""
    operation = seen.check.operation
    inverse = operation.equation(seen.check.options).inverse if operation.cell and not operation.twin else None
    argument = inverse(due) if inverse is not None and np.all(np.abs(due) < 1) else due
    near = dict.fromkeys(int(np.argmin(np.abs(argument - at))) for at in AT if argument.min() <= at <= argument.max())
    if inverse is None:
        points = [f"{answer[i]:.3g} for {due[i]:.3g}" for i in near]
        return f"every entry of {told} follows from what is due, as by another function: {', '.join(points)}"
    points = [f"{argument[i]:.3g} gives {answer[i]:.3g} (due {due[i]:.3g})" for i in near]
    return f"{told} is another function of the right sum than is due: {', '.join(points)}"
