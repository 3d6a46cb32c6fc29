"""Names that stand for one of several things: batches and their sizes, letters of weights, a state beside gradients."""

from pathlib import Path
from typing import Any

import pytest
from unit_learner import verdicts

import rnn_ref

BATCHES = """
import numpy as np

def forward_rnn(batch, h0, w_x, w_h, b_h, w_o, b_o):
    n, steps, _ = batch.shape
    h = np.zeros((n, steps + 1, w_h.shape[0]))
    h[:, 0] = h0
    for s in range(steps):
        h[:, s + 1] = np.tanh(batch[:, s].dot(w_x) + h[:, s].dot(w_h) + b_h)
    return h[:, 1:].dot(w_o) + b_o, h

def backward_rnn(dy, h, batch, w_x, w_h, w_o):
    n, steps, _ = batch.shape
    dw_x, dw_h, db_h = np.zeros_like(w_x), np.zeros_like(w_h), np.zeros(w_h.shape[0])
    later = np.zeros((n, w_h.shape[0]))
    for s in range(steps - 1, -1, -1):
        dh = dy[:, s].dot(w_o.T) + later
        da = dh * (1 - h[:, s + 1] ** 2)
        dw_x, dw_h, db_h = dw_x + batch[:, s].T.dot(da), dw_h + h[:, s].T.dot(da), db_h + da.sum(axis=0)
        later = {carried}.dot(w_h.T)
    return dw_x, dw_h, db_h, np.tensordot(h[:, 1:], dy, axes=([0, 1], [0, 1])), dy.sum(axis=(0, 1))
"""
ROWS = """
import math

def dot(a, b):
    return sum(x * y for x, y in zip(a, b))

def states(inputs, h, W, U, b):
    for x in inputs:
        h = [math.tanh(dot(w, x) + dot(u, {state}) + c) for w, u, c in zip(W, U, b)]
        yield h
"""
KEYS = """
import numpy as np

def gradients(RNN, X, y, h0):
    n = X.shape[1]
    h = np.zeros((len(RNN["b"]), n + 1))
    h[:, [0]] = h0
    for t in range(n):
        h[:, [t + 1]] = np.tanh(RNN["W"] @ h[:, [t]] + RNN["U"] @ X[:, [t]] + RNN["b"])
    o = RNN["V"] @ h[:, 1:] + RNN["c"]
    P = np.exp(o - o.max(0))
    P /= P.sum(0)
    G = P - np.eye(len(P))[:, y]
    dA = np.zeros((len(h), n))
    for t in range(n - 1, -1, -1):
        dh = RNN["V"].T @ G[:, t] {later}
        dA[:, t] = dh * (1 - h[:, t + 1] ** 2)
    grads = {"V": G @ h[:, 1:].T, "c": G.sum(1, keepdims=True), "W": dA @ h[:, :-1].T, "U": dA @ X.T}
    grads["b"] = dA.sum(1, keepdims=True)
    return -np.log(P[y, np.arange(n)]).sum(), grads, h[:, [-1]]
"""


def checked(folder: Path, text: str, only: str = "*/generic-float64") -> Any:
    path = folder / "letters.py"
    path.write_text(text, encoding="utf-8")
    return rnn_ref.check(str(path), only=only)


@pytest.mark.parametrize(("carried", "verdict"), [("da", "conforms"), ("dh", "wrong")])
def test_a_batch_is_no_size_and_the_bias_of_an_output_layer_no_state(
    tmp_path: Path, carried: str, verdict: str
) -> None:
    report = checked(tmp_path, BATCHES.replace("{carried}", carried))
    assert verdicts(report) == {"rnn_forward": "conforms", "rnn_backward": verdict}
    assert "(B, T, n); or" in report.functions["rnn_backward"].reading


def test_rows_that_zip_cuts_short_do_not_tell_which_weight_is_which_and_what_is_yielded_is_taken(
    tmp_path: Path,
) -> None:
    right = checked(tmp_path, ROWS.replace("{state}", "h"), "*/single-float64")
    assert verdicts(right) == {"rnn_forward": "conforms"}


@pytest.mark.slow
def test_a_state_that_is_yielded_is_wrong_where_it_is(tmp_path: Path) -> None:
    wrong = checked(tmp_path, ROWS.replace("{state}", "h[::-1]"), "*/single-float64")
    assert verdicts(wrong) == {"rnn_forward": "wrong"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("later", "verdict"), [('+ (RNN["W"].T @ dA[:, t + 1] if t < n - 1 else 0)', "conforms"), ("", "wrong")]
)
def test_a_last_state_called_h_is_no_gradient_of_one(tmp_path: Path, later: str, verdict: str) -> None:
    report = checked(tmp_path, KEYS.replace("{later}", later), "rnn_bptt/single-float64")
    assert report.functions["rnn_bptt"].verdict == verdict


ADDER = """
import numpy as np

class Adder:
    def __init__(self, hidden=16):
        self.w_in, self.w_rec = np.zeros((hidden, 2)), np.zeros((hidden, hidden))
        self.b_hid = np.zeros(hidden)

    def run(self, bits):
        h = [np.zeros(len(self.b_hid))]
        for pair in bits:
            h.append(np.tanh(self.w_in @ pair + {recurrent} @ h[-1] + self.b_hid))
        return h
"""


@pytest.mark.parametrize(("recurrent", "verdict"), [("self.w_rec", "conforms"), ("self.w_rec.T", "wrong")])
def test_a_class_of_as_many_inputs_as_its_text_says_is_judged_with_others(
    tmp_path: Path, recurrent: str, verdict: str
) -> None:
    report = checked(tmp_path, ADDER.replace("{recurrent}", recurrent), "*/single-float64")
    assert verdicts(report) == {"rnn_forward": verdict}


ELMAN = """
import numpy as np

class ElmanRNN:
    def __init__(self, n_in, n_hidden, n_out):
        self.Wh, self.Uh = np.zeros((n_hidden, n_in)), np.zeros((n_hidden, n_hidden))
        self.Wy, self.bh, self.by = np.zeros((n_out, n_hidden)), np.zeros(n_hidden), np.zeros(n_out)

    def forward(self, xs, h0):
        hs, h = [], h0
        for x in xs:
            h = np.tanh(self.Wh @ x + self.Uh @ h + self.bh)
            hs.append(h)
        return hs, [self.Wy @ h + self.by for h in hs]

    def backward(self, dhs, xs, hs, h0):
        dWh, dUh, dbh, dh_next = np.zeros_like(self.Wh), np.zeros_like(self.Uh), np.zeros_like(self.bh), 0 * h0
        for t in reversed(range(len(xs))):
            h_prev = hs[t - 1] if t else h0
            da = (dhs[t] + dh_next) * (1 - hs[t] ** 2)
            dWh, dUh, dbh = dWh + np.outer(da, xs[t]), dUh + np.outer(da, h_prev), dbh + da
            dh_next = {uh}.T @ da
        return {{"dWh": dWh, "dUh": dUh, "dbh": dbh}}
"""


@pytest.mark.parametrize(("uh", "back"), [("self.Uh", "conforms"), ("self.Uh.T", "wrong")])
def test_w_may_be_of_the_input_and_u_of_the_state_both_with_an_h(tmp_path: Path, uh: str, back: str) -> None:
    (tmp_path / "elman.py").write_text(ELMAN.format(uh=uh))
    found = verdicts(rnn_ref.check(str(tmp_path / "elman.py")))
    assert found == {"rnn_forward": "conforms", "rnn_backward": back}
