"""Where the reports of a check go: files, standard output, and the summary of a step on GitHub."""

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from ..._files import destination, write_pieces
from ..foreign_text import printable
from .clean_text import plain
from .findings import Findings, Several
from .formats import pieces, rendered
from .text import rendered as as_text

PRINTED = ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
SUMMARY = "GITHUB_STEP_SUMMARY"


def vetted(asked: Mapping[str, str | None]) -> dict[str, Path | None]:
    """Return where each format goes, None for standard output; refuse what cannot be before anything is run.

    >>> vetted({"json": "-", "junit": None})
    {'json': None}
    """
    where = {name: None if text in PRINTED else destination(text) for name, text in asked.items() if text is not None}
    printed = [f"--{name}" for name, path in where.items() if path is None]
    if len(printed) > 1:
        raise ValueError(f"{' and '.join(printed)} cannot all be - : only one report goes to standard output")
    files = {name: path for name, path in where.items() if path and (path.is_file() or not path.exists())}
    for name, path in files.items():
        same = [f"--{other}" for other, taken in files.items() if taken == path and other != name]
        if same:
            raise ValueError(f"--{name} and {' and '.join(same)} name the same file, {path}")
    return where


def deliver(
    report: Findings | Several,
    where: Mapping[str, Path | None],
    *,
    full: bool = False,
    dressed: Callable[[str], str] = str,
) -> None:
    """Write the files, and print the report, as the format that standard output was asked for or as the table.

    Printing comes last: a full standard output costs none of the files.

    ``dressed`` is given the table, and returns what is printed.
    """
    printed = [name for name, path in where.items() if path is None]
    for name, path in where.items():
        if path is not None:
            write_pieces(path, (piece.encode("utf-8") for piece in pieces(report, name)))
    summarise(report)
    sys.stdout.writelines(pieces(report, printed[0]) if printed else [dressed(_shown(as_text(report, full=full)))])


def _shown(text: str) -> str:
    """Return a text of any length for a terminal."""
    return "".join(printable(one) for one in text.splitlines(keepends=True))


def summarise(report: Findings | Several) -> None:
    """Append the Markdown to the summary of the step, on GitHub; that it cannot be is a warning and no verdict."""
    name = os.environ.get(SUMMARY)
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8") as file:
            file.write(f"{rendered(report, 'markdown')}\n")
    except OSError as error:
        print(plain(f"rnn-ref: warning: {SUMMARY}, {name}: {error.strerror}"), file=sys.stderr)
