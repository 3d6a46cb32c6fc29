"""Objects of which three methods are called: forward, a loss of its answer, and a way back that is told nothing."""

from pathlib import Path

import pytest

import rnn_ref

THREE = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hidden, n_classes):
        rng = np.random.default_rng(0)
        self.Wx, self.Wh = rng.normal(size=(n_hidden, n_in)), rng.normal(size=(n_hidden, n_hidden))
        self.Wy, self.bh, self.by = rng.normal(size=(n_classes, n_hidden)), np.zeros(n_hidden), np.zeros(n_classes)

    def forward(self, X, h0=None):
        N, T, _ = X.shape
        self.X, self.hs = X, np.zeros((T + 1, N, len(self.bh)))
        self.hs[0] = 0 if h0 is None else h0
        for t in range(T):
            self.hs[t + 1] = np.tanh(X[:, t] @ self.Wx.T + self.hs[t] @ self.Wh.T + self.bh)
        return self.hs[T] @ self.Wy.T + self.by

    def loss(self, logits, y):
        p = np.exp(logits - logits.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        rows = np.arange(len(y))
        loss = -np.log(p[rows, y]).sum()
        p[rows, y] -= 1
        self.dlogits = p
        return loss

    def backward(self):
        T = self.X.shape[1]
        self.dWy, self.dby = self.dlogits.T @ self.hs[T], self.dlogits.sum(0)
        self.dWx, self.dWh, self.dbh = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.bh)
        dh = self.dlogits @ self.Wy
        for t in range(T - 1, -1, -1):
            dz = dh * (1 - self.hs[t + 1] ** 2)
            self.dWx += dz.T @ self.X[:, t]
            self.dWh += dz.T @ self.hs[t]
            self.dbh += dz.sum(0)
            dh = dz @ self.Wh
"""


@pytest.mark.parametrize(("faulty", "mistake"), [("dz.sum(0)", None), ("dh.sum(0)", "db-not-through-tanh")])
def test_a_way_back_behind_a_loss_behind_its_way_forward_is_read(
    tmp_path: Path, faulty: str, mistake: str | None
) -> None:
    path = tmp_path / "net.py"
    path.write_text(THREE.replace("dz.sum(0)", faulty))
    found = rnn_ref.check(str(path), only="rnn_bptt/generic-float64").functions["rnn_bptt"]
    assert (found.verdict, found.mistake) == ("wrong" if mistake else "conforms", mistake)
    assert "Net.loss, backward" in found.reading
