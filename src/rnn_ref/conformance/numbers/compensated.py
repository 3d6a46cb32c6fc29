"""Backpropagation through time in twice the precision of float64, for cases of which no 50 digits are frozen.

The equations once more, in the arithmetic of ``twice.py``. The answers are good to about 70 bits.
"""

import numpy as np

from ..._shapes import Array, rows
from . import twice
from .twice import Pair, matmul, minus, over, pair, plus, times


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Pair:
    """Return all states (T, …, H)."""
    h_t, h_states = pair(h0), []
    for x_t in X_seq:
        z = plus(matmul(pair(x_t), pair(W_xh)), matmul(h_t, pair(W_hh)))
        h_t = twice.tanh(plus(z, pair(np.broadcast_to(b_h, h0.shape))))
        h_states.append(h_t)
    return _stacked(h_states)


def rnn_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> dict[str, Pair]:
    """Return every gradient as (nearest float64, remainder)."""
    return _backward(pair(dh_states), pair(h_states), X_seq, h0, W_xh, W_hh)


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
) -> dict[str, Pair]:
    """Return the loss, every gradient and the last state as (nearest float64, remainder)."""
    kept = (targets_seq != ignore_index)[..., np.newaxis]
    count = float(kept.sum()) if reduction == "mean" else 1.0
    h_states = rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
    logits = matmul(h_states, pair(W_hy))
    logits = plus(logits, pair(np.broadcast_to(b_y, logits[0].shape)))
    answers = _cross_entropy(logits, np.where(kept, targets_seq[..., np.newaxis], 0))
    losses, dlogits = (_share(answer, kept, count) for answer in answers)
    flat, H_states = _rows(dlogits), _rows(h_states)
    return {
        "loss": _scalar(twice.total(_reshaped(losses, (1, -1)))),
        **_backward(matmul(dlogits, pair(W_hy.T)), h_states, X_seq, h0, W_xh, W_hh),
        "W_hy": matmul(_turned(flat), _turned(H_states)),
        "b_y": _reshaped(twice.total(_turned(flat)), (-1,)),
        "h_T": (h_states[0][-1], h_states[1][-1]),
    }


def _backward(dh_states: Pair, h_states: Pair, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array) -> dict[str, Pair]:
    dz: list[Pair] = []
    dh_next = pair(np.zeros_like(h0))
    one = pair(np.ones_like(h0))
    for t in reversed(range(len(X_seq))):
        dh_t, h_t = ((high[t], low[t]) for high, low in (dh_states, h_states))
        dz.append(times(plus(dh_t, dh_next), minus(one, times(h_t, h_t))))
        dh_next = matmul(dz[-1], pair(W_hh.T))
    all_dz = _stacked(dz[::-1])
    before = np.concatenate([h0[np.newaxis], h_states[0][:-1]]), np.concatenate([0 * h0[None], h_states[1][:-1]])
    flat = _turned(_rows(all_dz))
    return {
        "X_seq": matmul(all_dz, pair(W_xh.T)),
        "h0": dh_next,
        "W_xh": matmul(flat, pair(rows(X_seq).T)),
        "W_hh": matmul(flat, _turned(_rows(before))),
        "b_h": _reshaped(twice.total(flat), (-1,)),
    }


def _cross_entropy(logits: Pair, index: Array) -> tuple[Pair, Pair]:
    """Return the losses and p − q, row by row."""
    shifted = minus(logits, pair(np.broadcast_to(logits[0].max(-1, keepdims=True), logits[0].shape)))
    exps = twice.exp(shifted)
    sums = twice.total(exps)
    losses = minus(twice.log(sums), (_taken(shifted[0], index), _taken(shifted[1], index)))
    q = np.zeros_like(exps[0])
    np.put_along_axis(q, index, 1.0, -1)
    return losses, minus(over(exps, sums), pair(q))


def _share(a: Pair, kept: Array, count: float) -> Pair:
    """Return a/count where kept, else 0."""
    return over((np.where(kept, a[0], 0), np.where(kept, a[1], 0)), pair(np.full_like(a[0], count)))


def _taken(part: Array, index: Array) -> Array:
    return np.take_along_axis(part, index, -1)


def _stacked(steps: list[Pair]) -> Pair:
    return np.stack([high for high, _ in steps]), np.stack([low for _, low in steps])


def _rows(a: Pair) -> Pair:
    return rows(a[0]), rows(a[1])


def _turned(a: Pair) -> Pair:
    return a[0].T, a[1].T


def _reshaped(a: Pair, shape: tuple[int, ...]) -> Pair:
    return a[0].reshape(shape), a[1].reshape(shape)


def _scalar(a: Pair) -> Pair:
    return _reshaped(a, ())
