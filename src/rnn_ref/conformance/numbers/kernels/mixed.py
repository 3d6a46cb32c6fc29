"""Bounded numbers of kernels that multiply in one format and add up in another, as bfloat16 with sums in float32.

What ``bounded.py`` derives holds with the unit u_s of the sums; beside it,

* *operands* of a product may be rounded to the format, or cut off (as some units do for TF32). What that does to a sum
  is known, for the operands are: |Σ w (x′ − x)| of the one and of the other, whichever is more. Some kernels round one
  operand and not the other, or a value that is known only as far as it was returned. Those errors, u|w x| a term, are
  independent of each other: together they are below λ√Σ(w x u)², and never more than their sum.
* *what is between the sums* may be rounded to the format: each product of matrices, each sum of two of them in whatever
  order, each value of a function. A partial sum is at most P = Σ|parts|, so m of these roundings do m·u·P.
* *functions* are evaluated in the format of the sums, with the budgets of a library, and rounded; units that
  approximate tanh are off by another u. Where sums are as coarse as the format, so is all that a function is made of.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from ...._shapes import Array
from ..bounded import EXP, LAMBDA, TANH, Bounded, gamma
from ..formats import Format

Errors = tuple[Array, Array, Array]  # what is correlated, the sum of what is independent, the sum of its squares


class Mixed(Bounded):
    """Value v, Σ|terms| S of n terms, Σ|parts| P rounded m times, errors e that came with them; independent ones i.

    ``i`` is the sum of the independent ones, ``q`` the sum of their squares.
    """

    operands: ClassVar[Format]
    between: ClassVar[Format]
    u_sums: ClassVar[float]

    def __init__(
        self, v: Array, S: Array | None = None, n: float = 0, e: Any = 0.0, P: Array | None = None, m: float = 0,
        i: Any = 0.0, q: Any = 0.0,
    ) -> None:  # fmt: skip
        super().__init__(v, S, n, e)
        self.P: Array = np.abs(v) if P is None else P
        self.m, self.i, self.q = m, i, q

    @classmethod
    def lift(cls, array: Any) -> Self:
        v = np.asarray(array, np.float64)
        off = np.abs(cls.between.rounded(v) - v)
        return cls(v, i=off, q=off**2)

    @classmethod
    def stored(cls, array: Any, error: Any = 0.0) -> Self:
        v = np.asarray(array, np.float64)
        off, more = cls.u * np.abs(v), np.broadcast_to(error, v.shape)
        return cls(v, i=off + more, q=off**2 + (more / LAMBDA) ** 2)

    def error(self) -> Array:
        found: Array = self._rounding() + self.e + np.minimum(self.i, LAMBDA * np.sqrt(self.q))
        return found

    def _rounding(self) -> Array:
        found: Array = gamma(self.n) * self.u_sums * self.S + self.m * self.u * self.P
        return found

    def _brought(self) -> tuple[Array, Array, Array]:
        """Return what goes on from here once it is rounded: e, i and q, in its shape."""
        q = self.q + self.n * (self.u_sums * self.S) ** 2 + self.m * (self.u * self.P) ** 2
        e, i, q = (np.broadcast_to(one, self.v.shape) for one in (self.e, self.i + self._rounding(), q))
        return e, i, q

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        every = (self, *others)

        def each(name: str) -> Array:
            return np.abs(function(*(np.broadcast_to(getattr(one, name), one.v.shape) for one in every)))

        return type(self)(
            function(*(one.v for one in every)), each("S"), max(one.n for one in every), each("e"), each("P"),
            max(one.m for one in every), each("i"), each("q"),
        )  # fmt: skip

    def _number(self, other: Any) -> Self:
        return other if isinstance(other, type(self)) else type(self).lift(np.broadcast_to(other, self.v.shape))

    def __add__(self, other: Any) -> Self:
        b, m = self._number(other), max(self.m, self._number(other).m) + 1
        S, P, e, i, q = (getattr(self, name) + getattr(b, name) for name in ("S", "P", "e", "i", "q"))
        return type(self)(self.v + b.v, S, self.n + b.n + 1, e, P, m, i, q)

    def __mul__(self, other: Any) -> Self:
        b = self._number(other)
        size, b_size, both = np.abs(self.v), np.abs(b.v), self.error() * b.error()
        (e, i, q), (b_e, b_i, b_q) = self._brought(), b._brought()
        e, i = size * b_e + b_size * e, size * b_i + b_size * i + both
        return type(self)(self.v * b.v, n=1, e=e, m=1, i=i, q=size**2 * b_q + b_size**2 * q + both**2)

    def one_minus(self) -> Self:
        return type(self)(1 - self.v, 1 + self.S, self.n + 1, self.e, 1 + self.P, self.m + 1, self.i, self.q)

    def dot(self, W: Array) -> Self:
        flat = np.zeros_like(W.T)
        return self._product(self.v, self._brought(), W.T, (flat, flat, flat))

    def outer(self, other: Self) -> Self:
        e, i, q = (one.T for one in self._brought())
        return self._product(self.v.T, (e, i, q), other.v, other._brought())

    def _product(self, a: Array, a_off: Errors, b: Array, b_off: Errors) -> Self:
        """Return a @ b, and what becomes of the errors that both sides bring along."""
        size, weight, v = np.abs(a), np.abs(b), a @ b
        (e, i, q), (b_e, b_i, b_q) = a_off, b_off
        ways, b_ways = self._ways(a), self._ways(b)
        shift = max_of(np.abs(way @ b) for way in ways) + max_of(np.abs(a @ way) for way in b_ways)
        loose, b_loose = (self.operands.u * np.where(max_of(map(np.abs, each)) > 0, one, 0)
                          for each, one in ((ways, size), (b_ways, weight)))  # fmt: skip
        i, b_i, q, b_q = i + loose, b_i + b_loose, q + loose**2, b_q + b_loose**2
        both = (e + i) @ (b_e + b_i)
        return type(self)(
            v,
            size @ weight,
            a.shape[-1],
            e @ weight + size @ b_e + shift,
            np.abs(v),
            1,
            i @ weight + size @ b_i + both,
            q @ weight**2 + size**2 @ b_q + both**2,
        )

    def _ways(self, a: Array) -> list[Array]:
        """Return by how much an operand changes where it is rounded, and where it is cut off."""
        return [self.operands.rounded(a) - a, self.operands.cut(a) - a]

    def tanh(self) -> Self:
        delta, t = self.error(), np.tanh(self.v)
        slope, size = (1 - t) * (1 + t), np.abs(t)
        return self._through(t, np.minimum(1, slope + 2 * delta), self._of_tanh(slope, size))

    def sigmoid(self) -> Self:
        delta = self.error()
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        off = 2 * TANH * self.u_sums + (2 * self.u * s if self.u_sums < self.u else 0)
        return self._through(s, np.minimum(0.25, s * (1 - s) + delta), off)

    def relu(self) -> Self:
        return self._through(np.maximum(self.v, 0.0), np.where(self.v + self.error() > 0, 1.0, 0.0), 0.0)

    def _through(self, v: Array, slope: Array, budget: Any) -> Self:
        """Return the value of a function, at a slope no more than that."""
        e, i, q = self._brought()
        return type(self)(v, e=slope * e, i=slope * i + budget, q=slope**2 * q + budget**2)

    def _of_tanh(self, slope: Array, size: Array) -> Array:
        of_exp = np.maximum(EXP * slope + 2, 2 * EXP * slope) + 3 * size
        budget: Array = self.u_sums * np.maximum(2 * TANH * size, of_exp)
        return budget + (2 * self.u * size if self.u_sums < self.u else 0)

    def total(self) -> Self:
        e, i, q = (one.sum(0) for one in self._brought())
        v = self.v.sum(0)
        return type(self)(v, np.abs(self.v).sum(0), len(self.v), e, np.abs(v), 1, i, q)


def max_of(arrays: Any) -> Array:
    """Return the largest of several arrays, entry by entry."""
    found: Array = np.max(list(arrays), 0)
    return found


def mixed(operands: Format, between: Format, sums: Format) -> type[Mixed]:
    """Return the kind for products of such operands, added up in ``sums``, and whatever is kept between them."""
    fields = {"u": between.u, "u_sums": sums.u, "operands": operands, "between": between}
    return type("Mixed", (Mixed,), fields)
