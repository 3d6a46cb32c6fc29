"""Backpropagation through time: the cell's way back folded over time, which can be cut anywhere as well."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import (
    assert_gradients,
    batches,
    gradient_roundings,
    magnitudes,
    network,
    networks,
    normal_like,
)

from rnn_ref import rnn_backward, rnn_cell_backward, rnn_forward, rnn_output_backward, rnn_output_layer
from rnn_ref._shapes import row_blocks
from rnn_ref.sequence import SequenceGradients


def run(net):
    """Return the states of a network, and an upstream gradient for them."""
    states = np.stack(rnn_forward(*net.recurrent))
    return normal_like(states), states


def assert_same_gradients(net, upstream, states, expected):
    actual = rnn_backward(upstream, states, *net.recurrent)
    terms = magnitudes(rnn_backward, upstream, states, *net.recurrent)
    assert_gradients(actual, expected, terms, gradient_roundings(net))


def folded(net, upstream, states):
    """Return the gradients by the cell's way back, one step after another."""
    dh, steps = np.zeros_like(net.h0), []
    for t in reversed(range(len(states))):
        h_prev = states[t - 1] if t else net.h0
        steps.append(rnn_cell_backward(upstream[t] + dh, states[t], net.X_seq[t], h_prev, *net.weights))
        dh = steps[-1].h_prev
    weights = {name: sum(getattr(step, name) for step in steps) for name in ("W_xh", "W_hh", "b_h")}
    dX_seq = np.stack([step.x_t for step in reversed(steps)])
    return SequenceGradients(dX_seq, dh, **weights)


@given(networks)
def test_is_the_cells_backward_folded_over_time(net):
    upstream, states = run(net)
    assert_same_gradients(net, upstream, states, folded(net, upstream, states))


@pytest.mark.parametrize("B", [None, 3])
def test_so_it_is_over_more_steps_than_fit_a_block(B):
    net = network(T=1500, B=B, D=2, H=30)
    net = net._replace(W_hh=net.W_hh / 8)  # or Σ|terms| would grow from step to step
    upstream, states = run(net)
    assert len(row_blocks(states)) > 1
    assert_same_gradients(net, upstream, states, folded(net, upstream, states))


@given(networks, st.data())
def test_can_be_cut_anywhere_if_the_gradient_is_carried(net, data):
    upstream, states = run(net)
    cut = data.draw(st.integers(0, len(states) - 1))
    carried = states[cut - 1] if cut else net.h0
    late = rnn_backward(upstream[cut:], states[cut:], net.X_seq[cut:], carried, *net.weights)
    expected = late
    if cut:
        upstream_early = upstream[:cut].copy()
        upstream_early[-1] += late.h0
        early = rnn_backward(upstream_early, states[:cut], net.X_seq[:cut], net.h0, *net.weights)
        weights = (e + v for e, v in zip(early[2:], late[2:], strict=True))
        expected = SequenceGradients(np.concatenate([early.X_seq, late.X_seq]), early.h0, *weights)
    assert_same_gradients(net, upstream, states, expected)


@given(batches)
def test_a_batch_adds_up_its_rows(net):
    upstream, states = run(net)
    rows = [
        rnn_backward(upstream[:, b], states[:, b], net.X_seq[:, b], net.h0[b], *net.weights) for b in range(len(net.h0))
    ]
    dX_seq, dh0 = np.stack([row.X_seq for row in rows], 1), np.stack([row.h0 for row in rows])
    weights = (sum(each) for each in zip(*(row[2:] for row in rows), strict=True))
    assert_same_gradients(net, upstream, states, SequenceGradients(dX_seq, dh0, *weights))


def test_lists_tuples_and_arrays_of_states_are_the_same_to_the_bit():
    net = network()
    upstream, states = run(net)
    expected = rnn_backward(upstream, states, *net.recurrent)
    for form in (list, tuple):
        for gradient, same in zip(rnn_backward(form(upstream), form(states), *net.recurrent), expected, strict=True):
            np.testing.assert_array_equal(gradient, same, strict=True)


def test_the_output_layer_takes_lists_tuples_and_arrays():
    net = network()
    _, states = run(net)
    logits = rnn_output_layer(states, net.W_hy, net.b_y)
    expected = rnn_output_backward(normal_like(logits), states, net.W_hy, net.b_y)
    for form in (list, tuple):
        np.testing.assert_array_equal(rnn_output_layer(form(states), net.W_hy, net.b_y), logits, strict=True)
        actual = rnn_output_backward(normal_like(logits), form(states), net.W_hy, net.b_y)
        np.testing.assert_array_equal(actual.h_states, expected.h_states, strict=True)
        np.testing.assert_array_equal(actual.W_hy, expected.W_hy, strict=True)


@given(networks)
def test_views_in_any_memory_order_give_the_same_gradients(net):
    upstream, states = run(net)
    arguments = (upstream, states, *net.recurrent)
    scattered = [np.asfortranarray(np.repeat(array, 2, axis=-1))[..., ::2] for array in arguments]
    assert_same_gradients(net, upstream, states, rnn_backward(*scattered))
