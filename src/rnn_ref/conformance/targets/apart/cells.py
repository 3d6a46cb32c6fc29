"""The sources of a program as statements, as far as they are Python, and stand-ins for functions that are none.

A notebook's cell that cannot be parsed is out as a whole, as it is for IPython. Of a file that cannot be parsed, the
statements that can be are kept: a line that was never finished is no reason to refuse its functions. So are the methods
of a class. What is Python 2 is put in Python 3's words.
"""

import ast
import linecache
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .statements import DEFINITIONS, Statement, is_endless, statement
from .text.lines import members, pieces
from .text.magics import in_python
from .text.python2 import in_python3
from .text.sources import Source

_NAMES = re.compile(r"^(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
_METHOD = re.compile(r"^([ \t]+)(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_LOOPS = re.compile(r"^while\b", re.MULTILINE)


class Unparsed(NamedTuple):
    """A cell or a piece of a file that is no Python, and the functions and classes whose stand-ins raise why."""

    error: SyntaxError
    names: tuple[str, ...]


def statements(sources: Iterable[Source]) -> tuple[list[Statement], list[Unparsed]]:
    """Return the statements of all sources, and what was wrong with those that are no Python."""
    found: list[Statement] = []
    unparsed: list[Unparsed] = []
    for source in sources:
        try:
            found += _statements(source)
        except SyntaxError as error:
            if source.is_cell:
                found += _stand_ins(source, error, unparsed)
            else:
                found += _of_pieces(source, unparsed)
    return found, unparsed


def endless_loop(source: Source) -> int | None:
    """Return the line of a loop in which the import of a file with definitions must hang, None if none is seen."""
    if not _LOOPS.search(source.text):
        return None
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):  # that is for the import to say
        return None
    defines = any(isinstance(node, DEFINITIONS) for node in tree.body)
    return next((node.lineno for node in tree.body if is_endless(node)), None) if defines else None


def _of_pieces(source: Source, unparsed: list[Unparsed]) -> Iterator[Statement]:
    for before, text in pieces(source.text):
        try:
            yield from _parsed("\n" * before + text, source.filename)
        except SyntaxError as error:
            piece = Source(source.filename, text)
            yield from _of_class(piece, before, unparsed) or _stand_ins(piece, error, unparsed)


def _of_class(source: Source, before: int, unparsed: list[Unparsed]) -> list[Statement]:
    """Return a class without what is no Python in it, with stand-ins for such methods; [] where that does not do."""
    head, *others = members(source.text) or [(0, "")]
    kept, errors = ["\n" * before + head[1]], list[Unparsed]()
    for above, text in others:
        try:
            ast.parse("\n" * (before + above - 1) + "class _:\n" + text, source.filename)
            kept.append(text)
        except SyntaxError as error:
            errors.append(Unparsed(error, ()))
            kept.append(_without(text, error, (error.lineno or 1) - before - above - 1))
    try:
        found = _parsed("".join(kept), source.filename) if errors else []
    except SyntaxError:
        return []
    unparsed += errors
    return found


def _without(text: str, error: SyntaxError, line: int) -> str:
    """Return as many lines, with a stand-in for the method in the line in which it is no Python."""
    method, lines = _METHOD.search(text), max(text.count("\n"), 1)
    raises = f"{method[1]}def {method[2]}(*_, **__): raise SyntaxError({error.msg!r})" if method else ""
    line = min(max(line, 0), lines - 1)
    return "\n" * line + raises + "\n" * (lines - line)


def _statements(source: Source) -> list[Statement]:
    """Parse a source: as Python if it is, else without magics, or as Python 2. Raises SyntaxError."""
    text = source.text
    try:
        found = _parsed(text, source.filename)
    except SyntaxError:
        text = in_python(text) if source.is_cell else text
        text = in_python3(text) or text if source.is_old else text
        found = _parsed(text, source.filename)
    if source.is_cell or text != source.text:  # for tracebacks, and for those that read the text
        linecache.cache[source.filename] = (len(text), None, text.splitlines(keepends=True), source.filename)
    return found


def _parsed(text: str, filename: str) -> list[Statement]:
    try:
        tree = ast.parse(text, filename)
    except ValueError as error:  # of null bytes, in some versions
        raise SyntaxError(str(error), (filename, 1, None, None)) from error
    return [statement(single, filename) for node in tree.body for single in _single(node)]


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


def _stand_ins(source: Source, error: SyntaxError, unparsed: list[Unparsed]) -> Iterator[Statement]:
    """Yield functions in place of those of a piece that cannot be parsed: they raise what is wrong with it."""
    names = tuple(dict.fromkeys(_NAMES.findall(source.text)))
    unparsed.append(Unparsed(error, names))
    for name in names:
        node = ast.parse(f"def {name}(*_, **__):\n    raise SyntaxError({error.msg!r})").body[0]
        ast.increment_lineno(node, (error.lineno or 1) - 2)
        yield statement(node, source.filename)
