"""Keras 3 itself under the specification's signatures: the built-in target ``keras``, forward only, in float32.

It runs on Keras' NumPy backend, unless the variable KERAS_BACKEND names another. That backend has no gradients, so the
backwards are absent. Keras takes batches with time second, and keeps weights as inputs × outputs; both are translated
here. Its losses know neither class weights nor, on this backend, a mean over the targets kept: not declared.

float64 is not claimed: whatever ``dtype`` a layer is given, Keras' type promotion ends at float32 (as JAX's does by
default; only on TensorFlow it goes on).
"""

import os
from typing import Any

import numpy as np

from ..._shapes import Array

os.environ.setdefault("KERAS_BACKEND", "numpy")

import keras  # it reads the variable when it is imported


def rnn_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``keras.layers.SimpleRNNCell``."""
    cell = keras.layers.SimpleRNNCell(len(b_h), dtype=str(b_h.dtype))
    cell.build((None, W_xh.shape[1]))
    cell.set_weights([W_xh.T, W_hh.T, b_h])
    h_t, _ = cell(np.atleast_2d(x_t), [np.atleast_2d(h_prev)])
    return _numpy(h_t).reshape(h_prev.shape)


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``keras.layers.SimpleRNN``."""
    layer = keras.layers.SimpleRNN(len(b_h), return_sequences=True, dtype=str(b_h.dtype))
    batch = X_seq.reshape(len(X_seq), -1, W_xh.shape[1]).swapaxes(0, 1)  # (B, T, D)
    layer.build(batch.shape)
    layer.set_weights([W_xh.T, W_hh.T, b_h])
    states = _numpy(layer(batch, initial_state=np.atleast_2d(h0)))
    return states.swapaxes(0, 1).reshape(len(X_seq), *h0.shape)


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``keras.layers.Dense``."""
    layer, H_states = keras.layers.Dense(len(b_y), dtype=str(b_y.dtype)), np.asarray(h_states)
    layer.build(H_states.shape)
    layer.set_weights([W_hy.T, b_y])
    return _numpy(layer(H_states))


def cross_entropy(logits: Array, targets: Any, *, reduction: str = "mean", label_smoothing: float = 0.0) -> Any:
    """``keras.losses.SparseCategoricalCrossentropy``, or ``CategoricalCrossentropy`` where it is asked of shares."""
    y, options = np.asarray(targets), {"from_logits": True, "reduction": reduction, "dtype": str(logits.dtype)}
    if y.dtype.kind == "i" and not label_smoothing:
        return _numpy(keras.losses.SparseCategoricalCrossentropy(**options)(y, logits))[()]
    shares = keras.ops.one_hot(y, logits.shape[-1], dtype=str(logits.dtype)) if y.dtype.kind == "i" else y
    loss = keras.losses.CategoricalCrossentropy(label_smoothing=label_smoothing, **options)
    return _numpy(loss(shares, logits))[()]


def _numpy(tensor: Any) -> Array:
    array: Array = keras.ops.convert_to_numpy(tensor)
    return array
