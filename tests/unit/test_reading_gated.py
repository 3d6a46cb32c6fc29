"""Cells with gates as public code writes them: read without a flag, right ones right, every mistake seen."""

import importlib

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance import TargetError
from rnn_ref.conformance.spec import OPERATIONS
from rnn_ref.conformance.targets.reading.gated.find import read_gated
from rnn_ref.conformance.targets.reading.gated.find_back import read_back
from rnn_ref.conformance.targets.reading.gated.ways import GatedWay

HEAD = "import numpy as np\n\ndef sigmoid(a):\n    return 1 / (1 + np.exp(-a))\n"
IFOG = """
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    N, H = prev_h.shape
    a = x.dot(Wx) + prev_h.dot(Wh) + b
    i, f, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2*H]), sigmoid(a[:, 2*H:3*H])
    g = np.tanh(a[:, 3*H:])
    next_c = f * prev_c + i * g
    next_h = o * np.tanh(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c)

def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, next_c = cache
    tc = np.tanh(next_c)
    dc = dnext_c + dnext_h * o * (1 - tc ** 2)
    do, df, di, dg = dnext_h * tc, dc * prev_c, dc * g, dc * i
    da = np.hstack([di * i * (1 - i), df * f * (1 - f), do * o * (1 - o), dg * (1 - g ** 2)])
    dx, dprev_h, dprev_c = da.dot(Wx.T), da.dot(Wh.T), dc * f
    dWx, dWh, db = x.T.dot(da), prev_h.T.dot(da), da.sum(axis=0)
    return dx, dprev_h, dprev_c, dWx, dWh, db
"""
SEQUENCE = """
def lstm_forward(x, h0, Wx, Wh, b):
    h, c, states, caches = h0, np.zeros_like(h0), [], []
    for t in range(x.shape[1]):
        h, c, cache = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        states.append(h)
        caches.append(cache)
    return np.stack(states, 1), caches

def lstm_backward(dh, cache):
    dnext_h, dnext_c, grads, dX = 0 * dh[:, 0], 0 * dh[:, 0], None, []
    for t in reversed(range(dh.shape[1])):
        dx_t, dnext_h, dnext_c, *weights = lstm_step_backward(dh[:, t] + dnext_h, dnext_c, cache[t])
        dX.append(dx_t)
        grads = [a + b for a, b in zip(grads, weights)] if grads else weights
    dx, dh0, (dWx, dWh, db) = np.stack(dX[::-1], 1), dnext_h, grads
    return dx, dh0, dWx, dWh, db
"""
JOINED = """
def lstm_cell_forward(xt, a_prev, c_prev, parameters):
    concat = np.concatenate((a_prev, xt), axis=0)
    ft = sigmoid(np.dot(parameters["Wf"], concat) + parameters["bf"])
    it = sigmoid(np.dot(parameters["Wi"], concat) + parameters["bi"])
    cct = np.tanh(np.dot(parameters["Wc"], concat) + parameters["bc"])
    ot = sigmoid(np.dot(parameters["Wo"], concat) + parameters["bo"])
    c_next = ft * c_prev + it * cct
    a_next = ot * np.tanh(c_next)
    yt_pred = np.dot(parameters["Wy"], a_next) + parameters["by"]
    return a_next, c_next, yt_pred, (a_next, c_next, a_prev, c_prev, xt, parameters)
"""
LISTS = """
import math

def product(M, v):
    return [sum(m * a for m, a in zip(row, v)) for row in M]

def lstm_step(x, h, c, W, U, b):
    n, sums = len(h), [p + q + r for p, q, r in zip(product(W, x), product(U, h), b)]
    new_h, new_c = [], []
    for j in range(n):
        i, f, o = (1 / (1 + math.exp(-sums[k * n + j])) for k in (0, 1, 3))
        new_c.append(f * c[j] + i * math.tanh(sums[2 * n + j]))
        new_h.append(o * math.tanh(new_c[j]))
    return new_h, new_c
"""
ZRN = """
def gru_cell(inputs, h_tm1, kernel, recurrent_kernel, bias):
    units = h_tm1.shape[-1]
    input_bias, recurrent_bias = bias
    x, h = np.dot(inputs, kernel) + input_bias, np.dot(h_tm1, recurrent_kernel) + recurrent_bias
    z = sigmoid(x[:, :units] + h[:, :units])
    r = sigmoid(x[:, units:2 * units] + h[:, units:2 * units])
    hh = np.tanh(x[:, 2 * units:] + r * h[:, 2 * units:])
    return z * h_tm1 + (1 - z) * hh
"""
LETTERS = """
def gru_step(x_t, h_prev, W_z, U_z, b_z, W_r, U_r, b_r, W_h, U_h, b_h):
    z = sigmoid(W_z @ x_t + U_z @ h_prev + b_z)
    r = sigmoid(W_r @ x_t + U_r @ h_prev + b_r)
    h_tilde = np.tanh(W_h @ x_t + U_h @ (r * h_prev) + b_h)
    return (1 - z) * h_prev + z * h_tilde
"""
PARAMS = """
def gru(inputs, state, params):
    [W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q] = params
    H, = state
    outputs = []
    for X in inputs:
        Z, R = sigmoid(X @ W_xz + H @ W_hz + b_z), sigmoid(X @ W_xr + H @ W_hr + b_r)
        H = Z * H + (1 - Z) * np.tanh(X @ W_xh + (R * H) @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return np.concatenate(outputs, axis=0), (H,)
"""
HELD = """
class Cell:
    def __init__(self, input_size, hidden_size):
        rng = np.random.RandomState(0)
        for gate in "fico":
            setattr(self, f"W_{gate}", rng.randn(hidden_size, hidden_size + input_size) * 0.1)
            setattr(self, f"b_{gate}", np.zeros((hidden_size, 1)))

    def step(self, x, h_prev, c_prev):
        z = np.vstack((h_prev, x))
        f, i, o = (sigmoid(W @ z + b) for W, b in ((self.W_f, self.b_f), (self.W_i, self.b_i), (self.W_o, self.b_o)))
        c = f * c_prev + i * np.tanh(self.W_c @ z + self.b_c)
        return o * np.tanh(c), c
"""
STEP, STEP_BACK = "lstm_cell_step", "lstm_cell_backward"
SHAPES = {"X_seq": (3, 2, 5), "h0": (2, 4), "c0": (2, 4), "W_xh": (16, 5), "W_hh": (16, 4), "b_h": (16,)}
ROWS = """
class Layer:
    def __init__(self, W, U, b):
        self.W_z, self.W_r, self.W_h = np.split(W, 3, axis=1)
        self.U_z, self.U_r, self.U_h = np.split(U, 3, axis=1)
        self.b_z, self.b_r, self.b_h = np.split(b[0], 3)
        self.c_z, self.c_r, self.c_h = np.split(b[1], 3)

    def step(self, x, h_tm1):
        z = sigmoid(x @ self.W_z + self.b_z + h_tm1 @ self.U_z + self.c_z)
        r = sigmoid(x @ self.W_r + self.b_r + h_tm1 @ self.U_r + self.c_r)
        hh = np.tanh(x @ self.W_h + self.b_h + r * (h_tm1 @ self.U_h + self.c_h))
        return z * h_tm1 + (1 - z) * hh

    def __call__(self, X, initial_state):
        h = initial_state
        for t in range(X.shape[1]):
            h = self.step(X[:, t, :], h)
        return h
"""
KEPT_ROWS = """
class Layer:
    def __init__(self, kernel, recurrent_kernel, bias):
        self.kernel, self.recurrent_kernel, self.bias = kernel, recurrent_kernel, bias

    def step(self, x, h):
        xz, xr, xh = np.split(x @ self.kernel + self.bias[0], 3, axis=-1)
        hz, hr, hh = np.split(h @ self.recurrent_kernel + self.bias[1], 3, axis=-1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        return z * h + (1 - z) * np.tanh(xh + r * hh)
"""
COLUMNS = """
class Gated:
    def __init__(self, n_x, n_h):
        n = n_h + n_x
        self.Wz, self.Wr, self.Wh = np.zeros((n_h, n)), np.zeros((n_h, n)), np.zeros((n_h, n))
        self.bz, self.br, self.bh = np.zeros((n_h, 1)), np.zeros((n_h, 1)), np.zeros((n_h, 1))

    def forward(self, xs, h0):
        h, hs = h0, []
        for x in xs:
            hx = np.vstack((h, x))
            z, r = sigmoid(self.Wz @ hx + self.bz), sigmoid(self.Wr @ hx + self.br)
            h = (1 - z) * h + z * np.tanh(self.Wh @ np.vstack((r * h, x)) + self.bh)
            hs.append(h)
        return hs
"""
PAIR = """
class Cell:
    def __init__(self, nx, nh):
        self.Wf, self.Wi, self.Wg, self.Wo = (np.random.randn(nx + nh, nh) for _ in range(4))
        self.bf, self.bi, self.bg, self.bo = (np.zeros(nh) for _ in range(4))

    def step(self, x, state):
        h, c = state
        z = np.concatenate([x, h])
        f, i = sigmoid(z @ self.Wf + self.bf), sigmoid(z @ self.Wi + self.bi)
        g, o = np.tanh(z @ self.Wg + self.bg), sigmoid(z @ self.Wo + self.bo)
        new = f * c + i * g
        out = o * np.tanh(new)
        return out, (out, new)
"""
LAST_OUTPUT = """
class Forecast:
    def __init__(self, n_in, n_hidden, n_out):
        self.bf, self.bi, self.bc, self.bo = (np.zeros((n_hidden, 1)) for _ in range(4))
        self.Wf, self.Wi, self.Wc, self.Wo = (np.random.randn(n_hidden, n_hidden + n_in) for _ in range(4))
        self.Wy, self.by, self.n_hidden = np.random.randn(n_out, n_hidden), np.zeros((n_out, 1)), n_hidden

    def predict(self, seq):
        h, c = np.zeros((self.n_hidden, 1)), np.zeros((self.n_hidden, 1))
        for x in seq:
            z = np.vstack((h, x.reshape(-1, 1)))
            f, i = sigmoid(self.Wf @ z + self.bf), sigmoid(self.Wi @ z + self.bi)
            c = f * c + i * np.tanh(self.Wc @ z + self.bc)
            h = sigmoid(self.Wo @ z + self.bo) * np.tanh(c)
        return (self.Wy @ h + self.by).ravel()
"""
SIZED = """
def gru_forward(Wxr, Wxz, Wxh, Whr, Whz, Whh, br, bz, bh, h0, X, d, h, T):
    state = h0.copy()
    for t in range(X.shape[0]):
        r, z = sigmoid(X[t] @ Wxr + state @ Whr + br), sigmoid(X[t] @ Wxz + state @ Whz + bz)
        state = (1 - z) * state + z * np.tanh(X[t] @ Wxh + (r * state) @ Whh + bh)
    return state
"""
UNKNOWN = """
def lstm_cell(Z, H, C, W_hh, W_ih, b):
    i, f, g, o = np.split(Z @ W_ih + H @ W_hh + b[None, :], 4, axis=1)
    new = sigmoid(f) * C + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(new), new
"""
BOTH = """
class Net:
    def __init__(self, hidden_dim, corpus):
        self.Wx = np.random.randn(corpus.vocab_size, 4 * hidden_dim)
        self.Wh = np.random.randn(hidden_dim, 4 * hidden_dim)
        self.b = np.zeros(4 * hidden_dim)

    def step(self, x, h, c, Wx, Wh, b):
        i, f, o, g = np.split(x @ Wx + h @ Wh + b, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(c), c

    def backward(self, dh, dc):
        return np.hstack(dh, dc)
"""
ADDED_BIAS = """
from collections import namedtuple
Both = namedtuple("Both", ["c", "h"])

def basic_step(x, state, kernel, bias, forget_bias=1.0):
    i, g, f, o = np.split(np.concatenate([x, state.h], axis=1) @ kernel + bias, 4, axis=1)
    c = state.c * sigmoid(f + forget_bias) + sigmoid(i) * np.tanh(g)
    h = np.tanh(c) * sigmoid(o)
    return h, Both(c, h)
"""
CARRY = """
def lstm_step(params, state, x):
    h, c = state
    f = sigmoid(x @ params["Wf"] + h @ params["Uf"] + params["bf"])
    i = sigmoid(x @ params["Wi"] + h @ params["Ui"] + params["bi"])
    o = sigmoid(x @ params["Wo"] + h @ params["Uo"] + params["bo"])
    c = f * c + i * np.tanh(x @ params["Wc"] + h @ params["Uc"] + params["bc"])
    h = o * np.tanh(c)
    return (h, c), h
"""
RIGHT = {  # the functions that are read, and what a reading says
    "a pair behind the output": (PAIR, (STEP,), "h_t [0], c_t [1][1]"),
    "the last output alone": (LAST_OUTPUT, ("lstm_forward",), "weights [h, x], output layer the identity"),
    "sizes of one letter": (SIZED, ("gru_forward",), "x W, sequences (T, B, n)"),
    "an input of another name": (UNKNOWN, (STEP,), "lstm_cell(Z, H, C, W_hh, W_ih, b)"),
    "a class whose method takes the weights": (BOTH, (STEP,), "Net.step(x, h, c, Wx, Wh, b)"),
    "a forget bias of its own": (ADDED_BIAS, (STEP,), "forget_bias=0, h_t [0], c_t [1][0]"),
    "gates i f o g": (IFOG, (STEP, STEP_BACK), "gates i f o g"),
    "joined": (JOINED, (STEP,), "weights [h, x], h_t [0], c_t [1]"),
    "lists": (LISTS, (STEP,), "W x, vectors (n)"),
    "gates z r n": (ZRN, ("gru_cell_step",), "x W, vectors (B, n); or x W, vectors (1, n), gates z r n"),
    "a carry and an output": (CARRY, (STEP,), "h_t [1], c_t [0][1]"),
    "the memory first": (CARRY.replace("(h, c), h", "(c, h), h"), (STEP,), "h_t [1], c_t [0][0]"),
    "two states in one array": (CARRY.replace("(h, c), h", "np.stack((h, c))"), (STEP,), "h_t [0], c_t [1]"),
    "letters": (LETTERS, ("gru_cell_step",), "gate z the other way round"),
    "a class": (HELD, (STEP,), "Cell.step(x, h_prev, c_prev) -> (…, c): W x, vectors (n, B)"),
    "two biases as rows": (ROWS, ("gru_cell_step", "gru_forward"), "vectors (n), gates z r n"),
    "rows that are kept": (KEPT_ROWS, ("gru_cell_step",), "gates z r n"),
    "a list of states, the first no last one": (COLUMNS, ("gru_forward",), "weights [h, x]"),
    "a list of weights": (PARAMS, ("gru_forward",), "output layer the identity"),
}
ONE_SEQUENCE = {LISTS, PAIR, LAST_OUTPUT}
WRONG = {  # an edit, the function that is wrong, and the name
    "an input in the place of the state": (UNKNOWN, "Z @ W_ih + H @ W_hh", "Z @ W_ih + Z.sum() * H @ W_hh", STEP, None),
    "an output of the memory": (LAST_OUTPUT, "self.Wy @ h", "self.Wy @ c", "lstm_forward", "states-swapped"),
    "a pair of one state": (PAIR, "return out, (out, new)", "return out, (out, out)", STEP, "memory-is-state"),
    "no tanh": (IFOG, "o * np.tanh(next_c)", "o * next_c", STEP, "no-tanh-of-c"),
    "no bias": (IFOG, "prev_h.dot(Wh) + b", "prev_h.dot(Wh)", STEP, "bias-missing"),
    "memory lost on the way back": (IFOG, "dc = dnext_c + dnext_h", "dc = dnext_h", STEP_BACK, "no-dc-next"),
    "a slope of another gate": (IFOG, "df * f * (1 - f)", "df * i * (1 - i)", STEP_BACK, None),
    "a forget bias": (JOINED, 'parameters["bf"])', 'parameters["bf"] + 1)', STEP, "forget-bias-added"),
    "one output gate for all": (LISTS, "(0, 1, 3)", "(0, 1, 1)", STEP, "gate-of-another-gate"),
    "the memory of a class": (HELD, "o * np.tanh(c)", "o * np.tanh(c_prev)", STEP, "shows-old-memory"),
    "a carry without its memory": (CARRY, "(h, c), h", "(h, h), h", STEP, "memory-is-state"),
    "no reset gate": (ZRN, "r * h[:, 2", "h[:, 2", "gru_cell_step", "reset-ignored"),
    "gates of the first state": (PARAMS, "H @ W_hz", "state[0] @ W_hz", "gru_forward", None),
}


