"""A class with an embedding whose rows are joined to the state, made with settings, and one that is to be filled in."""

import sys
import types

import pytest

import rnn_ref

MODEL = """
from dataclasses import dataclass

import numpy as np

@dataclass
class Config:
    vocab: int
    emb: int = 8
    hidden: int = 16
    lr: float = 0.5
    clip_norm: float = 0.1

class Model:
    def __init__(self, cfg: Config):
        self.cfg = cfg
        self.params = {
            "E": np.ones((cfg.vocab, cfg.emb)),
            "W": np.ones((cfg.emb + cfg.hidden, cfg.hidden)),
            "b": np.zeros(cfg.hidden),
            "Wo": np.ones((cfg.hidden, cfg.vocab)),
            "bo": np.zeros(cfg.vocab),
        }

    def forward(self, tokens, h0=None):
        p, (B, T) = self.params, tokens.shape
        h = np.zeros((B, self.cfg.hidden)) if h0 is None else h0
        logits, tape = [], []
        for t in range(T):
            xh = np.concatenate([p["E"][tokens[:, t]], h], axis=1)
            h = np.tanh(xh @ p["W"] + p["b"])
            logits.append(h @ p["Wo"] + p["bo"])
            tape.append((tokens[:, t], xh, h))
        return np.stack(logits, axis=1), h, tape

    def backward(self, dlogits, tape):
        p, emb = self.params, self.cfg.emb
        grads = {k: np.zeros_like(v) for k, v in p.items()}
        dh = np.zeros_like(tape[-1][2])
        for t in reversed(range(len(tape))):
            tok, xh, h = tape[t]
            grads["Wo"] += h.T @ dlogits[:, t]
            grads["bo"] += dlogits[:, t].sum(axis=0)
            da = (dh + dlogits[:, t] @ p["Wo"].T) * (1 - h * h)
            grads["W"] += xh.T @ da
            grads["b"] += da.sum(axis=0)
            dxh = da @ p["W"].T
            np.add.at(grads["E"], tok, dxh[:, :emb])
            dh = dxh[:, emb:]
        return grads

    def step(self, tokens, targets, h0=None):
        logits, h, tape = self.forward(tokens, h0)
        shifted = logits - logits.max(axis=-1, keepdims=True)
        logp = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        loss = -np.take_along_axis(logp, targets[..., None], axis=-1).sum()
        dlogits = np.exp(logp)
        np.put_along_axis(dlogits, targets[..., None], np.take_along_axis(dlogits, targets[..., None], -1) - 1, -1)
        grads = self.backward(dlogits, tape)
        norm = np.sqrt(sum((g ** 2).sum() for g in grads.values()))
        scale = min(1.0, self.cfg.clip_norm / (norm + 1e-6))
        for k, g in grads.items():
            self.params[k] -= self.cfg.lr * scale * g
        return loss, h
"""
HOOKS = """
import numpy as np

class Base:
    def __init__(self, U, W):
        self.u, self.w = np.asarray(U), np.asarray(W)

    def activate(self, x):
        return x

    def run(self, x):
        states = np.zeros([len(x) + 1, self.u.shape[0]])
        for t, one in enumerate(x):
            states[t] = self.activate(self.u.dot(one) + self.w.dot(states[t - 1]))
        return states[:-1]

class Net(Base):
    def activate(self, x):
        return np.tanh(x)
"""


@pytest.fixture
def check(tmp_path, monkeypatch):
    """What checks a text, as a file that is imported."""

    def checked(text, **options):
        path = tmp_path / "looked_up.py"
        path.write_text(text)
        module = types.ModuleType("looked_up")
        module.__file__ = str(path)
        monkeypatch.setitem(sys.modules, "looked_up", module)
        exec(compile(text, str(path), "exec"), vars(module))
        return rnn_ref.check(module, **options)

    return checked


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}


@pytest.mark.slow
def test_rows_that_are_looked_up_may_be_joined_to_the_state_and_learn_too(check):
    found = check(MODEL, only="generic-float64")
    assert verdicts(found) == dict.fromkeys(("rnn_forward", "rnn_backward", "rnn_bptt"), "conforms")
    faulty = MODEL.partition("    def step")[0].replace("(1 - h * h)", "(1 - h)")
    found = check(faulty, only="rnn_backward/generic-float64")
    assert verdicts(found) == {"rnn_backward": "wrong"}


def test_a_class_whose_method_is_to_be_filled_in_is_not_judged_the_one_below_it_is(check):
    found = check(HOOKS, only="rnn_forward/single-float64").functions["rnn_forward"]
    assert (found.verdict, found.reading[:7]) == ("conforms", "Net.run")
    faulty = HOOKS.replace("np.tanh(x)", "1 / (1 + np.exp(-1)) + 0 * x")
    assert check(faulty, only="rnn_forward/single-float64").functions["rnn_forward"].verdict == "wrong"
