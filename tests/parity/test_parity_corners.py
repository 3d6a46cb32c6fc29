"""cross_entropy in the corners: nothing left to average, nothing but one class, certainty, impossibility."""

import unittest
from itertools import product

import numpy as np
from parity_compare import check
from parity_expand import expand
from parity_grid import DTYPES
from parity_options import both

import rnn_ref

REDUCTIONS, SMOOTHINGS = ("none", "mean", "sum"), (0.0, 0.1)
INF = np.inf
PLAIN = np.array([[2.0, -1.0, 0.5], [0.25, 1.0, -3.0]])
UNIFORM = np.full((2, 3), 1 / 3)
CORNERS = {  # logits, targets, other options
    "every target ignored": (PLAIN, [-100, -100], {}),
    "every target of a class that is ignored": (PLAIN, [1, 1], {"ignore_index": 1}),
    "every target of weight zero": (PLAIN, [1, 1], {"weight": [2.0, 0.0, 1.0]}),
    "every weight zero": (PLAIN, [1, 2], {"weight": [0.0, 0.0, 0.0]}),
    "every weight zero for probabilities": (PLAIN, UNIFORM, {"weight": [0.0, 0.0, 0.0]}),
    "one row ignored, the other of weight zero": (PLAIN, [1, -100], {"weight": [2.0, 0.0, 1.0]}),
    "one class": ([[3.0], [-2.0]], [0, 0], {}),
    "one class, as a probability": ([[3.0], [-2.0]], [[1.0], [1.0]], {}),
    "an impossible class that is not the target": ([[2.0, -INF, 0.5], [-INF, 1.0, -INF]], [0, 1], {}),
    "an impossible class that is the target": ([[2.0, -INF, 0.5], [-INF, 1.0, -3.0]], [1, 1], {}),
    "an impossible class that has a share": ([[2.0, -INF, 0.5], [0.25, 1.0, -3.0]], UNIFORM, {}),
    "no possible class": ([[-INF, -INF, -INF], [0.25, 1.0, -3.0]], [1, 1], {}),
    "a class with logit inf": ([[INF, 1.0, 0.5], [0.25, 1.0, -3.0]], [0, 1], {}),
    "a nan": ([[np.nan, 1.0, 0.5], [0.25, 1.0, -3.0]], [0, 1], {}),
    "logits of 10,000, rightly sure": ([[1e4, -1e4, 0.0], [0.0, 1e4, 1e4]], [0, 1], {}),
    "logits of 10,000, wrongly sure": ([[1e4, -1e4, 0.0], [0.0, 1e4, 1e4]], [1, 0], {}),
    "all logits equal": ([[7.0, 7.0, 7.0], [-1e4, -1e4, -1e4]], [0, 2], {}),
    "probabilities that do not add up to 1": (PLAIN, 3 * UNIFORM, {}),
    "targets of 0 everywhere": (PLAIN, 0 * UNIFORM, {}),
}


def corners():
    for (label, corner), smoothing, reduction, dtype in product(CORNERS.items(), SMOOTHINGS, REDUCTIONS, DTYPES):
        yield f"{label}_{smoothing}_{reduction}_{dtype}", (*corner, smoothing, reduction, dtype)


class TheCorners(unittest.TestCase):
    @expand(corners())
    def test_are_as_in_pytorch(self, corner):
        logits, targets, options, smoothing, reduction, dtype = corner
        logits, targets = np.array(logits, dtype), np.array(targets)
        targets = targets.astype(dtype) if targets.dtype.kind == "f" else targets
        options = {name: np.array(v, dtype) if name == "weight" else v for name, v in options.items()}
        options |= {"label_smoothing": smoothing, "reduction": reduction}
        dloss = np.array([0.75, -1.5], dtype) if reduction == "none" else -1.5
        for pair in both(dloss, logits, targets, **options):
            check(pair, dtype)


class IntegerTargets(unittest.TestCase):
    @expand(
        [(kind, kind) for kind in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "intp")]
    )
    def test_may_be_of_any_integer_dtype(self, kind):
        for pair in both(1.5, PLAIN, np.array([2, 0], kind)):
            check(pair, "float64")

    def test_may_be_a_list_or_a_number(self):
        self.assertEqual(rnn_ref.cross_entropy(PLAIN, [2, 0]), rnn_ref.cross_entropy(PLAIN, np.array([2, 0])))
        self.assertEqual(rnn_ref.cross_entropy(PLAIN[0], 2), rnn_ref.cross_entropy(PLAIN[0], np.array(2)))
