"""The number in a mistake: solved for on one probe, so that one output of it agrees; all others have to verify it.

What has its place in a product or a sum follows from two tries. A bound, an epsilon or a scale is looked for on a grid
and then between its two points where the one entry that is most off changes its side. A number of steps is one of a
few. Of a number that the fit leaves open within rounding, the one with the fewest digits is taken.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..judge.compare import compared
from ..judge.probe import Probe, telling_first
from ..mistakes.make import wrong
from ..numbers.bounded import unit
from ..run.call import Outcome, perform
from ..spec import catalogue
from ..spec.mistake import Mistake
from ..spec.tolerance import allowed_errors
from .agreement import as_returned, nearly

Way = tuple[Mistake, ...]
SMALL = 3000  # numbers in a problem on which something is solved for, if there is one
POINTS, HALVINGS, BRACKETS = 3, 60, 2  # of the grid, for each power of ten
DIGITS = range(1, 7)
FURTHEST = 50  # steps of a sequence on which every number of steps is tried


class Entry(NamedTuple):
    """The entry of an output that is most off, and what it is."""

    name: str
    place: int
    value: float


def solved(function: str, probes: Sequence[Probe], beside: Way = ()) -> tuple[list[Mistake], Probe | None]:
    """Return the forms with the number with which each explains an output of one probe, and that probe.

    With mistakes ``beside``, they are made as well.
    """
    forms = catalogue.with_numbers(function)
    probe = _most_telling(probes) if forms else None
    if probe is None:
        return [], None
    entries = _entries(function, probe, beside)
    found = []
    for form in forms:
        if form.sought and form.sought.steps:
            found += list(_steps(function, form, probes, beside))
        elif _reaches(function, form, probe, beside, entries):
            found += [one for entry in entries if (one := _fitted(function, form, probe, beside, entry))]
    return list(dict.fromkeys(found)), probe


def _most_telling(probes: Sequence[Probe]) -> Probe | None:
    """Return the small probe that is most off."""
    usable = [
        probe
        for probe in telling_first(probes)
        if probe.wrong and probe.outcome.error is None and probe.outcome.unusable is None
    ]
    wide = [probe for probe in usable if probe.check.dtype == "float64"] or usable
    small = [probe for probe in wide if _size(probe) <= SMALL] or wide[:1]
    return max(small, key=_off, default=None)


def _size(probe: Probe) -> int:
    return sum(np.size(value) for value in probe.check.arguments.values())


def _off(probe: Probe) -> float:
    """Return the greatest difference of an output, relative to its greatest entry, as far as that is a number."""
    due = probe.check.expected
    return max(
        (_apart(answer, due[name]) for name, answer in probe.outcome.answers.items() if name in due), default=0.0
    )


def _apart(answer: object, due: np.ndarray) -> float:
    if not isinstance(answer, np.ndarray) or answer.shape != due.shape:
        return 0.0
    with np.errstate(all="ignore"):
        off = np.abs(answer - due)
    size = np.abs(due[np.isfinite(due)]).max(initial=0.0) or 1.0
    return float(off[np.isfinite(off)].max(initial=0.0) / size)


def _entries(function: str, probe: Probe, beside: Way) -> list[Entry]:
    """Return the entry that is most off of every output that is wrong."""
    due = _due(function, probe, beside)
    found = []
    for name, answer in probe.outcome.answers.items():
        other = due.get(name)
        if not (isinstance(answer, np.ndarray) and isinstance(other, np.ndarray)):
            continue
        if _apart(answer, other) > 16 * unit(probe.check.dtype):
            with np.errstate(all="ignore"):
                off = np.nan_to_num(np.abs(answer - other).ravel(), nan=-1.0, posinf=-1.0)
            place = int(off.argmax())
            found.append(Entry(name, place, float(answer.ravel()[place])))
    return found


def _due(function: str, probe: Probe, beside: Way) -> dict[str, object]:
    if not beside:
        return dict(probe.check.expected)
    other = perform(wrong(beside, function), probe.check, ours=True)
    return dict(as_returned(probe.check.operation, other.answers, probe.outcome))


def _reaches(function: str, form: Mistake, probe: Probe, beside: Way, entries: list[Entry]) -> bool:
    """Whether the form can make wrong one of the outputs that are."""
    made = _made(function, form, probe, beside)
    return made is not None and any(name in made for name, _, _ in entries)


def _made(function: str, form: Mistake, probe: Probe, beside: Way) -> dict[str, object] | None:
    try:
        outcome = perform(wrong((*beside, form), function), probe.check, ours=True)
    except ValueError:
        return None  # what is beside it takes away what it changes
    return dict(as_returned(probe.check.operation, outcome.answers, probe.outcome)) if outcome.error is None else None


def _fitted(function: str, form: Mistake, probe: Probe, beside: Way, entry: Entry) -> Mistake | None:
    """Return the form with the number with which an output agrees, None if it does with no number."""

    def off(number: float) -> float:
        made = _made(function, form._replace(number=number), probe, beside) or {}
        answer = made.get(entry.name)
        if not isinstance(answer, np.ndarray) or answer.size <= entry.place:
            return np.nan
        return float(answer.ravel()[entry.place]) - entry.value

    allowed = 16 * float(np.max(allowed_errors(probe.check)[entry.name], initial=0.0))
    for number in _roots(form, off):
        plain = _plain(number, off, max(allowed, abs(off(number))))
        way = (*beside, form._replace(number=plain))
        if nearly(probe.outcome, perform(wrong(way, function), probe.check, ours=True), probe.check, entry.name):
            return way[-1]
    return None


def _roots(form: Mistake, off: Callable[[float], float]) -> Iterator[float]:
    """Yield the numbers with which an entry is what it is."""
    sought = form.sought
    if sought is None:
        return
    if sought.linear:
        one, two = sought.shown, sought.shown + 1
        here, there = off(one), off(two)
        if np.isfinite(here) and np.isfinite(there) and here != there:
            yield one - here / (there - here)
        return
    count = int(POINTS * np.log10(sought.most / sought.least)) + 1
    grid = np.log(np.geomspace(sought.least, sought.most, count))
    for sign in (1.0, -1.0) if sought.signed else (1.0,):

        def at(x: float, sign: float = sign) -> float:
            return off(sign * float(np.exp(x)))

        values = [at(x) for x in grid]
        brackets = [(a, b) for a, b in pairwise(zip(grid, values, strict=True)) if a[1] * b[1] <= 0 and a[1] != b[1]]
        yield from (sign * float(np.exp(_between(at, a, b))) for a, b in brackets[:BRACKETS])


def _between(off: Callable[[float], float], a: tuple[float, float], b: tuple[float, float]) -> float:
    """Return where a function is zero between two points, at which it has different signs (Illinois)."""
    for _ in range(HALVINGS):
        if not a[1] or not b[1]:
            break
        x = (a[0] * b[1] - b[0] * a[1]) / (b[1] - a[1])
        at_x = off(x)
        if not np.isfinite(at_x) or x in (a[0], b[0]):
            break
        a = b if at_x * b[1] < 0 else (a[0], a[1] / 2)
        b = (x, at_x)
    return a[0] if abs(a[1]) < abs(b[1]) and not a[1] else b[0]


def _plain(number: float, off: Callable[[float], float], allowed: float) -> float:
    """Return the number of the fewest digits, or one over such a number, with which the entry is still what it is."""
    for digits in DIGITS:
        for plain in (float(f"{number:.{digits - 1}e}"), 1 / float(f"{1 / (number or 1):.{digits - 1}e}")):
            if abs(plain - number) < 0.1 * abs(number) and abs(off(plain)) <= allowed:
                return plain
    return number


def _steps(function: str, form: Mistake, probes: Sequence[Probe], beside: Way) -> Iterator[Mistake]:
    """Yield the form with every number of steps with which an output of the shortest wrong probe agrees."""
    timed = [(T, probe) for probe in probes if (T := _length(probe))]
    right = max((T for T, probe in timed if not probe.wrong and probe.outcome.error is None), default=0)
    usable = {id(probe): T for T, probe in timed if probe.outcome.error is None and probe.outcome.unusable is None}
    first = next((p for p in telling_first(p for p in probes if p.wrong and id(p) in usable)), None)
    if first is None or form.sought is None:
        return
    T = usable[id(first)]
    step = _first_wrong_step(first)
    if form.sought.at_step and step is not None:
        numbers: Iterable[int] = form.sought.at_step(step, T)
    else:
        numbers = range(max(1, right - 1), T) if T - right <= FURTHEST else ()
    for number in numbers:
        one = form._replace(number=number)
        outcome = _outcome(function, (*beside, one), first)
        if outcome and any(nearly(first.outcome, outcome, first.check, name) for name in _wrong_outputs(first)):
            yield one


def _outcome(function: str, way: Way, probe: Probe) -> Outcome | None:
    try:
        return perform(wrong(way, function), probe.check, ours=True)
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
