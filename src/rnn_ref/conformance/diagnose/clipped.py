"""Finished gradients that are clipped: right, but for a bound that nobody declared."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..judge.compare import Comparison, compared
from ..judge.probe import Probe
from ..operation import Operation


def bound_of(probes: Sequence[Probe]) -> float | None:
    """Return the bound at which all gradients are clipped, None if they are not, or wrong in some other way.

    It is read off the largest entry of one wrong gradient, and holds if every answer to every probe is what is due,
    clipped there: every gradient, or in all probes the same ones.
    """
    wrong = [probe for probe in probes if probe.wrong]
    if any(probe.outcome.error is not None or probe.outcome.unusable is not None for probe in wrong) or not wrong:
        return None
    known = [(probe, _compared(probe)) for probe in probes if probe.outcome.error is None]
    off = [one for probe, every in known if probe.wrong for one in every if one.wrong]
    if not off or any(one.problem for one in off):
        return None
    bound = float(np.abs(off[0].answer).max())
    clipped = {one.name for one in off}
    for probe, every in known:
        for one in every:
            gradient = _is_gradient(probe.check.operation, one.name)
            if one.name in clipped and gradient:
                due = np.clip(one.truth, -bound, bound)
                if not np.all(np.abs(one.answer - due) <= one.allowed + np.spacing(np.abs(due))):
                    return None
            elif one.wrong:
                return None
    return bound if 0 < bound < np.inf else None


def _compared(probe: Probe) -> Iterable[Comparison]:
    return compared(probe.check.returning(probe.outcome.answers), probe.outcome.answers)


def _is_gradient(operation: Operation, name: str) -> bool:
    return name.removeprefix("d") in operation.arguments
