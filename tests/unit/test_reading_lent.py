"""Functions that take an object of a class of their file: with methods that they ask, or with weights in a dict."""

import sys
import types

import pytest

import rnn_ref

ASKED = """
import numpy as np

class Net:
    def __init__(self, input_size, hidden_size, output_size):
        self.H = hidden_size
        self.W_xh, self.W_hh = np.ones((input_size, hidden_size)), np.ones((hidden_size, hidden_size))
        self.W_hy, self.bh, self.by = np.ones((hidden_size, output_size)), np.zeros(hidden_size), np.zeros(output_size)

    def forward_step(self, x_t, h_prev):
        return np.tanh(x_t @ self.W_xh + h_prev @ self.W_hh + self.bh)

    def output(self, h_t):
        e = np.exp(h_t @ self.W_hy + self.by)
        return e / e.sum()

def bptt(rnn, xs, ys, h0):
    hs, ps, loss = [h0], [], 0.0
    for x, y in zip(xs, ys):
        hs.append(rnn.forward_step(x, hs[-1]))
        ps.append(rnn.output(hs[-1]))
        loss -= np.log(ps[-1][y])
    grads = {name: np.zeros_like(getattr(rnn, name)) for name in ("W_hh", "W_xh", "W_hy", "bh", "by")}
    later = np.zeros(rnn.H)
    for t in reversed(range(len(xs))):
        dy = ps[t].copy()
        dy[ys[t]] -= 1.0
        grads["W_hy"] += np.outer(hs[t + 1], dy)
        grads["by"] += dy
        da = (rnn.W_hy @ dy + later) * (1.0 - hs[t + 1] ** 2)
        grads["W_hh"] += np.outer(hs[t], da)
        grads["W_xh"] += np.outer(xs[t], da)
        grads["bh"] += da
        later = rnn.W_hh @ da
    return grads, loss
"""
IN_DICT = """
import numpy as np
from dataclasses import dataclass, field

@dataclass
class Weights:
    n_in: int
    n_hid: int
    n_out: int
    w: dict = field(default_factory=dict)

    def __post_init__(self):
        self.w = {
            "xh": np.ones((self.n_hid, self.n_in)),
            "hh": np.ones((self.n_hid, self.n_hid)),
            "hy": np.ones((self.n_out, self.n_hid)),
            "h": np.zeros(self.n_hid),
            "y": np.zeros(self.n_out),
        }

def run(weights: Weights, seq):
    w = weights.w
    states, probs = np.zeros((len(seq) + 1, weights.n_hid)), np.zeros((len(seq), weights.n_out))
    for t, x in enumerate(seq):
        states[t + 1] = np.tanh(w["xh"] @ x + w["hh"] @ states[t] + w["h"])
        scores = np.exp(w["hy"] @ states[t + 1] + w["y"])
        probs[t] = scores / scores.sum()
    return probs, states

def bptt(weights: Weights, seq, labels, probs, states):
    w = weights.w
    d_scores = probs.copy()
    d_scores[range(len(seq)), labels] -= 1
    grad = {k: np.zeros_like(v) for k, v in w.items()}
    grad["hy"], grad["y"] = d_scores.T @ states[1:], d_scores.sum(axis=0)
    d_next = np.zeros(weights.n_hid)
    for t in reversed(range(len(seq))):
        d_pre = (w["hy"].T @ d_scores[t] + d_next) * (1 - states[t + 1] ** 2)
        grad["xh"] += np.outer(d_pre, seq[t])
        grad["hh"] += np.outer(d_pre, states[t])
        grad["h"] += d_pre
        d_next = w["hh"].T @ d_pre
    return grad
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "lent.py"
        path.write_text(text)
        module = types.ModuleType("lent")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "lent", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


@pytest.mark.parametrize(
    ("text", "right", "faulty", "mistake"),
    [
        (ASKED, "later = rnn.W_hh @ da", "later = rnn.W_hh.T @ da", "dh-next-untransposed"),
        pytest.param(
            IN_DICT, "in reversed(range(len(seq)))", "in range(len(seq))", "forward-order", marks=pytest.mark.slow
        ),
    ],
)
def test_what_takes_an_object_of_a_class_of_the_file_is_read_as_its_method(check, text, right, faulty, mistake):
    found = check(text, only="rnn_bptt/single-float64").functions["rnn_bptt"]
    assert (found.verdict, found.reading.startswith("bptt(")) == ("conforms", True)
    found = check(text.replace(right, faulty), only="rnn_bptt/single-float64").functions["rnn_bptt"]
    assert (found.verdict, found.mistake) == ("wrong", mistake)


def test_what_is_lent_and_read_is_not_said_to_be_left(check):
    found = check(IN_DICT, only="rnn_forward/single-float64")
    assert found.functions["rnn_forward"].verdict == "conforms"
    assert not [note for note in found.notes if note.startswith("not judged")]


def test_what_only_trains_an_object_is_no_method_of_it(check):
    tunes = "\ndef tune(rnn, xs, h0):\n    for _ in range(9):\n        h = rnn.forward_step(xs, h0)\n    return h\n"
    found = check(ASKED.partition("def bptt")[0] + tunes, only="single-float64")
    assert found.functions["rnn_forward"].verdict == "missing"
