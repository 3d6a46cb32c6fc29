"""The report: one object per target, the truth from which every other form is rendered. JSON schema 1."""

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

from ..judge.result import Result
from ..judge.verdict import RIGHT, FunctionReport
from ..operation import SUITE
from .notes import notes

RESULT_FIELDS = ("id", "function", "status", "max_abs_error", "allowed", "max_ulp", "index", "message")
WHERE_THERE = ("first_wrong_step", "figures", "pytorch_beyond", "declared")  # told only of the results that have them


@dataclass(frozen=True)
class Report:
    """What was found out about one target."""

    target: str
    functions: dict[str, FunctionReport]
    results: list[Result]
    environment: dict[str, str | None]
    seconds: float
    required_missing: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether every function found conforms, declared deviations aside, and every required one was found."""
        verdicts = {function.verdict for function in self.functions.values()}
        unexpected = any(result.status == "xpass" for result in self.results)
        return bool(verdicts - {"missing"}) and verdicts <= RIGHT and not unexpected and not self.required_missing

    @property
    def planned(self) -> int:
        """The number of checks for the functions found."""
        return len(self.results)

    @property
    def skipped(self) -> int:
        """The number of checks that were not held against the target."""
        return sum(result.status == "skipped" for result in self.results)

    @property
    def ran(self) -> int:
        """The number of checks that were run."""
        return self.planned - self.skipped

    @property
    def notes(self) -> list[str]:
        """What is to be known beside the verdicts."""
        return notes(self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON schema 1 has it; non-finite numbers are text."""
        report: dict[str, Any] = {
            "schema": 1,
            "suite": SUITE,
            "target": self.target,
            "ok": self.ok,
            "planned": self.planned,
            "ran": self.ran,
            "skipped": self.skipped,
            "seconds": round(self.seconds, 3),
            "environment": self.environment,
            "required_missing": self.required_missing,
            "notes": self.notes,
            "functions": {name: asdict(function) for name, function in self.functions.items()},
            "results": [_told(result) for result in self.results],
        }
        finite: dict[str, Any] = _without_nonfinite(report)
        return finite

    def to_json(self) -> str:
        """Return the report as JSON text."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def to_junit(self) -> str:
        """Return the report as JUnit XML, a case for each check."""
        from .junit import to_junit  # noqa: PLC0415

        return to_junit([self])

    def to_markdown(self) -> str:
        """Return the report as Markdown, of 200 kB at most."""
        from .markdown import to_markdown  # noqa: PLC0415

        return to_markdown([self])

    def to_html(self) -> str:
        """Return the report as one self-contained page."""
        from .html import to_html  # noqa: PLC0415

        return to_html([self])

    def __str__(self) -> str:
        from .text import render  # noqa: PLC0415 - all rendering builds on the report

        return render(self)

    def __repr__(self) -> str:
        verdicts = {name: one.verdict for name, one in self.functions.items() if one.verdict != "missing"}
        return f"<Report on {self.target}: {'ok' if self.ok else 'not ok'}, {verdicts}>"

    def raise_if_failed(self) -> None:
        """Raise ConformanceError, with the table as its text, unless ``ok``."""
        if not self.ok:
            raise ConformanceError(str(self))


class ConformanceError(Exception):
    """A target does not conform; the text is the report."""


def _told(result: Result) -> dict[str, Any]:
    whole = asdict(result)
    present = [name for name in WHERE_THERE if whole[name] is not None and whole[name] != ""]
    return {name: whole[name] for name in (*RESULT_FIELDS, *present)}


def _without_nonfinite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nonfinite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nonfinite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
