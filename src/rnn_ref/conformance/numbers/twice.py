"""Arithmetic in twice the precision of float64. Numbers are pairs (high, low) of arrays whose sum is meant.

Dekker (1971), "A floating-point technique for extending the available precision". Sums and products are good to about
104 bits, matrix products to about 70, and so is what is made of them: they are made from slices of the matrices whose
products add up exactly in float64 (Ozaki, Ogita, Oishi and Rump, 2012, "Error-free transformations of matrix
multiplication").
"""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from ..._shapes import Array
from ...loss.softmax import two_diff
from .number import Number

Pair = tuple[Array, Array]
_SPLITTER = 2.0**27 + 1


def pair(a: Array) -> Pair:
    """Return a float64 array as a pair."""
    return a, np.zeros_like(a)


def plus(a: Pair, b: Pair) -> Pair:
    """Return a + b."""
    high, lost = two_diff(a[0], -b[0])
    return _normal(high, lost + (a[1] + b[1]))


def minus(a: Pair, b: Pair) -> Pair:
    """Return a − b."""
    return plus(a, (-b[0], -b[1]))


def times(a: Pair, b: Pair) -> Pair:
    """Return a · b, entry by entry."""
    high = a[0] * b[0]
    (a1, a2), (b1, b2) = _halves(a[0]), _halves(b[0])
    lost = ((a1 * b1 - high) + a1 * b2 + a2 * b1) + a2 * b2
    return _normal(high, lost + (a[0] * b[1] + a[1] * b[0]))


def product(a: Array, W: Array) -> tuple[Array, Array]:
    """Return a @ W.T as a rounded-free high part and the small rest."""
    bits = (53 - int(W.shape[-1]).bit_length()) // 2
    a_high, W_high = _slice(a, bits), _slice(W, bits)
    low: Array = a_high @ (W - W_high).T + (a - a_high) @ W.T
    return a_high @ W_high.T, low


def _slice(a: Array, bits: int) -> Array:
    """Return the leading bits of every entry, in units common to its row: products of such slices add up exactly."""
    _, exponent = np.frexp(np.abs(a).max(-1, keepdims=True))
    shift = np.ldexp(0.75, np.clip(exponent + 53 - bits, -1000, 1000))
    leading: Array = (a + shift) - shift
    return leading


def matmul(a: Pair, W: Pair) -> Pair:
    """Return a @ W.T."""
    high, low = product(a[0], W[0])
    return _normal(high, low + (a[1] @ W[0].T + a[0] @ W[1].T))


def total(a: Pair) -> Pair:
    """Return the sums over the last axis, which stays, of size 1."""
    return matmul(a, pair(np.ones((1, a[0].shape[-1]))))


def _normal(high: Array, low: Array) -> Pair:
    return two_diff(high, -low)


def _halves(a: Array) -> Pair:
    """Split into two numbers of 26 bits, whose products are exact (Veltkamp)."""
    shifted = _SPLITTER * a
    leading = shifted - (shifted - a)
    return leading, a - leading


class Twice(Number):
    """A pair. Its tanh and σ are NumPy's at the high part, straight over the low one: right to about an ulp."""

    def __init__(self, p: Pair) -> None:
        self.p = p

    @classmethod
    def lift(cls, array: Any) -> Self:
        return cls(pair(np.asarray(array, np.float64)))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array, np.float64)

    @property
    def nearest(self) -> Array:
        """The nearest float64."""
        return self.p[0] + self.p[1]

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        high, low = (function(self.p[part], *(other.p[part] for other in others)) for part in (0, 1))
        return type(self)((high, low))

    def _pair(self, other: Any) -> Pair:
        return other.p if isinstance(other, Twice) else pair(np.broadcast_to(other, self.p[0].shape))

    def __add__(self, other: Any) -> Self:
        return type(self)(plus(self.p, self._pair(other)))

    def __sub__(self, other: Any) -> Self:
        return type(self)(minus(self.p, self._pair(other)))

    def __mul__(self, other: Any) -> Self:
        return type(self)(times(self.p, self._pair(other)))

    def one_minus(self) -> Self:
        return type(self)(minus(pair(np.ones_like(self.p[0])), self.p))

    def dot(self, W: Array) -> Self:
        return type(self)(matmul(self.p, pair(W)))

    def tanh(self) -> Self:
        t = np.tanh(self.p[0])
        return type(self)(plus(pair(t), pair((1 - t) * (1 + t) * self.p[1])))

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.p[0]))
        return type(self)(plus(pair(s), pair(s * (1 - s) * self.p[1])))

    def positive(self) -> Array:
        return self.nearest > 0

    def outer(self, other: Self) -> Self:
        return type(self)(matmul((self.p[0].T, self.p[1].T), (other.p[0].T, other.p[1].T)))

    def total(self) -> Self:
        high, low = total((self.p[0].T, self.p[1].T))
        return type(self)((high[:, 0], low[:, 0]))


def split(high: Array, low: Array) -> tuple[Array, Array]:
    """Return a pair as the nearest float64, and what is missing in ulp of it."""
    nearest = high + low
    return nearest, ((high - nearest) + low) / np.spacing(np.abs(nearest))
