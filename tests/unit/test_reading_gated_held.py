"""Cells with gates whose weights stand in dicts, objects, globals and constructors, or gates in an axis of their own.

Beside every right one stands one with a mistake: it is read as well, and it is wrong.
"""

import pytest
from sampled import some
from test_reading_gated import checked

from rnn_ref.conformance import TargetError

WORDS = """
def init_params(input_dim, hidden_dim, rng):
    p = {}
    for gate in ("reset", "update", "candidate"):
        p[gate + "_W"] = rng.normal(size=(input_dim, hidden_dim))
        p[gate + "_U"] = rng.normal(size=(hidden_dim, hidden_dim))
        p[gate + "_b"] = np.zeros(hidden_dim)
    return p


def gate(p, name, x, h, act):
    return act(x @ p[name + "_W"] + h @ p[name + "_U"] + p[name + "_b"])


def gru_step(p, x, h):
    r = gate(p, "reset", x, h, sigmoid)
    z = gate(p, "update", x, h, sigmoid)
    n = gate(p, "candidate", x, r * h, np.tanh)
    return z * h + (1 - z) * n


def gru_unroll(p, xs, h):
    out = []
    for x in xs:
        h = gru_step(p, x, h)
        out.append(h)
    return np.stack(out), h
"""
NESTED = """
class GRU:
    def __init__(self, input_size, hidden_size):
        rng = np.random.default_rng(3)
        self.W = {k: rng.normal(size=(hidden_size, input_size)) for k in "zrh"}
        self.U = {k: rng.normal(size=(hidden_size, hidden_size)) for k in "zrh"}
        self.b = {k: np.zeros((hidden_size, 1)) for k in "zrh"}

    def forward(self, xs, h0):
        self.cache = []
        h, hs = h0, []
        for x in xs:
            z = sigmoid(self.W["z"] @ x + self.U["z"] @ h + self.b["z"])
            r = sigmoid(self.W["r"] @ x + self.U["r"] @ h + self.b["r"])
            hh = np.tanh(self.W["h"] @ x + self.U["h"] @ (r * h) + self.b["h"])
            self.cache.append((x, h, z, r, hh))
            h = (1 - z) * hh + z * h
            hs.append(h)
        return hs

    def backward(self, dhs):
        self.dW = {k: np.zeros_like(v) for k, v in self.W.items()}
        self.dU = {k: np.zeros_like(v) for k, v in self.U.items()}
        self.db = {k: np.zeros_like(v) for k, v in self.b.items()}
        dh_next, dxs = 0, []
        for (x, h, z, r, hh), dh in zip(reversed(self.cache), reversed(dhs)):
            dh = dh + dh_next
            da = {"h": dh * (1 - z) * (1 - hh ** 2), "z": dh * (h - hh) * z * (1 - z)}
            drh = self.U["h"].T @ da["h"]
            da["r"] = drh * h * r * (1 - r)
            for k, state in (("z", h), ("r", h), ("h", r * h)):
                self.dW[k] += da[k] @ x.T
                self.dU[k] += da[k] @ state.T
                self.db[k] += da[k].sum(1, keepdims=True)
            dxs.insert(0, sum(self.W[k].T @ da[k] for k in "zrh"))
            dh_next = dh * z + drh * r + self.U["z"].T @ da["z"] + self.U["r"].T @ da["r"]
        return dxs, dh_next
"""
DATACLASS = """
from dataclasses import dataclass


@dataclass
class LSTMWeights:
    w_input: np.ndarray
    w_forget: np.ndarray
    w_cell: np.ndarray
    w_output: np.ndarray
    b_input: np.ndarray
    b_forget: np.ndarray
    b_cell: np.ndarray
    b_output: np.ndarray


def lstm_cell(weights, x, state):
    h, c = state
    z = np.hstack([h, x])
    i = sigmoid(z @ weights.w_input + weights.b_input)
    f = sigmoid(z @ weights.w_forget + weights.b_forget)
    g = np.tanh(z @ weights.w_cell + weights.b_cell)
    o = sigmoid(z @ weights.w_output + weights.b_output)
    c = f * c + i * g
    h = o * np.tanh(c)
    return h, c


def run_lstm(weights, xs, state):
    outputs = []
    for x in xs:
        state = lstm_cell(weights, x, state)
        outputs.append(state[0])
    return np.array(outputs), state
"""
GLOBALS = """
n_x, n_h = 8, 12
np.random.seed(1)
W_f = np.random.randn(n_h, n_h + n_x) * 0.1
W_i = np.random.randn(n_h, n_h + n_x) * 0.1
W_o = np.random.randn(n_h, n_h + n_x) * 0.1
W_g = np.random.randn(n_h, n_h + n_x) * 0.1
b_f, b_i, b_o, b_g = (np.zeros((n_h, 1)) for _ in range(4))


def forward_step(x, h_prev, c_prev):
    z = np.vstack((h_prev, x))
    f = sigmoid(W_f @ z + b_f)
    i = sigmoid(W_i @ z + b_i)
    o = sigmoid(W_o @ z + b_o)
    g = np.tanh(W_g @ z + b_g)
    c = f * c_prev + i * g
    h = o * np.tanh(c)
    return h, c, (z, f, i, o, g, c, c_prev)


def backward_step(dh, dc, cache):
    z, f, i, o, g, c, c_prev = cache
    tc = np.tanh(c)
    dc = dc + dh * o * (1 - tc * tc)
    dao = dh * tc * o * (1 - o)
    daf = dc * c_prev * f * (1 - f)
    dai = dc * g * i * (1 - i)
    dag = dc * i * (1 - g * g)
    grads = {"W_f": daf @ z.T, "W_i": dai @ z.T, "W_o": dao @ z.T, "W_g": dag @ z.T}
    grads.update({"b_f": daf.sum(1, keepdims=True), "b_i": dai.sum(1, keepdims=True),
                  "b_o": dao.sum(1, keepdims=True), "b_g": dag.sum(1, keepdims=True)})
    dz = W_f.T @ daf + W_i.T @ dai + W_o.T @ dao + W_g.T @ dag
    n = dh.shape[0]
    return dz[n:], dz[:n], dc * f, grads
"""
WILDML = """
class GRUTheano:
    def __init__(self, word_dim, hidden_dim):
        s = np.sqrt(1. / hidden_dim)
        self.U = np.random.uniform(-s, s, (3, hidden_dim, word_dim))
        self.W = np.random.uniform(-s, s, (3, hidden_dim, hidden_dim))
        self.b = np.zeros((3, hidden_dim))

    def step(self, x, s_prev):
        z = sigmoid(self.U[0].dot(x) + self.W[0].dot(s_prev) + self.b[0])
        r = sigmoid(self.U[1].dot(x) + self.W[1].dot(s_prev) + self.b[1])
        c = np.tanh(self.U[2].dot(x) + self.W[2].dot(s_prev * r) + self.b[2])
        return (np.ones_like(z) - z) * c + z * s_prev

    def forward(self, xs, s0):
        states = [s0]
        for x in xs:
            states.append(self.step(x, states[-1]))
        return np.array(states[1:])
"""
TIMELSTM = """
class LSTM:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]
        self.cache = None

    def forward(self, x, h_prev, c_prev):
        Wx, Wh, b = self.params
        H = h_prev.shape[1]
        A = np.dot(x, Wx) + np.dot(h_prev, Wh) + b
        f, g, i, o = A[:, :H], A[:, H:2 * H], A[:, 2 * H:3 * H], A[:, 3 * H:]
        f, g, i, o = sigmoid(f), np.tanh(g), sigmoid(i), sigmoid(o)
        c_next = f * c_prev + g * i
        h_next = o * np.tanh(c_next)
        self.cache = (x, h_prev, c_prev, i, f, g, o, c_next)
        return h_next, c_next

    def backward(self, dh_next, dc_next):
        Wx, Wh, b = self.params
        x, h_prev, c_prev, i, f, g, o, c_next = self.cache
        tanh_c_next = np.tanh(c_next)
        ds = dc_next + (dh_next * o) * (1 - tanh_c_next ** 2)
        dc_prev = ds * f
        di, df, do, dg = ds * g, ds * c_prev, dh_next * tanh_c_next, ds * i
        di = di * i * (1 - i)
        df = df * f * (1 - f)
        do = do * o * (1 - o)
        dg = dg * (1 - g ** 2)
        dA = np.hstack((df, dg, di, do))
        dWh = np.dot(h_prev.T, dA)
        dWx = np.dot(x.T, dA)
        db = dA.sum(axis=0)
        self.grads[0][...] = dWx
        self.grads[1][...] = dWh
        self.grads[2][...] = db
        dx = np.dot(dA, Wx.T)
        dh_prev = np.dot(dA, Wh.T)
        return dx, dh_prev, dc_prev
"""
BPTT = '''
def make_params(D, H, seed=0):
    r = np.random.default_rng(seed)
    return {"Wx": r.normal(size=(3 * H, D)), "Wh": r.normal(size=(3 * H, H)), "b": np.zeros(3 * H), "bn": np.zeros(H)}


def gru_fwd(params, X, h0):
    """rows of Wx and Wh: update, reset, new; bn is added inside the reset"""
    H = len(h0)
    hs, acts = [h0], []
    for x in X:
        a = params["Wx"] @ x + params["b"]
        u = params["Wh"] @ hs[-1]
        z, r = sigmoid(a[:H] + u[:H]), sigmoid(a[H:2 * H] + u[H:2 * H])
        q = u[2 * H:] + params["bn"]
        n = np.tanh(a[2 * H:] + r * q)
        acts.append((z, r, n, q))
        hs.append(z * hs[-1] + (1 - z) * n)
    return np.array(hs), acts


def gru_bwd(params, X, hs, acts, dH):
    g = {k: np.zeros_like(v) for k, v in params.items()}
    dX = np.zeros_like(X)
    dh = np.zeros_like(hs[0])
    for t in reversed(range(len(X))):
        z, r, n, q = acts[t]
        dh = dh + dH[t]
        dn = dh * (1 - z) * (1 - n ** 2)
        dz = dh * (hs[t] - n) * z * (1 - z)
        dr = dn * q * r * (1 - r)
        da = np.concatenate([dz, dr, dn])
        du = np.concatenate([dz, dr, dn * r])
        g["Wx"] += np.outer(da, X[t])
        g["Wh"] += np.outer(du, hs[t])
        g["b"] += da
        g["bn"] += dn * r
        dX[t] = params["Wx"].T @ da
        dh = dh * z + params["Wh"].T @ du
    return dX, dh, g
'''
GATES_PAIR = '''
class GRUCell:
    """as in TF 1: kernel of both gates, kernel of the candidate"""

    def __init__(self, gates_kernel, gates_bias, candidate_kernel, candidate_bias):
        self.gates_kernel, self.gates_bias = gates_kernel, gates_bias
        self.candidate_kernel, self.candidate_bias = candidate_kernel, candidate_bias

    def __call__(self, inputs, state):
        value = sigmoid(np.concatenate([inputs, state], 1) @ self.gates_kernel + self.gates_bias)
        r, u = np.split(value, 2, axis=1)
        c = np.tanh(np.concatenate([inputs, r * state], 1) @ self.candidate_kernel + self.candidate_bias)
        return u * state + (1 - u) * c


def dynamic_rnn(cell, inputs, state):
    outputs = []
    for t in range(inputs.shape[1]):
        state = cell(inputs[:, t], state)
        outputs.append(state)
    return np.stack(outputs, axis=1), state
'''
ROW = """
class Layer:
    def __init__(self, I, H):
        self.I, self.H = I, H
        self.Wg = np.random.rand(I + H + 1, 2 * H)
        self.Wn = np.random.rand(I + H + 1, H)

    def forward(self, X, h):
        self.tape, out, one = [], [], np.ones((X.shape[1], 1))
        for x in X:
            v = np.hstack((x, h, one))
            z, r = np.split(sigmoid(v @ self.Wg), 2, 1)
            u = np.hstack((x, r * h, one))
            n = np.tanh(u @ self.Wn)
            self.tape.append((v, u, z, r, n, h))
            h = (1 - z) * n + z * h
            out.append(h)
        return np.stack(out)

    def backward(self, dY):
        I, H = self.I, self.H
        self.dWg, self.dWn = np.zeros_like(self.Wg), np.zeros_like(self.Wn)
        dX, dh = np.zeros((len(dY), dY.shape[1], I)), 0
        while self.tape:
            t = len(self.tape) - 1
            v, u, z, r, n, h = self.tape.pop()
            dh = dh + dY[t]
            dan = dh * (1 - z) * (1 - n ** 2)
            du = dan @ self.Wn.T
            drh = du[:, I:I + H]
            dag = np.hstack((dh * (h - n) * z * (1 - z), drh * h * r * (1 - r)))
            dv = dag @ self.Wg.T
            self.dWg += v.T @ dag
            self.dWn += u.T @ dan
            dX[t] = du[:, :I] + dv[:, :I]
            dh = dh * z + drh * r
            dh = dh + dv[:, I:I + H]
        return dX, dh
"""
ONE_SEQUENCE = {"an axis of the gates", "a bias inside the reset alone"}  # is all that they take
CASES = {  # the text, a mistake, what is read, where the mistake is, and what the reading says
    "weights of a dict that another function makes": (
        WORDS,
        ("z * h + (1 - z) * n", "z * h + (1 - r) * n"),
        ["gru_forward", "gru_cell_step"],
        "gru_forward",
        "x W, sequences (T, B, n)",
    ),
    "letters in dicts": (
        NESTED,
        ("drh * h * r * (1 - r)", "drh * r * (1 - r)"),
        ["gru_forward", "gru_backward"],
        "gru_backward",
        "after GRU.forward",
    ),
    "a dataclass, and a state of two": (
        DATACLASS,
        ("+ weights.b_forget", "+ weights.b_input"),
        ["lstm_forward", "lstm_cell_step"],
        "lstm_cell_step",
        "weights [h, x]",
    ),
    "globals": (
        GLOBALS,
        ("dz[n:], dz[:n], dc * f,", "dz[n:], dz[:n], dc,"),
        ["lstm_cell_step", "lstm_cell_backward"],
        "lstm_cell_backward",
        "after forward_step",
    ),
    "an axis of the gates": (
        WILDML,
        ("self.W[2].dot(s_prev * r)", "self.W[2].dot(s_prev) * z"),
        ["gru_forward", "gru_cell_step"],
        "gru_cell_step",
        "gates z r n",
    ),
    "a constructor that takes them": (
        TIMELSTM,
        ("dA = np.hstack((df, dg, di, do))", "dA = np.hstack((di, df, dg, do))"),
        ["lstm_cell_step", "lstm_cell_backward"],
        "lstm_cell_backward",
        "after LSTM.forward",
    ),
    "a bias inside the reset alone": (
        BPTT,
        ('g["bn"] += dn * r', 'g["bn"] += dn'),
        ["gru_forward", "gru_backward"],
        "gru_backward",
        "after gru_fwd",
    ),
    "two gates in one, and a way of TF 1": (
        GATES_PAIR,
        ("r * state], 1)", "u * state], 1)"),
        ["gru_cell_step"],
        "gru_cell_step",
        "gates r z, weights [x, h]",
    ),
}


