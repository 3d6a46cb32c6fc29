"""The losses as exact numbers: the equations as on paper, on arrays of long numbers."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ...numbers.exact import exact, exp, log, nan
from . import sharp

Named = dict[str, Array]
IN_PAIRS = sharp.IN_PAIRS  # the same functions in twice the precision of float64


def digits(arguments: Mapping[str, Any], options: Mapping[str, Any]) -> int:
    """Return the digits that a sum of exponentials needs on top, so that the smallest still counts."""
    return digits_for(max(_spread(arguments[name]) for name in ("logits", "logits_seq") if name in arguments))


def digits_for(spread: float) -> int:
    """Return the same for logits that are as far apart."""
    return int(spread / np.log(10)) + 1


def _spread(logits: Array) -> float:
    return float(np.ptp(logits[np.isfinite(logits)]))


def cross_entropy(logits: Array, targets: Array, **options: Any) -> Named:
    """Σ_j q_j (log Σ exp z − z_j), row by row."""
    q, divisor, reduction = _shares(logits, targets, **options)
    z = _rows(logits) - _rows(logits).max(-1, keepdims=True)  # so that a single class costs nothing, exactly
    nats = log(exp(z).sum(-1, keepdims=True)) - z
    losses = (q * np.where(q == 0, exact(0), nats)).sum(-1)  # a logit of -inf costs nothing where no share is its
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
    """The sum of a loss over all rows, or of what it averages at every step."""
    if loss_fn == "total_cross_entropy":
        return cross_entropy(logits_seq, targets_seq, reduction="sum")
    if loss_fn == "average_cross_entropy":
        losses = [cross_entropy(z, y)["loss"] for z, y in zip(logits_seq, targets_seq, strict=True)]
        return {"loss": np.sum(losses)}
    if loss_fn == "average_over_all_cross_entropy":
        return {"loss": cross_entropy(logits_seq, targets_seq, reduction="sum")["loss"] / targets_seq[0].size}
    return {"loss": _margins(logits_seq, targets_seq).sum() / logits_seq.shape[-1]}


def rnn_sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str) -> Named:
    """The gradient of it."""
    if loss_backward == "total_cross_entropy_backward":
        gradient = cross_entropy_backward(dloss, logits_seq, targets_seq, reduction="sum")["dlogits"]
        return {"dlogits_seq": gradient}
    if loss_backward == "average_cross_entropy_backward":
        steps = zip(logits_seq, targets_seq, strict=True)
        return {"dlogits_seq": np.stack([cross_entropy_backward(dloss, z, y)["dlogits"] for z, y in steps])}
    if loss_backward == "average_over_all_cross_entropy_backward":
        each = dloss / exact(targets_seq[0].size)
        return {"dlogits_seq": cross_entropy_backward(each, logits_seq, targets_seq, reduction="sum")["dlogits"]}
    active = (_margins(logits_seq, targets_seq) > 0).astype(int)
    active[np.arange(len(active)), targets_seq.ravel()] = -active.sum(-1)
    return {"dlogits_seq": (dloss * active / logits_seq.shape[-1]).reshape(logits_seq.shape)}


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
