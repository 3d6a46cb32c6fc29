"""The shapes of what can be read in a function: of names, attributes, items of dicts, and steps of sequences."""

import ast
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

Shape: TypeAlias = tuple[int | str, ...]
Shapes: TypeAlias = Mapping[str, Shape]  # by how it is written
WHOLE: Shape = ("whole number",)
SLICE: Shape = ("slice",)  # of anything: _[1:]


def shapes_of(names: Mapping[str, Any]) -> Shapes:
    """Return the shapes of arrays and numbers by how they are written.

    Of a list of arrays, or a dict by step, the shape is that of the last, behind the word ``of``.

    >>> shapes_of({"W": np.zeros((2, 3)), "hs": {-1: np.zeros(2)}, "p": {"U": np.zeros(4)}, "n": 3})
    {'W': (2, 3), 'hs': ('of', 2), "p['U']": (4,), 'n': ('whole number',)}
    """
    return {written: shape for written, one in held_by(names) if (shape := _shape(one)) is not None}


def held_by(names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what names stand for, with the items of dicts and the attributes of self, and how each is written."""
    for name, one in names.items():
        yield name, one
        if isinstance(one, Mapping):
            yield from [(f"{name}[{key!r}]", value) for key, value in one.items() if type(key) is str]
        elif name == "self":
            yield from [(f"self.{own}", value) for own, value in _attributes(one)]


def _attributes(one: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(one, "__dict__", {}).items()
    for kind in ("_parameters", "_modules"):  # where a module of PyTorch keeps what is assigned to it
        yield from (getattr(one, "__dict__", {}).get(kind) or {}).items()


def _shape(one: Any) -> Shape | None:
    if isinstance(one, int | np.integer):
        return WHOLE
    if (shape := array_shape(one)) is not None:
        return shape
    if isinstance(held := _of(one, "_parameters"), dict):  # a module of PyTorch
        return (type(one).__name__, *(str(tuple(each.shape)) for each in held.values() if each is not None))
    if isinstance(one, float | np.generic):
        return ()
    if isinstance(one, Mapping) and not any(type(key) is str for key in one):
        one = [*one.values()]
    if isinstance(one, list | tuple) and one and (shape := array_shape(one[-1])) is not None:
        return ("of", *shape)
    return None


def array_shape(one: Any) -> tuple[int, ...] | None:
    """Return the shape of an array or a tensor, None of anything else, even if it raises where it is asked.

    >>> walk = np.nditer(np.zeros(2))
    >>> _ = [*walk]
    >>> array_shape(np.zeros((2, 3))), array_shape(walk), array_shape(np.ndarray)
    ((2, 3), None, None)
    """
    shape = None if isinstance(one, type) else _of(one, "shape")
    return (*map(int, shape),) if isinstance(shape, tuple) else None


def _of(one: Any, name: str) -> Any:
    try:
        return getattr(one, name, None)
    except Exception:  # foreign code: a property may raise anything
        return None


def operands_in(function: ast.AST, shapes: Shapes) -> Shapes:
    """Return the shapes of all that a function can read, with the steps of sequences that it reads, and its slices.

    >>> operands_in(ast.parse("a = h[t - 1] + W"), {"h": ("of", 2), "W": (2,), "X": (4, 3)})
    {'h': ('of', 2), 'W': (2,), 'X': (4, 3), 'h[t - 1]': (2,)}
    """
    steps: dict[str, Shape] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Slice):
            steps[f"_[{ast.unparse(node)}]"] = SLICE
        elif isinstance(node, ast.Subscript) and (of := shapes.get(ast.unparse(node.value))) and of[0] == "of":
            steps[ast.unparse(node)] = of[1:]
    return {**shapes, **steps}
