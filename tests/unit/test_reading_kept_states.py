"""What an object keeps of its way forward is not taken for a gradient."""

from pathlib import Path

from test_reading_gated import HEAD

import rnn_ref

KEEPS = """
class Net:
    def __init__(self, n_inputs, n_hidden):
        self.H = n_hidden
        self.W = np.random.randn(4 * n_hidden, n_hidden + n_inputs)
        self.b = np.zeros(4 * n_hidden)

    def forward(self, X, h0, c0):
        h, c, self.caches, found = h0, c0, [], []
        for x in X:
            f, i, g, o = np.split(self.W @ np.concatenate([h, x]) + self.b, 4)
            f, i, g, o = sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o)
            new = f * c + i * g
            self.caches.append((np.concatenate([h, x]), f, i, g, o, c, new))
            h, c = o * np.tanh(new), new
            found.append(h)
        self.last = (h, c)
        return np.array(found)

    def backward(self, dH):
        self.dW, self.db, dX = 0 * self.W, 0 * self.b, []
        dh_next = dc_next = np.zeros(self.H)
        for dh, (hx, f, i, g, o, c, new) in zip(dH[::-1], self.caches[::-1]):
            dh, t = dh + dh_next, np.tanh(new)
            dc = dc_next + dh * o * (1 - t * t)
            df, di, dg, do = dc * c * f * (1 - f), dc * g * i * (1 - i), dc * i * (1 - g * g), dh * t * o * (1 - o)
            da = np.concatenate([df, di, dg, do])
            self.dW += np.outer(da, hx)
            self.db += da
            dh_next, dx = np.split(self.W.T @ da, [self.H])
            dc_next = dc * f
            dX.append(dx)
        return np.array(dX[::-1])
"""


def test_the_last_states_are_no_gradients_of_the_first(tmp_path: Path) -> None:
    (tmp_path / "keeps.py").write_text(HEAD + KEEPS)
    found = rnn_ref.check(str(tmp_path / "keeps.py"), only="lstm_*ward/*float64").functions["lstm_backward"]
    assert (found.verdict, found.claims[-2:]) == ("conforms", ["no dh0", "no dc0"])
