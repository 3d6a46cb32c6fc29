"""The class that stands for no target, as code compares its targets with it: ``mask = targets != PAD``."""

import ast
from collections.abc import Callable, Mapping
from typing import Any

from .syntax.reckoned import compared_with
from .syntax.source import Source


def padding_of(source: Source, targets: str, function: Callable[..., Any]) -> int | None:
    """Return the class with which targets are compared, None if there is none, or if it is no class.

    It is a number in the text, a global of the function's module, or what an object holds.
    """
    held: Mapping[str, Any] = getattr(getattr(function, "__func__", function), "__globals__", {})
    owner = getattr(function, "__self__", None)
    for node in compared_with(source, targets):
        match node:
            case ast.Constant(value):
                found: Any = value
            case ast.Name(name):
                found = held.get(name)
            case ast.Attribute(ast.Name("self"), name):
                found = getattr(owner, name, None)
            case _:
                found = None
        if type(found) is int and found >= 0:
            return found
    return None
