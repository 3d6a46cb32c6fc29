"""Names outside of a foreign function: sizes and weights that others stand for while it is called.

Where one size is reckoned of others, ``z_size = H_size + X_size``, it is reckoned anew.
"""

import ast
import functools
import inspect
import linecache
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import permutations, product
from types import CodeType
from typing import Any, NamedTuple

from ...apart.text.sources import MARK
from ..names import parts_of
from ..syntax.gathered import read_globals

GATES = 3  # of a cell, at the least
OTHER_AXES = {"W_xh": "D", "W_hy": "V"}  # beside that of the units


class Reckoned(NamedTuple):
    """How a size is reckoned: of which names, by what."""

    names: frozenset[str]
    code: CodeType


class held:  # noqa: N801 - used as a statement
    """Let globals of a function be others for a while, and what is reckoned of them."""

    def __init__(self, function: Callable[..., Any], values: Mapping[str, Any]) -> None:
        self._names = getattr(inspect.unwrap(function), "__globals__", {})
        self._values = dict(values)
        for name, one in _reckoned_beside(function).items():
            if name not in self._values and one.names <= self._values.keys():
                self._values[name] = eval(one.code, {}, self._values)

    def __enter__(self) -> None:
        self._before = {name: self._names[name] for name in self._values if name in self._names}
        self._names.update(self._values)

    def __exit__(self, *_: object) -> None:
        for name in self._values.keys() - self._before.keys():
            self._names.pop(name, None)
        self._names.update(self._before)


