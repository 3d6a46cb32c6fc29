"""Take the functions out of a notebook, with whatever they reach, and leave its experiments alone.

A learner's notebook plots, prints and trains between its functions. Running that would be slow, may write and delete
files, and would fail for reasons that are not the functions' own. What is run is told in ``apart/slicing.py``.
"""

import __future__

import ast
import sys
import types
from collections.abc import Iterable
from pathlib import Path

from .apart.cells import MARK, statements
from .apart.slicing import needed


def load(path: Path, wanted: Iterable[str]) -> types.ModuleType:
    """Return a module with the wanted functions of the notebook, as far as they are there.

    A function in a cell that cannot be parsed raises the SyntaxError when it is called; where none of the functions is
    found, that is raised here. Raises NotebookError too, and what the statements raise.
    """
    wanted = set(wanted)
    every, errors = statements(path)
    postponed = any(isinstance(one.node, ast.ImportFrom) and one.node.module == "__future__" for one in every)
    flags = __future__.annotations.compiler_flag if postponed else 0
    module = types.ModuleType(f"rnn_ref_target_{path.stem}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    for node, filename in needed(every, wanted, path.parent):
        exec(compile(ast.Module([node], []), filename, "exec", flags), module.__dict__)
    if errors and not wanted & vars(module).keys():
        raise errors[0]
    return module


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
