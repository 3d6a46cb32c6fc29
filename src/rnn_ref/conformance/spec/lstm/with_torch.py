"""PyTorch's LSTM under the specification's signatures, the way back by autograd.

``nn.LSTM`` returns the memory after the last step alone, and takes no gradient of those before it: unrolled it is
``nn.LSTMCell`` in a loop where all of them are asked for.
"""

from typing import Any

import numpy as np
import torch

from ...._shapes import Array
from ...operation import Outputs
from ..frameworks.with_torch import Named, leaf_of, module, numpy_of, tensor_of

NAMES = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_h": "bias_ih"}


def lstm_cell_step(x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Named:
    """``nn.LSTMCell``."""
    h_t, c_t = _filled(torch.nn.LSTMCell, "", W_xh, W_hh, b_h)(tensor_of(x_t), (tensor_of(h_prev), tensor_of(c_prev)))
    return {"h_t": numpy_of(h_t), "c_t": numpy_of(c_t)}


def lstm_forward(X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Outputs:
    """``nn.LSTM``: all states, and the last state and memory."""
    lstm = _filled(torch.nn.LSTM, "_l0", W_xh, W_hh, b_h)
    output, (h_T, c_T) = lstm(tensor_of(X_seq), (tensor_of(h0)[None], tensor_of(c0)[None]))
    return Outputs(h_states=numpy_of(output), h_T=numpy_of(h_T[0]), c_T=numpy_of(c_T[0]))


def lstm_cell_backward(
    dh_t: Array, dc_t: Array, x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """Autograd through ``nn.LSTMCell``."""
    cell, given = _filled(torch.nn.LSTMCell, "", W_xh, W_hh, b_h), [leaf_of(one) for one in (x_t, h_prev, c_prev)]
    torch.autograd.backward(cell(given[0], tuple(given[1:])), (tensor_of(dh_t), tensor_of(dc_t)))
    return dict(zip(("x_t", "h_prev", "c_prev"), (numpy_of(one.grad) for one in given), strict=True)) | _gradients(cell)


def lstm_backward(
    dh_states: Any,
    dc_states: Any,
    h_states: Any,
    c_states: Any,
    X_seq: Array,
    h0: Array,
    c0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
) -> Named:
    """Autograd through ``nn.LSTMCell``, step by step."""
    cell, given = _filled(torch.nn.LSTMCell, "", W_xh, W_hh, b_h), [leaf_of(one) for one in (X_seq, h0, c0)]
    state, every = (given[1], given[2]), []
    for x_t in given[0]:
        state = cell(x_t, state)
        every.append(state)
    shown, kept = (torch.stack(one) for one in zip(*every, strict=True))
    torch.autograd.backward((shown, kept), (tensor_of(np.asarray(dh_states)), tensor_of(np.asarray(dc_states))))
    return dict(zip(("X_seq", "h0", "c0"), (numpy_of(one.grad) for one in given), strict=True)) | _gradients(cell)


def _gradients(cell: torch.nn.Module) -> Named:
    return {ours: numpy_of(getattr(cell, theirs).grad) for ours, theirs in NAMES.items()}


def _filled(kind: type, layer: str, W_xh: Array, W_hh: Array, b_h: Array) -> torch.nn.Module:
    filled = module(kind, W_xh.shape[1], W_hh.shape[1], W_xh.dtype)
    with torch.no_grad():
        for name, array in zip((*NAMES.values(), "bias_hh"), (W_xh, W_hh, b_h, np.zeros_like(b_h)), strict=True):
            getattr(filled, f"{name}{layer}").copy_(torch.from_numpy(np.array(array)))
    return filled
