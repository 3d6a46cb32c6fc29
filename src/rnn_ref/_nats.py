"""The cross-entropy of many rows and its gradient, in blocks of rows that stay in the processor's cache.

A softmax over a large vocabulary does so little with each number that fetching it costs more. So everything that is
wanted of a block is made of it before the next is looked at.
"""

import numpy as np

from ._shapes import Array, row_blocks
from ._softmax import Softmax, scaled_probabilities, softmax_parts, surprise
from ._sums import precise_sum, sums_of_others
from ._targets import Question


def nats_of_rows(asked: Question, upstream: Array | None = None, dz: Array | None = None) -> Array:
    """Return the loss of each row (N,); write upstream_i · dloss_i/dz_ij into ``dz`` (N, C) where that is given.

    ``dz`` may be the logits themselves: a block is read before its gradient is written.
    """
    nats = np.empty(len(asked.z), asked.row_weight.dtype)
    blocks = row_blocks(asked.z)
    work = np.empty((4, len(asked.z[blocks[0]]), asked.z.shape[1]), nats.dtype)
    for block in blocks:
        z = asked.z[block]
        work[0, : len(z)] = z
        parts = softmax_parts(work[:, : len(z)], exact=z.dtype == np.float32)
        with np.errstate(invalid="ignore", over="ignore"):  # a mean over no rows is nan, and so is its gradient
            up = None if upstream is None else upstream[block]
            if asked.shares is not None:
                nats[block], gradient = _of_shares(parts, z, asked.shares[block], up)
            elif asked.target is not None:
                nats[block], gradient = _of_classes(parts, z, asked.target[block], asked.row_weight[block], up)
        if dz is not None and gradient is not None:
            gradient[~asked.kept[block]] = 0
            dz[block] = gradient
    return nats


def _of_classes(
    parts: Softmax, z: Array, y: Array, weight: Array, upstream: Array | None
) -> tuple[Array, Array | None]:
    """Return the loss of each row, and its gradient if there is an upstream one: softmax minus the target."""
    each = np.arange(len(z))
    surprised = surprise(parts, z[each, y])
    gradient = None
    if upstream is not None:
        scale = upstream * weight
        gradient = scaled_probabilities(parts, scale)
        gradient[each, y] = scale * np.expm1(-surprised)
        gradient[scale == 0] = 0  # what does not count moves nothing, whatever its logits
    return _times(weight, surprised), gradient


def _of_shares(parts: Softmax, z: Array, q: Array, upstream: Array | None) -> tuple[Array, Array | None]:
    """Return the same for target shares of all classes."""
    surprised = surprise(parts, z)
    gradient = None
    if upstream is not None:
        gradient = scaled_probabilities(parts, upstream) * sums_of_others(q)
        gradient += upstream[:, None] * q * np.expm1(-surprised)
    return precise_sum(_times(q, surprised)), gradient


def _times(factor: Array, nats: Array) -> Array:
    """Multiply, with 0 · inf = 0: what has no weight does not count, even if it is impossible."""
    return np.where(factor == 0, 0, factor * nats)
