"""Functions that another one makes, with their weights around them, are read as methods of a class."""

import ast
from pathlib import Path

import pytest
from unit_learner import verdicts, write

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.targets.reading.recognise import _globals_of

MADE = """
import numpy as np

def build_network(input_size, hidden_size):
    params = {
        "Wx": np.random.randn(hidden_size, input_size) * 0.1,
        "Wh": np.random.randn(hidden_size, hidden_size) * 0.1,
        "b": np.zeros(hidden_size),
    }
    kept = []

    def forward(xs, h):
        nonlocal kept
        kept = [(None, h)]
        for x in xs:
            h = np.tanh(params["Wx"] @ x + params["Wh"] @ h + params["b"])
            kept.append((x, h))
        return np.array([h for _, h in kept[1:]])

    def backward(dhs):
        grads = {name: np.zeros_like(one) for name, one in params.items()}
        dh = np.zeros(hidden_size)
        for t in reversed(range(len(dhs))):
            x, h = kept[t + 1]
            dz = (dhs[t] + dh) * (1 - h ** 2)
            grads["Wx"] += np.outer(dz, x)
            grads["Wh"] += np.outer(dz, kept[t][1])
            grads["b"] += dz
            dh = params["Wh"].T @ dz
        return grads

    return forward, backward
"""
STEP = """
import numpy as np

def make_cell(D, H):
    rng = np.random.default_rng(0)
    Wx, Wh, b = rng.normal(size=(H, D)), rng.normal(size=(H, H)), np.zeros(H)
    return_ = None

    def cell(x, h):
        z = Wx @ x + Wh @ h
        return np.tanh(z + b)

    return cell
"""


@pytest.mark.parametrize(
    ("text", "functions", "old", "new", "slug"),
    [
        (MADE, ("rnn_forward", "rnn_backward"), 'params["Wh"].T @ dz', 'params["Wh"] @ dz', "dh-next-untransposed"),
        (STEP, ("rnn_cell_step",), "np.tanh(z + b)", "np.tanh(z) + b", "bias-outside-tanh"),
    ],
)
def test_they_are_judged(text: str, functions: tuple[str, ...], old: str, new: str, slug: str, tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, text), timeout=20)
    assert verdicts(report) == dict.fromkeys(functions, "conforms"), str(report)
    assert any("is read as a class" in note for note in report.notes)
    report = rnn_ref.check(write(tmp_path, text.replace(old, new)), timeout=20)
    assert verdicts(report)[functions[-1]] == "wrong"
    assert f"({slug})" in str(report)


def test_what_hands_out_other_functions_is_none_of_them(tmp_path: Path) -> None:
    text = "def timed(function):\n    def inner(*a):\n        return function(*a)\n    return inner\n"
    with pytest.raises(TargetError, match="none of the functions"):
        rnn_ref.check(write(tmp_path, text), timeout=20)


def test_what_stands_around_a_class_of_a_file_that_was_taken_apart_is_seen():
    around: dict = {"__name__": "nowhere", "tool": ast}
    exec("class Net:\n    def step(self): ...", around)
    assert ast in list(_globals_of([around["Net"]]))
