"""Files of PyTorch and JAX as they are written: several classes, records of parameters, tokens, one precision."""

from pathlib import Path
from typing import Any

import pytest

import rnn_ref

TWO = """\
import torch
from torch import nn

class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.Wr, self.Ur = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.Wz, self.Uz = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.W, self.U = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h):
        r, z = torch.sigmoid(self.Wr(x) + self.Ur(h)), torch.sigmoid(self.Wz(x) + self.Uz(h))
        n = torch.tanh(self.W(x) + r * self.U(h))
        return (1 - z) * n + z * h

class Tagger(nn.Module):
    def __init__(self, words, tags):
        super().__init__()
        self.embedding, self.cell, self.out = nn.Embedding(words, 4), Cell(4, 6), nn.Linear(6, tags)

    def forward(self, tokens):
        h, found = torch.zeros(tokens.shape[1], 6), []
        for x in self.embedding(tokens):
            h = self.cell(x, h)
            found.append(self.out(h))
        return torch.stack(found)
"""
BATCH_FIRST = """\
import torch
from torch import nn

class Model(nn.Module):
    def __init__(self, input_dim, hidden_dim):
        super().__init__()
        self.x2h, self.h2h = nn.Linear(input_dim, hidden_dim), nn.Linear(hidden_dim, hidden_dim)
        self.hidden_dim = hidden_dim

    def forward(self, x):
        # x: (batch, seq_len, input_dim)
        h, found = torch.zeros(self.hidden_dim, dtype=x.dtype), []
        for t in range(x.size({axis})):
            h = torch.tanh(self.x2h(x[{t}]) + self.h2h(h))
            found.append(h)
        return torch.stack(found, {axis})
"""
TOKENS = """\
from functools import partial
from typing import NamedTuple
import jax
import jax.numpy as jnp

class Params(NamedTuple):
    embed: jax.Array
    w_ih: jax.Array
    w_hh: jax.Array
    b: jax.Array

def unroll(params: Params, tokens, h0):
    def step(params, h, token):
        new = jnp.tanh(params.w_ih @ params.embed[token] + params.w_hh @ h + params.b)
        return new, {shown}
    return jax.lax.scan(partial(step, params), h0, tokens)[1]
"""
GATES = """\
import jax
import jax.numpy as jnp

def gru_cell(params, h, x):
    n = h.shape[-1]
    gates = x @ params["wi"] + params["b"]
    z, r = jnp.split(jax.nn.sigmoid(gates[..., :2 * n] + h @ params["wh"][:, :2 * n]), 2, -1)
    return (1 - z) * h + z * jnp.tanh(gates[..., 2 * n:] + (r * h) @ params["wh"][:, 2 * n:])
"""


SIGMOID = "\ndef sigmoid(a):\n    return 1 / (1 + jnp.exp(-a))\n"


def report(folder: Path, source: str, only: str) -> Any:
    (folder / "mine.py").write_text(source)
    return rnn_ref.check(str(folder / "mine.py"), only=only)


def test_a_cell_beside_the_class_that_uses_it_is_judged_and_that_class_is_told(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    right = report(tmp_path, TWO, "gru_cell_step/generic-float64")
    assert right.functions["gru_cell_step"].verdict == "conforms"
    assert "not judged: Tagger.forward" in right.notes
    wrong = report(tmp_path, TWO.replace("r * self.U(h)", "z * self.U(h)"), "gru_cell_step/generic-float64")
    assert wrong.functions["gru_cell_step"].verdict == "wrong"


def test_what_is_there_to_compare_with_is_not_judged_in_the_place_of_a_files_own_class(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    own = TWO[: TWO.index("class Tagger")] + "plain = nn.GRUCell(4, 6)  # beside mine\nmine = Cell(4, 6)\n"
    right = report(tmp_path, own, "gru_cell_step*").functions["gru_cell_step"]
    assert (right.verdict, right.reading.startswith("Cell, ")) == ("conforms", True)
    wrong = report(tmp_path, own.replace("z * h", "r * h  # not mine"), "gru_cell_step*").functions["gru_cell_step"]
    assert wrong.verdict == "wrong"


def test_the_order_of_axes_is_the_one_that_the_author_says(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    right = BATCH_FIRST.replace("{axis}", "1").replace("{t}", ":, t")
    wrong = BATCH_FIRST.replace("{axis}", "0").replace("{t}", "t")
    assert report(tmp_path, right, "rnn_forward*").functions["rnn_forward"].verdict == "conforms"
    found = report(tmp_path, wrong, "rnn_forward*").functions["rnn_forward"]
    assert found.verdict != "conforms"
    assert any(one.startswith("layout-") for one in found.mistakes)


@pytest.mark.parametrize(("shown", "verdict"), [("new", "conforms"), ("h", "wrong")])
def test_tokens_are_looked_up_in_an_embedding_that_stands_aside(tmp_path: Path, shown: str, verdict: str) -> None:
    pytest.importorskip("jax")
    found = report(tmp_path, TOKENS.replace("{shown}", shown), "rnn_forward/single-float32").functions["rnn_forward"]
    assert (found.verdict, "class indices" in found.reading) == (verdict, True)


def test_jax_is_asked_in_the_precision_that_it_has(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    found = report(tmp_path, GATES, "gru_cell_step/generic*").functions["gru_cell_step"]
    assert (found.verdict, "float32 only" in found.claims) == ("conforms", True)


def test_numpy_beside_jax_is_asked_in_both_precisions(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    source = GATES.replace("import jax\nimport jax.numpy as jnp", "import jax\nimport numpy as jnp\n" + SIGMOID)
    source = source.replace("jax.nn.sigmoid(", "sigmoid(")
    (tmp_path / "mine.py").write_text(source)
    found = rnn_ref.check(str(tmp_path / "mine.py"), only="gru_cell_step/generic-before*").functions["gru_cell_step"]
    assert found.verdict == "conforms"
    assert "float32 only" not in found.claims
