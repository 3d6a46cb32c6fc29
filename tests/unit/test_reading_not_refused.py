"""Right code that was refused once: a number inside a list, a penalty with a default, nothing times infinity."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

LISTS = """
    import math

    class Net:
        def __init__(self, n, m, k):
            self.Wx, self.Wh = [[.1] * n for _ in range(m)], [[.1] * m for _ in range(m)]
            self.Wy, self.bh, self.by = [[.1] * m for _ in range(k)], [0.0] * m, [0.0] * k

        def forward(self, xs):
            hs, ps = [[0.0] * len(self.bh)], []
            for x in xs:
                hs.append([math.tanh(sum(w * v for w, v in zip(a, x)) + sum(w * v for w, v in zip(r, hs[-1])) + b)
                           for a, r, b in zip(self.Wx, self.Wh, self.bh)])
                z = [sum(w * v for w, v in zip(row, hs[-1])) + b for row, b in zip(self.Wy, self.by)]
                e = [math.exp(v - max(z)) for v in z]
                ps.append([v / sum(e) for v in e])
            return hs, ps

        def backward(self, xs, hs, ps, targets):
            m, n, k = len(self.bh), len(self.Wx[0]), len(self.by)
            gWx, gWh, gbh = [[0.0] * n for _ in range(m)], [[0.0] * m for _ in range(m)], [0.0] * m
            gWy, gby, later = [[0.0] * m for _ in range(k)], [0.0] * k, [0.0] * m
            for t in reversed(range(len(xs))):
                dy = [p - (v == targets[t]) for v, p in enumerate(ps[t])]
                for v in range(k):
                    gby[v] += dy[v]
                    for i in range(m):
                        gWy[v][i] += dy[v] * hs[t + 1][i]
                raw = [(sum(dy[v] * self.Wy[v][i] for v in range(k)) + later[i]) * (1 - hs[t + 1][i] ** 2)
                       for i in range(m)]
                for i in range(m):
                    gbh[i] += raw[i]
                    for j in range(n):
                        gWx[i][j] += raw[i] * xs[t][j]
                    for j in range(m):
                        gWh[i][j] += raw[i] * hs[t][j]
                later = [sum(self.Wh[i][j] * raw[i] for i in range(m)) for j in range(m)]
            return gWx, gWh, gbh, gWy, gby
"""
PENALTY = """
    import numpy as np

    class Classifier:
        def __init__(self, D, H, C, reg=1e-3):
            self.reg = reg
            self.p = {"Wx": np.zeros((D, H)), "Wh": np.zeros((H, H)), "b": np.zeros(H), "Wc": np.zeros((H, C)),
                      "bc": np.zeros(C)}

        def loss(self, X, y):
            p, (N, T, _) = self.p, X.shape
            h = [np.zeros((N, p["b"].size))]
            for t in range(T):
                h.append(np.tanh(X[:, t] @ p["Wx"] + h[-1] @ p["Wh"] + p["b"]))
            z = h[-1] @ p["Wc"] + p["bc"]
            z -= z.max(1, keepdims=True)
            q = np.exp(z) / np.exp(z).sum(1, keepdims=True)
            loss = -(z - np.log(np.exp(z).sum(1, keepdims=True)))[np.arange(N), y].sum()
            loss += self.reg / 2 * sum((p[k] ** 2).sum() for k in ("Wx", "Wh", "Wc"))
            q[np.arange(N), y] -= 1
            g = {"Wc": h[-1].T @ q + self.reg * p["Wc"], "bc": q.sum(0), "b": 0}
            g["Wx"], g["Wh"] = self.reg * p["Wx"], self.reg * p["Wh"]
            d = q @ p["Wc"].T
            for t in reversed(range(T)):
                d = d * (1 - h[t + 1] ** 2)
                g["Wx"], g["Wh"], g["b"] = g["Wx"] + X[:, t].T @ d, g["Wh"] + h[t].T @ d, g["b"] + d.sum(0)
                d = d @ p["Wh"].T
            return loss, g
