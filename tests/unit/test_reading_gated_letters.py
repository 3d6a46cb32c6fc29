"""Cells with gates whose one matrix is called after the network, with the bias in it; and their ways back."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance.errors import TargetError

LOSS = """
    import numpy as np

    N, hidden = 6, 9
    WLSTM, bLSTM = np.zeros((4 * hidden, N + hidden)), np.zeros((4 * hidden, 1))
    WOUT, bOUT = np.zeros((N, hidden)), np.zeros((N, 1))

    def lossfun(inputs, targets, hprev, cprev):
        X, G, C, Hs, P = {}, {}, {-1: cprev}, {-1: hprev}, {}
        loss = 0.0
        for t in range(len(inputs)):
            x = np.zeros((N, 1))
            x[inputs[t]] = 1
            X[t] = np.vstack((x, Hs[t - 1]))
            a = WLSTM.dot(X[t]) + bLSTM
            i, f, o = np.split(1 / (1 + np.exp(-a[: 3 * hidden])), 3)
            G[t] = i, f, o, np.tanh(a[3 * hidden :])
            C[t] = f * C[t - 1] + i * G[t][3]
            Hs[t] = o * np.tanh(C[t])
            s = np.exp(WOUT.dot(Hs[t]) + bOUT)
            P[t] = s / s.sum()
            loss -= np.log(P[t][targets[t], 0])
        dW, db, dWo, dbo = (np.zeros_like(one) for one in (WLSTM, bLSTM, WOUT, bOUT))
        dhn, dcn = np.zeros((hidden, 1)), np.zeros((hidden, 1))
        for t in reversed(range(len(inputs))):
            d = P[t].copy()
            d[targets[t]] -= 1
            dWo += d.dot(Hs[t].T)
            dbo += d
            dh = WOUT.T.dot(d) + dhn
            i, f, o, g = G[t]
            tc = np.tanh(C[t])
            dc = dcn + dh * o * (1 - tc * tc)
            do = dh * tc * o * (1 - o)
            da = np.vstack((dc * g * i * (1 - i), dc * C[t - 1] * f * (1 - f), do, dc * i * (1 - g * g)))
            dW += da.dot(X[t].T)
            db += da
            dhn = WLSTM.T.dot(da)[N:]
            dcn = dc * f
        return loss, dW, db, dWo, dbo, Hs[len(inputs) - 1], C[len(inputs) - 1]
"""
STATIC = """
    import numpy as np

    class LSTM:
        @staticmethod
        def forward(X, WLSTM, c0, h0):
            n, b, D = X.shape
            d = WLSTM.shape[1] // 4
            Hout, C, G = (np.zeros((n, b, k * d)) for k in (1, 1, 4))
            Hin = np.ones((n, b, 1 + D + d))
            for t in range(n):
                Hin[t, :, 1 : D + 1] = X[t]
                Hin[t, :, D + 1 :] = Hout[t - 1] if t else h0
                a = Hin[t].dot(WLSTM)
                G[t, :, : 3 * d] = 1 / (1 + np.exp(-a[:, : 3 * d]))
                G[t, :, 3 * d :] = np.tanh(a[:, 3 * d :])
                C[t] = G[t, :, :d] * G[t, :, 3 * d :] + G[t, :, d : 2 * d] * (C[t - 1] if t else c0)
                Hout[t] = G[t, :, 2 * d : 3 * d] * np.tanh(C[t])
            return Hout, C[t], Hout[t], dict(WLSTM=WLSTM, Hout=Hout, G=G, C=C, Hin=Hin, c0=c0)

        @staticmethod
        def backward(dHout_in, cache, dcn=None, dhn=None):
            WLSTM, Hout, G, C, Hin, c0 = (cache[one] for one in ("WLSTM", "Hout", "G", "C", "Hin", "c0"))
            n, b, d = Hout.shape
            dWLSTM, dX = np.zeros_like(WLSTM), np.zeros((n, b, WLSTM.shape[0] - d - 1))
            dh, dc = np.zeros((b, d)), np.zeros((b, d))
            for t in reversed(range(n)):
                dh = dh + dHout_in[t]
                i, f, o, g = np.split(G[t], 4, axis=1)
                tc = np.tanh(C[t])
                dc = dc + dh * o * (1 - tc**2)
                df = dc * (C[t - 1] if t else c0) * f * (1 - f)
                da = np.hstack([dc * g * i * (1 - i), df, dh * tc * o * (1 - o), dc * i * (1 - g * g)])
                dWLSTM += Hin[t].T.dot(da)
                dHin = da.dot(WLSTM.T)
                dX[t], dh, dc = dHin[:, 1 : -d], dHin[:, -d:], dc * f
            return dX, dWLSTM, dc, dh
