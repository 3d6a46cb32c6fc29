"""Exceptions of somebody's own code that no argument is the reason of: whatever it is given, it raises them there.

A function that is tried in all layouts raises in most of them, which tells nothing of it. But a name that is bound
nowhere in its file, an attribute that is set nowhere, one of its own functions called with too few arguments, or a
product with ``id`` or ``sum`` is wrong in every layout.
"""

import ast
import builtins
import contextlib
import functools
import inspect
import linecache
import re
import types
from collections.abc import Iterator

from ..raised import own_frames
from .stand_ins import Base
from .unset import cause

CALLED_WRONGLY = re.compile(r"^(?:[\w.<>]+\.)?(\w+)\(\) (?:missing \d|takes |got an unexpected|got multiple)")
SPREAD = re.compile(r"[(,]\s*\*")
QUOTED = re.compile(r"'(\w+)'")
BRANCHES = (ast.If, ast.Try, ast.TryStar, ast.While, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NOTEBOOKS = {"display", "get_ipython"}  # names that every cell has
ELSEWHERE = re.compile(r"(?<![.\w])(?:globals|exec|eval)\(")  # by which names are bound that no syntax shows


def telling(error: BaseException) -> tuple[bool, int]:
    """Return how much an exception tells of several that were raised: a fault most, else what came from farthest on."""
    return is_fault(error), next((line for _, line in own_frames(error, fallback=False)), 0)


def is_fault(error: BaseException) -> bool:
    """Whether an exception was raised in a target's own code, and would be with any arguments."""
    if not isinstance(error, NameError | AttributeError | TypeError) or cause(error) is not error:
        return False
    frames = own_frames(error)
    tree = _parsed(frames[-1][0].f_code.co_filename, frames[-1][0]) if frames else None
    if tree is None:
        return False
    frame, line = frames[-1]
    if isinstance(error, UnboundLocalError):
        return _is_never_bound(tree, line, str(error))
    if isinstance(error, NameError):
        return bool(error.name) and error.name not in _bound(tree) | NOTEBOOKS
    if isinstance(error, AttributeError):
        return _is_set_nowhere(error, tree, frame)
    written = linecache.getline(frame.f_code.co_filename, line, frame.f_globals)
    return _is_called_wrongly(tree, written, str(error)) or _reckons_with_a_builtin(tree, line, str(error))


def _parsed(file: str, frame: types.FrameType) -> ast.Module | None:
    """Return the syntax of a file, or of a notebook's cell; None if it cannot be had, or binds names in other ways."""
    return _syntax("".join(linecache.getlines(file, frame.f_globals)))


@functools.lru_cache(8)
def _syntax(text: str) -> ast.Module | None:
    with contextlib.suppress(SyntaxError, ValueError):
        return ast.parse(text) if text and not ELSEWHERE.search(text) else None
    return None


@functools.lru_cache(8)
def _bound(tree: ast.Module) -> set[str]:
    """Return the names that a module binds for its functions, wherever that stands: in a branch as well."""
    found: set[str] = set()
    todo: list[ast.AST] = [*tree.body]
    while todo:
        node = todo.pop()
        if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            found.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        todo += ast.iter_child_nodes(node)
    declared = {name for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal) for name in node.names}
    return found | declared | set(_enclosed(tree))


def _enclosed(tree: ast.Module) -> Iterator[str]:
    """Yield what functions bind that have others in them: to those it is there, once it has been bound."""
    for node in ast.walk(tree):
        inner = [one for one in ast.walk(node) if one is not node] if isinstance(node, FUNCTIONS) else []
        if any(isinstance(one, (*FUNCTIONS, ast.Lambda)) for one in inner):
            yield from _stored(inner)


def _stored(nodes: Iterator[ast.AST] | list[ast.AST]) -> Iterator[str]:
    yield from (one.id for one in nodes if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store))


def _is_never_bound(tree: ast.Module, line: int, message: str) -> bool:
    """Whether a function binds a name of its own in no branch, so that it is not the arguments that pass it by."""
    around = [
        one for one in ast.walk(tree) if isinstance(one, FUNCTIONS) and one.lineno <= line <= (one.end_lineno or 0)
    ]
    name = QUOTED.search(message)
    if not around or name is None:
        return False
    function = max(around, key=lambda one: one.lineno)
    passed_by = [
        one
        for one in ast.walk(function)
        if isinstance(one, BRANCHES) or (isinstance(one, ast.For) and line > (one.end_lineno or 0))  # of no steps
    ]
    return not any(name[1] in _stored(ast.walk(one)) for one in passed_by)


def _is_set_nowhere(error: AttributeError, tree: ast.Module, frame: types.FrameType) -> bool:
    """Whether a module, a class or an object of the file's own lacks an attribute that nothing in the file sets."""
    if inspect.ismodule(error.obj):
        return True
    kind = error.obj if inspect.isclass(error.obj) else type(error.obj)
    dynamic = getattr(getattr(kind, "__getattr__", None), "__module__", "")  # PyTorch's knows what is set
    if kind.__module__ != frame.f_globals.get("__name__") or dynamic == kind.__module__ or issubclass(kind, Base):
        return False
    name = re.compile(rf"\b{re.escape(str(error.name))}\b")
    for node in ast.walk(tree):
        written = isinstance(node, ast.Constant) and isinstance(node.value, str) and name.search(node.value)
        set_there = isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and name.fullmatch(node.attr)
        if written or set_there or (isinstance(node, ast.Name) and name.fullmatch(node.id)):
            return False  # a text may be setattr's, a name that of a field
    return True


def _is_called_wrongly(tree: ast.Module, line: str, message: str) -> bool:
    """Whether one of the file's own functions is called with arguments that it does not take, written one by one."""
    found = CALLED_WRONGLY.match(message)
    if found is None or SPREAD.search(line):
        return False
    return any(isinstance(one, FUNCTIONS) and one.name == found[1] for one in ast.walk(tree))


def _reckons_with_a_builtin(tree: ast.Module, line: int, message: str) -> bool:
    """Whether a function of Python's own is a term of a sum or a product, and the file gives nothing its name.

    >>> _reckons_with_a_builtin(ast.parse("def f(d): return d * id"), 1, "… for *: 'int' and 'builtin_function…'")
    True
    """
    if "builtin_function" not in message and "'type'" not in message:
        return False
    terms = {
        one.id
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp | ast.AugAssign) and node.lineno <= line <= (node.end_lineno or 0)
        for one in ast.iter_child_nodes(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)
    }
    arguments = {one.arg for one in ast.walk(tree) if isinstance(one, ast.arg)}
    return any(callable(getattr(builtins, one, None)) for one in terms - arguments - {*_stored(ast.walk(tree))})
