"""JAX: ``lax.scan`` under ``jit``, compiled before it is timed, and its own gradient to every floating input."""

from collections.abc import Callable
from typing import Any

import jax
from jax import numpy as jnp

from .workloads import GATED, Problem, gated

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


def _gru(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any) -> Any:
    def step(h: Any, x_t: Any) -> tuple[Any, Any]:
        x_r, x_z, x_n = jnp.split(x_t @ W_xh.T + b_xh, 3, -1)
        h_r, h_z, h_n = jnp.split(h @ W_hh.T + b_hh, 3, -1)
        r, z = jax.nn.sigmoid(x_r + h_r), jax.nn.sigmoid(x_z + h_z)
        h_t = (1 - z) * jnp.tanh(x_n + r * h_n) + z * h
        return h_t, h_t

    return jax.lax.scan(step, h0, X_seq)[1]


def _lstm(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    def step(before: Any, x_t: Any) -> tuple[Any, Any]:
        h, c = before
        i, f, g, o = jnp.split(x_t @ W_xh.T + h @ W_hh.T + b_h, 4, -1)
        c_t = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h_t = jax.nn.sigmoid(o) * jnp.tanh(c_t)
        return (h_t, c_t), h_t

    return jax.lax.scan(step, (h0, h0), X_seq)[1]


def _gated(problem: Problem, states: Any, weights: dict[str, Any]) -> Callable[[], Any]:
    """Return the full gradient of a network with gates."""

    def nats(X_seq: Any, h0: Any, given: dict[str, Any], W_hy: Any, b_y: Any, targets: Any) -> Any:
        log_p = jax.nn.log_softmax(states(X_seq, h0, **given) @ W_hy.T + b_y)
        return -jnp.take_along_axis(log_p, targets[..., None], -1).sum()

    given = {name: jnp.asarray(one) for name, one in weights.items()}
    arrays = (problem.X_seq, problem.h0, given, problem.W_hy, problem.b_y, problem.targets_seq)
    return _ready(jax.value_and_grad(nats, (0, 1, 2, 3, 4)), *arrays)


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
        "gru": _gated(arrays, _gru, gated(problem, GATED["gru"])),
        "lstm": _gated(arrays, _lstm, gated(problem, GATED["lstm"])),
    }
