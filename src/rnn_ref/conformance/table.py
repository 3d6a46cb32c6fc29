"""The report as text, no wider than 80 columns."""

import textwrap
from collections import Counter
from collections.abc import Iterator

from .judge import Result
from .report import Report
from .suite import SUITE

_ROW = "{:<26} {:<15} {:>7} {:>9} {:>8} {:>5}".format
WIDTH = 80


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
    for name, function in report.functions.items():
        if function.verdict == "missing":
            continue
        results = [result for result in report.results if result.function == name]
        measured = [result for result in results if result.max_abs_error is not None]
        telling = [result for result in measured if f"{result.id}:" in function.explanation]
        worst = max(telling or measured, key=lambda result: result.ratio, default=None)
        ran = sum(result.status != "skipped" for result in results)
        step = "" if function.first_wrong_step is None else str(function.first_wrong_step)
        error, allowed = ("", "") if worst is None else _figures(worst)
        yield _ROW(name, function.verdict, f"{function.passed}/{ran}", error, allowed, step).rstrip()


def _figures(worst: Result) -> tuple[str, str]:
    error = 0.0 if worst.max_abs_error is None else worst.max_abs_error
    return f"{error:.1e}" if error else "0", f"{worst.allowed:.1e}" if worst.allowed else "0"


def _explanations(report: Report) -> Iterator[str]:
    for name, function in report.functions.items():
        if function.verdict in {"conforms", "missing"}:
            continue
        yield f"\n{name}: {function.verdict}"
        if function.explanation:
            yield textwrap.fill(function.explanation, WIDTH, initial_indent="  ", subsequent_indent="    ")
        if function.reproduce:
            yield f"  again: {function.reproduce}"


def _sums(report: Report) -> Iterator[str]:
    verdicts = Counter(function.verdict for function in report.functions.values())
    missing = [name for name, function in report.functions.items() if function.verdict == "missing"]
    if missing:
        yield textwrap.fill(f"not there: {', '.join(missing)}", WIDTH, subsequent_indent="  ")
    if report.required_missing:
        text = f"required, but not there: {', '.join(report.required_missing)}"
        yield textwrap.fill(text, WIDTH, subsequent_indent="  ")
    reasons = Counter(result.message for result in report.results if result.status == "skipped")
    if reasons:
        yield "skipped:"
        for reason, count in reasons.items():
            yield textwrap.fill(f"{count} {reason}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items() if verdict != "missing")
    counted = f"planned {report.planned}, ran {report.ran}, skipped {report.skipped}"
    yield textwrap.fill(f"{'ok' if report.ok else 'NOT OK'}: {told}", WIDTH, subsequent_indent="  ")
    yield f"checks: {counted}; {report.seconds:.1f} s"
