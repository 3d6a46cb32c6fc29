"""A module around PyTorch's own networks: what is wrong whatever it is for makes the check fail, all else does not."""

import unittest

from parity_expand import expand
from parity_torch import torch

import rnn_ref
from rnn_ref.conformance import TargetError


class Looped(torch.nn.Module):
    """A loop over a cell, with what it hands on as an argument."""

    def __init__(self, kind, hands, *, tokens=False):
        super().__init__()
        self.embedded = torch.nn.Embedding(9, 4) if tokens else None
        self.cell, self.out = kind(4, 6), torch.nn.Linear(6, 2)
        self.hands = hands

    def forward(self, x):
        x = x if self.embedded is None else self.embedded(x)
        begins = state = (x.new_zeros(x.shape[0], 6),) * (2 if isinstance(self.cell, torch.nn.LSTMCell) else 1)
        for t in range(x.shape[1]):
            found = self.cell(x[:, t], state if len(state) > 1 else state[0])
            found = found if isinstance(found, tuple) else (found,)
            state = self.hands(found, begins)
        return self.out(found[0])


class Layered(torch.nn.Module):
    """A layer whose answer is cut down to one step."""

    def __init__(self, cut, *, batch_first):
        super().__init__()
        self.gru, self.out = torch.nn.GRU(4, 6, batch_first=batch_first), torch.nn.Linear(6, 2)
        self.cut = cut

    def forward(self, x):
        return self.out(torch.relu(self.cut(self.gru(x)[0])))


class Padded(torch.nn.Module):
    """A layer told where sequences end, and how its states are cut down to one for each."""

    def __init__(self, cut):
        super().__init__()
        self.rnn, self.out = torch.nn.RNN(4, 6, batch_first=True), torch.nn.Linear(6, 2)
        self.cut = cut

    def sums(self):
        """Return it with one number for an answer, at every step."""
        self.out.register_forward_hook(lambda _, __, answer: answer.sum(-1))
        return self

    def forward(self, x, lengths):
        return self.out(self.cut(self.rnn(x)[0], lengths))


class Fixed(torch.nn.Module):
    """A module whose sizes stand in its text."""

    def __init__(self):
        super().__init__()
        self.gru, self.out = torch.nn.GRU(4, 6, batch_first=True), torch.nn.Linear(6, 2)

    def forward(self, x):
        return self.out(self.gru(x)[0][:, -1])


class Rectified(Layered):
    """An answer that is zero for every sequence of a batch but the last."""

    def forward(self, x):
        found = super().forward(x)
        lowest = torch.arange(len(found)) < len(found) - 1
        return torch.relu(found - 1e9 * lowest[:, None])


def _of_zeros(module):
    """Return a module whose weights and biases are all zero, as before training: its states stay zero."""
    for one in module.parameters():
        torch.nn.init.zeros_(one)
    return module


LSTM, GRU = torch.nn.LSTMCell, torch.nn.GRUCell
SAME = "its loop hands cell the same {} at every step, never what the step before returned"
WRONG = [
    ("memory", Looped(LSTM, lambda found, begins: (found[0], begins[1])), SAME.format("c")),
    ("state", Looped(LSTM, lambda found, begins: (begins[0], found[1])), SAME.format("h")),
    ("both", Looped(LSTM, lambda _, begins: begins), SAME.format("h and c")),
    ("of_one", Looped(GRU, lambda _, begins: begins), SAME.format("h")),
    ("second", Layered(lambda out: out[:, -1], batch_first=False), "from the last sequence of a batch alone"),
    ("first", Layered(lambda out: out[-1], batch_first=True), "from the last sequence of a batch alone"),
    ("ends", Padded(lambda out, _: out[:, -1]), "depends on what stands behind its end, though lengths says where"),
]
RIGHT = [
    ("lstm", Looped(LSTM, lambda found, _: found)),
    ("gru", Looped(GRU, lambda found, _: found)),
    ("detached", Looped(GRU, lambda found, _: (found[0].detach(),))),
    ("rectified", Rectified(lambda out: out[:, -1], batch_first=True)),
    ("zeros", _of_zeros(Looped(LSTM, lambda found, _: found))),
    ("tokens", Looped(GRU, lambda found, _: found, tokens=True)),
    ("last", Layered(lambda out: out[:, -1], batch_first=True)),
    ("time_first", Layered(lambda out: out[-1], batch_first=False)),
    ("mean", Layered(lambda out: out.mean(1), batch_first=True)),
    ("class", Fixed),
    ("padded", Padded(lambda out, lengths: out[torch.arange(len(out)), lengths - 1])),
    ("every_step", Padded(lambda out, _: out)),
    ("every_number", Padded(lambda out, _: out).sums()),
]


class AroundTest(unittest.TestCase):
    @expand([(label, (module, told)) for label, module, told in WRONG])
    def test_what_is_wrong_makes_the_check_fail(self, case):
        module, told = case
        report = rnn_ref.check(module)
        self.assertFalse(report.ok)
        self.assertTrue(all(one.verdict == "conforms" for one in report.functions.values()))
        self.assertIn(told, report.notes[-1])
        self.assertIn(f"2 conforms; wrong: {type(module).__name__} itself", str(report))
        self.assertIn(told, report.to_junit())

    @expand(RIGHT)
    def test_what_is_right_does_not(self, module):
        report = rnn_ref.check(module)
        self.assertTrue(report.ok, str(report))
        self.assertIn("itself, how it joins what is in it", report.notes[-1])

    def test_a_name_that_is_bound_nowhere_is_no_green_step(self):
        module = Looped(GRU, lambda found, _: unbound(found))  # noqa: F821
        try:
            ok = rnn_ref.check(module).ok
        except TargetError:
            ok = False
        self.assertFalse(ok)
