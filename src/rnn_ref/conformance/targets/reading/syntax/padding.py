"""The class that stands for none, as code compares its targets or inputs with it: ``mask = targets != PAD``."""

import ast
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from ....spec.claims import padded
from .reckoned import compared_with
from .source import Source


def padding_of(source: Source, targets: str, function: Callable[..., Any]) -> int | None:
    """Return the class that stands for no target, None if there is none, or if it is no class."""
    found = ignored_by(source, targets, function)
    return found if found is not None and found >= 0 else None


def ignored_by(source: Source, targets: str, function: Callable[..., Any]) -> int | None:
    """Return the number with which targets are compared: of the text, an argument, a global, or an attribute."""
    held: Mapping[str, Any] = getattr(getattr(function, "__func__", function), "__globals__", {})
    parameters = inspect.signature(function).parameters
    for node in compared_with(source, targets):
        match node:
            case ast.Constant() | ast.UnaryOp(ast.USub(), ast.Constant()):
                found: Any = ast.literal_eval(node)
            case ast.Name(name):
                found = parameters[name].default if name in parameters else held.get(name)
            case ast.Attribute(ast.Name("self"), name):
                found = getattr(getattr(function, "__self__", None), name, None)
            case _:
                found = None
        if type(found) is int:
            return found
    return None


def padded_inputs(way: Any, given: Mapping[Any, str]) -> list[str]:
    """Return the claim that a class of the inputs stands for none, if there is one; ``given`` says what is where."""
    names = [place.called for place, part in given.items() if part == "x"]
    found = [ignored_by(way.source, name, way.function) for name in names]
    return [padded(one, of_inputs=True) for one in found if one is not None and one >= 0][:1]
