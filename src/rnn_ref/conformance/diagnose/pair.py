"""Two mistakes at once: pairs of the catalogue, as far as what is wrong leaves them possible."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, product, takewhile

import numpy as np

from ..._shapes import Array
from ..judge.probe import Probe
from ..mistakes.answers import answered, untouched
from ..mistakes.make import source, wrong
from ..operation import Check
from ..run.call import Outcome
from ..spec import OPERATIONS, catalogue
from ..spec.mistake import Mistake
from .agreement import ROUGH, apart, largest, nearly, nearly_alike
from .naming import AVERAGE
from .single import Found, all_that_agree, first_that_agrees
from .solved import solved_in_part

LETTERS = 600_000  # of program text that is compiled and run for pairs of one function: about half a second
OF_GRADIENTS = 3  # for which a part of that is enough: there two effects mostly add up, and those pairs come first
NEARLY_RIGHT, FURTHER = 0.02, 16.0  # off by less, of the largest entry; how much further off one of two may be
ENTRIES, MANY = 8, 0.3  # of each output, by which it is seen whether two effects add up: in all, or in many of them
MORE = 4  # probes that are right, and as many that are wrong, on which each mistake of a pair is run alone


class Tries:
    """How many pairs may still be run for one function: fewer, where its text is longer."""

    def __init__(self, function: str) -> None:
        share = OF_GRADIENTS if OPERATIONS[function].gives_gradients else 1
        self.most = self.left = LETTERS // share // len(source((), function))
        self.given_up = False

    def take(self) -> bool:
        """Whether one more may be run; one that may not be is remembered."""
        self.left -= 1
        self.given_up = self.given_up or self.left < 0
        return self.left >= 0

    def anew(self, probes: Sequence[Probe]) -> None:
        """Allow as many again for a function of one output: there pairs are told apart by running them alone."""
        if probes and len(probes[0].check.expected) == 1:
            self.left = self.most


@dataclass(frozen=True)
class Effect:
    """What one mistake alone does to a probe: which outputs it makes wrong, and which it makes like the candidate's."""

    way: Mistake
    wrong: frozenset[str]
    like: frozenset[str]
    answers: Mapping[str, Array | str]


def pair(function: str, probes: Sequence[Probe], tries: Tries, parts: Sequence[Probe] = ()) -> Found | None:
    """Return the pair of mistakes that explains all probes, None if there is none, or several that differ.

    Where there is none, one of the two may have a number that people write; one that does alone needs no other.
    ``parts`` are answers where less is at work (``parts_alone.py``): they exclude mistakes before any two are tried.
    """
    alone = [_Effects(function, one) for one in parts]
    telling = [one for one in alone if one is alone[0] or one.right.keys() & alone[0].wrong]
    mine = _possible_alone((mistake for mistake in catalogue.MISTAKES if function in mistake.functions), telling)
    if found := _only_pair(function, combinations(mine, 2), probes, tries, alone):
        return found
    numbered = catalogue.with_common_numbers(function)
    if one := first_that_agrees(function, [(one,) for one in numbered], probes):
        return one
    tries.anew(probes)
    if tries.left < 0:
        return None
    common = _possible_alone(numbered, telling)
    return _only_pair(function, chain(combinations(common, 2), product(common, mine)), probes, tries, alone)


def pair_with_a_number(function: str, probes: Sequence[Probe], tries: Tries) -> Found | None:
    """Return the same, of a mistake of the catalogue and one with another number than is shown there."""
    numbered, fitted_on = solved_in_part(function, probes)
    mine = [mistake for mistake in catalogue.MISTAKES if function in mistake.functions]
    tries.anew(probes)
    return _only_pair(function, product(numbered, mine), probes, tries, fitted_on=fitted_on)


def shortest(probes: Sequence[Probe]) -> Probe | None:
    """Return the wrong probe that takes the fewest numbers, in full precision if there is one: thousands are run."""
    wrong = [probe for probe in probes if probe.wrong and _has_numbers(probe.outcome)]
    size = {id(one): sum(map(np.size, one.check.arguments.values())) for one in wrong}
    return min(wrong, key=lambda one: (one.check.dtype != "float64", size[id(one)]), default=None)


def _possible_alone(mistakes: Iterable[Mistake], alone: Sequence["_Effects"]) -> list[Mistake]:
    """Return the mistakes that make nothing wrong that is right where less is at work."""
    return [one for one in mistakes if all(effects[one] is not None for effects in alone)]


def _only_pair(
    function: str,
    pairs: Iterable[tuple[Mistake, Mistake]],
    probes: Sequence[Probe],
    tries: Tries,
    alone: Sequence["_Effects"] = (),
    fitted_on: Probe | None = None,
) -> Found | None:
    first = shortest(probes)
    if first is None or tries.left < 0:
        return None
    found: Found | None = None
    possible = _possible(function, first, pairs, _others(first, probes), alone)
    least = [one.probe for one in alone[:1]]  # one step: pairs that differ there need not run through all
    nearly_all = _nearly(function, [*least, first], takewhile(lambda _: tries.take(), possible))
    for agreed in all_that_agree(function, nearly_all, probes, fitted_on):
        other = found and len(agreed.slugs) > 1 and {*found.slugs} != {*agreed.slugs}
        if found and other and not _told_alike(function, found, agreed, probes):
            return None
        found = found or agreed
    return found


