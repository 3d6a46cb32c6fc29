"""What a foreign function returned, taken apart: every array in it, with the way to it and what it is called."""

import inspect
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from .engines.wrapped import unwrapped

Path = tuple[Any, ...]
Within = tuple[str, Sequence[str]]  # what an item is called, and what its own items are
DEEPEST = 6


class Leaf(NamedTuple):
    """An array in an answer."""

    path: Path
    name: str
    array: Array
    listed: bool = False  # whether it is made of a list, or of a dict by steps


def leaves(
    returned: Any, names: Sequence[str | Within] = (), path: Path = (), name: str = "", prefix: Path = ()
) -> Iterator[Leaf]:
    """Yield the arrays of an answer, from the outside in.

    ``names`` are those of its items, where the text has them, also inside one; what was returned stands at ``prefix``.
    """
    array = as_numbers(returned)
    if array is not None:
        yield Leaf(path, name, array, isinstance(returned, Mapping | list | tuple))
    if len(path) >= DEEPEST:
        return
    for key, one, called in _items(returned, names if path == prefix else ()):
        below = (*path, key)
        if not isinstance(called, str):
            yield from leaves(one, called[1], below, called[0] or name, below)
            continue
        yield from leaves(one, names if prefix[: len(below)] == below else (), below, called or name, prefix)


def _items(value: Any, names: Sequence[str | Within]) -> Iterator[tuple[Any, Any, str | Within]]:
    """Yield what an answer holds: how it is got, itself, and what it is called."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield ("key", key), one, key if isinstance(key, str) else ""
    elif isinstance(value, list | tuple):
        fields = getattr(value, "_fields", None) or (names if len(names) == len(value) else [""] * len(value))
        for place, (one, called) in enumerate(zip(value, fields, strict=True)):
            yield ("item", place), one, called
    elif _is_object(value) and unwrapped(value) is value:
        for key, one in attributes_of(value).items():
            yield ("attribute", key), one, key


def _is_object(value: Any) -> bool:
    """Whether something may hold arrays in its attributes."""
    library = hasattr(value, "shape") or hasattr(value, "named_parameters")
    return (
        bool(attributes_of(value))
        and not library
        and not inspect.isroutine(value)
        and not isinstance(value, type | types.ModuleType)
    )


def attributes_of(thing: Any) -> dict[str, Any]:
    """Return what an object holds by name, in a dict of its own or in slots; nothing of what has neither.

    >>> attributes_of(types.SimpleNamespace(W=1))
    {'W': 1}
    """
    slots = [name for kind in type(thing).__mro__ for name in _slots_of(kind)]
    return {**getattr(thing, "__dict__", {}), **{name: getattr(thing, name) for name in slots if hasattr(thing, name)}}


def _slots_of(kind: type) -> list[str]:
    slots = vars(kind).get("__slots__", ())
    return [slots] if isinstance(slots, str) else [name for name in slots if not name.startswith("__")]


def at(returned: Any, path: Path) -> Any:
    """Return what is at a place of an answer. Raises LookupError, TypeError or AttributeError if nothing is."""
    for kind, key in path:
        returned = getattr(returned, key) if kind == "attribute" else returned[key]
    return returned


def told(path: Path) -> str:
    """Return a place in words.

    >>> told((("item", 0), ("key", "dWx")))
    "[0]['dWx']"
    """
    return "".join(f".{key}" if kind == "attribute" else f"[{key!r}]" for kind, key in path)


def as_numbers(value: Any) -> Array | None:
    """Return an array, a tensor, or a list or a dict by steps of them as one array of numbers; None if it is none."""
    value = unwrapped(value)
    if isinstance(value, Mapping):
        if not value or not all(isinstance(key, int) for key in value):
            return None
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list | tuple):
        rows = [as_numbers(one) for one in value]
        if not rows or any(one is None or one.shape != rows[0].shape for one in rows if rows[0] is not None):
            return None
        return None if any(one is None for one in rows) else np.stack([one for one in rows if one is not None])
    if isinstance(value, bool | str) or value is None or (callable(value) and not hasattr(value, "shape")):
        return None
    for method in ("detach", "cpu"):
        value = getattr(value, method)() if hasattr(value, method) else value
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "fiu" else None
