"""Weights, states and targets that come in ways of their own: told in a list, under keys with a prefix, by letters."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

SETTER = """
    import numpy as np

    class SimpleRNN:
        def __init__(self, units, return_sequences=False):
            self.units, self.return_sequences = units, return_sequences

        def set_weights(self, weights):
            self.kernel, self.recurrent_kernel, self.bias = weights

        def __call__(self, inputs, initial_state=None):
            batch, timesteps, _ = inputs.shape
            h = np.zeros((batch, self.units)) if initial_state is None else initial_state
            seq = []
            for t in range(timesteps):
                h = {step}
                seq.append(h)
            return np.stack(seq, axis=1) if self.return_sequences else h
"""
SET = (
    "np.tanh(inputs[:, t] @ self.kernel + h @ self.recurrent_kernel + self.bias)",
    "np.tanh(inputs[:, t] @ self.kernel + h @ self.recurrent_kernel) + self.bias",
)
PREFIX = """
    import numpy as np

    def run(sd, x, h0=None, prefix="rnn."):
        w_ih, w_hh = sd[prefix + "weight_ih_l0"], sd[prefix + "weight_hh_l0"]
        b_ih = sd.get(prefix + "bias_ih_l0", np.zeros(len(w_ih)))
        b_hh = sd.get(prefix + "bias_hh_l0", np.zeros(len(w_hh)))
        L, N, _ = x.shape
        h = np.zeros((N, len(w_hh))) if h0 is None else h0[0]
        ys = np.empty((L, N, len(w_hh)))
        for i in range(L):
            h = {step}
            ys[i] = h
        return ys, h[None]
"""
KEYS = ("np.tanh(x[i] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)", "np.tanh(x[i] @ w_ih.T + b_ih + h @ w_hh + b_hh)")
LETTERS = """
    import numpy as np

    def ida(A, B, C, P, d):
        out = np.zeros((A.shape[0], A.shape[1], B.shape[1]))
        for k in range(A.shape[1]):
            B = {step}
            out[:, k] = B
        return out
"""
OWN = ("np.tanh(A[:, k].dot(C) + B.dot(P) + d)", "np.tanh(A[:, k].dot(C) + B.dot(P.T) + d)")
DECODER = """
    import numpy as np

    def decode(tgt, h0, Wx, Wh, b):
        h, out = h0, []
        for t in range(tgt.shape[1]):
            h = {step}
            out.append(h)
        return np.stack(out, axis=1)
"""
TGT = ("np.tanh(tgt[:, t] @ Wx + h @ Wh + b)", "np.tanh(tgt[:, t] @ Wx + h @ Wh - b)")
UNITS = """
    import math

    def dot(a, b):
        return sum(p * q for p, q in zip(a, b))

    def rnn_cell(x, prev, W_in, W_rec, bias):
        return [{step} for wi, wr, b in zip(W_in, W_rec, bias)]
"""
EACH = ("math.tanh(dot(wi, x) + dot(wr, prev) + b)", "dot(wi, x) + dot(wr, prev) + b")
PREDICTED = """
    import numpy as np

    class Wave:
        def __init__(self, n_hidden=24, n_in=1, n_out=1):
            self.U = np.random.randn(n_hidden, n_in)
            self.W = np.random.randn(n_hidden, n_hidden)
            self.V = np.random.randn(n_out, n_hidden)
            self.b, self.c = np.zeros((n_hidden, 1)), np.zeros((n_out, 1))

        def forward(self, seq):
            self.x = [v.reshape(-1, 1) for v in seq]
            self.h, out = [np.zeros((len(self.W), 1))], []
            for x in self.x:
                self.h.append(np.tanh(self.U @ x + self.W @ self.h[-1] + self.b))
                out.append(self.V @ self.h[-1] + self.c)
            return np.array(out)[:, :, 0]

        def backward(self, pred, target):
            dU, dW, dV, db, dc = (np.zeros_like(one) for one in (self.U, self.W, self.V, self.b, self.c))
            carry, err = np.zeros_like(self.b), pred - target
            for t in range(len(self.x) - 1, -1, -1):
                e, h = err[t].reshape(-1, 1), self.h[t + 1]
                dV += e @ h.T
                dc += e
                delta = (self.V.T @ e + carry) * (1 - h ** 2)
                dU += delta @ self.x[t].T
                dW += {step}
                db += delta
                carry = self.W.T @ delta
            return dU, dW, dV, db, dc
