"""Keras' tanh network under the specification's signatures.

Keras takes batches with time second, and keeps weights as inputs × outputs; both are translated here.
"""

import numpy as np

from ...._shapes import Array
from ..frameworks.with_keras import keras, numpy_of


def rnn_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh"
) -> Array:
    """``keras.layers.SimpleRNNCell``."""
    cell = keras.layers.SimpleRNNCell(len(b_h), activation=activation, dtype=str(b_h.dtype))
    cell.build((None, W_xh.shape[1]))
    cell.set_weights([W_xh.T, W_hh.T, b_h])
    h_t, _ = cell(np.atleast_2d(x_t), [np.atleast_2d(h_prev)])
    return numpy_of(h_t).reshape(h_prev.shape)


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh") -> Array:
    """``keras.layers.SimpleRNN``."""
    layer = keras.layers.SimpleRNN(len(b_h), activation=activation, return_sequences=True, dtype=str(b_h.dtype))
    batch = X_seq.reshape(len(X_seq), -1, W_xh.shape[1]).swapaxes(0, 1)  # (B, T, D)
    layer.build(batch.shape)
    layer.set_weights([W_xh.T, W_hh.T, b_h])
    states = numpy_of(layer(batch, initial_state=np.atleast_2d(h0)))
    return states.swapaxes(0, 1).reshape(len(X_seq), *h0.shape)
