"""Functions that take tensors are read as they stand, forward; what they write into their arguments shows."""

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
