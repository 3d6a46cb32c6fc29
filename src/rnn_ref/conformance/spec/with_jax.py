"""JAX itself under the specification's signatures: the built-in target ``jax``.

JAX has no recurrent layer; its form of one is ``lax.scan`` over a step, and its way back is ``vjp``. The loss is what
``jax.nn.log_softmax`` says of the target. Nor has it class weights, an ignored index or smoothing, so those options are
not declared; and no sum of any ``loss_fn`` over a sequence, so that pair is absent. float64 needs ``jax_enable_x64``.
"""

from functools import partial
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from ..._shapes import Array
from . import OPERATIONS

jax.config.update("jax_enable_x64", True)  # without it JAX answers in float32, whatever it is asked in

Named = dict[str, Array]
GRADIENTS = tuple(OPERATIONS["rnn_bptt"].outputs)[1:-1]
REDUCE: dict[str, Any] = {"sum": jnp.sum, "mean": jnp.mean, "none": lambda loss: loss}


def _cell(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    return jnp.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)


def _unrolled(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    def step(h_prev: Any, x_t: Any) -> tuple[Any, Any]:
        h_t = _cell(x_t, h_prev, W_xh, W_hh, b_h)
        return h_t, h_t

    return jax.lax.scan(step, h0, X_seq)[1]


def _linear(h_states: Any, W_hy: Any, b_y: Any) -> Any:
    return h_states @ W_hy.T + b_y


def _nats(logits: Any, targets: Any, reduction: str) -> Any:
    log_p = jax.nn.log_softmax(logits)
    if jnp.issubdtype(targets.dtype, jnp.floating):
        return REDUCE[reduction](-(targets * log_p).sum(-1))
    return REDUCE[reduction](-jnp.take_along_axis(log_p, targets[..., None], -1)[..., 0])


def _loss(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any, targets: Any) -> Any:
    h_states = _unrolled(X_seq, h0, W_xh, W_hh, b_h)
    return _nats(_linear(h_states, W_hy, b_y), targets, "sum"), h_states[-1]


def _back(function: Any, upstream: Any, *inputs: Any) -> Any:
    return jax.vjp(function, *inputs)[1](upstream)


def _nats_back(dloss: Any, logits: Any, targets: Any, reduction: str) -> Any:
    loss, back = jax.vjp(lambda z: _nats(z, targets, reduction), logits)
    return back(dloss.astype(loss.dtype))[0]


_forward, _cell_forward, _linear_forward = map(jax.jit, (_unrolled, _cell, _linear))
_backward, _cell_backward, _linear_backward = (jax.jit(partial(_back, one)) for one in (_unrolled, _cell, _linear))
_nats_forward, _nats_backward = (jax.jit(one, static_argnames="reduction") for one in (_nats, _nats_back))
_bptt = jax.jit(jax.value_and_grad(_loss, argnums=tuple(range(len(GRADIENTS))), has_aux=True))


def rnn_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``jnp.tanh`` of two products."""
    return np.asarray(_cell_forward(x_t, h_prev, W_xh, W_hh, b_h))


def rnn_cell_backward(
    dh_t: Array, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """``jax.vjp`` of the step."""
    names = ("x_t", "h_prev", "W_xh", "W_hh", "b_h")
    return _named(names, _cell_backward(dh_t, x_t, h_prev, W_xh, W_hh, b_h))


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """``jax.lax.scan`` over the step."""
    return np.asarray(_forward(X_seq, h0, W_xh, W_hh, b_h))


def rnn_backward(dh_states: Any, h_states: Any, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Named:
    """``jax.vjp`` of the scan."""
    return _named(GRADIENTS[:5], _backward(np.asarray(dh_states), X_seq, h0, W_xh, W_hh, b_h))


def rnn_output_layer(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """A product and a sum."""
    return np.asarray(_linear_forward(np.asarray(h_states), W_hy, b_y))


def rnn_output_backward(dlogits_seq: Array, h_states: Any, W_hy: Array, b_y: Array) -> Named:
    """``jax.vjp`` of the output layer."""
    names = ("h_states", "W_hy", "b_y")
    return _named(names, _linear_backward(dlogits_seq, np.asarray(h_states), W_hy, b_y))


def cross_entropy(logits: Array, targets: Any, *, reduction: str = "mean") -> Any:
    """Minus ``jax.nn.log_softmax`` of the target."""
    return np.asarray(_nats_forward(logits, np.asarray(targets), reduction))[()]


def cross_entropy_backward(dloss: Any, logits: Array, targets: Any, *, reduction: str = "mean") -> Array:
    """``jax.vjp`` of the loss."""
    return np.asarray(_nats_backward(np.asarray(dloss), logits, np.asarray(targets), reduction))


def rnn_bptt(
    X_seq: Array, targets_seq: Any, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, W_hy: Array, b_y: Array
) -> tuple[Any, Named, Array]:
    """``jax.value_and_grad`` of the scan, the output layer and the summed loss."""
    inputs = (X_seq, h0, W_xh, W_hh, b_h, W_hy, b_y)
    (loss, h_T), grads = _bptt(*inputs, np.asarray(targets_seq))
    return np.asarray(loss)[()], _named(GRADIENTS, grads), np.asarray(h_T)


def _named(names: tuple[str, ...], gradients: Any) -> Named:
    return dict(zip(names, map(np.asarray, gradients), strict=True))
