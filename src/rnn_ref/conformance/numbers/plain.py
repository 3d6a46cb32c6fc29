"""Backpropagation through time as anyone would write it: plain same-precision arithmetic, one ``+=`` after another.

It is not the reference but its counterpart for one purpose: how far rounding alone carries a correct, careless program
from the truth on a given case is measured with it, and others are allowed a small multiple of that.

Several runs go side by side, on a first axis R: the first as it is, the others rounded as luck has it (Monte Carlo
arithmetic). One sequence is a batch of one here.
"""

from typing import Any

import numpy as np

from ..._shapes import Array

Named = dict[str, Array]


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, runs: int = 1) -> Array:
    """Go forward step by step, in the dtype of the arguments; return the states (R, T, …, H).

    In all runs but the first, each of the terms of a sum is off by u of itself, at random, and each state by up to an
    ulp: what a sum in another order and another tanh may do.
    """
    rng, u, dtype = np.random.default_rng(0), np.finfo(h0.dtype).eps / 2, h0.dtype
    luck = np.array([0, *[1] * (runs - 1)], dtype).reshape(-1, *[1] * h0.ndim)
    h, h_states = np.broadcast_to(h0, (runs, *h0.shape)), np.empty((runs, len(X_seq), *h0.shape), dtype)
    for t, x_t in enumerate(X_seq):
        z = x_t @ W_xh.T + h @ W_hh.T + b_h
        if runs > 1:
            of_terms = np.sqrt(x_t**2 @ W_xh.T**2 + h**2 @ W_hh.T**2 + b_h**2)
            z = z + luck * of_terms * (u * rng.standard_normal(z.shape)).astype(dtype)
        h = np.tanh(z)
        if runs > 1:
            h = h + luck * np.spacing(h) * rng.integers(-1, 2, h.shape).astype(dtype)
        h_states[:, t] = h
    return h_states


def rnn_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """Go back step by step, in the dtype of the arguments; ``h_states`` is (R, T, …, H), and every gradient has an R.

    The gradients from above are the same for all runs (T, …, H), or each run's own.
    """
    R = len(h_states)
    dX, dW_xh, dW_hh, db_h = (np.zeros((R, *a.shape), a.dtype) for a in (X_seq, W_xh, W_hh, b_h))
    dh_next, dH = np.zeros((R, *h0.shape), h0.dtype), np.broadcast_to(dh_states, h_states.shape)
    for t in reversed(range(len(X_seq))):
        h_prev = h_states[:, t - 1] if t else np.broadcast_to(h0, dh_next.shape)
        dz = (dH[:, t] + dh_next) * (1 - h_states[:, t] * h_states[:, t])
        for b, x_b in enumerate(np.atleast_2d(X_seq[t])):
            dz_b = _row(dz, b)
            dW_xh += dz_b[:, :, None] * x_b
            dW_hh += dz_b[:, :, None] * _row(h_prev, b)[:, None, :]
            db_h += dz_b
        dX[:, t] = dz @ W_xh
        dh_next = dz @ W_hh
    return {"X_seq": dX, "h0": dh_next, "W_xh": dW_xh, "W_hh": dW_hh, "b_h": db_h}


def rnn_bptt(
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    reduction: str = "sum",
    ignore_index: int = -100,
    runs: int = 1,
) -> Named:
    """Forward, loss and back, step by step; every answer has an R."""
    h_states = rnn_forward(X_seq, h0, W_xh, W_hh, b_h, runs=runs)
    kept = targets_seq != ignore_index
    count = h0.dtype.type(kept.sum() if reduction == "mean" else 1)
    loss, dlogits = np.zeros(runs, h0.dtype), np.empty((*h_states.shape[:-1], len(b_y)), h0.dtype)
    dW_hy, db_y = (np.zeros((runs, *a.shape), a.dtype) for a in (W_hy, b_y))
    for t, (y_t, kept_t) in enumerate(zip(targets_seq, kept, strict=True)):
        loss_t, gradient = _cross_entropy(h_states[:, t] @ W_hy.T + b_y, np.where(kept_t, y_t, 0), kept_t)
        loss += loss_t
        dlogits[:, t] = gradient / count
        for b in range(np.size(y_t)):
            dz_b = _row(dlogits[:, t], b)
            dW_hy += dz_b[:, :, None] * _row(h_states[:, t], b)[:, None, :]
            db_y += dz_b
    recurrent = rnn_backward(dlogits @ W_hy, h_states, X_seq, h0, W_xh, W_hh, b_h)
    return {"loss": loss / count} | recurrent | {"W_hy": dW_hy, "b_y": db_y, "h_T": h_states[:, -1]}


def _cross_entropy(z: Array, y: Array, kept: Array) -> tuple[Any, Array]:
    """Return the loss (R,) and p − onehot(y), of one step."""
    shifted = z - z.max(-1, keepdims=True)
    exps = np.exp(shifted)
    total = exps.sum(-1, keepdims=True)
    index = np.broadcast_to(y[..., None], (*z.shape[:-1], 1))
    nats = (np.log(total) - np.take_along_axis(shifted, index, -1)) * kept[..., None]
    gradient = exps / total
    np.put_along_axis(gradient, index, np.take_along_axis(gradient, index, -1) - 1, -1)
    return nats.reshape(len(z), -1).sum(1), np.where(kept[..., None], gradient, 0)


def _row(states: Array, b: int) -> Array:
    """Return row b of a batch (R, B, H); one sequence (R, H) has but one."""
    return states[:, b] if states.ndim > 2 else states
