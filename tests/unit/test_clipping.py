"""Clipping: one factor for all gradients, so that their joint norm is at most what is asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit_problems import U, network

from rnn_ref import clip_grad_norm

TORCH_EPS = 1e-6  # the factor is max_norm / (norm + 1e-6)


def gradients(seed=0, dtype=float):
    net = network(seed=seed, dtype=dtype)
    return {"W_xh": net.W_xh, "W_hh": net.W_hh, "b_h": net.b_h}


def norm_of(grads, order=2):
    return np.linalg.norm(np.concatenate([gradient.ravel() for gradient in grads.values()]), order)


@pytest.mark.parametrize("order", [1, 2, 3.5, np.inf])
def test_the_norm_is_that_of_all_gradients_together(order):
    _, norm = clip_grad_norm(gradients(), 1.0, norm_type=order)
    assert norm == pytest.approx(norm_of(gradients(), order), rel=100 * U)  # some 66 entries are added up
    assert type(norm) is float


@pytest.mark.parametrize("order", [1, 2, 3.5, np.inf])
@given(max_norm=st.floats(1e-3, 1e3), seed=st.integers(0, 1000))
def test_the_clipped_norm_is_at_most_what_is_asked_and_the_direction_stays(order, max_norm, seed):
    before = gradients(seed)
    after, norm = clip_grad_norm(before, max_norm, norm_type=order)
    assert norm_of(after, order) <= max_norm * (1 + 200 * U)
    factor = min(1.0, max_norm / (norm + TORCH_EPS))
    for name, gradient in before.items():
        np.testing.assert_allclose(after[name], factor * gradient, rtol=4 * U, atol=0)


def test_worked_by_hand():
    clipped, norm = clip_grad_norm({"a": np.array([3.0]), "b": np.array([[4.0]])}, 2.5)
    assert norm == 5.0
    np.testing.assert_allclose(clipped["a"], [3 * 2.5 / 5.000001], rtol=2 * U)
    np.testing.assert_allclose(clipped["b"], [[4 * 2.5 / 5.000001]], rtol=2 * U)


@pytest.mark.parametrize("max_norm", [1e6, np.inf])
def test_small_gradients_come_back_as_equal_copies(max_norm):
    before = gradients()
    after, _ = clip_grad_norm(before, max_norm)
    for name, gradient in before.items():
        np.testing.assert_array_equal(after[name], gradient, strict=True)
        assert not np.shares_memory(after[name], gradient)


def test_gradients_of_zero_stay_zero_and_a_norm_of_zero_makes_them_so():
    clipped, norm = clip_grad_norm({"a": np.zeros(3)}, 1.0)
    assert (clipped["a"].tolist(), norm) == ([0, 0, 0], 0.0)
    clipped, _ = clip_grad_norm({"a": np.array([3.0, -4.0])}, 0.0)
    assert not clipped["a"].any()


def test_a_nan_spreads_to_every_gradient_where_it_can_be_seen():
    clipped, norm = clip_grad_norm({"a": np.array([np.nan]), "b": np.ones(2)}, 1.0)
    assert np.isnan([*clipped["a"], *clipped["b"], norm]).all()


def test_an_infinite_gradient_becomes_nan_and_the_others_zero():
    """As in PyTorch: a factor of max_norm / inf."""
    clipped, norm = clip_grad_norm({"a": np.array([-np.inf, 3.0]), "b": np.ones(2)}, 1.0)
    assert norm == np.inf
    np.testing.assert_array_equal(clipped["a"], [np.nan, 0.0])
    np.testing.assert_array_equal(clipped["b"], [0.0, 0.0])


def test_the_norm_of_many_float32_gradients_is_summed_in_float64():
    """In float32 the norm would have seven right digits at best."""
    clipped, norm = clip_grad_norm({"a": np.full(10**6, 0.1, np.float32)}, 1.0)
    assert norm == pytest.approx(1000 * float(np.float32(0.1)), rel=1e-12)
    assert clipped["a"].dtype == np.float32


@pytest.mark.parametrize("dtype", ["float32", "float64", "complex128"])
def test_gradients_keep_their_dtype(dtype):
    clipped, _ = clip_grad_norm(gradients(dtype=dtype), 0.1)
    assert {gradient.dtype for gradient in clipped.values()} == {np.dtype(dtype)}


def test_a_limit_that_is_a_numpy_number_does_not_widen_gradients():
    clipped, _ = clip_grad_norm(gradients(dtype="float32"), np.float64(0.1))
    assert {gradient.dtype for gradient in clipped.values()} == {np.dtype("float32")}
