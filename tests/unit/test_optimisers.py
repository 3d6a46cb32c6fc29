"""Each optimiser against steps worked out by hand: a constant gradient has a closed form."""

import numpy as np
import pytest
from unit_problems import U

from rnn_ref import SGD, Adagrad, Adam

START = np.array([1.5, -2.0, 0.25])
GRADIENT = np.array([0.5, -3.0, 1e-3])
STEPS = 7


def moved(optimiser, *gradients, start=START):
    """Return how far the parameter has moved after a step along each of the gradients."""
    params, state = {"W": start}, optimiser.init({"W": start})
    for gradient in gradients:
        params, state = optimiser.step(params, {"W": gradient}, state)
    return params["W"] - start


def assert_moved(optimiser, expected, *gradients, start=START):
    """Compare up to 20 roundings for every step, relative to the terms: the parameter and what it moved by."""
    allowed = 20 * max(len(gradients), 1) * U * (np.abs(start) + np.abs(expected))
    assert (np.abs(moved(optimiser, *gradients, start=start) - expected) <= allowed).all()


def test_sgd_moves_by_lr_times_the_gradient():
    assert_moved(SGD(lr=0.1), -0.1 * STEPS * GRADIENT, *[GRADIENT] * STEPS)


def test_sgd_momentum_is_a_geometric_sum():
    velocities = [(1 - 0.9**k) / (1 - 0.9) for k in range(1, STEPS + 1)]
    assert_moved(SGD(lr=0.1, momentum=0.9), -0.1 * sum(velocities) * GRADIENT, *[GRADIENT] * STEPS)


def test_sgd_dampens_all_but_the_first_gradient():
    """v_1 = g, v_2 = μ g + (1 − d) g."""
    optimiser = SGD(lr=0.1, momentum=0.9, dampening=0.25)
    assert_moved(optimiser, -0.1 * GRADIENT, GRADIENT)
    assert_moved(optimiser, -0.1 * (1 + 0.9 + 0.75) * GRADIENT, GRADIENT, GRADIENT)


def test_nesterov_looks_ahead():
    """p ← p − lr (g + μ v): 1 + μ, then 1 + μ (1 + μ)."""
    optimiser = SGD(lr=0.1, momentum=0.5, nesterov=True)
    assert_moved(optimiser, -0.1 * 1.5 * GRADIENT, GRADIENT)
    assert_moved(optimiser, -0.1 * (1.5 + 1.75) * GRADIENT, GRADIENT, GRADIENT)


def test_sgd_weight_decay_shrinks_geometrically():
    expected = ((1 - 0.1 * 0.5) ** STEPS - 1) * START
    assert_moved(SGD(lr=0.1, weight_decay=0.5), expected, *[0 * START] * STEPS)


@pytest.mark.parametrize(("lr_decay", "initial"), [(0.0, 0.0), (0.5, 0.0), (0.0, 0.75), (0.5, 0.75)])
def test_adagrad_divides_by_all_it_has_seen(lr_decay, initial):
    rates = [0.1 / (1 + k * lr_decay) / np.sqrt(initial + (k + 1) * GRADIENT**2) for k in range(STEPS)]
    optimiser = Adagrad(lr=0.1, lr_decay=lr_decay, initial_accumulator_value=initial, eps=0)
    assert_moved(optimiser, -sum(rates) * GRADIENT, *[GRADIENT] * STEPS)


def test_adagrad_adds_eps_to_the_root():
    """With eps = |g| the first step is half of lr."""
    assert_moved(Adagrad(lr=0.1, eps=3.0), np.array([0.05]), np.array([-3.0]), start=np.array([1.0]))


def test_adagrad_weight_decay_is_a_gradient():
    assert_moved(Adagrad(lr=0.1, weight_decay=0.5, eps=0), -0.1 * np.sign(START), 0 * START)


@pytest.mark.parametrize("amsgrad", [False, True])
def test_adam_moves_by_lr_whatever_the_size_of_a_constant_gradient(amsgrad):
    """m̂ = g and v̂ = g² at every step."""
    assert_moved(Adam(lr=0.1, eps=0, amsgrad=amsgrad), -0.1 * STEPS * np.sign(GRADIENT), *[GRADIENT] * STEPS)


def test_adam_adds_eps_to_the_root():
    """With eps = |g| every step is half of lr."""
    assert_moved(Adam(lr=0.1, eps=3.0), np.array([0.2]), *[np.array([-3.0])] * 4, start=np.array([1.0]))


@pytest.mark.parametrize(("amsgrad", "v"), [(False, 0.75 * 0.25), (True, 0.25)])
def test_adam_forgets_a_gradient_and_amsgrad_remembers_its_size(amsgrad, v):
    """g, then 0: m₂ = β₁ (1 − β₁) g and v₂ = β₂ (1 − β₂) g², of which amsgrad keeps the larger v₁ = (1 − β₂) g²."""
    optimiser = Adam(lr=0.1, betas=(0.5, 0.75), eps=0, amsgrad=amsgrad)
    second = (0.5 * 0.5 / (1 - 0.5**2)) / np.sqrt(v / (1 - 0.75**2))
    assert_moved(optimiser, -0.1 * (1 + second) * np.sign(GRADIENT), GRADIENT, 0 * GRADIENT)


def test_adam_weight_decay_is_a_gradient_too():
    """Not decoupled: that would be AdamW, which shrinks weights in proportion."""
    assert_moved(Adam(lr=0.1, weight_decay=0.5, eps=0), -0.1 * np.sign(START), 0 * START)


@pytest.mark.parametrize("optimiser", [SGD(lr=0.0), Adagrad(lr=0.0), Adam(lr=0.0)], ids=lambda o: type(o).__name__)
def test_a_rate_of_zero_moves_nothing(optimiser):
    assert_moved(optimiser, 0 * START, GRADIENT, GRADIENT)


def test_the_defaults_are_pytorchs():
    assert SGD() == SGD(lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False)
    assert Adagrad() == Adagrad(lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10)
    assert Adam() == Adam(lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False)


@pytest.mark.parametrize("optimiser", [SGD(), SGD(momentum=0.9), Adagrad(), Adam()], ids=repr)
def test_steps_are_counted_for_each_parameter(optimiser):
    params, state = {"W": START}, optimiser.init({"W": START})
    for count in range(STEPS):
        assert state["W"]["step"] == count
        params, state = optimiser.step(params, {"W": GRADIENT}, state)
