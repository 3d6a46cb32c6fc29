"""The loss at the edge of the numbers: large logits, impossible classes, one class, nan; and never a warning."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_edges import both
from unit_problems import U, assert_within

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
REDUCTIONS = pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
SMOOTHING = pytest.mark.parametrize("smoothing", [0.0, 0.1])
inf, nan = np.inf, np.nan


@DTYPES
def test_logits_of_1e4_lose_nothing(dtype):
    loss, gradient = both([1e4, -1e4, 0], 0, dtype)
    assert loss == 0
    np.testing.assert_array_equal(gradient, 0)
    loss, gradient = both([1e4, -1e4, 0], 1, dtype)
    assert loss == 2e4
    np.testing.assert_array_equal(gradient, [1, -1, 0])
    loss, _ = both([1e4, -1e4, 0], 2, dtype, label_smoothing=0.5)  # 0 / 6 + 2e4 / 6 + 1e4 (1/6 + 1/2)
    assert_within(loss, np.dtype(dtype).type(1e4), 4 * np.finfo(dtype).eps * 1e4)


@given(st.lists(st.integers(-64, 64), min_size=2, max_size=6), st.integers(-(2**20), 2**20))
def test_a_shift_of_all_logits_changes_nothing_but_rounding(row, shift):
    """Integers, so that the shift itself is exact; within 100 of zero and beyond, the softmax is made in two ways.

    Each is within 4 ulp of the truth, and its gradient within 8: the two are within the sums of that.
    """
    logits = np.array(row, float)
    loss, gradient = both(logits, 0)
    shifted, its_gradient = both(logits + shift, 0)
    assert_within(shifted, loss, 8 * np.spacing(loss))
    assert_within(its_gradient, gradient, 16 * np.spacing(np.abs(gradient)))


@DTYPES
def test_an_impossible_target_costs_infinitely_much_and_pulls_with_full_weight(dtype):
    loss, gradient = both([-inf, 0, 0], 0, dtype)
    assert loss == inf
    np.testing.assert_array_equal(gradient, [-1, 0.5, 0.5])


@DTYPES
def test_another_impossible_class_is_as_if_it_were_not_there(dtype):
    with_it, gradient = both([1.5, -inf, 0.25], 0, dtype)
    without, its_gradient = both([1.5, 0.25], 0, dtype)
    eps = np.finfo(dtype).eps  # the same to 4 ulp: exp may round otherwise in another place of a row
    np.testing.assert_allclose(with_it, without, rtol=4 * eps)
    np.testing.assert_allclose(gradient, [its_gradient[0], 0, its_gradient[1]], rtol=8 * eps)


def test_no_share_of_an_impossible_class_costs_nothing():
    loss, gradient = both([-inf, 1, 1], np.array([0, 0.5, 0.5]))
    assert_within(loss, np.log(2), 4 * U)
    np.testing.assert_array_equal(gradient, 0)
    loss, _ = both([[-inf, 1, 1], [0, 0, 0]], [0, 1], weight=np.array([0.0, 1, 1]))
    assert_within(loss, np.log(3), 4 * U)


@DTYPES
@SMOOTHING
@pytest.mark.parametrize("row", [[-inf, -inf, -inf], [inf, 0, 0], [0, inf, 0], [nan, 0, 0], [0, 0, nan], [inf, inf, 0]])
def test_what_is_no_distribution_gives_nan(row, smoothing, dtype):
    loss, gradient = both(row, 0, dtype, label_smoothing=smoothing)
    assert np.isnan(loss)
    assert np.isnan(gradient).all()


@DTYPES
@SMOOTHING
@REDUCTIONS
def test_one_class_is_certain(reduction, smoothing, dtype):
    loss, gradient = both([[3.0], [-1e4]], [0, 0], dtype, reduction=reduction, label_smoothing=smoothing)
    np.testing.assert_array_equal(loss, 0)
    np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize(("dtype", "huge"), [("float64", 1e308), ("float32", 3e38)])
def test_a_loss_beyond_the_numbers_is_infinite(dtype, huge):
    loss, gradient = both([huge, -huge, 0], 1, dtype)
    assert loss == inf
    np.testing.assert_array_equal(gradient, [1, -1, 0])
