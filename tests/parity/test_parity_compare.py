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
        return (moved(answer[0]), *answer[1:]) if isinstance(answer, tuple) else moved(answer)

    def moved(answer: object) -> object:
        return [one + 1e-3 for one in answer] if isinstance(answer, list) else answer + 1e-3

    return {name: getattr(rnn_ref, name) for name in NAMES} | {function: wrong}


NAMES = [name for name in rnn_ref.__all__ if name.startswith(("rnn_", "cross_", "gru_", "lstm_"))]
PLANTED = [
    ("rnn_forward", 0, "h_1"),
    ("rnn_output_layer", 0, "logits_1"),
    ("cross_entropy", 3, "loss_4"),
    ("cross_entropy_backward", 2, "dlogits_3"),
    ("rnn_output_backward", 0, "dh_6"),
    ("rnn_backward", 0, "dX_seq"),
]
NETWORKS = [("single", {}), ("batch", {"B": 2}), ("float32", {"dtype": "float32"}), ("long", {"T": 40, "seed": 3})]
GATED = [
    ("gru", "gru_forward", 0, "h_1"),
    ("gru", "gru_cell_backward", 0, "dX_seq"),
    ("gru", "gru_backward", 0, "dX_seq"),
    ("lstm", "lstm_forward", 0, "h_1"),
    ("lstm", "lstm_backward", 0, "dX_seq"),
]
CELLS = [(f"{cell}-{label}", (cell, options)) for cell in ("gru", "lstm") for label, options in NETWORKS]


def gru_step(wrong: str) -> dict:
    """A learner's step of a GRU, with one expression of it replaced."""
    text = """
def gru_cell_step(x_t, h_prev, W_xh, W_hh, b_xh, b_hh):
    x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, axis=-1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, axis=-1)
    r = 1 / (1 + np.exp(-(x_r + h_r)))
    z_t = 1 / (1 + np.exp(-(x_z + h_z)))
    n = np.tanh(x_n + r * h_n)
    return (1 - z_t) * n + z_t * h_prev
"""
    names: dict = {"np": np}
    old, _, new = wrong.partition(" => ")
    exec(text.replace(old, new) if new else text, names)
    return {"gru_cell_step": names["gru_cell_step"]}


STEPS = [
    ("nothing", ("", None, "")),
    ("reset", ("-(x_r + h_r) => x_r + h_r", "r_1", "")),
    ("update", ("x_z + h_z => x_z", "z_1", "")),
    ("candidate", ("r * h_n => h_n", "n_1", "")),
    ("mixture", ("(1 - z_t) * n + z_t => z_t * n + (1 - z_t)", "h_1", "")),
    ("renamed", ("z_t => update", None, "; gates r, z, n from rnn_ref")),
]


class TestCompareGated(unittest.TestCase):
    @expand(CELLS)
    def test_nothing_of_the_reference_differs(self, case: tuple) -> None:
        cell, options = case
        found = compare(rnn_ref, cell=cell, **options)
        self.assertIsNone(found.cause, str(found))
        T, names = options.get("T", 6), {row.name for row in found.rows}
        gates, states = ("rzn", "h") if cell == "gru" else ("ifgo", "hc")
        self.assertTrue({f"{one}_{t}" for one in gates + states for t in range(1, T + 1)} <= names)
        self.assertTrue({f"dh_{t}" for t in range(T + 1)} <= names)
        self.assertEqual({f"dc_{t}" for t in range(T)} <= names, cell == "lstm")
        self.assertTrue(all(len(line) <= 80 for line in str(found).splitlines()))

    @expand((f"{function}-{after}", (cell, function, after, name)) for cell, function, after, name in GATED)
    def test_the_first_that_differs_is_the_cause(self, planted: tuple) -> None:
        cell, function, after, name = planted
        found = compare(shifted(function, after), cell=cell)
        if function.endswith("cell_backward"):  # what is added there reaches x_t, which compare() takes from the whole
            self.assertIsNone(found.cause)
        else:
            self.assertEqual((found.cause.name, found.cause.function), (name, function))

    @expand(STEPS)
    def test_the_gate_that_differs_is_shown(self, case: tuple) -> None:
        wrong, name, note = case
        found = compare(gru_step(wrong), cell="gru", T=3)
        self.assertEqual(found.cause and found.cause.name, name, str(found))
        self.assertEqual(found.rows[0].heading, f"gru_cell_step, yours{note}")

    def test_what_is_not_written_is_the_references(self) -> None:
        found = compare({"rnn_output_layer": rnn_ref.rnn_output_layer}, cell="lstm", T=2)
        self.assertIsNone(found.cause)
        self.assertEqual(found.rows[0].heading, "lstm_cell_step, from rnn_ref")

    def test_a_cell_that_does_not_exist_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "lesson.compare: cell is 'tanh', expected 'rnn', 'gru', 'lstm'"):
            compare(rnn_ref, cell="tanh")


def transposed_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(W_xh @ x_t + W_hh.T @ h_prev + b_h)


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

    def test_a_sequence_that_takes_a_wrong_step_points_at_the_step(self) -> None:
        def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
            h_states = [h0]
            for x_t in X_seq:
                h_states.append(step(x_t, h_states[-1], W_xh, W_hh, b_h))
            return h_states[1:]

        for step, look in ((transposed_step, "rnn_cell_step, then rnn_forward"), (rnn_ref.rnn_cell_step, None)):
            found = compare({"rnn_cell_step": step, "rnn_forward": rnn_forward})
            self.assertEqual(str(found).splitlines()[-1].partition("look at ")[2] or None, look and f"{look}.")

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
        ran = subprocess.run([sys.executable, SCRIPT, "--cell", "lstm"], capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertIn("\ndc_0 ", ran.stdout)
        ran = subprocess.run([sys.executable, SCRIPT, "nowhere.py"], capture_output=True, text=True, check=False)
        self.assertEqual(ran.returncode, 2)
        self.assertIn("nowhere.py: no such file", ran.stderr)
