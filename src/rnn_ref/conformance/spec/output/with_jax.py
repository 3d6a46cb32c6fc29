"""A linear layer in JAX under the specification's signatures, the way back by ``vjp``."""

from functools import partial
from typing import Any

import numpy as np

from ...._shapes import Array
from ..frameworks.with_jax import Named, as_arrays, back, compiled


def linear(h_states: Any, W_hy: Any, b_y: Any) -> Any:
    """Return the logits, traced or not."""
    return h_states @ W_hy.T + b_y


_forward, _backward = compiled(linear), compiled(partial(back, linear))


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """A product and a sum."""
    return np.asarray(_forward(np.asarray(h_states), W_hy, b_y))


def rnn_output_backward(dlogits_seq: Array, h_states: Any, W_hy: Array, b_y: Array) -> Named:
    """``jax.vjp`` of the output layer."""
    names = ("h_states", "W_hy", "b_y")
    return as_arrays(names, _backward(dlogits_seq, np.asarray(h_states), W_hy, b_y))
