"""cross_entropy takes every combination of options that F.cross_entropy takes, and refuses the others with it."""

import unittest

import numpy as np
from parity_compare import check
from parity_expand import expand
from parity_options import IGNORED_CLASS, SHAPES, V, questions

import rnn_ref
from rnn_ref.conformance.targets.builtins import load_builtin

oracle = load_builtin("torch")

EVERY = list(questions())
REFUSAL = (ValueError, TypeError, RuntimeError, IndexError)  # the kinds of exception PyTorch uses for a bad argument


class EveryQuestion(unittest.TestCase):
    @expand((label, asked) for label, asked in EVERY if not asked.refused)
    def test_has_pytorchs_loss_and_gradient(self, asked):
        for pair in asked.compare():
            check(pair, asked.dtype)

    @expand((label, asked) for label, asked in EVERY if asked.refused)
    def test_that_pytorch_refuses_is_refused(self, asked):
        dloss, logits, targets, options = asked.arguments()
        for room in (oracle, rnn_ref):
            with self.assertRaises(REFUSAL):
                room.cross_entropy(logits, targets, **options)
            with self.assertRaises(REFUSAL):
                room.cross_entropy_backward(dloss, logits, targets, **options)

    def test_is_asked(self):
        self.assertEqual(len(EVERY), 3 * 3 * 3 * 3 * 2 * len(SHAPES) * 2)
        self.assertEqual(sum(asked.refused for _, asked in EVERY), len(EVERY) // 6)

    def test_ignores_some_rows_and_not_all_where_there_are_several(self):
        for _, asked in EVERY:
            _, _, targets, options = asked.arguments()
            if asked.target == "indices" and asked.shape != "one":
                ignored = np.mean(targets == options["ignore_index"])
                self.assertEqual(0 < ignored < 1, asked.ignore != "none_ignored")


ZEROS = np.zeros((2, V))
FIRST = np.array([0, 1])
BAD = {
    "a target above the classes": (ZEROS, [0, V], {}),
    "a negative target that is not ignored": (ZEROS, [0, -1], {}),
    "too few targets": (ZEROS, [0], {}),
    "targets of a rank too many": (ZEROS, [[0], [1]], {}),
    "probabilities over too few classes": (ZEROS, np.ones((2, V - 1)), {}),
    "floating-point class indices": (ZEROS, [0.0, 1.0], {}),
    "integer logits": (ZEROS.astype(int), FIRST, {}),
    "a weight too few": (ZEROS, FIRST, {"weight": np.ones(V - 1)}),
    "weights as a matrix": (ZEROS, FIRST, {"weight": np.ones((1, V))}),
    "weights in another dtype": (ZEROS, FIRST, {"weight": np.ones(V, np.float32)}),
    "smoothing above 1": (ZEROS, FIRST, {"label_smoothing": 1.1}),
    "an unknown reduction": (ZEROS, FIRST, {"reduction": "average"}),
    "probabilities and an ignored class": (ZEROS, ZEROS + 0.2, {"ignore_index": IGNORED_CLASS}),
    "logits without an axis": (np.float64(1.0), 0, {}),
}


class BadArguments(unittest.TestCase):
    @expand(BAD.items())
    def test_are_refused_by_both(self, bad):
        logits, targets, options = bad
        for room in (oracle, rnn_ref):
            with self.assertRaises(REFUSAL):
                room.cross_entropy(logits, np.asarray(targets), **options)
