"""Modules, models and files as they stand: right ones conform, twins with a planted fault do not, and are named."""

import contextlib
import io
import json
import tempfile
import unittest
import warnings
from pathlib import Path

from parity_artefacts import MODULES, module_in
from parity_expand import expand

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import TargetError

TANH, TANH_STEP = ("rnn_forward", "rnn_backward"), ("rnn_cell_step", "rnn_cell_backward")
GATED = ("gru_forward", "gru_backward")
MEMORY, MEMORY_STEP = ("lstm_forward", "lstm_backward"), ("lstm_cell_step", "lstm_cell_backward")
CLASSES = {  # what each offers, and the mistake in the first of that; what comes behind passes it on
    "Tanh": (TANH, None),
    "Transposed": (TANH, "W_hh-transposed"),
    "OneBias": (TANH, "bias-missing"),
    "FromH0": (TANH, "h0-every-step"),
    "Gated": (GATED, None),
    "OtherOrder": (GATED, "gate-order"),
    "BiasOutside": (GATED, "reset-misses-bias"),
    "NoStateBias": (GATED, "bias-missing"),
    "TwoLinears": (TANH, None),
    "Tutorial": (TANH_STEP, None),
    "StateFirst": (TANH_STEP, None),
    "AsManyOutputs": (("rnn_forward",), None),
    "OfRows": (("rnn_forward",), None),
    "Separate": (GATED, None),
    "Square": (TANH, None),
    "HalfTransposed": (TANH, "W_hh-transposed"),
    "Letters": (GATED, None),
    "Exchanged": (GATED, "gate-order"),
    "OneMatrix": (MEMORY_STEP, None),
}
READINGS = {  # what the report says of how it was read
    "Tanh": "time first, h0 (1, B, H), returns all states and the last state, weights by name",
    "OneBias": "bias_hh_l0 takes no part",
    "TwoLinears": "batch first, h0 (B, H), returns all states, weights by shape and order: W_xh of_x.weight, W_hh "
    "of_h.weight, b_xh of_x.bias",
    "Tutorial": "one step, weights by shape and order: W_xh i2h.weight[x, h].x, W_hh i2h.weight[x, h].h",
    "StateFirst": "W_xh i2h.weight[h, x].x, W_hh i2h.weight[h, x].h",
    "Separate": "weights by shape and name: W_xh x_reset.weight x_update.weight x_candidate.weight",
    "Letters": "W_hh W_hr (x W) W_hz (x W) W_hn (x W), b_xh b_xr b_xz b_xn, b_hh b_hr b_hz b_hn",
    "OneMatrix": "one step, takes h, c, weights by shape and order: W_xh all_gates.weight[x, h].x, W_hh "
    "all_gates.weight[x, h].h, b_xh all_gates.bias, gates i f o g",
    "OfRows": "W_xh W (x W), W_hh U (x W)",
}


ODD = """
import torch

class Odd(torch.nn.RNN):
    def forward(self, *given):
        shown, last = super().forward(*given)
        return shown - 0.2 * shown**3, last

torch.manual_seed(2)
net = Odd(3, 4)
"""


