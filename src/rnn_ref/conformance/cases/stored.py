"""Checks and arrays in files: numbers lie end to end in a few long arrays, and JSON says what is done with them.

A file entry costs more than most of these arrays hold, and a thousand small ones take long to store one by one.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..spec import OPERATIONS


class Pools:
    """Long arrays by name, to which arrays are appended; where one lies is its start and its shape."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, array: Array, pool: str) -> int:
        """Append an array, and return its start."""
        start = self._sizes.get(pool, 0)
        self._parts.setdefault(pool, []).append(array.ravel())
        self._sizes[pool] = start + array.size
        return start

    def whole(self) -> dict[str, Array]:
        """Return the long arrays."""
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}

    def save(self, file: Any) -> None:
        """Write all of them as npz."""
        np.savez(file, **self.whole())  # type: ignore[arg-type]


def read_pools(file: Any) -> dict[str, Array]:
    """Return the long arrays of a file, read-only."""
    with np.load(file, allow_pickle=False) as opened:
        pools = {name: opened[name] for name in opened.files}
    for pool in pools.values():
        pool.flags.writeable = False
    return pools


def cut(pools: Mapping[str, Array], pool: str, start: int, shape: Sequence[int]) -> Array:
    """Return the array that lies there."""
    return pools[pool][start : start + math.prod(shape)].reshape(shape)


def as_entry(check: Check, store: Callable[[Array], Any]) -> dict[str, Any]:
    """Return what a check asks, without its answers; ``store`` puts an array away and returns what stands for it."""

    def stored(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: store(value) if isinstance(value, np.ndarray) else value for name, value in values.items()}

    return {
        "id": check.id,
        "rank": check.rank,
        "dtype": check.dtype,
        "flags": list(check.flags),
        "forms": dict(check.forms),
        "arguments": stored(check.arguments),
        "options": stored(check.options),
    }


def from_entry(entry: Mapping[str, Any], found: Callable[[Any], Any]) -> Check:
    """Return the check that is asked, without answers; ``found`` returns the array for what stands for one."""
    function, _, case = entry["id"].partition("/")
    arguments = {name: found(value) for name, value in entry["arguments"].items()}
    options = {name: found(value) for name, value in entry.get("options", {}).items()}
    return Check(
        OPERATIONS[function].asked_with(arguments, options, OPERATIONS),
        case,
        entry["rank"],
        entry["dtype"],
        tuple(entry.get("flags", ())),
        arguments,
        options,
        forms=entry.get("forms", {}),
    )
