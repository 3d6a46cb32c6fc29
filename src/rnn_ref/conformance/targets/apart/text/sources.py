"""The Python of a file: of a notebook the code cells, of a ``.py`` file all of it."""

import codecs
import importlib.util
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from .python2 import in_python3, lent

MARK = "[code cell "  # behind the notebook's name, in the name of a cell
_MARKS = {codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32", codecs.BOM_UTF16_LE: "utf-16"}
_MARKS |= {codecs.BOM_UTF16_BE: "utf-16"}


class NotebookError(Exception):
    """The file is not a notebook that can be read."""


class Source(NamedTuple):
    """A text that is Python, or nearly, under the name that tracebacks give it."""

    filename: str
    text: str
    is_cell: bool = False  # of a notebook: in IPython's Python, and what Python refuses of it, it refuses whole
    is_old: bool = False  # in Python 2


def sources_of(path: Path) -> list[Source]:
    """Return the code cells of a notebook, or a file as a list of one. Raises NotebookError and OSError."""
    if path.suffix != ".ipynb":
        text = decoded(path.read_bytes())
        return [Source(str(path), text, is_old=in_python3(text) is not None or bool(lent(text)))]
    content = _content(path)
    old = _is_old(content)
    return [
        Source(f"{path}{MARK}{number}]", text, is_cell=True, is_old=old)
        for number, text in enumerate(_cells(content), 1)
    ]


def decoded(content: bytes) -> str:
    r"""Return the text of a file of Python, in whatever encoding it says; what says none that it is in, is latin-1.

    >>> decoded(b"# coding: latin-1\nx = '\xe9'"), decoded(b"x = '\xe9'")
    ("# coding: latin-1\nx = 'é'", "x = 'é'")
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return _with_plain_ends(content.decode(encoding, "replace"))
    try:
        return importlib.util.decode_source(content)
    except (SyntaxError, UnicodeDecodeError):
        return _with_plain_ends(content.removeprefix(codecs.BOM_UTF8).decode("latin-1"))


def _with_plain_ends(text: str) -> str:
    return io.StringIO(text, newline=None).read()


def _content(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())  # in UTF-8, 16 or 32
    except ValueError as error:
        raise NotebookError(f"is not a notebook in format 4: it is no JSON: {error}") from error


def _is_old(content: Any) -> bool:
    """Whether a notebook says that it was made with Python 2."""
    try:
        return str(content["metadata"]["language_info"]["version"]).startswith("2.")
    except (KeyError, TypeError):
        return False


def _cells(content: Any) -> Iterator[str]:
    """Yield the source of every code cell. In format 3 they lie in worksheets, and their source is called input."""
    try:
        sheets = content["worksheets"] if "worksheets" in content and "cells" not in content else [content]
        code = [cell for sheet in sheets for cell in sheet["cells"] if cell["cell_type"] == "code"]
        sources = [_joined(cell["source"] if "source" in cell else cell["input"]) for cell in code]
    except KeyError as error:
        raise NotebookError(f"is not a notebook in format 4: it has no {error}") from error
    except TypeError as error:
        raise NotebookError(f"is not a notebook in format 4: {error}") from error
    yield from sources


def _joined(source: Any) -> str:
    """Return a cell's source, which may be text or a list of lines."""
    return _with_plain_ends("".join(source))
