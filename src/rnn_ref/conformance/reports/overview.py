"""What a table of several targets says of each: how many of its functions conform, and what does not."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from .findings import Findings, Unchecked

HEAD = ("target", "conform", "what does not")
UNCHECKED = "-"
OF_ALL = "of each of them: {}"


class Line(NamedTuple):
    """A target's line, and sentences that stand behind what is wrong."""

    target: str
    conform: str
    wrong: str
    beside: tuple[str, ...] = ()

    def said(self, shared: Collection[str]) -> str:
        """Return what does not conform, and behind it what is not said of all."""
        return "; ".join(filter(None, [self.wrong, *(one for one in self.beside if one not in shared)]))


def lines_of(reports: Iterable[Findings | Unchecked]) -> tuple[list[Line], list[str]]:
    """Return a line for each target, and the sentences that are the same for all that were checked, told once."""
    lines = [_line(one) for one in reports]
    return lines, shared(line.beside for line in lines if line.conform != UNCHECKED)


def shared(told: Iterable[Sequence[str]]) -> list[str]:
    """Return the sentences that are told of each of several.

    >>> shared([["a", "b"], ["b"]]), shared([["a"]])
    (['b'], [])
    """
    counted = Counter[str]()
    number = 0
    for sentences in told:
        counted.update(list(dict.fromkeys(sentences)))
        number += 1
    return [sentence for sentence, count in counted.items() if count == number > 1]


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
