"""Pairs of float64 and what is made of them, against exact fractions."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.numbers.sharp import Sharp, divided, scaled
from rnn_ref.conformance.numbers.twice import Pair, Twice, matmul, minus, pair, plus, product, split, times, total

RNG = np.random.default_rng(0)


def drawn(*shape: int, low: float = -1.0) -> Pair:
    """Draw numbers of 106 bits."""
    high = RNG.uniform(low, 1, shape)
    high = np.copysign(np.sqrt(np.abs(high)), high)  # all bits of it
    return high, RNG.uniform(-0.5, 0.5, shape) * np.spacing(np.abs(high))


def exactly(one: Any) -> Any:
    """Return a pair, or an array, as fractions."""
    parts = one if isinstance(one, tuple) else (one,)
    return sum(np.vectorize(Fraction, otypes=[object])(part) for part in parts)


def right(found: Any, due: Any, bits: float, terms: Any = None) -> None:
    """Assert that a pair is right to so many bits of its terms, or of itself, and in order."""
    assert found[0].shape == found[1].shape == np.shape(due)
    off = np.abs(exactly(found) - due)
    assert np.all(off <= np.abs(due if terms is None else terms) * Fraction(2.0**-bits))
    np.testing.assert_array_equal(found[0] + found[1], found[0])


A, B, POSITIVE = drawn(2000), drawn(2000), drawn(2000, low=0.25)
X, Y, V = exactly(A), exactly(B), exactly(POSITIVE)


def test_sums_products_and_quotients_keep_both_parts() -> None:
    right(plus(A, B), X + Y, 103, abs(X) + abs(Y))
    right(minus(A, B), X - Y, 103, abs(X) + abs(Y))
    right(times(A, B), X * Y, 102)
    right(divided(A, POSITIVE), X / V, 101)
    right(scaled(A, 0.25), X / 4, 200)
    right(pair(A[0]), exactly(A[0]), 200)


def test_what_multiplication_cuts_off_is_not_lost() -> None:
    np.testing.assert_array_equal(exactly(times(pair(A[0]), pair(B[0]))), exactly(A[0]) * exactly(B[0]))


@pytest.mark.parametrize("terms", [1, 3, 4, 31])
@pytest.mark.parametrize("scale", [1.0, 2.0**-900])
def test_products_of_slices_add_up_exactly_and_what_is_left_is_small(terms: int, scale: float) -> None:
    """What is left of both is half of 2^-bits of a number just below 1, and made in float64."""
    a, W = RNG.uniform(0.9, 1, (20, terms)) * scale, RNG.uniform(0.9, 1, (10, terms))
    W[:5] *= 2.0**30  # the units are each row's own
    high, low = product(a, W)
    whole, bits = exactly(a).dot(exactly(W).T), (53 - terms.bit_length()) // 2
    assert np.all(np.abs(low) <= 1.12 * 2.0**-bits * np.abs(high))
    assert np.all(np.abs(exactly((high, low)) - whole) <= whole * Fraction(terms * 2.0 ** (-52 - bits)))


@pytest.mark.parametrize("kind", [Twice, Sharp])
def test_numbers_of_pairs_do_what_arrays_do(kind: Any) -> None:
    a, b, W = kind(drawn(4, 3)), kind(drawn(4, 3)), RNG.normal(size=(2, 3))
    x, y, w = exactly(a.p), exactly(b.p), exactly(W)
    right((a + b).p, x + y, 103, abs(x) + abs(y))
    right((a - b).p, x - y, 103, abs(x) + abs(y))
    right((a + 0.5).p, x + Fraction(1, 2), 103, abs(x) + 1)
    right((a - W[0]).p, x - w[0], 103, abs(x) + abs(w[0]))
    right((a * b).p, x * y, 102)
    right(a.one_minus().p, 1 - x, 103, 1 + abs(x))
    right(a.dot(W).p, x.dot(w.T), 74, abs(x).dot(abs(w.T)))
    right(a.outer(b).p, x.T.dot(y), 74, abs(x).T.dot(abs(y)))
    right(a.total().p, x.sum(0), 74, abs(x).sum(0))
    right(matmul(a.p, b.p), x.dot(y.T), 74, abs(x).dot(abs(y).T))
    right(total(a.p), x.sum(1)[:, None], 74, abs(x).sum(1)[:, None])
    right(a.joined([b]).p, np.concatenate([x, y], -1), 200)
    np.testing.assert_array_equal(a.nearest, a.p[0])
    assert kind((np.array([1.0, 1.0, 0.0]), np.array([2.0**-53, -2.0, 0.0]))).positive().tolist() == [
        True,
        False,
        False,
    ]
    assert kind.lift([1, 2]).p[0].dtype == kind.weights([1, 2]).dtype == np.float64
    assert not kind.lift([1, 2]).p[1].any()


@pytest.mark.parametrize("v", [-40.0, -0.7, 0.0, 0.3, 2.0])
def test_a_curve_follows_what_a_pair_has_beyond_float64_by_its_slope(v: float) -> None:
    before, t, s = Twice((np.array([v]), np.array([1e-17]))), np.tanh([v]), 1 / (1 + np.exp([-v]))
    for found, value, slope in ((before.tanh(), t, 1 / np.cosh(v) ** 2), (before.sigmoid(), s, s * (1 - s))):
        np.testing.assert_allclose(found.p[0], value, rtol=4e-16, atol=1e-17)
        np.testing.assert_allclose((found.p[0] - value) + found.p[1], slope * 1e-17, rtol=1e-9, atol=1e-33)


@pytest.mark.parametrize("v", [700.0, 708.5, 709.5, 750.0, 1e5, 1e300])
def test_far_out_sharp_curves_are_flat(v: float) -> None:
    far = Sharp((np.array([-v, v]), np.array([1e-20, -1e-20]) * v))
    assert far.tanh().nearest.tolist() == [-1, 1]
    low, high = far.sigmoid().nearest
    assert high == 1
    np.testing.assert_allclose(low, np.exp(-v), rtol=1e-12, atol=2e-308)


@pytest.mark.parametrize("told", [lambda a: split(*a), lambda a: Sharp(a).rest()], ids=["split", "rest"])
def test_a_pair_is_told_as_the_nearest_float64_and_what_is_missing_in_ulp(told: Callable[[Pair], Any]) -> None:
    high, low = (np.array(one) for one in ([1.0, -3.0, 1.0, -2.0], [2.0**-60, 2.0**-54, 2.0**-52, 0.0]))
    nearest, missing = told((high, low))
    np.testing.assert_array_equal(nearest, [1, -3, 1 + 2.0**-52, -2])
    np.testing.assert_array_equal(missing, [2.0**-8, 2.0**-54 * 2.0**51, 0, 0])


def test_what_is_no_number_misses_nothing() -> None:
    with np.errstate(invalid="ignore", over="ignore"):
        nearest, missing = Sharp((np.array([np.inf, np.nan, -np.inf]), np.zeros(3))).rest()
    np.testing.assert_array_equal(nearest, [np.inf, np.nan, -np.inf])
    assert not missing.any()
    assert Sharp.of(np.ones(2)).p[1].tolist() == [0, 0]
    assert Sharp.of(A).p is A