"""


def _verdicts(tmp_path: Path, text: str) -> dict[str, Any]:
    target = tmp_path / "theirs.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    found = rnn_ref.check(str(target)).functions
    return {name: one.verdict for name, one in found.items() if one.verdict != "missing"}


@pytest.mark.parametrize(
    ("text", "backward"),
    [
        pytest.param(LOSS, "conforms", marks=pytest.mark.slow),
        pytest.param(LOSS.replace("dcn = dc * f", "dcn = dc * i"), "wrong", marks=pytest.mark.slow),
        pytest.param(STATIC, "conforms", marks=pytest.mark.slow),
        (STATIC.replace("1 - tc**2", "1 - C[t] ** 2"), "wrong"),
    ],
    ids=["loss", "wrong loss", "static methods", "wrong static methods"],
)
def test_a_matrix_called_after_its_network_is_read_and_its_way_back_with_it(
    tmp_path: Path, text: str, backward: str
) -> None:
    assert _verdicts(tmp_path, text) == {"lstm_forward": "conforms", "lstm_backward": backward}


FORGET = """
    import numpy as np

    FORGET_BIAS = 1.0

    def step(x, h, c, W, b):
        i, j, f, o = np.split(np.concatenate([x, h], 1) @ W + b, 4, axis=1)
        i, f, o = (1 / (1 + np.exp(-a)) for a in (i, f + FORGET_BIAS, o))
        c = c * f + i * np.tanh(j)
        return np.tanh(c) * o, c
"""


def test_a_forget_bias_of_1_that_the_text_names_is_a_convention_and_told(tmp_path: Path) -> None:
    target = tmp_path / "tf.py"
    target.write_text(textwrap.dedent(FORGET), encoding="utf-8")
    found = rnn_ref.check(str(target)).functions["lstm_cell_step"]
    assert (found.verdict, "1 added to the forget gate's bias" in found.reading) == ("conforms", True)
    assert _verdicts(tmp_path, FORGET.replace("FORGET_BIAS", "ONE"))["lstm_cell_step"] == "wrong"
    as_such = FORGET.replace("FORGET_BIAS = 1.0", "").replace("f + FORGET_BIAS", "f + 1.0")
    assert _verdicts(tmp_path, as_such)["lstm_cell_step"] == "conforms"
    other_gate = as_such.replace("(i, f + 1.0, o)", "(i + 1.0, f, o)")
    assert _verdicts(tmp_path, other_gate)["lstm_cell_step"] == "wrong"


LAST_STEP = """
    import numpy as np

    def sigm(v):
        return 1 / (1 + np.exp(-v))

    def loss_and_grads(P, X, y):
        T, B, _ = X.shape
        h, saved = np.zeros((B, P["bxz"].size)), []
        for x in X:
            z = sigm(x @ P["Wxz"].T + P["bxz"] + h @ P["Whz"].T + P["bhz"])
            r = sigm(x @ P["Wxr"].T + P["bxr"] + h @ P["Whr"].T + P["bhr"])
            q = h @ P["Whn"].T + P["bhn"]
            n = np.tanh(x @ P["Wxn"].T + P["bxn"] + r * q)
            saved.append((x, h, z, r, q, n))
            h = n - z * n + z * h
        s = h @ P["Wo"].T + P["bo"]
        logp = s - np.log(np.exp(s).sum(1, keepdims=True))
        loss = -logp[range(B), y].mean()
        ds = np.exp(logp)
        ds[range(B), y] -= 1
        G = {k: np.zeros_like(v) for k, v in P.items()}
        G["Wo"], G["bo"] = ds.T @ h / B, ds.sum(0) / B
        dh = ds @ P["Wo"] / B
        for x, h, z, r, q, n in saved[::-1]:
            dn = dh * (1 - z) * (1 - n * n)
            dz, dr = dh * (h - n) * z * (1 - z), dn * q * r * (1 - r)
            for g, up, side in (("z", dz, dz), ("r", dr, dr), ("n", dn, dn * r)):
                G["Wx" + g] += up.T @ x
                G["bx" + g] += up.sum(0)
                G["Wh" + g] += side.T @ h
                G["bh" + g] += side.sum(0)
            dh = dh * z + dz @ P["Whz"] + dr @ P["Whr"] + (dn * r) @ P["Whn"]
        return loss, G
