"""Numbers with many digits, in two independent makes: mpmath's, and the decimals of Python's own library.

Which of them ``truth.py`` works with is said by ``in_use``. The frozen answers are mpmath's; fresh ones are decimals,
for the base install has no mpmath.
"""

import contextlib
import decimal
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array

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
