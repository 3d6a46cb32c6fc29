"""What a loss has beside the loss: a penalty on weights, one-hot rows; and what a layer has kept of its first call."""

import sys
import types

import pytest

import rnn_ref

MODEL = """
import numpy as np

class Model:
    def __init__(self, D, H, C, reg=1e-3):
        self.reg = reg
        self.params = {"Wx": np.ones((D, H)), "Wh": np.ones((H, H)), "b": np.zeros(H), "Wc": np.ones((H, C))}

    def loss(self, X, y):
        p, hs = self.params, [np.zeros((len(X), len(self.params["b"])))]
        for t in range(X.shape[1]):
            hs.append(np.tanh(X[:, t, :] @ p["Wx"] + hs[-1] @ p["Wh"] + p["b"]))
        z = hs[-1] @ p["Wc"]
        q = np.exp(z - z.max(axis=1, keepdims=True))
        q /= q.sum(axis=1, keepdims=True)
        loss = -np.log(q[np.arange(len(y)), y]).sum()
        loss += 0.5 * self.reg * sum(np.sum(p[k] ** 2) for k in ("Wx", "Wh", "Wc"))
        d = q.copy()
        d[np.arange(len(y)), y] -= 1
        grads = {k: np.zeros_like(v) for k, v in p.items()}
        grads["Wc"] = hs[-1].T @ d
        dh = d @ p["Wc"].T
        for t in reversed(range(X.shape[1])):
            da = dh * (1 - hs[t + 1] ** 2)
            grads["Wx"] += X[:, t, :].T @ da
            grads["Wh"] += hs[t].T @ da
            grads["b"] += da.sum(axis=0)
            dh = da @ p["Wh"].T
        for k in ("Wx", "Wh", "Wc"):
            grads[k] += self.reg * p[k]
        return loss, grads
"""
LAYER = """
import numpy as np

class Layer:
    def __init__(self):
        self.built = False

    def __call__(self, x):
        if not self.built:
            self.build(x.shape)
            self.built = True
        return self.call(x)

class SimpleRNN(Layer):
    def __init__(self, units):
        super().__init__()
        self.units, self.weights = units, {}

    def build(self, shape):
        self.weights = {"kernel": np.ones((shape[-1], self.units)), "recurrent_kernel": np.ones((self.units,) * 2),
                        "bias": np.zeros(self.units)}

    def call(self, x):
        W, U, b = self.weights.values()
        self._x, h, states = x, np.zeros((len(x), self.units)), []
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ W + h @ U + b)
            states.append(h)
        return np.stack(states, axis=1)
"""
ONE_HOT = """
import numpy as np

def softmax_loss(logits, labels):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.sum(np.eye(logits.shape[1])[labels] * log_p) / len(labels)
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "penalties.py"
        path.write_text(text)
        module = types.ModuleType("penalties")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "penalties", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


@pytest.mark.slow
def test_a_penalty_that_stands_in_the_loss_weighs_nothing_and_one_in_gradients_alone_is_a_mistake(check):
    found = check(MODEL, only="rnn_bptt/generic-float64").functions["rnn_bptt"]
    assert (found.verdict, "reg=0.0" in found.reading) == ("conforms", True)
    alone = "\n".join(line for line in MODEL.splitlines() if "loss += 0.5" not in line)
    found = check(alone, only="rnn_bptt/generic-float64").functions["rnn_bptt"]
    assert (found.verdict, found.mistake) == ("wrong", "weight-decay")


def test_inputs_that_a_layer_has_kept_are_no_weight(check):
    assert check(LAYER, only="rnn_forward/generic-float64").functions["rnn_forward"].verdict == "conforms"
    faulty = LAYER.replace("h @ U", "h @ U.T")
    assert check(faulty, only="rnn_forward/generic-float64").functions["rnn_forward"].verdict == "wrong"


def test_one_hot_rows_times_logarithms_are_right_while_these_are_finite(check):
    found = check(ONE_HOT, only="cross_entropy").functions["cross_entropy"]
    assert (found.verdict, found.mistakes) == ("right-but", ["zero-times-infinity"])
