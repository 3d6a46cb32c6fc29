"""The unrolled network: the cell folded over time, which can be cut anywhere, and a batch is its rows."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import assert_within, batches, network, networks, run_rounding, step_rounding

from rnn_ref import rnn_cell_step, rnn_forward


@given(networks)
def test_is_the_cell_folded_over_time(net):
    h_t = net.h0
    for x_t, state in zip(net.X_seq, rnn_forward(*net.recurrent), strict=True):
        assert_within(state, rnn_cell_step(x_t, h_t, *net.weights), step_rounding(net))
        h_t = state  # its own, so that nothing but one step can differ


@given(networks, st.data())
def test_can_be_cut_anywhere_if_the_state_is_carried(net, data):
    cut = data.draw(st.integers(0, len(net.X_seq)))
    first = rnn_forward(net.X_seq[:cut], *net[1:5]) if cut else []
    carried = first[-1] if first else net.h0
    rest = rnn_forward(net.X_seq[cut:], carried, *net.weights) if cut < len(net.X_seq) else []
    assert_within(np.stack([*first, *rest]), np.stack(rnn_forward(*net.recurrent)), run_rounding(net))


@given(batches)
def test_a_batch_is_its_rows(net):
    together = np.stack(rnn_forward(*net.recurrent))
    for b in range(len(net.h0)):
        alone = rnn_forward(net.X_seq[:, b], net.h0[b], *net.weights)
        assert_within(together[:, b], np.stack(alone), run_rounding(net))


@given(batches)
def test_a_cell_of_a_batch_is_its_rows(net):
    together = rnn_cell_step(net.X_seq[0], net.h0, *net.weights)
    for b, state in enumerate(together):
        assert_within(state, rnn_cell_step(net.X_seq[0, b], net.h0[b], *net.weights), step_rounding(net))


def test_one_step_is_the_cell():
    net = network(T=1)
    (state,) = rnn_forward(*net.recurrent)
    assert_within(state, rnn_cell_step(net.X_seq[0], net.h0, *net.weights), step_rounding(net))


def test_the_cell_is_the_equation():
    """By hand: tanh(0.5·1 − 0.25·2 + 0.75·(−0.5) + 0.125·4 + 0.375) = tanh(0.5), and the second unit is 0."""
    W_xh, W_hh = np.array([[0.5, -0.25], [0, 1]]), np.array([[0.75, 0.125], [4, 0]])
    h_t = rnn_cell_step(np.array([1.0, 2.0]), np.array([-0.5, 4.0]), W_xh, W_hh, np.array([0.375, 0]))
    assert_within(h_t, np.array([0.46211715726000975850, 0.0]), 2.0**-53)


def test_a_step_knows_nothing_of_later_inputs_nor_of_other_rows():
    net = network(T=5, B=3)
    states = np.stack(rnn_forward(*net.recurrent))
    net.X_seq[2, 1] = np.nan  # nothing it reaches can hide
    reached = np.isnan(rnn_forward(*net.recurrent))
    assert reached[2:, 1].all()
    assert reached.sum() == reached[2:, 1].size
    assert np.isfinite(states).all()


def test_the_states_are_a_list_of_T_without_h0():
    net = network(T=5)
    states = rnn_forward(*net.recurrent)
    assert type(states) is list
    assert [state.shape for state in states] == [(3, 6)] * 5


def test_the_states_do_not_alias_one_another():
    states = rnn_forward(*network(T=4).recurrent)
    before = np.stack(states)
    for t, state in enumerate(states):
        state[...] = 9
        np.testing.assert_array_equal(np.stack(states)[t + 1 :], before[t + 1 :])


def test_a_run_can_continue_from_its_own_last_state():
    net = network()
    states = rnn_forward(*net.recurrent)
    last = states[-1].copy()
    rnn_forward(net.X_seq, states[-1], *net.weights)
    np.testing.assert_array_equal(states[-1], last)


@given(networks)
def test_views_in_any_memory_order_give_the_same_states(net):
    scattered = [np.asfortranarray(np.repeat(array, 2, axis=-1))[..., ::2] for array in net.recurrent]
    assert_within(np.stack(rnn_forward(*scattered)), np.stack(rnn_forward(*net.recurrent)), run_rounding(net))
