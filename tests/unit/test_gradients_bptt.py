"""rnn_bptt: the loss is the composed one, its gradients are that loss's derivatives, and chunks add up."""

import numpy as np
import pytest
from hypothesis import given
from unit_complex import bptt_of
from unit_problems import (
    U,
    assert_gradients,
    assert_within,
    batches,
    gradient_roundings,
    magnitudes,
    network,
    run_rounding,
    targets_of,
)

from rnn_ref import (
    cross_entropy,
    cross_entropy_backward,
    rnn_backward,
    rnn_bptt,
    rnn_forward,
    rnn_output_backward,
    rnn_output_layer,
)
from rnn_ref._shapes import row_blocks
from rnn_ref.gradcheck import check_gradients, complex_step_gradients

BATCHES = pytest.mark.parametrize("B", [None, 1, 3])
REDUCTIONS = pytest.mark.parametrize("reduction", ["sum", "mean"])


def terms(net, dloss=1.0):
    """Return Σ|terms| of every gradient: softmax minus target is 2 at most, and all that follows is linear in it."""
    states = np.stack(rnn_forward(*net.recurrent))
    dlogits = np.full((*net.X_seq.shape[:-1], len(net.b_y)), 2.0 * dloss)
    output = magnitudes(rnn_output_backward, dlogits, states, net.W_hy, net.b_y)
    return [*magnitudes(rnn_backward, output.h_states, states, *net.recurrent), output.W_hy, output.b_y]


def roundings(net):
    """Return the roundings of the recurrence, and those of the logits and of softmax on top."""
    return gradient_roundings(net) + 2 * (net.W_hy.size + 16)


@BATCHES
@REDUCTIONS
@pytest.mark.parametrize("ignored", [0, 2], ids=["all kept", "some ignored"])
def test_gradients_are_derivatives(B, reduction, ignored):
    net = network(B=B)
    targets = targets_of(net)
    targets[:ignored] = -100
    _, grads, _ = rnn_bptt(net.X_seq, targets, *net[1:], reduction=reduction)
    expected = complex_step_gradients(bptt_of(targets, reduction=reduction), net, np.array(1.0))
    share = 1.0 if reduction == "sum" else 1 / (targets >= 0).sum()
    assert_gradients(grads, expected, terms(net, share), roundings(net))


@BATCHES
@REDUCTIONS
def test_gradients_of_a_long_text_are_derivatives_along_random_directions(B, reduction):
    net = network(T=40, B=B, D=11, H=20, V=13)
    targets = targets_of(net)
    _, grads, _ = rnn_bptt(net.X_seq, targets, *net[1:], reduction=reduction)
    f = bptt_of(targets, reduction=reduction)
    check_gradients(f, lambda u: [u * g for g in grads], net, np.random.default_rng(0), names=net._fields)


@BATCHES
@REDUCTIONS
def test_the_loss_is_the_cross_entropy_of_the_output_layer_of_the_states(B, reduction):
    net = network(B=B)
    targets = targets_of(net)
    targets[1] = 4
    loss, _, h_T = rnn_bptt(net.X_seq, targets, *net[1:], reduction=reduction, ignore_index=4)
    states = rnn_forward(*net.recurrent)
    logits = rnn_output_layer(states, net.W_hy, net.b_y)
    expected = cross_entropy(logits, targets, reduction=reduction, ignore_index=4)
    assert_within(loss, expected, 8 * U * expected)
    assert_within(h_T, states[-1], 0)


def test_it_is_so_for_more_predictions_than_fit_a_block():
    net = network(T=40, B=30, V=50)
    targets = targets_of(net)
    targets[::7] = -100
    loss, grads, _ = rnn_bptt(net.X_seq, targets, *net[1:])
    states = np.stack(rnn_forward(*net.recurrent))
    logits = rnn_output_layer(states, net.W_hy, net.b_y)
    assert len(row_blocks(logits.reshape(-1, 50))) > 1
    expected = cross_entropy(logits, targets, reduction="sum")
    assert_within(loss, expected, 8 * U * expected)
    dlogits = cross_entropy_backward(1.0, logits, targets, reduction="sum")
    output = rnn_output_backward(dlogits, states, net.W_hy, net.b_y)
    magnitude = magnitudes(rnn_output_backward, dlogits, states, net.W_hy, net.b_y)
    for name in ("W_hy", "b_y"):
        assert_within(getattr(grads, name), getattr(output, name), targets.size * U * getattr(magnitude, name))


def test_the_sum_is_what_it_returns_unless_asked():
    net = network()
    targets = targets_of(net)
    assert rnn_bptt(net.X_seq, targets, *net[1:])[0] == rnn_bptt(net.X_seq, targets, *net[1:], reduction="sum")[0]


@given(batches)
def test_a_batch_adds_up_its_rows(net):
    targets = targets_of(net)
    loss, grads, h_T = rnn_bptt(net.X_seq, targets, *net[1:])
    rows = [rnn_bptt(net.X_seq[:, b], targets[:, b], net.h0[b], *net[2:]) for b in range(len(net.h0))]
    expected = sum(row[0] for row in rows)
    assert_within(loss, expected, 2 * roundings(net) * U * (1 + np.abs(net.W_hy).sum(1).max()) * targets.size)
    each = list(zip(*(row[1] for row in rows), strict=True))
    data, weights = [np.stack(each[0], 1), np.stack(each[1])], [sum(gradients) for gradients in each[2:]]
    assert_gradients(grads, [*data, *weights], terms(net), roundings(net))
    assert_within(h_T, np.stack([row[2] for row in rows]), run_rounding(net))


def test_the_losses_of_chunks_add_up_if_h_T_is_carried():
    net = network(T=6)
    targets = targets_of(net)
    whole, _, h_T = rnn_bptt(net.X_seq, targets, *net[1:])
    first, _, carried = rnn_bptt(net.X_seq[:2], targets[:2], *net[1:])
    second, _, last = rnn_bptt(net.X_seq[2:], targets[2:], carried, *net[2:])
    error = run_rounding(net)
    assert_within(last, h_T, error)
    # a loss moves by at most twice as much as its largest logit
    assert_within(first + second, whole, targets.size * (2 * error * np.abs(net.W_hy).sum(1).max() + 16 * U * whole))


def test_the_last_state_is_an_array_of_its_own_that_keeps_no_other_state_alive():
    net = network()
    assert rnn_bptt(net.X_seq, targets_of(net), *net[1:])[2].base is None


def test_the_parameters_are_the_gradients_of_what_is_trained():
    net = network()
    _, grads, _ = rnn_bptt(net.X_seq, targets_of(net), *net[1:])
    assert list(grads.parameters) == ["W_xh", "W_hh", "b_h", "W_hy", "b_y"]
    assert all(grads.parameters[name] is getattr(grads, name) for name in grads.parameters)
    assert grads._fields == net._fields
