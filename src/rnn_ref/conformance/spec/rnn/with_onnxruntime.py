"""ONNX's RNN under the specification's signatures."""

import numpy as np
from onnx import helper

from ...._shapes import Array
from ..frameworks.with_onnxruntime import run


def rnn_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh"
) -> Array:
    """``RNN`` over one step."""
    h_states = rnn_forward(x_t[None], h_prev, W_xh, W_hh, b_h, activation=activation)
    return h_states.reshape(h_prev.shape)


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh") -> Array:
    """``RNN``."""
    node = helper.make_node(
        "RNN", ["X", "W", "R", "B", "", "initial_h"], ["Y"], hidden_size=len(b_h), activations=[activation.title()]
    )
    inputs = {
        "X": X_seq.reshape(len(X_seq), -1, W_xh.shape[1]),
        "W": W_xh[None],
        "R": W_hh[None],
        "B": np.concatenate([b_h, np.zeros_like(b_h)])[None],  # ONNX gives the recurrence two biases
        "initial_h": np.atleast_2d(h0)[None],
    }
    return run([node], inputs, "Y").reshape(len(X_seq), *h0.shape)