class WithModules(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.path, cls.modules = module_in(cls.folder)

    def command(self, *words):
        """Return the exit code and the JSON report of a command line."""
        found = self.folder / "report.json"
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            code = main(["check", *map(str, words), "--json", str(found)])
        return code, json.loads(found.read_text("utf-8"))


class Modules(WithModules):
    @expand((name, name) for name in CLASSES)
    def test_a_class_is_made_for_every_check_and_its_fault_is_named(self, name):
        functions, slug = CLASSES[name]
        report = rnn_ref.check(getattr(self.modules, name))
        found = {one: told for one, told in report.functions.items() if told.verdict != "missing"}
        self.assertEqual(tuple(found), functions, str(report))
        first, *others = found.values()
        self.assertEqual((first.verdict, first.mistake), ("wrong" if slug else "conforms", slug), str(report))
        for one in others:
            self.assertEqual(one.verdict, "passes-on" if slug else "conforms", str(report))
        self.assertIn(READINGS.get(name, ""), first.reading)

    def test_a_state_returned_too_early_is_wrong_and_the_gradients_of_the_states_are_not(self):
        report = rnn_ref.check(self.modules.LateLast)
        self.assertEqual(report.functions["rnn_forward"].verdict, "wrong")
        self.assertIn("h_T", report.functions["rnn_forward"].explanation)
        self.assertEqual(report.functions["rnn_backward"].verdict, "conforms")

    def test_a_state_of_zeros_is_left_out_and_has_to_mean_zeros(self):
        for module in (self.modules.FromOnes, self.modules.FromOnes(4, 6)):
            report = rnn_ref.check(module)
            self.assertEqual(report.functions["rnn_forward"].verdict, "wrong")
            failed = [one.id for one in report.results if one.function == "rnn_forward" and one.status == "failed"]
            self.assertTrue(failed and all("zeros" in one for one in failed), failed)

    def test_a_cut_graph_shows_in_the_gradients_alone(self):
        report = rnn_ref.check(self.modules.Detached)
        told = {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
        self.assertEqual(told, {"rnn_forward": "conforms", "rnn_backward": "wrong"}, str(report))
        self.assertEqual(report.functions["rnn_backward"].mistake, "no-dh-next")

    def test_a_memory_that_is_cut_on_the_way_back_is_seen_at_every_step_that_its_gradient_reaches(self):
        report = rnn_ref.check(self.modules.memory_cut)
        told = {name: (one.verdict, one.mistake) for name, one in report.functions.items()}
        self.assertEqual(told, {"lstm_forward": ("conforms", None), "lstm_backward": ("wrong", "memory-detached")})

    def test_a_class_with_a_memory_is_made_with_the_weights_of_a_check(self):
        report = rnn_ref.check(self.modules.Remembering, only="single")
        told = {name: one.verdict for name, one in report.functions.items() if one.verdict != "missing"}
        self.assertEqual(told, dict.fromkeys(MEMORY, "conforms"), str(report))

    def test_both_precisions_are_asked_where_double_works_and_one_where_it_does_not(self):
        asked = [
            {one.dtype for one in rnn_ref.check(getattr(self.modules, name), only="rnn_forward/*").results
             if one.status != "skipped"}
            for name in ("Tanh", "TwoLinears")
        ]  # fmt: skip
        self.assertEqual(asked, [{"float32", "float64"}, {"float32"}])

    def test_without_a_state_before_it_is_judged_from_zeros_with_the_weights_it_begins_with(self):
        report = rnn_ref.check(self.modules.OfRows)
        self.assertEqual(report.environment["oracle"], "the weights it holds")
        self.assertIn("h0 not taken", report.functions["rnn_forward"].reading)

    @expand([("tanh", TANH), ("gated", GATED), ("double", TANH), ("cell", TANH_STEP),
             ("gated_cell", ("gru_cell_step", "gru_cell_backward")), ("square", TANH), ("remembering", MEMORY),
             ("remembering_cell", MEMORY_STEP), ("four_matrices", MEMORY)])  # fmt: skip
    def test_an_instance_is_judged_with_the_weights_it_holds_in_its_precision(self, case):
        report = rnn_ref.check(getattr(self.modules, self._testMethodName.rpartition("__")[2]))
        self.assertTrue(report.ok, str(report))
        self.assertEqual(tuple(report.functions), case)
        double = self._testMethodName.endswith("double")
        self.assertEqual({one.dtype for one in report.results}, {"float64" if double else "float32"})
        self.assertRegex(next(iter(report.functions.values())).reading, "D = [45], H = [56]")

    def test_the_weights_of_an_instance_are_untouched(self):
        before = {name: one.clone() for name, one in self.modules.tanh.named_parameters()}
        rnn_ref.check(self.modules.tanh)
        self.assertTrue(all(one.equal(before[name]) for name, one in self.modules.tanh.named_parameters()))

    @expand(
        [
            ("half_transposed", "W_hh-transposed"),
            ("one_bias", "bias-missing"),
            ("transposed", "W_hh-transposed"),
            ("other_order", "gate-order"),
            ("forget_bias", "forget-bias-added"),
            ("states_swapped", "states-swapped"),
            ("no_tanh", "no-tanh-of-c"),
        ]
    )
    def test_the_fault_of_an_instance_is_named(self, slug):
        # where only values can tell how a module is read, it is read as what it is nearest to, though it is wrong
        report = rnn_ref.check(getattr(self.modules, self._testMethodName.rpartition("__")[2]))
        first, *others = report.functions.values()
        self.assertEqual((first.verdict, first.mistake), ("wrong", slug), str(report))
        self.assertEqual([one.verdict for one in others], ["passes-on"] * len(others))

    def test_on_the_command_line_with_the_reading_in_every_report(self):
        code, told = self.command(f"{self.path}:Tanh")
        self.assertEqual(code, 0)
        self.assertTrue(told["functions"]["rnn_forward"]["reading"].startswith("Tanh(D, H), time first"))
        report = rnn_ref.check(self.modules.Tanh, only="single")
        for text in (str(report), report.to_markdown(), report.to_html()):
            self.assertIn("read as: Tanh(D, H)", " ".join(text.split()))
        code, told = self.command(f"{self.path}:Transposed")
        self.assertEqual((code, told["functions"]["rnn_forward"]["mistake"]), (1, "W_hh-transposed"))

    @expand(
        [
            ("layers", "l0 l1 stack"),
            ("net", "rnn.l0 rnn.l0_reverse rnn.stack"),
            ("memories", "l0 l0_reverse l1 l1_reverse stack"),
        ]
    )
    def test_every_layer_and_direction_of_an_instance_has_its_report(self, names):
        name = self._testMethodName.rpartition("__")[2]
        code, told = self.command(f"{self.path}:{name}")
        self.assertEqual(code, 0)
        self.assertEqual([one["target"].rpartition("#")[2] for one in told["targets"]], names.split())

    def test_what_is_around_them_is_said_not_to_be_judged(self):
        for module, inside in ((self.modules.ManyToOne, "ManyToOne"), (self.modules.ManyToOne(3, 4, 2), "ManyToOne")):
            report = rnn_ref.check(module)
            self.assertTrue(report.ok, str(report))
            self.assertEqual(report.notes, [f"not judged: {inside} itself, how it joins what is in it"])

    def test_one_of_them_is_asked_by_its_name_and_from_python_one_has_to_be(self):
        code, told = self.command(f"{self.path}:net#rnn.l0_reverse")
        self.assertEqual((code, list(told["functions"])), (0, [*GATED]))
        with self.assertRaisesRegex(
            TargetError, "holds 3 networks, expected one of them: .*#rnn.l0, .*#rnn.l0_reverse, .*#rnn.stack"
        ):
            rnn_ref.check(f"{self.path}:net")
        with self.assertRaisesRegex(
            TargetError, "holds no network 'x', expected one of rnn.l0, rnn.l0_reverse, rnn.stack"
        ):
            rnn_ref.check(f"{self.path}:net#x")

    def test_a_file_with_one_module_needs_no_name(self):
        head, _, tail = MODULES.partition("class Base")
        one = self.folder / "one.py"
        one.write_text(head + "class Tutorial" + tail.partition("class Tutorial")[2].partition("class StateFirst")[0])
        code, told = self.command(one)
        self.assertEqual((code, told["functions"]["rnn_cell_step"]["verdict"]), (0, "conforms"))

    def test_of_a_module_that_holds_its_weights_it_is_not_told_that_those_handed_over_have_no_effect(self):
        (odd := self.folder / "odd.py").write_text(ODD, encoding="utf-8")
        _, told = self.command(odd)
        found = told["functions"]["rnn_forward"]
        self.assertEqual((found["verdict"], found["mistakes"]), ("wrong", []))
        self.assertFalse([fact for fact in found["facts"] if "no effect" in fact])

    def test_what_cannot_be_read_is_told_with_the_reason(self):
        torch = self.modules.torch
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            alone = torch.jit.script(torch.nn.LSTM(3, 5))  # by itself it cannot be called
        for module, reason in (
            (torch.nn.LSTM(3, 5, proj_size=2), "LSTM, with proj_size=2, expected 0"),
            (torch.nn.Conv1d(3, 5, 1), "its sizes cannot be told"),
            (torch.nn.RNN(3, 5).half(), "float16, expected float32 or float64"),
            (alone, "it has no forward of its own"),
        ):
            with self.assertRaisesRegex(TargetError, reason):
                rnn_ref.check(module)
