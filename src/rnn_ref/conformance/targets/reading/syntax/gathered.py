"""Which functions belong to one: those of its author's that it calls, and the names outside that they read."""

import ast
import dis
import functools
import inspect
import textwrap
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .source import Source


@functools.cache
def source_of(function: Callable[..., Any]) -> Source:
    """Return a function's text and that of the functions it calls, nothing of those that have none."""
    seen: dict[types.FunctionType, ast.AST] = {}
    todo: list[Any] = [function]
    while todo:
        called = todo.pop(0)
        one, owner = _plain_function(called), getattr(called, "__self__", None)
        if one is None or one in seen or _of_framework(one, function):
            continue
        tree = _parsed(one)
        if tree is None:
            continue
        seen[one] = tree
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                todo.append(one.__globals__.get(node.id))
            elif isinstance(node, ast.Attribute) and owner is not None:
                todo += _methods(owner, node)
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                kind = one.__globals__.get(node.value.id)
                todo += [getattr(kind, node.attr, None)] if isinstance(kind, type) else []
    return Source(tuple(seen.values()))


def _methods(owner: Any, node: ast.Attribute) -> list[Any]:
    """Return the methods of an object, or of those that it is made of, that are called by a name."""
    if isinstance(node.value, ast.Name) and node.value.id in {"self", "cls", getattr(owner, "__name__", "")}:
        kind = owner if isinstance(owner, type) else type(owner)
        return [getattr(owner, node.attr)] if callable(getattr(kind, node.attr, None)) else []
    held = [one for value in vars(owner).values() for one in (value if isinstance(value, list | tuple) else [value])]
    mine = [one for one in held if type(one).__module__ == type(owner).__module__]
    return [getattr(one, node.attr) for one in mine if callable(getattr(type(one), node.attr, None))]


def _plain_function(thing: Any) -> types.FunctionType | None:
    thing = inspect.unwrap(thing) if callable(thing) and hasattr(thing, "__wrapped__") else thing
    thing = getattr(thing, "__func__", thing)
    return thing if isinstance(thing, types.FunctionType) else None


def _of_framework(one: types.FunctionType, first: Any) -> bool:
    """Whether a function that another calls stands in an installed package that is not the other's own."""
    installed = {"site-packages", "dist-packages"} & {*Path(one.__code__.co_filename).parts}
    own = str(getattr(first, "__module__", "")).partition(".")[0]
    return bool(installed) and str(one.__module__).partition(".")[0] != own


def _parsed(function: types.FunctionType) -> ast.AST | None:
    try:
        return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError, IndexError):
        return None


def read_globals(function: Callable[..., Any]) -> list[str]:
    """Return the names of its module that a function reads, and those that it calls do, in their order."""
    found: dict[str, None] = {}
    seen = set()
    todo = [_plain_function(function)]
    while todo:
        one = todo.pop(0)
        if one is None or one in seen or _of_framework(one, function):
            continue
        seen.add(one)
        names = _names(one.__code__)
        found |= dict.fromkeys(names)
        todo += [_plain_function(one.__globals__.get(name)) for name in names]
    return list(found)


@functools.lru_cache(1024)
def _names(code: types.CodeType) -> tuple[str, ...]:
    """Return the names outside that code reads, and those that functions in it read."""
    read = [one.argval for one in dis.get_instructions(code) if one.opname in {"LOAD_GLOBAL", "LOAD_NAME"}]
    inside = [_names(one) for one in code.co_consts if isinstance(one, types.CodeType)]
    return tuple(dict.fromkeys([*read, *(name for names in inside for name in names)]))
