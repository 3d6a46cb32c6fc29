"""Keras 3, on its NumPy backend unless the variable KERAS_BACKEND names another: forward only, in float32.

That backend has no gradients, so the backwards are absent. float64 is not claimed: whatever ``dtype`` a layer is given,
Keras' type promotion ends at float32 (as JAX's does by default; only on TensorFlow it goes on).
"""

import os
from typing import Any

from ...._shapes import Array

__all__ = ["keras", "numpy_of"]

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras  # it reads the variable when it is imported


def numpy_of(tensor: Any) -> Array:
    """Return a tensor as an array."""
    array: Array = keras.ops.convert_to_numpy(tensor)
    return array
