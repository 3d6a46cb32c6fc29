"""ONNX's LSTM under the specification's signatures. Its node returns the memory after the last step alone."""

import numpy as np
from onnx import helper

from ...._shapes import Array
from ....interop import to_onnx
from ...operation import Outputs
from ..frameworks.with_onnxruntime import run_all


def lstm_cell_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> tuple[Array, Array]:
    """``LSTM`` over one step."""
    _, h_t, c_t = _node(x_t[None], h_prev, c_prev, W_xh, W_hh, b_h)
    return h_t, c_t


def lstm_forward(X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Outputs:
    """``LSTM``: all states, and the last state and memory."""
    h_states, h_T, c_T = _node(X_seq, h0, c0, W_xh, W_hh, b_h)
    return Outputs(h_states=h_states, h_T=h_T, c_T=c_T)


def _node(X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array, Array]:
    names = ["X", "W", "R", "B", "", "initial_h", "initial_c"]
    node = helper.make_node("LSTM", names, ["Y", "Y_h", "Y_c"], hidden_size=W_hh.shape[1])
    inputs = {
        "X": X_seq.reshape(len(X_seq), -1, W_xh.shape[1]),
        **to_onnx({"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h}),
        "initial_h": np.atleast_2d(h0)[None],
        "initial_c": np.atleast_2d(c0)[None],
    }
    Y, h_T, c_T = run_all([node], inputs, ["Y", "Y_h", "Y_c"])
    return Y.reshape(len(X_seq), *h0.shape), h_T.reshape(h0.shape), c_T.reshape(c0.shape)
