"""Objects: how their weights come to them, which states they keep, and what their last output is held against."""

import sys
import types

import pytest

import rnn_ref
from rnn_ref.conformance.errors import TargetError

TOLD_WEIGHTS = """
import numpy as np

class Cell:
    def __init__(self, d, h):
        self.U = self.R = self.bx = self.br = self.dU = self.dR = self.dbx = self.dbr = None

    def set_parameters(self, W_ih, W_hh, b_ih, b_hh):
        self.U, self.R, self.bx, self.br = W_ih, W_hh, b_ih, b_hh

    def zero_grad(self):
        self.dU, self.dR = np.zeros(self.U.shape), np.zeros(self.R.shape)
        self.dbx, self.dbr = np.zeros(self.bx.shape), np.zeros(self.br.shape)

    def forward(self, x, h_prev_t):
        return np.tanh(self.U @ x.T + self.R @ h_prev_t.T + (self.bx + self.br)[:, None]).T

    def backward(self, delta, h, h_prev_l, h_prev_t):
        inner = (1 - h * h) * delta
        self.dU += inner.T @ h_prev_l
        self.dR += inner.T @ h_prev_t
        self.dbx += inner.sum(0)
        self.dbr += inner.sum(0)
        return inner @ self.U, inner @ self.R
"""
BOTH_WAYS = """
import numpy as np

class BothWays:
    def __init__(self, i, h, o):
        self.Whf, self.Whb, self.Wy = np.ones((i + h, h)), np.ones((i + h, h)), np.ones((2 * h, o))
        self.bhf, self.bhb, self.by = np.zeros((1, h)), np.zeros((1, h)), np.zeros((1, o))

    def forward(self, h_prev, x_t):
        return np.tanh(np.hstack((h_prev, x_t)) @ self.Whf + self.bhf)

    def backward(self, h_next, x_t):
        return np.tanh(np.hstack((h_next, x_t)) @ self.Whb + self.bhb)
"""
LAST_ROW = """
import numpy as np

class ToOne:
    def __init__(self, in_dim, nodes, n_outputs):
        self.Wx, self.Wh, self.bh = np.ones((in_dim, nodes)), np.ones((nodes, nodes)), np.zeros(nodes)
        self.Wy, self.by = np.ones((nodes, n_outputs)), np.zeros(n_outputs)

    def forward(self, seq):
        self.seq, self.h = seq, np.zeros((len(seq) + 1, len(self.bh)))
        for t, x in enumerate(seq):
            self.h[t] = np.tanh(x @ self.Wx + self.h[t - 1] @ self.Wh + self.bh)
        scores = np.exp(self.h[len(seq) - 1] @ self.Wy + self.by)
        self.p = scores / scores.sum()
        return self.p

    def backward(self, y):
        d = self.p.copy()
        d[y] -= 1
        dWx, dWh, dbh = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.bh)
        dWy, dby = np.outer(self.h[len(self.seq) - 1], d), d
        carry = self.Wy @ d
        for t in range(len(self.seq) - 1, -1, -1):
            inner = carry * (1 - self.h[t] ** 2)
            dWx += np.outer(self.seq[t], inner)
            dWh += np.outer(self.h[t - 1], inner)
            dbh += inner
            carry = self.Wh @ inner
        return dWx, dWh, dbh, dWy, dby
"""
ROWS = """
import numpy as np

class Rows:
    def __init__(self, input_dim, hidden_dim):
        self.Wx, self.Wh = np.ones((input_dim, hidden_dim)), np.ones((hidden_dim, hidden_dim))
        self.b = np.zeros((1, hidden_dim))
        self.dWx, self.dWh, self.db = (np.zeros_like(one) for one in (self.Wx, self.Wh, self.b))

    def forward(self, x_seq):
        self.x_seq, self.kept = x_seq, {-1: np.zeros_like(self.b)}
        out = np.zeros((len(x_seq), self.b.shape[1]))
        for t in range(len(x_seq)):
            out[t] = self.kept[t] = np.tanh(x_seq[t:t + 1] @ self.Wx + self.kept[t - 1] @ self.Wh + self.b)
        return out

    def backward(self, dh_out):
        below, carry = np.zeros_like(self.x_seq), np.zeros_like(self.b)
        self.dWx, self.dWh, self.db = (np.zeros_like(one) for one in (self.Wx, self.Wh, self.b))
        for t in range(len(dh_out) - 1, -1, -1):
            inner = (dh_out[t:t + 1] + carry) * (1 - self.kept[t] ** 2)
            self.dWx += self.x_seq[t:t + 1].T @ inner
            self.dWh += self.kept[t - 1].T @ inner
            self.db += inner
            carry, below[t] = inner @ self.Wh.T, inner @ self.Wx.T
        return below
"""
TWO_CLASSES = """
import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

class TwoClasses:
    def __init__(self, vocab_size, hidden_size, output_size):
        self.Wx, self.Wh = np.ones((hidden_size, vocab_size)), np.ones((hidden_size, hidden_size))
        self.Wy, self.bh, self.by = np.ones((output_size, hidden_size)), np.zeros(hidden_size), np.zeros(output_size)

    def forward(self, inputs):
        h = np.zeros(len(self.bh))
        {keep}
        for t, one in enumerate(inputs):
            h = np.tanh(self.Wx[:, one] + self.Wh @ h + self.bh)
            {store}
        return sigmoid(self.Wy @ h + self.by)
"""
WORDS = """
import numpy as np

class Words:
    def __init__(self, word_dim, hidden_dim):
        self.word_dim, self.hidden_dim = word_dim, hidden_dim
        self.U, self.V = np.ones((hidden_dim, word_dim)), np.ones((word_dim, hidden_dim))
        self.W = np.ones((hidden_dim, hidden_dim))

    def run(self, x):
        s, o = np.zeros((len(x) + 1, self.hidden_dim)), np.zeros((len(x), self.word_dim))
        for t, word in enumerate(x):
            s[t] = np.tanh(self.U[:, word] + self.W @ s[t - 1])
            o[t] = np.exp(self.V @ s[t]) / np.exp(self.V @ s[t]).sum()
        return o, s
"""

