"""Which mistake is it? Every wrong implementation of the catalogue is run on the probes and compared.

A mistake has the name if its outcomes agree with the candidate's on *all* probes. What a wrong implementation answers
does not depend on the target, so it is kept.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np

from ..judge.probe import Probe, telling_first
from ..mistakes.answers import untouched
from ..mistakes.make import wrong
from ..operation import Check
from ..run.call import Outcome
from ..spec import catalogue
from ..spec.mistake import Mistake
from .agreement import Said, agree, nearly, said
from .solved import solved, solved_steps

LEAST = 2  # numbers (or answers that are none) that are wrong and agree: one alone may be chance
_SAID: WeakKeyDictionary[Check, dict[tuple[Mistake, ...], Said]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Found:
    """A mistake, or two, whose outcomes agree with the candidate's."""

    mistakes: tuple[Mistake, ...]
    agreed: int  # probes
    probes: int
    apart: float  # the greatest difference, relative to what is allowed

    @property
    def slugs(self) -> list[str]:
        """The slugs, each once, those of mere habits last."""
        every = dict.fromkeys(mistake.slug for mistake in self.mistakes)
        return sorted(every, key=lambda slug: slug in catalogue.IDIOMS)


def single(function: str, probes: Sequence[Probe]) -> Found | None:
    """Return the one mistake of the catalogue that explains all probes, whatever number of steps is in it, or None."""
    ways = [(mistake,) for mistake in catalogue.MISTAKES if function in mistake.functions]
    found = first_that_agrees(function, ways, probes)
    return found or first_that_agrees(function, [(one,) for one in solved_steps(function, probes)], probes)


def single_with_its_number(function: str, probes: Sequence[Probe]) -> Found | None:
    """Return the same with another number than the catalogue shows, of the forms that no number makes fit much else."""
    return single_with_a_number(function, probes, without=catalogue.EXPLAIN_MUCH)


def single_with_a_number(function: str, probes: Sequence[Probe], without: Sequence[str] = ()) -> Found | None:
    """Return the same with another number than the catalogue shows (see ``solved.py``)."""
    numbered, fitted_on = solved(function, probes, without=without)
    return first_that_agrees(function, [(mistake,) for mistake in numbered], probes, fitted_on)


def first_that_agrees(
    function: str, ways: Iterable[tuple[Mistake, ...]], probes: Sequence[Probe], fitted_on: Probe | None = None
) -> Found | None:
    """Return the first of several ways to be wrong that agrees on all probes."""
    return next(all_that_agree(function, ways, probes, fitted_on), None)


def all_that_agree(
    function: str, ways: Iterable[tuple[Mistake, ...]], probes: Sequence[Probe], fitted_on: Probe | None = None
) -> Iterator[Found]:
    """Yield those of several ways to be wrong that agree on all probes.

    Where a number was ``fitted_on`` one of them, others that are wrong have to agree too. What has told one way from
    the candidate is asked first of the next.
    """
    first, *others = telling_first(probes)
    for way in ways:
        if not nearly(first.outcome, untouched(function, way, first.check), first.check):
            continue
        agreed, numbers, most = 0, 0, 0.0
        for place, probe in enumerate((first, *others)):
            ratio = agree(probe.outcome, _shaken(function, way, probe.check), probe.check)
            if ratio is None:
                continue
            if ratio > 1 or (probe.wrong and not _nearer(probe, untouched(function, way, probe.check))):
                if place:
                    others.insert(0, others.pop(place - 1))
                break
            agreed, most = agreed + 1, max(most, ratio)
            if probe.wrong and not (fitted_on and fitted_on.check.case == probe.check.case):
                numbers += max(1, sum(map(np.size, probe.outcome.answers.values())), LEAST * _overflows(probe))
        else:
            if numbers >= LEAST:
                yield Found(way, agreed, len(probes), most)


def explains_all(function: str, found: Found, probes: Iterable[Probe]) -> bool:
    """Whether what was found explains all that is wrong, in every rank, precision, option and corner.

    A rank in which every generic check raises is not claimed, as of functions without a mistake; one has to be left.
    """
    told: dict[str, bool] = {}
    raises: dict[str, bool] = {}
    for probe in probes:
        rank = probe.check.rank
        told[rank] = told.get(rank, True) and (not probe.wrong or _explains(function, found.mistakes, probe))
        if "generic" in probe.check.flags:
            raises[rank] = raises.get(rank, True) and probe.outcome.error is not None
    return any(told.values()) and all(known or raises.get(rank, False) for rank, known in told.items())


def unexplained(function: str, found: Found, probes: Sequence[Probe]) -> list[Probe]:
    """Return what is wrong for another reason than what was found, of what answers at all."""
    answered = [probe for probe in probes if probe.wrong and probe.outcome.error is None]
    return [probe for probe in answered if not _explains(function, found.mistakes, probe)]


def _explains(function: str, way: tuple[Mistake, ...], probe: Probe) -> bool:
    other = untouched(function, way, probe.check)
    if probe.outcome.error is not None and other.error is not None:
        return True
    ratio = agree(probe.outcome, _shaken(function, way, probe.check), probe.check)
    return ratio is not None and ratio <= 1


def _overflows(probe: Probe) -> bool:
    """Whether an answer is not finite, which is seldom so by chance: one number tells it."""
    return any(np.isinf(one).any() for one in probe.outcome.answers.values() if isinstance(one, np.ndarray))


def _nearer(probe: Probe, wrong_answer: Outcome) -> bool:
    """Whether a wrong answer is nearer to the mistake than to the truth: two that are nearly right agree as well."""
    from_mistake = from_truth = 0.0
    for name, answer in probe.outcome.answers.items():
        other, due = wrong_answer.answers.get(name), probe.check.expected.get(name)
        if not (isinstance(answer, np.ndarray) and isinstance(other, np.ndarray) and due is not None):
            continue
        if answer.shape == other.shape != due.shape:
            return True  # as a gradient that lies the wrong way round: the truth has no such shape
        odd = ~np.isfinite(answer)
        if answer.shape == other.shape == due.shape and np.any(odd & np.isfinite(due)):
            return not np.isfinite(other[odd]).any()  # what overflows where the truth does not: to inf, or to nan
        if answer.shape == other.shape == due.shape and np.isfinite(answer).all() and np.isfinite(other).all():
            from_mistake = max(from_mistake, float(np.abs(answer - other).max(initial=0.0)))
            from_truth = max(from_truth, float(np.abs(answer - due).max(initial=0.0)))
    return from_mistake <= from_truth / 2


def _shaken(function: str, way: tuple[Mistake, ...], check: Check) -> Said:
    known = _SAID.setdefault(check, {})
    if way not in known:
        known[way] = said(lambda: wrong(way, function), untouched(function, way, check), check)
    return known[way]
