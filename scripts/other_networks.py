"""The network, its way back and the losses, made of any products, any tanh and any softmax that are right."""

import functools
import importlib
import importlib.util
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

import other_functions
import other_sums
from hand_written import GRADIENTS, widened
from other_functions import SOFTMAXES, TANHS, LogSoftmax, Tanh
from other_sums import Product

Array = Any
Functions = dict[str, Callable[..., Any]]


class Way(NamedTuple):
    """How a network is computed; what is not said is done plainly."""

    product: Product = other_sums.plain
    tanh: Tanh = TANHS["tanh"]
    softmax: LogSoftmax = SOFTMAXES["softmax, shifted"]
    joined: bool = False  # [x, h] times [W_xh W_hh]
    two_biases: bool = False  # one added to each product
    by_steps: bool = False  # gradients of weights as outer products, one step and one row after the other
    one_hot: bool = False  # classes as a matrix of zeros and ones, taken by products


def _bound(function: Callable[..., Any], way: Way) -> Callable[..., Any]:
    """Fix the way; the other arguments stay, and so do their names."""
    found: Any = functools.partial(function, way)
    functools.update_wrapper(found, function)
    del found.__wrapped__  # whose signature has the way in it
    return found  # type: ignore[no-any-return]


def rnn_forward(way: Way, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    h, states = h0, []
    with np.errstate(all="ignore"):
        for x_t in X_seq:
            h = way.tanh.value(_argument(way, x_t, h, W_xh, W_hh, b_h))
            states.append(h)
    return np.stack(states)


def rnn_backward(
    way: Way, dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Any:
    """The slopes are of the states given, or of arguments made anew from those."""
    before = np.concatenate([h0[np.newaxis], h_states[:-1]])
    with np.errstate(all="ignore"):
        slopes = way.tanh.slope(h_states, _argument(way, X_seq, before, W_xh, W_hh, b_h))
    dz, dh = np.empty_like(h_states), np.zeros_like(h0)
    for t in reversed(range(len(X_seq))):
        dz[t] = (dh_states[t] + dh) * slopes[t]
        dh = _times(way, dz[t], W_hh.T)
    if way.joined:
        both = _outer(way, dz, np.concatenate([X_seq, before], -1))
        weights = np.split(both, [X_seq.shape[-1]], -1)
    else:
        weights = [_outer(way, dz, X_seq), _outer(way, dz, before)]
    return dict(zip(GRADIENTS, (_times(way, dz, W_xh.T), dh, *weights, _total(way, dz)), strict=True))


def rnn_cell_backward(
    way: Way, dh_t: Array, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Any:
    """One step: a sequence of one."""
    found = rnn_backward(way, dh_t[None], h_t[None], x_t[None], h_prev, W_xh, W_hh, b_h)
    return found["X_seq"][0], *list(found.values())[1:]


def rnn_bptt(
    way: Way, X_seq: Array, targets_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, W_hy: Array, b_y: Array
) -> Any:
    h_states = rnn_forward(way, X_seq, h0, W_xh, W_hh, b_h)
    logits = _times(way, h_states, W_hy) + b_y
    loss = cross_entropy(way, logits, targets_seq, reduction="sum")
    dlogits = cross_entropy_backward(way, logits.dtype.type(1), logits, targets_seq, reduction="sum")
    recurrent = rnn_backward(way, _times(way, dlogits, W_hy.T), h_states, X_seq, h0, W_xh, W_hh, b_h)
    grads = recurrent | {"W_hy": _outer(way, dlogits, h_states), "b_y": _total(way, dlogits)}
    return loss, grads, h_states[-1]


def gru_forward(
    way: Way, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_xh: Array, b_hh: Array, *, reset_after: bool = True
) -> Array:
    """All gates' products at once, or the new state's by itself; the gates by the tanh."""
    H, h, states = h0.shape[-1], h0, []
    gates, last = slice(0, 2 * H), slice(2 * H, None)

    def sigmoid(z: Array) -> Array:
        return (way.tanh.value(z / 2) + 1) / 2

    with np.errstate(all="ignore"):
        for x_t in X_seq:
            z_x = _times(way, x_t, W_xh) + b_xh
            r, z = np.split(sigmoid(z_x[..., gates] + (_times(way, h, W_hh[gates]) + b_hh[gates])), 2, -1)
            inner = r * (_times(way, h, W_hh[last]) + b_hh[last]) if reset_after else 0
            n = way.tanh.value(z_x[..., last] + (inner if reset_after else _times(way, r * h, W_hh[last]) + b_hh[last]))
            h = (1 - z) * n + z * h
            states.append(h)
    return np.stack(states)


def gru_backward(
    way: Way,
    dh_states: Array,
    h_states: Array,
    X_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_xh: Array,
    b_hh: Array,
    *,
    reset_after: bool = True,
) -> Any:
    """The gates apart and made anew from the states given; every gate's weights get their gradients by themselves."""
    (W_r, W_z, W_n), (U_r, U_z, U_n) = np.split(W_xh, 3), np.split(W_hh, 3)
    (b_r, b_z, b_n), (c_r, c_z, c_n) = np.split(b_xh, 3), np.split(b_hh, 3)
    before = np.concatenate([h0[np.newaxis], h_states[:-1]])
    tanh, one = way.tanh, X_seq.dtype.type(1)
    with np.errstate(all="ignore"):
        a_r, a_z = (_times(way, X_seq, W) + b + _times(way, before, U) + c
                    for W, b, U, c in ((W_r, b_r, U_r, c_r), (W_z, b_z, U_z, c_z)))  # fmt: skip
        t_r, t_z = tanh.value(a_r / 2), tanh.value(a_z / 2)
        r, z = (t_r + 1) / 2, (t_z + 1) / 2
        slope_r, slope_z = tanh.slope(t_r, a_r / 2) / 4, tanh.slope(t_z, a_z / 2) / 4
        seen = before if reset_after else r * before
        past = _times(way, seen, U_n) + c_n
        a_n = _times(way, X_seq, W_n) + b_n + (r * past if reset_after else past)
        n = tanh.value(a_n)
        slope_n = tanh.slope(n, a_n)
    d_r, d_z, d_n, d_past = (np.empty_like(h_states) for _ in range(4))
    dh = np.zeros_like(h0)
    for t in reversed(range(len(X_seq))):
        up = dh_states[t] + dh
        d_n[t] = up * (one - z[t]) * slope_n[t]
        d_z[t] = up * (before[t] - n[t]) * slope_z[t]
        d_past[t] = d_n[t] * r[t] if reset_after else d_n[t]
        through = _times(way, d_past[t], U_n.T)
        d_r[t] = (d_n[t] * past[t] if reset_after else through * before[t]) * slope_r[t]
        straight = up * z[t] + (through if reset_after else through * r[t])
        dh = straight + _times(way, d_r[t], U_r.T) + _times(way, d_z[t], U_z.T)
    dX = _times(way, d_r, W_r.T) + _times(way, d_z, W_z.T) + _times(way, d_n, W_n.T)
    dW_xh = np.concatenate([_outer(way, one_gate, X_seq) for one_gate in (d_r, d_z, d_n)])
    products = [_outer(way, d_r, before), _outer(way, d_z, before), _outer(way, d_past, seen)]
    db_xh, db_hh = (np.concatenate([_total(way, gate) for gate in gates])
                    for gates in ((d_r, d_z, d_n), (d_r, d_z, d_past)))  # fmt: skip
    return dX, dh, dW_xh, np.concatenate(products), db_xh, db_hh


def cross_entropy(
    way: Way,
    logits: Array,
    targets: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Any:
    """The target's share and everyone's, as PyTorch; or all shares times all logs, as a product with one-hot rows."""
    z, y, w, kept = _asked(logits, targets, weight, ignore_index)
    V = z.shape[-1]
    with np.errstate(all="ignore"):
        log_p, _ = way.softmax(z)
    if way.one_hot:
        losses = np.einsum("nv,nv->n", _shares(way, y, w, kept, label_smoothing), -log_p)
    else:
        losses = -log_p[np.arange(len(y)), y] * w[y]
        if label_smoothing:
            everyone = -_times(way, log_p, w[np.newaxis])[:, 0]
            losses = (1 - label_smoothing) * losses + label_smoothing / V * everyone
    losses = np.where(kept, losses, 0).astype(z.dtype)
    if reduction == "none":
        return losses.reshape(logits.shape[:-1])[()]
    total = _total(way, losses[:, np.newaxis])[0]
    return total / _divisor(way, y, w, kept) if reduction == "mean" else total


def cross_entropy_backward(
    way: Way,
    dloss: Any,
    logits: Array,
    targets: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: float = 0.0,
) -> Array:
    """p Σq - q of every row, times what comes from above."""
    z, y, w, kept = _asked(logits, targets, weight, ignore_index)
    with np.errstate(all="ignore"):
        _, p = way.softmax(z)
    q = _shares(way, y, w, kept, label_smoothing)
    above = np.broadcast_to(np.reshape(np.asarray(dloss, z.dtype), (-1, 1)), (len(z), 1))
    if reduction == "mean":
        above = above / _divisor(way, y, w, kept)
    q = q * above
    ones = np.ones((1, z.shape[-1]), z.dtype)
    return (p * _times(way, q, ones) - q).reshape(logits.shape)


def _asked(logits: Array, targets: Array, weight: Array | None, ignore_index: int) -> tuple[Array, Array, Array, Array]:
    z, y = logits.reshape(-1, logits.shape[-1]), np.ravel(targets)
    kept = y != ignore_index
    return z, np.where(kept, y, 0), np.ones(z.shape[-1], z.dtype) if weight is None else weight, kept


def _shares(way: Way, y: Array, w: Array, kept: Array, smoothing: float) -> Array:
    """Return every class's share; a one-hot row is a comparison, or a row of the unit matrix."""
    V = len(w)
    hot = (np.eye(V, dtype=w.dtype)[y] if way.one_hot else y[:, np.newaxis] == np.arange(V)).astype(w.dtype)
    if smoothing and way.one_hot:
        hot = hot + smoothing * (1 / w.dtype.type(V) - hot)
    elif smoothing:
        hot = (1 - smoothing) * hot + w.dtype.type(smoothing) / V
    return hot * w * kept[:, np.newaxis].astype(w.dtype)


def _divisor(way: Way, y: Array, w: Array, kept: Array) -> Any:
    counted = np.where(kept, w[y], 0).astype(w.dtype)
    return _total(way, counted[:, np.newaxis])[0]


def _argument(way: Way, x: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    if way.joined:
        return _times(way, np.concatenate([x, h], -1), np.concatenate([W_xh, W_hh], -1)) + b_h
    if way.two_biases:
        b_ih = 3 * b_h / 4
        return (_times(way, x, W_xh) + b_ih) + (_times(way, h, W_hh) + (b_h - b_ih))
    return _times(way, x, W_xh) + _times(way, h, W_hh) + b_h


def _times(way: Way, a: Array, W: Array) -> Array:
    return way.product(a.reshape(-1, a.shape[-1]), W).reshape(*a.shape[:-1], len(W))


def _outer(way: Way, a: Array, b: Array) -> Array:
    rows, others = a.reshape(-1, a.shape[-1]), b.reshape(-1, b.shape[-1])
    if not way.by_steps:
        return way.product(rows.T, others.T)
    total = np.zeros((rows.shape[-1], others.shape[-1]), rows.dtype)
    for one, other in zip(rows[::-1], others[::-1], strict=True):
        total += np.outer(one, other)
    return total


def _total(way: Way, a: Array) -> Array:
    rows = a.reshape(-1, a.shape[-1])
    if way.by_steps:
        return np.add.accumulate(rows[::-1])[-1]
    return way.product(np.ones((1, len(rows)), rows.dtype), rows.T)[0]


def flushed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute as a processor that flushes numbers below the smallest normal one to zero, inputs and results."""
    torch = importlib.import_module("torch")

    @functools.wraps(function)
    def without_subnormals(*arguments: Any, **options: Any) -> Any:
        torch.set_flush_denormal(True)  # of this thread: NumPy's arithmetic too
        try:
            return function(*arguments, **options)
        finally:
            torch.set_flush_denormal(False)

    return without_subnormals


STEP_BACK = (rnn_backward, rnn_cell_backward, rnn_bptt)
RECURRENT = (rnn_forward, *STEP_BACK)
LOSSES = (cross_entropy, cross_entropy_backward, rnn_bptt)
EVERY = (*RECURRENT, gru_forward, gru_backward, *LOSSES[:2])
MATTERS: Mapping[str, tuple[Callable[..., Any], ...]] = {  # which functions a part of a way changes
    "product": EVERY,
    "tanh": (*RECURRENT, gru_forward, gru_backward),
    "softmax": LOSSES,
    "joined": RECURRENT,
    "two_biases": RECURRENT,
    "by_steps": (*STEP_BACK, gru_backward),
    "one_hot": LOSSES,
}


def functions(way: Way) -> Functions:
    """Return the functions that are another computation in this way; all of them, where nothing is said."""
    plain = Way()
    said = [name for name in way._fields if getattr(way, name) != getattr(plain, name)]
    made = {one for name in said for one in MATTERS[name]} or set(EVERY)
    return {one.__name__: _bound(one, way) for one in EVERY if one in made}


SLOW: Mapping[str, Way] = {
    "sums in turn": Way(other_sums.in_turn),
    "sums reversed": Way(other_sums.reversed_sums),
    "sums pairwise": Way(other_sums.pairwise),
    "sums by Kahan": Way(other_sums.kahan),
    "fused multiply-add": Way(other_sums.fused),
    "outer products": Way(by_steps=True),
}
FAST: Mapping[str, Way] = {
    "sums in blocks": Way(other_sums.blocked),
    "columns": Way(other_sums.by_columns),
    "[x, h]": Way(joined=True),
    "two biases": Way(two_biases=True),
    "one-hot rows": Way(other_sums.einsum, one_hot=True),
    **{told: Way(tanh=one) for told, one in TANHS.items() if told != "tanh"},
    **{told: Way(softmax=one) for told, one in SOFTMAXES.items()},
}


def fast() -> dict[str, Functions]:
    """Return the ways that take large arrays at once."""
    softmaxes = {told: Way(softmax=one) for told, one in other_functions.of_frameworks().items()}
    found = {told: functions(way) for told, way in {**FAST, **softmaxes}.items()}
    if importlib.util.find_spec("torch"):
        found["flush to zero"] = {name: flushed(one) for name, one in functions(Way()).items()}
    return found


def slow() -> dict[str, Functions]:
    """Return the ways that take one product after the other in Python."""
    found = {told: functions(way) for told, way in SLOW.items()}
    if importlib.util.find_spec("torch"):
        found["flush to zero, in turn"] = {name: flushed(one) for name, one in found["sums in turn"].items()}
    return found


def in_single_precision() -> dict[str, Functions]:
    """Return the ways that are another thing than plain arithmetic in float32 alone."""
    return {
        "float32, summed in float64": functions(Way(other_sums.wide, softmax=other_functions.summed_wide)),
        "softmax in float64": functions(Way(softmax=widened_softmax)),
    }


def widened_softmax(z: Array) -> Any:
    """The plain softmax, in float64."""
    return widened(other_functions.logsumexp)(z)