"""
WAVE = ("delta @ self.h[t].T", "delta @ h.T")
OUTSIDE = """
    import numpy as np

    n_in, n_hid, n_out = 1, 20, 1
    W_ih, W_hh, W_ho = np.ones((n_in, n_hid)), np.ones((n_hid, n_hid)), np.ones((n_hid, n_out))
    b_h, b_o = np.zeros((1, n_hid)), np.zeros((1, n_out))

    def fprop(x, h_init):
        h, y = np.zeros((len(x) + 1, n_hid)), np.zeros((len(x), n_out))
        h[0] = h_init
        for k in range(len(x)):
            h[k + 1] = np.tanh(x[k:k + 1] @ W_ih + h[k:k + 1] @ W_hh + b_h)[0]
            y[k] = (h[k + 1:k + 2] @ W_ho + b_o)[0]
        return y, h

    def bprop(x, h, y, d):
        g_ih, g_hh, g_ho, g_bh, g_bo = (np.zeros_like(one) for one in (W_ih, W_hh, W_ho, b_h, b_o))
        e, future = 2.0 * (y - d) / y.size, np.zeros((1, n_hid))
        for k in range(len(x) - 1, -1, -1):
            g_ho += h[k + 1:k + 2].T @ e[k:k + 1]
            g_bo += e[k:k + 1]
            delta = (e[k:k + 1] @ W_ho.T + future) * (1 - h[k + 1:k + 2] ** 2)
            g_ih += x[k:k + 1].T @ delta
            g_hh += h[k:k + 1].T @ delta
            g_bh += delta
            future = {step}
        return g_ih, g_hh, g_ho, g_bh, g_bo
"""
FUTURE = ("delta @ W_hh.T", "delta @ W_hh")
EMBEDDED = """
    import numpy as np

    class WordRNN:
        def __init__(self, V, E=8, H=16):
            self.E_w, self.bh, self.bo = np.random.randn(V, E), np.zeros(H), np.zeros(V)
            self.Wxh, self.Whh, self.Who = np.random.randn(E, H), np.random.randn(H, H), np.random.randn(H, V)

        def forward(self, x):
            self.x, self.hs = x, [np.zeros((len(x), len(self.Whh)))]
            for t in range(x.shape[1]):
                self.hs.append(np.tanh(self.E_w[x[:, t]] @ self.Wxh + self.hs[-1] @ self.Whh + self.bh))
            return np.stack([h @ self.Who + self.bo for h in self.hs[1:]], 1)

        def backward(self, dscores):
            every = (self.E_w, self.Wxh, self.Whh, self.bh, self.Who, self.bo)
            dE, dWx, dWh, db, dWo, dbo = (np.zeros_like(one) for one in every)
            dh_next = np.zeros_like(self.hs[0])
            for t in range(self.x.shape[1] - 1, -1, -1):
                h, h_prev, dy = self.hs[t + 1], self.hs[t], dscores[:, t]
                dWo += h.T @ dy
                dbo += dy.sum(0)
                dz = (dy @ self.Who.T + dh_next) * {step}
                dWx += self.E_w[self.x[:, t]].T @ dz
                dWh += h_prev.T @ dz
                db += dz.sum(0)
                np.add.at(dE, self.x[:, t], dz @ self.Wxh.T)
                dh_next = dz @ self.Whh.T
            return [dE, dWx, dWh, db, dWo, dbo]
"""
SLOPE = ("(1 - h * h)", "(1 - h)")
CASES = {
    "told in a list": (SETTER, SET, "rnn_forward", "bias-outside-tanh"),
    "keys with a prefix": (PREFIX, KEYS, "rnn_forward", "W_hh-transposed"),
    "letters": (LETTERS, OWN, "rnn_forward", "W_hh-transposed"),
    "a decoder": (DECODER, TGT, "rnn_forward", None),
    "unit by unit": (UNITS, EACH, "rnn_cell_step", "no-tanh"),
    "after what was predicted": (PREDICTED, WAVE, "rnn_backward", "dW_hh-from-h_t"),
    "outputs and what is due": (OUTSIDE, FUTURE, "rnn_backward", "dh-next-untransposed"),
    "an embedding of its own": (EMBEDDED, SLOPE, "rnn_backward", "slope-not-squared"),
}


def _checked(tmp_path: Path, text: str, step: str) -> Any:
    target = tmp_path / "told.py"
    target.write_text(textwrap.dedent(text.replace("{step}", step)), encoding="utf-8")
    return rnn_ref.check(str(target)).functions


@pytest.mark.parametrize("what", CASES)
def test_what_is_right_conforms(tmp_path: Path, what: str) -> None:
    text, (right, _), function, _ = CASES[what]
    found = _checked(tmp_path, text, right)
    assert found[function].verdict == "conforms"
    assert {one.verdict for one in found.values()} <= {"conforms", "missing"}


@pytest.mark.slow
@pytest.mark.parametrize("what", CASES)
def test_what_is_wrong_is_caught(tmp_path: Path, what: str) -> None:
    text, (_, wrong), function, named = CASES[what]
    found = _checked(tmp_path, text, wrong)[function]
    assert found.verdict == "wrong"
    assert named is None or found.mistake == named


NAMED = """
    import numpy as np

    def rnn_forward(xs, h0, Wx, Wh, b):
        h, out = h0, []
        for x in xs:
            h = np.tanh({step})
            out.append(h)
        return np.array(out)
"""


@pytest.mark.parametrize("step", ["x @ Wh + h @ Wx + b", "Wh @ x + Wx @ h + b"])
def test_names_that_say_what_they_are_say_so_whatever_the_text_does(tmp_path: Path, step: str) -> None:
    assert _checked(tmp_path, NAMED, step)["rnn_forward"].verdict in {"wrong", "crashed"}
