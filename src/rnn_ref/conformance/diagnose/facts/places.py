"""Where in the arrays the wrong entries are: the last unit, all rows but the first, every step from the tenth on.

Or among their values: those beyond some value, all of them, and no others.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ...._shapes import Array
from ...operation import Check
from .conditions import between
from .seen import Everything, Seen, listed, shown

AXES = {"T": "step", "B": "row of the batch", "H": "unit", "D": "input", "V": "output",
        "KH": "unit", "LK": "layer and direction"}  # fmt: skip
GATES = {"3H": "rzn", "4H": "ifgo"}  # one below the other
MOST = 20  # up to which a single place is told by its number
LEAST = 2  # checks of different sizes that agree
ENTRIES = 8  # wrong or right, zeros aside: they hide a mistake and do not show that there is none
Rule = Callable[[Array, int], Array]  # from places and their number to whether they are wrong


def places(known: Everything) -> Iterator[str]:
    """Yield along which axis of which outputs only some places are wrong, and which; those alike together."""
    found: dict[str, list[str]] = {}
    for name, wrong in known.outputs():
        check = wrong[0].check
        for letter in dict.fromkeys(axis for one in wrong for axis in one.check.axes(name)):
            having = [one for one in wrong if letter in one.check.axes(name)]
            which = _which(
                [_along(one, name, letter) for one in having], _what(check, name, letter), GATES.get(letter, "")
            )
            if which and (len(having) == len(wrong) or letter == "B"):
                before = "" if len(having) == len(wrong) else "in batches, "
                found.setdefault(f"{before}{{}}: {which}", []).append(shown(check, name))
    yield from (f"{known.where}{which.format(listed(names))}" for which, names in found.items())


def _what(check: Check, name: str, letter: str) -> str:
    """Return what a place along an axis is called: of a matrix of weights, a row or a column."""
    if name in check.operation.weights:
        return "row" if check.axes(name)[0] == letter else "column"
    return AXES.get(letter, "place")


def _along(seen: Seen, name: str, letter: str) -> Array:
    """Return for every place along an axis whether anything is wrong there."""
    one = seen.output(name)
    bad = np.asarray(~(one.ratios <= 1))
    axes = seen.check.axes(name)
    axis = axes.index(letter) if len(axes) == bad.ndim else bad.ndim - len(axes) + axes.index(letter)
    return np.any(np.moveaxis(bad, axis, 0).reshape(bad.shape[axis], -1), axis=1) if axis >= 0 else np.ones(1, bool)


def _which(found: Sequence[Array], what: str, gates: str = "") -> str:
    """Return the places that are wrong in all checks, if these are not all, and the same rule gives them in each."""
    telling = [one for one in found if 0 < one.sum() < one.size]
    if len(telling) < LEAST:
        return ""
    if gates and (words := _gates(found, gates)):
        return words
    for words, rule in _rules(found, what):
        if all(np.array_equal(one, rule(np.arange(one.size), one.size)) for one in found):
            return words
    return ""


def _gates(found: Sequence[Array], gates: str) -> str:
    """Return of which gates rows are wrong, if of others none is; where a gate is saturated, its row may be right."""
    wrong = np.any([one.reshape(len(gates), -1).any(1) for one in found], axis=0)
    names = [gate for gate, is_wrong in zip(gates, wrong, strict=True) if is_wrong]
    some = f"gate {names[0]}" if len(names) == 1 else f"the gates {listed(names)}"
    return "" if wrong.all() else f"only rows of {some} are wrong"


def _rules(found: Sequence[Array], what: str) -> Iterator[tuple[str, Rule]]:
    yield f"only the last {what} is wrong", lambda i, n: i == n - 1
    yield f"only the first {what} is wrong (index 0)", lambda i, _: i == 0
    yield f"only the last {what} is right", lambda i, n: i < n - 1
    yield f"only the first {what} is right (index 0)", lambda i, _: i > 0
    yield f"only the first {what} and the last are wrong", lambda i, n: (i == 0) | (i == n - 1)
    wrong = min((int(np.flatnonzero(one)[0]) for one in found if one.any()), default=0)
    right = min((int(np.flatnonzero(~one)[0]) for one in found if not one.all()), default=0)
    if wrong <= MOST:
        yield f"only {what} {wrong} is wrong (counted from 0)", lambda i, _: i == wrong
    yield f"right before {what} {wrong} (counted from 0), wrong from there on", lambda i, _: i >= wrong
    yield f"wrong before {what} {right} (counted from 0), right from there on", lambda i, _: i < right
    yield f"every second {what} is wrong (1, 3, ...)", lambda i, _: i % 2 == 1
    yield f"every second {what} is wrong (0, 2, ...)", lambda i, _: i % 2 == 0


def roughly(known: Everything) -> Iterator[str]:
    """Yield what can be said of places where no rule gives them exactly: over time, rows and units."""
    for name, wrong in known.outputs():
        said = [set(_said(one, name)) for one in wrong]
        for sentence in dict.fromkeys(sentence for one in wrong[:1] for sentence in _said(one, name)):
            if all(sentence in others for others in said):
                yield f"{known.where}{shown(wrong[0].check, name)}: {sentence}"


def _said(seen: Seen, name: str) -> Iterator[str]:
    one, operation = seen.output(name), seen.check.operation
    bad = np.asarray(~(one.ratios <= 1))
    if name in operation.timed:
        steps = np.any(bad.reshape(len(bad), -1), axis=1)
        first, last = np.flatnonzero(steps)[[0, -1]]
        if not operation.from_the_end and first and steps[first:].all():
            yield "the first steps are right, the later ones wrong"
        elif operation.from_the_end and last < len(steps) - 1:
            yield "the last steps are right, the earlier ones wrong"
    axes = seen.check.axes(name)
    if "B" in axes and len(axes) == bad.ndim:
        rows = np.any(np.moveaxis(bad, axes.index("B"), 0).reshape(bad.shape[axes.index("B")], -1), axis=1)
        if not rows.all():
            yield "only some rows of the batch are wrong"
    units = np.any(bad.reshape(-1, bad.shape[-1]), axis=0) if bad.ndim else np.array([True])
    if not units.all():
        yield "only some units are wrong"


def values(known: Everything) -> Iterator[str]:
    """Yield the value beyond which every entry of an output is wrong, and below which none is."""
    for name, wrong in known.outputs():
        ones = [seen.output(name) for seen in known.every if seen.numbers and any(o.name == name for o in seen.ones)]
        ones = [one for one in ones if not np.isnan(one.truth).any()]
        if not ones:
            continue
        due = np.concatenate([one.truth.ravel() for one in ones])
        bad = np.concatenate([np.ravel(~(one.ratios <= 1)) for one in ones])
        told = shown(wrong[0].check, name)
        if min(bad.sum(), (~bad & (due != 0)).sum()) >= ENTRIES and np.isfinite(due).all():
            yield from _edges({f"|{told}|": np.abs(due), told: due}, bad)


def _edges(sizes: dict[str, Array], bad: Array) -> Iterator[str]:
    counts = f"the {bad.sum()} entries that are wrong, and none of the {(~bad).sum()} that are right"
    for words, size in sizes.items():
        for sign, beyond in ((1, "above"), (-1, "below")):
            inside, outside = (sign * size[~bad]).max(), (sign * size[bad]).min()
            if outside > inside:
                yield f"wrong where {words} is {beyond} {between(sign * inside, sign * outside)}: {counts}"
                return
