"""Backpropagation through time in twice the precision of float64, for cases of which no 50 digits are frozen.

Numbers are pairs (high, low) whose sum is meant. Dekker (1971), "A floating-point technique for extending the
available precision"; the matrix products are those of ``steps.py``. The answers are good to about 70 bits.
"""

import numpy as np

from .._shapes import Array, rows
from .._softmax import two_diff
from .steps import product

Pair = tuple[Array, Array]
_SPLITTER = 2.0**27 + 1


def rnn_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> dict[str, Pair]:
    """Return every gradient as (nearest float64, remainder)."""
    dz: list[Pair] = []
    dh_next: Pair = (np.zeros_like(h0), np.zeros_like(h0))
    for dh_t, h_t in zip(dh_states[::-1], h_states[::-1], strict=True):
        square = _times((h_t, 0 * h_t), (h_t, 0 * h_t))
        slope = _plus((np.ones_like(h_t), 0 * h_t), (-square[0], -square[1]))
        dz.append(_times(_plus((dh_t, 0 * dh_t), dh_next), slope))
        dh_next = _matmul(dz[-1], W_hh.T)
    high, low = (np.stack(part[::-1]) for part in zip(*dz, strict=True))
    H_prev = np.concatenate([h0[np.newaxis], h_states[:-1]])
    flat = (rows(high).T, rows(low).T)
    return {
        "X_seq": _matmul((high, low), W_xh.T),
        "h0": dh_next,
        "W_xh": _matmul(flat, rows(X_seq).T),
        "W_hh": _matmul(flat, rows(H_prev).T),
        "b_h": tuple(part[:, 0] for part in _matmul(flat, np.ones((1, flat[0].shape[1])))),  # type: ignore[dict-item]
    }


def _matmul(a: Pair, W: Array) -> Pair:
    """Return a @ W.T."""
    high, low = product(a[0], W)
    return _normal(high, low + a[1] @ W.T)


def _plus(a: Pair, b: Pair) -> Pair:
    high, lost = two_diff(a[0], -b[0])
    return _normal(high, lost + (a[1] + b[1]))


def _times(a: Pair, b: Pair) -> Pair:
    high = a[0] * b[0]
    (a1, a2), (b1, b2) = _halves(a[0]), _halves(b[0])
    lost = ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2
    return _normal(high, lost + (a[0] * b[1] + a[1] * b[0]))


def _normal(high: Array, low: Array) -> Pair:
    return two_diff(high, -low)


def _halves(a: Array) -> Pair:
    """Split into two numbers of 26 bits, whose products are exact (Veltkamp)."""
    shifted = _SPLITTER * a
    leading = shifted - (shifted - a)
    return leading, a - leading