def _told_alike(function: str, one: Found, other: Found, probes: Sequence[Probe]) -> bool:
    """Whether two pairs differ in one mistake each, and these are the same in all that was asked: the first it is then.

    So it is of one mistake alone. A sum that is cut at the last multiple of 8 is left out where there are fewer units.
    """
    a, b = ([mistake for mistake in pair.mistakes if mistake.slug not in beside.slugs]
            for pair, beside in ((one, other), (other, one)))  # fmt: skip
    return len(a) == len(b) == 1 and all(
        nearly(untouched(function, (a[0],), each.check), untouched(function, (b[0],), each.check), each.check)
        for each in probes
    )


def _others(first: Probe, probes: Sequence[Probe]) -> list[Probe]:
    """Return small probes with other options, right ones as well: there one of two mistakes may show, or none."""
    known: dict[object, Probe] = {}
    for probe in sorted(probes, key=lambda one: sum(map(np.size, one.check.arguments.values()))):
        if _has_numbers(probe.outcome) and probe.check.dtype == first.check.dtype and probe is not first:
            options = {name: value if isinstance(value, str) else True for name, value in probe.check.options.items()}
            kinds = {name: np.asarray(value).dtype.kind for name, value in probe.check.arguments.items()}
            ones = _of_size_one(probe.check)
            known.setdefault((probe.check.rank, probe.wrong, ones, *options.items(), *kinds.items()), probe)
    return [one for right in (True, False) for one in [p for p in known.values() if p.wrong != right][:MORE]]


def _of_size_one(check: Check) -> frozenset[str]:
    """Return the axes that have one place alone: with one step, or one sequence, many mistakes show nothing."""
    arrays = {name: value for name, value in check.arguments.items() if isinstance(value, np.ndarray)}
    sizes = (
        (axis, n) for name, array in arrays.items() for axis, n in zip(check.axes(name), array.shape, strict=False)
    )
    return frozenset(axis for axis, size in sizes if size == 1)


def _nearly(
    function: str, probes: Sequence[Probe], ways: Iterable[tuple[Mistake, ...]]
) -> Iterator[tuple[Mistake, ...]]:
    """Yield the pairs that nearly agree on some probes, of those that may explain these and the others."""
    for way in ways:
        if all(nearly(one.outcome, answered(wrong(way, function), one.check), one.check) for one in probes):
            yield way


def _possible(
    function: str,
    probe: Probe,
    pairs: Iterable[tuple[Mistake, Mistake]],
    others: Sequence[Probe],
    parts: Sequence["_Effects"],
) -> Iterator[tuple[Mistake, ...]]:
    """Yield the pairs that may explain a probe: each output is wrong as one of them alone makes it, or by both.

    So it has to be on other probes as well. States that are handed on together are not: what is wrong with one of them
    reaches the others. Where a part is left out, a mistake in it may show through the other of two alone: there only
    what is wrong has to be wrong. Those come first whose effects on one step add up, or multiply, to what is seen; and
    of these the ones with an average, as most losses are, and then those of which one alone made outputs wrong, which
    are as it makes them. A mistake made twice, in two forms (of two gates), is tried where that adds up.
    """
    together = len(probe.check.operation.ends) > 1
    elsewhere = [] if together else [_Effects(function, one) for one in others]
    effects = _Effects(function, probe)
    first: dict[str, Mistake] = {}  # of each mistake the first form
    every = list(pairs) if together else pairs
    for one in (one for pair in every for one in pair) if together else ():
        first.setdefault(one.slug, one)
    adds_up = _AddsUp(parts[0] if parts else effects)
    possible: list[tuple[int, bool, bool, int, int, Effect, Effect]] = []
    for pair in every:
        a, b = effects[pair[0]], effects[pair[1]]
        if a is None or b is None or a.wrong | b.wrong != effects.wrong:
            continue
        twice = a.way.slug == b.way.slug
        if twice and adds_up(pair) == 2:
            continue
        if (
            (together or _alike(a, b))
            and all(_fits(alone, pair) for alone in elsewhere)
            and all(_as_wrong(alone, pair) for alone in parts)
        ):
            later = sum(first[one.slug] is not one for one in pair) if together else 0
            apart_ = 0 if together else -len(a.wrong ^ b.wrong)
            rare = AVERAGE not in {a.way.slug, b.way.slug}
            possible.append((adds_up(pair), rare, twice, later, apart_, a, b))
    for *_, a, b in sorted(possible, key=lambda one: one[:5]):
        way = _in_order(a.way, b.way, function)
        if way:
            yield way


