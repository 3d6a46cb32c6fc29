"""What is shown beside states, or of them the last alone; and networks of parts that are in a file beside."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import verdicts

import rnn_ref
from rnn_ref.conformance.targets.reading.objects.maker import Maker

SUMS_FIRST = """
import numpy as np

def fprop(seq, s0, U, W, b):
    zs, ss = [], [s0]
    for x in seq:
        z = U.dot(x) + W.dot(ss[-1]) + b
        zs.append(z)
        ss.append(np.tanh(z))
    return zs, ss

def bprop(dss, seq, zs, ss, U, W, b):
    dU, dW, db = np.zeros(U.shape), np.zeros(W.shape), np.zeros(b.shape)
    later = np.zeros(ss[0].shape)
    for t in reversed(range(len(seq))):
        dz = (dss[t] + later) * (1 - {slope} ** 2)
        dU += dz.dot(seq[t].T)
        dW += dz.dot(ss[t].T)
        db += dz.sum(axis=1, keepdims=True)
        later = W.T.dot(dz)
    return dU, dW, db, later
"""
LAST_ALONE = """
import numpy as np

def encode(X, h0, Wx, Wh, b):
    hs = [h0]
    for x in X:
        hs.append(np.tanh(x @ Wx + hs[-1] @ Wh + b))
    return hs[-1], (X, hs, Wx, Wh)

def encode_backward(dh, cache):
    X, hs, Wx, Wh = cache
    dWx, dWh, dX, db = np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(X), 0
    for t in range(len(X) - 1, -1, -1):
        dz = dh * (1 - hs[t + 1] ** 2)
        dWx += X[t].T @ dz
        dWh += hs[t].T @ dz
        db {adds} dz.sum(0)
        dX[t] = dz @ Wx.T
        dh = dz @ Wh.T
    return dX, dh, dWx, dWh, db
"""
BLOCKS = """
import numpy as np

class Parameter:
    def __init__(self, *shape):
        self.data, self.grad = np.random.randn(*shape) * 0.1, np.zeros(shape)

class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = Parameter(n_out, n_in), Parameter(n_out)

    def __call__(self, x):
        return x @ self.W.data.T + self.b.data
"""
OF_BLOCKS = """
import numpy as np
from blocks import Linear

class RNNCell:
    def __init__(self, input_size, hidden_size):
        self.i2h, self.h2h = Linear(input_size, hidden_size), Linear(hidden_size, hidden_size)

    def __call__(self, x, h):
        return np.tanh(self.i2h(x) + {recurrent})
"""


IN_ROWS = """
import numpy as np

def forward(x, h0, Wx, Wh, b):
    Z, H = np.zeros((len(x), len(b))), np.zeros((len(x) + 1, len(b)))
    H[0] = h0
    for t in range(len(x)):
        Z[t] = Wx @ x[t] + Wh @ H[t] + b
        H[t + 1] = np.tanh(Z[t])
    return Z, H
"""
KEEPS_STATES = """
import numpy as np

class ManyToOne:
    def __init__(self, n_in, n_hidden):
        self.Wx, self.Wh = np.zeros((n_hidden, n_in)), np.zeros((n_hidden, n_hidden))
        self.b = np.zeros((n_hidden, 1))

    def forward(self, inputs):
        self.inputs, self.hs = inputs, {0: np.zeros_like(self.b)}
        for i, x in enumerate(inputs):
            self.hs[i + 1] = np.tanh(self.Wx @ x + self.Wh @ self.hs[i] + self.b)
        return self.hs[len(inputs)]

    def backward(self, dh):
        dWx, dWh, db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        for t in reversed(range(len(self.inputs))):
            dz = dh * (1 - self.hs[t + 1] ** 2)
            dWx, dWh, db = dWx + dz @ self.inputs[t].T, dWh + dz @ self.hs[t].T, db + dz
            dh = self.Wh.T @ dz
        return dWx, dWh, db
"""


def checked(folder: Path, text: str) -> Any:
    path = folder / "network.py"
    path.write_text(text, encoding="utf-8")
    return rnn_ref.check(str(path), only="*/generic-float64")


def test_states_are_what_tanh_was_taken_to_and_not_the_sums_that_stand_before_them(tmp_path: Path) -> None:
    right = checked(tmp_path, SUMS_FIRST.replace("{slope}", "ss[t + 1]"))
    assert verdicts(right) == {"rnn_forward": "conforms", "rnn_backward": "conforms"}


@pytest.mark.slow
def test_a_slope_of_the_sums_that_stand_before_the_states_has_its_name(tmp_path: Path) -> None:
    wrong = checked(tmp_path, SUMS_FIRST.replace("{slope}", "zs[t]"))
    assert verdicts(wrong) == {"rnn_forward": "conforms", "rnn_backward": "wrong"}
    assert wrong.functions["rnn_backward"].named == ["slope-of-preactivation"]


@pytest.mark.slow
def test_a_sum_that_takes_the_place_of_a_state_is_told_all_the_same(tmp_path: Path) -> None:
    text = SUMS_FIRST.replace("np.tanh(z)", "z").replace("{slope}", "ss[t + 1]")
    assert checked(tmp_path, text).functions["rnn_forward"].named == ["no-tanh"]


@pytest.mark.parametrize(("adds", "verdict", "named"), [("+=", "conforms", []), ("=", "wrong", ["db-first-step-only"])])
def test_the_gradient_of_the_last_state_goes_back_alone(tmp_path: Path, adds: str, verdict: str, named: Any) -> None:
    report = checked(tmp_path, LAST_ALONE.replace("{adds}", adds))
    assert report.functions["rnn_backward"].verdict == verdict
    assert report.functions["rnn_backward"].named == named
    assert "the gradient of the last state alone" in report.functions["rnn_backward"].reading


def test_sums_in_rows_beside_states_are_none(tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    path.write_text(IN_ROWS, encoding="utf-8")
    assert verdicts(rnn_ref.check(str(path), only="*/single-float64")) == {"rnn_forward": "conforms"}


@pytest.mark.slow
def test_an_object_that_keeps_its_states_may_go_back_from_the_last_alone(tmp_path: Path) -> None:
    path = tmp_path / "network.py"
    path.write_text(KEEPS_STATES, encoding="utf-8")
    report = rnn_ref.check(str(path), only="*/single-float64")
    assert verdicts(report) == {"rnn_forward": "conforms", "rnn_backward": "conforms"}


def test_the_kind_of_a_layer_that_may_be_any_tells_nothing_where_its_name_does() -> None:
    class Dense:
        def __init__(self, n_in: int, n_out: int) -> None:
            self.weight, self.bias = np.zeros((n_in, n_out)), np.zeros(n_out)

    class Elman:
        def __init__(self, n_in: int, n_hidden: int) -> None:
            self.input_layer, self.first = Dense(n_in, n_hidden), Dense(n_hidden, n_hidden)

    places = Maker(Elman, []).holding.places
    assert [one.parts[:1] for one in places] == [("W_xh",), ("b_xh",), ("W_hh",), ("b_h",)]


@pytest.mark.parametrize(
    ("recurrent", "verdict"), [("self.h2h(h)", "conforms"), ("h @ self.h2h.W.data + self.h2h.b.data", "wrong")]
)
def test_parts_of_a_network_may_be_in_a_file_beside(tmp_path: Path, recurrent: str, verdict: str) -> None:
    (tmp_path / "blocks.py").write_text(BLOCKS, encoding="utf-8")
    report = checked(tmp_path, OF_BLOCKS.replace("{recurrent}", recurrent))
    assert report.functions["rnn_cell_step"].verdict == verdict
