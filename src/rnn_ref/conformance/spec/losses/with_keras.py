"""Keras' cross-entropies under the specification's signature.

They know neither class weights nor, on the NumPy backend, a mean over the targets kept: not declared.
"""

from typing import Any

import numpy as np

from ...._shapes import Array
from ..frameworks.with_keras import keras, numpy_of


def cross_entropy(logits: Array, targets: Any, *, reduction: str = "mean", label_smoothing: float = 0.0) -> Any:
    """``keras.losses.SparseCategoricalCrossentropy``, or ``CategoricalCrossentropy`` where it is asked of shares."""
    y, options = np.asarray(targets), {"from_logits": True, "reduction": reduction, "dtype": str(logits.dtype)}
    if y.dtype.kind == "i" and not label_smoothing:
        sparse = keras.losses.SparseCategoricalCrossentropy(**options)
        return numpy_of(sparse(y[..., np.newaxis], logits))[()]  # else a single class is taken for an axis too many
    shares = keras.ops.one_hot(y, logits.shape[-1], dtype=str(logits.dtype)) if y.dtype.kind == "i" else y
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, **options)
    return numpy_of(loss(shares, logits))[()]
