"""Take the functions out of a notebook, with whatever they reach, and leave its experiments alone.

A learner's notebook plots, prints and trains between its functions. Of all top-level statements only those are run
that bind a name some wanted function reaches, directly or through other names: imports, functions, classes and
assignments of any kind, in their order. Running the rest would be slow, and would fail for reasons that are not the
functions' own.
"""

import __future__

import ast
import json
import linecache
import re
import sys
import types
from collections.abc import Iterable, Iterator
from pathlib import Path

from .statements import Statement, statement_names

_CELL = "[code cell "
# What IPython understands and Python does not: %magic, !shell, ?help, help?, and x = !shell.
_MAGIC = re.compile(r"^([ \t]*)(?:[%!?]|[\w.]+\?{1,2}[ \t]*$|[\w., ]+=[ \t]*[!%])(?:.*\\\n)*.*$", re.MULTILINE)


class NotebookError(Exception):
    """The file is not a notebook that can be read."""


def load(path: Path, wanted: Iterable[str]) -> types.ModuleType:
    """Return a module with the wanted functions of the notebook, as far as they are there."""
    statements = [statement for number, source in _cells(path) for statement in _statements(path, number, source)]
    kept = _kept(statements, set(wanted))
    postponed = any(isinstance(s.node, ast.ImportFrom) and s.node.module == "__future__" for s in statements)
    flags = __future__.annotations.compiler_flag if postponed else 0
    module = types.ModuleType(f"rnn_ref_target_{path.stem}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    for statement in kept:
        exec(compile(ast.Module([statement.node], []), statement.filename, "exec", flags), module.__dict__)
    return module


def place(filename: str | None) -> str | None:
    """Return the file name of a notebook's cell in words, None for other files.

    >>> place("lesson.ipynb[code cell 3]")
    'lesson.ipynb, code cell 3'
    """
    if filename is None or _CELL not in filename:
        return None
    return filename.replace(_CELL, ", code cell ").rstrip("]")


def is_cell(place: str) -> bool:
    """Whether words such as ``place`` returns name a cell."""
    return ", code cell " in place


def _cells(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number (from 1, code cells only) and source of every code cell."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in code]  # "source" may be text or a list of lines
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotebookError(f"is not a notebook in format 4 ({type(error).__name__}: {error})") from error
    yield from enumerate(sources, 1)


def _statements(path: Path, number: int, source: str) -> Iterator[Statement]:
    """Parse a cell: as Python if it is, else with the magics taken out."""
    filename = f"{path}{_CELL}{number}]"
    try:
        tree = ast.parse(source, filename)
    except SyntaxError:
        if source.lstrip().startswith("%%") and not source.lstrip().startswith(("%%time", "%%capture", "%%prun")):
            return  # a cell in another language
        source = _MAGIC.sub(r"\1pass", source)
        tree = ast.parse(source, filename)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)  # for tracebacks
    for node in tree.body:
        for single in _one_import_each(node):
            yield Statement(single, filename, *statement_names(single, filename))


def _one_import_each(node: ast.stmt) -> Iterator[ast.stmt]:
    """Split ``import numpy, seaborn`` up, so that one which is not installed matters only where it is reached."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        yield node
        return
    for alias in node.names:
        alone = (
            ast.Import([alias]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [alias], node.level)
        )
        yield ast.copy_location(alone, node)


def _kept(statements: list[Statement], wanted: set[str]) -> list[Statement]:
    """Return the statements that the wanted names depend on, through any number of steps, in their order."""
    modules = {name for s in statements if isinstance(s.node, ast.Import) for name in s.binds}
    reached: set[str] = set()
    pending = set(wanted)
    while pending:
        reached |= pending
        kept = [s for s in statements if s.is_part_of(reached, modules)]
        pending = {name for s in kept for name in s.reads} - reached
    return kept
