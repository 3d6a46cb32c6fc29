"""Gradients that reach a module's memory at every step: of a few calls, each going on where the last one ended."""

import unittest
from unittest import mock

import numpy as np
from parity_torch import torch

import rnn_ref
from rnn_ref.conformance.targets.artefacts.modules import read
from rnn_ref.conformance.targets.artefacts.modules.classes import functions_of

T, B, D, H = 7, 3, 2, 4


class Written(torch.nn.Module):
    """An LSTM by hand; ``skips`` is a step, counted from a call's beginning, at which half of the memory is lost."""

    steps, skips = 0, None

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = torch.nn.Parameter(torch.randn(input_size, 4 * hidden_size))
        self.U = torch.nn.Parameter(torch.randn(hidden_size, 4 * hidden_size))
        self.b = torch.nn.Parameter(torch.randn(4 * hidden_size))

    def forward(self, x, state):
        h, c = state
        shown = []
        for t, x_t in enumerate(x):
            type(self).steps += 1
            i, f, g, o = (x_t @ self.W + h @ self.U + self.b).chunk(4, -1)
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            c = c / 2 if t == self.skips else c
            h = torch.sigmoid(o) * torch.tanh(c)
            shown.append(h)
        return torch.stack(shown), (h, c)


class Skipping(Written):
    skips = 3


def problem():
    rng = np.random.default_rng(5)
    X, h0, c0 = rng.normal(size=(T, B, D)), rng.normal(size=(B, H)), rng.normal(size=(B, H))
    weights = rng.normal(size=(4 * H, D)), rng.normal(size=(4 * H, H)) / 2, rng.normal(size=4 * H)
    states, memories = (np.stack(one) for one in rnn_ref.lstm_forward(X, h0, c0, *weights))
    above = rng.normal(size=(2, T, B, H))
    above[1, [1, 4]] = 0
    return (*above, states, memories, X, h0, c0, *weights)


class MemoryGradients(unittest.TestCase):
    def test_they_are_the_reference_s_and_no_step_is_run_again_and_again(self):
        given = problem()
        back = functions_of(Written)["lstm_backward"]
        Written.steps = 0
        found = back(*given)
        self.assertLessEqual(Written.steps, 2 * T)
        for name, gradient in rnn_ref.lstm_backward(*given)._asdict().items():
            np.testing.assert_allclose(found[name.removeprefix("d")], gradient, atol=1e-12, err_msg=name)

    def test_what_is_not_the_same_in_pieces_is_run_from_the_beginning(self):
        given = problem()
        found = functions_of(Skipping)["lstm_backward"](*given)
        with mock.patch.object(read, "close", return_value=False):
            whole = functions_of(Skipping)["lstm_backward"](*given)
        with mock.patch.object(read, "close", return_value=True):
            pieces = functions_of(Skipping)["lstm_backward"](*given)
        for name, gradient in whole.items():
            np.testing.assert_allclose(found[name], gradient, atol=1e-12, err_msg=name)
        self.assertGreater(np.abs(pieces["X_seq"] - whole["X_seq"]).max(), 1e-3)
