"""What is not used: an argument, or some of its steps or sequences, that could be anything and the answer is the same.

The function is asked its plainest wrong check again, with other numbers in one place after the other. What the right
function does not notice either is no sign of anything.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...judge.probe import Probe
from ...mistakes.answers import answered
from ...operation import Check, Operation
from ...run.call import Outcome
from ...run.session import Request
from ...spec import OPERATIONS
from ...spec.bases import right
from ...spec.claims import with_zeros

PARTS = (  # of an axis, and what is told of an argument if that part of it has no effect
    (slice(None, -1), "has an effect at its last {0} alone"),
    (slice(1, None), "has an effect at its first {0} alone"),
    (slice(-1, None), "has no effect at its last {0}"),
    (slice(None, 1), "has no effect at its first {0}"),
)
AXES = {"T": "step", "B": "sequence"}
WEIGHTS = ("W_", "b_")  # arguments by the beginnings of their names
MOST = 2  # arguments that are told


class Place(NamedTuple):
    """A place in an argument, and what is to be told if it has no effect."""

    name: str
    told: str
    where: tuple[slice, ...]


def no_effect(examination: Any, probes: Sequence[Probe]) -> list[str]:
    """Return which arguments, or which parts of them, the function does not use though it should."""
    probe = next(iter(sorted(filter(_is_plain, probes), key=_size)), None)
    if probe is None or type(probe.check.operation) is not Operation:
        return []
    check = probe.check
    due = right(check.function)
    claims = examination.session.found[check.function].claims
    kept = WEIGHTS if examination.session.holds_weights else ()  # whatever is handed over
    places = [one for one in _places(check) if not one.name.startswith(kept) and not _claimed_away(check, one, claims)
              and not _alike(answered(due, check), answered(due, _changed(check, one)))]  # fmt: skip
    if not places:
        return []
    asked = [check, *(_changed(check, one) for one in places)]
    request = Request(check.function, asked, examination.options.convention, claims=claims, once=True)
    same, *others = [calls[0] for calls in examination.session.run(request)]
    if not _alike(same, probe.outcome):
        return []
    idle = [place for place, outcome in zip(places, others, strict=True) if _alike(outcome, same)]
    first = {place.name: place for place in reversed(idle)}  # of each argument what says most
    return [f"{name} {first[name].told}" for name in check.arguments if name in first][:MOST]


def _claimed_away(check: Check, place: Place, claims: Sequence[str]) -> bool:
    """Whether the target claims not to take what stands in that place, so that it cannot have an effect."""
    changed = _changed(check, place)
    return np.array_equal(*(with_zeros(one, claims)[place.name] for one in (check, changed)))


def _is_plain(probe: Probe) -> bool:
    usable = probe.outcome.error is None and probe.outcome.unusable is None and not probe.outcome.overwritten
    finite = (np.isfinite(one).all() for one in probe.outcome.answers.values() if isinstance(one, np.ndarray))
    return probe.wrong and usable and "generic" in probe.check.flags and all(finite)


def _size(probe: Probe) -> tuple[bool, bool, int]:
    size = sum(map(np.size, probe.check.arguments.values()))
    return probe.check.rank != "batch", probe.check.dtype != "float64", size


def _places(check: Check) -> Iterator[Place]:
    """Yield the places in which numbers are changed, those first that say most."""
    operation = check.operation
    states = OPERATIONS[operation.twin].outputs if operation.twin else {}  # which may as well be made once more
    for name, value in check.arguments.items():
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not value.ndim or name in states:
            continue
        yield Place(name, "has no effect", ())
        axes = check.axes(name)
        for axis, told in AXES.items():
            if axis in axes and value.shape[axes.index(axis)] > 2:
                before = (slice(None),) * axes.index(axis)
                for part, text in PARTS:
                    yield Place(name, text.format(told), (*before, part))


def _changed(check: Check, place: Place) -> Check:
    """Return the check with other numbers in one place."""
    value = check.arguments[place.name].copy()
    value[place.where] = -value[place.where] / 2 + value.dtype.type(0.125)
    return check.asking({**check.arguments, place.name: value}, case=f"{check.case}-other-{place.name}", pytorch={})


def _alike(outcome: Outcome, other: Outcome) -> bool:
    """Whether two calls answer the same to rounding."""
    if outcome.error is not None or other.error is not None or outcome.answers.keys() != other.answers.keys():
        return False
    return all(_same(one, other.answers[name]) for name, one in outcome.answers.items())


def _same(one: Array | str, other: Array | str) -> bool:
    if isinstance(one, str) or isinstance(other, str):
        return one is other or (isinstance(one, str) and isinstance(other, str))
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-6, atol=1e-9))
