"""What one reads where something is no array, or of another dtype, and how to convert it."""

import numpy as np
import pytest
from unit_calls import calls
from unit_messages import refuses, spoilt, table
from unit_problems import network

zeros = np.zeros
NET = network()


def converts(function, name, dtype, expected, source=None, to="float64"):
    """Return the message for a wrong dtype."""
    why = f"; {expected} is from {source}" if source else ""
    return f"{function}: {name} has dtype {dtype}, expected {expected}{why}; {name}.astype(np.{to}) converts"


TYPES = {
    "a list": (
        spoilt("rnn_forward", X_seq=[[0.0] * 4] * 5),
        "rnn_forward: X_seq is of type list, expected numpy.ndarray; np.asarray(X_seq) converts",
    ),
    "a matrix, which multiplies in its own way": (
        spoilt("rnn_forward", W_hh=NET.W_hh.view(np.matrix)),
        "rnn_forward: W_hh is of type matrix, expected numpy.ndarray; np.asarray(W_hh) converts",
    ),
    "a masked array": (
        spoilt("cross_entropy", logits=np.ma.masked_invalid(zeros((5, 3, 7)))),
        "cross_entropy: logits is of type MaskedArray, expected numpy.ndarray; np.asarray(logits) converts",
    ),
    "a list as weight": (
        spoilt("cross_entropy", weight=[1.0] * 7),
        "cross_entropy: weight is of type list, expected numpy.ndarray; np.asarray(weight) converts",
    ),
    "a number as h_prev": (
        spoilt("rnn_cell_step", None, h_prev=np.float64(0)),
        "rnn_cell_step: h_prev is of type float64, expected numpy.ndarray",
    ),
    "lists in the list of states": (
        spoilt("rnn_output_layer", None, h_states=[[0.1] * 6]),
        "rnn_output_layer: h_states[0] is of type list, expected numpy.ndarray; np.asarray(h_states[0]) converts",
    ),
}
DTYPES = {
    "integers": (
        spoilt("rnn_forward", X_seq=zeros((5, 3, 4), np.int64)),
        converts("rnn_forward", "X_seq", "int64", "float64", "W_hh"),
    ),
    "integer weights": (
        spoilt("rnn_forward", W_hh=zeros((6, 6), np.int64)),
        converts("rnn_forward", "W_hh", "int64", "float32 or float64"),
    ),
    "booleans": (
        spoilt("rnn_output_layer", h_states=zeros((5, 3, 6), bool)),
        converts("rnn_output_layer", "h_states", "bool", "float64", "W_hy"),
    ),
    "half precision": (
        lambda: calls()["rnn_forward"].function(*network(dtype="float16").recurrent),
        converts("rnn_forward", "W_hh", "float16", "float32 or float64"),
    ),
    "half precision among float32": (
        lambda: calls("float32")["rnn_forward"](X_seq=zeros((5, 3, 4), np.float16)),
        converts("rnn_forward", "X_seq", "float16", "float32", "W_hh", to="float32"),
    ),
    "float32 among float64": (
        spoilt("rnn_cell_step", x_t=zeros((3, 4), np.float32)),
        converts("rnn_cell_step", "x_t", "float32", "float64", "W_hh"),
    ),
    "float64 among float32": (
        lambda: calls("float32")["rnn_backward"](dh_states=zeros((5, 3, 6))),
        converts("rnn_backward", "dh_states", "float64", "float32", "W_hh", to="float32"),
    ),
    "complex among real": (
        spoilt("rnn_output_backward", dlogits_seq=zeros((5, 3, 7), complex)),
        converts("rnn_output_backward", "dlogits_seq", "complex128", "float64", "W_hy"),
    ),
    "integer logits": (
        spoilt("rnn_sequence_loss", logits_seq=zeros((5, 3, 7), np.int64)),
        converts("rnn_sequence_loss", "logits_seq", "int64", "float32 or float64"),
    ),
    "another precision of the class weights": (
        spoilt("cross_entropy", weight=zeros(7, np.float32)),
        converts("cross_entropy", "weight", "float32", "float64", "logits"),
    ),
    "integer class weights": (
        spoilt("cross_entropy_backward", weight=zeros(7, np.int64)),
        converts("cross_entropy_backward", "weight", "int64", "float64", "logits"),
    ),
    "another precision of the class probabilities": (
        spoilt("cross_entropy", targets=zeros((5, 3, 7), np.float32)),
        converts("cross_entropy", "targets", "float32", "float64", "logits"),
    ),
    "mixed states": (
        spoilt("rnn_output_layer", None, h_states=[zeros(6), zeros(6, np.float32)]),
        converts("rnn_output_layer", "h_states[1]", "float32", "float64", "h_states[0]"),
    ),
    "integer states": (
        spoilt("rnn_backward", None, dh_states=[zeros(6, np.int64)] * 5),
        converts("rnn_backward", "dh_states[0]", "int64", "float32 or float64"),
    ),
}
LISTS = {
    "an empty list": (
        spoilt("rnn_output_layer", h_states=[]),
        "rnn_output_layer: h_states is an empty list, expected T >= 1 arrays",
    ),
    "an empty tuple": (
        spoilt("rnn_backward", dh_states=()),
        "rnn_backward: dh_states is an empty tuple, expected T >= 1 arrays",
    ),
    "a ragged list": (
        spoilt("rnn_output_backward", h_states=[zeros((3, 6)), zeros((2, 6))]),
        "rnn_output_backward: h_states[1] has shape (2, 6), expected (3, 6); from h_states[0]",
    ),
}


@table(TYPES | DTYPES)
def test_other_types_are_told_with_how_to_convert_them(call, message):
    with refuses(TypeError, message):
        call()


@table(LISTS)
def test_lists_of_states_that_do_not_make_an_array_are_told(call, message):
    with refuses(ValueError, message):
        call()


@pytest.mark.parametrize("value", [None, 0.0, iter([])], ids=["None", "a number", "an iterator"])
def test_what_asarray_would_not_convert_is_told_without_that_advice(value):
    told = f"rnn_forward: h0 is of type {type(value).__name__}, expected numpy.ndarray"
    with refuses(TypeError, told):
        calls()["rnn_forward"](h0=value)
