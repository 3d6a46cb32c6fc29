"""How far rounding may move what each operation makes, by hand: values, Σ|terms|, their number, and errors."""

from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.numbers.bounded import COSH, EXP, LOG, TANH, Bounded, Terms, bounded, gamma, tiny, unit

U, TINY = 2.0**-10, 2.0**-20


class Coarse(Bounded):
    u, tiny = U, TINY


A = Coarse(np.array([[2.0, -3.0]]), np.array([[4.0, 5.0]]), 2, np.array([[0.5, 0.25]]))
B = Coarse(np.array([[-1.0, 8.0]]), np.array([[3.0, 9.0]]), 1, 0.125)
A_OFF = [2 * U * 4 + 0.5 + 4 * TINY, 2 * U * 5 + 0.25 + 4 * TINY]
B_OFF = [U * 3 + 0.125 + 2 * TINY, U * 9 + 0.125 + 2 * TINY]


def same(found: Any, v: Any, S: Any, n: float, e: Any) -> None:
    np.testing.assert_allclose(found.v, v, rtol=1e-14)
    np.testing.assert_allclose(found.S, S, rtol=1e-14)
    np.testing.assert_allclose(np.broadcast_to(found.e, found.v.shape), e, rtol=1e-12)
    assert found.n == n


def test_a_number_brings_what_was_flushed_or_rounded_before() -> None:
    half = TINY / 2
    same(Coarse.lift([TINY, half, -half, -4.0]), [TINY, half, -half, -4], [TINY, half, half, 4], 0, [0, half, half, 0])
    same(Terms.lift([0.5, -1e-300]), [0.5, -1e-300], [0.5, 1e-300], 0, [0, 0])
    same(Coarse.stored([-4.0, 4.0], [U, 5 * U]), [-4, 4], [4, 4], 0, [4 * U, 5 * U])
    same(Coarse.stored([-4.0]), [-4], [4], 0, [4 * U])
    kind = bounded("float32")
    assert (kind.u, kind.tiny) == (unit("float32"), tiny("float32")) == (2.0**-24, 2.0**-126)


def test_a_sum_is_rounded_where_it_is_used_by_its_terms_and_what_may_be_lost() -> None:
    np.testing.assert_allclose(A.error(), [A_OFF], rtol=1e-14)
    np.testing.assert_allclose(B.error(), [B_OFF], rtol=1e-14)
    many = Coarse(np.ones((1, 1)), n=256)
    np.testing.assert_allclose(many.error(), 128 * U + 512 * TINY, rtol=1e-14)
    assert (gamma(3), gamma(64), gamma(81)) == (3, 64, 72)
    assert (TANH, EXP, LOG, COSH) == (6, 4, 5, 2)  # ulp, see there


def test_sums_count_their_terms_and_a_product_starts_anew() -> None:
    same(A + B, [[1, 5]], [[7, 14]], 4, [[0.625, 0.375]])
    same(A - B, [[3, -11]], [[7, 14]], 4, [[0.625, 0.375]])
    same(A + 0.5, [[2.5, -2.5]], [[4.5, 5.5]], 3, [[0.5, 0.25]])
    same(A.one_minus(), [[-1, 4]], [[5, 6]], 3, [[0.5, 0.25]])
    off = [1 * A_OFF[0] + 2 * B_OFF[0] + A_OFF[0] * B_OFF[0], 8 * A_OFF[1] + 3 * B_OFF[1] + A_OFF[1] * B_OFF[1]]
    same(A * B, [[-2, -24]], [[2, 24]], 1, [off])


def test_what_only_moves_brings_the_larger_number_of_terms_and_sizes_stay_sizes() -> None:
    same(A.negative(), [[-2, 3]], [[4, 5]], 2, [[0.5, 0.25]])
    same(B.joined([A]), [[-1, 8, 2, -3]], [[3, 9, 4, 5]], 2, [[0.125, 0.125, 0.5, 0.25]])
    same(A.masked(np.array([[True, False]])), [[2, 0]], [[4, 0]], 2, [[0.5, 0]])
    assert Coarse(np.array([0.0, 1e-9, -1.0])).positive().tolist() == [False, True, False]


