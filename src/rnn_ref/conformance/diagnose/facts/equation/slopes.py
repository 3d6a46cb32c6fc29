"""The way back of a network without gates, at each unit: where the slope is wrong, by how much, or whose slope it is.

The gradients of the sums are solved for (``Operation.sums``). Each is held against what is due to what was carried
back, so a mistake of a later step does not count as one of an earlier.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..seen import Everything, Seen

LEAST = 8  # entries that are wrong, and that are right
CHECKS = 2  # from which it is read
NEARLY = 1e-7  # as far as factors are the same


def slopes(known: Everything) -> Iterator[str]:
    """Yield whose slope a unit has instead of its own, or of which sign what is wrong has to be."""
    found = [one for one in map(_sums, known.numbers) if one is not None]
    wrong = [one for one in found if not one.is_(one.due).all()]
    if len(wrong) >= CHECKS:
        yield from _anothers(wrong) or _signs(found)


def _sums(seen: Seen) -> Any:
    """Return the gradients of the sums of a check, None where they do not follow."""
    check, solve = seen.check, seen.check.operation.sums
    if solve is None or check.dtype != "float64" or check.operation.equation(check.options) != check.operation.cell:
        return None
    return solve(check.arguments, {one.name: one.answer for one in seen.ones})


def _anothers(wrong: Sequence[Any]) -> list[str]:
    """Return whose slope it is, if one rule says so of every check that can tell."""
    for axis, what in ((2, "unit"), (1, "sequence of the batch")):
        telling = [one for one in wrong if one.h.shape[axis] > CHECKS]
        for by, which in ((1, "before"), (-1, "behind")):
            moved = ((one, one.reaching * (1 - np.roll(one.h, by, axis) ** 2)) for one in telling)
            if len(telling) >= CHECKS and all(one.is_(due).all() for one, due in moved):
                return [f"each {what} has the slope of the {what} {which} it: 1 - h_t**2 is taken from another place"]
    return []


def _signs(found: Sequence[Any]) -> Iterator[str]:
    """Yield of which sign h_t, what reaches it, or what is carried back is wherever it is wrong, and by what factor."""
    bad = np.concatenate([~one.is_(one.due).ravel() for one in found])
    got, due = (np.concatenate([getattr(one, name).ravel() for one in found]) for name in ("got", "due"))
    what = {
        "h": "the state h_t",
        "reaching": "the gradient that reaches h_t",
        "carried": "the gradient carried back to h_t",
    }
    said, those = [], np.ones(bad.shape, bool)
    for name, words in what.items():
        array = np.concatenate([getattr(one, name).ravel() for one in found])
        for sign, which in ((-1, "negative"), (1, "positive")):
            holds = sign * array > 0
            if min(bad.sum(), (~holds).sum()) >= LEAST and holds[bad].all():
                said.append(f"{words} is {which}")
                those &= holds
    if said:
        ratios = got[bad] / np.where(due[bad] == 0, np.nan, due[bad])
        same = np.ptp(ratios) <= NEARLY * np.abs(ratios).max()  # never so where one is nan
        factor = f", and is {ratios[0]:.4g} times what is due" if same else ""
        yield (f"the gradient of the sum is wrong only where {' and '.join(said)} ({bad.sum()} of {those.sum()} such "
               f"entries, none of {(~those).sum()} others){factor}")  # fmt: skip
