"""The one thing in which the frameworks' gated weights differ, axes aside: which gate's rows come first."""

import numpy as np

from .._shapes import Array


def exchanged(rows: Array) -> Array:
    """Exchange the first two of three blocks of rows: r z n, as here, and z r n, as in Keras and ONNX.

    Doing it twice changes nothing.

    >>> exchanged(np.array([1, 2, 3])).tolist()
    [2, 1, 3]
    """
    first, second, third = np.split(rows, 3)
    return np.concatenate([second, first, third])
