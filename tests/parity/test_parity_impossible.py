"""Where ours is not PyTorch's: 0 · (−inf) and 0 · nan count as 0, for what has no weight does not count."""

import unittest
from itertools import product

import numpy as np
from parity_compare import check
from parity_expand import expand
from parity_grid import DTYPES
from parity_options import both

import rnn_ref
from rnn_ref.conformance.targets.builtins import load_builtin

oracle = load_builtin("torch")

INF = np.inf
CASES = [(f"{reduction}_{dtype}", (reduction, dtype)) for reduction, dtype in product(("none", "mean", "sum"), DTYPES)]
SINGLE = [(dtype, dtype) for dtype in DTYPES]


def upstream(reduction, dtype):
    """Return a gradient for two losses or their reduction."""
    return np.array([0.75, -1.5], dtype) if reduction == "none" else -1.5


class AnImpossibleClass(unittest.TestCase):
    @expand(CASES)
    def test_without_a_share_counts_for_nothing_as_if_it_were_not_there(self, case):
        reduction, dtype = case
        logits = np.array([[2.0, 0.5, -INF], [1.0, -3.0, -INF]], dtype)
        shares = np.array([[0.25, 0.75, 0.0], [0.5, 0.5, 0.0]], dtype)
        self.assertTrue(np.isnan(oracle.cross_entropy(logits, shares, reduction=reduction)).all())
        dloss = upstream(reduction, dtype)
        ours = rnn_ref.cross_entropy(logits, shares, reduction=reduction)
        back = rnn_ref.cross_entropy_backward(dloss, logits, shares, reduction=reduction)
        loss, dlogits = both(dloss, logits[:, :2], shares[:, :2], reduction=reduction)
        check(loss._replace(ours=ours), dtype)
        check(dlogits._replace(ours=back[:, :2]), dtype)
        np.testing.assert_array_equal(back[:, 2], 0)

    @expand(SINGLE)
    def test_as_a_target_without_weight_leaves_the_other_rows(self, dtype):
        logits = np.array([[2.0, 0.5, -INF], [1.0, -3.0, 0.5]], dtype)
        targets, weight = np.array([2, 0]), np.array([1.5, 1.0, 0.0], dtype)
        self.assertTrue(np.isnan(oracle.cross_entropy(logits, targets, weight=weight)))
        ours = rnn_ref.cross_entropy(logits, targets, weight=weight)
        back = rnn_ref.cross_entropy_backward(-1.5, logits, targets, weight=weight)
        loss, dlogits = both(-1.5, logits[1:], targets[1:], weight=weight)
        check(loss._replace(ours=ours), dtype)
        check(dlogits._replace(ours=back[1:]), dtype)
        np.testing.assert_array_equal(back[0], 0)

    @expand(SINGLE)
    def test_without_a_share_has_pytorchs_gradient_even_so(self, dtype):
        _, dlogits = both(1.5, np.array([[2.0, 0.5, -INF]], dtype), np.array([[0.25, 0.75, 0.0]], dtype))
        check(dlogits, dtype)
        self.assertTrue(np.isfinite(dlogits.ours).all())


class ANan(unittest.TestCase):
    @expand(CASES)
    def test_in_an_ignored_row_is_ignored_where_pytorchs_gradient_is_nan(self, case):
        reduction, dtype = case
        logits, targets = np.array([[np.nan, 1.0, 0.5], [0.25, 1.0, -3.0]], dtype), np.array([-100, 1])
        dloss = upstream(reduction, dtype)
        loss, dlogits = both(dloss, logits, targets, reduction=reduction)
        without = both(dloss[1:] if reduction == "none" else dloss, logits[1:], targets[1:], reduction=reduction)
        check(without[0]._replace(ours=loss.ours[1:] if reduction == "none" else loss.ours), dtype)
        self.assertTrue(np.isnan(dlogits.theirs[0]).all())
        np.testing.assert_array_equal(dlogits.ours[0], 0)
        check(without[1]._replace(ours=dlogits.ours[1:]), dtype)
