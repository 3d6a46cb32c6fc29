"""What a table of several targets says of each: how many of its functions conform, and what does not."""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from .findings import Findings, Unchecked

HEAD = ("target", "conform", "what does not")
UNCHECKED = "-"
OF_EACH, BUT = "of each of them: {}", "of all but {}: {}"
FEW, MOST_NAMED = 2, 9  # the others are named: so many times fewer than those of which it is told, and so many at most
NOT_JUDGED = "not judged: "


class Line(NamedTuple):
    """A target's line, and sentences that stand behind what is wrong."""

    target: str
    conform: str
    wrong: str
    beside: tuple[str, ...] = ()

    def said(self, shared: Collection[str]) -> str:
        """Return what does not conform, and behind it what is not said of all."""
        return "; ".join(filter(None, [self.wrong, *(one for one in self.beside if one not in shared)]))


def lines_of(reports: Iterable[Findings | Unchecked]) -> tuple[list[Line], dict[str, str]]:
    """Return a line for each target, and what is told once of all that were checked, or of all but a few."""
    lines = [_line(one) for one in reports]
    return lines, shared((line.target, line.beside) for line in lines if line.conform != UNCHECKED)


def shared(told: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Return the sentences that are told of each of several targets, or of all but a few, and how they are told once.

    >>> shared([("x", ["a", "b"]), ("y", ["b"])]), shared([("x", ["a"])])
    ({'b': 'of each of them: b'}, {})
    >>> shared([("w", ["a"]), ("x", ["a"]), ("y", []), ("z", ["a"])])
    {'a': 'of all but y: a'}
    """
    targets: list[str] = []
    of: dict[str, set[int]] = {}
    for number, (target, sentences) in enumerate(told):
        targets.append(target)
        for sentence in sentences:
            of.setdefault(sentence, set()).add(number)
    once = {}
    for sentence, numbers in of.items():
        others = [target for number, target in enumerate(targets) if number not in numbers]
        if len(numbers) > 1 and len(others) <= min(len(numbers) // FEW, MOST_NAMED):
            once[sentence] = BUT.format(", ".join(others), sentence) if others else OF_EACH.format(sentence)
    return once


def not_judged(once: dict[str, str]) -> list[str]:
    """Return what of each target is said not to be judged: the sum says it too, lest it be taken for a verdict on that.

    >>> not_judged(shared([("x#a", ["not judged: Net itself", "b"]), ("x#b", ["not judged: Net itself", "b"])]))
    ['not judged: Net itself']
    """
    return [one for one, said in once.items() if one.startswith(NOT_JUDGED) and said == OF_EACH.format(one)]


def _line(report: Findings | Unchecked) -> Line:
    if isinstance(report, Unchecked):
        return Line(report.target, UNCHECKED, "none of the functions is in it" if report.empty else report.why)
    found = [name for name, one in report.functions.items() if one.verdict != "missing"]
    apart = [note for note in report.on_loading[:1] if note.startswith("taken apart")]
    counted = f"{sum(map(report.is_right, found))}/{len(found)}"
    return Line(report.target, counted, _failures(report), (*report.beside_all, *apart))


def _failures(report: Findings) -> str:
    told = []
    for name, one in report.functions.items():
        if not report.is_right(name):
            lost = [result for result in report.of(name) if result.not_asked and result.status == "failed"]
            why = list(one.named or one.passes_on) or [raised.within(report.target) for raised in one.raises[:1]]
            why += [f"{len(lost)} recorded not asked now: {lost[0].not_asked}"] if lost else []
            told.append(f"{name} {report.verdict_shown(name, one)}" + (f" ({', '.join(why)})" if why else ""))
    return ", ".join([*told, *(f"{name} missing" for name in report.required)])
