"""The right answers with 50 decimal digits: the equations once more, on arrays of long numbers (``numbers/exact.py``).

NumPy multiplies and adds arrays of objects, so the equations stand here as on paper, with nothing done for accuracy:
50 digits do that. An answer is handed on as the nearest float64 and what is missing in ulp of it, so that an error
can be measured in fractions of a float64 ulp.

Each backward is a function of the h_states *given*: their rounding is not held against the gradients.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers.exact import exact, exp, in_use, log, nan, tanh

DIGITS = 50
Named = dict[str, Array]


def ask(
    function: str, arguments: Mapping[str, Any], options: Mapping[str, Any], make: str = "mpmath"
) -> dict[str, tuple[Array, Array]]:
    """Return every output of a function as (nearest float64, what is missing in ulp); callables go by their names."""
    with in_use(make, DIGITS + _spread_in_digits(arguments)):
        values = [_lifted(value) for value in arguments.values()]
        answers = FUNCTIONS[function](*values, **{name: _lifted(value) for name, value in options.items()})
        return {name: _split(np.asarray(answer, object)) for name, answer in answers.items()}


def ask_decimal(
    function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]
) -> dict[str, tuple[Array, Array]]:
    """Return the same by Python's own decimals."""
    return ask(function, arguments, options, "decimal")


def rnn_cell_step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Named:
    """h_t = tanh(W_xh x_t + W_hh h_prev + b_h)."""
    return {"h_t": tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)}


