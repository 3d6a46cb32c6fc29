"""Objects as public code makes them: layers built when they are called first, weights in lists and dicts, all sizes."""

import pytest
from sampled import some

import rnn_ref

LAZY = """
class Layer:
    built = False

    def __call__(self, x, *args):
        if not self.built:
            self.build(x.shape)
            self.built = True
        return self.call(x, *args)

class SimpleRNN(Layer):
    def __init__(self, units, return_sequences=False):
        self.units, self.return_sequences = units, return_sequences

    def build(self, shape):
        self.kernel = np.random.rand(shape[-1], self.units)
        self.recurrent_kernel = np.random.rand(self.units, self.units)
        self.bias = np.zeros(self.units)

    def call(self, x, initial_state=None):
        h = np.zeros((len(x), self.units)) if initial_state is None else initial_state
        outputs = []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t, :] @ self.kernel + h @ self.recurrent_kernel + self.bias)
            outputs.append(h)
        return np.stack(outputs, axis=1) if self.return_sequences else h
"""
FIRST_CALL = """
class Net:
    def __init__(self, hidden=16):
        self.hidden, self.Wx = hidden, None

    def forward(self, X):
        T, B, D = X.shape
        if self.Wx is None:
            self.Wx, self.Wh = np.random.rand(D, self.hidden), np.random.rand(self.hidden, self.hidden)
            self.b = np.zeros(self.hidden)
        h, hs = np.zeros((B, self.hidden)), []
        for x in X:
            h = np.tanh(x @ self.Wx + h @ self.Wh + self.b)
            hs.append(h)
        return np.stack(hs)
"""
LIST = """
class SimpleRNN:
    def __init__(self, weights):
        self.kernel, self.recurrent_kernel, self.bias = [np.asarray(w) for w in weights]

    def call(self, inputs, initial_state):
        h, outputs = initial_state, []
        for t in range(inputs.shape[1]):
            h = np.tanh(inputs[:, t] @ self.kernel + self.bias + h @ self.recurrent_kernel)
            outputs.append(h)
        return np.stack(outputs, axis=1)
"""
STATE_DICT = """
class NumpyRNN:
    def __init__(self, state_dict):
        get = lambda k: np.asarray(state_dict[k])
        self.w_ih, self.w_hh = get("weight_ih_l0"), get("weight_hh_l0")
        self.b_ih, self.b_hh = get("bias_ih_l0"), get("bias_hh_l0")

    def __call__(self, x, hx):
        h, out = hx[0], []
        for xt in x:
            h = np.tanh(xt @ self.w_ih.T + self.b_ih + h @ self.w_hh.T + self.b_hh)
            out.append(h)
        return np.stack(out), h[None]
"""
SPREAD = """
class Elman:
    def __init__(self, *sizes):
        n_in, n_hid, n_out = sizes
        self.w_ih, self.w_ch, self.b_h = np.zeros((n_in, n_hid)), np.zeros((n_hid, n_hid)), np.zeros(n_hid)
        self.w_ho, self.b_o, self.context = np.zeros((n_hid, n_out)), np.zeros(n_out), np.zeros(n_hid)

    def run(self, sequence):
        outputs, hidden = [], []
        for x in sequence:
            self.context = np.tanh(x @ self.w_ih + self.context @ self.w_ch + self.b_h)
            hidden.append(self.context)
            outputs.append(self.context @ self.w_ho + self.b_o)
        return np.array(outputs), np.array(hidden)
"""
NUMBERS = """
def times(M, v):
    return [sum(m * a for m, a in zip(row, v)) for row in M]

class TinyRNN:
    def __init__(self, n_in, n_hid):
        self.n_hid = n_hid
        self.w_in = [[0.1] * n_in for _ in range(n_hid)]
        self.w_rec = [[0.1] * n_hid for _ in range(n_hid)]
        self.b_hid = [0.0] * n_hid

    def run(self, xs, h=None):
        h, hs = h or [0.0] * self.n_hid, []
        for x in xs:
            h = [tanh(p + q + r) for p, q, r in zip(times(self.w_in, x), times(self.w_rec, h), self.b_hid)]
            hs.append(h)
        return hs
"""
FORMS = {
    "numbers": (NUMBERS, "p + q + r", "p + q"),
    "built": (LAZY, "np.stack(outputs, axis=1)", "np.array(outputs).reshape(len(x), -1, self.units)"),
    "at the first call": (FIRST_CALL, "h @ self.Wh", "h @ self.Wh.T"),
    "a list": (LIST, "h @ self.recurrent", "initial_state @ self.recurrent"),
    "a dict": (STATE_DICT, "+ self.b_ih", "+ 2 * self.b_ih"),
    "all sizes": (SPREAD, "hidden.append(self.context)", "hidden.append(hidden[0] if hidden else self.context)"),
}


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_objects_are_made_as_their_classes_want_it(form, tmp_path):
    text, old, new = FORMS[form]
    path = tmp_path / "foreign.py"
    head = "from math import tanh\n" if form == "numbers" else "import numpy as np\n"
    path.write_text(head + text, encoding="utf-8")
    assert rnn_ref.check(str(path)).functions["rnn_forward"].verdict == "conforms"
    assert text.count(old) == 1
    path.write_text(head + text.replace(old, new), encoding="utf-8")
    assert rnn_ref.check(str(path)).functions["rnn_forward"].verdict == "wrong"
