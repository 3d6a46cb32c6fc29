"""What is special about inputs: rows of zeros, steps that no gradient reaches, one-hot rows, and few that count."""

from collections.abc import Sequence

import numpy as np

from ...._shapes import Array

LONG = 16  # an axis that is longer has few places that count
SILENT = (1, -1)  # steps that no gradient from above reaches: one between others, and the last


def one_hot(X_seq: Array) -> Array:
    """Return one-hot rows; neighbours are the same, in time as in a batch, so that a class occurs twice at a step.

    >>> one_hot(np.zeros((3, 2, 2))).argmax(-1).tolist()
    [[1, 1], [1, 0], [0, 0]]
    """
    place = np.indices(X_seq.shape[:-1]).sum(0) // 2
    D = X_seq.shape[-1]
    found: Array = np.eye(D)[D - 1 - place % D]
    return found


def with_blank_rows(X_seq: Array) -> Array:
    """Return zeros and ones, as many in a row as it happens; the last row of one sequence is zeros, or that of a batch.

    >>> with_blank_rows(np.ones((2, 2, 1))).tolist()
    [[[1.0], [1.0]], [[0.0], [1.0]]]
    """
    found: Array = (X_seq > 0).astype(X_seq.dtype)
    found[-1 if X_seq.ndim == 2 else (-1, 0)] = 0
    return found


def silent(upstream: Array, steps: Sequence[int] = SILENT) -> Array:
    """Return gradients from above with zeros at some steps.

    >>> silent(np.ones((4, 1))).ravel().tolist()
    [1.0, 0.0, 1.0, 0.0]
    """
    found = upstream.copy()
    found[list(steps)] = 0
    return found


def few(array: Array, *axes: int) -> Array:
    """Return the array with zeros in it, but at the first, the middle and the last two places of axes that are long.

    What follows from it is zeros for the most part, and takes little room; a tail of any length is not among them.

    >>> few(np.ones(20), 0).nonzero()[0].tolist()
    [0, 10, 18, 19]
    """
    found = array.copy()
    for axis in axes:
        size = array.shape[axis]
        if size > LONG:
            gone = np.setdiff1d(np.arange(size), [0, size // 2, size - 2, size - 1])
            np.moveaxis(found, axis, 0)[gone] = 0
    return found
