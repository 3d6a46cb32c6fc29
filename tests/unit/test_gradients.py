"""Every gradient of the cell, the sequence and the output layer is the derivative, entry by entry."""

import numpy as np
import pytest
from unit_complex import forward
from unit_problems import assert_gradients, gradient_roundings, magnitudes, network, normal_like

from rnn_ref import (
    rnn_backward,
    rnn_cell_backward,
    rnn_cell_step,
    rnn_forward,
    rnn_output_backward,
    rnn_output_layer,
)
from rnn_ref.gradcheck import check_gradients, complex_step_gradients

BATCHES = pytest.mark.parametrize("B", [None, 1, 3])
SIZES = pytest.mark.parametrize(
    "sizes",
    [{}, {"T": 1}, {"D": 1}, {"H": 1}, {"V": 1}, {"T": 3, "D": 3, "H": 3, "V": 3}],
    ids=["all axes different", "one step", "one input", "one unit", "one class", "all axes equal"],
)


def assert_derivatives(net, f, backward, inputs, *, output=None):
    """Compare ``backward(upstream[, output], *inputs)`` with complex-step derivatives of ``f(*inputs)``."""
    upstream = normal_like(f(*inputs))
    given = [upstream, *([] if output is None else [output]), *inputs]
    expected = complex_step_gradients(f, inputs, upstream)
    assert_gradients(backward(*given), expected, magnitudes(backward, *given), gradient_roundings(net))


@BATCHES
@SIZES
def test_cell_gradients_are_derivatives(B, sizes):
    net = network(B=B, **sizes)
    inputs = [net.X_seq[0], net.h0, *net.weights]
    assert_derivatives(net, rnn_cell_step, rnn_cell_backward, inputs, output=rnn_cell_step(*inputs))


@BATCHES
@SIZES
def test_sequence_gradients_are_derivatives(B, sizes):
    net = network(B=B, **sizes)
    assert_derivatives(net, forward, rnn_backward, net.recurrent, output=forward(*net.recurrent))


@BATCHES
@SIZES
def test_output_gradients_are_derivatives(B, sizes):
    net = network(B=B, **sizes)
    assert_derivatives(net, rnn_output_layer, rnn_output_backward, [forward(*net.recurrent), net.W_hy, net.b_y])


@BATCHES
@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_a_long_sequence_are_derivatives_along_random_directions(B, seed):
    """40 steps, 20 units: too many entries to take one by one; the tolerance is explained in gradcheck.py."""
    net = network(T=40, B=B, D=11, H=20, seed=seed)
    states = rnn_forward(*net.recurrent)

    def gradients(upstream):
        return rnn_backward(upstream, states, *net.recurrent)

    check_gradients(forward, gradients, net.recurrent, np.random.default_rng(seed), names=net._fields[:5])


@BATCHES
@pytest.mark.parametrize("seed", range(3))
def test_gradients_of_a_wide_cell_are_derivatives_along_random_directions(B, seed):
    net = network(B=B, D=31, H=40, seed=seed)
    inputs = [net.X_seq[0], net.h0, *net.weights]
    h_t = rnn_cell_step(*inputs)
    rng = np.random.default_rng(seed)
    check_gradients(rnn_cell_step, lambda upstream: rnn_cell_backward(upstream, h_t, *inputs), inputs, rng)


def test_gradients_are_named_like_the_inputs_and_stand_in_their_order():
    net = network()
    inputs = [net.X_seq[0], net.h0, *net.weights]
    h_t = rnn_cell_step(*inputs)
    assert rnn_cell_backward(h_t, h_t, *inputs)._fields == ("x_t", "h_prev", "W_xh", "W_hh", "b_h")
    states = forward(*net.recurrent)
    assert rnn_backward(states, states, *net.recurrent)._fields == net._fields[:5]
    logits = rnn_output_layer(states, net.W_hy, net.b_y)
    assert rnn_output_backward(logits, states, net.W_hy, net.b_y)._fields == ("h_states", "W_hy", "b_y")
