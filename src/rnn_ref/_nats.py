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
    with np.errstate(invalid="ignore", over="ignore"):  # inf − inf is nan and means it; so is a mean over no rows
        for block in blocks:
            z = asked.z[block]
            parts = softmax_parts(z, work[:, : len(z)])
            back = None if upstream is None or dz is None else (upstream[block], dz[block])
            if asked.shares is not None:
                nats[block] = _of_shares(parts, z, asked.shares[block], back)
            elif asked.target is not None:
                nats[block] = _of_classes(parts, z, asked.target[block], asked.row_weight[block], back)
            if back is not None:
                back[1][~asked.kept[block]] = 0  # what is ignored moves nothing, whatever its logits or the mean
    return nats


Back = tuple[Array, Array] | None  # the upstream gradient of each row, and where to write that of the logits


def _of_classes(parts: Softmax, z: Array, y: Array, weight: Array, back: Back) -> Array:
    """Return the loss of each row, and write its gradient if asked for: softmax minus the target."""
    each = np.arange(len(z))
    surprised = surprise(parts, z[each, y])
    if back is not None:
        upstream, dz = back
        scale = upstream * weight
        scaled_probabilities(parts, scale, out=dz)
        dz[each, y] = scale * np.expm1(-surprised)
        dz[scale == 0] = 0  # nor does what does not count; in a mean over weights of 0 the scale is inf · 0, nan
    return _times(weight, surprised)


def _of_shares(parts: Softmax, z: Array, q: Array, back: Back) -> Array:
    """Return the same for target shares of all classes."""
    surprised = surprise(parts, z)
    if back is not None:
        upstream, dz = back
        gradient = scaled_probabilities(parts, upstream, out=parts.exps) * sums_of_others(q)
        gradient += upstream[:, None] * q * np.expm1(-surprised)
        dz[:] = gradient
    nats: Array = precise_sum(_times(q, surprised))
    return nats


def _times(factor: Array, nats: Array) -> Array:
    """Multiply, with 0 · inf = 0: what has no weight does not count, even if it is impossible."""
    return np.where(factor == 0, 0, factor * nats)
