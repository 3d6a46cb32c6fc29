"""The reports that users get: what was found out, and the formats in which it can be had."""

from typing import Any

from .findings import Findings, Several
from .formats import rendered


class _Rendered:
    """The formats as methods."""

    def to_dict(self: Any) -> dict[str, Any]:
        """Return the report as JSON schema 1 has it; non-finite numbers are text."""
        from .as_json import as_dict  # noqa: PLC0415

        return as_dict(self)

    def to_json(self: Any) -> str:
        """Return the report as JSON text."""
        return rendered(self, "json")

    def to_junit(self: Any) -> str:
        """Return the report as JUnit XML, a suite for each target and a case for each check."""
        return rendered(self, "junit")

    def to_markdown(self: Any) -> str:
        """Return the report as Markdown, of 200 kB at most."""
        return rendered(self, "markdown")

    def to_html(self: Any) -> str:
        """Return the report as one self-contained page."""
        return rendered(self, "html")

    def to_text(self: Any, *, full: bool = False) -> str:
        """Return the report as text; in full with the evidence, all figures and the key of the picture."""
        from .text import rendered as as_text  # noqa: PLC0415

        return as_text(self, full=full)

    def __str__(self: Any) -> str:
        text: str = self.to_text()
        return text

    def raise_if_failed(self: Any) -> None:
        """Raise ConformanceError, with the report as its text, unless ``ok``."""
        if not self.ok:
            raise ConformanceError(str(self))


class Report(_Rendered, Findings):
    """What was found out about one target."""

    def __repr__(self) -> str:
        verdicts = {name: one.verdict for name, one in self.functions.items() if one.verdict != "missing"}
        return f"<Report on {self.target}: {'ok' if self.ok else 'not ok'}, {verdicts}>"


class Reports(_Rendered, Several):
    """A report on each of several targets, in their order."""


class ConformanceError(Exception):
    """A target does not conform; the text is the report."""
