"""Classes that make layers of a class of their file, in one direction or two, are read as stacks."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

HEAD = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))
"""
LAYERS = (
    HEAD
    + """
    class Layer:
        def __init__(self, input_size, hidden_size):
            self.W = np.random.randn(4 * hidden_size, input_size)
            self.U = np.random.randn(4 * hidden_size, hidden_size)
            self.b = np.random.randn(4 * hidden_size)

        def forward(self, xs, h, c):
            hs = []
            for x in xs:
                i, f, g, o = np.split(x @ self.W.T + h @ self.U.T + self.b, 4, axis=1)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                hs.append(h)
            return np.array(hs), h, c

    class Stacked:
        def __init__(self, input_size, hidden_size, num_layers=2):
            sizes = [input_size] + [hidden_size] * (num_layers - 1)
            self.layers = [Layer(size, hidden_size) for size in sizes]

        def forward(self, x, state):
            h0, c0 = state
            hn, cn = [], []
            for k, layer in enumerate(self.layers):
                x, h, c = layer.forward(x, h0[{start}], c0[{start}])
                hn.append(h)
                cn.append(c)
            return {shown}, (np.stack(hn), np.stack(cn))
"""
)
BOTH = (
    HEAD
    + """
    class Cell:
        def __init__(self, D, H):
            self.Wx, self.Wh = np.random.randn(3 * H, D), np.random.randn(3 * H, H)
            self.bx, self.bh = np.random.randn(3 * H), np.random.randn(3 * H)

        def step(self, x, h):
            ar, az, an = np.split(x @ self.Wx.T + self.bx, 3, axis=1)
            hr, hz, hn = np.split(h @ self.Wh.T + self.bh, 3, axis=1)
            z = sigmoid(az + hz)
            return (1 - z) * np.tanh(an + sigmoid(ar + hr) * hn) + z * h

    class Bidirectional:
        def __init__(self, D, H):
            self.fwd, self.bwd = Cell(D, H), Cell(D, H)

        def run(self, cell, xs, h):
            found = []
            for x in xs:
                h = cell.step(x, h)
                found.append(h)
            return found, h

        def forward(self, xs, h0):
            there, h = self.run(self.fwd, xs, h0[0])
            back, g = self.run(self.bwd, xs[::-1], h0[1])
            return np.concatenate([there, {back}], axis=2), np.stack([h, g])
"""
)
HANDED = (
    HEAD
    + """
    class Cell:
        def __init__(self, w_ih, w_hh, bias):
            self.w_ih, self.w_hh, self.bias = w_ih, w_hh, bias

        def __call__(self, x, state):
            h, c = state
            i, f, g, o = np.split(x @ self.w_ih.T + h @ self.w_hh.T + self.bias, 4, axis=-1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            return sigmoid(o) * np.tanh(c), c

    class Deep:
        def __init__(self, cells):
            self.cells = cells

        def __call__(self, xs, states):
            states, out = list(states), []
            for x in xs:
                for k, cell in enumerate(self.cells):
                    states[k] = cell(x, states[{k}])
                    x = states[k][0]
                out.append(x)
            return np.stack(out), states
"""
)


def _checked(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "objects.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(
            LAYERS.format(start="k", shown="x"), "layers of Layer, stacks of lstm_forward", marks=pytest.mark.slow
        ),
        (BOTH.format(back="back[::-1]"), "layers of Cell, both ways, stacks of gru_forward"),
    ],
)
def test_right_ones_conform_and_are_told(tmp_path: Path, text: str, told: str) -> None:
    report = _checked(tmp_path, text)
    assert report.ok
    assert told in report.functions["stack_forward"].reading


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (LAYERS.format(start="0", shown="x"), "state-of-first-layer"),
        pytest.param(BOTH.format(back="back"), "not-turned-back", marks=pytest.mark.slow),
    ],
)
def test_wrong_ones_are_named(tmp_path: Path, text: str, slug: str) -> None:
    found = _checked(tmp_path, text).functions["stack_forward"]
    assert (found.verdict, found.mistake) == ("wrong", slug)


@pytest.mark.slow
def test_what_does_more_than_to_stack_is_not_judged(tmp_path: Path) -> None:
    text = LAYERS.format(start="k", shown="x").replace("x, h, c = layer", "out, h, c = layer")
    report = _checked(tmp_path, text.replace("hn.append(h)", "x = out + x if k else out\n                hn.append(h)"))
    assert report.ok
    assert "not judged: Stacked.forward" in str(report)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "verdict"), [("k", "conforms"), ("0", "wrong")])
def test_a_class_that_is_handed_the_cells_of_all_layers_is_a_stack(tmp_path: Path, k: str, verdict: str) -> None:
    found = _checked(tmp_path, HANDED.format(k=k)).functions["stack_forward"]
    assert (found.verdict, found.claims) == (verdict, ["stacks of lstm_forward only"])
