"""Modules, layers and nodes of several layers or directions, judged whole as stacks: right ones and wrong ones."""

import importlib.util
import tempfile
import unittest
from pathlib import Path

import pytest
from parity_artefacts import keras_here
from parity_expand import expand
from parity_torch import torch

import rnn_ref
from rnn_ref.conformance.examine import examine_all
from rnn_ref.conformance.options import Options
from rnn_ref.interop import from_torch, to_onnx

BOTH = ("stack_forward", "stack_backward")


class Deep(torch.nn.Module):
    """A tanh network of layers and directions, written by hand, with PyTorch's names."""

    def __init__(self, input_size, hidden_size, num_layers=1, bidirectional=False):
        super().__init__()
        self.K, self.L, self.H = 1 + bidirectional, num_layers, hidden_size
        for k in range(self.K * num_layers):
            end = f"_l{k // self.K}{'_reverse' * (k % self.K)}"
            D = input_size if k < self.K else self.K * hidden_size
            shapes = {"weight_ih": (hidden_size, D), "weight_hh": (hidden_size,) * 2}
            for name, shape in {**shapes, "bias_ih": (hidden_size,), "bias_hh": (hidden_size,)}.items():
                setattr(self, name + end, torch.nn.Parameter(torch.randn(*shape) / hidden_size**0.5))

    def layer(self, x, h, end):
        states = []
        for x_t in x:
            z = x_t @ getattr(self, f"weight_ih{end}").T + getattr(self, f"bias_ih{end}")
            h = torch.tanh(z + h @ getattr(self, f"weight_hh{end}").T + getattr(self, f"bias_hh{end}"))
            states.append(h)
        return torch.stack(states), h

    def start(self, h0, k):
        return h0[k]

    def join(self, shown):
        return torch.cat(shown, -1)

    def forward(self, x, h0=None):
        h0 = x.new_zeros(self.K * self.L, x.shape[1], self.H) if h0 is None else h0
        ended = []
        for level in range(self.L):
            shown = []
            for way in range(self.K):
                end = f"_l{level}{'_reverse' * way}"
                read = x.flip(0) if way else x
                states, h = self.layer(read, self.start(h0, level * self.K + way), end)
                shown.append(self.turned(states) if way else states)
                ended.append(h)
            x = self.join(shown)
        return x, torch.stack(ended)

    def turned(self, states):
        return states.flip(0)


class NotTurnedBack(Deep):
    def turned(self, states):
        return states


class Swapped(Deep):
    def join(self, shown):
        return torch.cat(shown[::-1], -1)


class FirstState(Deep):
    def start(self, h0, k):
        return h0[k % self.K]


class FromZeros(Deep):
    """Right with states, wrong without."""

    def forward(self, x, h0=None):
        ones = x.new_ones(self.K * self.L, x.shape[1], self.H)
        return super().forward(x, ones if h0 is None else h0)


class Turned(torch.nn.GRU):
    """PyTorch's own, whose directions change places on the way out."""

    def forward(self, *given):
        shown, h_n = super().forward(*given)
        return torch.cat(shown.chunk(2, -1)[::-1], -1), h_n


def reports(target):
    """Return the report on every network in a target, by its name."""
    return {one.target.rpartition("#")[2]: one for one in examine_all(target, Options())}


def verdicts(report):
    return {name: one.verdict for name, one in report.functions.items() if name in BOTH}


def mistake_in(report):
    return report.functions["stack_forward"].mistake


