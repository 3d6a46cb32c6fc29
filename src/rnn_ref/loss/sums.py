"""Sums that lose nothing but the last rounding."""

import numpy as np

from .._shapes import Array


def precise_sum(
    terms: Array, lost: Array | None = None, *, largest: Array | float | None = None, work: Array | None = None
) -> Array:
    """Sum over the last axis as if in higher precision; ``lost`` holds corrections too small to be in ``terms``.

    ``largest`` is the magnitude of the largest term, where it is known; ``work`` is an array to be written over.
    Rump, Ogita and Oishi (2008), "Accurate floating-point summation I": rounded to multiples of one small enough unit
    per row, the terms add up exactly in any order; what that rounding cut off adds up to too little for its own errors
    to matter.

    >>> terms = np.array([1.0] + [1e-16] * 10)
    >>> float(terms[::-1].cumsum()[-1]), float(terms.cumsum()[-1]), float(precise_sum(terms))
    (1.000000000000001, 1.0, 1.000000000000001)
    """
    bits = 54 + int(terms.shape[-1]).bit_length()
    with np.errstate(invalid="ignore", over="ignore"):
        shift = np.spacing(np.abs(terms if largest is None else largest).max(-1, keepdims=True)) * 2.0**bits
        high = np.add(terms, shift, out=work)
        high -= shift
        total = high.sum(-1)
        low = np.subtract(terms, high, out=high)
        if lost is not None:
            low += lost
        total = total + low.sum(-1)
        finite: Array = total if np.isfinite(total).all() else np.where(np.isfinite(total), total, terms.sum(-1))
    return finite[()]


def sums_of_others(q: Array) -> Array:
    """Return Σ_{i≠j} q_i for every j (N, C), without subtracting a large share from the total."""
    top = q.real.argmax(-1)[:, None]
    q_top = np.take_along_axis(q, top, -1)
    lesser = q.copy()
    np.put_along_axis(lesser, top, 0, -1)
    total_of_lesser = lesser.sum(-1, keepdims=True)
    others: Array = (q_top - q) + total_of_lesser
    return others
