"""Weights of layers, directions and gates travel to PyTorch, Keras and ONNX, and each computes what ours does."""

import importlib.util
import unittest
from functools import partial
from itertools import product

import numpy as np
from parity_artefacts import array_of, keras_here, node_model, node_run
from parity_compare import LIMIT, Compared, of_largest
from parity_expand import expand
from parity_torch import module, snapshot, through

import rnn_ref
from rnn_ref import interop

T, B, D, H = 5, 3, 4, 6
ELSEWHERE = ("onnx", "onnxruntime", "keras")
FORWARDS = {"RNN": rnn_ref.rnn_forward, "GRU": rnn_ref.gru_forward, "LSTM": rnn_ref.lstm_forward}
STEPS = {"RNN": rnn_ref.rnn_cell_step, "GRU": rnn_ref.gru_cell_step, "LSTM": rnn_ref.lstm_cell_step}
KERAS = {"RNN": "SimpleRNN", "GRU": "GRU", "LSTM": "LSTM"}
STACKS = [(f"{kind}_{L}_layers_{K}_directions", (kind, L, K)) for kind, L, K in product(FORWARDS, (1, 2), (1, 2))]
P = 2
LSTMS = [(label, case) for label, case in STACKS if case[0] == "LSTM"]


def drawn(case, dtype="float64", **options):
    """Return a module with its layers, inputs, and states to start from, none of them zero."""
    kind, L, K = case
    network = module(kind, D, H, dtype=dtype, num_layers=L, bidirectional=K == 2, **options)
    found = interop.from_torch(network)
    rng = np.random.default_rng(1)
    X = rng.normal(size=(T, B, D)).astype(dtype)
    sizes = (options.get("proj_size", H), H)[: 1 + (kind == "LSTM")]
    states0 = tuple(rng.normal(size=(L * K, B, size)).astype(dtype) for size in sizes)
    return network, found if L * K > 1 else [found], X, states0


def agree(ours, theirs, dtype):
    """Raise AssertionError unless what is shown and every last state are the same but for rounding."""
    for number, pair in enumerate(zip([ours[0], *ours[1]], [theirs[0], *theirs[1]], strict=True)):
        assert {(one.shape, str(one.dtype)) for one in pair} == {(pair[0].shape, dtype)}, f"{number}: {pair}"
        assert of_largest(Compared(str(number), *pair, 1)) <= LIMIT[dtype], f"{number}: {pair}"


def equal(ours, theirs):
    """Raise AssertionError unless weights are the same to the bit, in order, shape and dtype."""
    for one, other in zip(ours, theirs, strict=True):
        assert list(one) == list(other)
        for name, array in one.items():
            np.testing.assert_array_equal(other[name], array, strict=True)


def by_keras(kind, X, states0, layers, K, **options):
    """Return what Keras shows and its last states, a layer after the other, and the weights read back."""
    keras = keras_here()
    shown, last, back = np.ascontiguousarray(X.swapaxes(0, 1)), [], []
    for first in range(0, len(layers), K):
        layer = getattr(keras.layers, KERAS[kind])(H, return_sequences=True, return_state=True, **options)
        layer = layer if K == 1 else keras.layers.Bidirectional(layer)
        interop.to_keras(layers[first : first + K] if K == 2 else layers[first], layer)
        found = interop.from_keras(layer)
        back += found if K == 2 else [found]
        before = [state0[k] for k in range(first, first + K) for state0 in states0]
        shown, *states = map(array_of, layer(shown, initial_state=before))
        last += states
    kinds = len(states0)
    return (shown.swapaxes(0, 1), [np.stack(last[number::kinds]) for number in range(kinds)]), back


def by_onnxruntime(kind, X, states0, layers, K, **attributes):
    """Return what onnxruntime shows and its last states, a node for each layer, and the weights read back."""
    shown, last, back = X, [], []
    for first in range(0, len(layers), K):
        arrays = interop.to_onnx(layers[first : first + K] if K == 2 else layers[first])
        more = {"hidden_size": H, "direction": "bidirectional" if K == 2 else "forward", **attributes}
        model = node_model(kind, arrays, more)
        for source in (arrays, model):
            found = interop.from_onnx(source)
            equal(found if K == 2 else [found], layers[first : first + K])
        back += found if K == 2 else [found]
        Y, *states = node_run(model, shown, *(state0[first : first + K] for state0 in states0))
        shown = np.concatenate(list(Y.swapaxes(0, 1)), -1)
        last.append(states)
    return (shown, [np.concatenate(one) for one in zip(*last, strict=True)]), back


