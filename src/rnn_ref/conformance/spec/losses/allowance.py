"""How far a right loss, or its gradient, may be from the truth: its roundings followed by hand, in units of u.

With d_j = z_j − max, s = Σ exp(d_j) and p_j = exp(d_j)/s, rounding d_j and exp put a relative error of u(|d_j| + 8) on
each term; s has their weighted mean and γ(V)u. Where s is made in one pass, it is scaled down whenever a larger logit
comes, by one more exp. A term is scaled at most once for every class above it: that is 9u times the mean rank of the
classes, Σ p_j·(classes above j).

Of L = log Σ exp(z_j), log is off by 10u of its value: of log s, or of L itself where nothing was subtracted. Who adds
the maximum to log s again rounds at the size of L. Who has one logit after the other join L, as ``logaddexp`` does,
rounds so V − 1 times; log1p is off by 10u of what it adds, and that is log s and at most 2, whatever the order.

The loss is L − z_j, or −log p_j. The gradient's p_j is exp(d_j)/s, or exp(z_j − L), which is off by as much,
relatively, as its argument. Every difference is rounded by u of itself, d_j too where there is one.

A share q_j takes four roundings, of itself. With label smoothing ε a share t_j becomes (1 − ε)t_j + ε/V. There ε may
be rounded itself, and t_j + ε(1/V − t_j) rounds twice at the size of εt_j: next to ε = 1 that is more than of q_j.

Where what is below the smallest normal number is flushed to zero, each exp, each share, each product and each sum may
lose that number, and what is lost is multiplied on (``lost``). In a loss that is nothing beside u.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from ...._shapes import Array, rows
from ....loss.targets import question
from ...numbers.bounded import EXP as EXP_ULP
from ...numbers.bounded import LAMBDA, gamma, tiny, unit
from ...numbers.bounded import LOG as LOG_ULP
from ...operation import Check

Named = dict[str, Any]
EXP, LOG = 2 * EXP_ULP, 2 * LOG_ULP  # in units of u
UNSHIFTED = 80.0  # above it exp overflows in float32, and nobody takes it without subtracting the maximum


def cross_entropy(logits: Array, targets: Any, **options: Any) -> Named:
    """Return what may be off in the loss, or in every row's loss."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    differences, nats = _nats(z, p)
    of_nats = of_log_sum(z, p) + EXP + 1 + differences + (LOG + 1) * nats
    of_q = _of_shares(q, logits, targets, options)
    each = np.where(q == 0, 0, np.abs(q) * (of_nats + gamma(V) * nats) + of_q * nats).sum(-1)
    if options.get("reduction", "mean") == "none":
        return {"loss": each.reshape(logits.shape[:-1])}
    counted = np.abs(q) * np.where(q == 0, 0, nats)
    return {"loss": over(each.sum() + (gamma(N) + gamma(N) + 2) * counted.sum(), divisor)}


