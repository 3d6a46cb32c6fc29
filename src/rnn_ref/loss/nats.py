"""The cross-entropy of many rows and its gradient, in blocks of rows that stay in the processor's cache.

A softmax over a large vocabulary does so little with each number that fetching it costs more. So everything that is
wanted of every class is made of a block before the next is looked at.
"""

from collections.abc import Iterator

import numpy as np

from .._shapes import Array, row_blocks, wide
from .softmax import Softmax, scaled_probabilities, softmax_parts, surprise
from .sums import precise_sum, sums_of_others
from .targets import Question

# Numbers in one of the four arrays of the work space, if there are so many logits; a block takes less. glibc keeps what
# is smaller than the largest piece ever given back, and fetches all else from the system, page by page, every time.
ROOM = 2**18

Back = tuple[Array, Array] | None  # what the gradient of each row is multiplied by, and where to write it


def nats_of_rows(
    asked: Question, upstream: Array | None = None, dz: Array | None = None, *, usual: bool = True
) -> Array:
    """Return the loss of each row (N,); write upstream_i · dloss_i/dz_ij into ``dz`` (N, C) where that is given.

    ``dz`` may be the logits themselves: a block is read before its gradient is written. ``usual`` as in
    :func:`softmax_parts`.
    """
    with np.errstate(invalid="ignore", over="ignore"):  # inf − inf is nan and means it; so is a mean over no rows
        if asked.shares is not None:
            back = None if upstream is None or dz is None else (upstream, dz)
            nats = _of_shares(asked.z, asked.shares, back, usual)
        else:
            back = None if upstream is None or dz is None else (upstream * asked.row_weight, dz)
            nats = _times(asked.row_weight, _of_classes(asked.z, asked.target, back, usual))
        if dz is not None:
            dz[~asked.kept] = 0  # what is ignored moves nothing, whatever its logits or the mean
    return nats


def _of_classes(z: Array, y: Array, back: Back, usual: bool) -> Array:
    """Return the loss of each row, and write its gradient if asked for: softmax minus the target."""
    each, nats = np.arange(len(z)), np.empty(len(z), wide(z.dtype))
    z_y = z[each, y]
    for block, parts in _blocks(z, usual):
        nats[block] = surprise(parts, z_y[block])
        if back:
            scale, dz = back
            scaled_probabilities(parts, scale[block], out=dz[block])
    if back:
        scale, dz = back
        dz[each, y] = scale * np.expm1(-nats)
        dz[scale == 0] = 0  # nor does what does not count; in a mean over weights of 0 the scale is inf · 0, nan
    return nats


def _of_shares(z: Array, q: Array, back: Back, usual: bool) -> Array:
    """Return the same for target shares of all classes."""
    nats = np.empty(len(z), q.dtype)
    for block, parts in _blocks(z, usual):
        surprised = surprise(parts, z[block])
        nats[block] = precise_sum(_times(q[block], surprised))
        if back:
            upstream, dz = back[0][block], back[1][block]
            gradient = scaled_probabilities(parts, upstream, out=parts.exps) * sums_of_others(q[block])
            gradient += upstream[:, None] * q[block] * np.expm1(-surprised)
            dz[:] = gradient
    return nats


def _blocks(z: Array, usual: bool) -> Iterator[tuple[slice, Softmax]]:
    """Yield the softmax of one block of rows after another, each written over the one before."""
    blocks, (rows, classes) = row_blocks(z), z.shape
    work = np.empty((4, min(rows, max(len(z[blocks[0]]), ROOM // classes)), classes), wide(z.dtype))
    for block in blocks:
        yield block, softmax_parts(z[block], work[:, : len(z[block])], usual)


def _times(factor: Array, nats: Array) -> Array:
    """Multiply, with 0 · inf = 0: what has no weight does not count, even if it is impossible."""
    return np.where(factor == 0, 0, factor * nats)
