"""Every function refuses every spoilt array, and names itself and that array: the four-fact errors, by the table.

How the facts are worded is guarded in test_messages_sizes.py, test_messages_types.py and their like.
"""

import re

import numpy as np
import pytest
from unit_calls import NAMES, calls, data_arguments

ARRAYS = [(name, argument) for name in NAMES for argument in data_arguments(calls()[name])]
AXES = [(*case, axis) for case in ARRAYS for axis in range(calls()[case[0]].arguments[case[1]].ndim)]
FREE = {  # what any size fits: nobody else has that axis
    ("rnn_forward", "X_seq", 0),
    ("gru_forward", "X_seq", 0),
    ("gru_forward before", "X_seq", 0),
    ("rnn_output_layer", "h_states", 0),
    ("rnn_output_layer", "h_states", 1),
    ("rnn_sequence_loss", "logits_seq", 2),
    ("rnn_sequence_loss_backward", "logits_seq", 2),
}


def label(value):
    return str(value)


def refused(name, error, argument, value):
    """Spoil one argument and return the message; it begins with the function and names the argument."""
    with pytest.raises(error) as caught:
        calls()[name](**{argument: value})
    message = str(caught.value)
    assert message.startswith(f"{name.split()[0]}: ")
    assert re.search(rf"\b{argument}\b", message)
    assert "expected" in message
    return message


def type_error_of(argument):
    return ValueError if argument == "dloss" else TypeError  # an array upstream: shape and dtype told together


@pytest.mark.parametrize(
    ("name", "argument"),
    [case for case in ARRAYS if case[1] not in {"h_states", "dh_states", "targets", "dloss"}],
    ids=label,
)
def test_lists_are_refused(name, argument):
    message = refused(name, TypeError, argument, [1.0])
    assert f"{argument} is of type list, expected numpy.ndarray; np.asarray({argument}) converts" in message


@pytest.mark.parametrize("dtype", ["int64", "bool", "float16", "longdouble", "complex64", "object"])
@pytest.mark.parametrize(("name", "argument"), ARRAYS, ids=label)
def test_other_dtypes_are_refused(name, argument, dtype):
    array = calls()[name].arguments[argument].astype(dtype)
    error = ValueError if (argument, dtype) == ("targets", "int64") else type_error_of(argument)
    message = refused(name, error, argument, array)
    assert f"{argument} has " in message
    assert error is ValueError or f"dtype {array.dtype}, expected" in message


@pytest.mark.parametrize("dtype", ["float32", "complex128"])
@pytest.mark.parametrize(
    ("name", "argument"), [case for case in ARRAYS if not case[0].startswith("rnn_sequence_loss")], ids=label
)
def test_mixed_dtypes_are_refused(name, argument, dtype):
    refused(name, type_error_of(argument), argument, calls()[name].arguments[argument].astype(dtype))


@pytest.mark.parametrize(("name", "argument"), ARRAYS, ids=label)
def test_an_axis_too_many_is_refused(name, argument):
    refused(name, ValueError, argument, calls()[name].arguments[argument][None])


@pytest.mark.parametrize(
    ("name", "argument"), [case for case in ARRAYS if case != ("rnn_output_layer", "h_states")], ids=label
)
def test_an_axis_too_few_is_refused(name, argument):
    refused(name, ValueError, argument, np.asarray(calls()[name].arguments[argument][0]))


@pytest.mark.parametrize(("name", "argument", "axis"), [case for case in AXES if case not in FREE], ids=label)
def test_an_axis_of_another_size_is_refused_and_one_of_size_one_is_not_broadcast(name, argument, axis):
    array = calls()[name].arguments[argument]
    for keep in (range(array.shape[axis] - 1), [0]):
        refused(name, ValueError, argument, array.take(keep, axis))


@pytest.mark.parametrize(("name", "argument", "axis"), sorted(FREE), ids=label)
def test_an_axis_that_nobody_else_has_may_have_any_size(name, argument, axis):
    call = calls()[name]
    targets = {"targets_seq": np.zeros((5, 3), int)} if "targets_seq" in call.arguments else {}
    for keep in (range(2), [0]):
        call(**{argument: call.arguments[argument].take(keep, axis)}, **targets)


@pytest.mark.parametrize(("name", "argument", "axis"), AXES, ids=label)
def test_an_empty_axis_is_refused(name, argument, axis):
    refused(name, ValueError, argument, calls()[name].arguments[argument].take([], axis))
