"""Where nothing counts: what is ignored costs nothing and spreads nothing, and a mean over nothing is nan."""

import numpy as np
import pytest
from unit_edges import both
from unit_problems import U, network

from rnn_ref import cross_entropy, rnn_bptt

REDUCTIONS = pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
SMOOTHING = pytest.mark.parametrize("smoothing", [0.0, 0.1])


@SMOOTHING
@pytest.mark.parametrize(("reduction", "expected"), [("sum", 0), ("none", [0, 0])])
def test_a_loss_of_ignored_targets_is_zero_with_no_gradient(reduction, expected, smoothing):
    loss, gradient = both(np.ones((2, 3)), [-100, -100], reduction=reduction, label_smoothing=smoothing)
    np.testing.assert_array_equal(loss, expected)
    np.testing.assert_array_equal(gradient, 0)


@SMOOTHING
def test_a_mean_over_nothing_is_nan(smoothing):
    assert np.isnan(cross_entropy(np.ones((2, 3)), [-100, -100], label_smoothing=smoothing))


@SMOOTHING
def test_a_mean_over_nothing_has_no_gradient(smoothing):
    _, gradient = both(np.ones((2, 3)), [-100, -100], label_smoothing=smoothing)
    np.testing.assert_array_equal(gradient, 0)


def test_a_text_of_ignored_targets_has_a_mean_of_nan_and_no_gradients():
    net = network()
    loss, grads, _ = rnn_bptt(net.X_seq, np.full((5, 3), -100), *net[1:], reduction="mean")
    assert np.isnan(loss)
    assert not any(gradient.any() for gradient in grads)


def test_a_mean_over_weights_of_zero_is_nan_as_in_pytorch():
    loss, gradient = both(np.ones((2, 3)), [0, 0], weight=np.array([0.0, 1, 1]))
    assert np.isnan([loss, *gradient.ravel()]).all()


@SMOOTHING
@REDUCTIONS
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_ignored_does_not_spread(bad, reduction, smoothing):
    options = {"reduction": reduction, "label_smoothing": smoothing}
    kept = [[1, 2, 3], [0, 0, 1]]
    loss, gradient = both([kept[0], [bad, bad, 0], kept[1]], [0, -100, 2], **options)
    expected, its_gradient = both(kept, [0, 2], **options)
    expected = np.insert(expected, 1, 0) if reduction == "none" else expected
    np.testing.assert_allclose(loss, expected, rtol=16 * U)  # exp may round otherwise in another place of an array
    np.testing.assert_allclose(gradient, np.insert(its_gradient, 1, 0, axis=0), rtol=16 * U)
