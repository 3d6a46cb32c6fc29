"""The frameworks that are built-in targets conform, in what they claim; each where it is installed."""

import importlib.util
import unittest

from parity_expand import expand

import rnn_ref
from rnn_ref.conformance.targets.builtins import FRAMEWORKS

FORWARD = {"rnn_cell_step", "rnn_forward", "rnn_output_layer", "cross_entropy"}
BACKWARD = {"rnn_cell_backward", "rnn_backward", "rnn_output_backward", "cross_entropy_backward", "rnn_bptt"}
GATED = {f"{cell}_{way}" for cell in ("gru", "lstm") for way in ("cell_step", "forward")}
GATED_BACK = {f"{cell}_{way}" for cell in ("gru", "lstm") for way in ("cell_backward", "backward")}
OFFERS = {
    "jax": FORWARD | BACKWARD | GATED | GATED_BACK,
    "keras": FORWARD | GATED,
    "onnxruntime": FORWARD | GATED,
}
INSISTING = {"keras": ("low-precision", "--dtype float32"), "onnxruntime": ("crashed", "it has no RNN in float64")}
# Keras multiplies all log-probabilities by a one-hot target, and 0 times -inf is nan.
DECLARED = {"keras": {"cross_entropy/*minus-inf*": "nan where a logit is -inf"}}


def named(table):
    return [(name, name) for name in table]


class TheBuiltins(unittest.TestCase):
    def check(self, name, **options):
        absent = [one for one in FRAMEWORKS[name].needs if importlib.util.find_spec(one) is None]
        if absent:
            self.skipTest(f"{', '.join(absent)} not installed")
        return rnn_ref.check(name, **options)

    @expand(named(OFFERS))
    def test_a_framework_conforms_in_all_it_offers(self, name):
        report = self.check(name, expect_fail=DECLARED.get(name, {}))
        self.assertTrue(report.ok, str(report))
        there = {function for function, one in report.functions.items() if one.verdict == "conforms"}
        self.assertEqual(there, OFFERS[name])
        for function in there:
            self.assertGreaterEqual(report.functions[function].passed, 6)

    @expand(named(INSISTING))
    def test_float64_is_not_asked_of_who_does_not_claim_it_and_that_is_said(self, name):
        report = self.check(name, only="rnn_*")
        asked = {result.dtype for result in report.results if result.status != "skipped"}
        self.assertEqual(asked, {"float32"})
        self.assertIn(f"float64 not claimed by {name} (--dtype both insists)", str(report))

    @expand(named(INSISTING))
    def test_who_insists_on_float64_is_told_why_not(self, name):
        report = self.check(name, only="rnn_forward", dtype="both")
        verdict, said = INSISTING[name]
        self.assertEqual(report.functions["rnn_forward"].verdict, verdict)
        self.assertIn(said, report.functions["rnn_forward"].explanation)
