"""Arrays of other kinds and precisions: taken, or refused in the same words by every function."""

import numpy as np
import pytest

import rnn_ref
from rnn_ref import SGD, Adagrad, Adam
from rnn_ref.conformance.operation import UnusableError, as_array

ml_dtypes = pytest.importorskip("ml_dtypes")

ODD = {
    "masked": (np.ma.masked_array, r"is of type MaskedArray, expected numpy\.ndarray"),
    "matrix": (lambda a: a.view(np.matrix), r"is of type matrix, expected numpy\.ndarray"),
    "list": (lambda a: a.tolist(), r"is of type list, expected numpy\.ndarray; np\.asarray\(.*\) converts"),
    "big-endian": (lambda a: a.astype(">f8"), r"has dtype >f8, expected .*\.astype\(np\.float64\) converts"),
    "float16": (lambda a: a.astype("f2"), r"has dtype float16, expected .*\.astype\(np\.float64\) converts"),
    "bfloat16": (lambda a: a.astype(ml_dtypes.bfloat16), r"has dtype bfloat16, .*\.astype\(np\.float64\) converts"),
}
W, U, b, x, h = np.ones((3, 4)), np.ones((3, 3)), np.ones(3), np.ones(4), np.ones(3)
GATED = [np.ones((9, 4)), np.ones((9, 3)), np.ones(9), np.ones(9)]
CALLS = {
    "rnn_cell_step": lambda odd: rnn_ref.rnn_cell_step(x, h, odd(W), U, b),
    "rnn_forward": lambda odd: rnn_ref.rnn_forward(x[None], h, odd(W), U, b),
    "rnn_cell_backward": lambda odd: rnn_ref.rnn_cell_backward(odd(h), h, x, h, W, U, b),
    "rnn_output_layer": lambda odd: rnn_ref.rnn_output_layer(h[None], odd(np.ones((2, 3))), np.ones(2)),
    "cross_entropy": lambda odd: rnn_ref.cross_entropy(odd(np.ones((2, 3))), np.array([0, 1])),
    "gru_cell_step": lambda odd: rnn_ref.gru_cell_step(odd(x), h, *GATED),
    "clip_grad_norm": lambda odd: rnn_ref.clip_grad_norm({"b": odd(b)}, 1.0),
    "SGD.init": lambda odd: SGD(lr=0.1).init({"b": odd(b)}),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.parametrize("function", CALLS)
def test_every_function_refuses_it_in_the_same_words(function: str, kind: str) -> None:
    odd, words = ODD[kind]
    with pytest.raises(TypeError, match=rf"{function}: [\w\[\]']+ {words}"):
        CALLS[function](odd)


@pytest.mark.parametrize("name", ["bfloat16", "float8_e4m3fn"])
def test_answers_of_few_bits_are_read_as_pytorchs_are(name: str) -> None:
    given = np.array([0.5, -2.0], getattr(ml_dtypes, name))
    found = as_array(given)
    assert (found.dtype, found.tolist()) == (np.float64, [0.5, -2.0])
    with pytest.raises(UnusableError, match="has dtype"):
        as_array(np.zeros(1, "V3"))


def test_a_network_that_answers_in_bfloat16_is_of_low_precision_and_not_unusable() -> None:
    def rnn_cell_step(*arguments: np.ndarray) -> np.ndarray:
        return rnn_ref.rnn_cell_step(*arguments).astype(ml_dtypes.bfloat16)

    function = rnn_ref.check({"rnn_cell_step": rnn_cell_step}, only="rnn_cell_step/generic*").functions["rnn_cell_step"]
    assert function.verdict == "low-precision"
    assert "expected floating-point numbers" not in function.explanation


@pytest.mark.parametrize("value", ["a", None, [1], np.array([0.1, 0.2]), 1j, True])
@pytest.mark.parametrize("optimiser", [SGD, Adagrad, Adam])
def test_a_setting_that_is_no_number_is_named(optimiser: type, value: object) -> None:
    with pytest.raises(TypeError, match=rf"^{optimiser.__name__}: lr is of type \w+.*, expected a number >= 0"):
        optimiser(lr=value)


def test_settings_may_be_any_kind_of_number() -> None:
    assert SGD(lr=np.float32(0.5), momentum=np.array(0.5)) == SGD(lr=0.5, momentum=0.5)
    with pytest.raises(ValueError, match=r"betas is .* expected two numbers from 0 to below 1"):
        Adam(lr=0.1, betas=("a", "b"))  # type: ignore[arg-type]
    loss = rnn_ref.cross_entropy(np.ones((2, 3)), np.array([0, 1]), label_smoothing=np.float32(0.1))
    assert loss.dtype == np.float64
