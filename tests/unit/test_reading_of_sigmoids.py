"""Losses behind a sigmoid, rows of matrices in lists, last states called S, and what turns the steps round."""

import pytest

import rnn_ref
from rnn_ref.conformance.spec.claims import CROSS, SQUARED

BITS = """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def fit(X, y, weights):
    W_in, W_rec, W_out, b_h, b_o = weights
    deltas, hs, loss = [], [np.zeros((1, len(W_rec)))], 0.0
    for t in range(len(X)):
        hs.append(np.tanh(X[t:t + 1] @ W_in + hs[-1] @ W_rec + b_h))
        p = sigmoid(hs[-1] @ W_out + b_o)
        loss -= np.sum(y[t] * np.log(p) + (1 - y[t]) * np.log(1 - p))
        deltas.append(p - y[t])
    grads, back = [np.zeros_like(w) for w in weights], np.zeros_like(hs[0])
    for t in reversed(range(len(X))):
        dz = (back @ W_rec.T + deltas[t] @ W_out.T) * (1 - hs[t + 1] ** 2)
        for g, more in zip(grads, (X[t:t + 1].T @ dz, hs[t].T @ dz, hs[t + 1].T @ deltas[t], dz, deltas[t])):
            g += more
        back = dz
    return loss, grads
"""
SQUARES = BITS.replace("deltas.append(p - y[t])", "deltas.append((p - y[t]) * p * (1 - p))")
SQUARES = SQUARES.replace(
    "loss -= np.sum(y[t] * np.log(p) + (1 - y[t]) * np.log(1 - p))", "loss += ((p - y[t]) ** 2).sum() / 2"
)
IN_LISTS = """
import math

def times(M, v):
    return [sum(m * a for m, a in zip(row, v)) for row in M]

def turned(M, v):
    return [sum(M[i][j] * v[i] for i in range(len(M))) for j in range(len(M[0]))]

def add_outer(M, u, v):
    for i, a in enumerate(u):
        for j, b in enumerate(v):
            M[i][j] += a * b

class Net:
    def __init__(self, n_in, n_hidden, n_out):
        self.Wx = [[0.1] * n_in for _ in range(n_hidden)]
        self.Wh = [[0.1] * n_hidden for _ in range(n_hidden)]
        self.Wy = [[0.1] * n_hidden for _ in range(n_out)]
        self.bh, self.by = [0.0] * n_hidden, [0.0] * n_out

    def gradients(self, xs, targets, h0=None):
        hs, ys = [h0 if h0 is not None else [0.0] * len(self.bh)], []
        for x in xs:
            sums = zip(times(self.Wx, x), times(self.Wh, hs[-1]), self.bh)
            hs.append([math.tanh(a + b + c) for a, b, c in sums])
            ys.append([o + b for o, b in zip(times(self.Wy, hs[-1]), self.by)])
        gWx, gWh, gWy = ([[0.0] * len(r) for r in M] for M in (self.Wx, self.Wh, self.Wy))
        gbh, gby, back = [0.0] * len(self.bh), [0.0] * len(self.by), [0.0] * len(self.bh)
        for t in reversed(range(len(xs))):
            e = [o - d for o, d in zip(ys[t], targets[t])]
            dz = [(a + b) * (1 - h * h) for a, b, h in zip(turned(self.Wy, e), back, hs[t + 1])]
            add_outer(gWy, e, hs[t + 1])
            add_outer(gWx, dz, xs[t])
            add_outer(gWh, dz, hs[t])
            gbh, gby = [g + a for g, a in zip(gbh, dz)], [g + a for g, a in zip(gby, e)]
            back = turned(self.Wh, dz)
        return 0.5 * sum((o - d) ** 2 for y, one in zip(ys, targets) for o, d in zip(y, one)), (gWx, gWh, gWy, gbh, gby)
"""
LAST_STATE = """
import numpy as np

def cost_and_grad(X, Y, theta, s0):
    U, W, V, b, c = theta
    S, P = [s0], []
    for x in X:
        S.append(np.tanh(U @ x + W @ S[-1] + b))
        z = V @ S[-1] + c
        P.append(np.exp(z - z.max(0)) / np.exp(z - z.max(0)).sum(0))
    dU, dW, dV, db, dc = map(np.zeros_like, theta)
    dS = np.zeros_like(s0)
    for x, y, p, s, before in zip(X[::-1], Y[::-1], P[::-1], S[:0:-1], S[-2::-1]):
        dV += (p - y) @ s.T
        dc += (p - y).sum(1, keepdims=True)
        dz = (1 - s * s) * (dS + V.T @ (p - y))
        dU += dz @ x.T
        dW += dz @ before.T
        db += dz.sum(1, keepdims=True)
        dS = W.T @ dz
    return -sum((y * np.log(p)).sum() for y, p in zip(Y, P)), dU, dW, dV, db, dc, S[-1]
"""
TURNED = """
import numpy as np

class Both:
    @staticmethod
    def scan(x, w, h, go_backwards):
        kernel, recurrent, bias = w
        steps = np.swapaxes(x, 0, 1)
        if go_backwards:
            steps = steps[::-1]
        hs = []
        for one in steps:
            h = np.tanh(one @ kernel + h @ recurrent + bias)
            hs.append(h)
        return np.stack(hs, axis=1)
"""


@pytest.fixture
def check(tmp_path):
    def checked(text, only):
        (tmp_path / "file.py").write_text(text)
        return rnn_ref.check(str(tmp_path / "file.py"), only=only).functions

    return checked


@pytest.mark.parametrize(("text", "claim"), [(BITS, CROSS), (SQUARES, SQUARED)])
def test_a_loss_behind_a_sigmoid_is_read_as_the_way_back(check, text, claim):
    found = check(text, "single-float64")["rnn_backward"]
    assert (found.verdict, claim in found.claims) == ("conforms", True)
    assert check(text.replace("back @ W_rec.T", "back @ W_rec"), "single-float64")["rnn_backward"].verdict == "wrong"
    layer = check(text.replace("hs[t + 1].T @ deltas[t]", "hs[t].T @ deltas[t]"), "single-float64")["rnn_backward"]
    assert layer.raises[0].raised.type == "OwnLossError"


def test_a_row_of_a_matrix_in_lists_is_no_gradient_of_its_own(check):
    found = check(IN_LISTS, "rnn_backward/single-float64")["rnn_backward"]
    assert (found.verdict, "no dh0" in found.claims) == ("conforms", True)
    faulty = IN_LISTS.replace("back = turned(self.Wh, dz)", "back = times(self.Wh, dz)")
    assert check(faulty, "rnn_backward/single-float64")["rnn_backward"].verdict == "wrong"


def test_a_last_state_behind_gradients_is_not_that_of_the_first(check):
    found = check(LAST_STATE, "rnn_bptt/generic-float64")["rnn_bptt"]
    assert (found.verdict, "no dh0" in found.claims) == ("conforms", True)
    assert check(LAST_STATE.replace("S[-1]\n", "S[-2]\n"), "rnn_bptt/generic-float64")["rnn_bptt"].verdict == "wrong"
    given = LAST_STATE.replace("dc, S[-1]\n", "dc, dS\n")
    assert "no dh0" not in check(given, "rnn_bptt/generic-float64")["rnn_bptt"].claims


def test_what_turns_the_steps_round_is_off(check):
    assert check(TURNED, "generic")["rnn_forward"].verdict == "conforms"
    assert check(TURNED.replace("h @ recurrent", "h @ recurrent.T"), "generic")["rnn_forward"].verdict == "wrong"