LETTERS = """
import numpy as np

class Letters:
    def __init__(self, vocab_size, hidden_size):
        self.Wx, self.Wh = np.ones((hidden_size, vocab_size)), np.ones((hidden_size, hidden_size))
        self.Wy, self.bh, self.by = np.ones((vocab_size, hidden_size)), np.zeros(hidden_size), np.zeros(vocab_size)

    def loss_and_grads(self, inputs, targets, h_prev):
        hs, ps, loss = {-1: h_prev}, {}, 0.0
        for t, one in enumerate(inputs):
            hs[t] = np.tanh(self.Wx[:, one] + self.Wh @ hs[t - 1] + self.bh)
            ps[t] = np.exp(self.Wy @ hs[t] + self.by)
            ps[t] /= ps[t].sum()
            loss -= np.log(ps[t][targets[t]] + 1e-12)
        grads = {name: np.zeros_like(getattr(self, name)) for name in ("Wx", "Wh", "Wy", "bh", "by")}
        carry = np.zeros_like(h_prev)
        for t in reversed(range(len(inputs))):
            d = ps[t].copy()
            d[targets[t]] -= 1
            inner = (self.Wy.T @ d + carry) * (1 - hs[t] ** 2)
            carry = self.Wh.T @ inner
            grads["Wx"][:, inputs[t]] += inner
            grads["Wh"] += np.outer(inner, hs[t - 1])
            grads["Wy"] += np.outer(d, hs[t])
            grads["bh"] += inner
            grads["by"] += d
        for one in grads.values():
            np.clip(one, -5, 5, out=one)
        return loss, grads, hs[len(inputs) - 1]
"""