@pytest.mark.parametrize("case", some(CASES, 5))
def test_it_is_read_where_its_weights_are_held_and_a_mistake_is_seen(case, tmp_path):
    text, (old, new), names, at_fault, words = CASES[case]
    only = "single" if case in ONE_SEQUENCE else "generic"
    right = checked(tmp_path, text, only)
    assert {name: one.verdict for name, one in right.items()} == dict.fromkeys(names, "conforms")
    assert words in right[at_fault].reading
    assert text.count(old) == 1
    assert checked(tmp_path, text.replace(old, new), only)[at_fault].verdict == "wrong"


def test_a_bias_in_the_last_row_and_a_way_back_that_uses_up_its_cache(tmp_path):
    right = checked(tmp_path, ROW)
    assert {name: one.verdict for name, one in right.items()} == dict.fromkeys(
        ("gru_forward", "gru_backward"), "conforms"
    )
    assert "weights [x, h, 1]" in right["gru_forward"].reading
    wrong = checked(tmp_path, ROW.replace("dh = dh * z + drh * r", "dh = drh * r"))
    assert wrong["gru_forward"].verdict == "conforms"
    assert wrong["gru_backward"].verdict == "wrong"


STATEFUL = """
class Layer:
    def __init__(self, input_size, hidden_size, output_size=2):
        self.Wz, self.Wr, self.Wn = (np.random.randn(input_size, hidden_size) for _ in range(3))
        self.Uz, self.Ur, self.Un = (np.random.randn(hidden_size, hidden_size) for _ in range(3))
        self.bz, self.br, self.bn = (np.zeros((1, hidden_size)) for _ in range(3))
        self.Wy, self.by = np.random.randn(hidden_size, output_size), np.zeros((1, output_size))
        self.hidden_state = np.zeros((1, hidden_size))

    def forward(self, inputs):
        h = self.hidden_state.copy()
        states = []
        for t in range(inputs.shape[0]):
            x = inputs[t : t + 1]
            z = sigmoid(x @ self.Wz + h @ self.Uz + self.bz)
            r = sigmoid(x @ self.Wr + h @ self.Ur + self.br)
            n = np.tanh(x @ self.Wn + (r * h) @ self.Un + self.bn)
            h = (1 - z) * h + z * n
            states.append(h)
        self.hidden_state = h.copy()
        return np.vstack(states)
"""


@pytest.mark.parametrize(("old", "verdict"), [("", "conforms"), ("(r * h) @", "wrong")])
def test_what_an_object_keeps_from_one_sequence_to_the_next_is_its_first_state(tmp_path, old, verdict):
    found = checked(tmp_path, STATEFUL.replace(old, "(z * h) @" if old else ""), "single")["gru_forward"]
    assert found.verdict == verdict
    assert ("h0 in hidden_state" in found.reading) == (verdict == "conforms")


@pytest.mark.parametrize("bent", ["sigmoid({})", "np.tanh({})", "np.maximum({}, 0)", "{}"])
def test_an_output_layer_with_something_behind_it_is_not_taken_for_the_identity(tmp_path, bent):
    layered = STATEFUL.replace("self.hidden_state.copy()", "np.zeros((1, self.Un.shape[0]))")
    layered = layered.replace("append(h)", f"append({bent.format('h @ self.Wy + self.by')})")
    if bent == "{}":
        assert checked(tmp_path, layered, "single")["gru_forward"].verdict == "conforms"
        return
    with pytest.raises(TargetError, match="none of its functions can be read"):
        checked(tmp_path, layered, "single")
