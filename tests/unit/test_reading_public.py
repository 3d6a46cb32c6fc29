"""Kinds of code that public files showed: caches made by hand, embeddings, clearing, columns, what is not judged."""

import sys
import types

import pytest

import rnn_ref

SUM_IN_CACHE = """
import numpy as np

def step_back(dh_next, cache):
    x, h_prev, Wx, Wh, affine = cache
    dz = dh_next * (1 - np.tanh(affine) ** 2)
    return dz @ Wx.T, dz @ Wh.T, x.T @ dz, h_prev.T @ dz, dz.sum(0)
"""
ONE_BY_ONE = """
import numpy as np

def step_back(dh, cache):
    x = np.array(cache[0])
    before = np.array(cache[1])
    after = cache[2]
    Wx = cache[3]
    Wh = cache[4]
    dz = dh * (1 - after ** 2)
    return dz @ Wx, dz @ Wh, dz.T @ x, dz.T @ before, dz.sum(0)
"""
EMBEDDED = """
import math

def encode(token_ids, embeddings, W_x, W_h, b):
    h, states = [0.0] * len(b), []
    for token in token_ids:
        x = embeddings[token]
        h = [math.tanh(b[i] + sum(w * v for w, v in zip(W_x[i], x)) + sum(w * v for w, v in zip(W_h[i], h)))
             for i in range(len(b))]
        states.append(h)
    return states, h
"""
COLUMNS = """
import numpy as np

class Net:
    def __init__(self, input_size, hidden_size, output_size):
        self.hidden_size = hidden_size
        self.Wxh, self.Whh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))
        self.Why, self.by = np.ones((output_size, hidden_size)), np.zeros((output_size, 1))
        self.bh = np.zeros((hidden_size, 1))

    def tanh(self, x):
        return np.tanh(x)

    def forward(self, inputs):
        self.inputs = inputs
        self.hs, self.outs = {-1: np.zeros((self.hidden_size, 1))}, {}
        for t in range(len(inputs)):
            x = np.reshape(inputs[t], (-1, 1))
            self.hs[t] = self.tanh(self.Wxh @ x + self.Whh @ self.hs[t - 1] + self.bh)
            self.outs[t] = self.Why @ self.hs[t] + self.by
        return self.outs

    def backward(self, doutputs, lr=0.1):
        grads = [np.zeros_like(one) for one in (self.Wxh, self.Whh, self.Why, self.bh, self.by)]
        carry = np.zeros((self.hidden_size, 1))
        for t in reversed(range(len(self.inputs))):
            dz = (1 - self.hs[t] ** 2) * (self.Why.T @ doutputs[t] + carry)
            shares = [dz @ self.inputs[t].reshape(1, -1), dz @ self.hs[t - 1].T,
                      doutputs[t] @ self.hs[t].T, dz, doutputs[t]]
            grads = [one + share for one, share in zip(grads, shares)]
            carry = self.Whh.T @ dz
        for one, grad in zip((self.Wxh, self.Whh, self.Why, self.bh, self.by), grads):
            one -= lr * grad
"""
SQUARED = """
import numpy as np

class Net:
    def __init__(self, input_size, hidden_size, output_size):
        self.hidden_size = hidden_size
        self.Wxh, self.Whh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))
        self.Why, self.by = np.ones((output_size, hidden_size)), np.zeros((output_size, 1))
        self.bh = np.zeros((hidden_size, 1))

    def forward(self, inputs):
        hs, ys = {-1: np.zeros((self.hidden_size, 1))}, {}
        for t in range(len(inputs)):
            hs[t] = np.tanh(self.Wxh @ np.array(inputs[t]).reshape(-1, 1) + self.Whh @ hs[t - 1] + self.bh)
            ys[t] = self.Why @ hs[t] + self.by
        return ys, hs

    def backward(self, inputs, hs, outputs, targets, learning_rate=0.1):
        grads = [np.zeros_like(one) for one in (self.Wxh, self.Whh, self.Why, self.bh, self.by)]
        carry = np.zeros((self.hidden_size, 1))
        for t in reversed(range(len(inputs))):
            dy = outputs[t] - targets[t]
            dz = (1 - hs[t] ** 2) * (self.Why.T @ dy + carry)
            shares = [dz @ inputs[t].reshape(1, -1), dz @ hs[t - 1].T, dy @ hs[t].T, dz, dy]
            grads = [one + share for one, share in zip(grads, shares)]
            carry = self.Whh.T @ dz
        for one, grad in zip((self.Wxh, self.Whh, self.Why, self.bh, self.by), grads):
            one -= learning_rate * grad
"""
CLEARED = """
import numpy as np

n_letters = 4

class Chars:
    def __init__(self, n_in, n_hidden, n_out):
        self.Wxh, self.Whh = np.ones((n_hidden, n_in)), np.ones((n_hidden, n_hidden))
        self.Why, self.bh, self.by = np.ones((n_out, n_hidden)), np.zeros((n_hidden, 1)), np.zeros((n_out, 1))
        self.dWxh, self.dWhh, self.dWhy = np.zeros_like(self.Wxh), np.zeros_like(self.Whh), np.zeros_like(self.Why)
        self.dbh, self.dby = np.zeros_like(self.bh), np.zeros_like(self.by)

    def forward(self, inputs, h_prev):
        xs, hs, ps = {}, {-1: np.copy(h_prev)}, {}
        for t, one in enumerate(inputs):
            xs[t] = np.zeros((n_letters, 1))
            xs[t][one] = 1
            hs[t] = np.tanh(self.Wxh @ xs[t] + self.Whh @ hs[t - 1] + self.bh)
            p = np.exp(self.Why @ hs[t] + self.by)
            ps[t] = p / p.sum()
        return xs, hs, ps

    def backward(self, xs, hs, ps, targets):
        carry = 0
        for t in reversed(range(len(xs))):
            dy = np.copy(ps[t])
            dy[targets[t]] -= 1
            dz = (1 - hs[t] ** 2) * (self.Why.T @ dy + carry)
            self.dWhy += dy @ hs[t].T
            self.dby += dy
            self.dWxh += dz @ xs[t].T
            self.dWhh += dz @ hs[t - 1].T
            self.dbh += dz
            carry = self.Whh.T @ dz

    def update(self, lr):
        for one, grad in ((self.Wxh, self.dWxh), (self.Whh, self.dWhh), (self.Why, self.dWhy)):
            one -= lr * grad
        self.dWxh, self.dWhh = np.zeros_like(self.Wxh), np.zeros_like(self.Whh)
"""
IN_CACHE = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def forward(xs, h0, params):
    Wx, Wh, b, Wy, by = params
    hs = [h0]
    for x in xs:
        hs.append(np.tanh(Wx @ x + Wh @ hs[-1] + b))
    y = sigmoid(Wy @ hs[-1] + by)
    return y, (hs, y)