def gathered_beside(function: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return lists and dicts outside of a function, of weights that others stand for: with these in them."""
    names = getattr(inspect.unwrap(function), "__globals__", {})
    kinds = {id(names[name]): name for name in values if hasattr(names.get(name), "shape")}
    found: dict[str, Any] = {}
    for name in read_globals(function) if kinds else ():
        one: Any = names.get(name)
        in_it = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list | tuple) else []
        if in_it and name not in values and all(id(entry) in kinds for entry in in_it):
            others = [values[kinds[id(entry)]] for entry in in_it]
            found[name] = dict(zip(one, others, strict=True)) if isinstance(one, dict) else others
    return found


def names_behind(function: Callable[..., Any], names: Iterable[str]) -> list[str]:
    """Return names outside of a function, what others among them are reckoned of, and what stands in lists there."""
    every = list(dict.fromkeys(names))
    held_there = getattr(inspect.unwrap(function), "__globals__", {})
    arrays = {id(one): name for name, one in reversed(held_there.items()) if hasattr(one, "shape")}
    arrays |= {id(held_there[name]): name for name in every if name in held_there and id(held_there[name]) in arrays}
    lists = [one for name in every if isinstance(one := held_there.get(name), list | tuple)]
    every += dict.fromkeys(arrays[id(one)] for inside in lists for one in inside if id(one) in arrays)
    every = list(dict.fromkeys(every))
    reckoned = _reckoned_beside(function)
    for name in every:
        every += [one for one in reckoned[name].names if one not in every] if name in reckoned else []
    return every


def bias_left_over(held: Mapping[str, Any], names: Iterable[str], weights: Mapping[str, str]) -> str:
    """Return the one vector outside, of a name that says nothing, that is as long as an output layer is wide: its bias.

    ``weights`` are those that are known, by their parts. Left as its author has it, it would be added to all outputs.

    >>> import numpy as np
    >>> held = {"Wo": np.ones((7, 3)), "shift": np.ones((1, 3)), "scale": np.ones(9)}
    >>> known = {"W_hy": "Wo", "b_h": "b"}
    >>> bias_left_over(held, held, known), bias_left_over(held, held, {**known, "b_y": "bo"})
    ('shift', '')
    """
    shape = getattr(held.get(weights.get("W_hy", "")), "shape", ())
    if len(shape) != 2 or "b_h" not in weights or "b_y" in weights:
        return ""
    shapes = {name: getattr(held.get(name), "shape", ()) for name in names if not parts_of(name)}
    arrays = {name: one for name, one in shapes.items() if isinstance(one, tuple) and one}
    found = [name for name, one in arrays.items() if max(one) in shape and max(one) == math.prod(one)]
    return found[0] if len(found) == 1 else ""


def sizes_outside(held: Mapping[str, Any], names: Sequence[str]) -> dict[str, str]:
    """Return the numbers outside of a function that are sizes by the matrices there, whatever they are called.

    A matrix that takes states to states is square, with as many rows as there are units. Where no matrix is square,
    those of several gates that take input and state together are alike, and as wide as both. One matrix of all gates
    has as many rows as units for each, and is as wide as the units, or as both, with a bias in it or not. Beside the
    units stand the inputs and the outputs, which are the same classes where there are as many. Matrices may stand in a
    dict.

    >>> import numpy as np
    >>> sizes_outside({"N": 5, "V": 9, "U": np.ones((5, 5)), "W": np.ones((5, 9))}, ["N", "V", "U", "W"])
    {'N': 'H'}
    >>> sizes_outside({"n": 5, "v": 9, **{g: np.ones((5, 14)) for g in "fio"}}, ["n", "v", "f", "i", "o"])
    {'n': 'H', 'v': 'D'}
    >>> sizes_outside({"n": 5, "v": 9, "W": np.ones((15, 20))}, ["n", "v", "W"])
    {'n': 'H', 'v': 'D'}
    >>> sizes_outside({"n": 5, "W": np.ones((20, 9)), "U": np.ones((20, 5))}, ["n", "W", "U"])
    {'n': 'H'}
    >>> held = {"k": 4, "Wxh": np.ones((5, 4)), "Whh": np.ones((5, 5)), "Why": np.ones((4, 5))}
    >>> sizes_outside(held, list(held))
    {'k': 'vocabulary'}
    """
    inside = [one for name in names if type(one := held.get(name)) is dict and all(isinstance(key, str) for key in one)]
    held = {**{key: value for one in inside for key, value in one.items()}, **held}  # weights in a dict
    every = [*names, *(key for one in inside for key in one)]
    shapes = [getattr(held.get(name), "shape", ()) for name in every]
    matrices = [one for one in shapes if isinstance(one, tuple) and len(one) == 2 and min(one) > 1]
    sizes = {rows: "H" for rows, columns in matrices if rows == columns}
    for rows, columns in {one for one in matrices if matrices.count(one) >= GATES and not sizes}:
        sizes |= {columns - rows: "D", rows: "H"} if rows < columns else {}
    numbers = [held[name] for name in every if type(held.get(name)) is int]
    joined = [] if sizes else [*matrices, *(one[::-1] for one in matrices)]
    sizes |= {H: "H" for rows, H in joined if H in numbers and rows in {GATES * H, (GATES + 1) * H}}
    for (rows, columns), (H, D) in product(joined, permutations(numbers, 2)):
        sizes |= {H: "H", D: "D"} if rows in {GATES * H, (GATES + 1) * H} and columns - H - D in {0, 1} else {}
    sizes = (_beside_units(held, every, sizes) if sizes else {}) | sizes
    return {name: sizes[held[name]] for name in every if type(held.get(name)) is int and held[name] in sizes}


def _beside_units(held: Mapping[str, Any], names: Sequence[str], sizes: Mapping[int, str]) -> dict[int, str]:
    """Return what the other axes are of weights that have one of the units, by the names of the weights."""
    found: dict[int, set[str]] = {}
    for name in names:
        shape, axis = getattr(held.get(name), "shape", ()), OTHER_AXES.get((*parts_of(name), "")[0])
        other = [one for one in shape if sizes.get(one) != "H"] if isinstance(shape, tuple) and len(shape) == 2 else []
        if axis and len(other) == 1:
            found.setdefault(other[0], set()).add(axis)
    numbers = [held[name] for name in names if type(held.get(name)) is int]
    one = {size: axes for size, axes in found.items() if len(axes) == 1 or numbers.count(size) == 1}  # no two of a size
    return {size: axes.pop() if len(axes) == 1 else "vocabulary" for size, axes in one.items() if size > 1}


def _reckoned_beside(function: Callable[..., Any]) -> Mapping[str, Reckoned]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return _reckoned_in(code.co_filename) if code is not None else {}


@functools.lru_cache(64)
def _reckoned_in(filename: str) -> Mapping[str, Reckoned]:
    """Return the sizes of a file that are reckoned of others: sums, differences and products of names and numbers.

    Of a notebook, those of all cells that have been run.
    """
    book, cell, _ = filename.partition(MARK)
    found: dict[str, Reckoned] = {}
    for node in (one for name in ([filename] if not cell else _cells(book)) for one in _parsed(name)):
        target = node.targets[0] if isinstance(node, ast.Assign) else None
        names = frozenset(one.id for one in ast.walk(node) if isinstance(one, ast.Name) and one is not target)
        if isinstance(node, ast.Assign) and isinstance(target, ast.Name) and names and _is_sum(node.value):
            found[target.id] = Reckoned(names, compile(ast.Expression(node.value), filename, "eval"))
    return found


def _cells(book: str) -> list[str]:
    return [name for name in list(linecache.cache) if name.startswith(book + MARK)]


def _parsed(filename: str) -> list[ast.stmt]:
    try:
        return ast.parse("".join(linecache.getlines(filename))).body
    except (SyntaxError, ValueError):
        return []


def _is_sum(node: ast.expr) -> bool:
    match node:
        case ast.BinOp(left, ast.Add() | ast.Sub() | ast.Mult(), right):
            return all(isinstance(one, ast.Name | ast.Constant) or _is_sum(one) for one in (left, right))
    return False
