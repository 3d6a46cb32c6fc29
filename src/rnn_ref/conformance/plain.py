"""Backpropagation through time as anyone would write it: plain same-precision arithmetic, one ``+=`` after another.

It is not the reference but its counterpart for one purpose: how far rounding alone carries a correct, careless program
from the truth on a given case is measured with it, and others are allowed a small multiple of that.
"""

from typing import Any

import numpy as np

from .._shapes import Array

Named = dict[str, Array]
Rng = np.random.Generator | None


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, rng: Rng = None) -> Array:
    """Go forward step by step, in the dtype of the arguments; with ``rng``, round every state as luck has it."""
    h, h_states = h0, np.empty((len(X_seq), *h0.shape), h0.dtype)
    for t, x_t in enumerate(X_seq):
        h = np.tanh(x_t @ W_xh.T + h @ W_hh.T + b_h)
        if rng is not None:
            h = h + np.spacing(h) * rng.integers(-1, 2, h.shape).astype(h.dtype)
        h_states[t] = h
    return h_states


def rnn_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """Go back step by step, in the dtype of the arguments."""
    dX, dW_xh, dW_hh, db_h = (np.zeros_like(a) for a in (X_seq, W_xh, W_hh, b_h))
    dh_next = np.zeros_like(h0)
    for t in reversed(range(len(X_seq))):
        h_prev = h_states[t - 1] if t else h0
        dz = (dh_states[t] + dh_next) * (1 - h_states[t] * h_states[t])
        for dz_b, x_b, h_b in zip(*map(np.atleast_2d, (dz, X_seq[t], h_prev)), strict=True):
            dW_xh += np.outer(dz_b, x_b)
            dW_hh += np.outer(dz_b, h_b)
            db_h += dz_b
        dX[t] = dz @ W_xh
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
    rng: Rng = None,
) -> Named:
    """Forward, loss and back, step by step."""
    h_states, dlogits = rnn_forward(X_seq, h0, W_xh, W_hh, b_h, rng=rng), []
    loss, kept = h0.dtype.type(0), targets_seq != ignore_index
    count = h0.dtype.type(kept.sum() if reduction == "mean" else 1)
    for h_t, y_t, kept_t in zip(h_states, targets_seq, kept, strict=True):
        loss_t, dlogits_t = _cross_entropy(h_t @ W_hy.T + b_y, np.where(kept_t, y_t, 0), kept_t)
        loss += loss_t
        dlogits.append(dlogits_t / count)
    dW_hy, db_y = np.zeros_like(W_hy), np.zeros_like(b_y)
    for dz_t, h_t in zip(dlogits, h_states, strict=True):
        for dz_b, h_b in zip(np.atleast_2d(dz_t), np.atleast_2d(h_t), strict=True):
            dW_hy += np.outer(dz_b, h_b)
            db_y += dz_b
    recurrent = rnn_backward(np.stack(dlogits) @ W_hy, h_states, X_seq, h0, W_xh, W_hh, b_h)
    return {"loss": np.asarray(loss / count)} | recurrent | {"W_hy": dW_hy, "b_y": db_y, "h_T": h_states[-1]}


def _cross_entropy(z: Array, y: Array, kept: Array) -> tuple[Any, Array]:
    shifted = z - z.max(-1, keepdims=True)
    exps = np.exp(shifted)
    total = exps.sum(-1, keepdims=True)
    index, counts = y[..., None], kept[..., None]
    gradient = exps / total
    loss = (np.log(total) - np.take_along_axis(shifted, index, -1)).sum(dtype=z.dtype, where=counts)
    np.put_along_axis(gradient, index, np.take_along_axis(gradient, index, -1) - 1, -1)
    return loss, np.where(counts, gradient, 0)
