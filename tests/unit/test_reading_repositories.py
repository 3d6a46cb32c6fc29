"""Whole small repositories: networks of several methods, and of several files that import each other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import verdicts

import rnn_ref
from rnn_ref.conformance.reports.report import Report
from rnn_ref.conformance.targets.reading.objects.maker import Maker
from rnn_ref.conformance.targets.reading.objects.methods import MethodWay

BY_PARTS = """
import numpy as np

class Recurrent:
    def __init__(self, features, hidden_units, num_output, learning_rate):
        self.learning_rate = learning_rate
        self.weights = {"wx": np.random.randn(hidden_units, features), "wy": np.random.randn(num_output, hidden_units)}
        self.weights["wh"] = np.random.randn(hidden_units, hidden_units)
        self.bias = {"bh": np.zeros((hidden_units, 1)), "by": np.zeros((num_output, 1))}

    def forward(self, X):
        self.data, h = X, np.zeros_like(self.bias["bh"])
        self.kept = {"pre_act": {"hidden": []}, "post_act": {"hidden": []}}
        for x in X:
            inner = self.weights["wx"] @ x.reshape(-1, 1) + self.weights["wh"] @ h + self.bias["bh"]
            h = np.tanh(inner)
            self.kept["pre_act"]["hidden"].append(inner)
            self.kept["post_act"]["hidden"].append(h)
        self.output = self.weights["wy"] @ h + self.bias["by"]
        return self.output
"""
LAYER = """
from parts import Tanh

bend = Tanh()

class RecurrentLayer:
    def forward(self, x, prev_s, U, W):
        self.sum = U @ x + W @ prev_s
        self.s = bend.forward(self.sum)
        return self.s

    def backward(self, ds, x, prev_s, U, W):
        self.forward(x, prev_s, U, W)
        inner = bend.backward({given})
        return U.T @ inner, W.T @ inner, inner @ x.T, inner @ prev_s.T
"""


def checked(folder: Path, text: str) -> Report:
    path = folder / "network.py"
    path.write_text(text, encoding="utf-8")
    return rnn_ref.check(str(path), only="*/single-float64")


def test_of_all_that_an_object_keeps_states_are_what_is_behind_the_activation(tmp_path: Path) -> None:
    report = checked(tmp_path, BY_PARTS)
    assert report.functions["rnn_forward"].verdict == "conforms"


@pytest.mark.slow
def test_where_there_is_no_activation_that_is_told_as_before(tmp_path: Path) -> None:
    wrong = BY_PARTS.replace("np.tanh(inner)", "inner")
    assert checked(tmp_path, wrong).functions["rnn_forward"].named == ["no-tanh"]


def test_what_other_methods_leave_in_an_object_is_forgotten() -> None:
    class Recurrent:
        def __init__(self, input_size: int, hidden_size: int) -> None:
            self.Wx, self.Wh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))

        def step(self, x: Any, h: Any) -> Any:
            return np.tanh(self.Wx @ x + self.Wh @ h)

    maker = Maker(Recurrent, [])
    sizes = {"D": 2, "H": 3}
    made = maker.made(sizes)
    assert maker.made(sizes) is made
    MethodWay(maker, "step").begin_anew()
    assert maker.made(sizes) is not made


def test_a_layer_that_stands_in_is_given_what_went_forward_again(tmp_path: Path) -> None:
    for given in ("self.sum, ds", "ds, self.s", "ds"):
        report = checked(tmp_path, LAYER.replace("{given}", given))
        assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_cell_backward": "conforms"}, given
    report = checked(tmp_path, LAYER.replace("{given}", "ds, 1 * self.sum"))
    assert verdicts(report) == {"rnn_cell_step": "conforms"}  # what the module that is not there does then, who knows
