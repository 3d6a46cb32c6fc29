"""The GRU in JAX under the specification's signatures, with the reset gate behind the product and before it.

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


def _cell(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any, *, reset_after: bool) -> Any:
    x_r, x_z, x_n = jnp.split(x_t @ W_xh.T + b_xh, 3, axis=-1)
    (W_hr, W_hz, W_hn), (b_hr, b_hz, b_hn) = jnp.split(W_hh, 3), jnp.split(b_hh, 3)
    r = jax.nn.sigmoid(x_r + h_prev @ W_hr.T + b_hr)
    z = jax.nn.sigmoid(x_z + h_prev @ W_hz.T + b_hz)
    h_n = r * (h_prev @ W_hn.T + b_hn) if reset_after else (r * h_prev) @ W_hn.T + b_hn
    n = jnp.tanh(x_n + h_n)
    return (1 - z) * n + z * h_prev


def _unrolled(X_seq: Any, h0: Any, *weights: Any, reset_after: bool) -> Any:
    def step(h_prev: Any, x_t: Any) -> tuple[Any, Any]:
        h_t = _cell(x_t, h_prev, *weights, reset_after=reset_after)
        return h_t, h_t

    return jax.lax.scan(step, h0, X_seq)[1]


BOTH = (False, True)
_CELL, _FORWARD = ({after: compiled(partial(one, reset_after=after)) for after in BOTH} for one in (_cell, _unrolled))
_CELL_BACK, _BACK = (
    {after: compiled(partial(back, partial(one, reset_after=after))) for after in BOTH} for one in (_cell, _unrolled)
)


def gru_cell_step(
    x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """Two sigmoids and a tanh of ``jax.numpy``'s products."""
    return np.asarray(_CELL[reset_after](x_t, h_prev, W_xh, W_hh, b_xh, b_hh))


def gru_forward(
    X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """``jax.lax.scan`` over the step."""
    return np.asarray(_FORWARD[reset_after](X_seq, h0, W_xh, W_hh, b_xh, b_hh))


def gru_cell_backward(
    dh_t: Array,
    x_t: Array,
    h_prev: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    *,
    reset_after: bool = True,
) -> Named:
    """``jax.vjp`` of the step."""
    names = tuple(OPERATIONS["gru_cell_backward"].outputs)
    return as_arrays(names, _CELL_BACK[reset_after](dh_t, x_t, h_prev, W_xh, W_hh, b_xh, b_hh))


def gru_backward(
    dh_states: Any,
    h_states: Any,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    *,
    reset_after: bool = True,
) -> Named:
    """``jax.vjp`` of the scan."""
    names = tuple(OPERATIONS["gru_backward"].outputs)
    return as_arrays(names, _BACK[reset_after](np.asarray(dh_states), X_seq, h0, W_xh, W_hh, b_xh, b_hh))
