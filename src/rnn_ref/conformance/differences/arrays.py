"""The arrays that foreign code can reach from somewhere, with the way to each: in dicts, in lists, and in objects."""

import types
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array

Path = tuple[str | int, ...]
DEEPEST, MOST, LONGEST = 6, 400, 64  # steps to an array, arrays, and entries of one list that are looked at
LARGEST_LIST = 20_000  # numbers in lists that are taken for an array


class Leaf(NamedTuple):
    """An array of float64, or a list of numbers or of rows of numbers, and the way to it."""

    path: Path
    value: Any

    @property
    def array(self) -> Array:
        """Its numbers, in memory of their own."""
        return np.array(self.value, dtype=np.float64)

    def add(self, change: Array) -> None:
        """Add something to it where it stands."""
        self.put(self.array + change)

    def put(self, numbers: Array) -> None:
        """Put other numbers where it stands."""
        if isinstance(self.value, np.ndarray):
            self.value[...] = numbers
        elif numbers.ndim == 1:
            self.value[:] = numbers.tolist()
        else:
            for row, its in zip(self.value, numbers, strict=True):
                Leaf((), row).put(its)


def leaves_in(roots: Mapping[str, Any], own: frozenset[str]) -> Iterator[Leaf]:
    """Yield every array once that can be reached; objects are looked into if they are of the modules ``own``."""
    seen: set[int] = set()
    todo: list[tuple[Path, Any]] = [((name,), value) for name, value in roots.items()]
    found = 0
    while todo and found < MOST:
        path, value = todo.pop(0)
        if id(value) in seen or isinstance(value, str | bytes | int | float | bool | type(None)):
            continue
        seen.add(id(value))
        if is_leaf(value):
            found += 1
            yield Leaf(path, value)
        elif len(path) < DEEPEST:
            todo += [((*path, name), one) for name, one in inside(value, own)]


def found_at(path: Path, roots: Mapping[str, Any], own: frozenset[str]) -> Any:
    """Return what is found on the way to an array; None if there is nothing any more.

    >>> found_at(("grads", 0, "W"), {"grads": [{"W": 1.0}]}, frozenset()), found_at(("dW",), {}, frozenset())
    (1.0, None)
    """
    value = roots.get(str(path[0]))
    for step in path[1:]:
        value = next((one for name, one in inside(value, own) if name == step), None)
    return value


def is_leaf(value: Any) -> bool:
    """Whether something is an array of float64, or numbers in lists that lie like one.

    >>> is_leaf(np.zeros(2)), is_leaf([[1.0, 2.0], [3.0, 4.0]]), is_leaf([1, 2]), is_leaf([[1.0], [2.0, 3.0]])
    (True, True, False, False)
    """
    if isinstance(value, np.ndarray):
        return value.dtype == np.float64 and value.ndim > 0 and value.size > 1
    return _is_row(value) or (
        isinstance(value, list)
        and 0 < len(value) <= LARGEST_LIST
        and all(_is_row(row, least=1) for row in value)
        and len({len(row) for row in value}) == 1
        and len(value) * len(value[0]) > 1
    )


def _is_row(value: Any, least: int = 2) -> bool:
    return isinstance(value, list) and least <= len(value) <= LARGEST_LIST and all(type(one) is float for one in value)


def inside(value: Any, own: frozenset[str]) -> Iterator[tuple[str | int, Any]]:
    """Yield what stands in something under which name or number."""
    if isinstance(value, Mapping):
        yield from [(key, one) for key, one in list(value.items())[:LONGEST] if isinstance(key, str | int)]
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from zip(value._fields, value, strict=True)
    elif isinstance(value, list | tuple):
        yield from enumerate(value[:LONGEST])
    elif type(value).__module__ in own or isinstance(value, types.SimpleNamespace):
        slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
        yield from [(name, getattr(value, name)) for name in slots if isinstance(name, str) and hasattr(value, name)]
        yield from list(getattr(value, "__dict__", {}).items())
    elif isinstance(value, types.MethodType):
        yield "self", value.__self__
    elif isinstance(value, types.FunctionType) and value.__closure__:
        cells = zip(value.__code__.co_freevars, value.__closure__, strict=True)
        yield from [(name, cell.cell_contents) for name, cell in cells if cell != types.CellType()]
