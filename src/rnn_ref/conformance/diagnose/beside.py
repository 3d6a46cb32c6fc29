"""Habits beside which nothing else is named: the logarithm of a softmax, and finished gradients that are clipped.

Most hand-written code has one of them. A bound is read off the answers, where it comes back again and again; then every
other mistake is made beside the habits.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from ..judge.probe import Probe
from ..mistakes.make import source
from ..spec import catalogue
from ..spec.mistake import Mistake
from .single import Found, first_that_agrees, untouched
from .solved import Way, solved

LOSSES = ("log-of-softmax", "unstable-softmax")
SEEN = 2  # times that a bound comes back, at least
Gradients = Mapping[str, np.ndarray]


def beside_habits(function: str, probes: Sequence[Probe]) -> Found | None:
    """Return the habits, and the mistake beside them, that explain all probes; None if there is none."""
    for habits in _habits(function, probes):
        others = [(*habits, one) for one in catalogue.MISTAKES if function in one.functions]
        found = first_that_agrees(function, [one for one in (habits, *others) if _possible(one, function)], probes)
        if not found:
            numbered, fitted_on = solved(function, probes, habits)
            found = first_that_agrees(function, [(*habits, one) for one in numbered], probes, fitted_on)
        if found:
            return found
    return None


def clipped_to(function: str, probes: Sequence[Probe]) -> Mistake | None:
    """Return the form of clipping that is all that is wrong, None if it is not."""
    found = first_that_agrees(function, [(one,) for one in _clippings(function, probes)], probes)
    return found.mistakes[0] if found else None


def _habits(function: str, probes: Sequence[Probe]) -> Iterator[Way]:
    """Yield the habits that the answers show, one and two at a time."""
    overflows = any(probe.wrong and not _finite(probe) for probe in probes)
    losses = [one for one in catalogue.MISTAKES if one.slug in LOSSES and function in one.functions]
    losses = [one for one in losses if overflows and _overflows_alike(function, one, probes)]
    clippings = _clippings(function, probes)
    yield from ((one,) for one in (*clippings, *losses))
    yield from ((one, other) for one in losses for other in clippings)


def _finite(probe: Probe) -> bool:
    return all(bool(np.isfinite(one).all()) for one in probe.outcome.answers.values() if isinstance(one, np.ndarray))


def _overflows_alike(function: str, form: Mistake, probes: Sequence[Probe]) -> bool:
    """Whether a form overflows on a probe on which the candidate does."""
    over = [probe for probe in probes if probe.wrong and not _finite(probe)]
    return any(not _finite(Probe(one.check, untouched(function, (form,), one.check), True)) for one in over)


def _clippings(function: str, probes: Sequence[Probe]) -> list[Mistake]:
    """Return the forms in which finished gradients are clipped, with the bound that comes back in the answers."""
    forms = [one for one in catalogue.with_numbers(function) if one.slug == "gradients-clipped"]
    found = []
    for form in forms:
        kind, _, whose = form.variant.partition(", ")
        bound = _bound(probes, READ[kind], weights="weights" in whose) if kind in READ else None
        if bound:
            found.append(form._replace(number=bound))
    return found


def _bound(probes: Sequence[Probe], read: Callable[[Gradients], list[float]], *, weights: bool) -> float | None:
    """Return the number that is read off several answers alike, and is below none of the others."""
    seen: Counter[float] = Counter()
    for probe in probes:
        operation = probe.check.operation
        gradients = {
            name: answer
            for name, answer in probe.outcome.answers.items()
            if isinstance(answer, np.ndarray) and name.removeprefix("d") in operation.arguments
            if not weights or not {"T", "B"} & {*operation.arguments[name.removeprefix("d")].axes}
        }
        if probe.outcome.error is None and gradients:
            seen.update(float(f"{value:.6g}") for value in read(gradients) if np.isfinite(value) and value)
    often = [value for value, times in seen.items() if times >= SEEN]
    most = max(often, default=0.0)
    return most if most and most * 1.0001 > max(seen, default=0.0) else None


def _joint(gradients: Gradients) -> list[float]:
    return [float(np.sqrt(sum((one.astype(float) ** 2).sum() for one in gradients.values())))]


READ: dict[str, Callable[[Gradients], list[float]]] = {
    "finished": lambda gradients: [float(np.abs(one).max(initial=0.0)) for one in gradients.values()],
    "norm of each": lambda gradients: [float(np.linalg.norm(one.astype(float))) for one in gradients.values()],
    "joint norm": _joint,
    "joint norm, as PyTorch": _joint,
}


def _possible(way: Way, function: str) -> bool:
    try:
        source(way, function)
    except ValueError:
        return False
    return True