class WholeModules(unittest.TestCase):
    @expand(
        [
            ("tanh", (torch.nn.RNN, {})),
            ("no bias", (torch.nn.RNN, {"bias": False, "num_layers": 3, "bidirectional": False})),
            ("gated, batch first", (torch.nn.GRU, {"batch_first": True})),
        ]
    )
    def test_pytorchs_own_conform_with_lengths_and_without_states(self, case):
        self.conforms_with_lengths(case)

    @pytest.mark.slow
    def test_so_do_those_with_a_memory_and_dropout(self):
        self.conforms_with_lengths((torch.nn.LSTM, {"dropout": 0.5, "dtype": torch.float64}))

    def conforms_with_lengths(self, case):
        kind, more = case
        found = reports(kind(4, 3, **{"num_layers": 2, "bidirectional": True, **more}))
        self.assertTrue(all(one.ok for one in found.values()))
        asked = {result.id.partition("/")[2].partition("-float")[0] for result in found["stack"].results}
        self.assertEqual(asked, {"held-one", "held", "held-long", "held-zeros", "held-ends"})

    @expand([(name, name) for name in ("RNN", "GRU", "LSTM")])
    def test_a_network_without_biases_has_no_gradients_of_them(self, name):
        report = rnn_ref.check(getattr(torch.nn, name)(4, 3, bias=False))
        self.assertTrue(report.ok, str(report))

    def test_what_is_right_layer_by_layer_may_be_joined_wrongly(self):
        found = reports(Turned(4, 3, num_layers=2, bidirectional=True))
        self.assertEqual({name for name, one in found.items() if not one.ok}, {"stack"})
        self.assertEqual(verdicts(found["stack"]), {"stack_forward": "wrong", "stack_backward": "passes-on"})

    def test_a_class_by_hand_that_takes_layers_is_asked_for_them(self):
        report = rnn_ref.check(Deep)
        self.assertTrue(report.ok, str(report))
        self.assertEqual(verdicts(report), dict.fromkeys(BOTH, "conforms"))
        self.assertIn("Deep(D, H, num_layers)", report.functions["stack_forward"].reading)

    @expand(
        [
            ("not turned back", (NotTurnedBack, "not-turned-back")),
            ("swapped", (Swapped, "directions-swapped")),
            ("first state", (FirstState, "state-of-first-layer")),
        ]
    )
    def test_what_is_wrong_in_it_has_its_name(self, case):
        cls, slug = case
        report = rnn_ref.check(cls, only="stack")
        self.assertEqual(mistake_in(report), slug)
        self.assertEqual(verdicts(report), {"stack_forward": "wrong", "stack_backward": "passes-on"})

    def test_none_for_a_state_is_zeros(self):
        self.assertEqual(rnn_ref.check(FromZeros).functions["rnn_forward"].verdict, "wrong")


@unittest.skipIf(importlib.util.find_spec("onnxruntime") is None, "onnxruntime is not installed")
class WholeNodes(unittest.TestCase):
    def test_a_node_of_two_directions_is_a_stack(self):
        from onnx import helper, numpy_helper, save  # noqa: PLC0415

        layers = from_torch(torch.nn.LSTM(4, 3, bidirectional=True))
        arrays = [numpy_helper.from_array(array, name) for name, array in to_onnx(layers).items()]
        attributes = {"hidden_size": 3, "direction": "bidirectional"}
        node = helper.make_node("LSTM", ["X", "W", "R", "B"], ["Y"], **attributes)
        X, Y = (helper.make_tensor_value_info(name, 1, None) for name in "XY")
        path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "both.onnx"
        model = helper.make_model(helper.make_graph([node], "one", [X], [Y], arrays),
                                  opset_imports=[helper.make_opsetid("", 17)], ir_version=8)  # fmt: skip
        save(model, path)
        found = reports(str(path))
        self.assertEqual({*found}, {"LSTM", "LSTM.reverse", "LSTM.stack"})
        self.assertEqual(verdicts(found["LSTM.stack"]), {"stack_forward": "conforms"})


