"""A training run: nothing is written into, every state can be saved, and the run goes on from it to the bit."""

import io

import numpy as np
import pytest
from unit_optimisers import NET, OPTIMISERS, PARAMS, arrays_of, some_gradients
from unit_problems import targets_of

from rnn_ref import clip_grad_norm, rnn_bptt


def train(optimiser, params, state, steps):
    """Take some steps; return parameters, state and losses."""
    losses = []
    dtype = params["W_hh"].dtype
    for _ in range(steps):
        loss, grads, _ = rnn_bptt(NET.X_seq.astype(dtype), targets_of(NET), NET.h0.astype(dtype), **params)
        clipped, _ = clip_grad_norm(grads.parameters, 5.0)
        params, state = optimiser.step(params, clipped, state)
        losses.append(loss)
    return params, state, losses


def through_a_file(state):
    """Save and load a state as users would: every number and array of it under its own name."""
    file = io.BytesIO()
    np.savez(file, **{f"{name}/{key}": value for name, entry in state.items() for key, value in entry.items()})
    file.seek(0)
    loaded = {name: {} for name in state}
    for path, value in np.load(file).items():  # the number of steps comes back as an array
        name, key = path.split("/")
        loaded[name][key] = value
    return loaded


def frozen(params, state):
    for array in arrays_of(params, state):
        array.flags.writeable = False


@OPTIMISERS
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_restarts_from_a_saved_state_bit_for_bit(optimiser, dtype):
    params = {name: p.astype(dtype) for name, p in PARAMS.items()}
    whole, _, _ = train(optimiser, params, optimiser.init(params), 6)
    half, state, _ = train(optimiser, params, optimiser.init(params), 3)
    resumed, _, _ = train(optimiser, half, through_a_file(state), 3)
    for name in PARAMS:
        np.testing.assert_array_equal(resumed[name], whole[name], strict=True)


@OPTIMISERS
def test_the_loss_falls(optimiser):
    _, _, losses = train(optimiser, PARAMS, optimiser.init(PARAMS), 30)
    assert losses[-1] < losses[0] / 2


@OPTIMISERS
def test_steps_write_into_nothing_and_share_no_memory(optimiser):
    params, state, grads = {n: p.copy() for n, p in PARAMS.items()}, optimiser.init(PARAMS), some_gradients()
    for _ in range(3):
        frozen(params, state)
        frozen(grads, {})
        before = {name: dict(entry) for name, entry in state.items()}
        new_params, new_state = optimiser.step(params, grads, state)
        assert all(state[name][key] is value for name, entry in before.items() for key, value in entry.items())
        for new in arrays_of(new_params, new_state):
            assert not any(np.shares_memory(new, old) for old in [*arrays_of(params, state), *grads.values()])
        params, state = new_params, new_state


@OPTIMISERS
def test_other_gradients_are_ignored_and_the_order_of_names_does_not_matter(optimiser):
    grads = dict(reversed(some_gradients().items())) | {"h0": NET.h0}
    some, _ = optimiser.step(PARAMS, grads, optimiser.init(PARAMS))
    same, _ = optimiser.step(PARAMS, some_gradients(), optimiser.init(PARAMS))
    assert list(some) == list(PARAMS)
    assert all((some[name] == same[name]).all() for name in PARAMS)


@OPTIMISERS
def test_settings_are_frozen(optimiser):
    with pytest.raises(AttributeError):
        optimiser.lr = 1.0
