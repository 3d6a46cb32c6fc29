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
        yield from getattr(one, "__dict__", {}).get(kind, {}).items()


def _shape(one: Any) -> Shape | None:
    if isinstance(one, int | np.integer):
        return WHOLE
    if isinstance(shape := getattr(one, "shape", None), tuple):  # an array, or a tensor
        return (*map(int, shape),)
    if callable(getattr(one, "parameters", None)) and not isinstance(one, type):  # a module
        return (type(one).__name__, *(str(tuple(each.shape)) for each in one.parameters()))
    if isinstance(one, float | np.generic):
        return ()
    if isinstance(one, Mapping) and not any(type(key) is str for key in one):
        one = [*one.values()]
    if isinstance(one, list | tuple) and one and isinstance(shape := getattr(one[-1], "shape", None), tuple):
        return ("of", *map(int, shape))
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
