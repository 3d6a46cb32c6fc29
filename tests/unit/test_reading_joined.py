"""A one beside input and state, whose column is the bias; weights told by the file; weights that are numbers.

Beside every right one stands one with a mistake: it is read as well, and it is wrong.
"""

import pytest
from sampled import some
from test_reading_gated import checked

COLUMN = """
def rnn(xs, W, h0):
    h, hs = h0, []
    for x in xs:
        h = np.tanh(W @ np.concatenate([x, h, [1.0]]))
        hs.append(h)
    return hs
"""
FIRST = """
def rnn_step(x, h, W):
    return np.tanh(np.hstack([np.ones((len(x), 1)), h, x]) @ W)
"""
BACK = """
def forward(W, xs, h0):
    zs, hs = [], [h0]
    for x in xs:
        zs.append(np.append(np.concatenate([x, hs[-1]]), 1.0))
        hs.append(np.tanh(W @ zs[-1]))
    return hs[1:], zs

def backward(W, zs, hs, dhs):
    dW, dh = np.zeros_like(W), np.zeros(len(W))
    for t in reversed(range(len(hs))):
        da = (dhs[t] + dh) * (1 - hs[t] ** 2)
        dW += np.outer(da, zs[t])
        dh = (W.T @ da)[-len(W) - 1:-1]
    return dW, dh
"""
HELD = """
class CharRNN:
    def __init__(self, vocab_size, hidden_size):
        self.V = vocab_size
        self.W = np.random.randn(hidden_size, hidden_size + vocab_size + 1)
        self.Wy, self.by = np.random.randn(vocab_size, hidden_size), np.zeros(vocab_size)

    def loss(self, inputs, targets, h0):
        zs, hs, ps, loss = [], [h0], [], 0.0
        for i, t in zip(inputs, targets):
            z = np.concatenate([hs[-1], np.eye(self.V)[i], [1.0]])
            h = np.tanh(self.W @ z)
            s = self.Wy @ h + self.by
            p = np.exp(s - s.max())
            p /= p.sum()
            loss -= s[t] - s.max() - np.log(np.exp(s - s.max()).sum())
            zs.append(z); hs.append(h); ps.append(p)
        dW, dWy, dby = np.zeros_like(self.W), np.zeros_like(self.Wy), np.zeros_like(self.by)
        dh = np.zeros(len(h0))
        for k in reversed(range(len(inputs))):
            ds = ps[k].copy()
            ds[targets[k]] -= 1
            dWy += np.outer(ds, hs[k + 1]); dby += ds
            da = (self.Wy.T @ ds + dh) * (1 - hs[k + 1] ** 2)
            dW += np.outer(da, zs[k])
            dh = (self.W.T @ da)[:len(h0)]
        return loss, {"W": dW, "Wy": dWy, "by": dby}, hs[-1]
"""
CHECKPOINT = """
class CharRNN:
    def __init__(self, weights, vocab):
        self.__dict__.update(weights)
        self.size = len(vocab)

    def step(self, x, h):
        return np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)

def make_checkpoint(vocab, H=20, seed=0):
    rs, V = np.random.RandomState(seed), len(vocab)
    return {"Wxh": rs.randn(H, V), "Whh": rs.randn(H, H), "bh": rs.randn(H)}
"""
BY_PLACE = """
class SimpleRNN:
    def __init__(self, weights):
        self.kernel, self.recurrent_kernel = weights[0], weights[1]
        self.bias = weights[2] if len(weights) > 2 else 0.0

    def call(self, x):
        h, out = np.zeros((len(x), len(self.recurrent_kernel))), []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ self.kernel + h @ self.recurrent_kernel + self.bias)
            out.append(h)
        return np.stack(out, 1)
"""
OF_FUNCTION = """
def rnn_forward(xs, params):
    Wx = params[0]; Wh = params[1]; b = params[2]
    h, hs = np.zeros(Wh.shape[0]), []
    for x in xs:
        h = np.tanh(x @ Wx + h @ Wh + b)
        hs.append(h)
    return hs
"""
TUPLES = """
class LSTMCell:
    def __init__(self, weights):
        self.weights = weights

    def gate(self, name, x, h):
        W, U, b = self.weights[name]
        return W @ x + U @ h + b

    def __call__(self, x, state):
        h, c = state
        i, f, o = (sigmoid(self.gate(one, x, h)) for one in ("i", "f", "o"))
        c = f * c + i * np.tanh(self.gate("g", x, h))
        return o * np.tanh(c), c

def random_weights(n_in, n_hidden, seed):
    rnd = np.random.RandomState(seed)
    return {k: (rnd.randn(n_hidden, n_in), rnd.randn(n_hidden, n_hidden), [0.0] * n_hidden) for k in "ifgo"}
"""
NESTED = """
def init_params(rng, n_in, n_hidden):
    return {g: {"W": rng.normal(size=(n_hidden, n_in)), "R": rng.normal(size=(n_hidden, n_hidden)),
                "b": np.zeros(n_hidden)} for g in ("r", "z", "n")}

def gru(params, xs):
    def pre(name, x, h):
        p = params[name]
        return p["W"] @ x + p["R"] @ h + p["b"]

    h, hs = np.zeros(params["r"]["b"].shape[0]), []
    for x in xs:
        r, z = sigmoid(pre("r", x, h)), sigmoid(pre("z", x, h))
        h = (1 - z) * np.tanh(pre("n", x, r * h)) + z * h
        hs.append(h)
    return np.array(hs)
"""
NUMBERS = """
import math

def forward(xs, w, u, b):
    hs = [0.0]
    for x in xs:
        hs.append(math.tanh(w * x + u * hs[-1] + b))
    return hs
"""
OF_BATCH = """
def update_state(xk, sk, wx, wRec):
    return np.tanh(xk * wx + sk * wRec)

def forward_states(X, wx, wRec):
    S = np.zeros((X.shape[0], X.shape[1] + 1))
    for k in range(X.shape[1]):
        S[:, k + 1] = update_state(X[:, k], S[:, k], wx, wRec)
    return S
"""
CASES = {  # the text, a mistake, what is read, where the mistake is, which checks
    "a one behind": (COLUMN, ("[x, h, [1.0]])", "[x, h0, [1.0]])"), ["rnn_forward"], "rnn_forward", "*single-float64"),
    "by gate in tuples": (TUPLES, ("f * c + i", "i * c + f"), ["lstm_cell_step"], "lstm_cell_step", "*single*"),
    "by gate in dicts": (NESTED, ("x, r * h", "x, z * h"), ["gru_forward"], "gru_forward", "*single*"),
    "a dict made by a function": (CHECKPOINT, ("x + self", "x - self"), ["rnn_cell_step"], "rnn_cell_step", "*single*"),
    "a one in front": (FIRST, ("np.tanh(", "np.sin("), ["rnn_cell_step"], "rnn_cell_step", "*generic-float64"),
    "a one, and back": (BACK, ("** 2", ""), ["rnn_forward", "rnn_backward"], "rnn_backward", "*single-float64"),
    "a one, and a loss": (HELD, (".T @ ds + dh", ".T @ ds"), ["rnn_bptt"], "rnn_bptt", "*single-float64"),
    "numbers": (NUMBERS, ("u * hs[-1]", "u * hs[0]"), ["rnn_forward"], "rnn_forward", "*single*"),
    "numbers for batches": (OF_BATCH, ("tanh(", "sin("), ["rnn_cell_step", "rnn_forward"], "rnn_forward", "*generic*"),
    "a list by its places": (BY_PLACE, ("+ self.bias", "- self.bias"), ["rnn_forward"], "rnn_forward", "*generic*"),
    "an argument by its places": (OF_FUNCTION, ("Wh + b", "Wh"), ["rnn_forward"], "rnn_forward", "*single*"),
}  # fmt: skip


@pytest.mark.parametrize("case", some(CASES, 2))
def test_it_is_read_and_a_mistake_is_seen(case, tmp_path):
    text, (old, new), names, at_fault, only = CASES[case]
    right = checked(tmp_path, text, only)
    assert {name: one.verdict for name, one in right.items()} == dict.fromkeys(names, "conforms")
    assert text.count(old) == 1
    assert checked(tmp_path, text.replace(old, new), only)[at_fault].verdict == "wrong"