SQUARED = """
import numpy as np

class Squared:
    def __init__(self, input_size, hidden_size, output_size):
        self.Wx, self.Wh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))
        self.Wy, self.bh, self.by = np.ones((output_size, hidden_size)), np.zeros(hidden_size), np.zeros(output_size)

    def forward(self, xs):
        self.hs = [np.zeros(len(self.bh))]
        for x in xs:
            self.hs.append(np.tanh(self.Wx @ x + self.Wh @ self.hs[-1] + self.bh))
        return [self.Wy @ h + self.by for h in self.hs[1:]]

    def learn(self, xs, targets, lr):
        ys = self.forward(xs)
        grads = [np.zeros_like(one) for one in (self.Wx, self.Wh, self.bh, self.Wy, self.by)]
        carry = np.zeros(len(self.bh))
        for t in reversed(range(len(xs))):
            d = ys[t] - targets[t]
            inner = (self.Wy.T @ d + carry) * (1 - self.hs[t + 1] ** 2)
            carry = self.Wh.T @ inner
            for grad, one in zip(grads, (np.outer(inner, xs[t]), np.outer(inner, self.hs[t]), inner,
                                         np.outer(d, self.hs[t + 1]), d)):
                grad += one
        for weight, grad in zip((self.Wx, self.Wh, self.bh, self.Wy, self.by), grads):
            weight -= lr * np.clip(grad, -5, 5)
"""

FROM_OUTPUT = """
import numpy as np

class FromOutput:
    def __init__(self, input_size, output_size, hidden_size=64):
        self.Wx, self.Wh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))
        self.Wy, self.bh, self.by = np.ones((output_size, hidden_size)), np.zeros((hidden_size, 1)), np.zeros((1, 1))

    def forward(self, inputs):
        h = np.zeros((len(self.Wh), 1))
        self.last_inputs, self.last_hs = inputs, {0: h}
        for t, x in enumerate(inputs):
            h = self.last_hs[t + 1] = np.tanh(self.Wx @ x + self.Wh @ h + self.bh)
        return self.Wy @ h

    def backprop(self, d_y, learn_rate=2e-2):
        last = len(self.last_inputs)
        dWx, dWh, dbh = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.bh)
        carry = self.Wy.T @ d_y
        for t in range(last - 1, -1, -1):
            inner = carry * (1 - self.last_hs[t + 1] ** 2)
            dWx += inner @ self.last_inputs[t].T
            dWh += inner @ self.last_hs[t].T
            dbh += inner
            carry = self.Wh.T @ inner
        self.Wy -= learn_rate * d_y @ self.last_hs[last].T
        self.Wx -= learn_rate * dWx
        self.Wh -= learn_rate * dWh
        self.bh -= learn_rate * dbh
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "foreign_objects.py"
        path.write_text(text)
        module = types.ModuleType("foreign_objects")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "foreign_objects", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}


def test_weights_that_a_method_is_told_are_set(check):
    found = check(TOLD_WEIGHTS, only="cell")
    assert verdicts(found) == {"rnn_cell_step": "conforms", "rnn_cell_backward": "conforms"}


def test_a_fault_of_such_a_cell_is_found(check):
    found = check(TOLD_WEIGHTS.replace("inner.T @ h_prev_t", "inner.T @ h"), only="cell")
    assert verdicts(found)["rnn_cell_backward"] == "wrong"


def test_a_direction_has_the_weights_that_its_method_names(check):
    found = check(BOTH_WAYS, only="rnn_cell_step")
    assert verdicts(found) == {"rnn_cell_step": "conforms"}
    assert verdicts(check(BOTH_WAYS.replace("@ self.Whf", "@ self.Whf * 0.5"), only="rnn_cell_step")) == {
        "rnn_cell_step": "wrong"
    }


def test_the_zero_state_in_the_last_row_is_known_where_the_first_state_is_zero_too(check):
    assert verdicts(check(LAST_ROW, only="rnn_forward")) == {"rnn_forward": "conforms"}


def test_one_class_stands_for_the_last_step(check):
    found = check(LAST_ROW, only="rnn_bptt")
    assert verdicts(found) == {"rnn_bptt": "conforms"}
    assert "targets of the last step alone" in found.functions["rnn_bptt"].reading


@pytest.mark.parametrize("fault", [("carry = self.Wh @ inner", "carry = self.Wh @ inner + self.Wy @ d"),
                                   ("outer(self.h[t - 1]", "outer(self.h[t]")])  # fmt: skip
def test_a_fault_behind_the_last_output_is_found(check, fault):
    assert verdicts(check(LAST_ROW.replace(*fault), only="rnn_bptt")) == {"rnn_bptt": "wrong"}


def test_a_row_for_each_step_is_taken_of_a_matrix(check):
    found = check(ROWS, only="single")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_backward": "conforms"}
    faulty = check(ROWS.replace("inner @ self.Wh.T", "inner @ self.Wh"), only="rnn_backward/single")
    assert verdicts(faulty) == {"rnn_backward": "wrong"}


def test_states_are_read_where_they_are_kept_not_behind_a_sigmoid(check):
    kept = TWO_CLASSES.format(keep="self.last_hs = {0: h}", store="self.last_hs[t + 1] = h")
    assert verdicts(check(kept, only="rnn_forward/single")) == {"rnn_forward": "conforms"}
    with pytest.raises(TargetError, match=r"TwoClasses\.forward"):
        check(TWO_CLASSES.format(keep="pass", store="pass"), only="rnn_forward/single")


def test_an_output_layer_without_a_bias_may_have_the_classes_of_the_inputs(check):
    found = check(WORDS, only="rnn_forward")
    assert verdicts(found) == {"rnn_forward": "conforms"}


@pytest.mark.parametrize("made", ["count = len(words)", "count = len(set(words))"])
def test_words_that_are_handed_over_are_the_classes_each_or_those_that_differ(check, made):
    head = f"""    def __init__(self, words, hidden_dim):
        {made}
        word_dim = count