class Torch(unittest.TestCase):
    @expand(STACKS)
    def test_a_module_computes_what_ours_does_with_its_weights(self, case):
        network, layers, X, states0 = drawn(case)
        ours = rnn_ref.stack_forward(FORWARDS[case[0]], X, states0, layers, directions=case[2])
        agree(ours, through(network, X, states0), "float64")

    @expand(STACKS)
    def test_there_and_back_is_the_same_to_the_bit(self, case):
        for bias in (True, False):
            network, layers, _, _ = drawn(case, "float32", bias=bias, batch_first=True)
            other = module(case[0], D, H, dtype="float32", seed=2, num_layers=case[1], bidirectional=case[2] == 2)
            self.assertIs(interop.to_torch(layers, other), other)
            found = interop.from_torch(other)
            equal(layers, found if isinstance(found, list) else [found])
            self.assertEqual(bias, any(one["b_hh" if case[0] == "GRU" else "b_h"].any() for one in layers))
            before = snapshot(network)
            layers[-1]["W_hh"] *= 2  # a copy
            self.assertEqual(snapshot(network), before)

    @expand(LSTMS)
    def test_a_projection_travels_there_and_back(self, case):
        _, L, K = case
        for bias in (True, False):
            network, layers, X, states0 = drawn(case, proj_size=P, bias=bias)
            ours = rnn_ref.stack_forward(rnn_ref.lstm_forward, X, states0, layers, directions=K)
            agree(ours, through(network, X, states0), "float64")
            other = module("LSTM", D, H, seed=2, num_layers=L, bidirectional=K == 2, proj_size=P)
            found = interop.from_torch(interop.to_torch(layers, other))
            equal(layers, found if L * K > 1 else [found])
            self.assertEqual(list(layers[0]), ["W_xh", "W_hh", "W_hr", "b_h"])

    def test_of_the_sum_of_two_biases_the_second_gets_nothing(self):
        one = drawn(("LSTM", 1, 1))[1][0]
        network = interop.to_torch(one, module("LSTM", D, H))
        biases = [np.frombuffer(raw) for name, raw in snapshot(network).items() if "bias" in name]
        np.testing.assert_array_equal(biases, [one["b_h"], np.zeros(4 * H)])

    @expand(FORWARDS.items())
    def test_a_cell_computes_what_ours_does_with_its_weights(self, forward):
        kind = next(kind for kind, one in FORWARDS.items() if one is forward)
        network = module(f"{kind}Cell", D, H)
        _, _, X, states0 = drawn((kind, 1, 1))
        before = [state0[0] for state0 in states0]
        found = STEPS[kind](X[0], *before, **interop.from_torch(network))
        states = found if isinstance(found, tuple) else (found,)
        agree((states[0], states), through(network, X[0], before), "float64")

    def test_the_names_of_layers_and_directions_lie_as_their_weights(self):
        found = interop.torch_names(module("LSTM", D, H, num_layers=2, bidirectional=True))
        self.assertEqual([names["W_xh"] for names in found],
                         [f"weight_ih_l{one}" for one in ("0", "0_reverse", "1", "1_reverse")])  # fmt: skip
        self.assertEqual(found[3]["b_h"], "bias_ih_l1_reverse+bias_hh_l1_reverse")


@unittest.skipIf([one for one in ELSEWHERE if importlib.util.find_spec(one) is None], "onnx or keras not installed")
class Travelling(unittest.TestCase):
    @expand(STACKS)
    def test_weights_of_a_module_compute_the_same_in_keras_and_onnxruntime(self, case):
        kind, _, K = case
        network, layers, X, states0 = drawn(case, "float32")
        due = through(network, X, states0)
        agree(rnn_ref.stack_forward(FORWARDS[kind], X, states0, layers, directions=K), due, "float32")
        kerass, back = by_keras(kind, X, states0, layers, K)
        equal(layers, back)
        agree(kerass, due, "float32")
        more = {"linear_before_reset": 1} if kind == "GRU" else {}
        theirs, back = by_onnxruntime(kind, X, states0, back, K, **more)
        agree(theirs, due, "float32")
        equal(layers, back)

    @expand([(f"{L}_layers_{K}_directions", (L, K)) for L, K in product((1, 2), (1, 2))])
    def test_a_reset_gate_before_the_product_travels_between_the_two_that_have_it(self, case):
        _, layers, X, states0 = drawn(("GRU", *case), "float32")
        before = partial(rnn_ref.gru_forward, reset_after=False)
        due = rnn_ref.stack_forward(before, X, states0, layers, directions=case[1])
        kerass, back = by_keras("GRU", X, states0, layers, case[1], reset_after=False)
        equal([one | {"b_xh": one["b_xh"] + one["b_hh"], "b_hh": 0 * one["b_hh"]} for one in layers], back)
        agree(kerass, due, "float32")
        theirs, back = by_onnxruntime("GRU", X, states0, back, case[1], linear_before_reset=0)
        agree(theirs, due, "float32")
