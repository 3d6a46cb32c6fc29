"""Plain arithmetic in the dtype, in several runs: as it is, and rounded as luck has it.

How far rounding alone carries a correct, careless program from the truth on a given case is measured with it, and
others are allowed a small multiple of that. Where steps amplify, one program's error is a matter of luck. So in all
runs but the first each term of a sum is off by u of itself, at random, and each value of a function by up to an ulp:
what a sum in another order and another tanh may do (Monte Carlo arithmetic: Parker, 1997). Sums of rows are a
library's product, in blocks; in the last of several runs one row is added after the other, as a loop does it: of
thousands of rows of one sign that is off further.
"""

from typing import Any, ClassVar, Self

import numpy as np

from ..._shapes import Array
from .number import OneArray


class Shaken(OneArray):
    """R runs side by side (R, rows, features), in the dtype of what is lifted."""

    runs: ClassVar[int] = 1
    rng: ClassVar[np.random.Generator | None] = None  # None: no run is shaken

    @classmethod
    def lift(cls, array: Any) -> Self:
        if cls.runs == 1:  # ``broadcast_to`` takes longer than a step
            return cls(np.asarray(array)[np.newaxis])
        return cls(np.broadcast_to(array, (cls.runs, *np.shape(array))))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array)

    def dot(self, W: Array) -> Self:
        product = self.a @ W.T
        if self.rng is None:
            return type(self)(product)
        u = np.finfo(product.dtype).eps / 2
        of_terms = np.sqrt(self.a**2 @ W.T**2)
        return type(self)(product + self._luck() * of_terms * self._cast(u * self.rng.standard_normal(product.shape)))

    def tanh(self) -> Self:
        return self._of_the_library(np.tanh(self.a))

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            return self._of_the_library(1 / (1 + np.exp(-self.a)))

    def positive(self) -> Array:
        return self.a > 0

    def outer(self, other: Self) -> Self:
        return type(self)(products(self.a, other.a))

    def total(self) -> Self:
        return type(self)(self.a.sum(-2))

    def _of_the_library(self, values: Array) -> Self:
        if self.rng is None:
            return type(self)(values)
        return type(self)(
            values + self._luck() * np.spacing(values) * self._cast(self.rng.integers(-1, 2, values.shape))
        )

    def _luck(self) -> Array:
        """Return 0 for the first run and 1 for the others."""
        return self._cast((np.arange(self.runs) > 0).reshape(-1, *[1] * (self.a.ndim - 1)))

    def _cast(self, array: Array) -> Array:
        return array.astype(self.a.dtype)


def products(a: Array, b: Array) -> Array:
    """Return aᵀ b of every run (R, rows, …), in the last of several one row after the other."""
    found: Array = a.swapaxes(-1, -2) @ b
    if len(a) > 1:
        found[-1] = 0
        for one, other in zip(a[-1], b[-1], strict=True):
            found[-1] += np.multiply.outer(one, other)
    return found


def shaken(runs: int, *, seed: int | None = 0) -> type[Shaken]:
    """Return the kind with so many runs and dice of its own; without a seed nothing is shaken."""
    return type("Shaken", (Shaken,), {"runs": runs, "rng": None if seed is None else np.random.default_rng(seed)})
