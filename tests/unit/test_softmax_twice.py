"""A module that answers with probabilities, in a file whose loss takes logits: seen in the loss, and named."""

import importlib
import sys
import textwrap
from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.conformance.targets.softmax_twice import softmax_twice

pytest.importorskip("torch")

CLASSIFIER = """
    import torch
    import torch.nn as nn

    class RNN(nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super().__init__()
            self.i2h, self.h2h = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
            self.h2o = nn.Linear(hidden_size, output_size)
            self.softmax = nn.{layer}(dim=1)

        def forward(self, input, hidden):
            hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
            output = self.softmax(self.h2o(hidden))
            return output, hidden

    def train(net, x, y, criterion=nn.{loss}()):
        hidden = torch.zeros(1, 7)
        for one in x:
            output, hidden = net(one, hidden)
        return criterion(output, y)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("layer", "loss", "named"),
    [
        ("Softmax", "CrossEntropyLoss", ["double-softmax"]),
        ("LogSoftmax", "NLLLoss", []),
        ("LogSoftmax", "CrossEntropyLoss", []),
    ],
)
def test_a_softmax_before_a_loss_that_takes_one(tmp_path: Path, layer: str, loss: str, named: list[str]) -> None:
    target = tmp_path / "classifier.py"
    target.write_text(textwrap.dedent(CLASSIFIER.format(layer=layer, loss=loss)), encoding="utf-8")
    report = rnn_ref.check(str(target))
    assert [slug for one in report.functions.values() for slug in one.mistakes] == named


ANSWER, USE = "        return output, hidden\n", "output, hidden = net(one, hidden)"
HANDS_OUT = f"{ANSWER}\n        def logits(self, input, hidden):\n            return self.h2o(hidden), hidden\n"
TRAINS = f"{ANSWER}\n        def loss(self, x, h, y):\n            return nn.CrossEntropyLoss()(self(x, h)[0], y)\n"
CELL = "class Cell(nn.Module):\n        def forward(self, x):\n            return torch.tanh(x)\n\n    class RNN"
SOFTMAX = "output = self.softmax(self.h2o(hidden))"
IN_USE = f"output = self.h2o(hidden)\n{' ' * 12}if not self.training:\n{' ' * 16}output = self.softmax(output)"


@pytest.mark.parametrize(
    ("edits", "seen"),
    [
        ((), True),
        (((SOFTMAX, IN_USE),), False),
        (((f"{' ' * 4}{ANSWER}", f"{' ' * 4}{TRAINS}"), ("criterion(output, y)", "net.loss(x, hidden, y)")), True),
        ((("class RNN", CELL), ("torch.tanh(self.i2h", "Cell()(self.i2h")), True),
        ((("class RNN", CELL),), False),
        (((f"{' ' * 4}{ANSWER}", f"{' ' * 4}{HANDS_OUT}"), (USE, USE.replace("net(", "net.logits("))), False),
    ],
)  # fmt: skip
def test_a_loss_is_not_asked_where_it_may_be_given_logits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edits: tuple[tuple[str, str], ...], seen: bool
) -> None:
    text = CLASSIFIER.format(layer="Softmax", loss="CrossEntropyLoss")
    for old, new in edits:
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "answers.py").write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "answers", raising=False)
    assert bool(softmax_twice(importlib.import_module("answers"))) is seen
