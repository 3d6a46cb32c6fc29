"""What somebody else's code raised: the exception, and the line of that code, not of a library it called."""

import contextlib
import functools
import linecache
import os
import traceback
import types
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..foreign_text import label, line
from .apart.text import notebook
from .apart.unset import cause

OURS = Path(__file__).parents[2]  # the package rnn_ref
LIBRARIES = tuple(str(folder) for folder in (Path(os.__file__).parent, Path(np.__file__).parent, OURS))
INSTALLED = {"site-packages", "dist-packages"}
MADE = ("<frozen ", "<__array_function__")  # how names of files begin that nobody wrote


@dataclass(frozen=True)
class Raised:
    """An exception, and where in the code of whoever wrote the target it was raised."""

    type: str
    message: str = ""
    file: str = ""  # seen from the current folder; of a notebook with the cell; empty where it is not known
    line: int | None = None
    source: str = ""  # that line

    @classmethod
    def of(cls, error: BaseException) -> "Raised":
        """Look at an exception that was just caught; for want of a name that is left unset, at what left it so."""
        error = cause(error)
        file, at, source = _place(error)
        return cls(line(type(error).__name__), line(error), label(file), at, line(source))

    @property
    def place(self) -> str:
        """File and line, empty where they are not known; of a file that is elsewhere the name alone.

        >>> Raised("E", file="my_rnn.py", line=5).place, Raised("E", file="a.ipynb, code cell 3", line=2).place
        ('my_rnn.py:5', 'a.ipynb, code cell 3, line 2')
        """
        return _shown(self.file, self.line)

    @property
    def cause(self) -> tuple[str, str, int | None]:
        """What tells two reasons apart; messages differ with the sizes of a problem."""
        return self.type, self.file, self.line

    @property
    def shown(self) -> str:
        """The place with the line of source that stands there, empty where neither is known."""
        return f"{self.place}: {self.source}" if self.source else self.place

    def __str__(self) -> str:
        text = f"{self.type}: {self.message}" if self.message else self.type
        return f"{text} ({self.place})" if self.place else text


@functools.lru_cache
def _shown(file: str, at: int | None) -> str:
    file = Path(file).name if Path(file).is_absolute() else file
    between = ", line " if notebook.is_cell(file) else ":"
    return f"{file}{between}{at}" if file else ""


def beside(path: str) -> str:
    """Write the path of a file, or of a notebook's cell, as it is seen from the current folder."""
    path = notebook.place(path) or path
    with contextlib.suppress(OSError):
        return _beside(path, os.getcwd())  # noqa: PTH109 - it is asked at each exception
    return path


@functools.lru_cache
def _beside(path: str, folder: str) -> str:
    with contextlib.suppress(ValueError):
        return str(Path(path).relative_to(folder))
    return path


def own_frames(error: BaseException, *, fallback: bool = True) -> list[tuple[types.FrameType, int]]:
    """Return the frames in the target's own code from which an exception came, each with its line, the innermost last.

    The first frame is of whoever caught the exception. A target may be installed among the libraries itself: then its
    own is what belongs to the package of the function that was called, unless there is to be no such ``fallback``.
    """
    walked = [(frame, line) for frame, line in traceback.walk_tb(error.__traceback__)][1:]
    called = [(frame, line) for frame, line in walked if not is_ours(frame.f_code.co_filename)]
    own = [one for one in called if not _library(one[0].f_code.co_filename)]
    if own or not fallback:
        return own
    return [one for one in called if _library(one[0].f_code.co_filename) == _library(called[0][0].f_code.co_filename)]


def _place(error: BaseException) -> tuple[str, int | None, str]:
    """Return file, line and source of the innermost frame in the target's own code, if there is one."""
    own = own_frames(error)
    sources = [linecache.getline(frame.f_code.co_filename, line, frame.f_globals) for frame, line in own[-1:]]
    return (beside(own[-1][0].f_code.co_filename), own[-1][1], sources[0]) if own else ("", None, "")


@functools.cache
def is_ours(file: str) -> bool:
    """Whether a file is the instrument's, or made by the interpreter."""
    return file.startswith((*MADE, str(OURS / "conformance") + os.sep))


@functools.cache
def _library(file: str) -> Sequence[str]:
    """Return the library to which a file belongs, empty for a file that was written by hand."""
    parts = Path(file).parts
    installed = [i for i, part in enumerate(parts) if part in INSTALLED]
    if installed:
        return parts[: installed[-1] + 2]
    return next(([folder] for folder in LIBRARIES if file.startswith(folder + os.sep)), [])
