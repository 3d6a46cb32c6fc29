"""What one reads where an optimiser or the clipping is given what it cannot use."""

import numpy as np
import pytest
from unit_messages import refuses, table

from rnn_ref import SGD, Adagrad, Adam, clip_grad_norm

PARAMS = {"W": np.zeros((2, 3))}
NESTEROV = "expected momentum > 0 and dampening 0"
CLIPPING = "expected max_norm >= 0, norm_type > 0"


def step(optimiser, grads=None, state=None, params=None):
    state = optimiser.init(PARAMS) if state is None else state
    return optimiser.step(params or PARAMS, grads or PARAMS, state)


SETTINGS = {
    "negative rate": (lambda: SGD(lr=-1), "SGD: lr is -1, expected a number >= 0"),
    "rate nan": (lambda: Adam(lr=float("nan")), "Adam: lr is nan, expected a number >= 0"),
    "negative momentum": (lambda: SGD(momentum=-0.9), "SGD: momentum is -0.9, expected a number >= 0"),
    "negative decay": (lambda: SGD(weight_decay=-1), "SGD: weight_decay is -1, expected a number >= 0"),
    "nesterov alone": (
        lambda: SGD(nesterov=True),
        f"SGD: nesterov is True with momentum 0.0 and dampening 0.0, {NESTEROV}",
    ),
    "nesterov dampened": (
        lambda: SGD(nesterov=True, momentum=0.9, dampening=0.1),
        f"SGD: nesterov is True with momentum 0.9 and dampening 0.1, {NESTEROV}",
    ),
    "Adagrad rate": (lambda: Adagrad(lr=-1), "Adagrad: lr is -1, expected a number >= 0"),
    "Adagrad rate decay": (lambda: Adagrad(lr_decay=-1), "Adagrad: lr_decay is -1, expected a number >= 0"),
    "Adagrad decay": (lambda: Adagrad(weight_decay=-1), "Adagrad: weight_decay is -1, expected a number >= 0"),
    "Adagrad start": (
        lambda: Adagrad(initial_accumulator_value=-1),
        "Adagrad: initial_accumulator_value is -1, expected a number >= 0",
    ),
    "Adagrad eps": (lambda: Adagrad(eps=-1), "Adagrad: eps is -1, expected a number >= 0"),
    "Adam eps": (lambda: Adam(eps=-1), "Adam: eps is -1, expected a number >= 0"),
    "Adam decay": (lambda: Adam(weight_decay=-1), "Adam: weight_decay is -1, expected a number >= 0"),
    "beta of one": (
        lambda: Adam(betas=(0.9, 1.0)),
        "Adam: betas is (0.9, 1.0), expected two numbers from 0 to below 1",
    ),
    "negative beta": (
        lambda: Adam(betas=(-0.1, 0.9)),
        "Adam: betas is (-0.1, 0.9), expected two numbers from 0 to below 1",
    ),
}
STEPS = {
    "no gradient": (
        lambda: step(SGD(), {"V": np.zeros(3)}),
        "SGD.step: grads has ['V'], expected 'W'; 'W' is in params",
    ),
    "no state": (lambda: step(Adam(), state={}), "Adam.step: state has [], expected 'W'; 'W' is in params"),
    "gradient in another shape": (
        lambda: step(SGD(), {"W": np.zeros((3, 2))}),
        "SGD.step: grads['W'] has shape (3, 2) and dtype float64, expected (2, 3) and float64; from params['W']",
    ),
    "gradient that would broadcast": (
        lambda: step(Adagrad(), {"W": np.zeros(3)}),
        "Adagrad.step: grads['W'] has shape (3,) and dtype float64, expected (2, 3) and float64; from params['W']",
    ),
    "gradient of another dtype": (
        lambda: step(Adam(), {"W": np.zeros((2, 3), np.float32)}),
        "Adam.step: grads['W'] has shape (2, 3) and dtype float32, expected (2, 3) and float64; from params['W']",
    ),
    "nothing to clip": (
        lambda: clip_grad_norm({}, 1.0),
        "clip_grad_norm: grads is empty, expected at least one gradient",
    ),
    "negative norm": (
        lambda: clip_grad_norm(PARAMS, -1.0),
        f"clip_grad_norm: max_norm is -1.0 and norm_type 2.0, {CLIPPING}",
    ),
    "norm nan": (
        lambda: clip_grad_norm(PARAMS, float("nan")),
        f"clip_grad_norm: max_norm is nan and norm_type 2.0, {CLIPPING}",
    ),
    "norm of order zero": (
        lambda: clip_grad_norm(PARAMS, 1.0, norm_type=0),
        f"clip_grad_norm: max_norm is 1.0 and norm_type 0, {CLIPPING}",
    ),
}
TYPES = {
    "gradient as a list": (
        lambda: step(SGD(), {"W": [1.0]}),
        "SGD.step: grads['W'] is of type list, expected numpy.ndarray; np.asarray(grads['W']) converts",
    ),
    "parameter as a list": (
        lambda: step(SGD(), params={"W": [1.0]}),
        "SGD.step: params['W'] is of type list, expected numpy.ndarray; np.asarray(params['W']) converts",
    ),
    "list to clip": (
        lambda: clip_grad_norm({"W": [1.0]}, 1.0),
        "clip_grad_norm: grads['W'] is of type list, expected numpy.ndarray; np.asarray(grads['W']) converts",
    ),
}


@table(SETTINGS | STEPS)
def test_what_it_cannot_use_is_told(call, message):
    with refuses(ValueError, message):
        call()


@table(TYPES)
def test_what_is_no_array_is_told(call, message):
    with refuses(TypeError, message):
        call()


@pytest.mark.parametrize("optimiser", [SGD, Adagrad, Adam])
def test_settings_at_their_limits_are_taken(optimiser):
    assert optimiser(lr=0, weight_decay=0).lr == 0
    assert Adam(betas=(0, 0), eps=0).betas == (0, 0)
