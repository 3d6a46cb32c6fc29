"""Ways in which public code is written, each right and with one mistake in it."""

from pathlib import Path

import pytest
from unit_learner import verdicts, write

import rnn_ref

HEAD = "import numpy as np\n\ndef sigmoid(z):\n    return 1 / (1 + np.exp(-z))\n"
BOTH_STATES = (
    HEAD
    + """
def lstm(xs, h, c, W, b):
    n, hs, cs = len(h), [], []
    for x in xs:
        a = W @ np.concatenate([x, h]) + b
        i, f, g, o = sigmoid(a[:n]), sigmoid(a[n:2 * n]), np.tanh(a[2 * n:3 * n]), sigmoid(a[3 * n:])
        c = f * c + i * g
        h = o * np.tanh(c)
        hs.append(h)
        cs.append(c)
    return np.array(hs), np.array(cs)
"""
)
PADDED = (
    HEAD
    + """
def run(x, lengths, h0, Wx, Wh, b):
    h, out = h0, np.zeros((*x.shape[:2], h0.shape[1]))
    for t in range(x.shape[1]):
        on = (t < np.asarray(lengths))[:, None]
        h = np.where(on, np.tanh(x[:, t] @ Wx + h @ Wh + b), h)
        out[:, t] = np.where(on, h, 0)
    return out, h
"""
)
BOUNDED = (
    HEAD
    + """
class Words:
    def __init__(self, word_dim, hidden_dim=16, bptt_truncate=3):
        self.word_dim, self.hidden_dim, self.bptt_truncate = word_dim, hidden_dim, bptt_truncate
        self.U = np.random.uniform(-1, 1, (hidden_dim, word_dim))
        self.V = np.random.uniform(-1, 1, (word_dim, hidden_dim))
        self.W = np.random.uniform(-1, 1, (hidden_dim, hidden_dim))

    def forward(self, x):
        s = np.zeros((len(x) + 1, self.hidden_dim))
        o = np.zeros((len(x), self.word_dim))
        for t in range(len(x)):
            s[t] = np.tanh(self.U[:, x[t]] + self.W.dot(s[t - 1]))
            e = np.exp(self.V.dot(s[t]) - np.max(self.V.dot(s[t])))
            o[t] = e / e.sum()
        return o, s

    def bptt(self, x, y):
        o, s = self.forward(x)
        dU, dV, dW = np.zeros_like(self.U), np.zeros_like(self.V), np.zeros_like(self.W)
        o[np.arange(len(y)), y] -= 1
        for t in reversed(range(len(y))):
            dV += np.outer(o[t], s[t])
            delta = self.V.T.dot(o[t]) * (1 - s[t] ** 2)
            for step in range(t, max(-1, t - self.bptt_truncate - 1), -1):
                dW += np.outer(delta, s[step - 1])
                dU[:, x[step]] += delta
                delta = self.W.T.dot(delta) * (1 - s[step - 1] ** 2)
        return dU, dV, dW
"""
)
RECKONED = (
    HEAD
    + """
H_size, X_size = 6, 4
z_size = H_size + X_size

class Param:
    def __init__(self, rows, columns):
        self.v = np.random.randn(rows, columns)

class Parameters:
    def __init__(self):
        for gate in "fiCo":
            setattr(self, "W_" + gate, Param(H_size, z_size))
            setattr(self, "b_" + gate, Param(H_size, 1))

parameters = Parameters()

def forward(x, h_prev, C_prev, p=parameters):
    z = np.vstack((h_prev, x))
    f, i = sigmoid(p.W_f.v @ z + p.b_f.v), sigmoid(p.W_i.v @ z + p.b_i.v)
    C = f * C_prev + i * np.tanh(p.W_C.v @ z + p.b_C.v)
    o = sigmoid(p.W_o.v @ z + p.b_o.v)
    h = o * np.tanh(C)
    return z, f, i, C, o, h
"""
)
LAST_ALONE = (
    HEAD
    + """
class Classifier:
    def __init__(self, input_dim, hidden_dim, output_dim):
        self.H, z = hidden_dim, input_dim + hidden_dim
        self.Wf, self.Wi, self.Wc, self.Wo = (np.random.randn(hidden_dim, z) * 0.1 for _ in range(4))
        self.bf, self.bi, self.bc, self.bo = (np.zeros((hidden_dim, 1)) for _ in range(4))
        self.Wy, self.by = np.random.randn(output_dim, hidden_dim) * 0.1, np.zeros((output_dim, 1))

    def forward(self, xs):
        h = c = np.zeros((self.H, 1))
        self.kept = []
        for x in xs:
            z, before = np.vstack((h, x)), c
            f, i = sigmoid(self.Wf @ z + self.bf), sigmoid(self.Wi @ z + self.bi)
            g, o = np.tanh(self.Wc @ z + self.bc), sigmoid(self.Wo @ z + self.bo)
            c = f * c + i * g
            h = o * np.tanh(c)
            self.kept.append((z, f, i, g, o, c, before))
        self.h = h
        return self.Wy @ h + self.by

    def backward(self, dy):
        grads = {n: np.zeros_like(getattr(self, n)) for n in ("Wf", "Wi", "Wc", "Wo", "bf", "bi", "bc", "bo")}
        grads["Wy"], grads["by"] = dy @ self.h.T, dy
        dh, dc = self.Wy.T @ dy, np.zeros((self.H, 1))
        for z, f, i, g, o, c, before in reversed(self.kept):
            t = np.tanh(c)
            dc = dc + dh * o * (1 - t ** 2)
            sums = {"f": dc * before * f * (1 - f), "i": dc * g * i * (1 - i), "c": dc * i * (1 - g ** 2)}
            sums["o"] = dh * t * o * (1 - o)
            for n, d in sums.items():
                grads["W" + n] += d @ z.T
                grads["b" + n] += d
            dz = sum(getattr(self, "W" + n).T @ d for n, d in sums.items())
            dh, dc = dz[:self.H], dc * f
        return grads
"""
)
ENCODER = (
    HEAD
    + """
def encoder(src, h, Wx, Wh, b):
    for t in range(src.shape[1]):
        h = np.tanh(src[:, t] @ Wx + h @ Wh + b)
    return h
"""
)
PARTS = (
    HEAD
    + """
def forward(xs, h0, Wxh, Whh, bh):
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(Wxh @ x + Whh @ hs[-1] + bh))
    return hs

def backward(dhs, xs, hs, Whh):
    dWxh, dWhh, dbh, carry = [], {}, np.zeros((len(xs), *hs[0].shape)), np.zeros_like(hs[0])
    for t in range(len(xs) - 1, -1, -1):
        dz = (dhs[t] + carry) * (1 - hs[t + 1] ** 2)
        dWxh.insert(0, np.outer(dz, xs[t]))
        dWhh[t], dbh[t] = np.outer(dz, hs[t]), dz
        carry = Whh.T @ dz
    return dWxh, dWhh, dbh
"""
)
NAMELESS = (
    HEAD
    + """
class Step:
    def __init__(self, D, H):
        self.Wx, self.Wh, self.b = np.random.randn(D, H), np.random.randn(H, H), np.zeros(H)

    def forward(self, x, h_prev):
        self.x, self.h_prev = x, h_prev
        self.h = np.tanh(x @ self.Wx + h_prev @ self.Wh + self.b)
        return self.h

    def backward(self, dh):
        dz = dh * (1 - self.h * self.h)
        self.dWx, self.dWh, self.db = self.x.T @ dz, self.h_prev.T @ dz, dz.sum(axis=0)
        return dz @ self.Wx.T, dz @ self.Wh.T
"""
)
CASES = {
    "gradients without names": (
        NAMELESS,
        {"rnn_cell_step", "rnn_cell_backward"},
        ("return dz @ self.Wx.T", "return dh @ self.Wx.T", None),
    ),
    "gradients of each step": (
        PARTS,
        {"rnn_forward", "rnn_backward"},
        ("np.outer(dz, hs[t])", "np.outer(dz, hs[t + 1])", "dW_hh-from-h_t"),
    ),
    "the last states of batches": (ENCODER, {"rnn_forward"}, ("h @ Wh + b", "h @ Wh.T + b", "W_hh-transposed")),
    "the last output of an LSTM": (
        LAST_ALONE,
        {"lstm_forward", "lstm_backward"},
        ("dz[:self.H], dc * f", "dz[:self.H], dc * i", "dc-next-wrong-gate"),
    ),
    "sizes reckoned of others": (RECKONED, {"lstm_cell_step"}, ("o * np.tanh(C)", "o * C", "no-tanh-of-c")),
    "both states of all steps": (BOTH_STATES, {"lstm_forward"}, ("f * c + i * g", "f * c + g", "input-gate-missing")),
    "lengths": (PADDED, {"rnn_forward", "stack_forward"}, ("h @ Wh + b", "h @ Wh.T + b", "W_hh-transposed")),
    "a constructor's bound": (
        BOUNDED,
        {"rnn_forward", "rnn_bptt"},
        ("self.W.T.dot(delta)", "self.W.dot(delta)", "dh-next-untransposed"),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_what_is_right_conforms(what: str, tmp_path: Path) -> None:
    text, functions, _ = CASES[what]
    report = rnn_ref.check(write(tmp_path, text), timeout=20)
    assert verdicts(report) == dict.fromkeys(functions, "conforms"), str(report)


@pytest.mark.parametrize("what", CASES)
def test_a_mistake_has_its_name(what: str, tmp_path: Path) -> None:
    text, _, (old, new, slug) = CASES[what]
    report = rnn_ref.check(write(tmp_path, text.replace(old, new)), timeout=20)
    assert "wrong" in verdicts(report).values(), str(report)
    assert slug is None or f"({slug})" in str(report), str(report)


def test_what_is_made_of_lengths_and_of_bounds_is_said(tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, PADDED), timeout=20)
    assert report.functions["rnn_forward"].claims == ["full lengths only"]
    report = rnn_ref.check(write(tmp_path, BOUNDED), timeout=20)
    assert "bptt_truncate=1000" in report.functions["rnn_bptt"].reading
    reading = rnn_ref.check(write(tmp_path, RECKONED), timeout=20).functions["lstm_cell_step"].reading
    assert "p=Parameters(…)" in reading


def test_a_mask_that_is_not_asked_is_said(tmp_path: Path) -> None:
    text = ENCODER.replace("src, h,", "src, h, Wx, Wh, b, mask=None").replace("None Wx, Wh, b)", "None)")
    text = text.replace("h = np.tanh(", "h = (1 if mask is None else mask[:, t, None]) * np.tanh(")
    report = rnn_ref.check(write(tmp_path, text), timeout=20)
    assert report.functions["rnn_forward"].claims == ["full lengths only", "the last state only"]


def test_one_step_of_several_rows_is_no_sequence_of_rows(tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, ENCODER), timeout=20)  # (T, 1, n) and a state of one row fit by broadcasting
    assert "(B, T, n)" in report.functions["rnn_forward"].reading
    assert report.functions["rnn_forward"].claims == ["the last state only"]
