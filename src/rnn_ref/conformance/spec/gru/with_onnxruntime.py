"""ONNX's GRU under the specification's signatures: its gates are z, r, h, and it has both cells."""

import numpy as np
from onnx import helper

from ...._shapes import Array
from ..frameworks.with_onnxruntime import run


def gru_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """``GRU`` over one step."""
    h_states = gru_forward(x_t[None], h_prev, W_xh, W_hh, b_xh, b_hh, reset_after=reset_after)
    return h_states.reshape(h_prev.shape)


def gru_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """``GRU``."""
    H = W_hh.shape[1]
    given = ["X", "W", "R", "B", "", "initial_h"]
    node = helper.make_node("GRU", given, ["Y"], hidden_size=H, linear_before_reset=int(reset_after))
    inputs = {
        "X": X_seq.reshape(len(X_seq), -1, W_xh.shape[1]),
        "W": _reordered(W_xh)[None],
        "R": _reordered(W_hh)[None],
        "B": np.concatenate([_reordered(b_xh), _reordered(b_hh)])[None],
        "initial_h": np.atleast_2d(h0)[None],
    }
    return run([node], inputs, "Y").reshape(len(X_seq), *h0.shape)


def _reordered(stacked: Array) -> Array:
    """Put the gates r, z, n into ONNX's order."""
    r, z, n = np.split(stacked, 3)
    return np.concatenate([z, r, n])
