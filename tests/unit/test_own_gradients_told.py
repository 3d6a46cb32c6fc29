"""Gradients of losses that a program does not compute beside them, or of what it is only told the gradient of."""

from pathlib import Path

import pytest
from test_own_gradients import _found

from rnn_ref.conformance.differences.ask import _may_go_back
from rnn_ref.conformance.differences.program import Program
from rnn_ref.conformance.judge.own_gradients import reported

SCALARS = """
import numpy as np

class Sine:
    def __init__(self, units):
        rng = np.random.default_rng(0)
        self.a, self.R, self.o = rng.normal(size=units), rng.normal(size=(units, units)) / 4, rng.normal(size=units)

    def run(self, x):
        h = [np.zeros(len(self.a))]
        for one in x:
            h.append(np.tanh(self.a * one + self.R @ h[-1]))
        return np.array(h), np.array(h[1:]) @ self.o

    def squared_error(self, x, want):
        return 0.5 * np.sum((self.run(x)[1] - want) ** 2)

    def grad(self, x, want):
        h, y = self.run(x)
        off = y - want
        da, dR, do, carry = 0 * self.a, 0 * self.R, off @ h[1:], 0
        for t in reversed(range(len(x))):
            carry = (self.o * off[t] + carry) * (1 - h[t + 1] ** 2)
            da, dR = da + carry * x[t], dR + np.outer(carry, h[t])
            carry = self.R.T @ carry
        return da, dR, do

net, wave = Sine(5), np.sin(np.arange(20) / 3)
for i in range(8):
    da, dR, do = net.grad(wave[i:i + 6], wave[i + 1:i + 7])
    net.a, net.R, net.o = net.a - 0.01 * da, net.R - 0.01 * dR, net.o - 0.01 * do
"""
UNCALLED = SCALARS.replace("def squared_error", "def shown")
LAST = """
import numpy as np

def forward(X, A, B, c):
    S = np.zeros((len(X), X.shape[1] + 1, len(c)))
    for t in range(X.shape[1]):
        S[:, t + 1] = np.tanh(X[:, t] @ A + S[:, t] @ B + c)
    return S

def backward(X, S, A, B, dlast):
    dA, dB, dc, ds = np.zeros_like(A), np.zeros_like(B), np.zeros(len(B)), dlast
    for t in range(X.shape[1] - 1, -1, -1):
        dz = ds * (1 - S[:, t + 1] ** 2)
        dA += X[:, t].T @ dz
        dB += S[:, t].T @ dz
        dc += dz.sum(0)
        ds = dz @ B.T
    return dA, dB, dc

rng = np.random.default_rng(0)
A, B, c, V = rng.normal(size=(2, 4)), rng.normal(size=(4, 4)) / 2, np.zeros(4), rng.normal(size=4)
X = rng.normal(size=(7, 5, 2))
for i in range(4):
    S = forward(X, A, B, c)
    off = (S[:, -1] @ V - X.sum((1, 2))) / len(X)
    dA, dB, dc = backward(X, S, A, B, np.outer(off, V))
    A, B, c, V = A - 0.1 * dA, B - 0.1 * dB, c - 0.1 * dc, V - 0.1 * off @ S[:, -1]
"""
LISTS_OF_STEPS = (
    LAST.replace("return S\n", "return [*S.transpose(1, 0, 2)]\n")
    .replace("dlast", "dhs")
    .replace("dc, ds =", "dc, carry =")
    .replace(", dhs\n    for", ", 0\n    S = np.stack(S, 1)\n    for")
    .replace("dz = ds *", "dz = (dhs[t + 1] + carry) *")
    .replace("ds = dz @", "carry = dz @")
    .replace("S[:, -1]", "S[-1]")
    .replace("np.outer(off, V))", "[np.zeros_like(S[0])] * 5 + [np.outer(off, V)])")
)
LAYERS = """
import numpy as np

class Deep:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.W, self.U = [rng.normal(size=(n, 4)) / 2 for n in (2, 4)], [rng.normal(size=(4, 4)) / 2 for _ in "ab"]
        self.o = rng.normal(size=(4, 1))

    def forward(self, X):
        self.seen = [X]
        for W, U in zip(self.W, self.U):
            S = np.zeros((len(X), X.shape[1] + 1, 4))
            for t in range(X.shape[1]):
                S[:, t + 1] = np.tanh(self.seen[-1][:, t - X.shape[1]] @ W + S[:, t] @ U)
            self.seen.append(S)
        return S[:, -1] @ self.o

    def backward(self, dy):
        gW, gU, go = [None, None], [None, None], self.seen[2][:, -1].T @ dy
        above = np.zeros_like(self.seen[2][:, 1:])
        above[:, -1] = dy @ self.o.T
        for l in (1, 0):
            S, ds, x = self.seen[l + 1], 0, self.seen[l][:, -above.shape[1]:]
            gW[l], gU[l], below = 0 * self.W[l], 0 * self.U[l], np.zeros_like(x)
            for t in reversed(range(above.shape[1])):
                dz = (above[:, t] + ds) * (1 - S[:, t + 1] ** 2)
                gW[l] += x[:, t].T @ dz
                gU[l] += S[:, t].T @ dz
                below[:, t], ds = dz @ self.W[l].T, dz @ self.U[l].T
            above = below
        return gW, gU, go

net, X = Deep(), np.random.default_rng(1).normal(size=(6, 5, 2))
for i in range(3):
    gW, gU, go = net.backward(net.forward(X) - X.sum((1, 2))[:, None])
    for l in range(2):
        net.W[l], net.U[l] = net.W[l] - 0.01 * gW[l], net.U[l] - 0.01 * gU[l]
    net.o -= 0.01 * go
"""
LATER = """
import numpy as np

def step(x, h, c, P):
    f, g = 1 / (1 + np.exp(-(x @ P["Wf"] + h @ P["Uf"]))), np.tanh(x @ P["Wg"] + h @ P["Ug"])
    new = f * c + (1 - f) * g
    return np.tanh(new), new, (x, h, c, f, g, new)

def back(dh, dc, cache, P):
    x, h, c, f, g, new = cache
    d = dc + dh * (1 - np.tanh(new) ** 2)
    df, dg = d * (c - g) * f * (1 - f), d * (1 - f) * (1 - g * g)
    return {"dWf": x.T @ df, "dUf": h.T @ df, "dWg": x.T @ dg, "dUg": h.T @ dg}

rng = np.random.default_rng(0)
P = {k: rng.normal(size=(3 if k[0] == "W" else 4, 4)) for k in ("Wf", "Uf", "Wg", "Ug")}
h, c, caches = np.zeros((2, 4)), np.zeros((2, 4)), []
for t in range(3):
    h, c, cache = step(rng.normal(size=(2, 3)), h, c, P)
    caches.append(cache)
grads = back(rng.normal(size=(2, 4)), rng.normal(size=(2, 4)), caches[1], P)
"""
OF_TWO = (
    SCALARS.replace("@ self.o\n", "@ self.o, None\n", 1)
    .replace("np.array(h[1:]) @ self.o, None", "1 / (1 + np.exp(-np.array(h[1:]) @ self.o))")
    .replace("squared_error", "loss")
    .replace("0.5 * np.sum((self.run(x)[1] - want) ** 2)", "-np.log(np.where(want, p := self.run(x)[1], 1 - p)).sum()")
    .replace("wave[i + 1:i + 7]", "wave[i + 1:i + 7] > 0")
)
SHRINKS = SCALARS.replace("squared_error", "loss").replace(
    "- want) ** 2)", "- want) ** 2) + 0.2 * sum(np.sum(w * w) for w in (self.a, self.R, self.o))"
)
GOES_ON = (
    SCALARS.replace("squared_error", "loss")
    .replace("def run(self, x):", "def run(self, x, h0=0):")
    .replace("[np.zeros(len(self.a))]", "[h0 + np.zeros(len(self.a))]")
    .replace("def grad(self, x, want):", "def grad(self, x, want, h0):")
    .replace("h, y = self.run(x)", "h, y = self.run(x, h0)")
    .replace("wave[i + 1:i + 7])", "wave[i + 1:i + 7], np.full(5, 0.3))")
)
DROPS = (
    SCALARS.replace("squared_error", "loss")
    .replace("        rng =", "        self.calls, rng = 0,")
    .replace(
        "        for one in x:",
        "        self.calls += 1\n        self.kept = np.arange(5) != self.calls % 5\n        for one in x:",
    )
    .replace("np.array(h[1:]) @ self.o", "np.array(h[1:]) @ (self.kept * self.o)")
    .replace("off @ h[1:], 0", "(off @ h[1:]) * self.kept, 0")
    .replace("self.o * off[t]", "self.kept * self.o * off[t]")
)
RIGHT = {"a loss that is not called": (SCALARS, 3, ["Sine.squared_error", 0, "returned"]),
         "a loss that is not there": (UNCALLED, 3, ["usual", "squares of want less y"]),
         "of the last state": (LAST, 3, ["forward", 1, "returned", ":, -1", "times", "dlast"]),
         "lists of steps": (LISTS_OF_STEPS, 3, ["forward", 1, "returned", "times", "dhs"]),
         "lists of layers": (LAYERS, 5, ["Deep.forward", 1, "returned", "times", "dy"])}  # fmt: skip
