"""What is done in blocks of rows is done to every row, once, and no row knows of the others."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_ref import cross_entropy, cross_entropy_backward
from rnn_ref._shapes import row_blocks
from rnn_ref.loss.softmax import two_diff
from rnn_ref.loss.sums import precise_sum

ROWS, CLASSES = 700, 100  # three blocks
OPTIONS = {"plain": {}, "weighted": {"weight": True}, "smoothed": {"label_smoothing": 0.1}, "probabilities": {}}


@given(st.integers(1, 10**6), st.integers(1, 10**5))
def test_blocks_cover_every_row_once_and_are_no_larger_than_they_must_be(rows, classes):
    blocks = row_blocks(np.broadcast_to(0.0, (rows, classes)))
    assert blocks[0].start == 0
    assert blocks[-1].stop >= rows
    assert all(a.stop == b.start for a, b in itertools.pairwise(blocks))
    assert all(1 <= block.stop - block.start <= max(1, 2**15 // classes) for block in blocks)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("far", [0.0, 150.0, -np.inf, np.nan])
def test_a_row_of_many_is_as_if_alone(far, options, dtype):
    rng, asked = np.random.default_rng(0), dict(OPTIONS[options])
    logits = (3 * rng.normal(size=(ROWS, CLASSES))).astype(dtype)
    logits[3] += far  # the softmax of its whole block is made in the other way
    targets = rng.integers(CLASSES, size=ROWS)
    targets[::5] = -100
    if options == "probabilities":
        targets = rng.dirichlet(np.ones(CLASSES), size=ROWS).astype(dtype)
    if asked.get("weight"):
        asked["weight"] = rng.uniform(size=CLASSES).astype(dtype)
    upstream = rng.normal(size=ROWS).astype(dtype)
    losses = cross_entropy(logits, targets, reduction="none", **asked)
    gradient = cross_entropy_backward(upstream, logits, targets, reduction="none", **asked)
    eps = np.finfo(dtype).eps  # exp may round otherwise in another place of an array
    for i in range(ROWS):
        alone = cross_entropy(logits[i], targets[i], reduction="none", **asked)
        np.testing.assert_allclose(losses[i], alone, rtol=4 * eps, atol=0)
        its = cross_entropy_backward(upstream[i], logits[i], targets[i], reduction="none", **asked)
        np.testing.assert_allclose(gradient[i], its, rtol=0, atol=8 * eps * np.abs(its).max())


def test_a_work_space_and_a_known_maximum_change_no_bit():
    rng = np.random.default_rng(0)
    terms, b = rng.uniform(size=(2, 30, 50))
    terms[:, 7] = 1
    work = np.full((4, 30, 50), np.nan)
    np.testing.assert_array_equal(precise_sum(terms, b * 1e-17, largest=1, work=work[0]), precise_sum(terms, b * 1e-17))
    for ours, plain in zip(two_diff(terms, b, work[1:]), two_diff(terms, b), strict=True):
        np.testing.assert_array_equal(ours, plain)