def rnn_forward(X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Named:
    """The cell, folded over time."""
    h_states, h_t = [], h0
    for x_t in X_seq:
        h_t = rnn_cell_step(x_t, h_t, W_xh, W_hh, b_h)["h_t"]
        h_states.append(h_t)
    return {"h_states": np.array(h_states)}


def rnn_cell_backward(
    dh_t: Array, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """One step back."""
    dz = dh_t * (1 - h_t * h_t)
    rows = _rows(dz)
    weights = {"W_xh": rows.T @ _rows(x_t), "W_hh": rows.T @ _rows(h_prev), "b_h": rows.sum(0)}
    return {"x_t": dz @ W_xh, "h_prev": dz @ W_hh} | weights


def rnn_backward(
    dh_states: Array, h_states: Array, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> Named:
    """Steps back from the last to the first, what they say of the weights added up."""
    total: Named = {"W_xh": 0 * W_xh, "W_hh": 0 * W_hh, "b_h": 0 * b_h}
    dX, dh_next = [], 0 * h0
    for t in reversed(range(len(X_seq))):
        h_prev = h_states[t - 1] if t else h0
        step = rnn_cell_backward(dh_states[t] + dh_next, h_states[t], X_seq[t], h_prev, W_xh, W_hh, b_h)
        total = {name: total[name] + step[name] for name in total}
        dX.append(step["x_t"])
        dh_next = step["h_prev"]
    return {"X_seq": np.array(dX[::-1]), "h0": dh_next} | total


def rnn_output_layer(h_states: Array, W_hy: Array, b_y: Array) -> Named:
    """logits = W_hy h + b_y."""
    return {"logits": h_states @ W_hy.T + b_y}


def rnn_output_backward(dlogits_seq: Array, h_states: Array, W_hy: Array, b_y: Array) -> Named:
    """A linear map, backwards."""
    rows = _rows(dlogits_seq)
    return {"h_states": dlogits_seq @ W_hy, "W_hy": rows.T @ _rows(h_states), "b_y": rows.sum(0)}


def cross_entropy(logits: Array, targets: Array, **options: Any) -> Named:
    """Σ_j q_j (log Σ exp z − z_j), row by row."""
    q, divisor, reduction = _shares(logits, targets, **options)
    z = _rows(logits) - _rows(logits).max(-1, keepdims=True)  # so that a single class costs nothing, exactly
    nats = log(exp(z).sum(-1, keepdims=True)) - z
    losses = (q * nats).sum(-1)
    if reduction == "none":
        return {"loss": losses.reshape(logits.shape[:-1])}
    return {"loss": losses.sum() / divisor if divisor else nan()}


def cross_entropy_backward(dloss: Any, logits: Array, targets: Array, **options: Any) -> Named:
    """p_j Σ q − q_j, row by row."""
    q, divisor, _ = _shares(logits, targets, **options)
    exps = exp(_rows(logits))
    gradient = exps / exps.sum(-1, keepdims=True) * q.sum(-1, keepdims=True) - q
    upstream = np.reshape(dloss, (-1, 1)) / (divisor or 1)
    return {"dlogits": (upstream * gradient).reshape(logits.shape)}


def rnn_sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Named:
    """The sum of either loss over all rows."""
    if loss_fn == "total_cross_entropy":
        return cross_entropy(logits_seq, targets_seq, reduction="sum")
    return {"loss": _margins(logits_seq, targets_seq).sum() / logits_seq.shape[-1]}


def rnn_sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str) -> Named:
    """The gradient of either."""
    if loss_backward == "total_cross_entropy_backward":
        gradient = cross_entropy_backward(dloss, logits_seq, targets_seq, reduction="sum")["dlogits"]
        return {"dlogits_seq": gradient}
    active = (_margins(logits_seq, targets_seq) > 0).astype(int)
    active[np.arange(len(active)), targets_seq.ravel()] = -active.sum(-1)
    return {"dlogits_seq": (dloss * active / logits_seq.shape[-1]).reshape(logits_seq.shape)}


def rnn_bptt(
    X_seq: Array,
    targets_seq: Array,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    **options: Any,
) -> Named:
    """Everything, one after the other."""
    options = {"reduction": "sum"} | options
    h_states = rnn_forward(X_seq, h0, W_xh, W_hh, b_h)["h_states"]
    logits = rnn_output_layer(h_states, W_hy, b_y)["logits"]
    loss = cross_entropy(logits, targets_seq, **options)
    dlogits = cross_entropy_backward(exact(1), logits, targets_seq, **options)["dlogits"]
    output = rnn_output_backward(dlogits, h_states, W_hy, b_y)
    recurrent = rnn_backward(output.pop("h_states"), h_states, X_seq, h0, W_xh, W_hh, b_h)
    return loss | recurrent | output | {"h_T": h_states[-1]}


FUNCTIONS: dict[str, Callable[..., Named]] = {
    function.__name__: function
    for function in (
        rnn_cell_step,
        rnn_cell_backward,
        rnn_forward,
        rnn_backward,
        rnn_output_layer,
        rnn_output_backward,
        cross_entropy,
        cross_entropy_backward,
        rnn_sequence_loss,
        rnn_sequence_loss_backward,
        rnn_bptt,
    )
}


def _shares(
    logits: Array,
    targets: Array,
    *,
    weight: Array | None = None,
    ignore_index: int = -100,
    reduction: str = "mean",
    label_smoothing: Any = 0,
) -> tuple[Array, Any, str]:
    """Return the weighted target shares q (rows, V), and what the reduction divides by."""
    V = logits.shape[-1]
    w = np.full(V, exact(1)) if weight is None else weight
    if targets.dtype == object:
        q = ((1 - label_smoothing) * _rows(targets) + label_smoothing / exact(V)) * w
        return q, len(q) if reduction == "mean" else 1, reduction
    y = targets.ravel()
    kept = y != ignore_index
    onehot = (np.arange(V) == y[:, None]).astype(int)
    q = ((1 - label_smoothing) * onehot + label_smoothing / exact(V)) * w * kept[:, None].astype(int)
    return q, w[y[kept]].sum() if reduction == "mean" else 1, reduction


def _margins(logits: Array, targets: Array) -> Array:
    z, y = _rows(logits), targets.ravel()
    rows = np.arange(len(z))
    margins: Array = np.maximum(0, 1 - z[rows, y][:, None] + z)
    margins[rows, y] = exact(0)
    return margins


def _rows(array: Array) -> Array:
    return array.reshape(-1, array.shape[-1])


def _lifted(value: Any) -> Any:
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return exact(value)
    return value


def _spread_in_digits(arguments: Mapping[str, Any]) -> int:
    """Return the digits that a sum of exponentials needs on top, so that the smallest still counts."""
    spread = [float(np.ptp(arguments[name])) for name in ("logits", "logits_seq") if name in arguments]
    if "targets_seq" in arguments and "W_hy" in arguments:  # rnn_bptt's own logits: states are below 1
        spread.append(2 * float((abs(arguments["W_hy"]).sum(1) + abs(arguments["b_y"])).max()))
    return int(max(spread, default=0) / np.log(10)) + 1


def _split(answer: Array) -> tuple[Array, Array]:
    """Return the nearest float64 numbers, and what is missing in units of their last place, −0.5 to 0.5."""
    nearest = answer.astype(np.float64)
    finite = np.where(np.isfinite(nearest), answer, exact(0))
    ulp = np.spacing(np.abs(finite.astype(np.float64)))
    remainder = (finite - exact(finite.astype(np.float64))) / exact(ulp)
    return nearest, np.asarray(remainder, np.float64)
