"""Sure predictions: ours is PyTorch's up to PyTorch's own rounding, which there is most of PyTorch's answer.

How near ours is to the truth is in ``tests/unit/test_cross_entropy_accuracy.py``; here the two are shown to differ by
no more than rounding allows a program that takes the log of a sum close to 1.
"""

import unittest
from itertools import product

import numpy as np
from parity_compare import LIMIT, of_terms
from parity_expand import expand
from parity_grid import DTYPES
from parity_options import both

import rnn_ref
from rnn_ref.conformance.targets.builtins import load_builtin

oracle = load_builtin("torch")

MARGINS = (10, 15, 18, 20, 30, 40, 60, 80)
OPTIONS = {
    "plain": {},
    "smoothed": {"label_smoothing": 0.1},
    "hardly smoothed": {"label_smoothing": 1e-6},
    "weighted": {"weight": True},
    "weighted and smoothed": {"weight": True, "label_smoothing": 0.1},
    "probabilities": {"shares": True},
}
CASES = [(f"margin_{margin}_of_{V}_{told}_{dtype}", (margin, V, options, dtype))
         for margin, V, (told, options), dtype in product(MARGINS, (2, 50, 1000), OPTIONS.items(), DTYPES)]  # fmt: skip


def sure(margin, V, dtype, rows=6):
    """Draw logits in which the target leads by ``margin``."""
    rng = np.random.default_rng([margin, V])
    logits, targets = 2 * rng.normal(size=(rows, V)), rng.integers(V, size=rows)
    np.put_along_axis(logits, targets[:, None], logits.max(-1, keepdims=True) + margin, -1)
    return logits.astype(dtype), targets, rng


class SurePredictions(unittest.TestCase):
    @expand(CASES)
    def test_differ_from_pytorchs_by_no_more_than_its_rounding(self, case):
        margin, V, asked, dtype = case
        logits, targets, rng = sure(margin, V, dtype)
        dloss, options = rng.normal(size=len(logits)).astype(dtype), {**asked, "reduction": "none"}
        if options.pop("shares", False):
            targets = rng.dirichlet(np.ones(V), size=len(logits)).astype(dtype)
        if options.get("weight"):
            options["weight"] = rng.uniform(0.1, 3, size=V).astype(dtype)
        for pair in both(dloss, logits, targets, **options):
            self.assertLessEqual(of_terms(pair), LIMIT[dtype], pair.what)

    def test_pytorchs_answer_is_nothing_where_ours_still_has_its_digits(self):
        logits = np.array([18.0, 0.0, 0.0, 0.0], np.float32)
        truth = 3 * np.exp(-18.0)  # of the loss and of −dlogits[0], to 5e-8
        self.assertEqual(oracle.cross_entropy(logits, 0), 0)
        self.assertEqual(oracle.cross_entropy_backward(1.0, logits, 0)[0], 0)
        self.assertAlmostEqual(rnn_ref.cross_entropy(logits, 0) / truth, 1, delta=2e-7)
        self.assertAlmostEqual(rnn_ref.cross_entropy_backward(1.0, logits, 0)[0] / truth, -1, delta=2e-7)
