"""Real ONNX files and Keras models: each recurrent network in them, alone and against what it was exported from."""

import contextlib
import importlib.util
import io
import unittest

import numpy as np
from parity_artefacts import (
    array_of,
    changed,
    exported,
    forget_and_output_exchanged,
    forget_bias,
    gates_exchanged,
    gates_transposed,
    keras_here,
    keras_layer,
    keras_model,
    node_model,
    saved,
    state_bias_dropped,
    state_transposed,
)
from parity_expand import expand
from test_parity_artefacts import WithModules

import rnn_ref
from rnn_ref import interop
from rnn_ref.cli import main
from rnn_ref.conformance import TargetError, check_several

ONNX, KERAS = ("onnx", "onnxruntime"), ("keras",)
REVERSED = {"direction": "reverse"}
TWINS = {  # of an export: the source, the change of arrays, that of attributes, the name, what is told as lost
    "gates permuted": ("gated", gates_exchanged, None, "gate-order", "the gates lie z r n where r z n are due"),
    "a bias dropped": ("gated", state_bias_dropped, None, "bias-missing", "b_hh: it is zero"),
    "the reset gate moved": (
        "gated",
        None,
        {"linear_before_reset": 0},
        "reset-before",
        "reset gate before the product",
    ),
    "gates of four permuted": (
        "remembering",
        forget_and_output_exchanged,
        None,
        "gate-order",
        "the gates lie i o g f where i f g o are due",
    ),
    "a bias at the forget gate": ("remembering", forget_bias, None, "forget-bias-added", "b_h: 1 is added in gate f"),
    "the recurrence of every gate transposed": (
        "remembering",
        gates_transposed,
        None,
        "W_hh-transposed",
        "W_hh: it is transposed in gate i, f, g, o",
    ),
    "one bias of two at four gates": (
        "remembering",
        state_bias_dropped,
        None,
        "bias-missing",
        "b_h: bias_hh_l0 is not in it",
    ),
    "the recurrence transposed": ("tanh", state_transposed, None, "W_hh-transposed", "W_hh: it is transposed"),
    "one bias of two": ("tanh", state_bias_dropped, None, "bias-missing", "b_h: bias_hh_l0 is not in it"),
    "the direction": ("tanh", None, REVERSED, None, "it goes through the sequence the other way round"),
    "rounded": ("tanh", lambda _, a: a.astype("float16").astype("float32"), None, None, "as far as float16 is"),
}


def needs(*packages):
    absent = [one for one in packages if importlib.util.find_spec(one) is None]
    return unittest.skipIf(absent, f"{', '.join(absent)} not installed")


