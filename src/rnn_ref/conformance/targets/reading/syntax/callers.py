"""What a function's answer is called where its own module calls it, and in its own description."""

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from .expressions import name_of
from .gathered import source_of


def unpacked_by_callers(function: Callable[..., Any]) -> Iterator[list[str]]:
    """Yield the names into which the functions and methods beside a function unpack what it returns."""
    plain = inspect.unwrap(getattr(function, "__func__", function))
    own = getattr(plain, "__name__", "")
    for caller in _beside(plain):
        for tree in source_of(caller).trees[:1]:
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple | ast.List):
                    called = node.value.func if isinstance(node.value, ast.Call) else None
                    if own in {getattr(called, "id", ""), getattr(called, "attr", "")} - {""}:
                        yield [name_of(one) for one in node.targets[0].elts]


def _beside(function: Any) -> Iterator[Any]:
    """Yield the functions of a function's module, and the methods of the classes there."""
    module = getattr(function, "__module__", None)
    for value in list(getattr(function, "__globals__", {}).values()):
        if getattr(value, "__module__", "") != module:
            continue
        if inspect.isfunction(value):
            yield value
        elif inspect.isclass(value):
            yield from (one for one in vars(value).values() if inspect.isfunction(one))


def described(function: Callable[..., Any]) -> list[str]:
    """Return the words that a function's description has where it tells what is returned.

    >>> def back(): "Goes back. Returns dx, dc_prev and dh_prev."
    >>> described(back)
    ['dx', 'dc_prev', 'and', 'dh_prev']
    """
    _, _, told = (inspect.getdoc(function) or "").lower().partition("return")
    return re.findall(r"[a-z_]\w+", told.partition(" ")[2])
