"""The number in a mistake: solved for on one probe, so that one output of it agrees; all others have to verify it.

What has its place in a product or a sum follows from two tries. A bound, an epsilon or a scale is looked for on a grid
and then between its two points where the one entry that is most off changes its side. A number of steps is one of a
few. Of a number that the fit leaves open within rounding, the one with the fewest digits is taken.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ..._shapes import Array
from ..judge.compare import compared
from ..judge.probe import Probe, telling_first
from ..mistakes.answers import Way, answered, untouched
from ..mistakes.make import wrong
from ..numbers.bounded import unit
from ..numbers.root import between, brackets
from ..run.call import Outcome
from ..spec import catalogue
from ..spec.mistake import Mistake, Number
from ..spec.tolerance import allowed_errors
from .agreement import ROUGH, as_returned, largest, nearly

SMALL = 3000  # numbers in a problem on which something is solved for, if there is one
ENTRIES = 2  # on which a number is tried, where the first finds none
BRACKETS = 2  # in which a number is looked for, of those in which an entry changes its side
FIRST, NEAR = 1e-3, 0.02  # how well a number is found, and how well an output agrees then, before it is found for good
DIGITS = range(1, 7)
LEAST, CLEARLY = 1e3, 1e-3  # off by more than rounding, in units of it; and off by far
FURTHEST = 50  # steps of a sequence on which every number of steps is tried


class Entry(NamedTuple):
    """The entry of an output that is most off, and what it is."""

    name: str
    place: int
    value: float
    off: float  # relative to the greatest entry of the output


def solved(
    function: str, probes: Sequence[Probe], beside: Way = (), without: Sequence[str] = ()
) -> tuple[list[Mistake], Probe | None]:
    """Return the forms with the number with which each may explain a probe, and that probe; ``without`` some slugs.

    With mistakes ``beside``, they are made as well.
    """
    return _solved(function, probes, beside, part=False, without=without)


def solved_steps(function: str, probes: Sequence[Probe]) -> list[Mistake]:
    """Return the forms that count steps, with the numbers of steps with which they may explain a probe."""
    forms = [form for form in catalogue.with_numbers(function) if form.sought and form.sought.steps]
    return [one for form in forms for one in _steps(function, form, probes, ())]


def solved_in_part(
    function: str, probes: Sequence[Probe], only: Sequence[str] = ()
) -> tuple[list[Mistake], Probe | None]:
    """Return the forms that can explain some of the outputs that are wrong, and do with their number; and the probe.

    Where some slugs are asked for ``only``, no other form is tried.
    """
    return _solved(function, probes, (), part=True, only=only)


def _solved(
    function: str,
    probes: Sequence[Probe],
    beside: Way,
    *,
    part: bool,
    without: Sequence[str] = (),
    only: Sequence[str] = (),
) -> tuple[list[Mistake], Probe | None]:
    forms = [form for form in catalogue.with_numbers(function) if form.slug not in without]
    forms = [form for form in forms if not only or form.slug in only]
    probe = _most_telling(probes) if forms else None
    if probe is None:
        return [], None
    due = _due(function, probe, beside)
    wrong_ones = {one.name: one for one in _entries(probe, due)}
    found: list[Mistake] = []
    for form in forms:
        if form.sought and form.sought.steps:
            found += _steps(function, form, probes, beside)
            continue
        mine = wrong_ones.keys() & _reached(function, form, probe, beside, due)
        if mine and (mine != wrong_ones.keys()) == part:
            entries = sorted((wrong_ones[name] for name in mine), key=lambda one: -one.off)[:ENTRIES]
            fits = (_fitted(function, form, probe, beside, entry) for entry in entries)
            found += [one for one in [next(filter(None, fits), None)] if one]
    return list(dict.fromkeys(found)), probe


def _most_telling(probes: Sequence[Probe]) -> Probe | None:
    """Return the smallest probe that is clearly off, or that which is most off."""
    usable = [
        probe
        for probe in telling_first(probes)
        if probe.wrong and probe.outcome.error is None and probe.outcome.unusable is None
    ]
    wide = [probe for probe in usable if probe.check.dtype == "float64"] or usable
    small = [probe for probe in wide if _size(probe) <= SMALL] or wide[:1]
    offs = [(_off(probe), probe) for probe in small]
    clear = next((probe for off, probe in offs if off > CLEARLY), None)
    return clear or max(offs, key=lambda one: one[0], default=(0.0, None))[1]


def _size(probe: Probe) -> int:
    return sum(np.size(value) for value in probe.check.arguments.values())


def _off(probe: Probe) -> float:
    """Return the greatest difference of an output, relative to its greatest entry, as far as that is a number."""
    return max((one.off for one in _entries(probe, probe.check.expected)), default=0.0)


def _entries(probe: Probe, due: Mapping[str, object]) -> list[Entry]:
    """Return the entry that is most off of every output that is wrong."""
    found = []
    for name, value in probe.outcome.answers.items():
        answer, other = _array(value), _array(due.get(name))
        if answer is None or other is None or answer.shape != other.shape:
            continue
        with np.errstate(all="ignore"):
            off = np.nan_to_num(np.abs(answer - other).ravel(), nan=-1.0, posinf=-1.0)
        place = int(off.argmax()) if off.size else 0
        size = largest(other) or 1.0
        if off.size and off[place] / size > LEAST * unit(probe.check.dtype):
            found.append(Entry(name, place, float(answer.ravel()[place]), float(off[place] / size)))
    return found


def _array(value: object) -> Array | None:
    """Return an array, or a number of NumPy's as one; None of anything else."""
    return np.asarray(value) if isinstance(value, np.ndarray | np.generic) else None


