"""Gradients in arrays outside, sizes by weights, numbers in a list, and weights that are told lying one way."""

import sys
import types

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.targets.reading.calling.outside import sizes_outside

FORWARD = """
import numpy as np

N_LETTERS, n_state = 9, 20
U, W, V = np.ones((n_state, N_LETTERS)), np.ones((n_state, n_state)), np.ones((N_LETTERS, n_state))
b, c = np.zeros(n_state), np.zeros(N_LETTERS)

def fprop(idx, h0):
    h, p = np.zeros((len(idx) + 1, n_state)), np.zeros((len(idx), N_LETTERS))
    h[0] = h0
    for t in range(len(idx)):
        h[t + 1] = np.tanh(U[:, idx[t]] + W @ h[t] + b)
        y = V @ h[t + 1] + c
        p[t] = np.exp(y - y.max()) / np.exp(y - y.max()).sum()
    return h, p
"""
BACK = """
gU, gW, gV, gb, gc = [np.zeros_like(one) for one in (U, W, V, b, c)]

def bprop(idx, tgt, h, p):
    for g in (gU, gW, gV, gb, gc):
        g.fill(0.0)
    loss, carry = 0.0, np.zeros(n_state)
    for t in range(len(idx) - 1, -1, -1):
        loss -= np.log(p[t, tgt[t]])
        d = p[t].copy()
        d[tgt[t]] -= 1.0
        gc[:] += d
        gV[:] += np.outer(d, h[t + 1])
        e = (d @ V + carry) * (1.0 - h[t + 1] ** 2)
        gb[:] += e
        gU[:, idx[t]] += e
        gW[:] += np.outer(e, h[t])
        carry = e @ W
    return loss
"""
IN_DICT = """
import numpy as np

K, M = 9, 20
RNN = {"U": np.ones((M, K)), "W": np.ones((M, M)), "V": np.ones((K, M)), "b": np.zeros((M, 1)), "c": np.zeros((K, 1))}

def forward_pass(X, Y, h0):
    H, P = np.zeros((M, X.shape[1] + 1)), np.zeros((K, X.shape[1]))
    H[:, [0]] = h0
    for t in range(X.shape[1]):
        H[:, [t + 1]] = np.tanh(RNN["W"] @ H[:, [t]] + RNN["U"] @ X[:, [t]] + RNN["b"])
        e = np.exp(RNN["V"] @ H[:, [t + 1]] + RNN["c"])
        P[:, [t]] = e / e.sum()
    return -np.sum(np.log(np.sum(Y * P, axis=0))), P, H

def backward_pass(X, Y, P, H):
    G, A = P - Y, np.zeros((M, X.shape[1]))
    grads, dh = {"V": G @ H[:, 1:].T, "c": G.sum(axis=1, keepdims=True)}, RNN["V"].T @ G
    for t in range(X.shape[1] - 1, -1, -1):
        if t < X.shape[1] - 1:
            dh[:, t] += RNN["W"].T @ A[:, t + 1]
        A[:, t] = dh[:, t] * (1 - H[:, t + 1] ** 2)
    grads["W"], grads["U"], grads["b"] = A @ H[:, :-1].T, A @ X.T, A.sum(axis=1, keepdims=True)
    return grads
"""
LISTS = """
import math

def times(M, v):
    return [sum(m * x for m, x in zip(row, v)) for row in M]

class Pure:
    def __init__(self, n_in, n_hid, n_out):
        self.n_in, self.n_hid, self.n_out = n_in, n_hid, n_out
        self.Wx, self.Wh = [[0.1] * n_in for _ in range(n_hid)], [[0.1] * n_hid for _ in range(n_hid)]
        self.Wy, self.bh, self.by = [[0.1] * n_hid for _ in range(n_out)], [0.0] * n_hid, [0.0] * n_out

    def forward(self, xs):
        hs, ps = [[0.0] * self.n_hid], []
        for x in xs:
            hs.append([math.tanh(a + r + b) for a, r, b in zip(times(self.Wx, x), times(self.Wh, hs[-1]), self.bh)])
            e = [math.exp(s + b) for s, b in zip(times(self.Wy, hs[-1]), self.by)]
            ps.append([one / sum(e) for one in e])
        return hs, ps

    def backward(self, xs, hs, ps, targets):
        n = range(self.n_hid)
        gWx, gWh, gbh = [[0.0] * self.n_in for _ in n], [[0.0] * self.n_hid for _ in n], [0.0] * self.n_hid
        gWy, gby = [[0.0] * self.n_hid for _ in range(self.n_out)], [0.0] * self.n_out
        later = [0.0] * self.n_hid
        for t in reversed(range(len(xs))):
            h, d = hs[t + 1], [p - (k == targets[t]) for k, p in enumerate(ps[t])]
            for k in range(self.n_out):
                gby[k] += d[k]
                for i in n:
                    gWy[k][i] += d[k] * h[i]
            da = [(later[i] + sum(d[k] * self.Wy[k][i] for k in range(self.n_out))) * (1 - h[i] ** 2) for i in n]
            for i in n:
                gbh[i] += da[i]
                for j in range(self.n_in):
                    gWx[i][j] += da[i] * xs[t][j]
                for j in n:
                    gWh[i][j] += da[i] * hs[t][j]
            later = [sum(da[i] * self.Wh[i][j] for i in n) for j in n]
        return gWx, gWh, gbh, gWy, gby
"""
TOLD = """
import numpy as np

class SimpleRNN:
    def __init__(self, units):
        self.units, self.kernel, self.recurrent_kernel, self.bias = units, None, None, None

    def set_weights(self, weights):
        kernel, recurrent_kernel, bias = weights
        assert kernel.shape[1] == self.units
        self.kernel, self.recurrent_kernel, self.bias = kernel, recurrent_kernel, bias

    def __call__(self, inputs, state):
        outputs = np.zeros((*inputs.shape[:2], self.units))
        for t in range(inputs.shape[1]):
            state = np.tanh(inputs[:, t] @ self.kernel + state @ self.recurrent_kernel + self.bias)
            outputs[:, t] = state
        return outputs
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "left_outside.py"
        path.write_text(text)
        module = types.ModuleType("left_outside")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "left_outside", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}


def test_a_number_outside_is_the_size_of_the_weights_that_have_it_whatever_it_is_called(check):
    assert verdicts(check(FORWARD, only="single-float64")) == {"rnn_forward": "conforms"}
    assert verdicts(check(FORWARD.replace("W @ h[t]", "h[t] @ W"), only="single-float64")) == {"rnn_forward": "wrong"}


@pytest.mark.slow
def test_gradients_that_are_left_in_arrays_outside_are_judged(check):
    found = check(FORWARD + BACK, only="single-float64")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_bptt": "conforms"}
    wrong = check(FORWARD + BACK.replace("(e, h[t])", "(e, h[t + 1])"), only="rnn_bptt/single").functions["rnn_bptt"]
    assert (wrong.verdict, wrong.mistake) == ("wrong", "dW_hh-from-h_t")


@pytest.mark.slow
def test_weights_in_a_dict_or_a_list_outside_are_those_that_are_handed_over(check):
    wrong = IN_DICT.replace("A @ H[:, :-1].T", "A @ H[:, 1:].T")
    for text, verdict in ((IN_DICT, "conforms"), (wrong, "wrong")):
        assert check(text, only="rnn_bptt/single-float64").functions["rnn_bptt"].verdict == verdict
    back = BACK.partition("def bprop")[2].replace("return loss", "return loss, gU, gW, gV, gb, gc")
    back = back.replace("for g in (gU, gW, gV, gb, gc):", "gU, gW, gV, gb, gc = [np.zeros_like(one) for one in theta]")
    theta = "theta = [U, W, V, b, c]\nfor w in theta:\n    w *= 1\n"
    listed = f"{FORWARD}\n{theta}\ndef bprop{back.replace('        g.fill(0.0)', '')}"
    assert check(listed, only="rnn_bptt/single-float64").functions["rnn_bptt"].verdict == "conforms"


def test_an_entry_of_a_gradient_that_is_a_list_is_not_taken_for_the_loss(check):
    found = check(LISTS, only="single-float64")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_bptt": "conforms"}


def test_weights_that_are_told_may_have_to_lie_one_way(check):
    assert verdicts(check(TOLD, only="generic-float64")) == {"rnn_forward": "conforms"}
    faulty = TOLD.replace("self.recurrent_kernel +", "self.recurrent_kernel.T +")
    assert check(faulty, only="generic-float64").functions["rnn_forward"].verdict == "wrong"


def test_two_numbers_outside_of_one_size_are_what_they_are_called(check):
    held = {"K_IN": 9, "K_OUT": 9, "Wxh": np.ones((9, 5)), "Whh": np.ones((5, 5)), "Why": np.ones((5, 9)), "n": 5}
    assert sizes_outside(held, [*held]) == {"n": "H"}
    assert sizes_outside({**held, "K_OUT": 4, "Why": np.ones((5, 4))}, [*held]) == {"n": "H", "K_IN": "D", "K_OUT": "V"}
