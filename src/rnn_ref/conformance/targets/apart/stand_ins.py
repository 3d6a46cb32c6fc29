"""Stand-ins for what everybody knows, where the module that has it is not there: softmax, tanh, sigmoid, relu.

Homework imports them from a file beside it that is rarely published. What is judged is what is made of them; a note
says that they were not its own. Along which axis somebody's softmax goes is not known: of several vectors it is nan.
"""

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array


def softmax(x: Array) -> Array:
    """Return the softmax of one vector, of any shape; nan of several.

    >>> softmax(np.zeros((2, 1))).ravel(), softmax(np.zeros((2, 2)))[0]
    (array([0.5, 0.5]), array([nan, nan]))
    """
    x = np.asarray(x)
    if x.size != max(x.shape, default=1):
        return np.full_like(x, np.nan)
    e = np.exp(x - x.max())
    return np.asarray(e / e.sum())


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x))."""
    return np.asarray(np.exp(-np.logaddexp(0, -np.asarray(x))))


def tanh(x: Array) -> Array:
    """Return the hyperbolic tangent."""
    return np.asarray(np.tanh(x))


def relu(x: Array) -> Array:
    """Return what is positive, and zeros."""
    return np.maximum(0, x)


KNOWN: Mapping[str, Callable[..., Any]] = {
    **{"softmax": softmax, "sigmoid": sigmoid, "tanh": tanh, "relu": relu},
    "xrange": range,  # of six.moves
}


def standing_in(node: ast.stmt, error: BaseException, used: Iterable[str]) -> dict[str, Callable[..., Any]]:
    """Return what stands in for the names of an import whose module is not there; of a star, for those ``used``.

    >>> star = ast.parse("from helpers import *").body[0]
    >>> sorted(standing_in(star, ModuleNotFoundError(), ["softmax", "train"]))
    ['softmax']
    """
    if not isinstance(node, ast.ImportFrom) or not isinstance(error, ModuleNotFoundError):
        return {}
    names = {one.asname or one.name: one.name for one in node.names}
    if "*" in names:
        names = {name: name for name in used}
    return {name: KNOWN[known] for name, known in names.items() if known in KNOWN}


def lends_softmax(function: Callable[..., Any]) -> bool:
    """Whether a function of somebody's may call the softmax that stands in."""
    held = getattr(inspect.unwrap(function), "__globals__", {})
    return any(one is softmax for one in list(held.values()))
