"""How the cells of a notebook are named: as files in tracebacks, and in words."""

from .sources import MARK


def place(filename: str | None) -> str | None:
    """Return the file name of a notebook's cell in words, None for other files.

    >>> place("lesson.ipynb[code cell 3]")
    'lesson.ipynb, code cell 3'
    """
    if filename is None or MARK not in filename:
        return None
    return filename.replace(MARK, ", code cell ").rstrip("]")


def is_cell(place: str) -> bool:
    """Whether words such as ``place`` returns name a cell."""
    return ", code cell " in place
