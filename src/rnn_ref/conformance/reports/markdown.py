"""The report as Markdown, for a pull request or a CI server's summary: a table of functions, then what is wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ..operation import SUITE
from .block import function_block
from .clean_text import fenced, in_markdown
from .report import Report
from .several import Unchecked
from .text import DECLARED, rows

LIMIT = 200_000  # bytes of UTF-8; a summary on GitHub holds 1 MiB of all that a step writes
RESERVED = 500  # of them for the sentence about what was left out
HEAD = "| function | verdict | passed | error | allowed | step |\n|:--|:--|--:|--:|--:|--:|\n"


def to_markdown(reports: Sequence[Report | Unchecked], limit: int = LIMIT) -> str:
    """Return the tables of all reports, then the blocks of what does not conform, never more bytes than the limit."""
    pieces = [("table", _summary(report)) for report in reports]
    pieces += [("block", block) for report in reports for block in _blocks(report, several=len(reports) > 1)]
    kept, room = 0, limit - RESERVED
    for _, piece in pieces:
        room -= len(piece.encode()) + 1  # and the line between them
        if room < 0:
            break
        kept += 1
    left_out = Counter(what for what, _ in pieces[kept:])
    return "\n".join([*(piece for _, piece in pieces[:kept]), *_left_out(left_out, limit)])


def _summary(report: Report | Unchecked) -> str:
    if isinstance(report, Unchecked):
        heading = "nothing to check" if report.empty else "could not be checked"
        return f"## {in_markdown(report.target)}: {heading}\n\n{in_markdown(report.error)}\n"
    lines = [f"## {in_markdown(report.target)}: {'ok' if report.ok else 'NOT OK'}\n\n"]
    cells = list(rows(report))
    if cells:
        lines += [HEAD, *("| " + " | ".join(map(in_markdown, row)) + " |\n" for row in cells), "\n"]
    return "".join([*lines, *(f"{in_markdown(line)}\n\n" for line in _sums(report))])[:-1]


def _sums(report: Report) -> Iterator[str]:
    missing = [name for name, function in report.functions.items() if function.verdict == "missing"]
    if report.required_missing:
        yield f"Required, but not there: {', '.join(report.required_missing)}."
    if missing:
        yield f"Not there: {', '.join(missing)}."
    for status, says in DECLARED.items():
        declared = Counter((r.function, r.declared) for r in report.results if r.status == status)
        for (function, reason), count in declared.items():
            yield f"{says.capitalize()}: {count} of {function}: {reason}."
    reasons = Counter(result.message for result in report.results if result.status == "skipped")
    if reasons:
        yield f"Skipped: {'; '.join(f'{count} {reason}' for reason, count in reasons.items())}."
    for note in report.notes:
        yield f"Note: {note}."
    yield (
        f"Suite {SUITE}, {report.environment.get('oracle')}: planned {report.planned}, ran {report.ran}, "
        f"skipped {report.skipped}; {report.seconds:.1f} s."
    )


def _blocks(report: Report | Unchecked, *, several: bool) -> Iterator[str]:
    if isinstance(report, Unchecked):
        return
    for name, function in report.functions.items():
        lines = function_block(name, function, report.results)
        if lines:
            of = f"{in_markdown(report.target)}: " if several else ""
            body = fenced("\n".join(lines[1:])) if lines[1:] else ""
            heading = f"### {of}{in_markdown(lines[0])}\n"
            yield f"{heading}\n{body}" if body else heading


def _left_out(counted: Counter[str], limit: int) -> Iterable[str]:
    if not counted:
        return []
    told = " and ".join(f"{count} {what}{'s' if count > 1 else ''}" for what, count in counted.items())
    return [f"Left out, to stay below {limit:,} bytes: {told}. The JSON report has all of it.\n"]
