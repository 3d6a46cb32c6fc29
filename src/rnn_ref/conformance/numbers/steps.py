"""One exact step from the candidate's own previous state: how states are judged, however long the sequence.

Errors of a recurrence feed on themselves; with large weights two correct programs part by 100 %. But each single step
of a correct program is right to rounding, given the state it started from. So every h_t of the candidate is compared
with tanh(W_xh x_t + W_hh h_{t−1} + b_h) of the candidate's own h_{t−1}.

The argument of tanh is computed in twice the precision, from slices of the matrices whose products add up exactly
in float64 (Ozaki, Ogita, Oishi and Rump, 2012, "Error-free transformations of matrix multiplication").
"""

import numpy as np

from ..._shapes import Array
from ...loss.softmax import two_diff


def exact_steps(h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    """Return the exact next state of every step (T, …, H), and the Σ|terms| of tanh's argument.

    All arguments in float64. The state is exact to float64's tanh, about 1 ulp.
    """
    H_prev = np.concatenate([h0[np.newaxis], h_states[:-1]])
    high, low = product(X_seq, W_xh)
    for more, less in (product(H_prev, W_hh), (b_h, 0.0)):
        high, lost = two_diff(high, -np.asarray(more))
        low = low + lost + less
    high, low = two_diff(high, -low)  # now low is below the rounding of high, and tanh is straight over it
    h_t = np.tanh(high)
    terms: Array = abs(X_seq) @ abs(W_xh).T + abs(H_prev) @ abs(W_hh).T + abs(b_h)
    return h_t + (1 - h_t) * (1 + h_t) * low, terms


def product(a: Array, W: Array) -> tuple[Array, Array]:
    """Return a @ W.T as a rounded-free high part and the small rest."""
    bits = (53 - int(W.shape[-1]).bit_length()) // 2
    a_high, W_high = _slice(a, bits), _slice(W, bits)
    low: Array = a_high @ (W - W_high).T + (a - a_high) @ W.T
    return a_high @ W_high.T, low


def _slice(a: Array, bits: int) -> Array:
    """Return the leading bits of every entry, in units common to its row: products of such slices add up exactly."""
    _, exponent = np.frexp(np.abs(a).max(-1, keepdims=True))
    shift = np.ldexp(0.75, np.clip(exponent + 53 - bits, -1000, 1000))
    leading: Array = (a + shift) - shift
    return leading
