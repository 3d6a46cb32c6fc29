"""The report as Markdown, for a pull request or a CI server's summary: tables, then what is wrong."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from .block import function_block
from .clean_text import fenced, in_markdown
from .findings import Findings, Head, Several, Unchecked, each
from .overview import HEAD as SEVERAL
from .overview import lines_of

LIMIT = 200_000  # bytes of UTF-8; a summary on GitHub holds 1 MiB of all that a step writes
RESERVED = 500  # of them for the sentence about what was left out
HEAD = "| function | verdict | passed | error | allowed | step |\n|:--|:--|--:|--:|--:|--:|\n"


def rendered(found: Findings | Several, limit: int = LIMIT) -> str:
    """Return the sums, what does not conform (tables, then blocks), then what does; never more bytes than the limit."""
    kept: list[str] = []
    left_out, room = Counter[str](), limit - RESERVED
    for what, part in _parts(found):
        room -= len(part.encode()) + 1  # and the line between them
        if room < 0 or left_out:
            left_out[what] += 1
        else:
            kept.append(part)
    return "\n".join([*kept, *_left_out(left_out, limit)])


def pieces(found: Findings | Several) -> Iterator[str]:
    """Yield the text."""
    yield rendered(found)


def _parts(found: Findings | Several) -> Iterator[tuple[str, str]]:
    """Yield what the report is made of, what is wrong first: the limit cuts off the end."""
    reports = each(found)
    heads = found.heads if isinstance(found, Several) else [Head(found.ok, True)]
    wrong, right = ([i for i, head in enumerate(heads) if head.ok is ok] for ok in (False, True))
    if isinstance(found, Several):
        yield "sum", _sum(found)
        yield "overview", _overview(reports, [*wrong, *right])
    yield from (("table", _summary(reports[i])) for i in wrong if not heads[i].left)
    yield from (("block", one) for i in (*wrong, *right) for one in _blocks(reports[i], several=len(heads) > 1))
    yield from (("table", _summary(reports[i])) for i in right)


def _sum(found: Several) -> str:
    return f"**{'partial: ' if found.left else ''}{found.counted}.**\n"


def _overview(reports: Sequence[Findings | Unchecked], order: Sequence[int]) -> str:
    """Return a table with a line for each target, those first that do not conform, as far as there is room."""
    lines = [f"| {' | '.join(SEVERAL)} |\n|:--|--:|:--|\n"]
    every, once = lines_of(reports)
    end = "".join(f"\n{in_markdown(one)}.\n" for one in once.values())
    room = LIMIT // 2 - len(end.encode())
    for number, i in enumerate(order):
        cells = (every[i].target, every[i].conform, every[i].said(once))
        line = f"| {' | '.join(map(in_markdown, cells))} |\n"
        room -= len(line.encode())
        if room < 0:
            return "".join([*lines, f"| {len(order) - number} more | | |\n", end])
        lines.append(line)
    return "".join([*lines, end])


def _summary(report: Findings | Unchecked) -> str:
    if isinstance(report, Unchecked):
        heading = "nothing to check" if report.empty else "could not be checked"
        return f"## {in_markdown(report.target)}: {heading}\n\n{in_markdown(report.error)}\n"
    lines = [f"## {in_markdown(report.target)}: {'ok' if report.ok else 'NOT OK'}\n\n"]
    cells = list(report.rows())
    if cells:
        told = [row._replace(verdict="; ".join([row.verdict, *report.beside(row.function)])) for row in cells]
        lines += [HEAD, *("| " + " | ".join(map(in_markdown, row)) + " |\n" for row in told), "\n"]
    return "".join([*lines, *(f"{in_markdown(line)}\n\n" for line in _sums(report))])[:-1]


def _sums(found: Findings) -> Iterator[str]:
    if found.required:
        yield f"Required, but not there: {', '.join(found.required)}."
    if found.missing:
        yield f"Not there: {', '.join(found.missing)}."
    for one in found.declared:
        yield f"{one.what.capitalize()}: {one.checks} of {one.function}: {one.reason}."
    if found.reasons:
        yield f"Skipped: {'; '.join(f'{count} {reason}' for reason, count in found.reasons.items())}."
    for note in found.notes:
        yield f"Note: {note}."
    yield (f"Suite {found.asked}, {found.environment.get('oracle')}: {found.counted}; {found.seconds:.1f} s.")


def _blocks(report: Findings | Unchecked, *, several: bool) -> Iterator[str]:
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
