"""What is not covered is refused with its reason, and a refused module is left as it was, to the bit."""

import unittest

import numpy as np
from parity_expand import expand
from parity_torch import module, snapshot

from rnn_ref.interop import from_torch, to_torch

D, H, V = 3, 5, 4
RNN = {"W_xh": np.ones((H, D)), "W_hh": np.ones((H, H)), "b_h": np.ones(H)}
FOUR = {"W_xh": np.ones((4 * H, D)), "W_hh": np.ones((4 * H, H)), "b_h": np.ones(4 * H)}
LINEAR = {"W_hy": np.ones((V, H)), "b_y": np.ones(V)}
ALL = RNN | LINEAR

OTHERS = "expected RNN, GRU, LSTM, one of their cells, or Linear; other layers"
KINDS = {  # module, and the reason why neither direction takes it
    "Bilinear": (("Bilinear", D, H, 1), {}, f"Bilinear, {OTHERS}"),
    "Conv1d": (("Conv1d", D, H, 1), {}, f"Conv1d, {OTHERS}"),
}
NARROW = {
    f"{kind}_{dtype}": (kind, dtype) for kind in ("RNN", "RNNCell", "Linear") for dtype in ("float16", "bfloat16")
}
TWO, BOTH = {"num_layers": 2}, {"bidirectional": True}
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
    "a dict for two layers": (("RNN", D, H), TWO, RNN, TypeError,
        "weights is of type dict, expected a list of 2 dicts; RNN has num_layers=2 and bidirectional=False"),
    "three layers for four": (("LSTM", D, H), TWO | BOTH, [FOUR] * 3, ValueError,
        "weights has 3 entries, expected a list of 4 dicts; LSTM has num_layers=2 and bidirectional=True"),
    "two for a cell": (("LSTMCell", D, H), {}, [FOUR] * 2, ValueError, "2 entries, expected a dict of arrays by name;"),
    "a list of pairs": (("RNN", D, H), TWO, [RNN, [1]], TypeError, r"weights\[1\] is of type list, expected"),
    "one gate for four": (("LSTM", D, H), {}, RNN, ValueError, r"W_hh has shape \(5, 5\), expected \(4H=20, H=5\)"),
    "a layer of another size": (("RNN", D, H), TWO, [RNN, RNN], ValueError,
        r"weights\[1\]\[.W_xh.\] has shape \(5, 3\), expected \(5, 5\); from RNN"),
    "a direction that disagrees": (("LSTM", D, H), BOTH, [FOUR, FOUR | RNN], ValueError,
        r"weights\[1\]\[.W_hh.\] has shape \(5, 5\), expected \(4H=20, H=5\)"),
    "a bias for a direction without": (("LSTM", D, H), BOTH | {"bias": False}, [FOUR, FOUR], ValueError,
        r"weights\[0\]\[.b_h.\] is not zero, expected zeros; LSTM has no bias"),
    "a name missing above": (("RNN", D, H), TWO, [RNN, LINEAR], ValueError,
        r"weights\[1\] has \['W_hy', 'b_y'\], expected also \['W_xh', 'W_hh', 'b_h'\]; RNN uses them"),
    "a projection for an LSTM without": (("LSTM", D, H), {}, FOUR | {"W_hr": np.ones((H, H))}, ValueError,
        "weights has W_hr, expected W_xh, W_hh, b_h; LSTM has no projection"),
    "no projection for an LSTM with": (("LSTM", D, H), {"proj_size": 2}, FOUR, ValueError,
        r"weights has \['W_hh', 'W_xh', 'b_h'\], expected also \['W_hr'\]; LSTM uses them"),
    "a wider projection": (("LSTM", D, H), {"proj_size": 2},
        FOUR | {"W_hh": np.ones((4 * H, 3)), "W_hr": np.ones((3, H))}, ValueError,
        r"W_hh has shape \(20, 3\), expected \(20, 2\); from LSTM"),
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
        with self.assertRaisesRegex(NotImplementedError, f"module is dict, {OTHERS}"):
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
