"""Live PyTorch as the oracle: what is right stays right, what is wrong stays wrong, and it is PyTorch that is asked."""

import unittest
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.cases import frozen, live
from rnn_ref.conformance.spec.frameworks import pytorch_answers

ANEW = {"rnn_cell_backward", "rnn_backward"}  # handed states, which autograd computes anew


class LivePyTorch(unittest.TestCase):
    def conforms(self, target: Any) -> None:
        report = rnn_ref.check(target, oracle="torch")
        self.assertTrue(report.ok, str(report))
        self.assertEqual(report.environment["oracle"], "torch")

    def test_the_reference_conforms(self) -> None:
        self.conforms(rnn_ref)

    @pytest.mark.slow  # by the frozen answers it does each time: test_parity_vectors.py
    def test_pytorch_itself_conforms(self) -> None:
        self.conforms("torch")

    def test_answers_are_pytorchs_and_not_the_frozen_ones(self) -> None:
        for check in frozen.load()[0]:
            asked = live.answered_by_torch(check)
            if asked is check:
                self.assertIn("confident", check.flags)
                continue
            dtype = check.dtype if check.function in ANEW else "float64"
            wide = {n: v.astype(dtype) if _is_float(v) else v for n, v in check.arguments.items()}
            options = {n: v.astype(dtype) if _is_float(v) else v for n, v in check.options.items()}
            said = check.operation.unpacked(pytorch_answers.ask(check.function, wide, options))
            for name, expected in asked.expected.items():
                np.testing.assert_array_equal(expected, np.asarray(said[name], np.float64), err_msg=check.id)

    def test_what_pytorch_is_off_is_allowed_on_top_and_no_more(self) -> None:
        def rnn_output_layer(*arguments: Any) -> Any:
            return rnn_ref.rnn_output_layer(*arguments) * (1 + 1e-5)

        def rnn_backward(*arguments: Any) -> Any:
            grads = rnn_ref.rnn_backward(*arguments)
            return grads._replace(W_hh=grads.W_hh * (1 + 1e-5))

        report = rnn_ref.check({"rnn_output_layer": rnn_output_layer, "rnn_backward": rnn_backward}, oracle="torch")
        self.assertEqual({one.verdict for one in report.functions.values()} - {"missing"}, {"wrong"})

    @pytest.mark.slow
    def test_fresh_cases_may_be_asked_of_it_too(self) -> None:
        report = rnn_ref.check(rnn_ref, oracle="torch", seed=2, only="seed2")
        self.assertTrue(report.ok, str(report))
        self.assertGreater(report.ran, 100)


def _is_float(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"
