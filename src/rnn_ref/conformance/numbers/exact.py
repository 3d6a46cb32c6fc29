"""Exact numbers: arrays with many digits, in two independent makes, mpmath's and Python's own decimals.

Which of them is in use is said by ``in_use``. The frozen answers are mpmath's; fresh ones are decimals, for the base
install has no mpmath.
"""

import contextlib
import decimal
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple, Self

import numpy as np

from ..._shapes import Array
from .number import OneArray

GUARD = 20  # digits that tanh may lose next to 0, and a sum where it cancels


class Make(NamedTuple):
    """One kind of number, and its functions."""

    number: Callable[[float], Any]
    tanh: Callable[[Any], Any]
    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]


_MAKE: ContextVar[Make] = ContextVar("make")


@contextlib.contextmanager
def in_use(name: str, digits: int) -> Iterator[None]:
    """Have the functions below work with ``mpmath`` or ``decimal``, to so many digits."""
    make, precision = _mpmath(digits) if name == "mpmath" else _decimal(digits)
    with precision:
        token = _MAKE.set(make)
        try:
            yield
        finally:
            _MAKE.reset(token)


def _mpmath(digits: int) -> tuple[Make, Any]:
    import mpmath  # noqa: PLC0415 - to freeze vectors, not to check with them

    return Make(mpmath.mpf, mpmath.tanh, mpmath.exp, mpmath.log), mpmath.workdps(digits)


def _decimal(digits: int) -> tuple[Make, Any]:
    def tanh(z: decimal.Decimal) -> decimal.Decimal:
        squared = (-2 * abs(z)).exp()
        return ((1 - squared) / (1 + squared)).copy_sign(z)

    context = decimal.Context(prec=digits + GUARD, Emin=decimal.MIN_EMIN, Emax=decimal.MAX_EMAX)
    return Make(decimal.Decimal, tanh, decimal.Decimal.exp, decimal.Decimal.ln), decimal.localcontext(context)


def exact(values: Any) -> Any:
    """Return floats as numbers of the make in use; a scalar gives a scalar."""
    with np.errstate(invalid="ignore"):  # what is no number may stand where nothing reads it
        return np.frompyfunc(lambda one: _MAKE.get().number(float(one)), 1, 1)(values)


def nan() -> Any:
    """Return what is not a number, in the make in use."""
    return _MAKE.get().number(float("nan"))


def tanh(values: Array) -> Array:
    """Hyperbolic tangent, entry by entry."""
    return np.asarray(np.frompyfunc(_MAKE.get().tanh, 1, 1)(values), object)


def exp(values: Array) -> Array:
    """Exponential, entry by entry."""
    return np.asarray(np.frompyfunc(_MAKE.get().exp, 1, 1)(values), object)


def log(values: Array) -> Array:
    """Natural logarithm, entry by entry."""
    return np.asarray(np.frompyfunc(_MAKE.get().log, 1, 1)(values), object)


class Exact(OneArray):
    """An array of long numbers, of the make in use."""

    @classmethod
    def lift(cls, array: Any) -> Self:
        return cls(np.asarray(cls.weights(array), object))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array if np.asarray(array).dtype == object else exact(array), object)

    def dot(self, W: Array) -> Self:
        return type(self)(self.a @ W.T)

    def tanh(self) -> Self:
        return type(self)(tanh(self.a))

    def sigmoid(self) -> Self:
        return type(self)(1 / (1 + exp(-self.a)))

    def masked(self, where: Array) -> Self:
        return self.mapped(lambda a: np.where(where, a, exact(0.0)))

    def positive(self) -> Array:
        return np.asarray(self.a > 0, bool)

    def outer(self, other: Self) -> Self:
        return type(self)(self.a.T @ other.a)

    def total(self) -> Self:
        return type(self)(self.a.sum(0))
