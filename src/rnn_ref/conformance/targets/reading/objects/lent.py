"""Functions that take an object of a class of their file first: lent to that class, they are methods of it."""

import ast
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..names import TRAIN, weights_of, words_of
from ..syntax.class_text import class_source
from ..syntax.gathered import source_of
from ..syntax.source import Source

Function = Callable[..., Any]
RECKONING = {"dot", "matmul", "outer", "einsum", "tanh"}
LENT = "__lent__"  # the attribute that has the names of such functions


def with_functions(kind: type, functions: Mapping[str, Function]) -> type:
    """Return a class with the functions that take its objects, a class below it; itself if there are none."""
    lent = {name: one for name, one in functions.items() if not hasattr(kind, name) and _takes(one, kind)}
    if not lent or hasattr(kind, "named_parameters"):
        return kind
    own = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, LENT: frozenset(lent)}
    return type(kind.__name__, (kind,), {**lent, **own})


def is_lent(kinds: Sequence[type], name: str) -> bool:
    """Whether a function of this name has been lent to one of some classes."""
    return any(name in getattr(kind, LENT, ()) for kind in kinds)


def _takes(function: Function, kind: type) -> bool:
    """Whether the first argument of a function is an object of a class: it says so, or all that is taken off it fits.

    What has no methods, and whose weights are all taken off one by one, may be any record. A function that reckons
    nothing itself, or trains, is no part of a network.
    """
    parameters = [*inspect.signature(function).parameters.values()]
    if len(parameters) < 2 or parameters[0].kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
        return False
    own = Source(source_of(function).trees[:1])
    reckons = bool(own.calls() & RECKONING) or any(isinstance(one.op, ast.MatMult) for one in own.nodes(ast.BinOp))
    taken = {*own.attributes(parameters[0].name)}
    if not taken or not taken <= _attributes(kind) or not reckons or TRAIN & {*words_of(function.__name__)}:
        return False
    said = parameters[0].annotation in {kind, kind.__name__}
    asks = any(inspect.isfunction(inspect.getattr_static(kind, name, None)) for name in taken)
    return asks or (said and sum(bool(weights_of(name)) for name in taken) < 2)


def _attributes(kind: type) -> set[str]:
    """Return what objects of a class have: its own, and what is put into them."""
    put = {node.attr for node in class_source(kind).nodes(ast.Attribute) if isinstance(node.ctx, ast.Store)}
    return {*dir(kind), *put, *getattr(kind, "__annotations__", {})}
