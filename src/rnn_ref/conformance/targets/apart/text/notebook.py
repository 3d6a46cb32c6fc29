"""How the cells of a notebook are named: as files in tracebacks, and in words."""

import sys

from .sources import MARK


def place(filename: str | None) -> str | None:
    """Return the file name of a notebook's cell in words, None for other files.

    >>> place("lesson.ipynb[code cell 3]")
    'lesson.ipynb, code cell 3'
    """
    if filename is None:
        return None
    if MARK not in filename:
        return _running(filename)
    return filename.replace(MARK, ", code cell ").rstrip("]")


def _running(filename: str) -> str | None:
    """Return how Jupyter calls the cell that it keeps under this name, as ``In[5]``; None outside of Jupyter."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    called = getattr(getattr(shell, "compile", None), "format_code_name", lambda _: None)(filename)
    return called[1] if called and called[0] == "Cell" else None


def is_cell(place: str) -> bool:
    """Whether words such as ``place`` returns name a cell."""
    return ", code cell " in place or place.startswith("In[")
