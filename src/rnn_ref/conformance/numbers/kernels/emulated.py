"""Plain arithmetic of a kernel of few bits, in several runs: rounded to the nearest, cut off, and as luck has it.

It stands where ``shaken.py`` stands for float32 and float64. Arrays are float64, and what a kernel would have rounded
is rounded: operands of products, sums that are as coarse, and all that is kept between them. The first run rounds to
the nearest. The second cuts operands off, where what is between the products is finer than they are (TF32). In all
others each rounding is off by up to u, at random. A sum of n terms in a coarse format is off by u of each of its
partial sums, at random: if the terms are of either sign they grow like √k, if not like k, and both are allowed for.
"""

from typing import Any, ClassVar, Self

import numpy as np

from ...._shapes import Array
from ..formats import Format
from ..shaken import Shaken

FIXED = 2  # runs that are not shaken
TELLING = 64  # where sums are so many times finer than what is between them, their rounding is not seen


class Emulated(Shaken):
    """R runs side by side; of sums over time the terms are added in the format of the sums."""

    operands: ClassVar[Format]
    between: ClassVar[Format]
    sums: ClassVar[Format]
    kept: ClassVar[Format]  # what this number is rounded to
    adding: ClassVar[type["Emulated"]]  # the kind of a sum that goes on

    @classmethod
    def lift(cls, array: Any) -> Self:
        return cls(np.broadcast_to(cls.between.rounded(np.asarray(array, np.float64)), (cls.runs, *np.shape(array))))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return min(cls.operands, cls.between, key=lambda one: one.bits).rounded(np.asarray(array, np.float64))

    def _rounded(self, a: Array, to: Format, times: float = 1.0) -> Array:
        if to.bits >= 53:
            return a
        found = np.empty_like(a)
        found[:FIXED] = to.rounded(a[:FIXED])
        if self.rng is None:
            found[FIXED:] = to.rounded(a[FIXED:])
        else:
            luck = self.rng.uniform(-times * to.u, times * to.u, a[FIXED:].shape)
            found[FIXED:] = a[FIXED:] * (1 + luck)
        return found

    def made(self, a: Array) -> Self:
        """Return what is kept of numbers that were made of this one."""
        return type(self)(self._rounded(a, self.kept))

    def function(self, values: Array) -> Self:
        """Return what is kept of a library's values."""
        return type(self)(self._rounded(values, self.kept, 2.0))

    def _summed(self, a: Array, terms: Array, n: int) -> Array:
        if self.sums.u * TELLING < self.between.u:
            return a
        partial = np.sqrt(n / 2 * terms) + np.sqrt(n / 3) * np.abs(a)
        luck = 0.0 if self.rng is None else self.rng.standard_normal(a.shape)
        found: Array = a + luck * self.sums.u * partial
        return found

    def _operand(self) -> tuple[Array, Array | float]:
        """Return what is multiplied, and the factor that stands for the other side's being cut off."""
        if self.operands.bits >= self.between.bits:
            return self.a, 1.0
        a = self._rounded(self.a, self.operands)
        factor = np.ones((len(a), *[1] * (a.ndim - 1)))
        if len(a) > 1:
            a[1] = self.operands.cut(self.a[1])
            factor[1] = 1 - self.operands.u
        return a, factor

    def __add__(self, other: Any) -> Self:
        return self.made(self.a + _array(other))

    def __sub__(self, other: Any) -> Self:
        return self.made(self.a - _array(other))

    def __mul__(self, other: Any) -> Self:
        return self.made(self.a * _array(other))

    def one_minus(self) -> Self:
        return self.made(1 - self.a)

    def dot(self, W: Array) -> Self:
        a, factor = self._operand()
        return self.made(self._summed(a @ W.T * factor, a**2 @ W.T**2, W.shape[1]))

    def outer(self, other: Self) -> Self:
        (a, factor), (b, _) = self._operand(), other._operand()
        terms = (a**2).swapaxes(-1, -2) @ b**2
        found: Any = self.adding(self._summed(a.swapaxes(-1, -2) @ b * factor, terms, a.shape[-2]))
        return found  # type: ignore[no-any-return]

    def total(self) -> Self:
        found: Any = self.adding(self._summed(self.a.sum(-2), (self.a**2).sum(-2), self.a.shape[-2]))
        return found  # type: ignore[no-any-return]

    def _of_the_library(self, values: Array) -> Self:
        return self.function(values)


def emulated(operands: Format, between: Format, sums: Format) -> Any:
    """Return what gives the kind for a number of runs, as ``shaken`` does."""
    coarse = sums if sums.u * TELLING >= between.u else _EXACT

    def kind(runs: int, *, seed: int | None = 0) -> type[Emulated]:
        fields = {"runs": runs, "rng": np.random.default_rng(seed or 0), "operands": operands, "between": between}
        fields |= {"sums": sums, "kept": between}
        adding: Any = type("EmulatedSum", (Emulated,), fields | {"kept": coarse})
        adding.adding = adding
        return type("Emulated", (Emulated,), fields | {"adding": adding})

    return kind


_EXACT = Format("float64", 53, -1022, np.inf)


def _array(other: Any) -> Any:
    return other.a if isinstance(other, Shaken) else other