def _due(function: str, probe: Probe, beside: Way) -> Mapping[str, object]:
    return _made(function, beside, probe) or {} if beside else probe.check.expected


def _made(function: str, way: Way, probe: Probe, *, keep: bool = True) -> dict[str, Array | str] | None:
    """Return what a way to be wrong answers to a probe; None if it raises, or cannot be made.

    What is tried for every target is kept, a number that belongs to one target is not.
    """
    outcome = _outcome(function, way, probe, keep=keep)
    if outcome is None or outcome.error is not None:
        return None
    return as_returned(probe.check, outcome.answers, probe.outcome)


def _reached(function: str, form: Mistake, probe: Probe, beside: Way, due: Mapping[str, object]) -> set[str]:
    """Return the outputs that the form changes, with one number or another."""
    sought, reached = form.sought, set[str]()
    for number in (sought.shown, sought.least, sought.most) if sought else ():
        made = _made(function, (*beside, form._replace(number=number)), probe)
        if made is None:
            return reached
        changed = replace(probe, outcome=replace(probe.outcome, answers=made))
        reached |= {one.name for one in _entries(changed, due)}
    return reached


def _fitted(function: str, form: Mistake, probe: Probe, beside: Way, entry: Entry) -> Mistake | None:
    """Return the form with the number with which an output agrees, None if it does with no number."""

    usual = _usual(form.sought) if form.sought else frozenset()

    def off(number: float) -> float:
        way = (*beside, form._replace(number=number))
        answer = _array((_made(function, way, probe, keep=number in usual) or {}).get(entry.name))
        if answer is None or answer.size <= entry.place:
            return np.nan
        return float(answer.ravel()[entry.place]) - entry.value

    def agrees(number: float, apart: float) -> bool:
        way = (*beside, form._replace(number=number))
        answer = _array((_made(function, way, probe, keep=False) or {}).get(entry.name))
        mine = _array(probe.outcome.answers[entry.name])
        if answer is None or mine is None or answer.shape != mine.shape:
            return False
        finite = np.isfinite(mine) & np.isfinite(answer)
        return float(np.abs(answer - mine)[finite].max(initial=0.0)) <= apart * largest(mine)

    allowed = 16 * float(np.max(allowed_errors(probe.check)[entry.name], initial=0.0))
    for number in _roots(form, off, agrees):
        if agrees(number, ROUGH[probe.check.dtype]):
            return form._replace(number=_plain(number, off, max(allowed, abs(off(number)))))
    return None


