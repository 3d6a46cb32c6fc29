"""What is not covered is refused with its reason, and a refused module is left as it was, to the bit."""

import unittest

import numpy as np
from parity_expand import expand
from parity_torch import module, snapshot

from rnn_ref.interop import from_torch, to_torch

D, H, V = 3, 5, 4
RNN = {"W_xh": np.ones((H, D)), "W_hh": np.ones((H, H)), "b_h": np.ones(H)}
LINEAR = {"W_hy": np.ones((V, H)), "b_y": np.ones(V)}
ALL = RNN | LINEAR

KINDS = {  # module, and the reason why neither direction takes it
    "LSTM": (("LSTM", D, H), {}, "LSTM, expected RNNCell, RNN, GRUCell, GRU or Linear; other layers"),
    "LSTMCell": (("LSTMCell", D, H), {}, "LSTMCell, expected RNNCell, RNN, GRUCell, GRU or Linear"),
    "Conv1d": (("Conv1d", D, H, 1), {}, "Conv1d, expected RNNCell, RNN, GRUCell, GRU or Linear"),
    "two layers of a GRU": (("GRU", D, H), {"num_layers": 2}, "num_layers=2, expected 1; copy a stack layer by layer"),
    "ReLU network": (("RNN", D, H), {"nonlinearity": "relu"}, "nonlinearity 'relu', expected 'tanh'"),
    "ReLU cell": (("RNNCell", D, H), {"nonlinearity": "relu"}, "nonlinearity 'relu', expected 'tanh'"),
    "two layers": (("RNN", D, H), {"num_layers": 2}, "num_layers=2, expected 1; copy a stack layer by layer"),
    "two directions": (("RNN", D, H), {"bidirectional": True}, "bidirectional=True, expected False"),
}
NARROW = {
    f"{kind}_{dtype}": (kind, dtype) for kind in ("RNN", "RNNCell", "Linear") for dtype in ("float16", "bfloat16")
}
WEIGHTS = {  # module, weights, exception, reason
    "a bias for a network without": (("RNN", D, H), {"bias": False}, RNN, ValueError, "b_h is not zero.* has no bias"),
    "a bias for a cell without": (("RNNCell", D, H), {"bias": False}, RNN, ValueError, "b_h is not zero"),
    "a bias for a layer without": (("Linear", H, V), {"bias": False}, LINEAR, ValueError, "b_y is not zero"),
    "another input size": (("RNN", D + 1, H), {}, RNN, ValueError, r"W_xh has shape \(5, 3\), expected \(5, 4\); from"),
    "another state size": (("RNN", D, H + 1), {}, RNN, ValueError, r"has shape .*, expected \(6, .*; from RNN"),
    "another output size": (("Linear", H, V + 1), {}, LINEAR, ValueError, r"W_hy has shape \(4, 5\), expected \(5,"),
    "weights that disagree": (("RNN", D, H), {}, RNN | {"b_h": np.ones(H + 1)}, ValueError, r"b_h has shape \(6,\)"),
    "float64 into float32": (("RNN", D, H), {"dtype": "float32"}, RNN, TypeError, "float64, expected float32; from"),
    "a list": (("Linear", H, V), {}, LINEAR | {"b_y": [0.0] * V}, TypeError, "b_y is of type list"),
    "integers": (("Linear", H, V), {}, LINEAR | {"b_y": np.ones(V, int)}, TypeError, "b_y has dtype int64"),
    "W_hh missing": (("RNNCell", D, H), {}, LINEAR | {"W_xh": RNN["W_xh"]}, ValueError, r"also \['W_hh', 'b_h'\]"),
    "everything missing": (("Linear", H, V), {}, {}, ValueError, r"weights has \[\], expected also \['W_hy', 'b_y'\]"),
}  # fmt: skip


class NotCovered(unittest.TestCase):
    @expand(KINDS.items())
    def test_a_kind_is_refused_both_ways_with_the_reason(self, case):
        made, options, reason = case
        network = module(*made, **options)
        before = snapshot(network)
        with self.assertRaisesRegex(NotImplementedError, f"^from_torch: module is .*{reason}"):
            from_torch(network)
        with self.assertRaisesRegex(NotImplementedError, f"^to_torch: module is .*{reason}"):
            to_torch(ALL, network)
        self.assertEqual(snapshot(network), before)

    @expand(NARROW.items())
    def test_a_narrow_dtype_is_refused_both_ways(self, case):
        kind, dtype = case
        network = module(kind, *((H, V) if kind == "Linear" else (D, H)), dtype=dtype)
        before = snapshot(network)
        with self.assertRaisesRegex(NotImplementedError, rf"has dtype torch\.{dtype}, expected .*module\.float\(\)"):
            from_torch(network)
        with self.assertRaisesRegex(TypeError, f"has dtype float64, expected {dtype}"):
            to_torch(ALL, network)
        self.assertEqual(snapshot(network), before)

    def test_something_else_than_a_module_is_refused(self):
        with self.assertRaisesRegex(NotImplementedError, "dict, expected RNNCell, RNN, GRUCell, GRU or Linear"):
            from_torch(RNN)


class DoNotFit(unittest.TestCase):
    @expand(WEIGHTS.items())
    def test_weights_are_refused_with_the_reason_and_nothing_is_written(self, case):
        made, options, weights, exception, reason = case
        network = module(*made, **options)
        before = snapshot(network)
        with self.assertRaisesRegex(exception, f"^to_torch: .*{reason}"):
            to_torch(weights, network)
        self.assertEqual(snapshot(network), before)
