"""Classes are read with what they hold, and with gradients that they keep, or take off their weights at once."""

import sys
import types

import numpy as np
import pytest
from sampled import some

import rnn_ref

NET = """
import numpy as np

class Layer:
    def __init__(self, n_in, n_out):
        {made}

class Settings:
    pass

class Net:
    def __init__(self, {arguments}):
        {start}

    def forward(self, xs, h):
        {unpack}
        self.xs, self.hs, self.logp = xs, [h], []
        for x in xs:
            self.hs.append(np.tanh(Wx @ x + Wh @ self.hs[-1] + b))
            o = Wy @ self.hs[-1] + c
            self.logp.append(o - o.max() - np.log(np.exp(o - o.max()).sum()))
        return self.logp

    def backward(self, targets{rate}):
        {unpack}
        grads = [np.zeros_like(one) for one in (Wx, Wh, b, Wy, c)]
        carry = 0
        for t in reversed(range(len(self.xs))):
            d = np.exp(self.logp[t])
            {seed}
            dz = (Wy.T @ d + carry) * (1 - self.hs[t + 1] ** 2)
            carry = Wh.T @ dz
            for grad, one in zip(grads, (np.outer(dz, self.xs[t]), np.outer(dz, self.hs[t]), dz,
                                         np.outer(d, self.hs[t + 1]), d)):
                grad += one
        {end}
"""
SIZES = "n_in, n_hidden, n_out"
ARRAYS = "np.zeros((n_hidden, n_in)), np.zeros((n_hidden, n_hidden)), np.zeros(n_hidden)"
OUTPUT = "np.zeros((n_out, n_hidden)), np.zeros(n_out)"
PLAIN = {
    "made": "pass",
    "arguments": SIZES,
    "start": f"self.Wx, self.Wh, self.b = {ARRAYS}; self.Wy, self.c = {OUTPUT}",
    "unpack": "Wx, Wh, b, Wy, c = self.Wx, self.Wh, self.b, self.Wy, self.c",
    "rate": "",
    "seed": "d[targets[t]] -= 1",
    "end": "self.dWx, self.dWh, self.db, self.dWy, self.dc = grads",
}
UPDATE = "self.Wx -= {0} * grads[0]; self.Wh -= {0} * grads[1]; self.b -= {0} * grads[2]; self.Wy -= {0} * grads[3]; "
UPDATE += "self.c -= {0} * grads[4]"
PAIRS = "zip((self.Wx, self.Wh, self.b, self.Wy, self.c), grads, self.mems)"
FORMS = {
    "left on the object": {},
    "a list in an attribute": {
        "start": f"self.params = [{ARRAYS}, {OUTPUT}]; self.grads = [0] * 5",
        "unpack": "Wx, Wh, b, Wy, c = self.params",
        "end": "self.grads[:] = grads",
    },
    "a tuple in a dict": {
        "start": f"self.weights = {{'rnn': ({ARRAYS}), 'out': ({OUTPUT})}}",
        "unpack": "(Wx, Wh, b), (Wy, c) = self.weights['rnn'], self.weights['out']",
        "end": "return grads",
    },
    "objects": {
        "made": "self.W, self.b = np.zeros((n_out, n_in)), np.zeros(n_out)",
        "start": f"self.Wx, self.Wh, self.b = {ARRAYS}; self.out = Layer(n_hidden, n_out)",
        "unpack": "Wx, Wh, b, Wy, c = self.Wx, self.Wh, self.b, self.out.W, self.out.b",
        "end": "self.dWx, self.dWh, self.db, self.out.dW, self.out.db = grads",
    },
    "an object handed over": {
        "made": "self.W, self.b = np.zeros((11, 7)), np.zeros(11)",
        "arguments": "n_in, n_hidden, n_out, output_layer",
        "start": f"self.Wx, self.Wh, self.b = {ARRAYS}; self.out = output_layer",
        "unpack": "Wx, Wh, b, Wy, c = self.Wx, self.Wh, self.b, self.out.W, self.out.b",
        "end": "self.dWx, self.dWh, self.db, self.out.dW, self.out.db = grads",
    },
    "settings": {
        "arguments": "config",
        "start": f"n_in, n_hidden, n_out = config.n_in, config.n_hidden, config.n_out; {PLAIN['start']}",
    },
    "an update": {"rate": ", lr=0.1", "end": UPDATE.format("lr")},
    "an update at a rate of its own": {"start": f"self.eta = 0.1; {PLAIN['start']}", "end": UPDATE.format("self.eta")},
    "Adagrad": {
        "rate": ", lr=0.1",
        "start": f"self.mems = [{ARRAYS}, {OUTPUT}]; {PLAIN['start']}",
        "end": f"[(m.__iadd__(g * g), w.__isub__(lr * g / np.sqrt(m + 1e-8))) for w, g, m in {PAIRS}]",
    },
    "one-hot targets": {"seed": "d = d - targets[t]"},
}
WRONG = {
    "seed": ("- 1", "- 2"),
    "carry": ("carry = Wh.T", "carry = Wh"),
    "step": ("outer(dz, self.hs[t])", "outer(dz, self.hs[t + 1])"),
}


@pytest.fixture
def module(tmp_path, monkeypatch):
    """What makes a module of text, as a file that is imported."""

    def made(text):
        path = tmp_path / "foreign_net.py"
        path.write_text(text)
        module = types.ModuleType("foreign_net")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "foreign_net", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return module

    return made


def text_of(form):
    return NET.format(**(PLAIN | FORMS[form]))


@pytest.mark.parametrize("form", FORMS)
def test_a_way_back_is_read_whatever_holds_weights_and_gradients(module, form):
    found = rnn_ref.check(module(text_of(form)), only="single").functions["rnn_bptt"]
    assert found.verdict == "conforms", found


@pytest.mark.parametrize("form", some(FORMS, 1))
@pytest.mark.parametrize("fault", ["carry", "step"])
def test_a_fault_stays_one_in_every_form(module, form, fault):
    text = text_of(form)
    assert WRONG[fault][0] in text
    found = rnn_ref.check(module(text.replace(*WRONG[fault])), only="rnn_bptt/single").functions["rnn_bptt"]
    assert found.verdict == "wrong"


def test_what_changes_weights_by_more_than_gradients_is_not_read(module):
    momentum = {
        "rate": ", lr=0.1",
        "start": f"self.mems = [{ARRAYS}, {OUTPUT}]; {PLAIN['start']}",
        "end": f"[(m.__imul__(0.9), m.__iadd__(g), w.__isub__(lr * m)) for w, g, m in {PAIRS}]",
    }
    report = rnn_ref.check(module(NET.format(**(PLAIN | momentum))), only="single")
    assert report.functions["rnn_bptt"].verdict == "missing"


def test_a_method_that_tells_the_loss_and_one_that_goes_back_are_one_way(module):
    text = text_of("left on the object").replace("backward(self, targets)", "backward(self)")
    text = (
        text.replace("targets[t]", "self.targets[t]")
        + """
    def loss(self, xs, targets, h):
        self.targets = targets
        return -sum(row[one] for row, one in zip(self.forward(xs, h), targets))
"""
    )
    found = rnn_ref.check(module(text), only="single").functions["rnn_bptt"]
    assert found.verdict == "conforms"
    assert "Net.loss, backward" in found.reading


def test_a_step_does_not_pass_for_what_a_model_keeps(module):
    found = rnn_ref.check(module(text_of("objects")), only="single")
    assert found.functions["rnn_cell_step"].verdict == "missing"
    assert np.all([one.verdict in {"conforms", "missing"} for one in found.functions.values()])
