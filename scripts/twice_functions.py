"""Quotients and functions of pairs, twice the precision of float64: of what random cases are settled by."""

import numpy as np

from rnn_ref.conformance.numbers.twice import Pair, minus, pair, plus, times

_LN2 = (0.6931471805599453, 2.3190468138462996e-17)  # as a pair
_HALVINGS, _TERMS = 6, 12  # exp of |r| < ln 2 / 2 / 2⁶ by so many terms of its series is right to 2⁻¹²⁰


def over(a: Pair, b: Pair) -> Pair:
    """Return a / b, entry by entry: the quotient, and the rest divided once more."""
    quotient = a[0] / b[0]
    rest = minus(a, times(pair(quotient), b))
    return plus(pair(quotient), pair(rest[0] / b[0]))


def exp(z: Pair) -> Pair:
    """Return exp(z) for z up to 700: 2ᵏ·exp(r), exp(r) by its series at r/64, squared six times.

    >>> high, low = exp(pair(np.ones(1)))  # e is 2.718281828459045 + 1.4456468917292502e-16
    >>> high.item(), abs(low.item() - 1.4456468917292502e-16) < 2.0**-100
    (2.718281828459045, True)
    """
    k = np.rint(np.maximum(z[0], -745.0) / _LN2[0])
    small = z[0] < -745.0
    r = minus(z, times(pair(k), (np.full_like(k, _LN2[0]), np.full_like(k, _LN2[1]))))
    r = tuple(np.where(small, 0.0, part) / 2.0**_HALVINGS for part in r)  # type: ignore[assignment]
    one = pair(np.ones_like(k))
    series = one
    for n in range(_TERMS, 0, -1):
        series = plus(one, over(times(r, series), pair(np.full_like(k, float(n)))))
    for _ in range(_HALVINGS):
        series = times(series, series)
    return np.ldexp(series[0], k.astype(int)) * ~small, np.ldexp(series[1], k.astype(int)) * ~small


def log(x: Pair) -> Pair:
    """Return log(x): one step of Newton's from the library's."""
    y = pair(np.log(x[0]))
    residual = minus(times(x, exp((-y[0], -y[1]))), pair(np.ones_like(y[0])))
    return plus(y, residual)


def tanh(z: Pair) -> Pair:
    """Return tanh(z) = (1 − e) / (1 + e) of e = exp(−2|z|), to an absolute error of 2⁻¹⁰⁰."""
    sign = np.where(z[0] < 0, -1.0, 1.0)
    e, one = exp((-2 * sign * z[0], -2 * sign * z[1])), pair(np.ones_like(z[0]))
    high, low = over(minus(one, e), plus(one, e))
    return sign * high, sign * low
