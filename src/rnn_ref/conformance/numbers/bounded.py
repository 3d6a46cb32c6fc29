"""Bounded numbers: a value, and how far rounding may move it in any program that computes it. This is the derivation.

Let u be the unit roundoff (2⁻²⁴ for float32, 2⁻⁵³ for float64), and let every operation be right to u.

*A sum of n products* is off by at most about n·u·S, S = Σ|terms|, and that only if all roundings conspire. As
independent errors of mean zero they stay below λ√n·u·S, except with probability 2n·exp(−λ²/2) (Higham and Mary, 2019,
"A new approach to probabilistic rounding error analysis"). With λ = 8 that is 3e-14·n: never in a million checks of
a million entries. So γ(n) = min(n, λ√n), and the allowed error is γ(n)·u·S. S is built from |W||x|, not |Wx|: where
terms cancel, an honest error is relative to the terms. A sum is rounded where it is used, whatever the order in which
it was added up; until then its terms are counted.

*A function* of the library may be off by a few ulp; an ulp is up to 2u of the value. The budgets (float32 and float64
alike) hold for every library known: tanh 6 (JAX takes 4.7 in float32), exp 4, log 5. An error δ of the argument reaches
tanh through the slope, at most 1 − h² + 2δ; then comes the budget. A tanh made of exp, as 2/(1 + exp(−2z)) − 1
(onnxruntime's RNN has one), is right absolutely, not relatively: exp is off by its budget, which arrives multiplied by
(1 − h²)/2; the sum and the quotient, at most 1 + |h|, by u each, and the difference by u|h|. Made of two, as
(exp z − exp −z)/(exp z + exp −z), both budgets arrive, and of sum, difference and quotient u|h| each. (A tanh made of
exp(−2|z|), of expm1 or of σ(2z) is off by less.) σ is right absolutely: some are made of exp, some of tanh, and
onnxruntime's GRU is off by up to 10.2 u; it is allowed 12 u. So it is where gradients are made of it: of a gate
that is nearly closed, (1 + tanh(a/2)) / 2 keeps few digits.

The slope of tanh is 1 − h², whose roundings are of 1 and h². Or it is 1/cosh² z: cosh may be off by 2 ulp (JAX's by
more where |z| is large, but there the state's own error decides), which the square doubles, and square and quotient are
rounded by u of themselves. The larger of the two counts.

*Numbers below the smallest normal one* may be flushed to zero. So an input, a product or a sum so far may lose as much
as that, whatever it is multiplied by afterwards: of a sum of n products 2n times as much, and once more for each weight
that may itself be lost. Beside roundings that counts where a gradient from above is as small.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from ..._shapes import Array
from .formats import FORMATS
from .number import Number

LAMBDA = 8.0
TANH, EXP, LOG, COSH = 6, 4, 5, 2  # ulp


def unit(dtype: str) -> float:
    """Return the unit roundoff u.

    >>> unit("float64") == 2.0**-53
    True
    """
    return FORMATS[str(dtype)].u


def tiny(dtype: str) -> float:
    """Return the smallest normal number, below which all may be flushed to zero."""
    return FORMATS[str(dtype)].tiny


def gamma(n: float) -> float:
    """Return what n roundings add up to, in units of u Σ|terms|.

    >>> gamma(4), gamma(256)
    (4, 128.0)
    """
    return min(n, LAMBDA * float(np.sqrt(n)))


class Bounded(Number):
    """A value v, of the sum that it is Σ|terms| S and their number n, and the error e that came with them."""

    u: ClassVar[float] = unit("float64")
    tiny: ClassVar[float] = 0.0  # where nothing is flushed

    def __init__(self, v: Array, S: Array | None = None, n: float = 0, e: Any = 0.0) -> None:
        self.v, self.n, self.e = v, n, e
        self.S: Array = np.abs(v) if S is None else S

    @classmethod
    def lift(cls, array: Any) -> Self:
        v = np.asarray(array, np.float64)
        return cls(v, e=np.where(np.abs(v) < cls.tiny, np.abs(v), 0.0) if cls.tiny else 0.0)

    @classmethod
    def stored(cls, array: Any, error: Any = 0.0) -> Self:
        """Take a state, which may have been rounded when it was stored, or be off by more."""
        v = np.asarray(array, np.float64)
        return cls(v, e=np.maximum(cls.u * np.abs(v), error))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array, np.float64)

    def error(self) -> Array:
        """Return by how much the value, rounded now, may be off."""
        found: Array = gamma(self.n) * self.u * self.S + self.e + 2 * self.n * self.tiny
        return found

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        every = (self, *others)
        errors = (np.broadcast_to(one.e, one.v.shape) for one in every)
        return type(self)(
            function(*(one.v for one in every)),
            np.abs(function(*(one.S for one in every))),
            max(one.n for one in every),
            np.abs(function(*errors)),
        )

    def _number(self, other: Any) -> Self:
        return other if isinstance(other, type(self)) else type(self)(np.broadcast_to(other, self.v.shape))

    def __add__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v + b.v, self.S + b.S, self.n + b.n + 1, self.e + b.e)

    def __sub__(self, other: Any) -> Self:
        return self + self._number(other).negative()

    def __mul__(self, other: Any) -> Self:
        b = self._number(other)
        off, b_off = self.error(), b.error()
        return type(self)(self.v * b.v, n=1, e=np.abs(self.v) * b_off + np.abs(b.v) * off + off * b_off)

    def one_minus(self) -> Self:
        return type(self)(1 - self.v, 1 + self.S, self.n + 1, self.e)

    def dot(self, W: Array) -> Self:
        size = np.abs(self.v)
        lost = self.tiny * size.sum(-1, keepdims=True)
        return type(self)(self.v @ W.T, size @ np.abs(W).T, W.shape[1], self.error() @ np.abs(W).T + lost)

    def tanh(self) -> Self:
        delta, t = self.error(), np.tanh(self.v)
        slope, size = (1 - t) * (1 + t), np.abs(t)
        of_exp = np.maximum(EXP * slope + 2, 2 * EXP * slope) + 3 * size
        budget = np.maximum(2 * TANH * size, of_exp)
        return type(self)(t, e=np.minimum(1, slope + 2 * delta) * delta + self.u * budget)

    def slope_of_tanh(self) -> Self:
        found = super().slope_of_tanh()
        by_cosh = (2 * 2 * COSH + 2) * np.abs(found.v)
        found.e = found.e + self.u * np.maximum(0, by_cosh - gamma(found.n) * found.S)
        return found

    def sigmoid(self) -> Self:
        delta = self.error()
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        return type(self)(s, e=np.minimum(0.25, s * (1 - s) + delta) * delta + self.u * 2 * TANH)

    def positive(self) -> Array:
        return self.v > 0

    def relu(self) -> Self:
        found = type(self)(np.maximum(self.v, 0.0))
        found.e = np.where(self.positive(), self.error(), np.maximum(0.0, self.v + self.error()))
        return found

    def outer(self, other: Self) -> Self:
        v, x = np.abs(self.v), np.abs(other.v)
        off, x_off = self.error(), np.broadcast_to(other.error(), x.shape)
        return type(self)(self.v.T @ other.v, v.T @ x, len(v), off.T @ x + v.T @ x_off)

    def total(self) -> Self:
        return type(self)(self.v.sum(0), np.abs(self.v).sum(0), len(self.v), self.error().sum(0))


def bounded(dtype: str) -> type[Bounded]:
    """Return the kind for a dtype."""
    return type("Bounded", (Bounded,), {"u": unit(dtype), "tiny": tiny(dtype)})


class Terms(Bounded):
    """Σ|terms| of the last sums: what one rounding of each may do, in units of u, products of errors left out.

    Errors of what a gradient is multiplied by, as those of states that a library computes anew, are independent of
    each other and add up like their squares: ``squares``.
    """

    u = 2.0**-100  # so small that products of errors vanish: divide by it

    def __init__(self, v: Array, S: Array | None = None, n: float = 0, e: Any = 0.0, squares: Any = 0.0) -> None:
        super().__init__(v, S, n, e)
        self.squares = squares

    def error(self) -> Array:
        found: Array = min(self.n, 1) * self.u * self.S + self.e + np.sqrt(self.squares)
        return found

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        found = super().mapped(function, *others)
        found.squares = np.abs(function(*(np.broadcast_to(one.squares, one.v.shape) for one in (self, *others))))
        return found

    def __add__(self, other: Any) -> Self:
        b, found = self._number(other), super().__add__(other)
        found.squares = self.squares + b.squares
        return found

    def tanh(self) -> Self:
        t, delta = np.tanh(self.v), self.error()
        return type(self)(t, e=(1 - t) * (1 + t) * delta + 2 * self.u * np.abs(t))

    def slope_of_tanh(self) -> Self:
        return (self * self).one_minus()  # what 1/cosh² is off by more, the runs of plain arithmetic allow eightfold

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        return type(self)(s, e=s * (1 - s) * self.error() + 2 * self.u)

    def outer(self, other: Self) -> Self:
        v, off = np.abs(self.v), np.broadcast_to(other.error(), other.v.shape)
        found = type(self)(self.v.T @ other.v, v.T @ np.abs(other.v), len(v), self.error().T @ np.abs(other.v))
        found.squares = (v**2).T @ off**2
        return found
