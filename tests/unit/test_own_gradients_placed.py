"""Gradients by the place of their layer in a list of lists, and of one vector that is told to what returns them."""

import sys
from pathlib import Path

import pytest

import rnn_ref

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is not copied elsewhere")

LAYERS = """
import numpy as np
r = np.random.default_rng(0)

def ahead(layers, top, X):
    S = [np.zeros((len(X) + 1, len(b))) for _, _, b in layers]
    for t in range(len(X)):
        below = X[t]
        for k, (W, U, b) in enumerate(layers):
            S[k][t + 1] = below = np.tanh(W @ below + U @ S[k][t] + b)
    return S, S[-1][1:] @ top

def half_square_loss(Y, D):
    return 0.5 * ((Y - D) ** 2).sum()

def back(layers, top, X, S, Y, D):
    G = [[np.zeros_like(one) for one in layer] for layer in layers]
    later = [np.zeros(len(b)) for _, _, b in layers]
    for t in reversed(range(len(X))):
        above = top * (Y[t] - D[t])
        for k in reversed(range(len(layers))):
            W, U, b = layers[k]
            dz = (above + later[k]) * (1 - S[k][t + 1] ** 2)
            G[k][0] += np.outer(dz, X[t] if k == 0 else S[k - 1][t + 1])
            G[k][1] += np.outer(dz, S[k][t])
            G[k][2] += dz
            later[k], above = U.T @ dz, W.T @ dz
    return G, S[-1][1:].T @ (Y - D)

layers = [[r.normal(size=(5, 2)), r.normal(size=(5, 5)) / 3, np.zeros(5)],
          [r.normal(size=(4, 5)), r.normal(size=(4, 4)) / 3, np.zeros(4)]]
top, X, D = r.normal(size=4), r.normal(size=(6, 2)), r.normal(size=6)
for turn in range(3):
    S, Y = ahead(layers, top, X)
    grads, of_top = back(layers, top, X, S, Y, D)
    for layer, its in zip(layers, grads):
        for one, g in zip(layer, its):
            one -= 0.01 * g
    top -= 0.01 * of_top
print(half_square_loss(Y, D))
"""
VECTOR = """
import numpy as np

class Model:
    def __init__(self, n):
        self.n = n
        self.theta = np.random.default_rng(0).normal(size=n * n + 2 * n) * 0.3

    def objective(self, theta, x, d):
        n = self.n
        U, w, v = theta[:n * n].reshape(n, n), theta[n * n:n * n + n], theta[n * n + n:]
        h = [np.zeros(n)]
        for one in x:
            h.append(np.tanh(w * one + U @ h[-1]))
        e = v @ h[-1] - d
        gU, gw, dh = np.zeros((n, n)), np.zeros(n), e * v
        for t in reversed(range(len(x))):
            dz = dh * (1 - h[t + 1] ** 2)
            gU += np.outer(dz, h[t])
            gw += dz * x[t]
            dh = U.T @ dz
        return 0.5 * e ** 2, np.concatenate([gU.ravel(), gw, e * h[-1]])

m, x = Model(4), np.linspace(-1, 1, 5)
nudge = np.zeros_like(m.theta)
nudge[3] = 1e-5
both = [m.objective(m.theta + one * nudge, x, 0.7)[0] for one in (1, -1)]
for _ in range(3):
    f, g = m.objective(m.theta, x, 0.7)
    m.theta = m.theta - 0.1 * g
"""
RIGHT = {"layers": LAYERS, "vector": VECTOR}
SLIPS = {  # and what is right beside it
    "layers": (
        "np.outer(dz, S[k][t])",
        "np.outer(dz, S[k][t + 1])",
        "[0][0][1], [0][1][1]; right are [0][0][0], [0][0][2]",
    ),
    "vector": ("gU += np.outer(dz, h[t])", "gU += np.outer(dz, h[t + 1])", "right are [1][18:21], [1][21:24]"),
}


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_right_is_confirmed(kind: str, tmp_path: Path) -> None:
    (file := tmp_path / "mine.py").write_text(RIGHT[kind])
    assert rnn_ref.check(str(file)).functions["own_gradients"].verdict == "conforms"


@pytest.mark.parametrize("kind", RIGHT)
def test_what_is_wrong_is_told(kind: str, tmp_path: Path) -> None:
    right, wrong, told = SLIPS[kind]
    (file := tmp_path / "mine.py").write_text(RIGHT[kind].replace(right, wrong))
    found = rnn_ref.check(str(file)).functions["own_gradients"]
    assert found.verdict == "wrong"
    assert told in found.explanation
