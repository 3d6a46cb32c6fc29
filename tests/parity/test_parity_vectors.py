"""The frozen vectors are what PyTorch answers today, and PyTorch passes the check made from them."""

import unittest

import numpy as np

import rnn_ref
from rnn_ref.conformance import cases, oracle_torch, vectors
from rnn_ref.conformance.execute import perform
from rnn_ref.conformance.judge import judge
from rnn_ref.conformance.tolerance import allowed_error


class FrozenVectors(unittest.TestCase):
    def test_regenerated_from_the_same_seeds_they_are_the_same(self) -> None:
        frozen, _ = vectors.load()
        fresh = list(cases.all_checks(oracle_torch.ask))
        self.assertEqual([check.id for check in frozen], [check.id for check in fresh])
        for old, new in zip(frozen, fresh, strict=True):
            for name, value in old.arguments.items():
                if isinstance(value, np.ndarray):
                    np.testing.assert_allclose(new.arguments[name], value, **_rounding(old.dtype), err_msg=old.id)
                else:
                    self.assertEqual(new.arguments[name], value)
            for name, expected in old.expected.items():
                allowed = allowed_error(expected, "float64", old.scales.get(name, 0.0))
                np.testing.assert_allclose(new.expected[name], expected, rtol=0, atol=allowed, err_msg=old.id)

    def test_other_seeds_give_other_numbers_on_which_the_reference_is_right_too(self) -> None:
        frozen = {check.id: check for check in vectors.load()[0]}
        for check in cases.all_checks(oracle_torch.ask, seed=1):
            result = judge(check, perform(getattr(rnn_ref, check.function), check))
            self.assertEqual(result.status, "passed", result)
            if "generic" in check.flags:
                other = frozen[check.id].expected
                self.assertFalse(any(np.array_equal(other[name], value) for name, value in check.expected.items()))

    def test_pytorch_itself_conforms(self) -> None:
        report = rnn_ref.check("torch")
        self.assertTrue(report.ok, [result for result in report.results if result.status != "passed"])
        self.assertEqual(report.skipped, 0)
        missing = [name for name, function in report.functions.items() if function.verdict == "missing"]
        self.assertEqual(missing, ["rnn_sequence_loss", "rnn_sequence_loss_backward"])


def _rounding(dtype: str) -> dict[str, float]:
    """States and logits among the inputs are computed ones: one ulp is another processor's good right."""
    unit = float(np.finfo(dtype).eps)
    return {"rtol": unit, "atol": unit}
