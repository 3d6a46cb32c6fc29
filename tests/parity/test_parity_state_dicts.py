"""Code that takes the state dict of a PyTorch module: a class that makes arrays of it, a function with a prefix."""

import tempfile
import unittest
from pathlib import Path

from parity_expand import expand

import rnn_ref

CLASS = """
import numpy as np
import torch


class FromTorch:
    def __init__(self, state_dict):
        w = {key: value.detach().cpu().numpy() for key, value in state_dict.items()}
        self.W_ih, self.W_hh = w["weight_ih_l0"], w["weight_hh_l0"]
        self.b_ih, self.b_hh = w["bias_ih_l0"], w["bias_hh_l0"]

    def __call__(self, x, h0):
        out, h = [], h0[0]
        for t in range(x.shape[1]):
            h = np.tanh(x[:, t] @ self.W_ih.T + h @ self.W_hh.T + self.b_ih + self.b_hh)
            out.append(h)
        return np.stack(out, axis=1), h[None]
"""
FUNCTION = """
import numpy as np


def some(D, H):
    k = H ** -0.5
    of = {"rnn.weight_ih_l0": (H, D), "rnn.weight_hh_l0": (H, H), "rnn.bias_ih_l0": (H,), "rnn.bias_hh_l0": (H,)}
    return {name: np.random.uniform(-k, k, shape) for name, shape in of.items()}


def run(x, h, sd, prefix="rnn."):
    out = []
    for x_t in x:
        h = np.tanh(x_t @ sd[prefix + "weight_ih_l0"].T + h @ sd[prefix + "weight_hh_l0"].T
                    + sd[prefix + "bias_ih_l0"] + sd[prefix + "bias_hh_l0"])
        out.append(h)
    return np.stack(out), h
"""


TAKEN = {"class": (CLASS, " + self.b_hh"), "function": (FUNCTION, ' + sd[prefix + "bias_hh_l0"]')}


class StateDicts(unittest.TestCase):
    @expand([(name, name) for name in TAKEN])
    def test_it_is_read_and_a_bias_that_is_left_out_is_seen(self, name):
        text, second = TAKEN[name]
        self.assertEqual(text.count(second), 1)
        for one, verdict in ((text, "conforms"), (text.replace(second, ""), "wrong")):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "mine.py")
                path.write_text(one)
                found = rnn_ref.check(str(path), only="rnn_forward/*").functions["rnn_forward"]
            self.assertEqual(found.verdict, verdict, found.explanation)
