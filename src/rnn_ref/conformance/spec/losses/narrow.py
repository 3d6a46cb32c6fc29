"""How far a loss may be off whose kernel keeps few bits between sums that are finer, in units of the few bits' u.

It is what ``allowance.py`` derives with the library's budgets taken out (exp, log and the sums are made in the format
of the sums, where those budgets stand) and one rounding in for everything that such a kernel may keep: z_j − max, its
exp, their sum, the log, L itself and L − z_j, log p_j, p_j, the loss of a row, the mean. Shares are rounded as they
were.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from .allowance import BY_NAME, asked_shares, log_of_sum, over
from .sharp import counted

Named = dict[str, Any]
SHARES, MEAN = 4, 3  # roundings


def cross_entropy(logits: Array, targets: Any, **options: Any) -> Named:
    """Return what may be off in the loss, or in every row's."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    of_log, nats = _of_log(z, p)
    counted = np.abs(q) * np.where(q == 0, 0, nats)
    each = np.where(q == 0, 0, np.abs(q) * (of_log + nats)).sum(-1) + SHARES * counted.sum(-1)
    if options.get("reduction", "mean") == "none":
        return {"loss": each.reshape(logits.shape[:-1])}
    return {"loss": over(each.sum() + MEAN * counted.sum(), divisor)}


def cross_entropy_backward(dloss: Any, logits: Array, targets: Any, *, u: float, **options: Any) -> Named:
    """Return what may be off in every dL/dlogit = dloss (p_j Σq − q_j), where p_j may be made of its logarithm."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    of_log, _ = _of_log(z, p)
    total = np.abs(q).sum(-1, keepdims=True)
    upstream = over(np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (len(z), 1)), divisor)
    of_p = np.expm1(u * of_log) / u  # more than of_log, where it comes near to 1/u
    each = p * total * (of_p + 1 + SHARES + MEAN) + (SHARES + MEAN) * np.abs(q)
    return {"dlogits": (upstream * each).reshape(logits.shape)}


def rnn_sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Named:
    """Return what may be off in the sum over all rows, or of what is averaged at every step."""
    if "cross_entropy" not in loss_fn:
        return BY_NAME["rnn_sequence_loss"](logits_seq, targets_seq, loss_fn)
    each = cross_entropy(logits_seq, targets_seq, reduction="none")["loss"].reshape(len(logits_seq), -1)
    divisor = counted(targets_seq, loss_fn) if loss_fn.startswith("average") else 1.0
    return {"loss": (1 + MEAN) * over(each, np.broadcast_to(divisor, each.shape)).sum()}


def rnn_sequence_loss_backward(
    dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str, *, u: float
) -> Named:
    """Return what may be off in the gradient of it."""
    if "cross_entropy" not in loss_backward:
        return BY_NAME["rnn_sequence_loss_backward"](dloss, logits_seq, targets_seq, loss_backward)
    found = cross_entropy_backward(dloss, logits_seq, targets_seq, u=u, reduction="sum")["dlogits"]
    divisor = counted(targets_seq, loss_backward) if loss_backward.startswith("average") else np.ones((1, 1))
    shape = (-1, *[1] * (logits_seq.ndim - 1))
    return {"dlogits_seq": over(found, np.broadcast_to(divisor.reshape(shape), found.shape))}


def _of_log(z: Array, p: Array) -> tuple[Array, Array]:
    """Return what log p_j may be off (N, V), and −log p_j itself."""
    largest, differences = np.abs(z).max(-1, keepdims=True), z.max(-1, keepdims=True) - z
    log_s = log_of_sum(p)
    nats = differences + log_s
    of_sum = 2 + (p * differences).sum(-1, keepdims=True)
    return of_sum + 2 * log_s + largest + differences + nats, nats


FUNCTIONS = (cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward)
KEPT: Mapping[str, Callable[..., Named]] = {function.__name__: function for function in FUNCTIONS}
