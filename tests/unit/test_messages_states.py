"""Optimisers take no integers, and no state that another optimiser made."""

import numpy as np
import pytest
from unit_messages import refuses

from rnn_ref import SGD, Adagrad, Adam, clip_grad_norm

PARAMS = {"W": np.ones((2, 3))}
INTEGERS = {"W": np.ones((2, 3), np.int64)}
DTYPE = "has dtype int64, expected float32 or float64"


@pytest.mark.parametrize("optimiser", [SGD(), Adagrad(initial_accumulator_value=0.5), Adam()], ids=repr)
def test_integer_parameters_are_refused(optimiser):
    told = f"{type(optimiser).__name__}.init: params['W'] {DTYPE}; params['W'].astype(np.float64) converts"
    with refuses(TypeError, told):
        optimiser.init(INTEGERS)


def test_integer_gradients_are_not_clipped():
    told = f"clip_grad_norm: grads['W'] {DTYPE}; grads['W'].astype(np.float64) converts"
    with refuses(TypeError, told):
        clip_grad_norm(INTEGERS, 1.0)


def test_a_state_of_another_optimiser_is_refused():
    state = Adagrad().init(PARAMS)
    told = "Adam.step: state['W'] has ['step', 'sum'], expected also 'm'; another optimiser or other settings made it"
    with refuses(ValueError, told):
        Adam().step(PARAMS, PARAMS, state)


def test_a_state_of_other_settings_is_refused():
    _, state = SGD().step(PARAMS, PARAMS, SGD().init(PARAMS))
    told = "SGD.step: state['W'] has ['step'], expected also 'momentum'; another optimiser or other settings made it"
    with refuses(ValueError, told):
        SGD(momentum=0.9).step(PARAMS, PARAMS, state)


def test_a_state_of_another_shape_is_refused():
    state = Adam().init({"W": np.ones((4, 2, 3))})
    told = (
        "Adam.step: state['W']['m'] has shape (4, 2, 3) and dtype float64, expected (2, 3) and float64; "
        "from params['W']"
    )
    with refuses(ValueError, told):
        Adam().step(PARAMS, PARAMS, state)
