"""The network in twice the precision of float64, for random cases without 50 digits. Answers are pairs."""

from typing import Any

import numpy as np

import twice_functions
from rnn_ref._shapes import Array, rows
from rnn_ref.conformance.numbers import through, twice
from rnn_ref.conformance.numbers.twice import Pair, Twice, matmul, minus, pair, plus, times
from rnn_ref.conformance.operation import Cell
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.spec.gru.operations import AFTER, CELLS
from rnn_ref.conformance.spec.lstm.operations import CELL as LSTM
from rnn_ref.conformance.spec.rnn.operations import TANH


class Precise(Twice):
    """Twice the precision, tanh and the sigmoid too."""

    def tanh(self) -> "Precise":
        """Return tanh a, to an absolute error of 2⁻¹⁰⁰."""
        return Precise(twice_functions.tanh(self.p))

    def sigmoid(self) -> "Precise":
        """Return (1 + tanh(a/2)) / 2."""
        high, low = twice_functions.tanh((self.p[0] / 2, self.p[1] / 2))
        high, low = plus(pair(np.ones_like(high)), (high, low))
        return Precise((high / 2, low / 2))


def rnn_forward(X_seq: Array, h0: Array, *weights: Array) -> dict[str, Pair]:
    """Return all states (T, …, H)."""
    return _forward("rnn_forward", TANH, X_seq, [h0], weights)


def gru_forward(X_seq: Array, h0: Array, *weights: Array, reset_after: bool = True) -> dict[str, Pair]:
    """Return all states (T, …, H)."""
    return _forward("gru_forward", _gru(reset_after), X_seq, [h0], weights)


def lstm_forward(X_seq: Array, h0: Array, c0: Array, *weights: Array) -> dict[str, Pair]:
    """Return all states and memories (T, …, H)."""
    return _forward("lstm_forward", LSTM, X_seq, [h0, c0], weights)


def lstm_backward(
    dh_states: Array, dc_states: Array, h_states: Array, c_states: Array,
    X_seq: Array, h0: Array, c0: Array, *weights: Array,
) -> dict[str, Pair]:  # fmt: skip
    """Return every gradient."""
    upstream, states = [pair(dh_states), pair(dc_states)], [pair(h_states), pair(c_states)]
    return _backward("lstm_backward", LSTM, upstream, states, X_seq, [h0, c0], weights)


def gru_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, *weights: Array, reset_after: bool = True
) -> dict[str, Pair]:
    """Return every gradient."""
    cell = _gru(reset_after)
    return _backward("gru_backward", cell, [pair(dh_states)], [pair(h_states)], X_seq, [h0], weights)


def rnn_backward(dh_states: Array, h_states: Array, X_seq: Array, h0: Array, *weights: Array) -> dict[str, Pair]:
    """Return every gradient."""
    return _backward("rnn_backward", TANH, [pair(dh_states)], [pair(h_states)], X_seq, [h0], weights)


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
        **_backward("rnn_backward", TANH, [matmul(dlogits, pair(W_hy.T))], [states], X_seq, [h0], (W_xh, W_hh, b_h)),
        "W_hy": matmul(flat, H_states),
        "b_y": _reshaped(twice.total(flat), (-1,)),
        "h_T": (states[0][-1], states[1][-1]),
    }


def _gru(reset_after: bool) -> Cell:
    return AFTER if reset_after else CELLS["reset_after", False]


def _forward(
    function: str, cell: Cell, X_seq: Array, states0: list[Array], weights: tuple[Array, ...]
) -> dict[str, Pair]:
    every = through.forward(cell, Precise, X_seq, states0, _by_name(weights, cell))
    shape = states0[0].shape
    pairs = [tuple(np.stack([one.p[part].reshape(shape) for one in states]) for part in (0, 1)) for states in every]
    return dict(zip(OPERATIONS[function].outputs, pairs, strict=True))  # type: ignore[arg-type]