def cross_entropy_backward(dloss: Any, logits: Array, targets: Any, **options: Any) -> Named:
    """Return what may be off in every dL/dlogit = dloss (p_j Σq − q_j)."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    differences, nats = _nats(z, p)
    of_p = of_log_sum(z, p) + EXP + 2 + differences + nats
    of_q, total = _of_shares(q, logits, targets, options), np.abs(q).sum(-1, keepdims=True)
    upstream = over(np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (N, 1)), divisor)
    averaged = 2 + (gamma(N) if options.get("reduction", "mean") == "mean" else 0)
    of_terms = p * (total * (of_p + gamma(V)) + of_q.sum(-1, keepdims=True)) + of_q
    each = of_terms + averaged * (p * total + np.abs(q))
    return {"dlogits": (upstream * each).reshape(logits.shape)}


def lost(dloss: Any, logits: Array, targets: Any, **options: Any) -> Array:
    """Return what flushing to zero may take from every dL/dlogit, in units of the smallest normal number.

    Of p_j may be lost exp and quotient, of a share t_j, (1 − ε)t_j, ε/V and their sum, before weights and what comes
    from above, a = dloss/divisor, make it larger. Of a, dloss and the quotient may be lost; of Σq, V shares and V sums.
    Then there are two products and a difference, or the division before dloss is multiplied by.
    """
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    dloss = np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (N, 1))
    a, once, total = over(dloss, divisor), over(np.ones(1), divisor), np.abs(q).sum(-1, keepdims=True)
    of_shares = 4 * np.max(options.get("weight", 1.0))
    each = (2 * total + of_shares) * a + (1 + once) * (p * total + np.abs(q)) + 2 * V * p + 3 + dloss
    found: Array = each.reshape(logits.shape)
    return found


def of_log_sum(z: Array, p: Array) -> Array:
    """Return what L = log Σ exp(z_j) may be off in every row (N, 1), however it is made."""
    V, largest, log_s = z.shape[-1], np.abs(z).max(-1, keepdims=True), log_of_sum(p)
    differences, _ = _nats(z, p)
    above = np.argsort(np.argsort(-z, -1), -1)  # how many classes are above each
    rank = (p * above).sum(-1, keepdims=True)
    of_s = EXP + gamma(V) + (p * differences).sum(-1, keepdims=True)
    in_one_pass = (EXP + 1) * np.minimum(rank, LAMBDA * np.sqrt(rank))  # γ of the mean rank
    of_log = LOG * log_s + np.where(largest < UNSHIFTED, LOG * largest, 0)
    one_by_one = gamma(V - 1) * (largest + log_s) + 2 * LOG + 1
    found: Array = of_s + in_one_pass + of_log + one_by_one
    return found


def log_of_sum(p: Array) -> Array:
    """Return log s of every row (N, 1), which is −log of the largest probability."""
    found: Array = np.log(1 / p.max(-1, keepdims=True))
    return found


def _of_shares(q: Array, logits: Array, targets: Any, options: dict[str, Any]) -> Array:
    """Return what may be off in the shares q (N, V)."""
    smoothing = options.get("label_smoothing", 0.0)
    before = asked_shares(logits, targets, options | {"label_smoothing": 0.0})[0] if smoothing else 0.0
    found: Array = 4 * np.abs(q) + 3 * smoothing * np.abs(before)
    return found


def _nats(z: Array, p: Array) -> tuple[Array, Array]:
    """Return max − z_j and −log p_j, of all classes."""
    differences = z.max(-1, keepdims=True) - z
    return differences, differences + log_of_sum(p)


def rnn_sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Named:
    """Return what may be off in the sum of a loss over all rows, or of what it averages at every step."""
    if loss_fn == "total_cross_entropy":
        return cross_entropy(logits_seq, targets_seq, reduction="sum")
    if loss_fn == "average_cross_entropy":
        steps = list(zip(logits_seq, targets_seq, strict=True))
        terms = gamma(len(steps)) * sum(cross_entropy_terms(z, y) for z, y in steps)
        return {"loss": sum(cross_entropy(z, y)["loss"] for z, y in steps) + terms}
    if loss_fn == "average_over_all_cross_entropy":
        found = cross_entropy(logits_seq, targets_seq, reduction="sum")["loss"]
        terms = (gamma(len(logits_seq)) + 1) * cross_entropy_terms(logits_seq, targets_seq, reduction="sum")
        return {"loss": (found + terms) / targets_seq[0].size}
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
    if loss_backward == "average_over_all_cross_entropy_backward":
        each = dloss / targets_seq[0].size  # one rounding more
        found = cross_entropy_backward(each, logits_seq, targets_seq, reduction="sum")["dlogits"]
        return {"dlogits_seq": found + cross_entropy_backward_terms(each, logits_seq, targets_seq, reduction="sum")}
    return {"dlogits_seq": np.full(logits_seq.shape, 4 * abs(dloss))}


FUNCTIONS = (cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward)
BY_NAME: Mapping[str, Callable[..., Named]] = {function.__name__: function for function in FUNCTIONS}


def allowed(check: Check, arguments: Sequence[Any], options: Mapping[str, Any]) -> Named:
    """Return what may be off in every output, in units of u."""
    found, smallest = BY_NAME[check.function](*arguments, **options), tiny(check.dtype) / unit(check.dtype)
    if check.function == "cross_entropy_backward":
        return {name: one + smallest * lost(*arguments, **options) for name, one in found.items()}
    if check.operation.gives_gradients:  # of a sum over steps, some of which have a loss of their own
        dloss, logits, targets, _ = arguments
        each = lost(dloss, logits, targets, reduction="sum") + lost(1.0, logits, targets, reduction="sum")
        return {name: one + smallest * each for name, one in found.items()}
    return found


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
