"""Ways back with an output layer of their own: its gradient, bounds that are arguments, hidden methods, one column."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

RELU = """
    import numpy as np

    def forward_pass(P, X, h_init):
        Z, Hs, Y = [], [h_init], []
        for t in range(len(X)):
            Z.append(X[t].dot(P['W']) + Hs[t].dot(P['U']) + P['b'])
            Hs.append(Z[t] * (Z[t] > 0))
            Y.append(Hs[-1].dot(P['V']) + P['c'])
        return np.array(Y), (X, Z, Hs)

    def backward_pass(P, Y, target, cache, clip=10.0):
        X, Z, Hs = cache
        G = dict((k, np.zeros_like(v)) for k, v in P.items())
        dh = np.zeros_like(Hs[0])
        for t in range(len(X) - 1, -1, -1):
            dy = (Y[t] - target[t]) / X.shape[1]
            G['V'] += Hs[t + 1].T.dot(dy)
            G['c'] += dy.sum(0)
            dz = (dh + dy.dot(P['V'].T)) * (Z[t] > 0)
            G['W'] += X[t].T.dot(dz)
            G['U'] += Hs[t].T.dot(dz)
            G['b'] += dz.sum(0)
            dh = dz.dot(P['U'].T)
        for k in G:
            np.clip(G[k], -clip, clip, out=G[k])
        return G, dh
"""
OUTPUTS = """
    import numpy as np

    class Sentiment:
        def __init__(self, n_in, n_out, n_hidden=32):
            self.Wxh, self.Whh = np.random.randn(n_hidden, n_in), np.random.randn(n_hidden, n_hidden)
            self.Why, self.bh, self.by = np.random.randn(n_out, n_hidden), np.zeros((n_hidden, 1)), np.zeros((n_out, 1))

        def forward(self, inputs):
            h = np.zeros((len(self.Whh), 1))
            self.inputs, self.hs = inputs, {0: h}
            for i, x in enumerate(inputs, start=1):
                self.hs[i] = np.tanh(self.Wxh @ x + self.Whh @ self.hs[i - 1] + self.bh)
            return self.Why @ self.hs[len(inputs)] + self.by

        def backward(self, dy):
            n = len(self.inputs)
            d = {"Why": {step}, "by": dy.copy()} | {k: np.zeros_like(getattr(self, k)) for k in ("Whh", "Wxh", "bh")}
            dh = self.Why.T @ dy
            for t in range(n, 0, -1):
                dz = (1 - self.hs[t] ** 2) * dh
                d["bh"] += dz
                d["Whh"] += dz @ self.hs[t - 1].T
                d["Wxh"] += dz @ self.inputs[t - 1].T
                dh = self.Whh.T @ dz
            return d

    def softmax_loss(scores, label):
        e = np.exp(scores - scores.max())
        p = e / e.sum()
        d = p.copy()
        d[label] -= 1
        return -np.log(p[label, 0]), d
"""
HIDDEN = """
    import numpy as np

    class Regressor:
        def __init__(self, n_features, n_hidden):
            self.Wx, self.Wh = np.random.randn(n_features, n_hidden), np.random.randn(n_hidden, n_hidden)
            self.bh, self.Wy, self.by = np.zeros((1, n_hidden)), np.random.randn(n_hidden, 1), np.zeros((1, 1))

        def _forward(self, X):
            states = np.zeros((X.shape[1] + 1, len(X), len(self.Wh)))
            for t in range(X.shape[1]):
                states[t + 1] = np.tanh(X[:, t, :].dot(self.Wx) + states[t].dot(self.Wh) + self.bh)
            return states, states[-1].dot(self.Wy) + self.by

        def _gradients(self, X, y):
            states, out = self._forward(X)
            error = (out - y) / len(X)
            gWx, gWh, gbh = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.bh)
            dh = error.dot(self.Wy.T)
            for t in range(X.shape[1], 0, -1):
                delta = dh * {step}
                gWx += X[:, t - 1, :].T.dot(delta)
                gWh += states[t - 1].T.dot(delta)
                gbh += delta.sum(axis=0, keepdims=True)
                dh = delta.dot(self.Wh.T)
            return gWx, gWh, gbh, states[-1].T.dot(error), error.sum(axis=0, keepdims=True)
"""


def _checked(tmp_path: Path, text: str, step: str) -> Any:
    target = tmp_path / "layer.py"
    target.write_text(textwrap.dedent(text.replace("{step}", step)), encoding="utf-8")
    return rnn_ref.check(str(target)).functions


@pytest.mark.slow
def test_a_bound_that_is_an_argument_takes_no_digits(tmp_path: Path) -> None:
    assert _checked(tmp_path, RELU, "")["rnn_backward"].verdict == "conforms"


@pytest.mark.slow
def test_the_gradient_of_the_output_layer_is_looked_at_behind_it(tmp_path: Path) -> None:
    right, wrong = (_checked(tmp_path, OUTPUTS, f"dy @ self.hs[{at}].T") for at in ("n", "n - 1"))
    assert right["rnn_backward"].verdict == right["cross_entropy_backward"].verdict == "conforms"
    assert right["cross_entropy"].mistake == "log-of-softmax"
    assert "Why is not the gradient" in wrong["rnn_backward"].explanation


@pytest.mark.slow
@pytest.mark.parametrize(("step", "verdict"), [("(1 - states[t] ** 2)", "conforms"), ("(1 - states[t])", "wrong")])
def test_ways_with_an_underscore_in_front_are_read(tmp_path: Path, step: str, verdict: str) -> None:
    found = _checked(tmp_path, HIDDEN, step)
    assert (found["rnn_forward"].verdict, found["rnn_backward"].verdict) == ("conforms", verdict)