WRONG = [
    (SCALARS, "np.outer(carry, h[t])", "np.outer(carry, h[t + 1])"),
    (UNCALLED, "carry = self.R.T @ carry", "carry = self.R @ carry"),
    (LAST, "ds = dz @ B.T", "ds = dz @ B"),
    (LISTS_OF_STEPS, "carry = dz @ B.T", "carry = dz @ B"),
    (LAYERS, "gU[l] += S[:, t].T", "gU[l] += S[:, t + 1].T"),
]


@pytest.mark.parametrize("what", RIGHT)
def test_all_are_right(what: str, tmp_path: Path) -> None:
    text, gradients, number = RIGHT[what]
    found = _found(tmp_path, text)
    assert [one["verdict"] for one in found["gradients"]] == ["right"] * gradients
    assert (found["number"], found["factor"]) == (number, pytest.approx(1))
    claims = reported(found)[0].claims  # a loss that is not there is an assumption
    assert any("is not computed there" in one for one in claims) == (number[0] == "usual")


@pytest.mark.parametrize(("text", "right", "wrong"), WRONG)
def test_the_slip_is_told_where_no_gradient_is_right_too(text: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert text.count(right) == 1
    mend = _found(tmp_path, text.replace(right, wrong))["mend"]
    assert wrong in (tmp_path / "mine.py").read_text().splitlines()[mend["line"] - 1]


def test_a_step_of_which_the_weights_work_in_earlier_ones_too_tells_nothing(tmp_path: Path) -> None:
    assert _found(tmp_path, LATER) is None


def test_entries_that_are_put_into_g_by_name_may_be_gradients(tmp_path: Path) -> None:
    (file := tmp_path / "mine.py").write_text("def back(x, p):\n    g = {}\n    g['W'] = x @ p['W']\n    return g\n")
    assert _may_go_back(Program(file))


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        (OF_TWO, None),
        (OF_TWO.replace("off = y - want", "off = (y - want) * y * (1 - y)"), ["Sine.loss", 0, "returned"]),
        (SHRINKS, None),  # the rest of the gradient is added elsewhere
        (GOES_ON, None),
        (DROPS, None),
    ],
)
def test_derivatives_of_another_loss_than_the_one_there_is_are_told(text: str, instead: object, tmp_path: Path) -> None:
    found = _found(tmp_path, text)
    assert [one["verdict"] for one in found["gradients"]] == ["right"] * 3
    assert found["instead"] == instead
    report, _ = reported(found)
    assert report.verdict == ("right-but" if instead else "conforms")