def bptt(xs, y_true, cache, params):
    raise SystemExit
"""


LAST_ALONE = """
import numpy as np

def last_state(inputs, h, Wx, Wh, b):
    for x in inputs:
        h = np.tanh(Wx @ x + Wh.T @ h + b)
    return h
"""

NUMBERED = """
import numpy as np

num_chars = 40

class Letters:
    def __init__(self, num_hidden):
        self.num_hidden = num_hidden
        self.W_xh, self.W_hh = np.ones((num_hidden, num_chars)), np.ones((num_hidden, num_hidden))
        self.W_ho = np.ones((num_chars, num_hidden))

    def unroll(self, x):
        h, p = np.zeros((len(x) + 1, self.num_hidden)), np.zeros((len(x), num_chars))
        for t in range(len(x)):
            h[t] = np.tanh(self.W_xh[:, x[t]] + self.W_hh @ h[t - 1])
            e = np.exp(self.W_ho @ h[t])
            p[t] = e / e.sum()
        return p, h

    def bptt(self, x, y, window=WINDOW):
        p, h = self.unroll(x)
        dW_xh, dW_ho, dW_hh = (np.zeros_like(one) for one in (self.W_xh, self.W_ho, self.W_hh))
        p[np.arange(len(y)), y] -= 1
        for t in range(len(y))[::-1]:
            dW_ho += np.outer(p[t], h[t])
            delta = self.W_ho.T @ p[t] * (1 - h[t] ** 2)
            for step in range(max(0, t - window), t + 1)[::-1]:
                dW_hh += np.outer(delta, h[step - 1])
                dW_xh[:, x[step]] += delta
                delta = self.W_hh.T @ delta * (1 - h[step - 1] ** 2)
        return dW_xh, dW_ho, dW_hh
"""
CONFIGURED = """
from dataclasses import dataclass

import numpy as np

@dataclass
class Sizes:
    vocab_size: int = 50
    embedding_size: int = 20
    hidden_size: int = 30

class Bytes:
    def __init__(self, sizes: Sizes | None = None):
        self.sizes = sizes or Sizes()
        v, e, h = self.sizes.vocab_size, self.sizes.embedding_size, self.sizes.hidden_size
        self.embedding, self.w_ih, self.w_hh = np.ones((v, e)), np.ones((e, h)), np.ones((h, h))
        self.b_h, self.w_ho, self.b_o = np.zeros(h), np.ones((h, 1)), np.zeros((1, 1))

    def step(self, token, state):
        return np.tanh(self.embedding[token] @ self.w_ih + state @ self.w_hh + self.b_h)
"""
BATCH = """
import numpy as np

def unroll(params, batch):
    h, out = batch["h0"], []
    for x in batch["inputs"]:
        h = np.tanh(x @ params["Wx"] + h @ params["Wh"] + params["b"])
        out.append(h)
    return np.stack(out)
"""
OTHERWISE = """
import numpy as np

def rnn_forward(x, Wx, Wh, b):
    h = np.zeros((len(x), Wx.shape[0]))
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ Wx + h @ Wh + b)
    return h

def rnn_backward(layer, dA):
    for t in reversed(range(len(dA))):
        layer.update(dA[t])
    return None
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "public_code.py"
        path.write_text(text)
        module = types.ModuleType("public_code")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "public_code", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}


