"""The LSTM in JAX under the specification's signatures.

JAX has no recurrent layer; its form of one is ``lax.scan`` over a step, and its way back is ``vjp``.
"""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from ...._shapes import Array
from .. import OPERATIONS
from ..frameworks.with_jax import Named, as_arrays, back, compiled


def _cell(x_t: Any, h_prev: Any, c_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any, Any]:
    i, f, g, o = jnp.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, axis=-1)
    c_t = jax.nn.sigmoid(f) * c_prev + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c_t), c_t


def _unrolled(X_seq: Any, h0: Any, c0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> tuple[Any, Any]:
    def step(before: Any, x_t: Any) -> tuple[Any, Any]:
        h_prev, c_prev = before
        after = _cell(x_t, h_prev, c_prev, W_xh, W_hh, b_h)
        return after, after

    every: tuple[Any, Any] = jax.lax.scan(step, (h0, c0), X_seq)[1]
    return every


_forward, _cell_forward = map(compiled, (_unrolled, _cell))
_backward, _cell_backward = (compiled(partial(back, one)) for one in (_unrolled, _cell))


def lstm_cell_step(
    x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> tuple[Array, Array]:
    """Three sigmoids and two tanhs of ``jax.numpy``'s products."""
    h_t, c_t = _cell_forward(x_t, h_prev, c_prev, W_xh, W_hh, b_h)
    return np.asarray(h_t), np.asarray(c_t)


def lstm_forward(X_seq: Array, h0: Array, c0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    """``jax.lax.scan`` over the step."""
    h_states, c_states = _forward(X_seq, h0, c0, W_xh, W_hh, b_h)
    return np.asarray(h_states), np.asarray(c_states)


def lstm_cell_backward(
    dh_t: Array, dc_t: Array, x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """``jax.vjp`` of the step."""
    names = tuple(OPERATIONS["lstm_cell_backward"].outputs)
    return as_arrays(names, _cell_backward((dh_t, dc_t), x_t, h_prev, c_prev, W_xh, W_hh, b_h))


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
    """``jax.vjp`` of the scan."""
    names, upstream = tuple(OPERATIONS["lstm_backward"].outputs), (np.asarray(dh_states), np.asarray(dc_states))
    return as_arrays(names, _backward(upstream, X_seq, h0, c0, W_xh, W_hh, b_h))
