"""PyTorch's GRU under the specification's signatures. It has the reset gate behind the product alone."""

from typing import Any

import numpy as np
import torch

from ...._shapes import Array
from ..frameworks.with_torch import Named, leaf_of, module, numpy_of, tensor_of


def gru_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array) -> Array:
    """``nn.GRUCell``."""
    cell = _filled(torch.nn.GRUCell, "", W_xh, W_hh, b_xh, b_hh)
    return numpy_of(cell(tensor_of(x_t), tensor_of(h_prev)))


def gru_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array) -> list[Array]:
    """``nn.GRU``, its output split into steps."""
    output, _ = _filled(torch.nn.GRU, "_l0", W_xh, W_hh, b_xh, b_hh)(tensor_of(X_seq), tensor_of(h0)[None])
    return list(numpy_of(output))


def gru_cell_backward(
    dh_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array
) -> Named:
    """Autograd through ``nn.GRUCell``."""
    cell, x, h = _filled(torch.nn.GRUCell, "", W_xh, W_hh, b_xh, b_hh), leaf_of(x_t), leaf_of(h_prev)
    cell(x, h).backward(tensor_of(dh_t))
    return {"x_t": numpy_of(x.grad), "h_prev": numpy_of(h.grad)} | _gradients(cell, "")


def gru_backward(
    dh_states: Any, h_states: Any, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array
) -> Named:
    """Autograd through ``nn.GRU``."""
    gru, X, h = _filled(torch.nn.GRU, "_l0", W_xh, W_hh, b_xh, b_hh), leaf_of(X_seq), leaf_of(h0)
    output, _ = gru(X, h[None])
    output.backward(tensor_of(np.asarray(dh_states)))
    return {"X_seq": numpy_of(X.grad), "h0": numpy_of(h.grad)} | _gradients(gru, "_l0")


def _gradients(filled: torch.nn.Module, layer: str) -> Named:
    names = {"W_xh": "weight_ih", "W_hh": "weight_hh", "b_xh": "bias_ih", "b_hh": "bias_hh"}
    return {ours: numpy_of(getattr(filled, f"{theirs}{layer}").grad) for ours, theirs in names.items()}


def _filled(kind: type, layer: str, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array) -> torch.nn.Module:
    filled = module(kind, W_xh.shape[1], W_hh.shape[1], W_xh.dtype)
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    with torch.no_grad():
        for name, array in zip(names, (W_xh, W_hh, b_xh, b_hh), strict=True):
            getattr(filled, f"{name}{layer}").copy_(torch.from_numpy(np.array(array)))
    return filled
