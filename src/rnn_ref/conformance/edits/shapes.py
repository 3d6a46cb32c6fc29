"""The shapes of what can be read in a function: of names, attributes, items of dicts, and steps of sequences."""

import ast
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

Shape: TypeAlias = tuple[int | str, ...]
Shapes: TypeAlias = Mapping[str, Shape]  # by how it is written
WHOLE: Shape = ("whole number",)


def shapes_of(names: Mapping[str, Any]) -> Shapes:
    """Return the shapes of arrays and numbers by how they are written.

    Of a list of arrays, or a dict by step, the shape is that of the last, behind the word ``of``.

    >>> shapes_of({"W": np.zeros((2, 3)), "hs": {-1: np.zeros(2)}, "p": {"U": np.zeros(4)}, "n": 3})
    {'W': (2, 3), 'hs': ('of', 2), "p['U']": (4,), 'n': ('whole number',)}
    """
    found: dict[str, Shape] = {}
    for name, one in names.items():
        every = {name: one}
        if isinstance(one, Mapping):
            every |= {f"{name}[{key!r}]": value for key, value in one.items() if type(key) is str}
        elif name == "self":
            every |= {f"self.{own}": value for own, value in getattr(one, "__dict__", {}).items()}
        found |= {written: shape for written, each in every.items() if (shape := _shape(each)) is not None}
    return found


def _shape(one: Any) -> Shape | None:
    if isinstance(one, np.ndarray):
        return (*one.shape,)
    if isinstance(one, int | np.integer):
        return WHOLE
    if isinstance(one, float | np.generic):
        return ()
    if isinstance(one, Mapping) and not any(type(key) is str for key in one):
        one = [*one.values()]
    if isinstance(one, list | tuple) and one and isinstance(one[-1], np.ndarray):
        return ("of", *one[-1].shape)
    return None


def operands_in(function: ast.AST, shapes: Shapes) -> Shapes:
    """Return the shapes of all that a function can read, with those of the steps of sequences that it reads.

    >>> operands_in(ast.parse("a = h[t - 1] + W"), {"h": ("of", 2), "W": (2,), "X": (4, 3)})
    {'h': ('of', 2), 'W': (2,), 'X': (4, 3), 'h[t - 1]': (2,)}
    """
    steps = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Subscript) and (of := shapes.get(ast.unparse(node.value))) and of[0] == "of":
            steps[ast.unparse(node)] = of[1:]
    return {**shapes, **steps}
