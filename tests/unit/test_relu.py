"""The network with max(0, ·) in the place of tanh: step, sequence, ways back, everything at once, and its refusals."""

from typing import Any

import numpy as np
import pytest
from unit_problems import network, targets_of

from rnn_ref import rnn_backward, rnn_bptt, rnn_cell_backward, rnn_cell_step, rnn_forward
from rnn_ref.gradcheck import check_gradients

RELU = {"activation": "relu"}
BATCHES = pytest.mark.parametrize("B", [None, 3])


@BATCHES
def test_a_step_cuts_off_what_is_below_zero(B: int | None) -> None:
    net = network(T=4, B=B)
    h_t = rnn_cell_step(net.X_seq[0], net.h0, *net.weights, **RELU)
    W_xh, W_hh, b_h = net.weights
    np.testing.assert_array_equal(h_t, np.maximum(net.X_seq[0] @ W_xh.T + net.h0 @ W_hh.T + b_h, 0))
    assert np.any(h_t == 0)
    assert np.any(h_t > 0)


@BATCHES
def test_the_sequence_is_the_step_folded_over_time(B: int | None) -> None:
    net = network(T=6, B=B)
    h_t = net.h0
    for x_t, found in zip(net.X_seq, rnn_forward(*net.recurrent, **RELU), strict=True):
        h_t = rnn_cell_step(x_t, h_t, *net.weights, **RELU)
        np.testing.assert_allclose(found, h_t, rtol=1e-14, atol=1e-15)


@BATCHES
def test_every_gradient_is_the_complex_steps(B: int | None) -> None:
    net = network(T=6, B=B)
    states = np.stack(rnn_forward(*net.recurrent, **RELU))
    check_gradients(
        lambda *given: np.stack(rnn_forward(*given, **RELU)),
        lambda upstream: rnn_backward(upstream, states, *net.recurrent, **RELU),
        list(net.recurrent),
        np.random.default_rng(0),
    )
    step = [net.X_seq[0], net.h0, *net.weights]
    check_gradients(
        lambda *given: rnn_cell_step(*given, **RELU),
        lambda upstream: rnn_cell_backward(upstream, states[0], *step, **RELU),
        step,
        np.random.default_rng(0),
    )


@BATCHES
def test_everything_at_once_is_the_complex_steps(B: int | None) -> None:
    net = network(T=5, B=B)
    arrays = [*net.recurrent, net.W_hy, net.b_y]
    targets = targets_of(net)

    def loss(X_seq: Any, *rest: Any) -> Any:
        return np.asarray(rnn_bptt(X_seq, targets, *rest, **RELU)[0])

    _, grads, h_T = rnn_bptt(net.X_seq, targets, *arrays[1:], **RELU)
    check_gradients(loss, lambda upstream: [upstream * g for g in grads], arrays, np.random.default_rng(0))
    np.testing.assert_array_equal(h_T, rnn_forward(*net.recurrent, **RELU)[-1])


def test_at_the_kink_the_slope_is_zero() -> None:
    one, zero = np.ones((1, 1)), np.zeros(1)
    assert not rnn_cell_backward(one[0], zero, one[0], zero, one, one, zero, **RELU).x_t.any()


@pytest.mark.parametrize("wrong", ["sigmoid", "", None, np.tanh])
def test_other_activations_are_refused(wrong: Any) -> None:
    net = network(T=4, B=3)
    with pytest.raises(ValueError, match=r"^rnn_forward: activation is .*, expected 'tanh' or 'relu'$"):
        rnn_forward(*net.recurrent, activation=wrong)
