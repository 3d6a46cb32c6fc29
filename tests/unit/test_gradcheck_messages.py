"""What the gradient checker says, and where it draws the line."""

import re

import numpy as np
import pytest
from unit_wrong import INPUTS, NAMES, right, spoilt

from rnn_ref import rnn_cell_step
from rnn_ref.gradcheck import TOLERANCE, GradientError, check_gradients


def test_the_error_tells_both_values_their_difference_and_what_was_allowed():
    backward = spoilt("W_hh", lambda g: 3 * g)
    with pytest.raises(GradientError) as caught:
        check_gradients(rnn_cell_step, backward, INPUTS, np.random.default_rng(0), names=NAMES)
    error = caught.value
    assert error.claimed == pytest.approx(3 * error.measured, rel=TOLERANCE)
    assert 0 < error.allowed < 1e-9 * abs(error.measured)
    number = r"(-?\d\.?\d*e?[-+]?\d*)"
    told = re.fullmatch(
        rf"gradient of W_hh: along a random direction it gives {number}, the complex step {number}; "
        rf"they differ by {number}, allowed {number}",
        str(error),
    )
    assert told
    assert [float(told[1]), float(told[2])] == [error.claimed, error.measured]
    assert float(told[3]) == pytest.approx(abs(error.claimed - error.measured), rel=0.05)
    assert float(told[4]) == pytest.approx(error.allowed, rel=0.05)


def test_without_names_the_position_is_told():
    with pytest.raises(GradientError, match=r"^gradient of 3: "):
        check_gradients(rnn_cell_step, spoilt("W_hh", np.transpose), INPUTS, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("name", "spoil", "told"),
    [
        ("b_h", lambda g: g[:, None], r"gradient of b_h has shape \(6, 1\), expected \(6,\)"),
        ("W_xh", lambda g: g[:1], r"gradient of W_xh has shape \(1, 6\), expected \(6, 6\)"),
        ("x_t", lambda g: g.sum(0), r"gradient of x_t has shape \(6,\), expected \(3, 6\)"),
        ("h_prev", lambda _: None, r"gradient of h_prev has shape \(\), expected \(3, 6\)"),
    ],
)
def test_gradients_in_another_shape_are_refused(name, spoil, told):
    with pytest.raises(ValueError, match=f"^check_gradients: {told}$"):
        check_gradients(rnn_cell_step, spoilt(name, spoil), INPUTS, np.random.default_rng(0), names=NAMES)


def test_a_gradient_too_few_is_refused():
    told = "check_gradients: gradients returned 4 arrays, expected 5; one for each of inputs"
    with pytest.raises(ValueError, match=f"^{told}$"):
        check_gradients(rnn_cell_step, lambda u: right(u)[:4], INPUTS, np.random.default_rng(0), names=NAMES)


def test_the_tolerance_can_be_set():
    backward = spoilt("W_hh", lambda g: g * (1 + 1e-6))
    check_gradients(rnn_cell_step, backward, INPUTS, np.random.default_rng(0), tolerance=1e-5)
    with pytest.raises(GradientError):
        check_gradients(rnn_cell_step, backward, INPUTS, np.random.default_rng(0), tolerance=1e-8)
