"""The judge is judged: ``check`` raises for whatever is not PyTorch's answer, and for nothing else."""

import unittest
from typing import NamedTuple

import numpy as np
from parity_compare import LIMIT, Compared, check, in_ulp, named, of_largest, of_terms
from parity_expand import expand

ONES, NAN, INF = np.ones(3), np.nan, np.inf
OFF = 1.5 * LIMIT["float64"]


def beside(ours, theirs=ONES, terms=1.0):
    return Compared("h", ours, theirs, terms)


WRONG = {
    "off by more than the limit of the terms": (beside(ONES + OFF), "off by 3.0e-14 of Σ"),
    "off by more than the limit of the largest entry": (beside(ONES + OFF, terms=9.0), "of the largest entry"),
    "off in one small entry": (beside(np.array([1, 1 + OFF / 9, 1]), terms=np.array([1, 0.1, 1])), r"of Σ.*at \(1,\)"),
    "off where nothing is behind the entry": (
        beside(np.array([1, 1, 1 + 4e-16]), terms=np.array([1, 1, 0])),
        "off by inf",
    ),
    "nan for a number": (beside(np.array([1, NAN, 1])), "off by inf"),
    "a number for nan": (beside(ONES, np.array([1, NAN, 1])), "off by inf"),
    "inf for nan": (beside(np.array([1, INF, 1]), np.array([1, NAN, 1])), "off by inf"),
    "minus inf for inf": (beside(np.array([1, -INF, 1]), np.array([1, INF, 1])), "off by inf"),
    "another dtype": (beside(np.ones(3, np.float32)), "expected ndarray .* float64, got ndarray .* float32"),
    "PyTorch in another dtype": (beside(ONES, np.ones(3, np.float32)), "PyTorch answered in float32"),
    "another shape": (beside(np.ones((3, 1))), r"expected ndarray \(3,\) float64, got ndarray \(3, 1\)"),
    "a shape that would broadcast": (beside(np.ones(1)), r"got ndarray \(1,\)"),
    "a Python number": (beside(1.0, np.float64(1)), "got float"),
    "an array for a number": (beside(np.array(1.0), np.float64(1)), r"expected generic .* got ndarray \(\)"),
    "a list": (beside([1.0, 1.0, 1.0]), "got list"),
}
RIGHT = {
    "equal": beside(ONES),
    "off by less than the limit": beside(ONES + OFF / 2),
    "nan and infinities in the same places": beside(np.array([NAN, INF, -INF]), np.array([NAN, INF, -INF])),
    "nothing at all behind zeros": beside(0 * ONES, 0 * ONES, 0.0),
    "a number": beside(np.float64(1), np.float64(1)),
    "the last bit below the smallest normal number": beside(
        np.array([1, 1e-310]), np.array([1, 1e-310 + 5e-324]), 1e-310
    ),
}


class TheJudge(unittest.TestCase):
    @expand(WRONG.items())
    def test_raises_for(self, case):
        pair, reason = case
        with self.assertRaisesRegex(AssertionError, f"^h: .*{reason}"):
            check(pair, "float64")

    @expand(RIGHT.items())
    def test_accepts(self, pair):
        check(pair, "float64")

    def test_judges_by_the_terms_alone_where_entries_cancel(self):
        check(beside(ONES + OFF, terms=9.0), "float64", cancels=True)

    def test_wants_every_gradient_by_its_name(self):
        ours = NamedTuple("Gradients", [("W", object), ("b", object)])(ONES, ONES)
        self.assertEqual([pair.what for pair in named(ours, {"W": ONES, "b": ONES}, ours)], ["W", "b"])
        for theirs in {"W": ONES}, {"W": ONES, "b": ONES, "c": ONES}, {"W": ONES, "B": ONES}:
            with self.assertRaisesRegex(AssertionError, "ours are"):
                named(ours, theirs, ours)

    def test_measures_what_the_tables_say(self):
        pair = Compared("h", np.array([2.0, 1.0 + 2**-50]), np.array([2.0, 1.0]), np.array([1.0, 4.0]))
        self.assertEqual((of_terms(pair), of_largest(pair), in_ulp(pair)), (2**-52, 2**-51, 2.0))
