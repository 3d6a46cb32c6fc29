"""A step of which one line is another than is due: which line, solved for, and read off as a formula.

All other lines are taken as they should be. What is left is then known at every unit: the gate, its argument, and of
what parts that is a sum. The lines of an equation are its family's to tell.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ....._shapes import Array
from ....spec.lines import AROUND, EXACTLY, Line
from ..seen import Everything

MOST = 20_000  # entries that are looked at
CHECKS = 2  # from which a formula is read
NEARLY = 1e-5  # how near a factor has to come to one with two decimals
ENOUGH, SHARE = 3, 0.4  # times as many entries as there are parts; and of all, how many have to tell


def lines(known: Everything) -> Iterator[str]:
    """Yield the one line that, written in another way, gives what was computed."""
    wrong = [one for one in known.numbers if one.check.dtype == "float64" and "large" not in one.check.flags]
    operation = wrong[0].check.operation if wrong else None
    if operation is None or operation.lines is None:
        return
    cell = operation.equation(wrong[0].check.options)
    same = [one for one in wrong if operation.equation(one.check.options) is cell]
    with np.errstate(all="ignore"):
        every = [
            operation.lines(one.check.arguments, one.check.options, {each.name: each.answer for each in one.ones})
            for one in same
        ]
        for beside in dict.fromkeys(way for ways in every for way in ways):
            ones = [ways[beside] for ways in every if ways]
            for line in _joined(ones) if len(ones) >= CHECKS else ():
                if formula := _formula(line):
                    yield f"{known.where}right with {line.name} = {formula}{beside}, and all else as it should be"
                    return


def _joined(every: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield each line over all checks, as one long row."""
    for place, first in enumerate(every[0]):
        ones = [lines[place] for lines in every if len(lines) == len(every[0])]
        parts = {name: _row([one.parts[name] for one in ones]) for name in first.parts}
        known = _row([np.broadcast_to(one.known, one.value.shape) for one in ones])
        value, due = _row([one.value for one in ones]), _row([one.due for one in ones])
        yield Line(first.name, value, parts, due, first.around, known)


def _row(arrays: Sequence[Array]) -> Array:
    return np.concatenate([one.ravel() for one in arrays])[:MOST]


def _formula(line: Line) -> str:
    """Return of what a line is a sum, empty where it is none, or the one that is due."""
    around, inverse, least, most = AROUND[line.around]
    keep = line.known & (line.value > least) & (line.value < most)
    parts = _apart(line.parts)
    if not parts or np.sum(keep) < max(ENOUGH * len(parts), SHARE * line.value.size):
        return ""
    columns, needed = np.stack([*parts.values()], 1), inverse(line.value[keep])
    found, _, rank, _ = np.linalg.lstsq(columns[keep], needed, rcond=1e-10)
    rounded = np.asarray(np.round(found, 2))
    off, as_due = (float(np.abs(around(one) - line.value)[line.known].max()) for one in (columns @ rounded, line.due))
    if as_due <= EXACTLY or rank < len(parts) or np.abs(found - rounded).max() > NEARLY or not np.any(rounded):
        return ""
    if not off <= EXACTLY:  # nor where it is nan: no gate can be 1.5
        return ""
    terms = {name: float(factor) for name, factor in zip(parts, rounded, strict=True) if factor}
    return f"{line.around}({_sum(terms)})" if line.around else _sum(terms)


def _apart(parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return the parts that are not zero everywhere, and not the same as one before."""
    found: dict[str, Array] = {}
    for name, part in parts.items():
        if np.abs(part).max(initial=0) > EXACTLY and all(np.abs(part - one).max() > EXACTLY for one in found.values()):
            found[name] = part
    return found


def _sum(terms: Mapping[str, float]) -> str:
    """Write a sum.

    >>> _sum({"W x": 1.0, "b": -1.0, "s": 0.5}), _sum({"s": 1.0, "z * s": -1.0})
    ('W x - b + 0.5 s', '(1 - z) * s')
    """
    left = dict(terms)
    for name, factor in terms.items():
        gate, _, state = name.partition(" * ")
        if left.get(state) == -factor:
            del left[state]
            left[f"(1 - {gate}) * {state}"] = -left.pop(name)
    said = ""
    for name, factor in left.items():
        size = "" if abs(factor) == 1 else f"{abs(factor):g} "
        said += f"{' - ' if factor < 0 else ' + ' if said else ''}{size}{name}"
    return said.strip()
