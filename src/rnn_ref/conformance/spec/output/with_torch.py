"""PyTorch's linear layer under the specification's signatures, the way back by autograd."""

from typing import Any

import numpy as np
import torch

from ...._shapes import Array
from ..frameworks.with_torch import Named, filled, gradients, leaf_of, numpy_of, tensor_of


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """``nn.Linear``."""
    return numpy_of(linear_of(W_hy, b_y)(tensor_of(np.asarray(h_states))))


def rnn_output_backward(dlogits_seq: Array, h_states: Any, W_hy: Array, b_y: Array) -> Named:
    """Autograd through ``nn.Linear``."""
    linear, h = linear_of(W_hy, b_y), leaf_of(np.asarray(h_states))
    linear(h).backward(tensor_of(dlogits_seq))
    return {"h_states": numpy_of(h.grad)} | gradients(linear)


def linear_of(W_hy: Array, b_y: Array) -> Any:
    """``nn.Linear`` with these weights."""
    return filled(torch.nn.Linear, W_hy.shape[1], len(b_y), {"W_hy": W_hy, "b_y": b_y})
