"""Modules handed no state: that means zeros, whatever was asked before, of every kind of cell and stack."""

import tempfile
import unittest
from pathlib import Path

from parity_artefacts import exported
from parity_expand import expand
from parity_torch import torch

import rnn_ref

KINDS = {"gru": torch.nn.GRU, "lstm": torch.nn.LSTM, "rnn": torch.nn.RNN}


def begun(kind, instead):
    """Return a class that begins with what ``instead`` makes of zeros, where no state is handed over."""

    class Begun(torch.nn.Module):
        def __init__(self, input_size, hidden_size, num_layers=1):
            super().__init__()
            self.inside = KINDS[kind](input_size, hidden_size, num_layers)
            self.last = None

        def forward(self, x, state=None):
            if state is None:
                zeros = x.new_zeros(self.inside.num_layers, x.shape[1], self.inside.hidden_size)
                begins = instead(self, zeros)
                state = (begins, begins) if kind == "lstm" else begins
            shown, last = self.inside(x, state)
            self.last = (last[0] if kind == "lstm" else last).detach()
            return shown, last

    return Begun


class Stepped(torch.nn.Module):
    """A cell that goes on from what it answered last."""

    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.inside, self.last = torch.nn.GRUCell(input_size, hidden_size), None

    def forward(self, x, h=None):
        h = self.last if h is None and self.last is not None and len(self.last) == len(x) else h
        self.last = self.inside(x, h).detach()
        return self.inside(x, h)


def kept(module, zeros):
    return zeros if module.last is None or module.last.shape != zeros.shape else module.last


def asked(kind):
    """Return the functions that are asked without states, and the checks that do so: a GRU has no others of zeros."""
    zeros = "*one-input*" if kind == "gru" else f"{kind}_*zeros*"
    return (f"{kind}_forward", zeros), ("stack_forward", "stack_*zeros*")


ASKED = [(kind, kind) for kind in KINDS]


class NoState(unittest.TestCase):
    @expand(ASKED)
    def test_what_is_kept_between_calls_shows_in_a_class_and_in_a_stack(self, kind):
        for function, only in asked(kind):
            report = rnn_ref.check(begun(kind, kept), only=only)
            told = report.functions[function]
            self.assertEqual((told.verdict, told.mistake), ("wrong", "state-leaks"), str(report))

    @expand(ASKED)
    def test_no_state_is_zeros_and_not_ones(self, kind):
        for function, only in asked(kind):
            report = rnn_ref.check(begun(kind, lambda _, zeros: zeros + 1), only=only)
            self.assertEqual(report.functions[function].verdict, "wrong", str(report))

    @expand(ASKED)
    def test_zeros_are_right(self, kind):
        for function, only in asked(kind):
            report = rnn_ref.check(begun(kind, lambda _, zeros: zeros), only=only)
            self.assertTrue(report.ok, str(report))
            self.assertIn(function, report.functions)

    def test_a_last_state_that_depends_on_nothing_is_wrong_once(self):
        class Constant(torch.nn.LSTM):
            def forward(self, x, state=None):
                shown, (h, c) = super().forward(x, state)
                return shown, (h, torch.zeros_like(c))

        functions = rnn_ref.check(Constant(4, 6)).functions
        told = {name: functions[name].verdict for name in ("lstm_forward", "lstm_backward")}
        self.assertEqual(told, {"lstm_forward": "wrong", "lstm_backward": "passes-on"})

    def test_a_cell_that_keeps_its_state_is_judged_with_what_is_around_it(self):
        for thing in (Stepped, Stepped(4, 6)):
            told = rnn_ref.check(thing, only="gru_cell_step/*").functions["gru_cell_step"]
            self.assertEqual((told.verdict, told.mistake), ("wrong", "state-leaks"))

    def test_a_node_of_a_file_is_asked_without_states_as_it_may_stand_in_it(self):
        with tempfile.TemporaryDirectory() as folder:
            path = exported(torch.nn.GRU(4, 6), (torch.randn(5, 2, 4),), Path(folder) / "no_state.onnx")
            report = rnn_ref.check(str(path))
        self.assertTrue(report.ok, str(report))
        self.assertTrue(any("zeros" in one.id for one in report.results))
