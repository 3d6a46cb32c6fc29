"""A loss of a cell with gates whose finished gradients are clipped, where one check is several calls of it."""

import textwrap

import pytest

import rnn_ref

CHAR_GRU = """
    import numpy as np

    class CharGRU:
        def __init__(self, vocab_size, hidden=16):
            self.V = vocab_size
            for g in "zrh":
                setattr(self, "W" + g, np.random.randn(hidden, vocab_size) * 0.2)
                setattr(self, "U" + g, np.random.randn(hidden, hidden) * 0.2)
                setattr(self, "b" + g, np.zeros((hidden, 1)))
            self.Wy, self.by = np.random.randn(vocab_size, hidden), np.zeros((vocab_size, 1))
            self.names = [part + g for g in "zrh" for part in "WUb"] + ["Wy", "by"]

        def sig(self, x):
            return 1 / (1 + np.exp(-x))

        def lossFun(self, inputs, targets, hprev):
            x, z, r, n, h, p, loss = {}, {}, {}, {}, {-1: hprev}, {}, 0.0
            for t, ix in enumerate(inputs):
                x[t] = np.zeros((self.V, 1))
                x[t][ix] = 1
                z[t] = self.sig(self.Wz @ x[t] + self.Uz @ h[t - 1] + self.bz)
                r[t] = self.sig(self.Wr @ x[t] + self.Ur @ h[t - 1] + self.br)
                n[t] = np.tanh(self.Wh @ x[t] + self.Uh @ (r[t] * h[t - 1]) + self.bh)
                h[t] = z[t] * h[t - 1] + (1 - z[t]) * n[t]
                y = self.Wy @ h[t] + self.by
                p[t] = np.exp(y - y.max()) / np.exp(y - y.max()).sum()
                loss -= np.log(p[t][targets[t], 0])
            g = {name: np.zeros_like(getattr(self, name)) for name in self.names}
            later = np.zeros_like(hprev)
            for t in reversed(range(len(inputs))):
                dy = p[t].copy()
                dy[targets[t]] -= 1
                g["Wy"] += dy @ h[t].T
                g["by"] += dy
                dh = self.Wy.T @ dy + later
                dn = dh * (1 - z[t]) * (1 - n[t] ** 2)
                drh = self.Uh.T @ dn
                dr = drh * h[t - 1] * r[t] * (1 - r[t])
                dz = dh * (h[t - 1] - n[t]) * z[t] * (1 - z[t])
                for k, d, state in (("z", dz, h[t - 1]), ("r", dr, h[t - 1]), ("h", dn, r[t] * h[t - 1])):
                    g["W" + k] += d @ x[t].T
                    g["U" + k] += d @ state.T
                    g["b" + k] += d
                later = dh * z[t] + drh * r[t] + self.Ur.T @ dr + self.Uz.T @ dz
            for name in self.names:
                np.clip(g[name], -5, 5, out=g[name])
            return loss, g, h[len(inputs) - 1]
"""


@pytest.mark.slow
def test_the_bound_survives_and_is_told(tmp_path):
    path = tmp_path / "chars.py"
    path.write_text(textwrap.dedent(CHAR_GRU), "utf-8")
    found = rnn_ref.check(str(path)).functions["gru_backward"]
    assert (found.verdict, found.mistake) == ("right-but", "gradients-clipped")
    assert rnn_ref.check(str(path), claims="clip 5").functions["gru_backward"].verdict == "conforms"
