"""A progress line for people: drawn over itself on a terminal, absent where the output goes to a file."""

import sys

from ..conformance.foreign_text import label

BAR, WIDTH = 20, 79


def show(done: int, total: int, name: str) -> None:
    """Draw the line on standard error, and take it away when all is done."""
    if not sys.stderr.isatty():
        return
    filled = BAR * done // total
    line = f"[{'#' * filled}{'.' * (BAR - filled)}] {done}/{total} {label(name)}"[:WIDTH]
    sys.stderr.write(f"\r{line:<{WIDTH}}" if done < total else f"\r{'':<{WIDTH}}\r")
    sys.stderr.flush()
