"""Keras' LSTM under the specification's signatures.

Keras takes batches with time second; ``to_keras`` builds a layer and writes its weights. The layer returns
the memory after the last step alone, beside all states.
"""

import numpy as np

from ...._shapes import Array
from ....interop import to_keras
from ...operation import Outputs
from ..frameworks.with_keras import keras, numpy_of


def lstm_cell_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> tuple[Array, Array]:
    """``keras.layers.LSTMCell``."""
    cell = keras.layers.LSTMCell(W_hh.shape[1], dtype=str(W_hh.dtype))
    to_keras({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, cell)
    _, (h_t, c_t) = cell(np.atleast_2d(x_t), [np.atleast_2d(h_prev), np.atleast_2d(c_prev)])
    return numpy_of(h_t).reshape(h_prev.shape), numpy_of(c_t).reshape(c_prev.shape)


def lstm_forward(X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Outputs:
    """``keras.layers.LSTM``: all states, and the last state and memory."""
    layer = keras.layers.LSTM(W_hh.shape[1], return_sequences=True, return_state=True, dtype=str(W_hh.dtype))
    batch = X_seq.reshape(len(X_seq), -1, W_xh.shape[1]).swapaxes(0, 1)  # (B, T, D)
    to_keras({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}, layer)
    states, h_T, c_T = map(numpy_of, layer(batch, initial_state=[np.atleast_2d(h0), np.atleast_2d(c0)]))
    h_states = states.swapaxes(0, 1).reshape(len(X_seq), *h0.shape)
    return Outputs(h_states=h_states, h_T=h_T.reshape(h0.shape), c_T=c_T.reshape(c0.shape))
