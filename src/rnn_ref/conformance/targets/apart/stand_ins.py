"""Stand-ins for what everybody knows, where the module that has it is not there: softmax, tanh, sigmoid, relu.

So are classes Sigmoid and Tanh, a name that is only asked for such functions (``Activation.tanh``), a name that is only
a base of classes, one of Numba and the like that only decorates, and NumPy under another name (``from common.np import
*``).

Homework imports them from a file beside it that is rarely published. What is judged is what is made of them; a note
says that they were not its own. Along which axis somebody's softmax goes is not known: of several vectors it is nan.
"""

import ast
import builtins
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class Sigmoid:
    """A layer of its kind: what goes forward, and back with what comes from above."""

    _known: tuple[Array, ...] = ()  # what went forward, and what it became

    @staticmethod
    def _bent(x: Array) -> Array:
        return sigmoid(x)

    @staticmethod
    def _slope(y: Array) -> Array:
        return np.asarray(y * (1 - y))

    def forward(self, x: Array) -> Array:
        """Return the values, and keep them."""
        self._known = x, self._bent(x)
        return self._known[1]

    __call__ = forward

    def backward(self, *given: Array, **_: Any) -> Array:
        """Return the gradient of what went forward, which may be given again beside what comes from above."""
        above = [one for one in given if not any(one is known for known in self._known)]
        if not self._known or len(above) != 1:
            raise ModuleNotFoundError(f"the backward of {type(self).__name__} is in a module that is not there")
        return np.asarray(above[0]) * self._slope(self._known[1])


class Tanh(Sigmoid):
    """The same of the hyperbolic tangent."""

    @staticmethod
    def _bent(x: Array) -> Array:
        return tanh(x)

    @staticmethod
    def _slope(y: Array) -> Array:
        return np.asarray(1 - y * y)


class Base:
    """What classes inherit from: it takes whatever it is given, and does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Do nothing."""


class Decorator:
    """What decorates functions, with types or without (``@jit(float64[:](float64[:]))``), and does nothing."""

    prange = staticmethod(range)

    def __call__(self, *given: Any, **_: Any) -> Any:
        """Return the function that is handed over, or what will be handed one."""
        return given[0] if len(given) == 1 and inspect.isroutine(given[0]) else self

    def __getitem__(self, _: Any) -> "Decorator":
        """Return the same, for arrays of a type."""
        return self

    def __getattr__(self, name: str) -> "Decorator":
        """Return the same, for a decorator of a module."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self


def get_activation(name: str) -> Callable[[Array], Array]:
    """Return a function by its name."""
    return {"sigmoid": sigmoid, "tanh": tanh, "relu": relu}[name.lower()]


class Functions:
    """What is only asked for functions."""

    softmax, sigmoid, tanh, relu = map(staticmethod, (softmax, sigmoid, tanh, relu))


KNOWN: Mapping[str, Any] = {
    **{"softmax": softmax, "sigmoid": sigmoid, "tanh": tanh, "relu": relu},
    **{"Sigmoid": Sigmoid, "Tanh": Tanh, "get_activation": get_activation},
    **{"xrange": range, "np": np},  # of six.moves, and of books that choose between NumPy and CuPy
    "prange": range,  # of Numba
}
DECORATES = "a decorator"
SAME = {"autograd.numpy", "cupy"}  # packages that have NumPy's functions
DECORATING = {"numba", "line_profiler", "memory_profiler", "typeguard", "beartype"}  # whose decorators change no answer


def standing_in(node: ast.stmt, error: BaseException, every: Sequence[ast.AST]) -> dict[str, Any]:
    """Return what stands in for the names of an import whose module is not there, by how ``every`` statement uses them.

    >>> star = ast.parse("from helpers import *").body[0]
    >>> used = ast.parse("class A(Layer): pass\\nsoftmax(train(Act.tanh))")
    >>> sorted(standing_in(star, ModuleNotFoundError(), [used]))
    ['Act', 'Layer', 'softmax']
    """
    if not isinstance(error, ModuleNotFoundError):
        return {}
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return {}
    uses = _uses(every)
    if isinstance(node, ast.Import):
        same = {str(one.asname): np for one in node.names if one.name in SAME and one.asname}
        bound = [one.asname or one.name for one in node.names]
        found = [name for name in bound if uses.get(name, set()) - {".prange"} == {DECORATES}]
        return same | ({name: Decorator() for name in found} if _decorates(*(one.name for one in node.names)) else {})
    names = {one.asname or one.name: one.name for one in node.names}
    if "*" in names:
        names = {name: name for name in uses}
    decorates = _decorates(node.module or "")
    stand_ins = {name: KNOWN.get(known) or _by_use(uses.get(name, set()), decorates) for name, known in names.items()}
    return {name: one for name, one in stand_ins.items() if one is not None}


def _uses(every: Sequence[ast.AST]) -> dict[str, set[str]]:
    """Return by name how it is used: as a base, in decorators, by what attribute, or otherwise."""
    found: dict[str, set[str]] = {}
    bases = {
        id(base) for tree in every for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for base in node.bases
    }
    decorates = {
        id(inner)
        for tree in every
        for node in ast.walk(tree)
        for outer in getattr(node, "decorator_list", ())
        for inner in ast.walk(outer)
    }
    asked = {id(node.value): node.attr for tree in every for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    bound = {*dir(builtins), *(name for tree in every for node in ast.walk(tree) for name in _bound(node))}
    for tree in every:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id not in bound:
                use = f".{asked[id(node)]}" if id(node) in asked else "otherwise"
                use = "a base" if id(node) in bases else DECORATES if id(node) in decorates else use
                found.setdefault(node.id, set()).add(use)
    return found


def _bound(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.ClassDef | ast.FunctionDef):
        yield node.name
    elif isinstance(node, ast.arg):
        yield node.arg


def _decorates(*modules: str) -> bool:
    return all(one.partition(".")[0] in DECORATING for one in modules)


def _by_use(uses: set[str], decorates: bool) -> Any:
    if uses == {"a base"}:
        return Base
    if uses == {DECORATES} and decorates:
        return Decorator()
    return Functions if uses and uses <= {".softmax", ".sigmoid", ".tanh", ".relu"} else None


def is_lent(one: Any) -> bool:
    """Whether something is ours in the place of one that is not there."""
    return getattr(one, "__module__", None) == __name__


def lends_softmax(function: Callable[..., Any]) -> bool:
    """Whether a function of somebody's may call the softmax that stands in."""
    held = getattr(inspect.unwrap(function), "__globals__", {})
    return any(one is softmax for one in list(held.values()))
