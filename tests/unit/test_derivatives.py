"""The complex step: derivatives to the last digits, with nothing written and nothing left out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import U, assert_within

from rnn_ref.gradcheck import complex_step_gradients, directional_derivative

numbers = st.floats(1e-3, 4)


@given(numbers)
@pytest.mark.parametrize(
    ("f", "slope"),
    [(np.sin, np.cos), (np.exp, np.exp), (np.tanh, lambda x: 1 / np.cosh(x) ** 2), (np.square, lambda x: 2 * x)],
    ids=["sin", "exp", "tanh", "square"],
)
def test_a_derivative_is_exact_to_rounding(f, slope, x):
    """Two programs of up to four library calls and products, each off by four roundings at most."""
    measured = directional_derivative(f, [np.array(x)], [np.array(1.0)])
    assert_within(measured, np.float64(slope(x)), 2 * 4 * 4 * U * abs(slope(x)))


def test_nothing_is_subtracted():
    """The example of Squire and Trapp; finite differences keep 10 of its digits at best."""

    def f(x):
        return np.exp(x) / np.sqrt(np.cos(x) ** 3 + np.sin(x) ** 3)

    measured = float(directional_derivative(f, [np.array(1.5)], [np.array(1.0)]))
    assert measured == pytest.approx(4.0534278938986201, rel=30 * U, abs=0)  # their value; some 30 roundings


def test_a_direction_weighs_the_entries_and_none_stands_still():
    W, x = np.array([[1.0, 2.0]]), np.array([3.0, 4.0])
    moved = directional_derivative(np.matmul, [W, x], [np.array([[5.0, 7.0]]), None])
    np.testing.assert_array_equal(moved, [5 * 3 + 7 * 4])
    moved = directional_derivative(np.matmul, [W, x], [None, np.array([5.0, 7.0])])
    np.testing.assert_array_equal(moved, [5 * 1 + 7 * 2])


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 10**6))
def test_the_gradients_of_a_linear_map_are_its_transposes(rows, columns, seed):
    rng = np.random.default_rng(seed)
    W, x, upstream = rng.normal(size=(rows, columns)), rng.normal(size=columns), rng.normal(size=rows)
    dW, dx = complex_step_gradients(np.matmul, [W, x], upstream)
    terms = np.abs(W).T @ np.abs(upstream)
    assert_within(dx, W.T @ upstream, 2 * (rows + 2) * U * terms)
    assert_within(dW, np.outer(upstream, x), 4 * U * np.abs(np.outer(upstream, x)))


def test_a_number_among_the_inputs_has_a_gradient_too():
    scale, x = np.array(2.0), np.array([1.0, 3.0])
    dscale, dx = complex_step_gradients(lambda scale, x: scale * x, [scale, x], np.array([5.0, 7.0]))
    assert (dscale.shape, float(dscale)) == ((), 26.0)
    np.testing.assert_array_equal(dx, [10.0, 14.0])


def test_nothing_is_written_into_the_inputs():
    x, upstream = np.ones(3), np.ones(3)
    for array in (x, upstream):
        array.flags.writeable = False
    (gradient,) = complex_step_gradients(np.square, [x], upstream)
    assert not np.shares_memory(gradient, x)
    assert not np.shares_memory(gradient, upstream)
