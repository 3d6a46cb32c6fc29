"""Functions that take tensors are read as they stand, forward; what they write into their arguments shows."""

import importlib.util

import pytest

import rnn_ref

FILES = {
    "conforms": """
import torch

def unroll(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h
""",
    "mutates-input": """
import torch

def in_place(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h.copy_(torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
        outputs.append(h.clone())
    return torch.stack(outputs), h
""",
    "wrong": """
import torch

def batch_first_by_reshape(x, h, w_ih, w_hh, b):
    outputs = []
    for x_t in x.reshape(x.shape[1], x.shape[0], -1):
        h = torch.tanh(x_t @ w_ih.T + h @ w_hh.T + b)
        outputs.append(h)
    return torch.stack(outputs, 1)
""",
}


@pytest.mark.parametrize("verdict", FILES)
def test_tensors_are_handed_over_and_taken_out(verdict, tmp_path):
    (tmp_path / "theirs.py").write_text(FILES[verdict], "utf-8")
    found = rnn_ref.check(str(tmp_path / "theirs.py")).functions["rnn_forward"]
    assert found.verdict == verdict
    assert "torch tensors" in found.reading


LOSSES = {
    "torch": """
import torch
import torch.nn.functional as F

def loss_and_gradient(logits, targets):
    logits = logits.detach().requires_grad_()
    loss = F.cross_entropy(logits.reshape(-1, logits.shape[-1]), targets.reshape(-1), reduction="sum")
    loss.backward()
    return loss, logits.grad
""",
    "jax": """
import jax
from jax import numpy as jnp

def nll(logits, labels):
    return -jax.nn.log_softmax(logits)[jnp.arange(len(labels)), labels].mean()
""",
}


def verdicts_of(path, text):
    path.write_text(text, "utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return rnn_ref.check({**vars(module), "__name__": path.stem}, only="cross_entropy*/single*").functions


@pytest.mark.parametrize("framework", LOSSES)
def test_losses_of_tensors_are_read(framework, tmp_path):
    pytest.importorskip(framework)
    found = verdicts_of(tmp_path / "theirs.py", LOSSES[framework])
    assert found["cross_entropy"].verdict == "conforms"
    assert framework in found["cross_entropy"].reading
    if framework == "torch":
        assert found["cross_entropy_backward"].verdict == "conforms"
        averaged = LOSSES[framework].replace("return loss, logits.grad", "return loss, logits.grad / len(targets)")
        found = verdicts_of(tmp_path / "wrong.py", averaged)
        assert found["cross_entropy_backward"].verdict in {"wrong", "right-but"}
