"""The value of the cross-entropy, written out class by class in Python's own numbers, with every option."""

from itertools import product
from math import exp, fsum, log

import numpy as np
import pytest
from unit_problems import U, assert_within

from rnn_ref import cross_entropy, cross_entropy_backward, rnn_sequence_loss

V = 5
WEIGHT = np.array([0.5, 2.0, 1.25, 0.0, 3.0])
LOGITS = np.random.default_rng(0).normal(scale=2, size=(4, 3, V))
INDICES = np.random.default_rng(1).integers(V, size=(4, 3))
SHARES = np.random.default_rng(2).dirichlet(np.ones(V), size=(4, 3))
OPTIONS = {
    "weight": [None, WEIGHT],
    "label_smoothing": [0.0, 0.3, 1.0],
    "reduction": ["none", "sum", "mean"],
}
CASES = [dict(zip(OPTIONS, case, strict=True)) for case in product(*OPTIONS.values())]
EVERY_OPTION = pytest.mark.parametrize("options", CASES, ids=lambda o: "-".join(str(v) for v in o.values()))
ROUNDINGS = 4 * (V + INDICES.size) * U  # of V exponentials, their sum and its logarithm, and the sum over the rows


def surprises(z):
    """Return −log softmax, class by class."""
    total = fsum(exp(z_j) for z_j in z)
    return [log(total) - z_j for z_j in z]


def row_loss(z, shares, weight):
    return fsum(w * q * nats for w, q, nats in zip(weight, shares, surprises(z), strict=True))


def reduced(losses, reduction, divisor):
    if reduction == "none":
        return np.reshape(losses, (4, 3))
    return np.float64(fsum(losses) / (divisor if reduction == "mean" else 1))


def assert_loss(targets, shares, weight, divisor, **options):
    """Compare with Σ_j w_j q_j (−log p_j), row by row; the terms behind a row are at most 3 · (max |z| + log Σ)."""
    weight = np.ones(V) if weight is None else weight
    losses = [row_loss(z, q, weight) for z, q in zip(LOGITS.reshape(-1, V), shares.reshape(-1, V), strict=True)]
    expected = reduced(losses, options["reduction"], divisor)
    terms = 3 * (np.abs(LOGITS).max() + 4) * (INDICES.size if options["reduction"] == "sum" else 1)
    actual = cross_entropy(LOGITS, targets, weight=None if (weight == 1).all() else weight, **options)
    assert_within(actual, expected, ROUNDINGS * terms)


@EVERY_OPTION
def test_class_indices_are_one_share_each(options):
    """Smoothing spreads ε over all classes, each with its weight; the mean divides by the weights of the targets."""
    smoothing, weight = options["label_smoothing"], options["weight"]
    shares = (1 - smoothing) * np.eye(V)[INDICES] + smoothing / V
    divisor = INDICES.size if weight is None else fsum(weight[INDICES].ravel())
    assert_loss(INDICES, shares, divisor=divisor, **options)


@EVERY_OPTION
def test_class_probabilities_are_shares(options):
    """The mean divides by the number of rows, weighted or not."""
    shares = (1 - options["label_smoothing"]) * SHARES + options["label_smoothing"] / V
    assert_loss(SHARES, shares, divisor=INDICES.size, **options)


@EVERY_OPTION
@pytest.mark.parametrize("ignore_index", [2, -1], ids=["a class", "minus one"])
def test_ignored_rows_are_as_if_they_were_not_there(options, ignore_index):
    targets = INDICES.copy()
    targets[1, 2] = targets[3, 0] = ignore_index
    kept = targets != ignore_index
    loss = cross_entropy(LOGITS, targets, ignore_index=ignore_index, **options)
    expected = cross_entropy(LOGITS[kept], targets[kept], **options)
    if options["reduction"] == "none":
        assert not loss[~kept].any()
        loss = loss[kept]
    assert_within(loss, expected, ROUNDINGS * np.abs(expected))


def test_a_row_is_ignored_at_minus_100_if_not_told_otherwise():
    targets = INDICES.copy()
    targets[1, 2] = targets[3, 0] = -100
    assert cross_entropy(LOGITS, targets) == cross_entropy(LOGITS, targets, ignore_index=-100)
    given = cross_entropy_backward(1.0, LOGITS, targets, ignore_index=-100)
    np.testing.assert_array_equal(cross_entropy_backward(1.0, LOGITS, targets), given)
    assert not given[targets == -100].any()


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    for classes in (1, 2, 3, 1000):
        assert_within(cross_entropy(np.full(classes, 7.0), 0), np.log(classes), 4 * U * np.log(classes))


def test_one_prediction_costs_what_a_batch_of_one_does():
    together = cross_entropy(LOGITS, INDICES, reduction="none")
    for t, b in np.ndindex(4, 3):
        alone = cross_entropy(LOGITS[t, b], INDICES[t, b])
        assert_within(cross_entropy(LOGITS[t, b : b + 1], INDICES[t, b : b + 1]), alone, 8 * U * alone)
        assert_within(together[t, b], alone, 8 * U * alone)


def test_a_class_without_weight_moves_nothing_and_one_alone_has_all_of_its_slope():
    """−1 + p of its own class, p of the others, at an upstream gradient of exactly 1."""
    logits, weight = LOGITS[0, 0], np.array([1.0, 0.0, 1.0, 1.0, 1.0])
    shares = np.exp(logits) / np.exp(logits).sum()
    due = shares - np.eye(V)[2]
    assert not cross_entropy_backward(1.0, logits, 1, weight=weight, reduction="sum").any()
    assert_within(cross_entropy_backward(1.0, logits, 2, weight=weight, reduction="sum"), due, 8 * U)


def test_more_rows_than_fit_a_block_cost_what_each_does():
    """A block has 256 kB, and the last one is shorter."""
    logits = np.random.default_rng(3).normal(size=(1000, 101))
    targets = np.arange(1000) % 101
    together = cross_entropy(logits, targets, reduction="none")
    alone = [cross_entropy(logits[i : i + 10], targets[i : i + 10], reduction="none") for i in range(0, 1000, 10)]
    assert_within(together, np.concatenate(alone), 8 * U * together)
    upstream = np.linspace(1, 2, 1000)
    back = cross_entropy_backward(upstream, logits, targets, reduction="none")
    alone = [cross_entropy_backward(upstream[i : i + 10], logits[i : i + 10], targets[i : i + 10], reduction="none")
             for i in range(0, 1000, 10)]  # fmt: skip
    np.testing.assert_allclose(back, np.concatenate(alone), rtol=1e-14)


def test_the_loss_of_a_sequence_adds_up_its_steps():
    steps = [cross_entropy(z, y) for z, y in zip(LOGITS, INDICES, strict=True)]
    assert_within(rnn_sequence_loss(LOGITS, INDICES, cross_entropy), np.float64(fsum(steps)), 4 * U * fsum(steps))


def test_a_loss_function_gets_every_step_once_and_in_order():
    seen = []
    rnn_sequence_loss(LOGITS, INDICES, lambda z, y: seen.append((z.copy(), y.copy())) or 0.0)
    np.testing.assert_array_equal([z for z, _ in seen], LOGITS)
    np.testing.assert_array_equal([y for _, y in seen], INDICES)