class _Effects(dict[Mistake, Effect | None]):
    """What each mistake alone does to one probe, found when it is asked for."""

    def __init__(self, function: str, probe: Probe) -> None:
        super().__init__()
        self.function, self.probe = function, probe
        self.wrong = _wrong(probe.check, probe.outcome)
        due = probe.check.returning(probe.outcome.answers).expected
        self.right = {name: value for name, value in due.items() if np.any(value) and name not in self.wrong}
        off = {name: apart(probe.outcome.answers.get(name, ""), due[name]) for name in self.wrong}
        nearly_right = [name for name in off if off[name] < NEARLY_RIGHT * largest(due[name])]
        self.at_most = {name: FURTHER * off[name] for name in nearly_right if name in probe.check.expected}

    def __missing__(self, mistake: Mistake) -> Effect | None:
        """Run it; None where it makes wrong what is right, or far off what is nearly right, or has no numbers.

        A second mistake does not bring back what one has taken away.
        """
        probe, outcome, found = self.probe, untouched(self.function, (mistake,), self.probe.check), None
        if _has_numbers(outcome) and not outcome.mutated and not self._too_far(outcome.answers):
            wrong = _wrong(probe.check, outcome)
            if wrong <= self.wrong:
                like = nearly_alike(probe.outcome, outcome, probe.check)
                found = Effect(mistake, wrong, frozenset(like), outcome.answers)
        self[mistake] = found
        return found

    def _too_far(self, answers: Mapping[str, Array | str]) -> bool:
        """Whether an output is wrong that is right, or far off that is nearly right."""
        check = self.probe.check
        for name, value in self.right.items():
            if name in answers and apart(answers[name], value) > ROUGH[check.dtype] * largest(value):
                return True
        due = check.expected
        return any(name in answers and apart(answers[name], due[name]) > most for name, most in self.at_most.items())


class _AddsUp:
    """Whether what two mistakes alone do adds up to what is seen, or multiplies, in some entries of a probe.

    0 is in all of them, 1 in many: where a gradient has been through two slopes that are missing, its sums mix both.
    """

    def __init__(self, seen: _Effects) -> None:
        self.seen, self.known = seen, dict[Mistake, Array | None]()
        check = seen.probe.check
        due = check.returning(seen.probe.outcome.answers).expected
        self.due, self.got = (self._some(answers) for answers in (due, seen.probe.outcome.answers))
        self.near = ROUGH[check.dtype] * (0.0 if self.got is None else largest(self.got))

    def __call__(self, pair: tuple[Mistake, Mistake]) -> int:
        a, b = self._alone(pair[0]), self._alone(pair[1])
        if a is None or b is None or self.due is None or self.got is None:
            return 2
        if not len(a) == len(b) == len(self.due) == len(self.got):
            return 2
        sums, products = a + b - self.due - self.got, a * b - self.due * self.got
        fits = (np.abs(sums) <= self.near) | (np.abs(products) <= self.near * np.abs(self.due))
        return 0 if fits.all() else 1 if fits.mean() > MANY else 2

    def _alone(self, mistake: Mistake) -> Array | None:
        if mistake not in self.known:
            alone = self.seen[mistake]
            self.known[mistake] = None if alone is None else self._some(alone.answers)
        return self.known[mistake]

    def _some(self, answers: Mapping[str, Array | str]) -> Array | None:
        every = [answers.get(name, "") for name in sorted(self.seen.wrong)]
        arrays = [np.ravel(one)[:: max(1, one.size // ENTRIES)] for one in every if not isinstance(one, str)]
        return np.concatenate(arrays) if arrays and len(arrays) == len(every) else None


def _alike(a: Effect, b: Effect) -> bool:
    """Whether each output that one of two mistakes alone makes wrong is like the candidate's."""
    return (a.wrong - b.wrong) <= a.like and (b.wrong - a.wrong) <= b.like


def _as_wrong(alone: _Effects, pair: tuple[Mistake, Mistake]) -> bool:
    """Whether two mistakes make wrong what is wrong where less is at work."""
    a, b = alone[pair[0]], alone[pair[1]]
    return a is not None and b is not None and a.wrong | b.wrong == alone.wrong


def _fits(alone: _Effects, pair: tuple[Mistake, Mistake]) -> bool:
    """Whether a pair may explain another probe."""
    a, b = alone[pair[0]], alone[pair[1]]
    return a is not None and b is not None and a.wrong | b.wrong == alone.wrong and _alike(a, b)


def _wrong(check: Check, outcome: Outcome) -> frozenset[str]:
    """Return the outputs that are clearly wrong: thousands are looked at, so not by what is allowed."""
    due = check.returning(outcome.answers).expected
    return frozenset(
        {name for name, value in due.items() if np.any(value)}
        - nearly_alike(outcome, Outcome(answers=dict(due)), check)
    )


def _in_order(a: Mistake, b: Mistake, function: str) -> tuple[Mistake, ...] | None:
    """Return both in an order in which both can be made, None if one takes away what the other changes."""
    alone = {source((a,), function), source((b,), function)}
    for way in ((a, b), (b, a)):
        try:
            both = source(way, function)
            wrong(way, function)
        except ValueError:
            continue
        if both not in alone:
            return way
    return None


def _has_numbers(outcome: Outcome) -> bool:
    return any(isinstance(answer, np.ndarray) for answer in outcome.answers.values())
