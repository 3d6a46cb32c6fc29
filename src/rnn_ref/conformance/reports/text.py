"""The report as text, no wider than 80 columns."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator

from ..judge.result import Result
from ..operation import SUITE
from .block import WIDTH, function_block
from .report import Report

_ROW = "{:<26} {:<15} {:>7} {:>9} {:>8} {:>5}".format
DECLARED = {"xfail": "failed as declared", "xpass": "passed though declared to fail"}


def render(report: Report) -> str:
    """Return the table of functions, what is wrong with each, and the sums."""
    lines = [
        f"{report.target}: suite {SUITE}, {report.environment['oracle']}",
        "",
        _ROW("function", "verdict", "passed", "error", "allowed", "step").rstrip(),
        *_rows(report),
        *_explanations(report),
        "",
        *_sums(report),
    ]
    return "\n".join(lines) + "\n"


def _rows(report: Report) -> Iterator[str]:
    for name, *cells in rows(report):
        yield _ROW(name, *cells).rstrip()


def rows(report: Report) -> Iterator[tuple[str, ...]]:
    """Yield the cells of every function found: its name, verdict, passed, error, allowed and first wrong step."""
    for name, function in report.functions.items():
        if function.verdict == "missing":
            continue
        results = [result for result in report.results if result.function == name]
        measured = [result for result in results if result.max_abs_error is not None]
        telling = [result for result in measured if result.id == function.telling]
        worst = max(telling or measured, key=lambda result: result.ratio, default=None)
        ran = sum(result.status != "skipped" for result in results)
        step = "" if function.first_wrong_step is None else str(function.first_wrong_step)
        error, allowed = ("", "") if worst is None else _cells(worst)
        yield name, shown(function.verdict, results), f"{function.passed}/{ran}", error, allowed, step


def shown(verdict: str, results: Iterable[Result]) -> str:
    """Return the verdict, or that it conforms only but for what was declared."""
    declared = verdict == "conforms" and any(result.status == "xfail" for result in results)
    return "as declared" if declared else verdict


def _cells(worst: Result) -> tuple[str, str]:
    """Return error and allowed error as narrow as the columns, and never alike where the error is too large."""
    error, allowed = worst.max_abs_error or 0.0, worst.allowed or 0.0
    for digits in (1, 2, 3):
        texts = f"{error:.{digits}e}", f"{allowed:.{digits}e}"
        if not error > allowed or float(texts[0]) > float(texts[1]):
            break
    else:
        texts = f">{allowed:.1e}", f"{allowed:.1e}"
    return texts[0] if error else "0", texts[1] if allowed else "0"


def _explanations(report: Report) -> Iterator[str]:
    for name, function in report.functions.items():
        lines = function_block(name, function, report.results)
        if lines:
            yield "\n" + "\n".join(lines)
    for note in report.notes:
        yield "\n" + textwrap.fill(f"note: {note}", WIDTH, subsequent_indent="  ")


def _sums(report: Report) -> Iterator[str]:
    verdicts = Counter(
        shown(function.verdict, [result for result in report.results if result.function == name])
        for name, function in report.functions.items()
    )
    missing = [name for name, function in report.functions.items() if function.verdict == "missing"]
    if missing:
        yield textwrap.fill(f"not there: {', '.join(missing)}", WIDTH, subsequent_indent="  ")
    if report.required_missing:
        text = f"required, but not there: {', '.join(report.required_missing)}"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ")
    for status, says in DECLARED.items():
        declared = Counter((r.function, r.declared) for r in report.results if r.status == status)
        for (function, reason), count in declared.items():
            yield textwrap.fill(f"{says}: {count} of {function}: {reason}", WIDTH, subsequent_indent="  ")
    reasons = Counter(result.message for result in report.results if result.status == "skipped")
    if reasons:
        yield "skipped:"
        for reason, count in reasons.items():
            yield textwrap.fill(f"{count} {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if verdict != "missing")
    counted = f"planned {report.planned}, ran {report.ran}, skipped {report.skipped}"
    yield textwrap.fill(f"{'ok' if report.ok else 'NOT OK'}: {told}", WIDTH, subsequent_indent="  ")
    yield f"checks: {counted}; {report.seconds:.1f} s"
