"""What one reads where an option, a loss function or an upstream gradient is not what it should be."""

import numpy as np
import pytest
from unit_calls import calls
from unit_messages import refuses, spoilt, table

from rnn_ref import cross_entropy, cross_entropy_backward

NONE = "from logits, as reduction is 'none'"
VALUES = {
    "another reduction": (
        spoilt("cross_entropy", reduction="avg"),
        "cross_entropy: reduction is 'avg', expected one of none, mean, sum",
    ),
    "no reduction of a text": (
        spoilt("rnn_bptt", reduction="none"),
        "rnn_bptt: reduction is 'none', expected 'sum' or 'mean'",
    ),
    "too much smoothing": (
        spoilt("cross_entropy", label_smoothing=1.5),
        "cross_entropy: label_smoothing is 1.5, expected a number from 0 to 1",
    ),
    "negative smoothing": (
        spoilt("cross_entropy_backward", label_smoothing=-0.1),
        "cross_entropy_backward: label_smoothing is -0.1, expected a number from 0 to 1",
    ),
    "no number for smoothing": (
        spoilt("cross_entropy", label_smoothing=np.nan),
        "cross_entropy: label_smoothing is nan, expected a number from 0 to 1",
    ),
    "too few class weights": (
        spoilt("cross_entropy", weight=np.ones(3)),
        "cross_entropy: weight has shape (3,), expected (V=7,); V=7 is from logits",
    ),
    "class weights for every row": (
        spoilt("cross_entropy", weight=np.ones((3, 7))),
        "cross_entropy: weight has shape (3, 7), expected (V=7,); V=7 is from logits",
    ),
    "one upstream gradient for many losses": (
        spoilt("cross_entropy_backward", reduction="none", dloss=1.0),
        f"cross_entropy_backward: dloss has shape () and dtype float64, expected (5, 3) and float64; {NONE}",
    ),
    "an upstream gradient of another dtype": (
        spoilt("cross_entropy_backward", reduction="none", dloss=np.ones((5, 3), np.float32)),
        f"cross_entropy_backward: dloss has shape (5, 3) and dtype float32, expected (5, 3) and float64; {NONE}",
    ),
    "losses instead of a loss": (
        spoilt("rnn_sequence_loss", loss_fn=lambda z, y: cross_entropy(z, y, reduction="none")),
        "rnn_sequence_loss: loss_fn returned shape (3,) at t=0, expected a scalar",
    ),
    "a gradient in another shape": (
        spoilt("rnn_sequence_loss_backward", loss_backward=lambda dloss, z, y: dloss * z[:1]),
        "rnn_sequence_loss_backward: loss_backward returned shape (1, 7) at t=0, expected (3, 7); from logits_seq",
    ),
}
TYPES = {
    "no function": (
        spoilt("rnn_sequence_loss", loss_fn="cross_entropy"),
        "rnn_sequence_loss: loss_fn is of type str, expected a callable",
    ),
    "the loss instead of its function": (
        spoilt("rnn_sequence_loss_backward", loss_backward=np.float64(1.5)),
        "rnn_sequence_loss_backward: loss_backward is of type float64, expected a callable",
    ),
    "many upstream gradients": (
        spoilt("cross_entropy_backward", dloss=np.ones(3)),
        "cross_entropy_backward: dloss is of type ndarray and shape (3,), expected a real scalar",
    ),
    "a complex upstream gradient": (
        spoilt("cross_entropy_backward", dloss=1j),
        "cross_entropy_backward: dloss is of type complex and shape (), expected a real scalar",
    ),
    "no upstream gradient": (
        spoilt("rnn_sequence_loss_backward", dloss=None),
        "rnn_sequence_loss_backward: dloss is of type NoneType and shape (), expected a real scalar",
    ),
}


@table(VALUES)
def test_values_out_of_place_are_told(call, message):
    with refuses(ValueError, message):
        call()


@table(TYPES)
def test_types_out_of_place_are_told(call, message):
    with refuses(TypeError, message):
        call()


def test_a_wrong_shape_at_a_later_step_is_told_with_the_step():
    steps = iter(range(5))
    with refuses(ValueError, "rnn_sequence_loss: loss_fn returned shape (1,) at t=3, expected a scalar"):
        calls()["rnn_sequence_loss"](loss_fn=lambda z, y: np.ones(1) if next(steps) == 3 else 1.0)


@pytest.mark.parametrize("value", [None, 1j, "1"], ids=repr)
def test_a_loss_function_that_returns_no_real_number_is_told(value):
    told = f"rnn_sequence_loss: loss_fn returned {value!r} at t=0, expected a real scalar"
    with refuses(TypeError, told):
        calls()["rnn_sequence_loss"](loss_fn=lambda *_: value)


def test_a_forgotten_return_on_the_way_back_is_told():
    told = "rnn_sequence_loss_backward: loss_backward returned None at t=0, expected an array of shape (3, 7)"
    with refuses(TypeError, told):
        calls()["rnn_sequence_loss_backward"](loss_backward=lambda *_: None)


@pytest.mark.parametrize("dloss", [np.array(1j), np.array("1"), np.array(None)], ids=repr)
@pytest.mark.parametrize("reduction", ["sum", "none"])
def test_upstream_gradients_of_other_dtypes_are_told(dloss, reduction):
    told = f"cross_entropy_backward: dloss is of dtype {dloss.dtype} and shape (), expected a real scalar"
    with refuses(TypeError, told):
        cross_entropy_backward(dloss, np.zeros(3), 0, reduction=reduction)


@pytest.mark.parametrize("ignore_index", [None, 0.5, "pad"], ids=repr)
def test_an_index_to_ignore_that_is_none_is_told(ignore_index):
    with refuses(TypeError, f"cross_entropy: ignore_index is {ignore_index!r}, expected an integer"):
        calls()["cross_entropy"](ignore_index=ignore_index)
