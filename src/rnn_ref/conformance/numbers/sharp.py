"""Pairs of float64 whose functions are as exact as their sums: the truth where 50 digits would take too long.

exp is made of its argument less a multiple of log 2, divided by 64: there a short series suffices, and doubling
e → 2e + e² of e = exp − 1 six times undoes the division. What of the series is small enough is made in float64. All is
good to some 78 bits, more than the products of matrices, which are to about 70 (``twice.py``).
"""

from typing import Any, Self

import numpy as np

from ..._shapes import Array
from .twice import Pair, Twice, minus, pair, plus, times

LOG2 = (0.6931471805599453, 2.3190468138462996e-17, 5.707708438416212e-34)  # adds up to log 2
HALVINGS = 6
FAR = 709.0  # beyond it exp leaves the range of float64


def scaled(a: Pair, factor: Any) -> Pair:
    """Return a times a power of two."""
    return a[0] * factor, a[1] * factor


def divided(a: Pair, b: Pair) -> Pair:
    """Return a / b."""
    first = a[0] / b[0]
    rest = minus(a, times(b, pair(first)))
    second = rest[0] / b[0]
    third = minus(rest, times(b, pair(second)))[0] / b[0]
    return plus(plus(pair(first), pair(second)), pair(third))


def expm1(a: Pair) -> Pair:
    """Return exp(a) − 1, which keeps its digits where a is small; a is at most 709."""
    e, power = _reduced(a)
    return plus(scaled(e, power), minus(pair(power), pair(np.ones_like(power))))


def exp(a: Pair) -> Pair:
    """Return exp(a) of at most 709."""
    e, power = _reduced(a)
    return scaled(plus(e, pair(np.ones_like(power))), power)


def _reduced(a: Pair) -> tuple[Pair, Array]:
    """Return e and a power of two: exp(a) is (1 + e) times that."""
    far = a[0] < -FAR
    a = np.where(far, -FAR, a[0]), np.where(far, 0.0, a[1])
    k = np.rint(a[0] / LOG2[0])
    r = a
    for part in LOG2:
        r = minus(r, times(pair(k), pair(np.full_like(k, part))))
    e = _series(scaled(r, 2.0**-HALVINGS))
    for _ in range(HALVINGS):
        e = plus(scaled(e, 2.0), times(e, e))
    return e, np.ldexp(1.0, k.astype(int))


def _series(r: Pair) -> Pair:
    """Return exp(r) − 1 of |r| below 0.006: r + r²/2 + r³ (1/6 + r/24 + …)."""
    x = r[0]
    tail = x * x * x * (x * (1 / 24 + x * (1 / 120 + x * (1 / 720 + x * (1 / 5040 + x / 40320)))))
    cube = divided(times(times(r, r), r), pair(np.full_like(x, 6.0)))
    return plus(r, plus(scaled(times(r, r), 0.5), plus(cube, pair(tail))))


class Sharp(Twice):
    """A pair with sharper functions, in the place of NumPy's."""

    def tanh(self) -> Self:
        negative = np.sign(self.p[0])
        e = expm1((-2 * np.abs(self.p[0]), -2 * negative * self.p[1]))
        size = divided((-e[0], -e[1]), plus(e, pair(np.full_like(e[0], 2.0))))
        return type(self)(scaled(size, np.where(negative < 0, -1.0, 1.0)))

    def sigmoid(self) -> Self:
        one, negative = pair(np.ones_like(self.p[0])), self.p[0] < 0
        e = exp(scaled(self.p, np.where(negative, 1.0, -1.0)))  # at most 1: a product of e^690 would overflow
        above = np.where(negative, e[0], one[0]), np.where(negative, e[1], one[1])
        return type(self)(divided(above, plus(e, one)))

    @classmethod
    def of(cls, array: Any) -> Self:
        """Take a pair, or an array that is given exactly."""
        return cls(array) if isinstance(array, tuple) else cls.lift(array)

    def rest(self) -> tuple[Array, Array]:
        """Return the nearest float64, and what is missing to the pair in ulp of it."""
        nearest = self.nearest
        with np.errstate(invalid="ignore", over="ignore"):
            missing = (self.p[0] - nearest) + self.p[1]
            return nearest, np.where(np.isfinite(nearest), missing, 0.0) / np.spacing(np.abs(np.nan_to_num(nearest)))
