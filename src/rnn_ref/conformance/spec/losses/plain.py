"""The cross-entropy in plain arithmetic, in several runs, as networks take it on their way forward and back."""

from typing import Any

import numpy as np

from ...._shapes import Array


def plain_cross_entropy(z: Array, y: Array, kept: Array) -> tuple[Any, Array]:
    """Return the losses (R, B) and p − onehot(y), of one step.

    In the last run one logit after the other joins log Σ exp, as ``logaddexp`` does it, which rounds V − 1 times at the
    size of the logits.
    """
    largest = z.max(-1, keepdims=True)
    exps = np.exp(z - largest)
    total = exps.sum(-1, keepdims=True)
    index = np.broadcast_to(y[..., None], (*z.shape[:-1], 1))
    nats = np.log(total) - (np.take_along_axis(z, index, -1) - largest)
    gradient = exps / total
    log_sum = np.logaddexp.reduce(z[-1], -1, keepdims=True)
    nats[-1], gradient[-1] = log_sum - np.take_along_axis(z[-1], index[-1], -1), np.exp(z[-1] - log_sum)
    np.put_along_axis(gradient, index, np.take_along_axis(gradient, index, -1) - 1, -1)
    nats *= kept[..., None]
    return nats.reshape(len(z), -1), np.where(kept[..., None], gradient, 0)
