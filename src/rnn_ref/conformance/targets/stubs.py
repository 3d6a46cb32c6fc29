"""Which functions are yet to be written: skeletons of courses, in which nothing is computed."""

import ast
import contextlib
import functools
import inspect
import linecache
import types
from collections.abc import Callable, Iterator
from typing import Any

Function = ast.FunctionDef | ast.AsyncFunctionDef
COMPUTES = (ast.BinOp, ast.Call, ast.AugAssign, ast.While, ast.For, ast.Raise)


def is_stub(candidate: Callable[..., Any]) -> bool:
    """Whether a function says that it is not written yet, or leaves everything that it returns at ``None``.

    It says so by a body of nothing but docstring, ``pass`` and ``...``, by ``raise NotImplementedError``, or by ``...``
    where nothing is returned. What is returned is left at ``None`` where every part of it is ``None``, a name that
    stands for nothing else, or has an annotation and no value, or a tuple that holds such names beside what was handed
    in, as a cache does.
    """
    function = _text_of(candidate)
    if function is None:
        return False
    body = function.body
    if all(map(_says_nothing, body)) or any(map(_refuses, body)):
        return True
    return not _computes_at_last(body) and _computes_nothing(function)


def _computes_nothing(function: Function) -> bool:
    """Whether all that is returned is left at None, or where nothing is returned, nothing is done."""
    own = list(_own(function))
    values = [one.value for one in own if isinstance(one, ast.Return) and one.value is not None]
    if any(isinstance(one, ast.Yield | ast.YieldFrom) for one in own):
        return False
    loops = any(isinstance(one, ast.For | ast.While) for one in own)
    if values and loops and all(_is_constant(value, None) for value in values):
        return False  # what it finds is left elsewhere
    if values:
        bound = _bound(own)
        return all(_is_left(value, bound) for value in values)
    left = any(isinstance(one, ast.Expr) and _is_constant(one.value, ...) for one in function.body)
    return left or not any(isinstance(one, COMPUTES) or _is_written_into(one) for one in own)


def _text_of(candidate: Callable[..., Any]) -> Function | None:
    if isinstance(candidate, functools.partial):
        candidate = candidate.func
    if hasattr(candidate, "__wrapped__"):  # what a decorator made of the body cannot be read off the body
        return None
    if (found := _in_its_file(candidate)) is not None:
        return found
    try:
        source = inspect.getsource(candidate)
        tree = ast.parse(f"if 1:\n{source}" if source[0].isspace() else source)
    except (OSError, TypeError, SyntaxError, IndexError):
        return None
    function = tree.body[0].body[0] if isinstance(tree.body[0], ast.If) else tree.body[0]
    return function if isinstance(function, Function) else None


def _in_its_file(candidate: Any) -> Function | None:
    """Return a function that begins in a line of a file like no other of its name there; the file is read once."""
    code = getattr(candidate, "__code__", None)
    if not isinstance(code, types.CodeType) or not inspect.isroutine(candidate):
        return None
    linecache.checkcache(code.co_filename)
    text = "".join(linecache.getlines(code.co_filename, getattr(candidate, "__globals__", None)))
    found = _functions(text).get((code.co_name, code.co_firstlineno), [])
    return found[0] if len(found) == 1 else None


@functools.lru_cache(4)
def _functions(text: str) -> dict[tuple[str, int], list[Function]]:
    """Return the functions of a text by name and first line, decorators included; none of a text that is no Python."""
    found: dict[tuple[str, int], list[Function]] = {}
    with contextlib.suppress(SyntaxError, ValueError, RecursionError):
        for node in _statements(ast.parse(text)):
            if isinstance(node, Function):
                first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
                found.setdefault((node.name, first), []).append(node)
    return found


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all statements, and what holds some of them; no expression holds a function that has a name."""
    inside = [tree]
    while inside:
        node = inside.pop()
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            more = getattr(node, field, ())
            inside += more if isinstance(more, list) else ()


def _computes_at_last(body: list[ast.stmt]) -> bool:
    """Whether it is seen at once that what is returned at the end is not left at None: most functions are like that."""
    value = body[-1].value if isinstance(body[-1], ast.Return) else None
    if isinstance(value, ast.Name):
        named = value.id
        bound = [one for one in body if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)]
        value = next((one.value for one in bound if one.targets[0].id == named), None)  # type: ignore[attr-defined]
    return isinstance(value, ast.BinOp | ast.Call | ast.Subscript)


def _own(function: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function's body, those of functions inside it aside."""
    inside = [function]
    while inside:
        for node in ast.iter_child_nodes(inside.pop()):
            if not isinstance(node, Function | ast.Lambda | ast.ClassDef | ast.arguments):
                yield node
                inside.append(node)


def _says_nothing(statement: ast.stmt) -> bool:
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass) or _refuses(statement)


def _refuses(statement: ast.stmt) -> bool:
    if not isinstance(statement, ast.Raise):
        return False
    raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _is_written_into(node: ast.AST) -> bool:
    return isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store)


def _is_constant(node: ast.AST | None, value: Any) -> bool:
    return isinstance(node, ast.Constant) and node.value is value


def _bound(own: list[ast.AST]) -> dict[str, list[ast.AST | None]]:
    """Return what every name is bound to; None stands for what cannot be said."""
    found: dict[str, list[ast.AST | None]] = {}
    plain = [one for one in own if isinstance(one, ast.Assign)]
    for target, value in ((target, one.value) for one in plain for target in one.targets):
        alike = isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts)
        pairs = zip(target.elts, value.elts, strict=True) if alike else [(target, value)]  # type: ignore[attr-defined]
        for one, given in pairs:
            if isinstance(one, ast.Name):
                found.setdefault(one.id, []).append(given)
    known = {id(one) for assign in plain for target in assign.targets for one in ast.walk(target)}
    for note in [one for one in own if isinstance(one, ast.AnnAssign)]:
        if isinstance(note.target, ast.Name):
            found.setdefault(note.target.id, []).append(note.value or ast.Constant(None))
            known.add(id(note.target))
    stored = [one for one in own if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    for one in stored:
        if id(one) not in known or one.id not in found:
            found.setdefault(one.id, []).append(None)
    return found


def _is_left(value: ast.AST | None, bound: dict[str, list[ast.AST | None]]) -> bool:
    """Whether a value that is returned is left at None; what a name is bound to by way of itself is not."""
    if isinstance(value, ast.Tuple | ast.List) and value.elts:
        parts = [_is_left(one, bound) for one in value.elts]
        given = [isinstance(one, ast.Name) and one.id not in bound for one in value.elts]
        return any(parts) and all(left or handed for left, handed in zip(parts, given, strict=True))
    if isinstance(value, ast.Name) and value.id in bound:
        others = bound | {value.id: [None]}
        return all(_is_left(one, others) for one in bound[value.id])
    return _is_constant(value, None)