@pytest.mark.parametrize("text", [SUM_IN_CACHE, ONE_BY_ONE])
def test_a_cache_that_is_made_by_hand_has_what_its_entries_are_used_as(check, text):
    assert verdicts(check(text, only="generic")) == {"rnn_cell_backward": "conforms"}
    faulty = text.replace("prev.T @ dz", "prev.T @ dz / 2").replace("dz.T @ before", "dz.T @ before / 2")
    assert verdicts(check(faulty, only="generic")) == {"rnn_cell_backward": "wrong"}


def test_an_embedding_among_the_arguments_is_handed_plain_rows(check):
    assert verdicts(check(EMBEDDED, only="rnn_forward/single")) == {"rnn_forward": "conforms"}
    faulty = EMBEDDED.replace("math.tanh(b[i]", "math.tanh(2 * b[i]")
    assert verdicts(check(faulty, only="rnn_forward/single")) == {"rnn_forward": "wrong"}


def test_gradients_of_outputs_lie_as_states_do_and_an_activation_is_no_cell(check):
    assert verdicts(check(COLUMNS, only="single-float64")) == {"rnn_forward": "conforms", "rnn_backward": "conforms"}
    faulty = COLUMNS.replace("carry = self.Whh.T", "carry = self.Whh")
    assert verdicts(check(faulty, only="single-float64"))["rnn_backward"] == "wrong"


def test_targets_lie_as_states_do_where_inputs_are_turned(check):
    found = check(SQUARED, only="single-float64")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_backward": "conforms"}
    faulty = SQUARED.replace("carry = self.Whh.T", "carry = self.Whh")
    assert verdicts(check(faulty, only="single-float64"))["rnn_backward"] == "wrong"


def test_sizes_of_the_file_are_those_of_objects_and_gradients_that_a_step_clears_are_cleared(check):
    assert verdicts(check(CLEARED, only="single-float64")) == {"rnn_forward": "conforms", "rnn_bptt": "conforms"}
    piled = CLEARED.rpartition("        self.dWxh, self.dWhh = ")[0]
    assert verdicts(check(piled, only="single-float64"))["rnn_bptt"] == "wrong"


def test_states_are_read_in_a_cache_behind_a_probability_and_a_way_back_is_said_not_to_be_judged(check):
    found = check(IN_CACHE, only="rnn_forward/single")
    assert verdicts(found) == {"rnn_forward": "conforms"}
    assert "the way back is not judged: bptt" in found.notes


def test_what_returns_the_last_state_alone_gets_the_name_of_its_mistake(check):
    found = check(LAST_ALONE, only="rnn_forward").functions["rnn_forward"]
    assert (found.verdict, found.mistake) == ("wrong", "W_hh-transposed")


def test_rounding_is_told_by_its_decimals_if_that_is_all(check):
    rounded = LAST_ALONE.replace("Wh.T", "Wh").replace("return h", "return np.round(h, 4)")
    found = check(rounded, only="rnn_forward/generic").functions["rnn_forward"]
    assert (found.verdict, found.mistake) == ("low-precision", "low-precision")
    assert found.explanation == "right, but rounded to 4 decimals; round where it is shown"
    inside = rounded.replace("h = np.tanh(", "h = np.round(10 * np.tanh(").replace("+ b)", "+ b), 1) / 10")
    assert check(inside, only="rnn_forward/generic").functions["rnn_forward"].verdict == "wrong"


def test_sizes_outside_a_class_are_those_that_its_objects_are_made_with(check):
    found = check(NUMBERED.replace("WINDOW", "99"), only="single-float64")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_bptt": "conforms"}


@pytest.mark.slow
def test_a_window_is_named_though_a_longer_sequence_is_right(check):
    found = check(NUMBERED.replace("WINDOW", "4"), only="rnn_bptt").functions["rnn_bptt"]
    assert (found.mistake, "4 steps back from each" in found.explanation) == ("truncated", True)


def test_sizes_may_be_left_out_and_stand_in_a_class_of_their_own(check):
    assert verdicts(check(CONFIGURED, only="rnn_cell_step")) == {"rnn_cell_step": "conforms"}
    faulty = CONFIGURED.replace("state @ self.w_hh", "state @ self.w_hh.T")
    assert verdicts(check(faulty, only="rnn_cell_step")) == {"rnn_cell_step": "wrong"}


def test_a_batch_is_a_dict_with_the_inputs_in_it(check):
    assert verdicts(check(BATCH, only="generic-float64")) == {"rnn_forward": "conforms"}
    faulty = BATCH.replace('h @ params["Wh"]', 'h @ params["Wh"].T')
    assert verdicts(check(faulty, only="generic-float64")) == {"rnn_forward": "wrong"}


def test_what_bears_our_name_and_takes_others_tells_what_it_raises_or_is_not_read(check):
    found = check(OTHERWISE, only="generic-float64")
    assert verdicts(found) == {"rnn_forward": "crashed"}
    assert "matmul" in found.functions["rnn_forward"].explanation
    assert any("rnn_backward(layer, dA) as rnn_backward: its arguments" in note for note in found.notes)
