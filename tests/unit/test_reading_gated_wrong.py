"""A wrong step and the way through time beside it are read alike, so that one mistake has one name."""

import contextlib
from pathlib import Path

import pytest
from test_reading_gated import HEAD

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.run.session import LocalSession
from rnn_ref.conformance.targets.reading.gated import recognise

TWO_BIASES = """
def cell(x, h, W, U, b):
    xz, xr, xh = np.split(x @ W + b[0], 3, axis=-1)
    hz, hr, hh = np.split(h @ U, 3, axis=-1)
    bz, br, bh = np.split(b[1], 3)
    z, r = sigmoid(xz + hz + bz), sigmoid(xr + hr + br)
    return z * h + (1 - z) * np.tanh(xh + r * hh + bh)

def predict(x, W, U, b, h0):
    h, out = h0, []
    for t in range(x.shape[1]):
        h = cell(x[:, t], h, W, U, b)
        out.append(h)
    return np.stack(out, axis=1)
"""
ONE_BIAS = """
def gru_cell(xt, a_prev, p):
    concat = np.concatenate((a_prev, xt), axis=0)
    u = sigmoid(p["Wu"] @ concat + p["bu"])
    r = sigmoid(p["Wr"] @ concat + p["br"])
    c = np.tanh(p["Wc"] @ np.concatenate((u * a_prev, xt), axis=0) + p["bc"])
    return u * c + (1 - u) * a_prev

def gru(x, a0, p):
    a, out = a0, []
    for t in range(x.shape[2]):
        a = gru_cell(x[:, :, t], a, p)
        out.append(a)
    return np.stack(out, axis=2)
"""


@pytest.mark.parametrize(
    ("text", "slug"),
    [(TWO_BIASES, "reset-misses-bias"), pytest.param(ONE_BIAS, "update-for-reset", marks=pytest.mark.slow)],
)
def test_a_wrong_step_and_its_sequence_have_one_name(tmp_path: Path, text: str, slug: str) -> None:
    (tmp_path / "wrong.py").write_text(HEAD + text)
    found = rnn_ref.check(str(tmp_path / "wrong.py"), only="gru_*float64").functions
    assert [found[name].mistake for name in ("gru_cell_step", "gru_forward")] == [slug, slug]


CELLS = """
import numpy as np

class Base:
    def forward(self, x, h):
        self.h = {bent}(x @ self.W + h @ self.U + self.b)
        return self.h

class Cell(Base):
    def __init__(self, W, U, b):
        self.W, self.U, self.b = W, U, b

class Net:
    def __init__(self, W, U, b):
        self.params = (W, U, b)

    def forward(self, x, h0):
        h, out = h0, np.empty((*x.shape[:2], h0.shape[1]))
        for t in range(x.shape[1]):
            h = Cell(*self.params).forward(x[:, t], h)
            out[:, t] = h
        return out
"""


@pytest.mark.parametrize(("bent", "gates"), [("np.tanh", False), ("expit", True), ("self.bent", True)])
def test_what_makes_objects_that_have_no_gates_is_not_tried_as_a_cell_with_gates(
    bent: str, *, gates: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    monkeypatch.setattr(recognise, "read_gated", lambda _, way, kinds: tried.append(way.name))
    path = tmp_path / "cells.py"
    path.write_text(CELLS.format(bent=bent))
    with contextlib.suppress(TargetError):
        LocalSession(str(path))
    assert ("Net.forward" in tried) is gates
