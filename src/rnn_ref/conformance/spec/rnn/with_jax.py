"""The tanh network in JAX under the specification's signatures.

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
from ..losses.with_jax import nats
from ..output.with_jax import linear

GRADIENTS = tuple(OPERATIONS["rnn_bptt"].outputs)[1:-1]
ACTIVATIONS = {"tanh": jnp.tanh, "relu": jax.nn.relu}


def _cell(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any, *, activation: str) -> Any:
    return ACTIVATIONS[activation](x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def _unrolled(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, *, activation: str) -> Any:
    def step(h_prev: Any, x_t: Any) -> tuple[Any, Any]:
        h_t = _cell(x_t, h_prev, W_xh, W_hh, b_h, activation=activation)
        return h_t, h_t

    return jax.lax.scan(step, h0, X_seq)[1]


def _loss(
    X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any, targets: Any, *, activation: str
) -> Any:
    h_states = _unrolled(X_seq, h0, W_xh, W_hh, b_h, activation=activation)
    return nats(linear(h_states, W_hy, b_y), targets, "sum"), h_states[-1]


def _for_each(made: Any) -> dict[str, Any]:
    """Return what is compiled of every activation's function."""
    return {name: compiled(made(name)) for name in ACTIVATIONS}


_CELL, _FORWARD = (_for_each(lambda name, one=one: partial(one, activation=name)) for one in (_cell, _unrolled))
_CELL_BACK, _BACK = (
    _for_each(lambda name, one=one: partial(back, partial(one, activation=name))) for one in (_cell, _unrolled)
)
_BPTT = _for_each(
    lambda name: jax.value_and_grad(partial(_loss, activation=name), tuple(range(len(GRADIENTS))), has_aux=True)
)


def rnn_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh"
) -> Array:
    """``jnp.tanh`` of two products."""
    return np.asarray(_CELL[activation](x_t, h_prev, W_xh, W_hh, b_h))


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
    """``jax.vjp`` of the step."""
    names = ("x_t", "h_prev", "W_xh", "W_hh", "b_h")
    return as_arrays(names, _CELL_BACK[activation](dh_t, x_t, h_prev, W_xh, W_hh, b_h))


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, activation: str = "tanh") -> Array:
    """``jax.lax.scan`` over the step."""
    return np.asarray(_FORWARD[activation](X_seq, h0, W_xh, W_hh, b_h))


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
    """``jax.vjp`` of the scan."""
    return as_arrays(GRADIENTS[:5], _BACK[activation](np.asarray(dh_states), X_seq, h0, W_xh, W_hh, b_h))


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
    activation: str = "tanh",
) -> tuple[Any, Named, Array]:
    """``jax.value_and_grad`` of the scan, the output layer and the summed loss."""
    inputs = (X_seq, h0, W_xh, W_hh, b_h, W_hy, b_y)
    (loss, h_T), grads = _BPTT[activation](*inputs, np.asarray(targets_seq))
    return np.asarray(loss)[()], as_arrays(GRADIENTS, grads), np.asarray(h_T)