def checked(folder, text, only="generic"):
    path = folder / "foreign.py"
    path.write_text(HEAD + text, encoding="utf-8")
    functions = rnn_ref.check(str(path), only=only).functions
    return {name: one for name, one in functions.items() if one.verdict != "missing"}


@pytest.mark.parametrize("case", some(RIGHT, 2))
def test_what_is_right_conforms_as_it_stands(case, tmp_path):
    text, functions, reading = RIGHT[case]
    found = checked(tmp_path, text, only="*single-float64" if text in ONE_SEQUENCE else "*generic*float64")
    assert {name: one.verdict for name, one in found.items()} == dict.fromkeys(functions, "conforms")
    assert reading in found[functions[0]].reading


@pytest.mark.parametrize("case", some(WRONG, 2))
def test_what_is_wrong_is_wrong_and_named_where_the_catalogue_has_it(case, tmp_path):
    text, old, new, function, slug = WRONG[case]
    assert text.count(old) == 1
    only = f"{function}/*{'single' if text in ONE_SEQUENCE else 'generic'}*float64"
    found = checked(tmp_path, text.replace(old, new), only)[function]
    assert (found.verdict, found.mistake) == ("wrong", slug)


def test_a_way_back_that_is_not_read_is_told_with_what_it_raises(tmp_path):
    path = tmp_path / "foreign.py"
    path.write_text(HEAD + BOTH, encoding="utf-8")
    notes = " ".join(rnn_ref.check(str(path), only="*/generic-float64").notes)
    assert "not read: Net.backward(dh, dc) as lstm_cell_backward: it raises TypeError: " in notes
    assert "sigmoid" not in notes


