"""The frozen vectors are what mpmath and PyTorch answer today, and PyTorch passes the check made from them."""

import unittest
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import fresh, frozen
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome, perform
from rnn_ref.conformance.spec import truth
from rnn_ref.conformance.spec.frameworks import pytorch_answers
from rnn_ref.conformance.spec.tolerance import allowed_errors, unit

WITH_PYTORCH = [check for check in frozen.load()[0] if check.pytorch]


class FrozenVectors(unittest.TestCase):
    def test_regenerated_from_the_same_seeds_they_are_the_same_to_the_bit(self) -> None:
        kept, made = frozen.load()[0], list(fresh.all_checks("1", truth.ask, pytorch_answers.ask))
        self.assertEqual([check.id for check in kept], [check.id for check in made])
        for old, new in zip(kept, made, strict=True):
            for what in ("arguments", "options", "expected"):
                self.assertEqual(list(getattr(old, what)), list(getattr(new, what)))
                for name, value in getattr(old, what).items():
                    np.testing.assert_array_equal(getattr(new, what)[name], value, err_msg=old.id, strict=True)

    def test_pytorch_answers_today_as_it_did_then(self) -> None:
        for check in WITH_PYTORCH:
            said = check.operation.unpacked(pytorch_answers.ask(check.function, check.arguments, check.options))
            for name, then in check.pytorch.items():
                now = np.asarray(said[name], np.float64)
                same = np.isnan(then) & np.isnan(now) | np.isinf(then) & (now == then)
                apart = np.abs(np.where(same, 0, now) - np.where(same, 0, then))
                self.assertTrue(np.all(apart <= _allowed(check, name)), check.id)

    def test_the_truth_and_pytorch_in_float64_are_one(self) -> None:
        for check in WITH_PYTORCH:
            if check.dtype == "float64":
                for name in check.expected:
                    apart = check.errors(name, check.pytorch[name])
                    expected = check.expected[name]
                    self.assertTrue(np.all((apart <= _allowed(check, name)) | np.isnan(expected)), check.id)

    @pytest.mark.slow
    def test_on_other_seeds_the_numbers_are_others_and_the_reference_is_right_too(self) -> None:
        kept = {check.id: check for check in frozen.load()[0]}
        for check in fresh.all_checks("1", truth.ask, pytorch_answers.ask, seed=1):
            result = judge(check, [perform(getattr(rnn_ref, check.function), check)])
            self.assertEqual(result.status, "passed", result)
            if "generic" in check.flags:
                other = kept[check.id].expected
                self.assertFalse(any(np.array_equal(other[name], value) for name, value in check.expected.items()))

    @pytest.mark.slow
    def test_pytorch_conforms_on_seeds_on_which_a_tolerance_once_was_too_narrow(self) -> None:
        for seed in (54, 181):
            for check in fresh.all_checks("1", truth.ask, pytorch_answers.ask, seed=seed):
                if not check.pytorch:
                    continue
                result = judge(check, [Outcome(answers=dict(check.pytorch))])
                self.assertEqual(result.status, "passed", result)

    def test_pytorch_itself_conforms(self) -> None:
        report = rnn_ref.check("torch")
        self.assertTrue(report.ok, [result for result in report.results if result.status != "passed"])
        skipped = {result.message for result in report.results if result.status == "skipped"}
        before = "stacks of gru_forward with reset_after=False: not asked, they raise NotImplementedError"
        self.assertEqual(skipped, {"options not among its arguments (reset_after)", before})  # it has one of the two
        missing = [name for name, function in report.functions.items() if function.verdict == "missing"]
        self.assertEqual(missing, ["rnn_sequence_loss", "rnn_sequence_loss_backward"])


def _allowed(check: Check, name: str) -> Any:
    """States are judged by their steps elsewhere; here a contracting run keeps them to a few units of rounding."""
    return 64 * unit(check.dtype) if check.function == "rnn_forward" else allowed_errors(check)[name]
