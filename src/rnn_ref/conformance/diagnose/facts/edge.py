"""From how many on? Where long sequences or large batches are wrong and short ones right, it is asked between them.

A buffer that is full, steps sorted by their names, a block of a fixed length: each has its own number, and the checks
leave many between the largest problem that is right and the smallest that is wrong.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ...judge.probe import Probe
from ...operation import Check, Operation
from ...run.call import Outcome
from ...run.session import Request
from ..again.parts_alone import asking
from ..again.right_without import offered
from ..agreement import nearly
from .properties import SIZES, sizes

CUT = "so one problem, cut to several sizes"
AXES = "TBH"  # along which a problem is cut
LEAST = 2  # problems that are wrong, and as many that are right


def edge(examination: Any, probes: Sequence[Probe]) -> list[str]:
    """Return the number of steps, rows or units from which on it is wrong, where that lies between what was asked."""
    plain = [one for one in probes if _is_plain(one)]
    if not any(one.wrong for one in plain):
        return []
    return next((list(_edge(examination, plain, axis, found)) for axis, _, found in sizes([one.check for one in plain])
                 if axis in AXES and _parted(plain, found)), [])  # fmt: skip


def _is_plain(probe: Probe) -> bool:
    answered = probe.outcome.error is None and probe.outcome.unusable is None and not probe.outcome.overwritten
    return answered and "corner" not in probe.check.flags and type(probe.check.operation) is Operation


def _parted(plain: Sequence[Probe], found: Sequence[float]) -> bool:
    """Whether all that is wrong is larger than all that is right, with something between."""
    wrong = [size for one, size in zip(plain, found, strict=True) if one.wrong]
    right = [size for one, size in zip(plain, found, strict=True) if not one.wrong]
    return min(len(wrong), len(right)) >= LEAST and min(wrong) > max(right) + 1


def _edge(examination: Any, plain: Sequence[Probe], axis: str, found: Sequence[float]) -> Iterator[str]:
    """Yield from where on it is wrong, found by halving what lies between."""
    wrong = [one for one in plain if one.wrong]
    check = min((one.check for one in wrong), key=lambda one: (one.dtype != "float64", _numbers(one)))
    most = max(int(size) for one, size in zip(plain, found, strict=True) if not one.wrong)
    size = {id(one.check): int(number) for one, number in zip(plain, found, strict=True)}[id(check)]
    if not _can_be_cut(check, axis) or not _is_right(examination, _cut(check, axis, most)):
        return
    while size - most > 1:
        half = (most + size) // 2
        most, size = (half, size) if _is_right(examination, _cut(check, axis, half)) else (most, half)
    yield f"right with {most} {SIZES[axis]}, wrong with {size} ({axis}): {CUT}"


def _numbers(check: Check) -> int:
    return sum(map(np.size, check.arguments.values()))


def _can_be_cut(check: Check, axis: str) -> bool:
    """Whether the axis is whole wherever it occurs: the gates of a unit stand apart from each other."""
    every = [one for name in check.arguments for one in check.axes(name)]
    return axis in every and all(axis not in one or one == axis for one in every)


def _cut(check: Check, axis: str, size: int) -> Check:
    given = dict(check.arguments)
    for name, value in check.arguments.items():
        for place, one in enumerate(check.axes(name) if isinstance(value, np.ndarray) else ()):
            if one == axis:
                given[name] = np.take(given[name], np.arange(size), place)
    return offered(asking(check, given), check)


def _is_right(examination: Any, check: Check) -> bool:
    claims = examination.session.found[check.function].claims
    request = Request(check.function, [check], examination.options.convention, claims=claims, once=True)
    [calls] = examination.session.run(request)
    return calls[0].error is None and nearly(calls[0], Outcome(answers=dict(check.expected)), check)
