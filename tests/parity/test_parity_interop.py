"""Weights go to PyTorch and come back unharmed, and what is not covered is refused before anything is written."""

import unittest
from itertools import product

import numpy as np
import parity_terms as magnitudes
from parity_compare import Compared, check
from parity_expand import expand
from parity_grid import DTYPES, Spec
from parity_torch import module, run, snapshot

import rnn_ref
from rnn_ref.interop import from_torch, to_torch

D, H, V = 6, 7, 11
RECURRENT, LINEAR = ("W_xh", "W_hh", "b_h"), ("W_hy", "b_y")
MODULES = {"RNNCell": ((D, H), RECURRENT), "RNN": ((D, H), RECURRENT), "Linear": ((H, V), LINEAR)}
EACH = [(f"{kind}_{dtype}_{'bias' if bias else 'no_bias'}", (kind, dtype, bias))
        for kind, dtype, bias in product(MODULES, DTYPES, (True, False))]  # fmt: skip


def weights(kind, dtype="float64", *, bias=True):
    """Draw weights for a module, with a bias of zeros if it has none."""
    p = Spec(5, 3, D, H, V, dtype, "views").problem()
    return {name: getattr(p, name) * (bias or name[0] == "W") for name in MODULES[kind][1]}


class RoundTrip(unittest.TestCase):
    @expand(EACH)
    def test_there_and_back_is_the_same_to_the_bit(self, case):
        kind, dtype, bias = case
        ours = weights(kind, dtype, bias=bias)
        target = module(kind, *MODULES[kind][0], dtype=dtype, bias=bias)
        self.assertIs(to_torch(ours, target), target)
        back = from_torch(target)
        self.assertEqual(list(back), list(ours))
        for name, array in ours.items():
            np.testing.assert_array_equal(back[name], array, strict=True)

    @expand(EACH)
    def test_a_module_of_random_weights_computes_what_ours_does_with_its_weights(self, case):
        kind, dtype, bias = case
        p = Spec(5, 3, D, H, V, dtype, "contiguous").problem()
        network = module(kind, *MODULES[kind][0], dtype=dtype, bias=bias, seed=1)
        w = from_torch(network)
        if kind == "Linear":
            pair = rnn_ref.rnn_output_layer(p.h_states, **w), run(network, p.h_states)
            terms = magnitudes.logit_terms(p.h_states, **w)
        else:
            X, h0 = (p.X_seq, p.h0) if kind == "RNN" else (p.X_seq[:1], p.h0)
            ours = rnn_ref.rnn_forward(X, h0, **w)
            pair = np.stack(ours), run(network, X, h0[None]) if kind == "RNN" else run(network, X[0], h0)[None]
            terms = magnitudes.state_terms(X, h0, ours, **w)
        check(Compared(kind, *pair, terms), dtype)

    def test_two_biases_come_back_as_their_sum(self):
        network = module("RNN", D, H)
        ours = from_torch(network)["b_h"]
        biases = [np.frombuffer(raw) for name, raw in snapshot(network).items() if "bias" in name]
        np.testing.assert_array_equal(ours, biases[0] + biases[1])
        self.assertTrue(all(np.any(bias) for bias in biases))

    def test_nothing_is_shared(self):
        network, ours = module("Linear", H, V), weights("Linear")
        to_torch(ours, network)
        before = snapshot(network)
        for arrays in (ours, from_torch(network)):
            arrays["W_hy"] *= 2
        self.assertEqual(snapshot(network), before)

    def test_one_dict_fills_a_recurrent_and_a_linear_module(self):
        both = weights("RNN") | weights("Linear")
        for kind, (sizes, names) in MODULES.items():
            self.assertEqual(set(from_torch(to_torch(both, module(kind, *sizes)))), set(names))
