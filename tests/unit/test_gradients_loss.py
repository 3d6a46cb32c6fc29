"""The gradients of the losses are derivatives, whatever the options."""

from itertools import product

import numpy as np
import pytest
from unit_complex import loss_of
from unit_problems import U, assert_within, normal_like

from rnn_ref import cross_entropy, cross_entropy_backward, rnn_sequence_loss, rnn_sequence_loss_backward
from rnn_ref.gradcheck import check_gradients, complex_step_gradients

V = 5
WEIGHT = np.array([0.5, 2.0, 1.25, 0.0, 3.0])
SHAPES = [(), (4,), (4, 3)]
IGNORED = 2


def problem(shape, kind):
    """Draw logits, and targets of either kind."""
    rng = np.random.default_rng(1)
    logits = rng.normal(scale=2, size=(*shape, V))
    shares = rng.dirichlet(np.ones(V), size=shape)
    return logits, shares if kind == "probabilities" else rng.integers(V, size=shape)


def upstream_of(loss):
    """Draw an upstream gradient for a loss: an array for an array, a number for a number."""
    upstream = normal_like(loss)
    return upstream if np.ndim(loss) else float(upstream)


def assert_derivative(logits, targets, **options):
    """Compare with the complex step.

    Every entry is one share of the row's weighted target minus another, so its terms add up to at most |upstream| · 2
    max w, the divisor of the mean left out, which is at least 1/2 here; the shares come of V additions, a logarithm and
    some exponentials, in two programs.
    """
    f = loss_of(targets, **options)
    upstream = upstream_of(f(logits))
    (expected,) = complex_step_gradients(f, [logits], upstream)
    terms = np.max(np.abs(upstream)) * 4 * WEIGHT.max()
    assert_within(cross_entropy_backward(upstream, logits, targets, **options), expected, 2 * (V + 16) * U * terms)


GRID = list(product(SHAPES, ["indices", "probabilities"], [None, WEIGHT], [0.0, 0.3, 1.0], ["none", "sum", "mean"]))


@pytest.mark.parametrize(
    ("shape", "kind", "weight", "smoothing", "reduction"),
    GRID,
    ids=lambda value: "weighted" if value is WEIGHT else str(value),
)
def test_cross_entropy_gradients_are_derivatives(shape, kind, weight, smoothing, reduction):
    logits, targets = problem(shape, kind)
    assert_derivative(logits, targets, weight=weight, label_smoothing=smoothing, reduction=reduction)


@pytest.mark.parametrize("reduction", ["none", "sum", "mean"])
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weight", [None, WEIGHT], ids=["plain", "weighted"])
@pytest.mark.parametrize("ignore_index", [IGNORED, -1], ids=["a class", "minus one"])
def test_ignored_targets_have_no_gradient_and_the_others_are_derivatives(ignore_index, weight, smoothing, reduction):
    logits, targets = problem((4, 3), "indices")
    targets[1, 2] = targets[3, 0] = ignore_index
    options = {"weight": weight, "label_smoothing": smoothing, "reduction": reduction, "ignore_index": ignore_index}
    assert_derivative(logits, targets, **options)
    gradient = cross_entropy_backward(
        upstream_of(cross_entropy(logits, targets, **options)), logits, targets, **options
    )
    assert not gradient[targets == ignore_index].any()


@pytest.mark.parametrize("kind", ["indices", "probabilities"])
def test_gradients_over_many_classes_are_derivatives_along_random_directions(kind):
    rng = np.random.default_rng(3)
    logits, shares = rng.normal(scale=4, size=(6, 500)), rng.dirichlet(np.ones(500), size=6)
    targets = shares if kind == "probabilities" else rng.integers(500, size=6)
    options = {"weight": rng.uniform(size=500), "label_smoothing": 0.1}

    def gradients(upstream):
        return [cross_entropy_backward(float(upstream), logits, targets, **options)]

    check_gradients(loss_of(targets, **options), gradients, [logits], rng)


@pytest.mark.parametrize("shape", [(4,), (4, 3)], ids=["one sequence", "batch"])
def test_sequence_loss_gradients_are_derivatives(shape):
    logits, targets = problem(shape, "indices")
    (expected,) = complex_step_gradients(lambda z: rnn_sequence_loss(z, targets, cross_entropy), [logits], -0.75)
    gradient = rnn_sequence_loss_backward(-0.75, logits, targets, cross_entropy_backward)
    assert_within(gradient, expected, 2 * (V + 16) * U)  # the terms of an entry add up to at most 2 · 0.75


@pytest.mark.parametrize("shape", [(4,), (4, 3)], ids=["one sequence", "batch"])
def test_sequence_loss_takes_any_loss_and_floating_targets(shape):
    """Half the squared distance, written out: its gradient is dloss · (z − target), exactly."""
    logits, targets = problem(shape, "probabilities")
    loss = rnn_sequence_loss(logits, targets, lambda z, y: ((z - y) ** 2).sum() / 2)
    expected = ((logits - targets) ** 2).sum() / 2
    assert_within(loss, expected, logits.size * U * expected)
    gradient = rnn_sequence_loss_backward(0.5, logits, targets, lambda dloss, z, y: dloss * (z - y))
    np.testing.assert_array_equal(gradient, 0.5 * (logits - targets), strict=True)
