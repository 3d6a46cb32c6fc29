"""A module that looks its inputs up in an embedding and goes on in layers of its own, step by step."""

import importlib.util
import sys

import pytest

import rnn_ref

MODULE = """
import torch
import torch.nn as nn

class Classifier(nn.Module):
    def __init__(self, n_tokens, emb_dim, hid_dim, n_classes):
        super().__init__()
        self.hid_dim = hid_dim
        self.embedding = nn.Embedding(n_tokens, emb_dim)
        self.in2hid = nn.Linear(emb_dim, hid_dim)
        self.hid2hid = nn.Linear(hid_dim, hid_dim, bias=False)
        self.fc = nn.Linear(hid_dim, n_classes)

    def forward(self, tokens):
        emb = self.embedding(tokens)
        h = torch.zeros(tokens.size(0), self.hid_dim)
        for t in range(tokens.size(1)):
            h = torch.tanh(self.in2hid(emb[:, t, :]) + self.hid2hid(h))
        return self.fc(h)
"""


@pytest.mark.parametrize(("right", "faulty"), [("", ""), (" + self.hid2hid(h))", ") + self.hid2hid(h)")])
def test_a_module_with_an_embedding_is_asked_with_plain_rows(right, faulty, tmp_path, monkeypatch):
    pytest.importorskip("torch")
    path = tmp_path / "classifier.py"
    path.write_text(MODULE.replace(right, faulty), "utf-8")
    spec = importlib.util.spec_from_file_location("classifier", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "classifier", module)
    spec.loader.exec_module(module)
    found = rnn_ref.check(module, only="rnn_forward/generic").functions["rnn_forward"]
    assert found.verdict == ("wrong" if faulty else "conforms")
