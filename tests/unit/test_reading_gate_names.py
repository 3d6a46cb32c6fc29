"""Weights of gates whose names are put together: by keys that are added up, by their owners, by layers of PyTorch."""

import pytest
from sampled import some
from test_reading_gated import HEAD

import rnn_ref

KEYS = """
GATES = ("f", "i", "o", "a")

def lstm_fwd(P, xs, h0, s0):
    h, c, acts = [h0], [s0], []
    for x in xs:
        pre = {k: P["W" + k] @ x + P[f"U{k}"] @ h[-1] + P["b" + k] for k in GATES}
        act = {k: (np.tanh if k == "a" else sigmoid)(v) for k, v in pre.items()}
        c.append(act["f"] * c[-1] + act["i"] * act["a"])
        h.append(act["o"] * np.tanh(c[-1]))
        acts.append(act)
    return h, c, acts

def lstm_bwd(P, xs, h, c, acts, dh_top):
    G, dh, dc = {k: np.zeros_like(v) for k, v in P.items()}, 0 * h[0], 0 * c[0]
    for t in reversed(range(len(xs))):
        A, th = acts[t], np.tanh(c[t + 1])
        dh = dh + dh_top[t]
        dc = dc + dh * A["o"] * (1 - th**2)
        delta = {"o": dh * th, "f": dc * c[t], "i": dc * A["a"], "a": dc * A["i"] * (1 - A["a"] ** 2)}
        dh = 0
        for k in GATES:
            d = delta[k] if k == "a" else delta[k] * A[k] * (1 - A[k])
            G["W" + k] += np.outer(d, xs[t])
            G["U" + k] += np.outer(d, h[t])
            G["b" + k] += d
            dh = dh + P["U" + k].T @ d
        dc = dc * A["f"]
    return G, (dh, dc)
"""
OWNERS = """
class Param:
    def __init__(self, cells, x_dim):
        self.w = {k: np.random.rand(cells, cells + x_dim) for k in "gifo"}
        self.b = {k: np.random.rand(cells) for k in "gifo"}
        self.w_diff = {k: np.zeros_like(v) for k, v in self.w.items()}

class Net:
    def __init__(self, param):
        self.param = param

    def run(self, xs, h, s):
        out, w, b = [], self.param.w, self.param.b
        for x in xs:
            xh = np.hstack((x, h))
            g, i = np.tanh(w["g"] @ xh + b["g"]), sigmoid(w["i"] @ xh + b["i"])
            f, o = sigmoid(w["f"] @ xh + b["f"]), sigmoid(w["o"] @ xh + b["o"])
            s = g * i + s * f
            h = np.tanh(s) * o
            out.append(h)
        return np.array(out)
"""
MODULE = """
import torch
from torch import nn

class GRUCell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.Wr, self.Ur = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.Wz, self.Uz = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.W, self.U = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h):
        r, z = torch.sigmoid(self.Wr(x) + self.Ur(h)), torch.sigmoid(self.Wz(x) + self.Uz(h))
        return (1 - z) * h + z * torch.tanh(self.W(x) + r * self.U(h))
"""
UPDATE = """
class Layer:
    def __init__(self, input_dim, hidden_dim):
        self.params = {}
        for g in ("update", "reset", "cand"):
            self.params["W_" + g] = np.random.rand(hidden_dim, input_dim)
            self.params["R_" + g] = np.random.rand(hidden_dim, hidden_dim)
            self.params["b_" + g] = np.zeros((hidden_dim, 1))

    def sums(self, g, x, h):
        return self.params["W_" + g] @ x + self.params["R_" + g] @ h + self.params["b_" + g]

    def forward(self, xs, h):
        out = []
        for x in xs:
            u, r = sigmoid(self.sums("update", x, h)), sigmoid(self.sums("reset", x, h))
            h = (1 - u) * h + u * np.tanh(self.sums("cand", x, r * h))
            out.append(h)
        return out
"""
FORMS = {  # the text, the function, and an edit that is wrong
    "owners": (OWNERS, "lstm_forward", ("+ s * f", "+ s")),
    "added keys": (KEYS, "lstm_backward", ("dc * c[t],", "dc * c[t + 1],")),
    "layers": (MODULE, "gru_cell_step", ("r * self.U(h)", "z * self.U(h)")),
    "an update gate": (UPDATE, "gru_forward", ('("cand", x, r * h)', '("cand", x, h)')),
}


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_names_that_are_put_together_are_known(form, tmp_path):
    text, function, (old, new) = FORMS[form]
    path = tmp_path / "foreign.py"
    only = f"{function}/*float64"
    path.write_text(HEAD + text, encoding="utf-8")
    assert rnn_ref.check(str(path), only=only).functions[function].verdict == "conforms"
    assert text.count(old) == 1
    path.write_text(HEAD + text.replace(old, new), encoding="utf-8")
    assert rnn_ref.check(str(path), only=only).functions[function].verdict == "wrong"
