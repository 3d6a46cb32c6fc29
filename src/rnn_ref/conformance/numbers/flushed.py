"""What a processor loses that flushes to zero whatever is below the smallest normal number, followed through time.

Each input, each product and each sum on the way may lose up to the smallest normal number. What is lost is multiplied
on like the number itself. Losses of different operations are taken as independent, as roundings are: their squares are
added up, and λ times the root of that is allowed. Chained as worst cases they would grow with every step by the row
sums of |W_hh|, and after 100 steps in float32 they would be no small numbers any more.

Next to gradients of ordinary size all this is nothing. Next to gradients near the smallest normal number it is all.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np

from ..._shapes import Array
from .bounded import LAMBDA, tiny
from .number import Number


class Flushed(Number):
    """A value, and the squares of what it may have lost, in units of the smallest normal number."""

    tiny: ClassVar[float] = 0.0

    def __init__(self, v: Array, squares: Any = 0.0) -> None:
        self.v = v
        self.squares: Array = squares if np.shape(squares) == v.shape else np.broadcast_to(squares, v.shape)

    @classmethod
    def lift(cls, array: Any) -> Self:
        v = np.asarray(array, np.float64)
        return cls(v, np.where(np.abs(v) < cls.tiny, 1.0 * (v != 0), 0.0))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array, np.float64)

    def lost(self) -> Array:
        """Return what may be lost."""
        found: Array = LAMBDA * np.sqrt(self.squares) * self.tiny
        return found

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        every = (self, *others)
        return type(self)(
            function(*(one.v for one in every)), np.abs(function(*(np.array(one.squares) for one in every)))
        )

    def _number(self, other: Any) -> Self:
        return other if isinstance(other, type(self)) else self.lift(np.broadcast_to(other, self.v.shape))

    def __add__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v + b.v, self.squares + b.squares + 1)

    def __sub__(self, other: Any) -> Self:
        return self + self._number(other).negative()

    def __mul__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v * b.v, self.v**2 * b.squares + b.v**2 * self.squares + 1)

    def one_minus(self) -> Self:
        return type(self)(1 - self.v, self.squares + 1)

    def dot(self, W: Array) -> Self:
        """Weights may be lost as well; each product, and each sum so far."""
        own = (self.v**2).sum(-1, keepdims=True) + (2 * W.shape[1]) ** 2
        return type(self)(self.v @ W.T, self.squares @ W.T**2 + own)

    def tanh(self) -> Self:
        t = np.tanh(self.v)
        return type(self)(t, ((1 - t) * (1 + t)) ** 2 * self.squares + 1)

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        return type(self)(s, (s * (1 - s)) ** 2 * self.squares + 1)

    def positive(self) -> Array:
        return self.v > 0

    def outer(self, other: Self) -> Self:
        squares = self.squares.T @ other.v**2 + (self.v**2).T @ other.squares + (2 * len(self.v)) ** 2
        return type(self)(self.v.T @ other.v, squares)

    def total(self) -> Self:
        return type(self)(self.v.sum(0), self.squares.sum(0) + len(self.v) ** 2)


def flushed(dtype: str) -> type[Flushed]:
    """Return the kind for a dtype.

    >>> two = flushed("float32").lift([[1e-40, 1e-40]])  # both are lost, and perhaps both products and two sums
    >>> 1e-38 < two.dot(np.ones((1, 2))).lost().item() < 1e-36
    True
    """
    return type("Flushed", (Flushed,), {"tiny": tiny(dtype)})
