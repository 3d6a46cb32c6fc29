"""Keras' GRU under the specification's signatures, with ``reset_after`` both ways.

Keras takes batches with time second; ``to_keras`` builds a layer and writes its weights. Where the reset gate stands
before the product Keras has one bias; both of ours are in it then, for only their sum occurs in that cell.
"""

import numpy as np

from ...._shapes import Array
from ....interop import to_keras
from ..frameworks.with_keras import keras, numpy_of


def gru_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """``keras.layers.GRUCell``."""
    cell = keras.layers.GRUCell(W_hh.shape[1], reset_after=reset_after, dtype=str(W_hh.dtype))
    to_keras({"W_xh": W_xh, "W_hh": W_hh, "b_xh": b_xh, "b_hh": b_hh}, cell)
    h_t, _ = cell(np.atleast_2d(x_t), [np.atleast_2d(h_prev)])
    return numpy_of(h_t).reshape(h_prev.shape)


def gru_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """``keras.layers.GRU``."""
    layer = keras.layers.GRU(W_hh.shape[1], reset_after=reset_after, return_sequences=True, dtype=str(W_hh.dtype))
    batch = X_seq.reshape(len(X_seq), -1, W_xh.shape[1]).swapaxes(0, 1)  # (B, T, D)
    to_keras({"W_xh": W_xh, "W_hh": W_hh, "b_xh": b_xh, "b_hh": b_hh}, layer)
    states = numpy_of(layer(batch, initial_state=np.atleast_2d(h0)))
    return states.swapaxes(0, 1).reshape(len(X_seq), *h0.shape)
