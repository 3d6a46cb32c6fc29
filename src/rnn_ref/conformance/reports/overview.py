"""What a table of several targets says of each: how many of its functions conform, and what does not."""

from typing import NamedTuple

from .findings import Findings, Unchecked

HEAD = ("target", "conform", "what does not")


class Line(NamedTuple):
    """A target's line."""

    target: str
    conform: str
    said: str


def line_of(report: Findings | Unchecked) -> Line:
    """Return the line: first what does not conform, then what was left out; the target's own report has the places."""
    if isinstance(report, Unchecked):
        return Line(report.target, "-", "none of the functions is in it" if report.empty else report.why)
    found = [name for name, one in report.functions.items() if one.verdict != "missing"]
    apart = [note for note in report.on_loading[:1] if note.startswith("taken apart")]
    beside = [*report.left_out_of_all, *report.not_judged, *report.on_record, *apart]
    said = "; ".join(filter(None, [_failures(report), *beside]))
    return Line(report.target, f"{sum(map(report.is_right, found))}/{len(found)}", said)


def _failures(report: Findings) -> str:
    told = []
    for name, one in report.functions.items():
        if not report.is_right(name):
            lost = [result for result in report.of(name) if result.not_asked and result.status == "failed"]
            why = list(one.named or one.passes_on) or [raised.within(report.target) for raised in one.raises[:1]]
            why += [f"{len(lost)} recorded not asked now: {lost[0].not_asked}"] if lost else []
            told.append(f"{name} {report.verdict_shown(name, one)}" + (f" ({', '.join(why)})" if why else ""))
    return ", ".join([*told, *(f"{name} missing" for name in report.required)])
