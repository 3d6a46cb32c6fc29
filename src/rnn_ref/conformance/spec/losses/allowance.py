"""How far a right loss, or its gradient, may be from the truth: its roundings followed by hand, in units of u.

With d_j = z_j − max, s = Σ exp(d_j) and p_j = exp(d_j)/s, rounding d_j and exp put a relative error of u(|d_j| + 8) on
each term; s has their weighted mean and γ(V)u; log adds 10u of its value; the differences each u of their terms.
Libraries that add the maximum to log s again, or never subtract it, round at |z_j|.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array, rows
from ....loss.targets import question
from ...numbers.bounded import EXP as EXP_ULP
from ...numbers.bounded import LOG as LOG_ULP
from ...numbers.bounded import gamma
from ...operation import Check

Named = dict[str, Any]
EXP, LOG = 2 * EXP_ULP, 2 * LOG_ULP  # in units of u
UNSHIFTED = 80.0  # above it exp overflows in float32, and nobody takes it without subtracting the maximum


def cross_entropy(logits: Array, targets: Any, **options: Any) -> Named:
    """Return what may be off in the loss, or in every row's loss."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    largest = np.abs(z).max(-1, keepdims=True)
    log_total = np.log(1 / p.max(-1, keepdims=True))
    differences = z.max(-1, keepdims=True) - z
    of_total = EXP + gamma(V) + (p * differences).sum(-1, keepdims=True)
    unshifted = np.where(largest < UNSHIFTED, LOG * largest, 0) + 2 * largest
    of_nats = of_total + (LOG + 1) * log_total + unshifted + 2 * differences
    nats = differences + log_total
    each = (np.abs(q) * np.where(q == 0, 0, of_nats + (gamma(V) + 4) * nats)).sum(-1)
    if options.get("reduction", "mean") == "none":
        return {"loss": each.reshape(logits.shape[:-1])}
    counted = np.abs(q) * np.where(q == 0, 0, nats)
    return {"loss": over(each.sum() + (gamma(N) + gamma(N) + 2) * counted.sum(), divisor)}


def cross_entropy_backward(dloss: Any, logits: Array, targets: Any, **options: Any) -> Named:
    """Return what may be off in every dL/dlogit = dloss (p_j Σq − q_j)."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    differences = z.max(-1, keepdims=True) - z
    of_total = EXP + gamma(V) + (p * differences).sum(-1, keepdims=True)
    of_p = EXP + 2 * differences + of_total + (LOG + 1) * np.log(1 / p.max(-1, keepdims=True)) + 2
    total = np.abs(q).sum(-1, keepdims=True)
    upstream = over(np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (N, 1)), divisor)
    averaged = 2 + (gamma(N) if options.get("reduction", "mean") == "mean" else 0)
    each = p * total * (of_p + gamma(V)) + 4 * np.abs(q) + averaged * (p * total + np.abs(q))
    return {"dlogits": (upstream * each).reshape(logits.shape)}


def rnn_sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Named:
    """Return what may be off in the sum of a loss over all rows, or of what it averages at every step."""
    if loss_fn == "total_cross_entropy":
        return cross_entropy(logits_seq, targets_seq, reduction="sum")
    if loss_fn == "average_cross_entropy":
        steps = list(zip(logits_seq, targets_seq, strict=True))
        terms = gamma(len(steps)) * sum(cross_entropy_terms(z, y) for z, y in steps)
        return {"loss": sum(cross_entropy(z, y)["loss"] for z, y in steps) + terms}
    z, count = np.abs(rows(logits_seq)), logits_seq.size
    return {"loss": gamma(count + 3) * (1 + 2 * z.max(-1)).sum()}


def rnn_sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str) -> Named:
    """Return what may be off in the gradient of it."""
    if loss_backward == "total_cross_entropy_backward":
        gradient = cross_entropy_backward(dloss, logits_seq, targets_seq, reduction="sum")["dlogits"]
        return {"dlogits_seq": gradient}
    if loss_backward == "average_cross_entropy_backward":
        every = [cross_entropy_backward(dloss, z, y)["dlogits"] for z, y in zip(logits_seq, targets_seq, strict=True)]
        return {"dlogits_seq": np.stack(every)}
    return {"dlogits_seq": np.full(logits_seq.shape, 4 * abs(dloss))}


FUNCTIONS = (cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward)
BY_NAME: Mapping[str, Callable[..., Named]] = {function.__name__: function for function in FUNCTIONS}


def allowed(check: Check, arguments: Sequence[Any], options: Mapping[str, Any]) -> Named:
    """Return what may be off in every output, in units of u."""
    return BY_NAME[check.function](*arguments, **options)


def asked_shares(logits: Array, targets: Any, options: dict[str, Any]) -> tuple[Array, Array, Array, Any]:
    """Return the target shares (rows, V), the logits, their softmax, and the divisor of the reduction."""
    defaults = {"weight": None, "ignore_index": -100, "reduction": "mean", "label_smoothing": 0.0}
    asked = question("allowance", logits, targets, **(defaults | options))
    q, z = asked.shares, asked.z.astype(asked.row_weight.dtype)
    if q is None:
        q = np.zeros_like(z)
        q[np.arange(len(q)), asked.target] = asked.row_weight
    p = np.exp(z - z.max(-1, keepdims=True))
    z = np.where(np.isfinite(z), z, z.max(-1, keepdims=True))  # exp(-inf) is 0 without rounding
    return q, z, p / p.sum(-1, keepdims=True), asked.divisor if options.get("reduction", "mean") == "mean" else 1


def over(terms: Any, divisor: Any) -> Any:
    """Divide; where no target is kept, nothing is behind the answer."""
    return np.divide(terms, divisor, out=np.zeros_like(terms), where=np.asarray(divisor != 0))


def cross_entropy_terms(logits: Array, targets: Any, *, logit_error: Array | float = 0.0, **options: Any) -> Any:
    """Return Σ|terms| of the loss as libraries compute it: Σ_j |q_j| (|z_j − max| + log Σ exp + 1).

    The 1 is for the sum whose log is taken: its relative rounding is an absolute error of the log. ``logit_error`` is
    what the logits bring along, as their own Σ|terms| (rows,).
    """
    q, z, _, divisor = asked_shares(logits, targets, options)
    spread = z.max(-1, keepdims=True) - z
    log_total = np.log(np.exp(-spread).sum(-1, keepdims=True))
    terms = (abs(q) * np.where(q == 0, 0, spread + log_total + 1 + np.reshape(logit_error, (-1, 1)))).sum(-1)
    reduction = options.get("reduction", "mean")
    return terms.reshape(logits.shape[:-1]) if reduction == "none" else over(terms.sum(), divisor)


def cross_entropy_backward_terms(
    dloss: Any, logits: Array, targets: Any, *, logit_error: Array | float = 0.0, **options: Any
) -> Array:
    """Return Σ|terms| of dL/dlogits: |dloss| (p_j Σ|q| + |q_j|), relative errors of p_j by the logits included."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    upstream = over(np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (len(z), 1)), divisor)
    p = p * (1 + np.reshape(logit_error, (-1, 1)))
    terms: Array = upstream * (p * abs(q).sum(-1, keepdims=True) + abs(q))
    return terms.reshape(logits.shape)
