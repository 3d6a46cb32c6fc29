"""Where the reports of a check go: files, standard output, and the summary of a step on GitHub."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from ..._files import destination, write
from .clean_text import plain

FORMATS = ("json", "junit", "markdown", "html")
SUMMARY = "GITHUB_STEP_SUMMARY"


class Tellable(Protocol):
    """A report, or several under one roof."""

    def to_json(self) -> str:
        """Return it as JSON."""

    def to_junit(self) -> str:
        """Return it as JUnit XML."""

    def to_markdown(self) -> str:
        """Return it as Markdown."""

    def to_html(self) -> str:
        """Return it as a page of HTML."""


def vetted(asked: Mapping[str, str | None]) -> dict[str, Path | None]:
    """Return where each format goes, None for standard output; refuse what cannot be before anything is run.

    >>> vetted({"json": "-", "junit": None})
    {'json': None}
    """
    where = {name: None if text == "-" else destination(text) for name, text in asked.items() if text is not None}
    printed = [f"--{name}" for name, path in where.items() if path is None]
    if len(printed) > 1:
        raise ValueError(f"{' and '.join(printed)} cannot all be - : only one report goes to standard output")
    files = {name: path for name, path in where.items() if path and (path.is_file() or not path.exists())}
    for name, path in files.items():
        same = [f"--{other}" for other, taken in files.items() if taken == path and other != name]
        if same:
            raise ValueError(f"--{name} and {' and '.join(same)} name the same file, {path}")
    return where


def deliver(report: Tellable, where: Mapping[str, Path | None]) -> None:
    """Print the report, as the format that standard output was asked for or as the table, and write the files."""
    renderers = {
        "json": report.to_json,
        "junit": report.to_junit,
        "markdown": report.to_markdown,
        "html": report.to_html,
    }
    texts = {name: renderers[name]() for name in where}
    printed = [texts[name] for name, path in where.items() if path is None]
    sys.stdout.write(printed[0] if printed else str(report))
    for name, path in where.items():
        if path is not None:
            write(path, texts[name])
    summarise(report)


def summarise(report: Tellable) -> None:
    """Append the Markdown to the summary of the step, on GitHub; that it cannot be is a warning and no verdict."""
    name = os.environ.get(SUMMARY)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{report.to_markdown()}\n")
    except OSError as error:
        print(plain(f"rnn-ref: warning: {SUMMARY}, {name}: {error.strerror}"), file=sys.stderr)
