"""A number and its tangent: how an equation hands on a small change of what it is given."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from ..._shapes import Array
from .number import Number


class Tangent(Number):
    """A float64 value v and, beside it, its change d to first order; weights do not change."""

    def __init__(self, v: Array, d: Array) -> None:
        self.v, self.d = v, d

    @classmethod
    def lift(cls, array: Any) -> Self:
        v = np.asarray(array, np.float64)
        return cls(v, np.zeros_like(v))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array, np.float64)

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        every = (self, *others)
        return type(self)(function(*(one.v for one in every)), function(*(one.d for one in every)))

    def _number(self, other: Any) -> Self:
        return other if isinstance(other, Tangent) else type(self).lift(np.broadcast_to(other, self.v.shape))

    def __add__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v + b.v, self.d + b.d)

    def __sub__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v - b.v, self.d - b.d)

    def __mul__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v * b.v, self.v * b.d + self.d * b.v)

    def one_minus(self) -> Self:
        return type(self)(1 - self.v, -self.d)

    def dot(self, W: Array) -> Self:
        return type(self)(self.v @ W.T, self.d @ W.T)

    def tanh(self) -> Self:
        t = np.tanh(self.v)
        return type(self)(t, (1 - t) * (1 + t) * self.d)

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        return type(self)(s, s * (1 - s) * self.d)

    def outer(self, other: Self) -> Self:
        return type(self)(self.v.T @ other.v, self.v.T @ other.d + self.d.T @ other.v)

    def total(self) -> Self:
        return type(self)(self.v.sum(0), self.d.sum(0))
