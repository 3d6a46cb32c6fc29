"""Functions that take tensors are read as they stand, forward; what they write into their arguments shows."""

import pytest
import torch

import rnn_ref


def unroll(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h = torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        outputs.append(h)
    return torch.stack(outputs), h


def in_place(x, h, w_ih, w_hh, b_ih, b_hh):
    outputs = []
    for x_t in x:
        h.copy_(torch.tanh(x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh))
        outputs.append(h.clone())
    return torch.stack(outputs), h


def batch_first_by_reshape(x, h, w_ih, w_hh, b):
    outputs = []
    for x_t in x.reshape(x.shape[1], x.shape[0], -1):
        h = torch.tanh(x_t @ w_ih.T + h @ w_hh.T + b)
        outputs.append(h)
    return torch.stack(outputs, 1)


@pytest.mark.parametrize(
    ("function", "verdict"), [(unroll, "conforms"), (in_place, "mutates-input"), (batch_first_by_reshape, "wrong")]
)
def test_tensors_are_handed_over_and_taken_out(function, verdict):
    report = rnn_ref.check({function.__name__: function})
    assert report.functions["rnn_forward"].verdict == verdict
    assert "torch tensors" in report.functions["rnn_forward"].reading
