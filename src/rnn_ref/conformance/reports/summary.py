"""Several reports as one table, no wider than 80 columns: a line for every target."""

import textwrap
from collections.abc import Iterator

from ..judge.verdict import RIGHT
from .report import Report
from .several import Reports, Unchecked

WIDTH, NAME = 80, 30


def summarised(reports: Reports) -> str:
    """Return the table and the sums."""
    lines = [f"{'target':<{NAME}} {'conform':>7}  what does not"]
    for report in reports:
        lines += _row(report)
    lines += ["", *_sums(reports)]
    return "\n".join(lines) + "\n"


def _row(report: Report | Unchecked) -> Iterator[str]:
    if isinstance(report, Unchecked):
        counted, rest = "-", "none of the functions is in it" if report.empty else report.error
        rest = rest.removeprefix(f"{report.target}: ")
    else:
        found = {name: one for name, one in report.functions.items() if one.verdict != "missing"}
        counted = f"{sum(one.verdict in RIGHT for one in found.values())}/{len(found)}"
        rest = _failures(report)
    indent = " " * (NAME + 10)
    filled = textwrap.wrap(rest, WIDTH, initial_indent=indent, subsequent_indent=indent) or [indent]
    name = report.target
    if len(name) > NAME:
        yield name
        name = ""
    yield f"{name:<{NAME}} {counted:>7}  {filled[0].lstrip()}".rstrip()
    yield from filled[1:]


def _failures(report: Report) -> str:
    told = []
    for name, one in report.functions.items():
        if one.verdict not in RIGHT:
            told.append(f"{name} {one.verdict}" + (f" ({', '.join(one.mistakes)})" if one.mistakes else ""))
    unexpected = sum(result.status == "xpass" for result in report.results)
    told += [f"{unexpected} unexpected pass{'es' if unexpected > 1 else ''}"] if unexpected else []
    told += [f"{name} missing" for name in report.required_missing]
    return ", ".join(told)


def _sums(reports: Reports) -> Iterator[str]:
    checked, unchecked = list(reports.checked), list(reports.unchecked)
    empty = len(reports) - len(checked) - len(unchecked)
    told = f"{sum(report.ok for report in checked)} of {len(checked)} targets conform"
    told += f"; {len(unchecked)} could not be checked" if unchecked else ""
    told += f"; {empty} without any of the functions" if empty else ""
    yield f"{'ok' if reports.ok else 'NOT OK'}: {told}"
    yield "rnn-ref check TARGET tells more about one"
