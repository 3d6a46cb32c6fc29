"""What each operation may lose when what is small is flushed to zero: values, and squares of losses, by hand."""

import numpy as np
import pytest

from rnn_ref.conformance.numbers.bounded import LAMBDA, tiny
from rnn_ref.conformance.numbers.flushed import Flushed, flushed

A = Flushed(np.array([[2.0, 3.0]]), np.array([[5.0, 7.0]]))
B = Flushed(np.array([[10.0, -4.0]]), np.array([[0.5, 11.0]]))


def same(found: Flushed, values: object, squares: object) -> None:
    np.testing.assert_allclose(found.v, values, rtol=1e-14)
    np.testing.assert_allclose(found.squares, squares, rtol=1e-14)


def test_an_input_is_lost_if_it_is_smaller_than_the_smallest_normal_number() -> None:
    kind = flushed("float32")
    least = tiny("float32")
    same(kind.lift([least, least / 2, -least / 2, 0.0, 1.0]), [least, least / 2, -least / 2, 0, 1], [0, 1, 1, 0, 0])
    same(Flushed(np.ones(2)), [1, 1], [0, 0])
    np.testing.assert_allclose(kind(np.ones(1), np.array([9.0])).lost(), LAMBDA * 3 * least)


def test_sums_and_products_lose_one_more() -> None:
    same(A + B, [[12, -1]], [[6.5, 19]])
    same(A - B, [[-8, 7]], [[6.5, 19]])
    same(A * B, [[20, -12]], [[4 * 0.5 + 100 * 5 + 1, 9 * 11 + 16 * 7 + 1]])
    same(A.one_minus(), [[-1, -2]], [[6, 8]])
    same(A + 0.5, [[2.5, 3.5]], [[6, 8]])


def test_a_product_of_matrices_loses_weights_products_and_sums() -> None:
    own = 4 + 9 + (2 * 2) ** 2
    found = A.dot(np.array([[1.0, 10.0], [2.0, 20.0], [3.0, -30.0]]))
    same(found, [[32, 64, -84]], [[5 + 700 + own, 20 + 2800 + own, 45 + 6300 + own]])
    rows = Flushed(np.array([[2.0, 3.0], [1.0, 0.0], [0.5, -1.0]]), np.array([[5.0, 7.0], [1.0, 2.0], [0.0, 3.0]]))
    one = Flushed(np.array([[2.0], [1.0], [4.0]]), np.array([[3.0], [0.0], [1.0]]))
    lost = [[5 * 4 + 1 + 4 * 3 + 0.25 + 36], [7 * 4 + 2 + 3 * 16 + 9 * 3 + 1 + 36]]
    same(rows.outer(one), [[4 + 1 + 2], [6 - 4]], lost)
    same(rows.total(), [3.5, 2], [6 + 9, 12 + 9])


@pytest.mark.parametrize("v", [0.0, 0.5, -2.0, 40.0])
def test_what_goes_through_a_curve_loses_by_its_slope(v: float) -> None:
    before = Flushed(np.array([v]), np.array([8.0]))
    same(before.tanh(), [np.tanh(v)], [8 / np.cosh(v) ** 4 + 1])
    s = 1 / (1 + np.exp(-v))
    same(before.sigmoid(), [s], [8 * (s * (1 - s)) ** 2 + 1])


def test_what_is_masked_is_nothing_and_loses_nothing() -> None:
    same(A.masked(np.array([[True, False]])), [[2, 0]], [[5, 0]])
    assert Flushed(np.array([0.0, 1e-9, -1.0])).positive().tolist() == [False, True, False]
    same(B.relu(), [[10, 0]], [[0.5, 0]])
    same(A.negative(), [[-2, -3]], [[5, 7]])
