"""Side by side with PyTorch, the first row that differs is where the mistake was made."""

import subprocess
import sys
import unittest
from pathlib import Path

import numpy as np
from parity_expand import expand

import rnn_ref
from rnn_ref.lesson import compare

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/compare_with_torch.py"


def shifted(function: str, after: int = 0) -> dict:
    """The reference, with a thousandth added to the first thing that one function returns, from some call on."""
    calls = iter(range(10**6))

    def wrong(*arguments: object, **options: object) -> object:
        answer = getattr(rnn_ref, function)(*arguments, **options)
        if next(calls) < after:
            return answer
        if isinstance(answer, tuple):
            return (answer[0] + 1e-3, *answer[1:])
        return [one + 1e-3 for one in answer] if isinstance(answer, list) else answer + 1e-3

    return {name: getattr(rnn_ref, name) for name in NAMES} | {function: wrong}


NAMES = [name for name in rnn_ref.__all__ if name.startswith(("rnn_", "cross_"))]
PLANTED = [
    ("rnn_forward", 0, "h_1"),
    ("rnn_output_layer", 0, "logits_1"),
    ("cross_entropy", 3, "loss_4"),
    ("cross_entropy_backward", 2, "dlogits_3"),
    ("rnn_output_backward", 0, "dh_6"),
    ("rnn_backward", 0, "dX_seq"),
]
NETWORKS = [("single", {}), ("batch", {"B": 2}), ("float32", {"dtype": "float32"}), ("long", {"T": 40, "seed": 3})]


class TestCompare(unittest.TestCase):
    @expand((label, options) for label, options in NETWORKS)
    def test_nothing_of_the_reference_differs(self, options: dict) -> None:
        found = compare(rnn_ref, **options)
        self.assertIsNone(found.cause)
        T = options.get("T", 6)
        self.assertEqual(len(found.rows), 5 * T + 7)
        self.assertTrue(all(len(line) <= 80 for line in str(found).splitlines()))

    @expand((f"{function}-{after}", (function, after, name)) for function, after, name in PLANTED)
    def test_the_first_that_differs_is_the_cause(self, planted: tuple) -> None:
        function, after, name = planted
        found = compare(shifted(function, after))
        self.assertEqual((found.cause.name, found.cause.function), (name, function))
        self.assertEqual({row.function for row in found.rows if row.word == "differs"}, {function})
        self.assertIn(f"look at {function}", str(found))

    def test_a_state_that_is_wrong_from_one_step_on(self) -> None:
        def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
            h_states = rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
            return h_states[:3] + rnn_ref.rnn_forward(X_seq[3:], h0, W_xh, W_hh, b_h)

        found = compare({"rnn_forward": rnn_forward})
        words = {row.name: row.word for row in found.rows}
        self.assertEqual([words[f"h_{t}"] for t in (4, 5, 6)], ["differs", "follows", "follows"])
        self.assertNotIn("differs", [words["h_3"], words["logits_4"], words["dh_1"]])

    def test_what_returns_nothing_differs_and_the_rest_goes_on(self) -> None:
        found = compare({"rnn_output_layer": lambda *_: np.zeros(3)})
        self.assertEqual(found.cause.name, "logits_1")
        self.assertIn("has shape (3,)", str(found))

    def test_the_notebook_around_it_is_looked_at(self) -> None:
        found = eval("compare()", {"compare": compare, "rnn_forward": lambda *_: None})
        self.assertEqual(found.cause.function, "rnn_forward")

    def test_the_script(self) -> None:
        ran = subprocess.run([sys.executable, SCRIPT, "--T", "2"], capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("Nothing differs: 17 intermediates", ran.stdout)
        ran = subprocess.run([sys.executable, SCRIPT, "nowhere.py"], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("nowhere.py: no such file", ran.stderr)
