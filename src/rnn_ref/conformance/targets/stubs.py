"""Which functions are yet to be written."""

import ast
import functools
import inspect
from collections.abc import Callable
from typing import Any


def is_stub(candidate: Callable[..., Any]) -> bool:
    """Whether the body is nothing but docstring, ``pass``, ``...`` or ``raise NotImplementedError``."""
    if isinstance(candidate, functools.partial):
        candidate = candidate.func
    if hasattr(candidate, "__wrapped__"):  # what a decorator made of the body cannot be read off the body
        return False
    try:
        source = inspect.getsource(candidate)
        tree = ast.parse(f"if 1:\n{source}" if source[0].isspace() else source)
    except (OSError, TypeError, SyntaxError, IndexError):
        return False
    function = tree.body[0].body[0] if isinstance(tree.body[0], ast.If) else tree.body[0]
    return isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and all(map(_says_nothing, function.body))


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or isinstance(statement, ast.Pass)
