"""The checker itself, tested with wrong gradients: every one of them raises, and says which argument's it is."""

import numpy as np
import pytest
from unit_wrong import H_T, INPUTS, NAMES, NET, one_entry, right, spoilt

from rnn_ref import rnn_cell_step
from rnn_ref.gradcheck import GradientError, check_gradients, complex_step_gradients


def weights_swapped(upstream):
    grads = right(upstream)
    return grads._replace(W_xh=grads.W_hh, W_hh=grads.W_xh)


def of_tanh_twice(upstream):
    """Take the slope at tanh(h_t) instead of h_t."""
    return right(upstream, np.tanh(H_T))


def of_new_state(upstream):
    """Take dW_hh from h_t where h_{t−1} belongs."""
    return right(upstream)._replace(W_hh=right(upstream, inputs=[INPUTS[0], H_T, *NET.weights]).W_hh)


WRONG = {
    "transposed": ("W_hh", spoilt("W_hh", np.transpose)),
    "input weight transposed": ("W_xh", spoilt("W_xh", np.transpose)),
    "twice as large": ("x_t", spoilt("x_t", lambda g: 2 * g)),
    "of the other sign": ("h_prev", spoilt("h_prev", np.negative)),
    "one entry off by 1e-9 of itself": ("W_hh", spoilt("W_hh", lambda g: one_entry(g, g.flat[7] * (1 + 1e-9)))),
    "one entry nan": ("W_xh", spoilt("W_xh", lambda g: one_entry(g, np.nan))),
    "zero": ("b_h", spoilt("b_h", np.zeros_like)),
    "averaged over the batch": ("W_xh", spoilt("W_xh", lambda g: g / len(NET.h0))),
    "rows in another order": ("h_prev", spoilt("h_prev", lambda g: g[::-1])),
    "float32 inside": ("W_hh", spoilt("W_hh", lambda g: g.astype(np.float32))),
    "two weights swapped": ("W_xh", weights_swapped),
    "without the slope": ("x_t", lambda upstream: right(upstream, 0 * H_T)),
    "slope of tanh(h)": ("x_t", of_tanh_twice),
    "from the new state": ("W_hh", of_new_state),
    "upstream gradient ignored": ("x_t", lambda upstream: right(np.ones_like(upstream))),
    "one row of the batch missing": ("b_h", lambda u: right(u)._replace(b_h=right(u * [[1], [1], [0]]).b_h)),
}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("seed", range(3))
def test_wrong_gradients_raise_and_are_named(wrong, seed):
    name, backward = WRONG[wrong]
    with pytest.raises(GradientError, match=f"^gradient of {name}: ") as caught:
        check_gradients(rnn_cell_step, backward, INPUTS, np.random.default_rng(seed), names=NAMES)
    assert caught.value.argument == name


@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_an_infinite_gradient_is_wrong(infinity):
    with pytest.raises(GradientError, match=r"^gradient of W_hh: along a random direction it gives -?inf, "):
        check_gradients(
            rnn_cell_step,
            spoilt("W_hh", lambda g: one_entry(g, infinity)),
            INPUTS,
            np.random.default_rng(0),
            names=NAMES,
        )


@pytest.mark.parametrize("seed", range(20))
def test_right_gradients_pass(seed):
    check_gradients(rnn_cell_step, right, INPUTS, np.random.default_rng(seed), names=NAMES)


def test_one_wrong_entry_of_a_million_is_found():
    x = np.random.default_rng(0).normal(size=(1000, 1000))

    def wrong(upstream):
        gradient = upstream * np.cos(x)
        gradient[123, 456] *= 1.001
        return [gradient]

    with pytest.raises(GradientError):
        check_gradients(np.sin, wrong, [x], np.random.default_rng(0))
    check_gradients(np.sin, lambda upstream: [upstream * np.cos(x)], [x], np.random.default_rng(0))


def test_gradients_entry_by_entry_are_those_of_a_sum_weighted_by_the_cotangent():
    rng = np.random.default_rng(0)
    W, x, u = rng.normal(size=(2, 3)), rng.normal(size=3), rng.normal(size=2)
    dW, dx = complex_step_gradients(lambda W, x: np.tanh(W @ x), [W, x], u)
    dz = u * (1 - np.tanh(W @ x) ** 2)
    np.testing.assert_allclose(dW, np.outer(dz, x), rtol=1e-14)
    np.testing.assert_allclose(dx, W.T @ dz, rtol=1e-14)


def test_where_nothing_depends_on_an_input_zeros_are_right():
    x = np.ones(2)
    check_gradients(lambda x: 0 * x, lambda u: [0 * u], [x], np.random.default_rng(0))