def _backward(
    function: str, cell: Cell, upstream: list[Pair], states: list[Pair], X_seq: Array, states0: list[Array],
    weights: tuple[Array, ...],
) -> dict[str, Pair]:  # fmt: skip
    def numbers(a: Pair) -> list[Precise]:
        return [Precise((rows(high), rows(low))) for high, low in zip(*a, strict=True)]

    X, first = [Precise.lift(rows(x_t)) for x_t in X_seq], [Precise.lift(rows(state)) for state in states0]
    above, given = ([numbers(one) for one in ones] for ones in (upstream, states))
    found = through.backward(cell, Precise, above, given, X, first, _by_name(weights, cell))
    parts = [through.as_arrays(cell, found, lambda number, k=part: number.p[k], X_seq, states0) for part in (0, 1)]
    return dict(zip(OPERATIONS[function].outputs, zip(*parts, strict=True), strict=True))


def cross_entropy(logits: Array, targets: Array, **options: Any) -> dict[str, Pair]:
    """Return the loss, or every row's."""
    q, divisor = _shares(logits, targets, **options)
    nats, _ = _log_softmax(pair(rows(logits)))
    losses = twice.total(times(q, nats))
    if options["reduction"] == "none":
        return {"loss": _reshaped(losses, logits.shape[:-1])}
    return {"loss": _reshaped(twice_functions.over(twice.total(_reshaped(losses, (1, -1))), divisor), ())}


def cross_entropy_backward(dloss: Any, logits: Array, targets: Array, **options: Any) -> dict[str, Pair]:
    """Return p Σq - q of every row, times what comes from above."""
    q, divisor = _shares(logits, targets, **options)
    _, p = _log_softmax(pair(rows(logits)))
    gradient = minus(times(p, _like(twice.total(q), p)), q)
    above = _like(pair(np.reshape(dloss, (-1, 1))), p)
    return {"dlogits": _reshaped(twice_functions.over(times(gradient, above), _like(divisor, p)), logits.shape)}


def _shares(
    logits: Array,
    targets: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> tuple[Pair, Pair]:
    """Return the weighted shares (N, V), and what is divided by (1, 1)."""
    V, y = logits.shape[-1], np.ravel(targets)
    kept = (y != ignore_index)[:, np.newaxis]
    hot = (y[:, np.newaxis] == np.arange(V)) * 1.0
    w = np.ones(V) if weight is None else weight
    smooth, one = pair(np.full(hot.shape, label_smoothing)), pair(np.ones(hot.shape))
    q = plus(times(minus(one, smooth), pair(hot)), twice_functions.over(smooth, pair(np.full(hot.shape, float(V)))))
    counted = twice.total(pair((hot * w * kept).sum(-1)[np.newaxis]))
    divisor = counted if reduction == "mean" else pair(np.ones((1, 1)))
    return times(q, pair(w * kept)), divisor


def _log_softmax(logits: Pair) -> tuple[Pair, Pair]:
    """Return -log p and p, row by row."""
    shifted = minus(logits, _like(pair(logits[0].max(-1, keepdims=True)), logits))
    exps = twice_functions.exp(shifted)
    sums = twice.total(exps)
    nats = minus(_like(twice_functions.log(sums), exps), shifted)
    return nats, twice_functions.over(exps, _like(sums, exps))


def _cross_entropy(logits: Pair, index: Array) -> tuple[Pair, Pair]:
    """Return the losses and p - q, row by row."""
    nats, p = _log_softmax(logits)
    losses = tuple(np.take_along_axis(part, index, -1) for part in nats)
    q = np.zeros_like(p[0])
    np.put_along_axis(q, index, 1.0, -1)
    return losses, minus(p, pair(q))  # type: ignore[return-value]


def _like(a: Pair, b: Pair) -> Pair:
    return np.broadcast_to(a[0], b[0].shape), np.broadcast_to(a[1], b[0].shape)


def _by_name(weights: Any, cell: Cell) -> dict[str, Array]:
    return dict(zip(cell.weights, weights, strict=True))


def _reshaped(a: Pair, shape: tuple[int, ...]) -> Pair:
    return a[0].reshape(shape), a[1].reshape(shape)
