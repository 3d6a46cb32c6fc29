"""What is returned times what may be its gradient, summed up: a loss with this gradient, whatever the loss is."""

from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

import numpy as np

from ..._shapes import Array
from ..targets.reading.names import of_what, plain
from .arrays import Path, is_leaf, leaves_in

MOST = 64  # arrays of a list that are taken for one


def in_one(value: Any) -> Array | None:
    """Return an array, or the arrays of a list as one, of a copy; None of anything else.

    >>> in_one([np.zeros(3), np.ones(3)]).shape, in_one([1, 2]), in_one([np.zeros(3), np.zeros(2)])
    ((2, 3), None, None)
    """
    if is_leaf(value):
        return np.array(value, np.float64)
    if isinstance(value, list) and 0 < len(value) <= MOST and all(isinstance(one, np.ndarray) for one in value):
        is_one = len({one.shape for one in value}) == 1 and value[0].dtype == np.float64 and value[0].ndim > 0
        return np.stack(value) if is_one else None
    return None


def weighed(
    frame: FrameType, value: Any, above: Mapping[str, Array], own: frozenset[str]
) -> Iterator[tuple[Path, float]]:
    """Yield what is returned, or the last step of it, times what is ``above`` in its shape, with where it stands.

    So it is with several, such as a state and a memory, each with the gradient that is called after it.
    """
    called = {id(one): name for name, one in frame.f_locals.items()}
    parts: list[Any] = [*enumerate(value)] if isinstance(value, tuple) else [(None, value)]
    lists = {(() if at is None else (at,)): in_one(one) for at, one in parts if isinstance(one, list)}
    for path, array in lists.items():
        for name, one in above.items():
            if array is not None and array.shape == one.shape:
                yield ("returned", *path, "times", name), float(np.sum(one * array))
    together: list[float] = []
    for leaf in leaves_in({"returned": value}, own):
        for name, one in above.items():
            for at, part in _like(leaf.array, one.shape):
                number = float(np.sum(one * part))
                yield (*leaf.path, *at, "times", name), number
                together += [number] if plain(of_what(name)) == plain(called.get(id(leaf.value), "")) else []
    if len(together) > 1:
        yield ("returned", "times", "what is above"), sum(together)


def _like(array: Array, shape: tuple[int, ...]) -> Iterator[tuple[Path, Array]]:
    """Yield an array if it has a shape, else what stands in it last along an axis, if that has it.

    >>> [(at, part.shape) for at, part in _like(np.zeros((4, 5, 3)), (4, 3))]
    [((':, -1',), (4, 3))]
    """
    if array.shape == shape:
        yield (), array
    elif array.ndim == len(shape) + 1:
        for axis in range(array.ndim):
            if array.shape[:axis] + array.shape[axis + 1 :] == shape:
                yield (", ".join([*[":"] * axis, "-1"]),), np.take(array, -1, axis)
