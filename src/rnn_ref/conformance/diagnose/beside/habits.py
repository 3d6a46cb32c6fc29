"""Habits: finished gradients that are clipped, and the logarithm of a softmax. Beside them nothing else is named.

Most hand-written code has one of them. A bound is read off the answers, where it comes back again and again. Where that
is all, it is right but for a bound that nobody declared; else other mistakes are made beside the habits.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set

import numpy as np

from ...judge.compare import Comparison, compared
from ...judge.probe import Probe, telling_first
from ...mistakes.answers import Way, untouched
from ...mistakes.make import source
from ...operation import Operation
from ...spec import catalogue
from ...spec.mistake import Mistake
from ..agreement import nearly
from ..naming import EPSILONS, LOSSES
from ..pair import Tries, pair
from ..single import Found, first_that_agrees
from ..solved import solved, solved_in_part

WITHOUT = {"weights": {"T", "B"}, "all parameters": {"T"}}  # axes that the gradients of these do not have
MOST = 40  # mistakes that one probe may leave open
OFF = 1e-5  # of what is due, from which on a size is another
SEEN = 2  # problems, or gradients of one, in which a bound comes back, at least
Gradients = Mapping[str, np.ndarray]


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


def clipped_to(function: str, probes: Sequence[Probe]) -> Mistake | None:
    """Return the form of clipping that is all that is wrong, None if it is not."""
    found = first_that_agrees(function, [(one,) for one in _clippings(function, probes)], probes)
    return found.mistakes[0] if found else None


def _clippings(function: str, probes: Sequence[Probe]) -> list[Mistake]:
    """Return the forms in which finished gradients are clipped, with the bound that comes back in the answers."""
    forms = [one for one in catalogue.with_numbers(function) if one.slug == "gradients-clipped"]
    found = []
    for form in forms:
        kind, _, whose = form.variant.partition(", ")
        bound = _bound(probes, READ[kind], without=WITHOUT.get(whose, set())) if kind in READ else None
        if bound and any(size > bound * 1.0001 for probe in probes for size in READ[kind](_due(probe))):
            found.append(form._replace(number=bound))
    return found


def _due(probe: Probe) -> Gradients:
    """Return the gradients that are due: where none of them is above a bound, nothing is clipped."""
    due = probe.check.expected
    return {name: one for name in _gradients(probe) if isinstance(one := due.get(name), np.ndarray)}


def _bound(probes: Sequence[Probe], read: Callable[[Gradients], list[float]], *, without: set[str]) -> float | None:
    """Return the number that is read off several answers alike, and is below none of the others.

    Alike are two problems, or two gradients of one. Where that is what is due it tells nothing, for probes may have a
    right gradient in common; nor does one that comes back in the other precision of the same problem.
    """
    seen: dict[float, set[tuple[str, int]]] = {}
    largest = 0.0
    for probe in probes:
        gradients = _gradients(probe, without)
        if probe.outcome.error is not None or not gradients:
            continue
        due = [float(np.nan_to_num(value)) for value in read({name: probe.check.expected[name] for name in gradients})]
        for place, (value, right) in enumerate(zip(read(gradients), due, strict=True)):
            if np.isfinite(value) and value:
                largest = max(largest, value)
                if abs(value - right) > OFF * abs(right):
                    case = probe.check.case.removesuffix(probe.check.dtype)
                    seen.setdefault(float(f"{value:.6g}"), set()).add((case, place))
    most = max((value for value, places in seen.items() if len(places) >= SEEN), default=0.0)
    return most if most and most * 1.0001 > largest else None


def _gradients(probe: Probe, without: Set[str] = frozenset("TB")) -> Gradients:
    """Return the gradients of an answer, but for those with one of some axes."""
    arguments = probe.check.operation.arguments
    return {
        name: answer
        for name, answer in probe.outcome.answers.items()
        if isinstance(answer, np.ndarray) and (of := arguments.get(name.removeprefix("d")))
        if not without & {*of.axes}
    }


def _joint(gradients: Gradients) -> list[float]:
    return [float(np.sqrt(sum((one.astype(float) ** 2).sum() for one in gradients.values())))]


READ: dict[str, Callable[[Gradients], list[float]]] = {
    "finished": lambda gradients: [float(np.abs(one).max(initial=0.0)) for one in gradients.values()],
    "norm of each": lambda gradients: [float(np.linalg.norm(one.astype(float))) for one in gradients.values()],
    "joint norm": _joint,
    "joint norm, as PyTorch": _joint,
}


def _compared(probe: Probe) -> Iterable[Comparison]:
    return compared(probe.check.returning(probe.outcome.answers), probe.outcome.answers)


def _is_gradient(operation: Operation, name: str) -> bool:
    return name.removeprefix("d") in operation.arguments


def beside_habits(function: str, probes: Sequence[Probe]) -> Found | None:
    """Return the habits, and the mistake beside them, that explain all probes; None if there is none.

    A probe that is wrong and shows none of the habits tells the mistake: the habits have to explain the others.
    """
    every = list(_habits(function, probes))
    if not every:
        return None
    plain = [probe for probe in probes if not _shows(probe, every)]
    others, fitted_on = list[Mistake](), None
    if any(probe.wrong for probe in plain):
        first = telling_first(plain)[0]
        mine = [one for one in catalogue.MISTAKES if function in one.functions]
        others = [one for one in mine if nearly(first.outcome, untouched(function, (one,), first.check), first.check)]
        if not others or len(others) > MOST:  # what is off by next to nothing is near to all that leaves it alone
            others, fitted_on = solved(function, plain)
    each: list[Way] = [(), *((one,) for one in others)]
    ways = [way for habits in every for one in each if (way := _made(habits, one, function))]
    return first_that_agrees(function, ways, probes, fitted_on)


def two_beside_habits(
    function: str, probes: Sequence[Probe], parts: Callable[[Sequence[Probe]], Sequence[Probe]]
) -> Found | None:
    """Return the habits, and the two mistakes beside them, that explain all probes; None if there are none.

    ``parts`` are the answers to some probe where less is at work, as of two mistakes without habits.
    """
    every = list(_habits(function, probes))
    plain = [probe for probe in probes if not _shows(probe, every)] if every else []
    two = pair(function, plain, Tries(function), parts(plain)) if any(probe.wrong for probe in plain) else None
    if two is None:
        return None
    ways = [way for habits in every if (way := _made(habits, two.mistakes, function))]
    return first_that_agrees(function, ways, probes)


def shows_a_bound(function: str, probes: Sequence[Probe]) -> bool:
    """Whether a bound comes back in the answers: no mistakes without clipping make that."""
    return bool(_clippings(function, probes))


def _shows(probe: Probe, habits: Sequence[Way]) -> bool:
    """Whether one of several habits is seen in an answer: it overflows, or is as large as a bound."""
    bounds = [one.value for way in habits for one in way if one.sought]
    sizes = [size for read in READ.values() for size in read(_gradients(probe))]
    return not _finite(probe) or any(abs(size - bound) < 1e-5 * bound for size in sizes for bound in bounds)


def _habits(function: str, probes: Sequence[Probe]) -> Iterator[Way]:
    """Yield the habits that the answers show, one and two at a time."""
    overflows = any(probe.wrong and not _finite(probe) for probe in probes)
    losses = [one for one in catalogue.MISTAKES if one.slug in LOSSES and function in one.functions]
    losses = [one for one in losses if overflows and _overflows_alike(function, one, probes)]
    bounds = _clippings(function, probes)
    if bounds:
        losses += solved_in_part(function, probes, only=EPSILONS)[0]
    yield from ((one,) for one in (*bounds, *losses))
    yield from ((one, other) for one in losses for other in bounds)


def _finite(probe: Probe) -> bool:
    return all(bool(np.isfinite(one).all()) for one in probe.outcome.answers.values() if isinstance(one, np.ndarray))


def _overflows_alike(function: str, form: Mistake, probes: Sequence[Probe]) -> bool:
    """Whether a form overflows on a probe on which the candidate does."""
    over = [probe for probe in probes if probe.wrong and not _finite(probe)]
    return any(not _finite(Probe(one.check, untouched(function, (form,), one.check), True)) for one in over)


def _made(habits: Way, others: Way, function: str) -> Way | None:
    """Return both, in an order in which they can be made; None if there is none. Habits first are done last."""
    for way in (habits + others, others + habits):
        try:
            source(way, function)
        except ValueError:
            continue
        return way
    return None
