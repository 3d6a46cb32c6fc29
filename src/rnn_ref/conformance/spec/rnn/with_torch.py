"""PyTorch's tanh network under the specification's signatures, the way back by autograd."""

from functools import partial
from typing import Any

import numpy as np
import torch

from ...._shapes import Array
from ..frameworks.with_torch import Named, filled, gradients, leaf_of, numpy_of, tensor_of
from ..losses.with_torch import loss_of
from ..output.with_torch import linear_of


def rnn_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh"
) -> Array:
    """``nn.RNNCell``."""
    return numpy_of(_recurrent(torch.nn.RNNCell, W_xh, W_hh, b_h, activation)(tensor_of(x_t), tensor_of(h_prev)))


def rnn_cell_backward(
    dh_t: Array,
    h_t: Array,
    x_t: Array,
    h_prev: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    activation: str = "tanh",
) -> Named:
    """Autograd through ``nn.RNNCell``."""
    cell, x, h = _recurrent(torch.nn.RNNCell, W_xh, W_hh, b_h, activation), leaf_of(x_t), leaf_of(h_prev)
    cell(x, h).backward(tensor_of(dh_t))
    return {"x_t": numpy_of(x.grad), "h_prev": numpy_of(h.grad)} | gradients(cell)


def rnn_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh"
) -> list[Array]:
    """``nn.RNN``, its output split into steps."""
    output, _ = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h, activation)(tensor_of(X_seq), tensor_of(h0)[None])
    return list(numpy_of(output))


def rnn_backward(
    dh_states: Any,
    h_states: Any,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    *,
    activation: str = "tanh",
) -> Named:
    """Autograd through ``nn.RNN``."""
    rnn, X, h = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h, activation), leaf_of(X_seq), leaf_of(h0)
    output, _ = rnn(X, h[None])
    output.backward(tensor_of(np.asarray(dh_states)))
    return {"X_seq": numpy_of(X.grad), "h0": numpy_of(h.grad)} | gradients(rnn)


def rnn_bptt(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: str = "sum",
    ignore_index: int = -100,
    activation: str = "tanh",
) -> tuple[Any, Named, Array]:
    """``nn.RNN``, ``nn.Linear`` and ``F.cross_entropy``, and autograd through all three."""
    rnn, linear = _recurrent(torch.nn.RNN, W_xh, W_hh, b_h, activation), linear_of(W_hy, b_y)
    X, h = leaf_of(X_seq), leaf_of(h0)
    output, h_T = rnn(X, h[None])
    loss = loss_of(linear(output), targets_seq, None, ignore_index, reduction, 0.0)
    loss.backward()
    grads = {"X_seq": numpy_of(X.grad), "h0": numpy_of(h.grad)} | gradients(rnn) | gradients(linear)
    return numpy_of(loss)[()], grads, numpy_of(h_T[0])


def _recurrent(kind: Any, W_xh: Array, W_hh: Array, b_h: Array, activation: str) -> Any:
    made = partial(kind, nonlinearity=activation)
    return filled(made, W_xh.shape[1], len(b_h), {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_h})
