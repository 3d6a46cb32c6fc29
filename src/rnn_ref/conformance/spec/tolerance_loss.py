"""The roundings of a cross-entropy, followed by hand; ``tolerance.py`` tells the derivation. In units of u."""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers.magnitudes import asked_shares, over

Gamma = Callable[[float], float]
UNSHIFTED = 80.0  # above it exp overflows in float32, and nobody takes it without subtracting the maximum


def loss_allowance(logits: Array, targets: Any, gamma: Gamma, exp: int, log: int, options: dict[str, Any]) -> Any:
    """Return what may be off in the loss, or in every row's loss."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    largest = np.abs(z).max(-1, keepdims=True)
    log_total = np.log(1 / p.max(-1, keepdims=True))
    differences = z.max(-1, keepdims=True) - z
    of_total = exp + gamma(V) + (p * differences).sum(-1, keepdims=True)
    unshifted = np.where(largest < UNSHIFTED, log * largest, 0) + 2 * largest
    of_nats = of_total + (log + 1) * log_total + unshifted + 2 * differences
    nats = differences + log_total
    each = (np.abs(q) * np.where(q == 0, 0, of_nats + (gamma(V) + 4) * nats)).sum(-1)
    if options.get("reduction", "mean") == "none":
        return each.reshape(logits.shape[:-1])
    counted = np.abs(q) * np.where(q == 0, 0, nats)
    return over(each.sum() + (gamma(N) + gamma(N) + 2) * counted.sum(), divisor)


def loss_gradient_allowance(
    dloss: Any, logits: Array, targets: Any, gamma: Gamma, exp: int, log: int, options: dict[str, Any]
) -> Array:
    """Return what may be off in every dL/dlogit = dloss (p_j Σq − q_j)."""
    q, z, p, divisor = asked_shares(logits, targets, options)
    N, V = z.shape
    differences = z.max(-1, keepdims=True) - z
    of_total = exp + gamma(V) + (p * differences).sum(-1, keepdims=True)
    of_p = exp + 2 * differences + of_total + (log + 1) * np.log(1 / p.max(-1, keepdims=True)) + 2
    total = np.abs(q).sum(-1, keepdims=True)
    upstream = over(np.broadcast_to(np.abs(np.reshape(dloss, (-1, 1))), (N, 1)), divisor)
    averaged = 2 + (gamma(N) if options.get("reduction", "mean") == "mean" else 0)
    each = p * total * (of_p + gamma(V)) + 4 * np.abs(q) + averaged * (p * total + np.abs(q))
    allowance: Array = upstream * each
    return allowance.reshape(logits.shape)
