"""The notebooks of the lesson: written as Markdown, turned into Jupyter's JSON.

Text is a Markdown cell; a heading ``##``, a line ``<!-- cell -->`` and a fence of code begin a new cell. A fence
marked ``python scaffold`` is a cell for the learner to fill in; the one marked ``python solution`` behind it is what
the solved notebook has from the TODO on. What stands between ``<!-- solved -->`` and ``<!-- /solved -->`` is told in
that one only.
"""

import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from .. import _files

NAMES = ("09_rnn_from_scratch", "10_backpropagation_through_time", "11_what_a_gate_is_for")
FENCES = ("python", "python scaffold", "python solution")
TODO = "    # TODO"


class Cell(NamedTuple):
    """A cell: ``markdown`` or ``code``, and its text."""

    kind: str
    source: str


def text_of(name: str) -> str:
    """Return the Markdown a notebook is made of."""
    return files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")


def write(folder: str | os.PathLike[str] = ".", *, solved: bool = False) -> list[Path]:
    """Write the notebooks into a folder, which is made if need be; what is there already is never overwritten.

    Raises FileExistsError before anything is written.
    """
    place = Path(folder)
    paths = [place / f"{name}.ipynb" for name in NAMES]
    for path in paths:
        if path.exists() or path.is_symlink():
            raise FileExistsError(17, "is there already, and may hold your work: expected another folder", str(path))
    place.mkdir(parents=True, exist_ok=True)
    for name, path in zip(NAMES, paths, strict=True):
        _files.write(path, json.dumps(notebook(text_of(name), solved=solved), indent=1, ensure_ascii=False) + "\n")
    return paths


def notebook(text: str, *, solved: bool = False) -> dict[str, Any]:
    """Return a notebook in format 4.5, without outputs.

    >>> [cell["source"] for cell in notebook("# One\\n\\n```python\\n1 + 1\\n```\\n")["cells"]]
    [['# One'], ['1 + 1']]
    """
    return {
        "cells": [_as_json(number, cell) for number, cell in enumerate(cells(text, solved=solved), 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def cells(text: str, *, solved: bool = False) -> Iterator[Cell]:
    """Yield the cells of one of the two notebooks, empty or filled in, that the text holds."""
    fence = ""
    hidden, lines, scaffold = False, list[str](), list[str]()
    for line in text.splitlines():
        opened = line.removeprefix("```") if line.startswith("```") else ""
        if not fence and opened in FENCES:
            yield from _cell("markdown", lines)
            fence, lines = opened, []
        elif fence and line == "```":
            if fence == "python" or solved == (fence == "python solution"):
                yield from _cell("code", _to_do(scaffold) + lines if fence == "python solution" else lines)
            fence, lines, scaffold = "", [], lines
        elif not fence and line in {"<!-- solved -->", "<!-- /solved -->"}:
            hidden = line == "<!-- solved -->" and not solved
        elif not hidden:
            if not fence and (line.startswith("## ") or line == "<!-- cell -->"):
                yield from _cell("markdown", lines)
                lines = []
            lines += [line] if line != "<!-- cell -->" else []
    yield from _cell("markdown", lines)


def _to_do(scaffold: list[str]) -> list[str]:
    """Return what stands above the TODO."""
    return scaffold[: next(number for number, line in enumerate(scaffold) if line.startswith(TODO))]


def _cell(kind: str, lines: list[str]) -> Iterator[Cell]:
    source = "\n".join(lines).strip("\n")
    if source:
        yield Cell(kind, source)


def _as_json(number: int, cell: Cell) -> dict[str, Any]:
    common = {"cell_type": cell.kind, "id": f"{cell.kind}-{number:02}", "metadata": {}}
    source = {"source": cell.source.splitlines(keepends=True)}
    return common | source | ({"execution_count": None, "outputs": []} if cell.kind == "code" else {})