def test_products_of_matrices_are_sums_of_all_their_terms() -> None:
    W = np.array([[1.0, 10.0], [-2.0, 20.0], [3.0, -30.0]])
    lost = 5 * TINY  # of weights, each times its factor
    off = [A_OFF[0] * one + A_OFF[1] * other + lost for one, other in np.abs(W)]
    same(A.dot(W), [[-28, -64, 96]], [[32, 64, 96]], 2, [off])
    rows = Coarse(np.array([[2.0, -3.0], [1.0, 4.0], [0.0, 5.0]]), n=1)
    one = Coarse(np.array([[-1.0], [6.0], [7.0]]), n=2)
    off, x_off = np.abs(rows.v) * U + 2 * TINY, np.abs(one.v) * 2 * U + 4 * TINY
    due = [[sum(off[k, j] * abs(one.v[k, 0]) + abs(rows.v[k, j]) * x_off[k, 0] for k in range(3))] for j in range(2)]
    same(rows.outer(one), [[4], [62]], [[8], [62]], 3, due)
    same(rows.total(), [3, 6], [3, 12], 3, off.sum(0))


@pytest.mark.parametrize("v", [0.0, 0.4, -0.55, 0.75, -1.2, 3.0, -30.0])
@pytest.mark.parametrize("delta", [0.0, 0.01, 0.6])
def test_a_curve_passes_errors_on_by_its_slope_and_adds_its_budget(v: float, delta: float) -> None:
    before = Coarse(np.array([v]), n=0, e=delta)
    t, s = abs(np.tanh(v)), 1 / (1 + np.exp(-v))
    slope = 1 / np.cosh(v) ** 2
    budgets = (12 * t, 4 * slope + 2 + 3 * t, 8 * slope + 3 * t)  # the library's; made of one exp; made of two
    same(before.tanh(), [np.tanh(v)], [t], 0, [min(1, slope + 2 * delta) * delta + U * max(budgets)])
    same(before.sigmoid(), [s], [s], 0, [min(0.25, s * (1 - s) + delta) * delta + 12 * U])


def test_near_its_edge_relu_may_be_on_either_side() -> None:
    made = Coarse(np.array([[2.0, -0.25, -2.0, 0.0]]), e=0.5).relu()
    same(made, [[2, 0, 0, 0]], [[2, 0, 0, 0]], 0, [[0.5, 0.25, 0, 0.5]])


@pytest.mark.parametrize("h", [0.0, 0.5, 0.95, 1.0])
def test_a_slope_is_made_of_a_square_or_of_cosh_and_the_larger_error_counts(h: float) -> None:
    e = 2 * (0.125 * h) + 0.125**2
    by_cosh = (4 * 2 + 2) * (1 - h * h) * U
    rounded = 2 * (1 + h * h) * U
    same(Coarse(np.array([h]), e=0.125).slope_of_tanh(), [1 - h * h], [1 + h * h], 2,
         [e + max(0, by_cosh - rounded)])  # fmt: skip


def test_of_the_last_sums_one_rounding_counts_and_what_is_independent_is_added_as_squares() -> None:
    u = Terms.u
    a = Terms(np.array([[2.0, -3.0]]), np.array([[4.0, 5.0]]), 7, 0.5 * u, np.array([[9 * u**2, 16 * u**2]]))
    np.testing.assert_allclose(a.error() / u, [[4 + 0.5 + 3, 5 + 0.5 + 4]], rtol=1e-14)
    np.testing.assert_allclose(Terms(np.ones(1), squares=4 * u**2).error() / u, [2], rtol=1e-14)
    both = a + Terms(np.ones((1, 2)), squares=7 * u**2)
    np.testing.assert_allclose(both.squares / u**2, [[16, 23]], rtol=1e-14)
    np.testing.assert_allclose(a.negative().joined([a]).squares / u**2, [[9, 16, 9, 16]], rtol=1e-14)
    h = Terms(np.array([[0.5, -3.0]]), np.array([[0.5, 3.0]]), 1, squares=9 * u**2)
    off, t = np.array([3.5, 6.0]), np.tanh(h.v)
    np.testing.assert_allclose(h.tanh().e / u, off * (1 - t**2) + 2 * np.abs(t), rtol=1e-12)
    s = 1 / (1 + np.exp(-h.v))
    np.testing.assert_allclose(h.sigmoid().v, s, rtol=1e-15)
    np.testing.assert_allclose(h.sigmoid().e / u, off * (s * (1 - s)) + 2, rtol=1e-12)
    found = h.slope_of_tanh()
    same(found, 1 - h.v**2, 1 + h.v**2, 2, [[2 * 0.5 * 3.5 * u, 2 * 3 * 6.0 * u]])
    rows = Terms(np.array([[2.0, -3.0], [1.0, 4.0]]), n=1)
    one = Terms(np.array([[-1.0], [6.0]]), e=2 * u, squares=9 * u**2)
    found = rows.outer(one)
    same(found, [[4], [27]], [[8], [27]], 2, [[8 * u], [27 * u]])
    np.testing.assert_allclose(found.squares / u**2, [[(4 + 1) * 25], [(9 + 16) * 25]], rtol=1e-14)
