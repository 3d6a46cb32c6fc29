"""Stacks of a GRU whose reset gate comes before the product, and of relu: they are asked with that equation alone."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

STACKED = """
    import numpy as np

    def sig(a):
        return 1 / (1 + np.exp(-a))

    class Layer:
        def __init__(self, n_in, n_hidden):
            r = np.random.default_rng(n_in)
            self.Wz, self.Wr, self.Wc = (r.normal(size=(n_hidden, n_in)) for _ in range(3))
            self.Uz, self.Ur, self.Uc = (r.normal(size=(n_hidden, n_hidden)) for _ in range(3))
            self.bz, self.br, self.bc = (r.normal(size=n_hidden) for _ in range(3))

        def forward(self, xs, h):
            hs = []
            for x in xs:
                z = sig(x @ self.Wz.T + h @ self.Uz.T + self.bz)
                r = sig(x @ self.Wr.T + h @ self.Ur.T + self.br)
                c = np.tanh(x @ self.Wc.T + (r * h) @ self.Uc.T + self.bc)
                h = (1 - z) * h + z * c
                hs.append(h)
            return np.stack(hs), h

    class Stacked:
        def __init__(self, n_in, n_hidden, num_layers):
            sizes = [n_in] + [n_hidden] * (num_layers - 1)
            self.layers = [Layer(size, n_hidden) for size in sizes]

        def forward(self, xs, h0):
            ends = []
            for k, layer in enumerate(self.layers):
                xs, h = layer.forward(xs, h0[{start}])
                ends.append(h)
            return xs, np.stack(ends)
"""
PADDED = """
    import numpy as np

    def sig(a):
        return 1 / (1 + np.exp(-a))

    def gru_with_lengths(X, lengths, h, Wz, Wr, Wc, Uz, Ur, Uc, bz, br, bc):
        outputs = []
        for t, x in enumerate(X):
            z = sig(x @ Wz + h @ Uz + bz)
            r = sig(x @ Wr + h @ Ur + br)
            c = np.tanh(x @ Wc + (r * h) @ Uc + bc)
            live = (t {within} np.asarray(lengths))[:, None]
            h = np.where(live, (1 - z) * h + z * c, h)
            outputs.append(np.where(live, h, 0))
        return np.stack(outputs), h
"""
RELU = """
    import numpy as np

    def deep(x, h0, Wx, Wh, b):
        finals = []
        for l in range(len(Wx)):
            h, outs = h0[{start}], []
            for x_t in x:
                h = np.maximum(0, x_t @ Wx[l] + h @ Wh[l] + b[l])
                outs.append(h)
            x = np.stack(outs)
            finals.append(h)
        return x, np.stack(finals)
"""
BEFORE, BELOW = "reset_after=False only", "activation=relu only"


def _stack(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "stacks.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target)).functions["stack_forward"]


@pytest.mark.parametrize(
    ("text", "claim", "least"),
    [
        (STACKED.format(start="k"), BEFORE, 3),
        (PADDED.format(within="<"), BEFORE, 5),  # of lengths too
        (RELU.format(start="l"), BELOW, 3),
    ],
)
def test_right_ones_conform_and_say_of_what(tmp_path: Path, text: str, claim: str, least: int) -> None:
    found = _stack(tmp_path, text)
    assert found.verdict == "conforms"
    assert claim in found.claims
    assert found.passed >= least
    assert not found.left_out  # what is no stack of theirs they do not claim


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        pytest.param(STACKED.format(start="0"), "state-of-first-layer", marks=pytest.mark.slow),
        (PADDED.format(within="<="), None),
        (RELU.format(start="0"), "state-of-first-layer"),
    ],
)
def test_wrong_ones_are_wrong_by_their_own_equation(tmp_path: Path, text: str, slug: str | None) -> None:
    found = _stack(tmp_path, text)
    assert (found.verdict, found.mistake) == ("wrong", slug)
    assert {BEFORE, BELOW} & {*found.claims}