def _roots(form: Mistake, off: Callable[[float], float], agrees: Callable[[float, float], bool]) -> Iterator[float]:
    """Yield the numbers with which an entry is what it is, and the others of its output are not far from it."""
    sought = form.sought
    if sought is None:
        return
    if sought.linear:
        one, two = sought.shown, sought.shown + 1
        here, there = off(one), off(two)
        if np.isfinite(here) and np.isfinite(there) and here != there:
            yield one - here / (there - here)
        return
    grid = _grid(sought)
    for sign in (1.0, -1.0) if sought.signed else (1.0,):

        def at(x: float, sign: float = sign) -> float:
            return off(sign * float(np.exp(x)))

        for bracket in list(brackets(at, grid))[:BRACKETS]:
            near = between(at, bracket, FIRST)
            if agrees(sign * float(np.exp(near.root)), NEAR):
                yield sign * float(np.exp(between(at, near.bracket, 0.0).root))


@functools.cache
def _grid(sought: Number) -> tuple[float, ...]:
    """Return the logarithms of the numbers between which one is looked for."""
    count = int(sought.points * np.log10(sought.most / sought.least)) + 2
    return tuple(map(float, np.log(np.geomspace(sought.least, sought.most, count))))


@functools.cache
def _usual(sought: Number) -> frozenset[float]:
    """Return the numbers that are tried first, for every target."""
    if sought.linear:
        return frozenset((sought.shown, sought.shown + 1))
    grid = [float(np.exp(x)) for x in _grid(sought)]
    return frozenset(grid + [-number for number in grid])


def _plain(number: float, off: Callable[[float], float], allowed: float) -> float:
    """Return the number of the fewest digits, or one over such a number, with which the entry is still what it is."""
    for digits in DIGITS:
        for plain in (float(f"{number:.{digits - 1}e}"), 1 / float(f"{1 / (number or 1):.{digits - 1}e}")):
            if abs(plain - number) < CLEARLY * abs(number) and abs(off(plain)) <= allowed:
                return plain
    return number


def _steps(function: str, form: Mistake, probes: Sequence[Probe], beside: Way) -> Iterator[Mistake]:
    """Yield the form with every number of steps with which an output of the shortest wrong probe agrees."""
    timed = [(T, probe) for probe in probes if (T := _length(probe))]
    usable = {id(probe): T for T, probe in timed if probe.outcome.error is None and probe.outcome.unusable is None}
    first = next((p for p in telling_first(p for p in probes if p.wrong and id(p) in usable)), None)
    if first is None or form.sought is None:
        return
    T = usable[id(first)]
    shorter = (one for one, probe in timed if not probe.wrong and probe.outcome.error is None and one < T)
    right = max(shorter, default=0)  # in longer ones that are right nothing is left of the gradient
    step = _first_wrong_step(first)
    if form.sought.at_step and step is not None:
        numbers: Iterable[int] = form.sought.at_step(step, T)
    else:
        numbers = range(max(1, right - 1), T) if T - right <= FURTHEST else ()
    wrong_ones = _wrong_outputs(first) if numbers else []
    for number in numbers:
        one = form._replace(number=number)
        outcome = _outcome(function, (*beside, one), first)
        if outcome and any(nearly(first.outcome, outcome, first.check, name) for name in wrong_ones):
            yield one


def _outcome(function: str, way: Way, probe: Probe, *, keep: bool = True) -> Outcome | None:
    try:
        return untouched(function, way, probe.check) if keep else answered(wrong(way, function), probe.check)
    except ValueError:
        return None


def _wrong_outputs(probe: Probe) -> list[str]:
    check = probe.check.returning(probe.outcome.answers)
    return [one.name for one in compared(check, probe.outcome.answers) if one.wrong]


def _first_wrong_step(probe: Probe) -> int | None:
    check = probe.check.returning(probe.outcome.answers)
    return next((step for one in compared(check, probe.outcome.answers) if (step := one.step(check)) is not None), None)


def _length(probe: Probe) -> int:
    """Return T, 0 where there is none."""
    check = probe.check
    arguments = check.operation.arguments.values()
    return next((len(check.arguments[one.name]) for one in arguments if "T" in one.axes and "T" not in one.optional), 0)