"""


@pytest.mark.slow
def test_a_loss_of_the_last_step_is_not_taken_for_one_of_every_step(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="none of its functions can be read"):  # and within the minute
        _verdicts(tmp_path, LAST_STEP)


NODES = """
    import numpy as np

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    class Param:
        def __init__(self, cells, x_dim):
            self.x_dim = x_dim
            for k in "gifo":
                setattr(self, "w" + k, np.random.rand(cells, x_dim + cells))
                setattr(self, "b" + k, np.zeros(cells))
                setattr(self, f"w{k}_diff", np.zeros((cells, x_dim + cells)))
                setattr(self, f"b{k}_diff", np.zeros(cells))

    class State:
        def __init__(self, cells, x_dim):
            self.g, self.i, self.f, self.o = (np.zeros(cells) for _ in range(4))
            self.s, self.h = np.zeros(cells), np.zeros(cells)
            self.bottom_diff_h, self.bottom_diff_s = np.zeros(cells), np.zeros(cells)

    class Node:
        def __init__(self, lstm_param, lstm_state):
            self.param, self.state = lstm_param, lstm_state

        def bottom_data_is(self, x, s_prev, h_prev):
            p, v = self.param, self.state
            self.s_prev, self.xc = s_prev, np.hstack((x, h_prev))
            v.g = np.tanh(p.wg @ self.xc + p.bg)
            v.i, v.f = sigmoid(p.wi @ self.xc + p.bi), sigmoid(p.wf @ self.xc + p.bf)
            v.o = sigmoid(p.wo @ self.xc + p.bo)
            v.s = v.g * v.i + s_prev * v.f
            v.h = np.tanh(v.s) * v.o

        def top_diff_is(self, top_diff_h, top_diff_s):
            p, v = self.param, self.state
            th = np.tanh(v.s)
            ds = v.o * top_diff_h * (1 - th**2) + top_diff_s
            d = dict(o=th * top_diff_h * v.o * (1 - v.o), i=v.g * ds * v.i * (1 - v.i),
                     g=v.i * ds * (1 - v.g**2), f=self.s_prev * ds * v.f * (1 - v.f))
            dxc = np.zeros_like(self.xc)
            for k in "gifo":
                setattr(p, f"w{k}_diff", getattr(p, f"w{k}_diff") + np.outer(d[k], self.xc))
                setattr(p, f"b{k}_diff", getattr(p, f"b{k}_diff") + d[k])
                dxc += getattr(p, "w" + k).T @ d[k]
            v.bottom_diff_s = ds * v.f
            v.bottom_diff_h = dxc[p.x_dim:]
"""
LISTED = """
    import numpy as np

    def sigmoid(v):
        return 1 / (1 + np.exp(-v))

    class NumpyGRU:
        def __init__(self, weights):
            self.kernel, self.recurrent_kernel, bias = weights
            self.input_bias, self.recurrent_bias = bias

        def step(self, x, h):
            xz, xr, xh = np.split(x @ self.kernel + self.input_bias, 3, axis=1)
            hz, hr, hh = np.split(h @ self.recurrent_kernel + self.recurrent_bias, 3, axis=1)
            z = sigmoid(xz + hz)
            return z * h + (1 - z) * np.tanh(xh + sigmoid(xr + hr) * hh)
"""


@pytest.mark.parametrize(
    ("text", "due"),
    [
        (NODES, {"lstm_cell_step": "conforms", "lstm_cell_backward": "conforms"}),
        pytest.param(
            NODES.replace("v.bottom_diff_s = ds * v.f", "v.bottom_diff_s = ds"),
            {"lstm_cell_step": "conforms", "lstm_cell_backward": "wrong"},
            marks=pytest.mark.slow,
        ),
        (LISTED, {"gru_cell_step": "conforms"}),
    ],
    ids=["nodes", "wrong nodes", "a list of weights"],
)
def test_results_in_objects_of_state_and_weights_in_a_list_are_found(
    tmp_path: Path, text: str, due: dict[str, str]
) -> None:
    assert _verdicts(tmp_path, text) == due


LONG_NAMES = """
import numpy as np

def sigmoid(X):
    return 1 / (1 + np.exp(-X))

def lstm_cell(batch_dataset, prev_activation_matrix, prev_cell_matrix, parameters):
    joined = np.concatenate((batch_dataset, prev_activation_matrix), axis=1)
    f, i = sigmoid(joined @ parameters["fgw"]), sigmoid(joined @ parameters["igw"])
    o, g = sigmoid(joined @ parameters["ogw"]), np.tanh(joined @ parameters["ggw"])
    cell_matrix = FORGET * prev_cell_matrix + i * g
    return {"f": f, "i": i}, cell_matrix, o * np.tanh(cell_matrix)
"""


@pytest.mark.parametrize(("gate", "verdict"), [("f", "conforms"), ("(1 - i)", "wrong")])
def test_names_that_tell_what_an_array_is_stored_as_are_read(tmp_path, gate, verdict):
    path = tmp_path / "long_names.py"
    path.write_text(LONG_NAMES.replace("FORGET", gate))
    assert rnn_ref.check(str(path)).functions["lstm_cell_step"].verdict == verdict
