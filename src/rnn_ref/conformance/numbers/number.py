"""What every kind of number can do: the operations of which the equations of the cells are made.

A number holds an array (rows, features): a step of a batch, or many independent steps at once; runs side by side may
stand in front. Weights are plain arrays.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from ..._shapes import Array


class Number(ABC):
    """One kind of number; an equation written for one runs on all of them."""

    @classmethod
    @abstractmethod
    def lift(cls, array: Any) -> Self:
        """Take an array that is given exactly."""

    @classmethod
    @abstractmethod
    def weights(cls, array: Any) -> Array:
        """Return weights, or a bias, as this kind works with them."""

    @abstractmethod
    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        """Return what a function that only moves entries, or changes signs, makes of it and of others."""

    @abstractmethod
    def __add__(self, other: Any) -> Self:
        """Return the sum with a number or with an array."""

    @abstractmethod
    def __sub__(self, other: Any) -> Self:
        """Return the difference."""

    @abstractmethod
    def __mul__(self, other: Any) -> Self:
        """Return the product, entry by entry."""

    @abstractmethod
    def one_minus(self) -> Self:
        """Return 1 − a."""

    @abstractmethod
    def dot(self, W: Array) -> Self:
        """Return a Wᵀ, row by row."""

    @abstractmethod
    def tanh(self) -> Self:
        """Return tanh a."""

    @abstractmethod
    def sigmoid(self) -> Self:
        """Return 1 / (1 + exp(−a))."""

    @abstractmethod
    def positive(self) -> Array:
        """Return where a > 0."""

    @abstractmethod
    def outer(self, other: Self) -> Self:
        """Return aᵀ b: the outer products of the rows of both, added up."""

    @abstractmethod
    def total(self) -> Self:
        """Return the sum of the rows."""

    def slope_of_tanh(self) -> Self:
        """Return the slope of tanh where its value is a: 1 − a²."""
        return (self * self).one_minus()

    def masked(self, where: Array) -> Self:
        """Return what is let through, and zero elsewhere, which is exact in every kind."""
        return self.mapped(lambda a: np.where(where, a, 0))

    def relu(self) -> Self:
        """Return max(0, a); its slope is 1 where that is positive, and 0 elsewhere."""
        return self.masked(self.positive())

    def negative(self) -> Self:
        """Return −a, which is exact in every kind."""
        return self.mapped(np.negative)

    def blocks(self, count: int) -> list[Self]:
        """Take stacked gates apart: (rows, count·H) into ``count`` of (rows, H)."""
        return [self.mapped(lambda a, k=k: _block(a, k, count)) for k in range(count)]

    def joined(self, others: Sequence[Self]) -> Self:
        """Undo ``blocks``."""
        return self.mapped(lambda *parts: np.concatenate(parts, -1), *others)


def _block(array: Array, k: int, count: int) -> Array:
    """Return one of equal parts of the last axis: of an array with thousands of steps ``np.split`` takes longer."""
    size = array.shape[-1] // count
    return array[..., k * size : (k + 1) * size]


class OneArray(Number):
    """Numbers whose sums and products are those of the one array that holds them."""

    def __init__(self, a: Array) -> None:
        self.a = a

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        return type(self)(function(self.a, *(other.a for other in others)))

    def __add__(self, other: Any) -> Self:
        return type(self)(self.a + _array(other))

    def __sub__(self, other: Any) -> Self:
        return type(self)(self.a - _array(other))

    def __mul__(self, other: Any) -> Self:
        return type(self)(self.a * _array(other))

    def one_minus(self) -> Self:
        return type(self)(1 - self.a)


def _array(other: Any) -> Any:
    return other.a if isinstance(other, OneArray) else other