"""
    found = check(WORDS.replace("    def __init__(self, word_dim, hidden_dim):\n", head), only="rnn_forward/single")
    assert verdicts(found) == {"rnn_forward": "conforms"}


def test_weights_are_made_by_a_method_that_is_told_a_text(check):
    first = "    def __init__(self, hidden_dim):\n        self.hidden_dim, self.U = hidden_dim, None\n\n"
    build = (
        f"{first}    def init_weights(self, text):\n        word_dim, hidden_dim = len(set(text)), self.hidden_dim\n"
    )
    found = check(WORDS.replace("    def __init__(self, word_dim, hidden_dim):\n", build), only="rnn_forward/single")
    assert verdicts(found) == {"rnn_forward": "conforms"}


def test_of_what_cannot_be_read_its_own_exception_is_told(check):
    text = """
import numpy as np

class Net:
    def __init__(self, input_size, hidden_size, output_size):
        self.Wx, self.Wh = np.ones((hidden_size, input_size)), np.ones((hidden_size, hidden_size))

    def forward(self, xs):
        hs = {}
        for t, x in enumerate(xs):
            inner = self.Wx @ x
            hs[t] = np.tanh(inner + self.Wh @ hs[t - 1])
        return hs
"""
    with pytest.raises(TargetError, match=r"KeyError: -1"):
        check(text)


def test_a_loss_that_bears_its_name_does_not_hide_a_class_of_a_file_that_asks_for_input(tmp_path):
    path = tmp_path / "asks.py"
    extra = "\ndef cross_entropy(p, y):\n    return -np.log(p[y])\n\nwords = input()\n"
    path.write_text(WORDS + extra)
    found = rnn_ref.check(str(path), only="rnn_forward/single")
    assert verdicts(found)["rnn_forward"] == "conforms"


def test_what_is_written_out_is_judged_beside_a_network_of_a_framework(tmp_path):
    pytest.importorskip("torch")  # without it a note says that its import was left out
    path = tmp_path / "both.py"
    twin = """
import torch

class Twin(torch.nn.Module):
    def __init__(self, d, h):
        super().__init__()
        self.rnn = torch.nn.RNN(d, h)

    def forward(self, x):
        return self.rnn(x)[0]
