"""The network at the edge of the numbers: saturated units, and slopes that keep their digits there."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import U, network

from rnn_ref import rnn_backward, rnn_bptt, rnn_cell_backward, rnn_cell_step, rnn_forward

ONE = np.ones((1, 1))
close_to_one = st.integers(1, 2**20).map(lambda k: 1 - k * 2.0**-53) | st.floats(0.9, 1, exclude_max=True)


def slope_of(h):
    return (1 - Fraction(h)) * (1 + Fraction(h))


def assert_close(actual, expected, roundings):
    assert abs(Fraction(float(actual)) - expected) <= roundings * Fraction(U) * abs(expected)


@given(close_to_one, st.sampled_from([1, -1]), st.floats(0.1, 10))
def test_slopes_of_saturated_units_keep_their_digits(h, sign, upstream):
    """Three roundings of the slope, one of the product; 1 − h² would lose half the digits where h is close to ±1."""
    h_t, dh_t, nothing = np.array([sign * h]), np.array([upstream]), np.zeros(1)
    expected = Fraction(upstream) * slope_of(h)
    assert_close(rnn_cell_backward(dh_t, h_t, nothing, nothing, ONE, ONE, nothing).b_h[0], expected, 4)
    assert_close(rnn_backward([dh_t], [h_t], ONE, nothing, ONE, ONE, nothing).b_h[0], expected, 4)


@given(close_to_one, close_to_one)
def test_slopes_multiply_through_time_and_keep_their_digits(h_1, h_2):
    nothing = np.zeros(1)
    states, upstream = [np.array([h_1]), np.array([h_2])], [nothing, np.ones(1)]
    grads = rnn_backward(upstream, states, np.ones((2, 1)), nothing, ONE, ONE, nothing)
    assert_close(grads.h0[0], slope_of(h_1) * slope_of(h_2), 8)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_huge_inputs_saturate_exactly_and_send_nothing_back(dtype):
    net = network(dtype=dtype)
    with np.errstate(all="raise", under="ignore"):
        X_seq = net.X_seq * np.array(1e6, dtype)
        states = rnn_forward(X_seq, *net[1:5])
        assert (np.abs(states) == 1).all()
        grads = rnn_backward(states, states, X_seq, *net[1:5])
        assert not any(gradient.any() for gradient in grads)
        assert (np.abs(rnn_cell_step(X_seq[0], *net[1:5])) == 1).all()


def test_infinite_inputs_saturate():
    net = network(B=None)
    net.X_seq[1, 0] = np.inf
    state = rnn_forward(*net.recurrent)[1]
    np.testing.assert_array_equal(state, np.sign(net.W_xh[:, 0]))


def test_logits_of_any_size_give_finite_gradients():
    net = network()
    with np.errstate(all="raise", under="ignore"):
        loss, grads, _ = rnn_bptt(net.X_seq, np.zeros((5, 3), int), *net[1:5], 1e4 * net.W_hy, net.b_y)
    assert np.isfinite(loss)
    assert all(np.isfinite(gradient).all() for gradient in grads)


def test_states_stay_within_one_however_large_the_weights():
    net = network(T=50)
    states = np.stack(rnn_forward(net.X_seq, net.h0, net.W_xh, 100 * net.W_hh, net.b_h))
    assert (np.abs(states) <= 1).all()
