"""The usual losses of what a way back is told, where none is computed beside it: squared distances, and logarithms."""

from collections.abc import Iterator, Mapping
from itertools import islice, permutations, product
from typing import Any

import numpy as np

from ..._shapes import Array

USUAL = "usual"  # begins the name of such a number
MOST = 8  # arrays that are compared with each other
SQUARES, LOGARITHMS, OF_TWO = "squares of {} less {}", "logarithms of {} at {}", "logarithms of {} of two at {}"


def usual_losses(told: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield by what they are made of the usual losses of what a function is told, up to a factor.

    >>> p, t, y = np.array([[0.25, 0.75], [0.5, 0.5]]), [1, 0], -np.ones((2, 2))
    >>> {name: round(loss, 3) for name, loss in usual_losses({"p": p, "t": t, "y": y})}
    {'squares of p less y': 4.562, 'squares of y less p': 4.562, 'logarithms of p at t': 0.981}
    >>> {name: round(loss, 3) for name, loss in usual_losses({"p": np.array([0.25, 0.5]), "t": [0, 1]})}
    {'squares of p less t': 0.156, 'logarithms of p of two at t': 0.981}
    """
    arrays = {name: one for name, value in told.items() if (one := _stacked(value)) is not None}
    numbers = dict([one for one in arrays.items() if one[1].dtype.kind == "f"][:MOST])
    whole = dict([one for one in arrays.items() if one[1].dtype.kind != "f"][:MOST])
    for (a, one), (b, other) in [*permutations(numbers.items(), 2), *product(numbers.items(), whole.items())]:
        if one.shape == other.shape:
            yield SQUARES.format(a, b), float(np.sum((one - other) ** 2) / 2)
    likely = {name: one for name, one in numbers.items() if np.all(one > 0) and np.all(one <= 1)}
    for name, one in likely.items():
        for classes, of in arrays.items():
            if of.dtype.kind in "iu" and (picked := _picked(one, of)) is not None:
                yield LOGARITHMS.format(name, classes), -float(np.sum(np.log(picked)))
            elif of.dtype.kind == "f" and of.shape == one.shape and set(np.unique(of)) == {0.0, 1.0}:
                yield LOGARITHMS.format(name, classes), -float(np.sum(of * np.log(one)))
            if of.shape == one.shape and set(np.unique(of)) <= {0, 1} and np.all(one < 1):
                yield OF_TWO.format(name, classes), -float(np.sum(np.log(np.where(of, one, 1 - one))))


def sizes_of(made: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield of arrays half the sum of their squares, and of their changes from step to step: penalties on states.

    >>> [*sizes_of({"hs": [np.array([1.0, 0.0]), np.array([3.0, 2.0])]})]
    [('squares of hs', 7.0), ('changes of hs', 4.0)]
    """
    arrays = ((name, one) for name, value in made.items() if (one := _stacked(value)) is not None and one.ndim > 1)
    for name, one in islice(arrays, 2 * MOST):
        yield f"squares of {name}", float(np.sum(one * one) / 2)
        yield f"changes of {name}", float(np.sum(np.diff(one, axis=0) ** 2) / 2)


def _picked(probabilities: Array, classes: Array) -> Array | None:
    """Return the entries at classes along the last axis, or along the first."""
    for one in (probabilities, np.moveaxis(probabilities, 0, -1)):
        if one.shape[:-1] == classes.shape and classes.size and 0 <= classes.min() <= classes.max() < one.shape[-1]:
            return np.take_along_axis(one, classes[..., None], -1)
    return None


def _stacked(value: Any) -> Array | None:
    """Return an array, or the arrays of a list or of a dict by steps as one without axes of size one."""
    if isinstance(value, Mapping):
        value = [value[key] for key in sorted(value) if isinstance(key, int) and key >= 0]
    try:
        array = np.asarray(value)
    except (ValueError, TypeError):
        return None
    array = array.astype(int) if array.dtype == bool else array
    if array.dtype.kind not in "fiu" or not array.size or not array.ndim:
        return None
    return array.reshape([size for size in array.shape if size > 1] or [1])
