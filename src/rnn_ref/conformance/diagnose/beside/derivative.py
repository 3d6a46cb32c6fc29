"""Is a way back the derivative of a way forward that is wrong? Then it is right in itself, and passes that on.

What a framework differentiates is, and so is what was written for another equation, both ways alike. The derivative of
the catalogue's way forward is taken by the complex step (Squire and Trapp, 1998): it has no rounding to speak of.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array
from ...judge.probe import Probe
from ...mistakes.answers import Way
from ...mistakes.make import wrong
from ...run.call import Outcome
from ...spec import OPERATIONS
from ..agreement import nearly
from ..naming import Case

STEP = 1e-30
PROBES, LEAST, SMALL = 4, 2, 400  # that are tried, that have to agree, and numbers in one: each is moved alone


def is_derivative(case: Case, twin: str, made: Way) -> bool:
    """Whether what a way back answers to small problems are the gradients of the way forward with these mistakes."""
    probes = [one for one in case.probes if one.wrong and one.check.dtype == "float64" and _size(one) <= SMALL]
    probes = sorted((one for one in probes if one.outcome.error is None), key=_size)[:PROBES]
    if not made or len(probes) < LEAST:
        return False
    forward = wrong(made, twin)
    return all(_is_derivative(forward, twin, probe) for probe in probes)


def _is_derivative(forward: Callable[..., Any], twin: str, probe: Probe) -> bool:
    check = probe.check
    names, upstream = list(OPERATIONS[twin].arguments), list(check.arguments)[: len(OPERATIONS[twin].outputs)]
    above = [np.asarray(check.arguments[name]) for name in upstream]
    given = {name: np.asarray(check.arguments[name], complex) for name in names}
    try:
        due = {name: _gradient(forward, given, name, above, check.options) for name in names}
    except Exception:  # of what knows no complex numbers
        return False
    return nearly(probe.outcome, Outcome(answers={name: due[name] for name in check.expected}), check)


def _gradient(
    forward: Callable[..., Any], given: dict[str, Array], name: str, above: Sequence[Array], options: Any
) -> Array:
    """Return the gradient by one argument, of the sum of what is made times what comes from above."""
    found = np.zeros(given[name].shape)
    for place in np.ndindex(found.shape):
        moved = given[name].copy()
        moved[place] += 1j * STEP
        made = forward(*({**given, name: moved}).values(), **options)
        every = made if len(above) > 1 else (made,)
        found[place] = sum(float(np.sum(np.imag(np.array(one)) * up)) for one, up in zip(every, above, strict=True))
    return found / STEP


def _size(probe: Probe) -> int:
    return sum(map(np.size, probe.check.arguments.values()))
