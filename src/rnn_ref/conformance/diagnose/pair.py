"""Two mistakes at once: pairs of the catalogue, as far as what is wrong leaves them possible."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from ..judge.compare import compared
from ..judge.probe import Probe, telling_first
from ..mistakes.make import source, wrong
from ..operation import Check
from ..run.call import Outcome, perform
from ..spec import catalogue
from ..spec.mistake import Mistake
from .agreement import nearly
from .single import Found, first_that_agrees, untouched

MOST = 4000  # pairs that are run: less than 2 s, and some 6 s where a mistake reaches both states of a sequence


@dataclass(frozen=True)
class Effect:
    """What one mistake alone does to a probe: which outputs it makes wrong, and which it makes like the candidate's."""

    way: Mistake
    wrong: frozenset[str]
    like: frozenset[str]


def pair(function: str, probes: Sequence[Probe]) -> Found | None:
    """Return the pair of mistakes that explains all probes, None if there is none, or several that differ."""
    ordered = telling_first(probes)
    if not ordered or not ordered[0].wrong or not _has_numbers(ordered[0].outcome):
        return None
    first = _shortest(ordered)
    found: dict[frozenset[str], Found] = {}
    for number, way in enumerate(_possible(function, first)):
        if number >= MOST:
            break
        outcome = perform(wrong(way, function), first.check, ours=True)
        if nearly(first.outcome, outcome, first.check):
            agreed = first_that_agrees(function, [way], probes)
            if agreed:
                found.setdefault(frozenset(agreed.slugs), agreed)
    return next(iter(found.values())) if len(found) == 1 else None


def _shortest(probes: Sequence[Probe]) -> Probe:
    """Return the wrong probe that takes the fewest numbers, in full precision if there is one: thousands are run."""
    wrong = [probe for probe in probes if probe.wrong and _has_numbers(probe.outcome)]
    return min(wrong, key=lambda one: (one.check.dtype != "float64", sum(map(np.size, one.check.arguments.values()))))


def _possible(function: str, probe: Probe) -> Iterator[tuple[Mistake, ...]]:
    """Yield the pairs that may explain a probe: each output is wrong as one of them alone makes it, or by both.

    States that are handed on together are not: what is wrong with one of them reaches the others.
    """
    wrong_outputs = _wrong(probe.check, probe.outcome)
    effects = [
        effect
        for mistake in catalogue.MISTAKES
        if function in mistake.functions and (effect := _effect(function, mistake, probe))
        if effect.wrong <= wrong_outputs
    ]
    together = len(probe.check.operation.ends) > 1
    first = set({effect.way.slug: effect.way for effect in reversed(effects)}.values())  # of each mistake
    pairs = combinations(effects, 2)
    for a, b in sorted(pairs, key=lambda two: (two[0].way not in first) + (two[1].way not in first)):
        if a.way.slug == b.way.slug or a.wrong | b.wrong != wrong_outputs:
            continue
        if together or ((a.wrong - b.wrong) <= a.like and (b.wrong - a.wrong) <= b.like):
            way = _in_order(a.way, b.way, function)
            if way:
                yield way


def _effect(function: str, mistake: Mistake, probe: Probe) -> Effect | None:
    outcome = untouched(function, (mistake,), probe.check)
    if not _has_numbers(outcome) or outcome.mutated:
        return None
    like = {name for name in outcome.answers if nearly(probe.outcome, outcome, probe.check, name)}
    return Effect(mistake, _wrong(probe.check, outcome), frozenset(like))


def _wrong(check: Check, outcome: Outcome) -> frozenset[str]:
    check = check.returning(outcome.answers)
    return frozenset(one.name for one in compared(check, outcome.answers) if one.wrong)


def _in_order(a: Mistake, b: Mistake, function: str) -> tuple[Mistake, ...] | None:
    """Return both in an order in which both can be made, None if one takes away what the other changes."""
    alone = {source((a,), function), source((b,), function)}
    for way in ((a, b), (b, a)):
        try:
            both = source(way, function)
        except ValueError:
            continue
        if both not in alone:
            return way
    return None


def _has_numbers(outcome: Outcome) -> bool:
    return any(isinstance(answer, np.ndarray) for answer in outcome.answers.values())
