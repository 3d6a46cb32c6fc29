"""What is off is looked at again: whether it is meant, in which parts it is off, and which edit makes it right."""

import functools
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from ...._shapes import Array
from ...edits.slip import Slip
from ..arrays import Path
from ..mending.mend import Wanted, mend_of
from ..replay import Left, Replay
from ..watch import Candidate
from .meant import Off, by_others, of_several, were_right
from .measured import Measured, alike
from .told import Compared

PARTS = (4, 3, 2)  # gates, or halves


def looked_at_again(
    replay: Replay, candidate: Candidate, base: Left, measured: Sequence[Measured], best: Compared
) -> Compared:
    """Return the same without what is meant so, with the parts in which one is off, and the edit with which none is."""
    meant = _meant(replay, candidate, base, measured, best)
    gradients = [
        one._replace(verdict="unknown", factor=None) if i in meant else one for i, one in enumerate(best.gradients)
    ]
    at = next((i for i, one in enumerate(gradients) if one.verdict == "off" and not one.factor), None)
    if at is not None:
        gradients[at] = gradients[at]._replace(where=_where(replay, measured[at], best))
    best = best._replace(gradients=gradients)
    return best._replace(mend=_mend(replay, base, measured, best))


def _mend(replay: Replay, base: Left, measured: Sequence[Measured], best: Compared) -> Slip | None:
    off, right = (_names_of(measured, best, verdict) for verdict in ("off", "right"))
    is_right = functools.partial(_is_right, measured, best)
    wanted = Wanted([one.gradient for one in measured], off, right, is_right)
    return mend_of(replay, base.shapes, wanted) if off else None


def _names_of(measured: Sequence[Measured], best: Compared, verdict: str) -> set[str]:
    """Return the names on the ways to gradients of one verdict."""
    of_it = [one.gradient[1:] for one, told in zip(measured, best.gradients, strict=True) if told.verdict == verdict]
    return {name for path in of_it for name in path if isinstance(name, str)}


def _is_right(measured: Sequence[Measured], best: Compared, left: Mapping[Path, Array]) -> bool:
    """Whether all gradients that a copy leaves are derivatives of the loss."""
    for one, told in zip(measured, best.gradients, strict=True):
        values = left.get(one.gradient)
        if values is None or values.shape != one.values.shape:
            return False
        got = np.array([float(np.sum(values * direction)) for direction in one.directions])
        if told.verdict != "unknown" and not alike(best.factor * one.due(best.loss), got):
            return False
    return True


def _meant(
    replay: Replay, candidate: Candidate, base: Left, measured: Sequence[Measured], best: Compared
) -> Collection[int]:
    """Return which gradients that are off may be meant so."""
    off = {i for i, one in enumerate(best.gradients) if one.verdict == "off"}
    meant = {i for i in off if not measured[i].is_smooth(replay, best.loss)}
    if off == meant:
        return meant
    dues = [best.factor * one.due(best.loss) for one in measured]
    told = [
        ({key: one.due(key) for key in base.numbers}, due, np.array(one.along))
        for one, due in zip(measured, dues, strict=True)
    ]
    meant |= of_several(told, alike) & off
    if off == meant:
        return meant
    every = [
        Off(one.gradient, one.directions, dues[i], np.array(one.penalties).T, best.gradients[i].factor)
        for i, one in enumerate(measured)
        if i in off
    ]
    meant |= {i for i, was in zip(sorted(off), were_right(replay, candidate.call, every, alike), strict=True) if was}
    right = [one.gradient for one, told in zip(measured, best.gradients, strict=True) if told.verdict == "right"]
    changed = by_others(replay, base, best.loss, every, right) if off - meant else set()
    return meant | {i for i in off if measured[i].gradient in changed}


def _where(replay: Replay, one: Measured, best: Compared) -> str:
    """Return in which parts of a gradient it is off, along the first axis of which some parts are right; or nothing."""
    for axis, size in enumerate(one.values.shape):
        parts = next((count for count in PARTS if size % count == 0 and size > count), 0)
        told = [_is_off(replay, one.part(axis, i, parts), best) for i in range(parts)]
        if any(told) and not all(told) and None not in told:
            width = size // parts
            ranges = [f"{i * width}:{(i + 1) * width}" for i, off in enumerate(told) if off]
            return f"{'columns' if axis else 'rows'} {' and '.join(ranges)} of {size}"
    return ""


def _is_off(replay: Replay, part: Measured, best: Compared) -> bool | None:
    if not part.measure(replay, 0):
        return None
    due, got = best.factor * part.due(best.loss), np.array(part.along)
    return None if not np.all(np.isfinite(due)) else not alike(due, got)
