"""The reports on several targets, and what became of those that could not be checked."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ..operation import SUITE
from .report import ConformanceError, Report


@dataclass(frozen=True)
class Unchecked:
    """A target that could not be checked, and why; ``empty`` if it only has none of the functions."""

    target: str
    error: str
    empty: bool = False

    @property
    def ok(self) -> bool:
        """A file of a folder in which there is nothing to check is no failure."""
        return self.empty

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON schema 1 has for it."""
        return {"schema": 1, "suite": SUITE, "target": self.target, "ok": self.ok, "error": self.error}


class Reports(Sequence[Report | Unchecked]):
    """A report on each of several targets, in their order."""

    def __init__(self, reports: Sequence[Report | Unchecked]) -> None:
        self._reports = tuple(reports)

    def __getitem__(self, index: Any) -> Any:
        return self._reports[index]

    def __len__(self) -> int:
        return len(self._reports)

    @property
    def ok(self) -> bool:
        """Whether at least one target was checked, and everything found conforms."""
        return any(self.checked) and all(report.ok for report in self._reports)

    @property
    def checked(self) -> Iterator[Report]:
        """The reports on targets that could be checked."""
        return (report for report in self._reports if isinstance(report, Report))

    @property
    def unchecked(self) -> Iterator[Unchecked]:
        """The targets that could not be checked, though they are not merely empty."""
        return (one for one in self._reports if isinstance(one, Unchecked) and not one.empty)

    def to_dict(self) -> dict[str, Any]:
        """Return the reports as JSON schema 1 has them."""
        return {"schema": 1, "ok": self.ok, "targets": [report.to_dict() for report in self._reports]}

    def to_json(self) -> str:
        """Return the reports as JSON text."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False) + "\n"

    def to_junit(self) -> str:
        """Return the reports as JUnit XML, a suite for each target."""
        from .junit import to_junit  # noqa: PLC0415

        return to_junit(self._reports)

    def to_markdown(self) -> str:
        """Return the reports as Markdown, of 200 kB at most."""
        from .markdown import to_markdown  # noqa: PLC0415

        return to_markdown(self._reports)

    def to_html(self) -> str:
        """Return the reports as one self-contained page."""
        from .html import to_html  # noqa: PLC0415

        return to_html(self._reports)

    def __str__(self) -> str:
        from .summary import summarised  # noqa: PLC0415 - all rendering builds on the reports

        return summarised(self)

    def raise_if_failed(self) -> None:
        """Raise ConformanceError, with the summary as its text, unless ``ok``."""
        if not self.ok:
            raise ConformanceError(str(self))