@needs(*ONNX)
class OnnxFiles(WithModules):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        torch = cls.modules.torch
        X, X_first = torch.randn(5, 2, 4), torch.randn(2, 5, 4)
        for name, inputs in (
            ("tanh", (X, torch.zeros(1, 2, 6))),
            ("gated", (X_first, torch.zeros(1, 2, 6))),
            ("remembering", (X, (torch.zeros(1, 2, 6), torch.zeros(1, 2, 6)))),
            ("layers", (X, torch.zeros(2, 2, 6))),
            ("net", (torch.ones(5, 2, dtype=torch.long),)),
        ):
            exported(getattr(cls.modules, name), inputs, cls.folder / f"{name}.onnx")

    def check(self, name, against):
        """Check a file beside an instance, in one process: the file is given as what is read of it."""
        from rnn_ref.conformance.targets.artefacts import onnx_file  # noqa: PLC0415

        return rnn_ref.check(onnx_file.held_in(self.folder / name), against=against)

    @expand([("tanh", "rnn_forward"), ("gated", "gru_forward"), ("remembering", "lstm_forward")])
    def test_an_export_conforms_alone_and_against_its_source(self, function):
        name = self._testMethodName.rpartition("__")[2]
        code, told = self.command(self.folder / f"{name}.onnx")
        self.assertEqual((code, list(told["functions"])), (0, [function]))
        self.assertIn("W, R and B of the file", told["functions"][function]["reading"])
        code, told = self.command(self.folder / f"{name}.onnx", "--against", f"{self.path}:{name}")
        self.assertEqual((code, told["environment"]["oracle"]), (0, f"the weights of {self.path}:{name}"))
        self.assertEqual(told["notes"], [])

    @expand(TWINS.items())
    def test_what_was_lost_on_the_way_is_wrong_named_and_told(self, case):
        source, change, attributes, slug, lost = case
        twin = changed(self.folder / f"{source}.onnx", self.folder / "twin.onnx", change, attributes)
        report = self.check(twin, getattr(self.modules, source))
        told = next(iter(report.functions.values()))
        self.assertEqual((told.verdict, told.mistake), ("wrong", slug), str(report))
        self.assertIn(lost, " ".join(report.notes))
        self.assertTrue(rnn_ref.check(str(twin)).ok)  # by itself it is a network like another

    def test_a_twin_on_the_command_line(self):
        twin = changed(self.folder / "gated.onnx", self.folder / "permuted.onnx", gates_exchanged)
        code, told = self.command(twin, "--against", f"{self.path}:gated")
        self.assertEqual((code, told["functions"]["gru_forward"]["mistake"]), (1, "gate-order"))

    def test_every_layer_and_direction_is_asked_by_itself(self):
        parts = {"layers.onnx": ("/RNN", "/RNN_1"), "net.onnx": ("/rnn/GRU", "/rnn/GRU.reverse", "/rnn/GRU.stack")}
        names = [f"{self.folder / file}#{one}" for file, ones in parts.items() for one in ones]
        reports = check_several([str(self.folder / "layers.onnx"), str(self.folder / "net.onnx")])
        self.assertTrue(reports.ok, str(reports))
        self.assertEqual([one.target for one in reports], names)

    def test_of_several_networks_nothing_is_recorded_and_that_is_said(self):
        for files in (["layers"], ["layers", "tanh"]):
            targets = [str(self.folder / f"{one}.onnx") for one in files]
            with contextlib.redirect_stderr(io.StringIO()) as told, contextlib.redirect_stdout(io.StringIO()):
                self.assertEqual(main(["check", *targets, "--record"]), 0)
            self.assertEqual(told.getvalue().count("nothing to record of "), len(files))
        self.assertFalse((self.folder / "rnn_ref.json").exists())

    def test_a_layer_or_a_direction_that_is_gone_is_missed(self):
        for export, source, lost in (("tanh", "layers", "l1: lost on the way: the layer"), ("gated", "net", "reverse")):
            code, told = self.command(self.folder / f"{export}.onnx", "--against", f"{self.path}:{source}")
            self.assertEqual(code, 1)
            last = told["targets"][-1]
            self.assertEqual(next(iter(last["functions"].values()))["verdict"], "missing")
            self.assertIn(lost, " ".join(last["notes"]))

    def test_a_source_that_is_wrong_itself_is_told(self):
        report = self.check("tanh.onnx", self.modules.transposed)
        self.assertIn("itself does not conform in rnn_forward", " ".join(report.notes))

    def test_a_loop_written_by_hand_is_sent_to_its_source(self):
        import onnx  # noqa: PLC0415

        one, two = (onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [2]) for name in "xy")
        graph = onnx.helper.make_graph([onnx.helper.make_node("Tanh", ["x"], ["y"])], "loop", [one], [two])
        onnx.save(onnx.helper.make_model(graph), self.folder / "loop.onnx")
        with self.assertRaisesRegex(TargetError, "leaves none in a file: there the source is checked"):
            rnn_ref.check(str(self.folder / "loop.onnx"))

    def test_what_cannot_be_judged_is_told_with_the_reason(self):
        coupled = changed(self.folder / "remembering.onnx", self.folder / "lstm.onnx", None, {"input_forget": 1})
        with self.assertRaisesRegex(
            TargetError, "no recurrent network in it that can be judged: .*with input_forget 1"
        ):
            rnn_ref.check(str(coupled))
        affine = changed(self.folder / "tanh.onnx", self.folder / "affine.onnx", None, {"activations": ["Affine"]})
        with self.assertRaisesRegex(TargetError, "with activations affine, expected tanh, or relu"):
            rnn_ref.check(str(affine))
        with self.assertRaisesRegex(TargetError, r"gone\.onnx: no such file"):
            rnn_ref.check(str(self.folder / "gone.onnx"))
        (self.folder / "no.onnx").write_text("this is no model")
        with self.assertRaisesRegex(TargetError, r"no\.onnx: cannot be loaded"):
            rnn_ref.check(str(self.folder / "no.onnx"))
        with self.assertRaisesRegex(TargetError, "holds no weights of its own"):
            rnn_ref.check(str(self.folder / "tanh.onnx"), against=f"{self.path}:Tanh")

    def test_weights_that_nodes_make_of_constants_are_read(self):
        import onnx  # noqa: PLC0415

        model = onnx.load(self.folder / "tanh.onnx")
        node = next(one for one in model.graph.node if one.op_type == "RNN")
        model.graph.node.insert(0, onnx.helper.make_node("Identity", [node.input[1]], ["made"]))
        due = interop.from_onnx(self.folder / "tanh.onnx")
        node.input[1] = "made"
        np.testing.assert_array_equal(interop.from_onnx(model)["W_xh"], due["W_xh"])
        node.input[1] = "input"
        with self.assertRaisesRegex(NotImplementedError, "its weights are not constants of the file"):
            interop.from_onnx(model)

    def test_an_export_of_layers_and_directions_has_the_weights_of_its_source_in_a_node_for_each_layer(self):
        torch = self.modules.torch
        source = torch.nn.LSTM(4, 6, num_layers=2, bidirectional=True)
        path = exported(source, (torch.randn(5, 2, 4),), self.folder / "deep.onnx")
        with self.assertRaisesRegex(ValueError, "node is '', expected the name of .*: (.+), (.+), .*reverse") as caught:
            interop.from_onnx(path)
        names = str(caught.exception).rpartition(": ")[2].split(", ")
        found = [one for name in names[:2] for one in interop.from_onnx(path, name)]
        for one, due in zip(found, interop.from_torch(source), strict=True):
            for name, array in due.items():
                np.testing.assert_array_equal(one[name], array, strict=True)
        self.assertEqual(names[3], f"{names[1]}.reverse")
        np.testing.assert_array_equal(interop.from_onnx(path, names[3])["W_hh"], found[3]["W_hh"])

    @expand(
        [
            (
                "peepholes",
                ({"P": np.ones((1, 18), np.float32)}, {}, "LSTM: with peepholes P, expected none; gates that"),
            ),
            ("coupled", ({}, {"input_forget": 1}, "LSTM: with input_forget 1, expected 0; an LSTM whose two gates")),
            (
                "activations",
                ({}, {"activations": ["Sigmoid", "Tanh", "Relu"]}, "LSTM: with activations sigmoid, tanh, relu"),
            ),
        ]
    )
    def test_another_lstm_is_refused_with_the_reason(self, case):
        more, attributes, reason = case
        weights = {"W_xh": (24, 4), "W_hh": (24, 6), "b_h": (24,)}
        arrays = interop.to_onnx({name: np.ones(shape, np.float32) for name, shape in weights.items()})
        with self.assertRaisesRegex(NotImplementedError, f"^from_onnx: {reason}"):
            interop.from_onnx(node_model("LSTM", arrays | more, {"hidden_size": 6, **attributes}))


