"""What one reads where names, pairs and kinds of numbers are not what they should be."""

import numpy as np
import pytest
from unit_calls import calls
from unit_messages import refuses

from rnn_ref import SGD, Adam, clip_grad_norm, cross_entropy, cross_entropy_backward

MAPPING = "is of type list, expected a dict of arrays by name (of rnn_bptt's gradients: grads.parameters)"


def test_lists_of_parameters_are_told_that_arrays_go_by_name():
    with refuses(TypeError, f"SGD.init: params {MAPPING}"):
        SGD().init([np.ones(3)])
    with refuses(TypeError, f"clip_grad_norm: grads {MAPPING}"):
        clip_grad_norm([np.ones(3)], 1.0)


@pytest.mark.parametrize("betas", [0.9, (0.9,), (0.9, 0.99, 0.999), (0.9, 1.0)], ids=repr)
def test_betas_are_two_numbers(betas):
    with refuses(ValueError, f"Adam: betas is {betas}, expected two numbers from 0 to below 1"):
        Adam(betas=betas)


def test_smoothing_is_a_number():
    with refuses(ValueError, "cross_entropy: label_smoothing is 'a', expected a number from 0 to 1"):
        calls()["cross_entropy"](label_smoothing="a")


def test_complex_gradients_of_real_logits_are_told():
    with refuses(
        TypeError, "rnn_sequence_loss_backward: loss_backward returned complex numbers at t=0, expected real ones"
    ):
        calls()["rnn_sequence_loss_backward"](loss_backward=lambda _, z, y: z * 1j)


def test_a_scalar_parameter_stays_an_array():
    params = {"g": np.array(1.0)}
    for optimiser in (SGD(), Adam()):
        state = optimiser.init(params)
        for _ in range(2):
            params, state = optimiser.step(params, params, state)
        assert isinstance(params["g"], np.ndarray)


def test_a_row_of_weight_zero_moves_nothing_whatever_its_logits():
    logits, weight = np.array([[np.nan, 0.0], [1.0, 2.0]]), np.array([0.0, 1.0])
    assert np.isfinite(cross_entropy(logits, [0, 1], weight=weight))
    np.testing.assert_array_equal(cross_entropy_backward(1.0, logits, [0, 1], weight=weight)[0], [0, 0])
