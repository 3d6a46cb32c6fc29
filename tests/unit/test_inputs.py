"""What is passed in stays as it was, and what comes back is the caller's own."""

import numpy as np
import pytest
from unit_calls import NAMES, arrays, calls, leaves
from unit_problems import network

from rnn_ref import rnn_backward, rnn_forward, rnn_output_backward, rnn_output_layer

FUNCTIONS = pytest.mark.parametrize("name", NAMES)
BATCHES = pytest.mark.parametrize("B", [None, 3])


def freeze(value):
    for array in arrays(value):
        array.flags.writeable = False


@FUNCTIONS
@BATCHES
@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_read_only_arrays_pass_through(name, B, dtype):
    call = calls(dtype, B)[name]
    freeze(call.arguments)
    call()


@FUNCTIONS
@BATCHES
def test_inputs_are_the_same_afterwards(name, B):
    call = calls(B=B)[name]
    before = [array.tobytes() for array in arrays(call.arguments)]
    call()
    assert [array.tobytes() for array in arrays(call.arguments)] == before


@FUNCTIONS
@BATCHES
def test_results_share_no_memory_with_the_inputs(name, B):
    call = calls(B=B)[name]
    for result in arrays(call()):
        assert not any(np.shares_memory(result, given) for given in arrays(call.arguments))


@FUNCTIONS
@BATCHES
def test_results_share_no_memory_with_one_another(name, B):
    results = arrays(calls(B=B)[name]())
    for i, one in enumerate(results):
        assert not any(np.shares_memory(one, other) for other in results[:i])


@FUNCTIONS
def test_results_are_writable(name):
    assert all(result.flags.writeable for result in arrays(calls()[name]()))


@FUNCTIONS
def test_called_twice_gives_the_same_bits(name):
    call = calls()[name]
    first, second = leaves(call()), leaves(call())
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def test_lists_of_states_are_left_alone():
    net = network()
    states = rnn_forward(*net.recurrent)
    upstream = [np.cos(state) for state in states]
    freeze([states, upstream])
    given = list(states), list(upstream)
    logits = rnn_output_layer(states, net.W_hy, net.b_y)
    gradients = [rnn_backward(upstream, states, *net.recurrent), rnn_output_backward(logits, states, net.W_hy, net.b_y)]
    for result in arrays([logits, gradients]):
        assert not any(np.shares_memory(result, state) for state in states + upstream)
    assert all(
        a is b for kept, seen in zip(given, (states, upstream), strict=True) for a, b in zip(kept, seen, strict=True)
    )


def test_arrays_mapped_from_a_file_are_read(tmp_path):
    X_seq, *rest = network().recurrent
    np.save(tmp_path / "X.npy", X_seq)
    mapped = np.load(tmp_path / "X.npy", mmap_mode="r")
    np.testing.assert_array_equal(rnn_forward(mapped, *rest), rnn_forward(X_seq, *rest))