@needs(*KERAS)
class KerasModels(WithModules):
    def saved_model(self, *layers):
        return saved(keras_model(*layers), self.folder / "model.keras")

    @expand(
        [
            ("tanh", ("SimpleRNN", {}, "rnn_forward", "")),
            ("gated", ("GRU", {}, "gru_forward", "")),
            ("before", ("GRU", {"reset_after": False}, "gru_forward", "reset gate before the product")),
            ("last", ("GRU", {"return_sequences": False}, "gru_forward", "last state only")),
            ("both", ("SimpleRNN", {"return_state": True}, "rnn_forward", "")),
            ("backwards", ("GRU", {"go_backwards": True}, "gru_forward", "from the end of the sequence")),
            ("no_bias", ("GRU", {"use_bias": False}, "gru_forward", "")),
            ("memory", ("LSTM", {}, "lstm_forward", "")),
            ("memory_last", ("LSTM", {"return_sequences": False}, "lstm_forward", "last state only")),
            ("memory_both", ("LSTM", {"return_state": True, "go_backwards": True}, "lstm_forward", "from the end")),
        ]
    )
    def test_a_layer_conforms_with_the_weights_it_holds(self, case):
        kind, options, function, reads = case
        report = rnn_ref.check(keras_layer(kind, **options))
        self.assertTrue(report.ok, str(report))
        self.assertEqual(list(report.functions), [function])
        self.assertIn(reads, report.functions[function].reading)

    def test_a_cell_of_the_users_own_is_judged_in_its_layer(self):
        keras = keras_here()

        class Transposing(keras.layers.SimpleRNNCell):
            def call(self, sequence, states, training=False):
                h = keras.ops.matmul(states[0], keras.ops.transpose(self.recurrent_kernel))
                h = keras.ops.tanh(keras.ops.matmul(sequence, self.kernel) + self.bias + h)
                return h, [h]

        layer = keras.layers.RNN(Transposing(6), return_sequences=True)
        layer.build((None, 5, 4))
        report = rnn_ref.check(layer)
        self.assertEqual(report.functions["rnn_forward"].mistake, "W_hh-transposed", str(report))

    def test_a_model_file_is_checked_layer_by_layer(self):
        bidirectional = keras_here().layers.Bidirectional(keras_here().layers.SimpleRNN(3), name="both")
        path = self.saved_model(keras_layer(name="first"), bidirectional)
        code, told = self.command(path)
        self.assertEqual(code, 0)
        names = [one["target"].partition("#")[2] for one in told["targets"]]
        self.assertEqual(names, ["first", "both.forward", "both.backward"])

    def test_against_the_module_that_it_was_made_from_and_its_twins(self):
        own = interop.from_torch(self.modules.gated)
        swapped = {name: np.concatenate([np.split(a, 3)[i] for i in (1, 0, 2)]) for name, a in own.items()}
        for weights, slug in ((own, None), (swapped, "gate-order"), (own | {"b_hh": 0 * own["b_hh"]}, "bias-missing")):
            layer = interop.to_keras(weights, keras_layer())
            report = rnn_ref.check(layer, against=self.modules.gated)
            self.assertEqual(report.functions["gru_forward"].mistake, slug, str(report))
        path = self.saved_model(interop.to_keras(own, keras_layer()))
        self.assertEqual(self.command(path, "--against", f"{self.path}:gated")[0], 0)

    def test_against_a_module_with_a_memory_and_its_twins(self):
        own = interop.from_torch(self.modules.remembering)
        added = own | {"b_h": own["b_h"] + np.float32(np.arange(24) // 6 == 1)}  # as Keras begins
        for weights, slug in (
            (own, None),
            (added, "forget-bias-added"),
            (own | {"b_h": 0 * own["b_h"]}, "bias-missing"),
        ):
            layer = interop.to_keras(weights, keras_layer("LSTM"))
            report = rnn_ref.check(layer, against=self.modules.remembering)
            self.assertEqual(report.functions["lstm_forward"].mistake, slug, str(report))

    def test_what_cannot_be_judged_is_told_with_the_reason(self):
        keras = keras_here()

        class Doubled(keras.layers.Layer):
            state_size = output_size = 5

            def call(self, inputs, states):
                return 2 * inputs, states

        for layer, reason in (
            (keras.layers.GRU(5), "has no weights yet, expected a built layer"),
            (keras_layer(activation="elu"), "with activation 'elu', expected 'tanh'"),
            (keras.layers.RNN(Doubled()), "expected SimpleRNN, GRU"),
        ):
            with self.assertRaisesRegex(TargetError, reason):
                rnn_ref.check(layer)
        with self.assertRaisesRegex(TargetError, "is a class of Keras layers, expected a layer that is built"):
            rnn_ref.check(keras.layers.GRU)

    def test_code_of_its_own_in_a_file_is_refused(self):
        keras = keras_here()
        model = keras.Sequential([keras.Input((3, 4)), keras.layers.Lambda(lambda x: x), keras_layer()])
        saved(model, self.folder / "code.keras")
        with self.assertRaisesRegex(TargetError, r"(?s)code\.keras: cannot be loaded: .*[Ll]ambda"):
            rnn_ref.check(str(self.folder / "code.keras"))


class Travelling(WithModules):
    @expand([("tanh", ("SimpleRNN", 1)), ("gated", ("GRU", 3)), ("remembering", ("LSTM", 4))])
    @needs(*ONNX, *KERAS)
    def test_weights_travel_between_all_three_and_compute_the_same(self, case):
        kind, gates = case
        module = getattr(self.modules, self._testMethodName.rpartition("__")[2])
        own = interop.from_torch(module)
        layer = interop.to_keras(own, keras_layer(kind))
        arrays = interop.to_onnx(interop.from_keras(layer))
        self.assertEqual({name: a.shape for name, a in arrays.items()},
                         {"W": (1, 6 * gates, 4), "R": (1, 6 * gates, 6), "B": (1, 12 * gates)})  # fmt: skip
        back = interop.from_onnx(arrays)
        for name, array in own.items():
            np.testing.assert_array_equal(back[name], array)
        interop.to_torch(back, module)
        X = np.random.default_rng(0).normal(size=(5, 2, 4)).astype(np.float32)
        torch = self.modules.torch
        given = torch.from_numpy(X.swapaxes(0, 1).copy() if module.batch_first else X)
        theirs = module(given)[0].detach().numpy()
        theirs = theirs.swapaxes(0, 1) if module.batch_first else theirs
        kerass = array_of(layer(X.swapaxes(0, 1))).swapaxes(0, 1)
        np.testing.assert_allclose(kerass, theirs, atol=2e-6)

    @needs(*KERAS)
    def test_weights_that_do_not_fit_are_refused_and_nothing_is_written(self):
        own, layer = interop.from_torch(self.modules.gated), keras_layer()
        before = interop.from_keras(layer)
        for weights, error, reason in (
            ({}, ValueError, r"weights has \[\], expected also \['W_xh', 'W_hh', 'b_xh', 'b_hh'\]; GRU uses them"),
            (
                own | {"W_xh": own["W_xh"][:, 1:]},
                ValueError,
                r"kernel has shape \(3, 18\), expected \(4, 18\); from GRU",
            ),
            (
                {name: array.astype(float) for name, array in own.items()},
                TypeError,
                "kernel has dtype float64, expected float32; from GRU",
            ),
            (own | {"b_hh": own["b_hh"][1:]}, ValueError, r"to_keras: b_hh has shape \(17,\), expected \(3H=18,\)"),
            (
                [own, own],
                ValueError,
                "weights has 2 entries, expected a dict of arrays by name; GRU has 1 direction",
            ),
        ):
            with self.assertRaisesRegex(error, reason):
                interop.to_keras(weights, layer)
        with self.assertRaisesRegex(ValueError, "bias is not zero, expected zeros; GRU has no bias"):
            interop.to_keras(own, keras_layer(use_bias=False))
        two = keras_here().layers.Bidirectional(keras_layer())
        with self.assertRaisesRegex(TypeError, "type dict, expected a list of 2 dicts; Bidirectional has 2 directions"):
            interop.to_keras(own, two)
        narrow = own | {"W_hh": own["W_hh"][:15, :5], "W_xh": own["W_xh"][:15]}
        narrow |= {name: own[name][:15] for name in ("b_xh", "b_hh")}
        with self.assertRaisesRegex(ValueError, r"kernel of weights\[1\] has shape \(4, 15\), expected \(4, 18\)"):
            interop.to_keras([own, narrow], two)
        for name, array in interop.from_keras(layer).items():
            np.testing.assert_array_equal(array, before[name])
