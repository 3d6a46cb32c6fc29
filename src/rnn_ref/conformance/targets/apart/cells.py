"""The code cells of a notebook as statements, with what IPython adds to Python put in Python's words or left out."""

import ast
import json
import linecache
import re
from collections.abc import Iterator
from pathlib import Path

from .statements import Statement, statement

MARK = "[code cell "
# What IPython understands and Python does not: %magic, !shell, ?help, help?, and x = !shell.
_MAGIC = re.compile(r"^([ \t]*)((?:[%!?]|[\w.]+\?{1,2}[ \t]*$|[\w., ]+=[ \t]*[!%])(?:.*\\\n)*.*)$", re.MULTILINE)
_ENVIRONMENT = re.compile(r"%(?:set_)?env[ \t]+(\w+)[ \t]*[= \t][ \t]*(\S.*?)[ \t]*$")
_RUNS = re.compile(r"%(?:time|prun|memit|memray)\b[ \t]*(?:-\w+[ \t]+)*(?![%!?])(\S.*)$")  # the statement behind it
_OTHER = re.compile(r"\s*%%(?!(?:time|capture|prun)\b)")  # a cell in another language, or one that binds nothing
_NAMES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)


class NotebookError(Exception):
    """The file is not a notebook that can be read."""


def statements(path: Path) -> tuple[list[Statement], list[SyntaxError]]:
    """Return the statements of all cells, and what was wrong with the cells that are no Python."""
    found: list[Statement] = []
    errors: list[SyntaxError] = []
    for number, source in _cells(path):
        filename = f"{path}{MARK}{number}]"
        try:
            found += _statements(source, filename)
        except SyntaxError as error:
            errors.append(error)
            found += _stand_ins(source, filename, error)
    return found, errors


def _cells(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number (from 1, code cells only) and source of every code cell."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        code = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
        sources = ["".join(cell["source"]) for cell in code]  # "source" may be text or a list of lines
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotebookError(f"is not a notebook in format 4 ({type(error).__name__}: {error})") from error
    yield from enumerate(sources, 1)


def _statements(source: str, filename: str) -> list[Statement]:
    """Parse a cell: as Python if it is, else without its magics. Raises SyntaxError."""
    try:
        tree = ast.parse(source, filename)
    except SyntaxError:
        if _OTHER.match(source):
            return []
        source = _MAGIC.sub(_in_python, source)
        tree = ast.parse(source, filename)
    found = [statement(single, filename) for node in tree.body for single in _single(node)]
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)  # for tracebacks
    return found


def _in_python(magic: re.Match[str]) -> str:
    r"""Return what a magic does to names and to the environment, ``pass`` for the others.

    >>> _MAGIC.sub(_in_python, "%env JAX_ENABLE_X64=1\n%time W = init()\n!rm W.npy")
    "import os; os.environ['JAX_ENABLE_X64'] = '1'\nW = init()\npass"
    """
    indent, text = magic.groups()
    lines = "\n" * text.count("\n")
    if environment := _ENVIRONMENT.match(text):
        name, value = environment.groups()
        return f"{indent}import os; os.environ[{name!r}] = {value!r}{lines}"
    runs = _RUNS.match(text)
    return f"{indent}{runs[1]}" if runs else f"{indent}pass{lines}"


def _single(node: ast.stmt) -> Iterator[ast.stmt]:
    """Take ``import numpy, seaborn``, ``del a, b`` and ``exec("a; b")`` apart: of each only a part may be needed."""
    match node:
        case ast.Import() | ast.ImportFrom():
            for alias in node.names:
                one = (
                    ast.Import([alias])
                    if isinstance(node, ast.Import)
                    else ast.ImportFrom(node.module, [alias], node.level)
                )
                yield ast.copy_location(one, node)
        case ast.Delete():
            yield from (ast.copy_location(ast.Delete([target]), node) for target in node.targets)
        case ast.Expr(ast.Call(ast.Name("exec"), [ast.Constant(str(text))], [])):
            yield from ast.parse(text).body
        case _:
            yield node


def _stand_ins(source: str, filename: str, error: SyntaxError) -> Iterator[Statement]:
    """Yield functions in place of those of a cell that cannot be parsed: they raise what is wrong with it."""
    for name in dict.fromkeys(_NAMES.findall(source)):
        node = ast.parse(f"def {name}(*_, **__):\n    raise SyntaxError({error.msg!r})").body[0]
        ast.increment_lineno(node, (error.lineno or 1) - 2)
        yield statement(node, filename)