def test_what_only_bears_the_name_is_said_not_to_be_read(tmp_path):
    with pytest.raises(TargetError, match=r"can be read: gru_forward.layer, A. as gru_forward: its arguments are not"):
        checked(tmp_path, "def gru_forward(layer, A):\n    return layer.step(A)\n")


def test_a_way_back_is_read_after_its_way_forward_and_what_it_lacks_is_claimed(tmp_path, monkeypatch):
    path = tmp_path / "foreign_sequence.py"
    path.write_text(HEAD + IFOG + SEQUENCE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = importlib.import_module("foreign_sequence")
    forward = read_gated(OPERATIONS["lstm_forward"], GatedWay(module.lstm_forward), ["numpy"])
    back = read_back(OPERATIONS["lstm_backward"], GatedWay(module.lstm_backward), forward)
    assert forward.claims == ("c0 = 0",)
    assert back.claims == ("c0 = 0", "dc = 0", "no dc0")
    rng = np.random.default_rng(0)
    own = {name: rng.normal(size=shape) for name, shape in SHAPES.items()} | {"c0": np.zeros((2, 4))}
    states, memories = rnn_ref.lstm_forward(**own)
    above = rng.normal(size=np.shape(states)), np.zeros(np.shape(states))
    due = rnn_ref.lstm_backward(*above, np.stack(states), np.stack(memories), **own)
    np.testing.assert_allclose(forward.candidate()(*own.values())["h_states"], states, atol=1e-14)
    found = back.candidate()(*above, states, memories, *own.values())
    assert sorted(found) == ["W_hh", "W_xh", "X_seq", "b_h", "h0"]
    for name, array in found.items():
        np.testing.assert_allclose(array, getattr(due, name), atol=1e-13, err_msg=name)


def test_a_way_through_time_that_is_wrong_is_read_as_its_step_is(tmp_path):
    right = "x @ self.W_h + self.b_h + r * (h_tm1 @ self.U_h + self.c_h)"
    wrong = "r * (x @ self.W_h + self.b_h + h_tm1 @ self.U_h + self.c_h)"
    assert right in ROWS
    found = checked(tmp_path, ROWS.replace(right, wrong), only="*generic-float64")
    assert {name: one.mistake for name, one in found.items()} == dict.fromkeys(
        ("gru_cell_step", "gru_forward"), "reset-of-all"
    )
    assert all("gates z r n" in one.reading and "other way round" not in one.reading for one in found.values())


def test_how_many_layers_an_object_is_made_with_is_claimed(tmp_path):
    text = COLUMNS.replace("n_x, n_h)", "n_x, n_h, num_layers=1)")
    (found,) = checked(tmp_path, text, only="*generic*float64").values()
    assert (found.verdict, found.claims) == ("conforms", ["num_layers=1 only", "reset_after=False only"])


TURNED = """
def run_lstm(inputs, W, b, hidden_size):
    turned = np.swapaxes(inputs, 0, 1)
    h = c = np.zeros((turned.shape[1], hidden_size))
    states = []
    for x in turned:
        i, f, g, o = np.split(np.concatenate([x, h], axis=-1) @ W + b, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh({kept})
        states.append(h)
    return np.swapaxes(np.stack(states), 0, 1)
"""


@pytest.mark.parametrize(("kept", "verdict"), [("c", "conforms"), ("c * c", "wrong")])
def test_where_neither_shapes_nor_text_tell_steps_from_sequences_the_right_ones_are_meant(tmp_path, kept, verdict):
    (tmp_path / "turned.py").write_text(HEAD + TURNED.format(kept=kept))
    found = rnn_ref.check(str(tmp_path / "turned.py"), only="lstm_forward/*float64").functions["lstm_forward"]
    assert (found.verdict, "(B, T, n)" in found.reading) == (verdict, kept == "c")


def test_what_a_comment_says_of_steps_and_sequences_goes_before_what_is_right(tmp_path):
    said = "(inputs, W, b, hidden_size):\n    # inputs: (time, batch, features)"
    (tmp_path / "said.py").write_text(HEAD + TURNED.format(kept="c").replace("(inputs, W, b, hidden_size):", said))
    found = rnn_ref.check(str(tmp_path / "said.py"), only="lstm_forward/generic-float64").functions["lstm_forward"]
    assert found.verdict != "conforms"
