"""JAX: ``lax.scan`` under ``jit``, compiled before it is timed, and its own gradient to every floating input."""

from collections.abc import Callable
from typing import Any

import jax
from jax import numpy as jnp

from .workloads import Problem

jax.config.update("jax_enable_x64", True)
FLOATING = (0, 2, 3, 4, 5, 6, 7)  # all arguments but the targets


def _states(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    def step(h_prev: Any, x_t: Any) -> tuple[Any, Any]:
        h_t = jnp.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
        return h_t, h_t

    return jax.lax.scan(step, h0, X_seq)[1]


def _nats(X_seq: Any, targets: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any) -> Any:
    log_p = jax.nn.log_softmax(_states(X_seq, h0, W_xh, W_hh, b_h) @ W_hy.T + b_y)
    return -jnp.take_along_axis(log_p, targets[..., None], -1).sum()


def _ready(function: Any, *arguments: Any) -> Callable[[], Any]:
    compiled = jax.jit(function)
    return lambda: jax.block_until_ready(compiled(*arguments))


def calls(problem: Problem) -> Any:
    """Return the three calls, on arrays that are JAX's own."""
    arrays = Problem(*map(jnp.asarray, problem))
    return {
        "forward": _ready(_states, *arrays.recurrent),
        "loss": _ready(_nats, *arrays),
        "gradient": _ready(jax.value_and_grad(_nats, FLOATING), *arrays),
    }
