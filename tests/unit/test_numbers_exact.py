"""Long numbers of two makes that do not know each other: each right to the digits that were asked for."""

from typing import Any

import mpmath
import numpy as np
import pytest

from rnn_ref.conformance.numbers.exact import Exact, exact, exp, in_use, log, nan, tanh

DIGITS = 50
MAKES = pytest.mark.parametrize("make", ["mpmath", "decimal"])
A, B = np.array([[0.5, -3.0], [1e-9, 40.0]]), np.array([[2.0, -1.0], [0.25, 8.0]])


def long(array: Any) -> Any:
    """Return numbers of either make, or floats, as mpmath's."""
    return np.frompyfunc(lambda one: mpmath.mpf(one if isinstance(one, float) else str(one)), 1, 1)(array)


def right(found: Any, due: Any, beyond: float = 0.0) -> None:
    """Assert that numbers are right to all digits but two, or beyond so small an absolute error."""
    found, due = np.ravel(long(found)), np.ravel(due)
    assert len(found) == len(due)
    for one, other in zip(found, due, strict=True):
        assert abs(one - other) <= mpmath.mpf(10) ** (2 - DIGITS) * abs(other) + beyond


@MAKES
def test_functions_are_right_to_all_digits_also_beside_zero(make: str) -> None:
    points = np.array([-30.0, -1.0, -1e-9, 0.0, 1e-9, 0.7, 30.0])
    with mpmath.workdps(2 * DIGITS), in_use(make, DIGITS):
        for function, theirs in ((tanh, mpmath.tanh), (exp, mpmath.exp)):
            right(function(exact(points)), [theirs(mpmath.mpf(float(one))) for one in points])
        right(log(exact(np.array([1e-9, 0.5, 3.0]))), [mpmath.log(mpmath.mpf(one)) for one in (1e-9, 0.5, 3.0)])
        assert nan() != nan()
        assert exact(0.5) * 2 == 1


@MAKES
def test_sums_and_products_are_those_of_the_numbers(make: str) -> None:
    with mpmath.workdps(2 * DIGITS), in_use(make, DIGITS):
        a, b = Exact.lift(A), Exact.lift(B)
        x, y = long(A), long(B)
        for found, due in (
            (a + b, x + y),
            (a - b, x - y),
            (a * b, x * y),
            (a.one_minus(), 1 - x),
            (a.dot(Exact.weights(B[:1])), [[x[i, 0] * 2 - x[i, 1]] for i in (0, 1)]),
            (a.outer(b), [[sum(x[k, i] * y[k, j] for k in (0, 1)) for j in (0, 1)] for i in (0, 1)]),
            (a.total(), [x[0, 0] + x[1, 0], x[0, 1] + x[1, 1]]),
            (a.sigmoid(), [1 / (1 + mpmath.exp(-one)) for one in x.flat]),
            (a.tanh(), [mpmath.tanh(one) for one in x.flat]),
            (a.masked(np.array([[True, False], [False, True]])), [x[0, 0], 0, 0, x[1, 1]]),
        ):
            right(found.a, due)
            assert np.shape(found.a) == np.shape(due) or np.ndim(due) == 1
        assert a.positive().tolist() == [[True, False], [True, True]]
        assert Exact.lift([[0.0]]).positive().tolist() == [[False]]
        assert Exact.lift(a.a).a is not None
        assert a.positive().dtype == bool


@MAKES
@pytest.mark.parametrize("digits", [30, 70])
def test_a_make_is_as_long_as_was_asked_and_is_put_away_again(make: str, digits: int) -> None:
    with in_use(make, digits):
        third = 1 / exact(3.0)
        with in_use("decimal", 5):
            pass
        assert type(exact(3.0)) is type(third)
    with mpmath.workdps(200):
        off = abs(long(third) * 3 - 1)
        assert mpmath.mpf(10) ** (-digits - 25) < off < mpmath.mpf(10) ** (1 - digits)
