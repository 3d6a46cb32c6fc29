"""Products a Wᵀ added up in other ways, each of them right: what a library, a compiler or a processor may do.

``a`` is (N, K) and ``W`` is (H, K), of one dtype, in which the product is returned. Every way adds K products for each
entry; they differ in the order, and in what is rounded.
"""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from rnn_ref.conformance.numbers.twice import pair, times

Array = Any
Product = Callable[[Array, Array], Array]
BLOCK, BLOCKS = 3, 64  # products in a block, and how many blocks at most


def plain(a: Array, W: Array) -> Array:
    """What the library makes of it."""
    return a @ W.T


def by_columns(a: Array, W: Array) -> Array:
    """W times columns, as textbooks have it."""
    return (W @ a.T).T


def in_turn(a: Array, W: Array) -> Array:
    """One after the other, as a loop in C, a running sum or a scan does."""
    return _running(a, W, range(a.shape[-1]))


def reversed_sums(a: Array, W: Array) -> Array:
    """The last first."""
    return _running(a, W, reversed(range(a.shape[-1])))


def blocked(a: Array, W: Array) -> Array:
    """Blocks, each for itself, and then their sums."""
    total = np.zeros((len(a), len(W)), a.dtype)
    size = max(BLOCK, a.shape[-1] // BLOCKS)
    for start in range(0, a.shape[-1], size):
        block = slice(start, start + size)
        total += a[:, block] @ W[:, block].T
    return total


def pairwise(a: Array, W: Array) -> Array:
    """Halves, and halves of halves."""
    K = a.shape[-1]
    if K == 1:
        return a * W.T
    return pairwise(a[:, : K // 2], W[:, : K // 2]) + pairwise(a[:, K // 2 :], W[:, K // 2 :])


def kahan(a: Array, W: Array) -> Array:
    """In turn, what was lost added to the next (Kahan, 1965)."""
    total = np.zeros((len(a), len(W)), a.dtype)
    lost = np.zeros_like(total)
    for k in range(a.shape[-1]):
        term = a[:, k, None] * W[:, k] - lost
        more = total + term
        lost, total = (more - total) - term, more
    return total


def fused(a: Array, W: Array) -> Array:
    """In turn by fused multiply-add: the product is exact, and rounded once, with the sum."""
    total = np.zeros((len(a), len(W)), a.dtype)
    for k in range(a.shape[-1]):
        total = _fused_step(a[:, k, None], W[:, k], total)
    return total


def wide(a: Array, W: Array) -> Array:
    """float32 added up in float64, and rounded at the end."""
    return (a.astype(np.float64) @ W.astype(np.float64).T).astype(a.dtype)


def einsum(a: Array, W: Array) -> Array:
    """By Einstein's convention, which NumPy adds up without a library."""
    return np.einsum("nk,hk->nh", a, W)


def _running(a: Array, W: Array, order: Iterable[int]) -> Array:
    total = np.zeros((len(a), len(W)), a.dtype)
    for k in order:
        total = total + a[:, k, None] * W[:, k]
    return total


def _fused_step(x: Array, w: Array, c: Array) -> Array:
    """Return x w + c, rounded once (in float64 up to a part in 2⁵⁰ of u)."""
    if c.dtype == np.float32:
        return (x.astype(np.float64) * w.astype(np.float64) + c).astype(np.float32)
    high, low = times(pair(x), pair(w))
    total = c + high
    moved = total - c
    return total + (((c - (total - moved)) + (high - moved)) + low)
