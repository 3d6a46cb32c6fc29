"""Softmax that keeps its digits: log-probabilities to a few ulp, however sure the prediction is.

The textbook form takes the log of a sum that contains exp(0) = 1. When the other classes add up to 1e-9, that sum
rounds to 1 in float32 and the log to 0. Here the largest logit z_k is left out of the sum:

    rest = Σ_{j≠k} exp(z_j − z_k)            log Σ_j exp(z_j − z_k) = log1p(rest)
    −log p_j = (z_k − z_j) + log1p(rest)     two terms, neither negative: nothing can cancel

The other digits are lost where exp turns the rounding of a difference, u·|z_j − z_k|, into as large a *relative* error
(62 ulp at a margin of 80). So, where all logits are within 100 of zero, no difference is formed: exp(z_j) · exp(−z_k).
Further out,

* the part of the difference that rounding cut off, which Knuth's two-sum recovers exactly, goes back in to first order;
* since exp of a large margin is subnormal, the exponentials are taken relative to the runner-up, whose own term is then
  1, and its distance from the maximum is applied in two factors, the second of which is 1 up to a margin of 600.

float32 logits are computed in float64 and rounded once, at the end.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .._shapes import Array
from .sums import precise_sum

NEAR = 100.0  # of zero: e^±100 leave room for what they are multiplied by


class Softmax(NamedTuple):
    """What softmax and its logarithm are made of, for N rows of C logits."""

    top: Array  # (N,) index k of the largest logit
    z_top: Array  # (N,) the largest logit
    exps: Array  # (N, C) exp(z_j − anchor), the anchor being the runner-up or z_k itself; 0 at k
    near: Array | float  # (N,) near · far = exp(anchor − z_k)
    far: Array | float  # (N,)
    rest: Array  # (N,) Σ_{j≠k} exp(z_j − z_k), which is 1/p_k − 1


def softmax_parts(z: Array, work: Array, usual: bool = True) -> Softmax:
    """Split up the softmax of each row of the logits (N, C).

    ``work`` (4, N, C) is written over, its first array by the exponentials: what is new for every block of rows would
    be fetched from the system for every block. ``usual``: what the probabilities will be multiplied by is far from
    under- and overflow.
    """
    top = z.real.argmax(-1)
    z_top = z[np.arange(len(z)), top].astype(work.dtype)
    single = z.dtype == np.float32
    if usual and np.abs(z_top).max() < NEAR and (single or z.real.min() > -NEAR):
        return _parts_near_zero(z, top, z_top, work, precise=not single)
    return _parts_anywhere(z, top, z_top, work)


def _parts_near_zero(z: Array, top: Array, z_top: Array, work: Array, precise: bool) -> Softmax:
    each, exps = np.arange(len(z)), np.exp(z, out=work[0], dtype=work.dtype)
    exps[each, top] = 0
    if precise:
        sums = precise_sum(exps, largest=exps[each, exps.real.argmax(-1)][:, None], work=work[1])
    else:
        sums = exps.sum(-1)
    near = np.exp(-z_top)
    return Softmax(top, z_top, exps, near, 1.0, near * sums)


def _parts_anywhere(logits: Array, top: Array, z_top: Array, work: Array) -> Softmax:
    z, each = work[0], np.arange(len(logits))
    z[:] = logits
    z[each, top] = -np.inf
    runner_up = z[each, z.real.argmax(-1)]
    anchor = np.where(runner_up.real == -np.inf, z_top, runner_up)  # one class, or all others impossible
    z[each, top] = anchor  # any finite number: its term is left out
    exps, sums = _exps(work, anchor[:, None], (each, top))
    shift, lost = two_diff(anchor, z_top)
    near, far = np.exp(np.maximum(shift, -600)), np.exp(np.minimum(shift + 600, 0))
    near += near * lost
    return Softmax(top, z_top, exps, near, far, near * sums * far + (z_top - z_top))


def surprise(parts: Softmax, z: Array) -> Array:
    """Return −log p in nats of the classes whose logits are ``z`` (N,) or (N, C): 0 is certain, inf impossible."""
    column = (slice(None), None) if z.ndim > 1 else slice(None)
    nats: Array = (parts.z_top[column] - z) + np.log1p(parts.rest)[column]
    return nats


def scaled_probabilities(parts: Softmax, scale: Array, out: Array) -> Array:
    """Write scale_i · p_ij (N, C) into ``out`` and return it. The scale goes in before anything can underflow."""
    share = scale / (1 + parts.rest)  # scale · p_k
    np.multiply(parts.exps, (parts.near * share * parts.far)[:, None], out=out, casting="same_kind")
    out[np.arange(len(share)), parts.top] = share
    return out


def two_diff(a: Array, b: Array, work: Sequence[Array | None] | Array = (None, None, None)) -> tuple[Array, Array]:
    """Return a − b as rounded, and what the rounding cut off (Knuth, TAOCP 4.2.2): their sum is exact.

    ``work`` are arrays to be written over, the first two by what is returned.

    >>> two_diff(np.array(1.0), np.array(2.0**-60))
    (np.float64(1.0), np.float64(-8.673617379884035e-19))
    """
    difference = np.subtract(a, b, out=work[0])
    lost = np.subtract(a, difference, out=work[1])  # what of b came in; then less b: what of b did not
    a_came_in = np.add(difference, lost, out=work[2])
    lost -= b
    a_came_in -= a
    lost -= a_came_in
    return difference, lost if np.isfinite(lost).all() else np.where(np.isfinite(difference), lost, 0)[()]


def _exps(work: Array, anchor: Array, left_out: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return exp(z − anchor), 0 where left out, and the sums over the classes; ``work[0]`` is z, and becomes them."""
    difference, lost = two_diff(work[0], anchor, work[1:])
    exps = np.exp(difference, out=work[0])
    exps[left_out] = 0
    lost *= exps
    sums = precise_sum(exps, lost, largest=1, work=work[3])  # the anchor's own
    exps += lost
    return exps, sums
