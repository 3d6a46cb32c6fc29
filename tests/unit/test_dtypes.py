"""dtype in = dtype out, to the last array and number."""

import numpy as np
import pytest
from unit_calls import NAMES, calls, leaves
from unit_problems import network, targets_of

from rnn_ref import cross_entropy, rnn_backward, rnn_bptt, rnn_cell_backward, rnn_output_backward, rnn_sequence_loss

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
FUNCTIONS = pytest.mark.parametrize("name", NAMES)


@FUNCTIONS
@DTYPES
@pytest.mark.parametrize("B", [None, 3])
def test_every_result_has_the_dtype_of_the_arguments(name, dtype, B):
    call = calls(dtype, B)[name]
    results = [result for result in leaves(call()) if type(result) is not float]  # clip_grad_norm's norm is a float
    assert results
    assert {result.dtype for result in results} == {np.dtype(dtype)}


@pytest.mark.parametrize("name", ["cross_entropy", "cross_entropy sum", "cross_entropy shares", "rnn_sequence_loss"])
@DTYPES
def test_losses_are_numpy_scalars(name, dtype):
    assert type(calls(dtype)[name]()) is np.dtype(dtype).type


@DTYPES
def test_the_loss_of_bptt_is_a_numpy_scalar(dtype):
    assert type(calls(dtype)["rnn_bptt"]()[0]) is np.dtype(dtype).type


@DTYPES
def test_the_loss_of_one_prediction_is_a_numpy_scalar_also_without_reduction(dtype):
    assert type(cross_entropy(np.ones(3, dtype), 1, reduction="none")) is np.dtype(dtype).type


@pytest.mark.parametrize("loss", [1, 1.0, np.float64(1), np.float32(1), np.array(1.0)], ids=repr)
@DTYPES
def test_the_sequence_loss_has_the_logits_dtype_whatever_the_step_loss_has(loss, dtype):
    total = rnn_sequence_loss(np.ones((4, 3), dtype), [0, 1, 2, 0], lambda *_: loss)
    assert (type(total), total) == (np.dtype(dtype).type, 4)


@DTYPES
@pytest.mark.parametrize("dloss", [1, 1.0, np.float64(1), np.float32(1), np.array(1.0)], ids=repr)
def test_upstream_numbers_of_any_kind_leave_the_dtype(dtype, dloss):
    for name in ("cross_entropy_backward", "rnn_sequence_loss_backward"):
        assert calls(dtype)[name](dloss=dloss).dtype == dtype


@pytest.mark.parametrize("kind", ["int8", "uint8", "int32", "uint64", "intp"])
def test_targets_may_be_any_integers(kind):
    net = network()
    targets = targets_of(net)
    assert rnn_bptt(net.X_seq, targets.astype(kind), *net[1:])[0] == rnn_bptt(net.X_seq, targets, *net[1:])[0]


def test_targets_may_be_lists_and_python_numbers():
    logits = np.array([[0.5, 1.0], [2.0, 3.0]])
    assert cross_entropy(logits, [0, 1]) == cross_entropy(logits, np.array([0, 1]))
    assert cross_entropy(logits[0], 1) == cross_entropy(logits[0], np.int8(1)) == cross_entropy(logits[:1], (1,))


def test_float32_bias_gradients_are_summed_in_float64():
    """A hundred thousand ones on top of 2²⁴: in float32 each is lost, one after another."""
    upstream = np.ones((100_001, 1), np.float32)
    upstream[0] = 2**24
    zeros, weight, bias = np.zeros_like(upstream), np.ones((1, 1), np.float32), np.zeros(1, np.float32)
    expected = [np.float32(2**24 + 100_000)]
    assert rnn_cell_backward(upstream, zeros, zeros, zeros, weight, weight, bias).b_h == expected
    assert rnn_backward(upstream[None], zeros[None], zeros[None], zeros, weight, weight, bias).b_h == expected
    assert rnn_output_backward(upstream, zeros, weight, bias).b_y == expected