"""
    path.write_text(LAST_ROW.replace("self.Wh @ inner", "self.Wh.T @ inner") + twin)
    found = rnn_ref.check(str(path), only="rnn_bptt/single")
    assert verdicts(found)["rnn_bptt"] == "wrong"
    assert any("not judged: Twin" in note for note in found.notes)


def test_a_tiny_constant_in_the_logarithm_is_named_beside_a_bound(check):
    found = check(LETTERS, only="rnn_bptt").functions["rnn_bptt"]
    assert set(found.mistakes) == {"gradients-clipped", "log-epsilon"}
    assert "(1e-12 is added)" in found.explanation


def test_nothing_is_clipped_that_is_as_large_as_is_due(check):
    found = check(LETTERS.replace("np.clip(one, -5, 5, out=one)", "pass"), only="rnn_bptt").functions["rnn_bptt"]
    assert found.mistakes == ["log-epsilon"]


def test_a_squared_error_whose_gradients_are_clipped_is_right_but_for_that(check):
    found = check(SQUARED, only="rnn_backward").functions["rnn_backward"]
    assert (found.verdict, found.mistakes) == ("right-but", ["gradients-clipped"])
    assert "clipped at 5" in found.explanation
    wrong = check(SQUARED.replace("self.Wh.T @ inner", "self.Wh @ inner"), only="rnn_backward/single")
    assert verdicts(wrong) == {"rnn_backward": "wrong"}


def test_a_second_network_is_said_not_to_be_judged(check):
    second = ROWS.replace("class Rows", "class Others").replace("self.kept[t - 1] @", "-self.kept[t - 1] @")
    found = check(ROWS + second, only="rnn_forward/single")
    assert "not judged: Others.forward" in found.notes
    assert "not judged: Others.forward" in found.to_text().splitlines()[-2]


def test_a_way_back_from_the_last_output_is_read(check):
    found = check(FROM_OUTPUT, only="rnn_backward")
    assert verdicts(found) == {"rnn_backward": "conforms"}
    assert "the gradient of the last output alone" in found.functions["rnn_backward"].reading


@pytest.mark.parametrize("fault", [("self.Wh.T @ inner", "self.Wh @ inner"), ("dbh += inner", "dbh = inner")])
def test_a_fault_on_the_way_back_from_the_last_output_is_found(check, fault):
    assert verdicts(check(FROM_OUTPUT.replace(*fault), only="rnn_backward/single")) == {"rnn_backward": "wrong"}


def test_a_step_of_descent_is_no_way_back(check):
    descent = """
    def step(self, grads):
        for weight, grad in zip((self.Wx, self.Wh, self.bh, self.Wy, self.by), grads):
            weight -= 0.1 * grad
"""
    start = "class ToOne:\n    def __init__(self, in_dim, nodes, n_outputs):\n"
    text = LAST_ROW.replace(start, f"{start}        self.lr = 0.1\n").replace("0.1 * grad", "self.lr * grad")
    found = check(text + descent.replace("0.1 * grad", "self.lr * grad"), only="single")
    assert verdicts(found) == {"rnn_forward": "conforms", "rnn_bptt": "conforms"}


PARAMETERS = """
import numpy as np

class Param:
    def __init__(self, value):
        self.value, self.grad = value, np.zeros_like(value)

class Net:
    def __init__(self, inputs, hiddens):
        self.Wx = Param(np.random.randn(inputs, hiddens))
        self.w_ch = Param(np.random.randn(hiddens, hiddens))
        self.b = Param(np.zeros(hiddens))

    def forward(self, x, h0):
        self.x, self.h = x, np.zeros((x.shape[0], x.shape[1] + 1, h0.shape[1]))
        self.h[:, -1] = h0
        for t in range(x.shape[1]):
            self.h[:, t] = np.tanh(x[:, t] @ self.Wx.value + self.h[:, t - 1] @ self.w_ch.value + self.b.value)
        return self.h[:, :-1]

    def backward(self, dh):
        dx, dprev = np.zeros_like(self.x), 0
        for t in reversed(range(dh.shape[1])):
            dz = (dh[:, t] + dprev) * (1 - self.h[:, t] ** 2)
            self.Wx.grad += self.x[:, t].T @ dz
            self.w_ch.grad += self.h[:, t - 1].T @ dz
            self.b.grad += dz.sum(axis=0)
            dx[:, t], dprev = dz @ self.Wx.value.T, dz @ self.w_ch.value.T
        return dx, dprev
"""


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [("", "", None), ("dz @ self.w_ch.value.T", "dz @ self.w_ch.value", "dh-next-untransposed")],
)
def test_gradients_that_parameters_hold_may_add_up(old, new, slug, tmp_path):
    (tmp_path / "net.py").write_text(PARAMETERS.replace(old, new) if old else PARAMETERS, "utf-8")
    report = rnn_ref.check(str(tmp_path / "net.py"))
    found = {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
    assert found == {"rnn_forward": "conforms", "rnn_backward": "wrong" if slug else "conforms"}, str(report)
    assert report.functions["rnn_backward"].mistake == slug