@unittest.skipIf(importlib.util.find_spec("keras") is None, "keras is not installed")
class WholeLayers(unittest.TestCase):
    @expand([("states", True), ("no states", False)])
    def test_a_bidirectional_layer_is_a_stack(self, states):
        keras = keras_here()
        layer = keras.layers.Bidirectional(keras.layers.LSTM(3, return_sequences=True, return_state=states), name="two")
        layer.build((None, None, 4))
        found = reports(layer)["two.stack"]
        self.assertEqual(verdicts(found), {"stack_forward": "conforms"})

    def test_what_joins_its_directions_otherwise_is_said_not_to_be_judged(self):
        keras = keras_here()
        layer = keras.layers.Bidirectional(keras.layers.GRU(3, return_sequences=True), merge_mode="sum", name="two")
        layer.build((None, None, 4))
        found = reports(layer)
        self.assertNotIn("two.stack", found)
        self.assertIn("two, whole: it joins its directions by merge_mode 'sum'", " ".join(found["two.forward"].notes))

    @expand(
        [
            ("gru", ("GRUCell", True, (3, 3))),
            ("lstm", ("LSTMCell", True, (3, 3))),
            ("lstm, no states", ("LSTMCell", False, (3, 3))),
            ("other sizes", ("LSTMCell", True, (3, 2))),
        ]
    )
    def test_cells_upon_each_other_are_layers_of_a_stack(self, case):
        name, states, sizes = case
        layers = keras_here().layers
        cells = [getattr(layers, name)(size) for size in sizes]
        layer = layers.RNN(cells, return_sequences=True, return_state=states, name="deep")
        layer.build((None, None, 4))
        found = reports(layer)
        self.assertEqual({*found}, {"deep.l0", "deep.l1"} | ({"deep.stack"} if sizes == (3, 3) else set()))
        self.assertTrue(all(one.ok for one in found.values()))
        if sizes != (3, 3):
            told = "deep, whole: its cells are LSTMCell(3), LSTMCell(2), expected one kind"
            self.assertIn(told, " ".join(found["deep.l0"].notes))

    def test_what_is_returned_apart_is_laid_side_by_side(self):
        layers = keras_here().layers
        layer = layers.Bidirectional(layers.GRU(3, return_sequences=True), merge_mode=None, name="two")
        layer.build((None, None, 4))
        self.assertEqual(verdicts(reports(layer)["two.stack"]), {"stack_forward": "conforms"})

    def test_a_cell_that_goes_on_with_another_memory_is_found_out(self):
        layers = keras_here().layers

        class Forgetful(layers.LSTMCell):
            def call(self, x, states, training=None):
                h, (_, c) = super().call(x, states, training)
                return h, [h, 0 * c]

        layer = layers.RNN([layers.LSTMCell(3), Forgetful(3)], return_sequences=True, name="deep")
        layer.build((None, None, 4))
        found = reports(layer)
        self.assertEqual([one.ok for one in found.values()], [True, False, False])

    @expand([("both", {"bidirectional": True}), ("deep", {})])
    def test_options_of_the_cell_go_with_its_stacks(self, more):
        torch.manual_seed(9)  # with which units rest wherever all inputs are 1
        every = reports(torch.nn.RNN(4, 3, num_layers=2, nonlinearity="relu", **more))
        self.assertTrue(every["l1"].functions["rnn_forward"].reading.endswith("relu"))
        found = every["stack"]
        self.assertEqual(verdicts(found), dict.fromkeys(BOTH, "conforms"))
        self.assertTrue(found.functions["stack_forward"].reading.endswith("whole, relu"))

    def test_a_layer_above_that_is_another_cell_is_wrong(self):
        class Mixed(torch.nn.RNN):
            def forward(self, x, h0=None):
                h0 = x.new_zeros(2, x.shape[1], 3) if h0 is None else h0
                below = torch.nn.RNN(4, 3, nonlinearity="relu")
                above = torch.nn.RNN(3, 3)
                for k, one in enumerate((below, above)):
                    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
                        setattr(one, f"{name}_l0", getattr(self, f"{name}_l{k}"))
                shown, first = below(x, h0[:1].contiguous())
                shown, last = above(shown, h0[1:].contiguous())
                return shown, torch.cat([first, last])

        [found] = reports(Mixed(4, 3, num_layers=2, nonlinearity="relu")).values()  # no layer is one of PyTorch's own
        self.assertEqual(verdicts(found)["stack_forward"], "wrong")

    def test_a_reset_gate_before_the_product_is_kept_in_a_stack(self):
        layers = keras_here().layers
        layer = layers.Bidirectional(layers.GRU(3, return_sequences=True, reset_after=False), name="two")
        layer.build((None, None, 4))
        found = reports(layer)["two.stack"]
        self.assertEqual(verdicts(found), {"stack_forward": "conforms"})
        self.assertTrue(found.functions["stack_forward"].reading.endswith("reset gate before the product"))