"""
ONE_HOT = """
    import numpy as np

    def cross_entropy(logits, targets):
        z = logits - logits.max(axis=1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        wanted = np.eye(logits.shape[1])[targets]
        return -np.sum(wanted * log_p) / len(targets)
"""


def _functions(tmp_path: Path, text: str) -> Any:
    (tmp_path / "mine.py").write_text(textwrap.dedent(text), "utf-8")
    return rnn_ref.check(str(tmp_path / "mine.py")).functions


def test_a_number_inside_a_list_of_numbers_is_no_loss(tmp_path: Path) -> None:
    found = _functions(tmp_path, LISTS)["rnn_bptt"]
    assert (found.verdict, "no loss" in found.claims) == ("conforms", True)


def test_a_penalty_is_asked_at_zero(tmp_path: Path) -> None:
    found = _functions(tmp_path, PENALTY)["rnn_bptt"]
    assert (found.verdict, "reg=0" in found.reading) == ("conforms", True)


def test_nothing_times_infinity_is_right_but_for_that_in_code_that_is_read(tmp_path: Path) -> None:
    found = _functions(tmp_path, ONE_HOT.replace("cross_entropy", "softmax_loss"))["cross_entropy"]
    assert (found.verdict, found.mistakes) == ("right-but", ["zero-times-infinity"])


PAIR = """
    import numpy as np

    def cross_entropy(logits, targets):
        B, T, K = logits.shape
        z = logits - logits.max(axis=-1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        rows, steps = np.ogrid[:B, :T]
        d = np.exp(log_p)
        d[rows, steps, targets] -= 1
        return -log_p[rows, steps, targets].mean(), d / (B * T)
"""


def test_a_loss_under_our_name_that_returns_its_gradient_too_is_read(tmp_path: Path) -> None:
    found = _functions(tmp_path, PAIR)
    assert {name: found[name].verdict for name in ("cross_entropy", "cross_entropy_backward")} == {
        "cross_entropy": "conforms",
        "cross_entropy_backward": "conforms",
    }


STATES = """
    import numpy as np

    def rnn_pass(inputs, targets, W, h_start):
        Wxh, Whh, bh, Why, by = W
        states, probs, loss = [h_start], [], 0.0
        for i, j in zip(inputs, targets):
            states.append(np.tanh(Wxh[i] + states[-1] @ Whh + bh))
            z = states[-1] @ Why + by
            e = np.exp(z - z.max())
            probs.append(e / e.sum())
            loss -= z[j] - z.max() - np.log(e.sum())
        G, dh = [np.zeros_like(w) for w in W], np.zeros_like(h_start)
        for t in range(len(inputs) - 1, -1, -1):
            d = probs[t].copy()
            d[targets[t]] -= 1
            G[3] += np.outer(states[t + 1], d); G[4] += d
            dpre = (dh + Why @ d) * (1 - states[t + 1] ** 2)
            G[0][inputs[t]] += dpre; G[1] += np.outer(states[t], dpre); G[2] += dpre
            dh = Whh @ dpre
        return loss, G, states[-1]
"""
ADAM = """
    import numpy as np

    class Classifier:
        def __init__(self, vocab_size, hidden_size, n_classes):
            self.params = dict(Wx=np.ones((vocab_size, hidden_size)), Wh=np.ones((hidden_size, hidden_size)),
                               bh=np.zeros(hidden_size), Wy=np.ones((hidden_size, n_classes)), by=np.zeros(n_classes))
            self.adam_m = {k: np.zeros_like(v) for k, v in self.params.items()}
            self.adam_v = {k: np.zeros_like(v) for k, v in self.params.items()}

        def forward(self, x):
            p = self.params
            h = [np.zeros((x.shape[0], p["bh"].size))]
            for x_t in x.transpose(1, 0, 2):
                h.append(np.tanh(x_t @ p["Wx"] + h[-1] @ p["Wh"] + p["bh"]))
            e = np.exp(h[-1] @ p["Wy"] + p["by"])
            return e / e.sum(1, keepdims=True), h
"""


def test_the_last_state_beside_gradients_is_no_gradient_of_the_first(tmp_path: Path) -> None:
    assert _functions(tmp_path, STATES)["rnn_bptt"].verdict == "conforms"


def test_what_adam_keeps_are_no_gates(tmp_path: Path) -> None:
    found = {name: one.verdict for name, one in _functions(tmp_path, ADAM).items() if one.verdict != "missing"}
    assert found == {"rnn_forward": "conforms"}


IRNN = """
    import numpy as np

    def relu(a):
        return np.maximum(a, 0.0)

    def forward(P, X):
        H = np.zeros((len(X) + 1, X.shape[1], P["W_hh"].shape[0]))
        for t in range(len(X)):
            H[t + 1] = relu(X[t] @ P["W_xh"].T + H[t] @ P["W_hh"].T + P["b_h"])
        return H[-1] @ P["W_hy"].T + P["b_y"]
"""
SAME_CLASSES = """
    from math import exp, tanh

    def mat(rows, cols):
        return [[0.0] * cols for _ in range(rows)]

    def forward(m, ids, h):
        H, V = len(m["bh"]), len(m["by"])
        hs, ps = [h], []
        for i in ids:
            h = [tanh(m["Wxh"][i][j] + sum(hs[-1][k] * m["Whh"][k][j] for k in range(H)) + m["bh"][j])
                 for j in range(H)]
            z = [sum(h[k] * m["Why"][k][c] for k in range(H)) + m["by"][c] for c in range(V)]
            e = [exp(v - max(z)) for v in z]
            hs.append(h)
            ps.append([v / sum(e) for v in e])
        return hs, ps

    def backward(m, ids, targets, hs, ps):
        H, V = len(m["bh"]), len(m["by"])
        g = {"Wxh": mat(V, H), "Whh": mat(H, H), "bh": [0.0] * H, "Why": mat(H, V), "by": [0.0] * V}
        carry = [0.0] * H
        for t in range(len(ids) - 1, -1, -1):
            dz = ps[t][:]
            dz[targets[t]] -= 1
            for c in range(V):
                g["by"][c] += dz[c]
                for k in range(H):
                    g["Why"][k][c] += hs[t + 1][k] * dz[c]
            da = [(carry[k] + sum(m["Why"][k][c] * dz[c] for c in range(V))) * (1 - hs[t + 1][k] ** 2)
                  for k in range(H)]
            for j in range(H):
                g["bh"][j] += da[j]
                g["Wxh"][ids[t]][j] += da[j]
                for k in range(H):
                    g["Whh"][k][j] += hs[t][k] * da[j]
            carry = [sum(m["Whh"][k][j] * da[j] for j in range(H)) for k in range(H)]
        return g
"""
KERAS = """
    import numpy as np

    class SimpleRNN:
        def __init__(self, units):
            self.units, self.weights = units, None

        def build(self, input_dim):
            q, _ = np.linalg.qr(np.random.normal(size=(self.units, self.units)))
            self.weights = [np.ones((input_dim, self.units)), q, np.zeros(self.units)]

        def __call__(self, inputs):
            if self.weights is None:
                self.build(inputs.shape[-1])
            kernel, recurrent_kernel, bias = self.weights
            state = np.zeros((len(inputs), self.units))
            for t in range(inputs.shape[1]):
                state = np.tanh(inputs[:, t] @ kernel + state @ recurrent_kernel + bias)
            return state
"""


LETTERS = KERAS.replace("recurrent_kernel", "B").replace("kernel", "A").replace("bias", "c")


@pytest.mark.parametrize(
    ("text", "name"),
    [(IRNN, "rnn_forward"), (SAME_CLASSES, "rnn_bptt"), (KERAS, "rnn_forward"), (LETTERS, "rnn_forward")],
    ids=["relu-of-the-last", "same-classes", "taken-apart", "taken-apart-to-letters"],
)
def test_it_is_right_as_it_stands(tmp_path: Path, text: str, name: str) -> None:
    assert _functions(tmp_path, text)[name].verdict == "conforms"


BESIDE = """
    import numpy as np

    def forward(p, xs, h):
        hs, ys, kept = [], [], []
        for x in xs:
            before, h = h, np.tanh(x @ p["Wx"] + h @ p["Wh"] + p["b"])
            ys.append(h @ p["Wy"] + p["by"])
            hs.append(h)
            kept.append(before)
        return hs, ys, kept
"""


def test_what_is_answered_beside_states_is_not_made_of_those_before(tmp_path: Path) -> None:
    assert _functions(tmp_path, BESIDE)["rnn_forward"].verdict == "conforms"
    assert _functions(tmp_path, BESIDE.replace("ys.append(h @", "ys.append(before @"))["rnn_forward"].verdict == "wrong"
