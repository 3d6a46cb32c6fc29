"""The network in twice the precision of float64, for random cases without 50 digits. Answers are pairs."""

from typing import Any

import numpy as np

import twice_functions
from rnn_ref._shapes import Array, rows
from rnn_ref.conformance.numbers import through, twice
from rnn_ref.conformance.numbers.twice import Pair, Twice, matmul, minus, pair, plus
from rnn_ref.conformance.spec.rnn.operations import TANH


class Precise(Twice):
    """Twice the precision, tanh too."""

    def tanh(self) -> "Precise":
        """Return tanh a, to an absolute error of 2⁻¹⁰⁰."""
        return Precise(twice_functions.tanh(self.p))


def rnn_forward(X_seq: Array, h0: Array, *weights: Array) -> dict[str, Pair]:
    """Return all states (T, …, H)."""
    (states,) = through.forward(TANH, Precise, X_seq, [h0], _by_name(weights))
    high, low = (np.stack([one.p[part].reshape(h0.shape) for one in states]) for part in (0, 1))
    return {"h_states": (high, low)}


def rnn_backward(dh_states: Array, h_states: Array, X_seq: Array, h0: Array, *weights: Array) -> dict[str, Pair]:
    """Return every gradient."""
    return _backward(pair(dh_states), pair(h_states), X_seq, h0, weights)


def rnn_bptt(
    X_seq: Array, targets_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, W_hy: Array, b_y: Array
) -> dict[str, Pair]:
    """Return the summed loss, every gradient and the last state."""
    states = rnn_forward(X_seq, h0, W_xh, W_hh, b_h)["h_states"]
    logits = matmul(states, pair(W_hy))
    logits = plus(logits, pair(np.broadcast_to(b_y, logits[0].shape)))
    losses, dlogits = _cross_entropy(logits, targets_seq[..., np.newaxis])
    flat, H_states = ((rows(high).T, rows(low).T) for high, low in (dlogits, states))
    return {
        "loss": _reshaped(twice.total(_reshaped(losses, (1, -1))), ()),
        **_backward(matmul(dlogits, pair(W_hy.T)), states, X_seq, h0, (W_xh, W_hh, b_h)),
        "W_hy": matmul(flat, H_states),
        "b_y": _reshaped(twice.total(flat), (-1,)),
        "h_T": (states[0][-1], states[1][-1]),
    }


def _backward(dh_states: Pair, h_states: Pair, X_seq: Array, h0: Array, weights: tuple[Array, ...]) -> dict[str, Pair]:
    def numbers(a: Pair) -> list[Precise]:
        return [Precise((rows(high), rows(low))) for high, low in zip(*a, strict=True)]

    X, first = [Precise.lift(rows(x_t)) for x_t in X_seq], [Precise.lift(rows(h0))]
    found = through.backward(TANH, Precise, [numbers(dh_states)], [numbers(h_states)], X, first, _by_name(weights))
    parts = [through.as_arrays(TANH, found, lambda number, k=part: number.p[k], X_seq, [h0]) for part in (0, 1)]
    return dict(zip(("X_seq", "h0", *TANH.weights), zip(*parts, strict=True), strict=True))


def _cross_entropy(logits: Pair, index: Array) -> tuple[Pair, Pair]:
    """Return the losses and p − q, row by row."""
    shifted = minus(logits, pair(np.broadcast_to(logits[0].max(-1, keepdims=True), logits[0].shape)))
    exps = twice_functions.exp(shifted)
    sums = twice.total(exps)
    taken = tuple(np.take_along_axis(part, index, -1) for part in shifted)
    q = np.zeros_like(exps[0])
    np.put_along_axis(q, index, 1.0, -1)
    return minus(twice_functions.log(sums), taken), minus(twice_functions.over(exps, sums), pair(q))  # type: ignore[arg-type]


def _by_name(weights: Any) -> dict[str, Array]:
    return dict(zip(TANH.weights, weights, strict=True))


def _reshaped(a: Pair, shape: tuple[int, ...]) -> Pair:
    return a[0].reshape(shape), a[1].reshape(shape)
