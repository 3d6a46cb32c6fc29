"""Files of PyTorch, Keras and JAX as people publish them: what is right is read and conforms, what is wrong is not."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance.errors import TargetError
from rnn_ref.conformance.targets import keras_backend

JAX_LSTM = """\
import jax.numpy as jnp
from jax.nn import sigmoid, tanh

def step(p, h, c, x):
    f = sigmoid(jnp.dot(p["W_f"], x) + jnp.dot(p["U_f"], h) + p["b_f"])
    i = sigmoid(jnp.dot(p["W_i"], x) + jnp.dot(p["U_i"], h) + p["b_i"])
    o = sigmoid(jnp.dot(p["W_o"], x) + jnp.dot(p["U_o"], h) + p["b_o"])
    c = f * c + i * tanh(jnp.dot(p["W_c"], x) + jnp.dot(p["U_c"], {seen}) + p["b_c"])
    return o * tanh(c), c
"""
JAX_HEAD = """\
import jax
import jax.numpy as jnp

def gru_cell(p, h, x):
    both = jnp.concatenate([h, x], -1)
    z, r = jax.nn.sigmoid(both @ p["W_z"] + p["b_z"]), jax.nn.sigmoid(both @ p["W_r"] + p["b_r"])
    return (1 - z) * h + z * jnp.tanh(jnp.concatenate([r * h, x], -1) @ p["W_h"] + p["b_h"])

def gru_forward(p, x):
    h = jnp.zeros((len(x), p["W_z"].shape[1]))
    h, _ = jax.lax.scan(lambda h, x_t: (gru_cell(p, h, x_t), None), h, jnp.swapaxes(x, 0, 1))
    return jax.nn.relu(h @ p["head_one"] + p["shift_one"]) @ p["head_two"]
"""
STATIC = """\
import numpy as np

class Plain:
    @staticmethod
    def vanilla_cell(x, h0, w_hh, w_xh, b_h):
        steps, batch, size = x.shape
        h, found = h0, []
        for t in range(steps):
            h = np.tanh(x[t] @ w_xh + {state} @ w_hh + b_h)
            found.append(h)
        return np.stack(found)
"""
KEYED = """\
import jax
import jax.numpy as jnp

class Network:
    def __init__(self, inputs, hidden, key):
        one, two = jax.random.split(key)
        self.W_x = jax.random.normal(one, (inputs, hidden))
        self.W_h = jax.random.normal(two, (hidden, hidden))
        self.b = jnp.zeros(hidden)

    def step(self, x, h):
        return {bent}(x @ self.W_x + h @ self.W_h + self.b)
"""
SCRIPTED = """\
from typing import List, Tuple
import torch
from torch import Tensor, jit, nn

class Cell(jit.ScriptModule):
    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        self.x2g, self.h2g = nn.Linear(inputs, 4 * hidden), nn.Linear(hidden, 4 * hidden)

    @jit.script_method
    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tuple[Tensor, Tensor]:
        i, f, g, o = (self.x2g(x) + self.h2g(h)).chunk(4, 1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c

class Layer(jit.ScriptModule):
    def __init__(self, inputs: int, hidden: int):
        super().__init__()
        self.cell = Cell(inputs, hidden)

    @jit.script_method
    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tuple[Tensor, Tensor]:
        hs: List[Tensor] = []
        cells: List[Tensor] = []
        for t in range(x.size(0)):
            h, c = self.cell(x[t], h, c)
            hs.append(h)
            cells.append({kept})
        return torch.stack(hs), torch.stack(cells)
"""
UPDATE = """\
import torch
from torch import nn

class Cell(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.xz, self.hz = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)
        self.xr, self.hr = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)
        self.xn, self.hn = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden)

    def forward(self, x, h):
        z, r = torch.sigmoid(self.xz(x) + self.hz(h)), torch.sigmoid(self.xr(x) + self.hr(h))
        return (1 - z) * h + z * torch.tanh(self.xn(x) + {gate} * self.hn(h))
"""
TWO_GATES = """\
import torch
from torch import nn

class GRU(nn.Module):
    def __init__(self, inputs, hidden):
        super().__init__()
        self.hidden = hidden
        self.gates, self.new = nn.Linear(inputs + hidden, 2 * hidden), nn.Linear(inputs + hidden, hidden)

    def forward(self, x):
        h = torch.zeros(len(x), self.hidden)
        for t in range(x.size(1)):
            z, r = torch.sigmoid(self.gates(torch.cat([x[:, t], h], 1))).chunk(2, 1)
            n = torch.tanh(self.new(torch.cat([x[:, t], {gate} * h], 1)))
            h = (1 - z) * n + z * h
        return h
"""
HELD = """\
import torch
from torch import nn

class Tagger(nn.Module):
    def __init__(self, embedding_dim, hidden_dim, words, tags):
        super().__init__()
        self.words = nn.Embedding(words, embedding_dim)
        self.rnn, self.out = nn.RNN(embedding_dim, hidden_dim), nn.Linear(hidden_dim, tags)
        self.begin = {begin}

    def forward(self, sentence):
        states, _ = self.rnn(self.words(sentence)[:, None], self.begin)
        return self.out(states[:, 0])

class Encoder(nn.Module):
    def __init__(self, words, hidden_dim, dropout):
        super().__init__()
        self.words, self.drop = nn.Embedding(words, hidden_dim), nn.Dropout(dropout)
        self.gru = nn.GRU(hidden_dim, hidden_dim)

    def forward(self, token, hidden):
        return self.gru(self.drop(self.words(token)).view(1, 1, -1), hidden)
"""
SCRIPT = """\
from typing import Tuple
import torch
from torch import Tensor

@torch.jit.script
def lstm_cell(x: Tensor, h: Tensor, c: Tensor, w_ih: Tensor, w_hh: Tensor, b: Tensor) -> Tuple[Tensor, Tensor]:
    i, f, g, o = (x @ w_ih.t() + h @ w_hh.t() + b).chunk(4, 1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * {shown}, c
"""
CLASSIFIER = """\
import torch
from torch import nn

class Classifier(nn.Module):
    def __init__(self, inputs, hidden, classes):
        super().__init__()
        self.hidden = hidden
        self.x2h, self.h2h, self.out = nn.Linear(inputs, hidden), nn.Linear(hidden, hidden), nn.Linear(hidden, classes)

    def forward(self, x):
        h = torch.zeros(len(x), self.hidden)
        for t in range(x.size(1)):
            h = torch.tanh(self.x2h(x[:, t]) + self.h2h({state}))
        return self.out(h)
"""
KERAS_LSTM = """\
import keras
from keras import ops

class Cell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units, self.state_size = units, [units, units]

    def build(self, shape):
        self.kernel = self.add_weight(shape=(shape[-1], 4 * self.units), name="kernel")
        self.recurrent = self.add_weight(shape=(self.units, 4 * self.units), name="recurrent_kernel")
        self.bias = self.add_weight(shape=(4 * self.units,), name="bias")

    def call(self, inputs, states):
        h, c = states
        gates = {sum} + self.bias
        i, f, g, o = ops.split(gates, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        return ops.sigmoid(o) * ops.tanh(c), [ops.sigmoid(o) * ops.tanh(c), c]
"""
KERAS_DENSE = """\
import keras

class Cell(keras.layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.state_size = units
        self.x2h, self.h2h = keras.layers.Dense(units), keras.layers.Dense(units, use_bias=False)

    def call(self, inputs, states):
        summed = self.x2h(inputs) + self.h2h(states[0])
        return {bent}, [{bent}]
"""


def report(folder: Path, source: str, only: str | None = None) -> Any:
    (folder / "mine.py").write_text(source)
    return rnn_ref.check(str(folder / "mine.py"), only=only)


@pytest.mark.parametrize(("seen", "verdict"), [("h", "conforms"), ("c", "wrong")])
def test_what_stands_behind_a_frameworks_functions_is_no_text_of_the_authors(
    tmp_path: Path, seen: str, verdict: str
) -> None:
    pytest.importorskip("jax")
    found = report(tmp_path, JAX_LSTM.replace("{seen}", seen), "lstm_*/generic*float32").functions
    assert {name: one.verdict for name, one in found.items() if one.verdict != "missing"} == {"lstm_cell_step": verdict}


def test_a_function_with_our_name_and_a_layer_of_its_own_is_left_out_with_a_note(tmp_path: Path) -> None:
    pytest.importorskip("jax")
    found = report(tmp_path, JAX_HEAD, "gru_*/generic*float32")
    assert found.functions["gru_cell_step"].verdict == "conforms"
    assert found.functions["gru_forward"].verdict == "missing"
    assert any(note.startswith("not read: gru_forward(p, x)") and "'head_one'" in note for note in found.notes)


@pytest.mark.parametrize(("bent", "verdict"), [("jnp.tanh", "conforms"), ("jnp.sin", "wrong")])
def test_a_class_that_draws_its_weights_from_a_key_of_jax_is_read(tmp_path: Path, bent: str, verdict: str) -> None:
    pytest.importorskip("jax")
    found = report(tmp_path, KEYED.replace("{bent}", bent), "rnn_cell_step/generic-*32").functions
    assert found["rnn_cell_step"].verdict == verdict


@pytest.mark.parametrize(("state", "verdict"), [("h", "conforms"), ("h0", "wrong")])
def test_what_is_called_a_cell_and_takes_sequences_is_no_step(tmp_path: Path, state: str, verdict: str) -> None:
    found = report(tmp_path, STATIC.replace("{state}", state), "rnn_forward/generic*").functions["rnn_forward"]
    assert (found.verdict, found.reading.startswith("Plain.vanilla_cell")) == (verdict, True)


@pytest.mark.parametrize(("kept", "verdict"), [("c", "conforms"), ("h", "wrong")])
def test_scripted_modules_are_read_and_all_their_memories_are_judged(tmp_path: Path, kept: str, verdict: str) -> None:
    pytest.importorskip("torch")
    found = report(tmp_path, SCRIPTED.replace("{kept}", kept), "lstm_*/generic-float64").functions
    assert (found["lstm_forward"].verdict, "all memories" in found["lstm_forward"].reading) == (verdict, True)


@pytest.mark.parametrize(("old", "new", "depends"), [
    ("torch.sigmoid(self.xr(x)", "torch.sigmoid(self.more * h + self.xr(x)", "more"),
    ("self.xn(x) +", "self.more(self.xn(x)) +", "more.weight, more.bias"),
])  # fmt: skip
def test_a_cell_whose_states_depend_on_more_is_of_another_kind(
    tmp_path: Path, old: str, new: str, depends: str
) -> None:
    pytest.importorskip("torch")
    more = "nn.LayerNorm(hidden)" if "bias" in depends else "nn.Parameter(torch.ones(hidden))"
    source = UPDATE.replace("{gate}", "r").replace(old, new)
    source = source.replace("        self.xz,", f"        self.more = {more}\n        self.xz,")
    with pytest.raises(TargetError, match=f"of another kind, for its states depend on {depends} too"):
        report(tmp_path, source)


@pytest.mark.parametrize(("shown", "verdict"), [("torch.tanh(c)", "conforms"), ("c", "wrong")])
def test_a_scripted_function_is_read_by_what_it_was_written_as(tmp_path: Path, shown: str, verdict: str) -> None:
    pytest.importorskip("torch")
    found = report(tmp_path, SCRIPT.replace("{shown}", shown), "lstm_cell_step/generic-*64").functions["lstm_cell_step"]
    assert (found.verdict, found.reading.startswith("lstm_cell(x: torch.Tensor")) == (verdict, True)


def test_a_classifier_of_the_last_state_is_read_without_its_output_layer(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    source = CLASSIFIER
    right = report(tmp_path, source.replace("{state}", "h")).functions["rnn_forward"]
    assert (right.verdict, "its output layer out left out" in right.reading) == ("conforms", True)
    assert report(tmp_path, source.replace("{state}", "0 * h")).functions["rnn_forward"].verdict == "wrong"
    with pytest.raises(TargetError, match="what it does with the answer of its output layer out is not known"):
        report(tmp_path, source.replace("{state}", "h").replace("self.out(h)", "torch.relu(self.out(h))"))


TOKENS = """\
import torch
from torch import nn

class CharRNN(nn.Module):
    def __init__(self, n_vocab, n_embed, n_hidden):
        super().__init__()
        self.n_hidden = n_hidden
        self.embed = nn.Embedding(n_vocab, n_embed, padding_idx=0)
        self.inp, self.rec = nn.Linear(n_embed, n_hidden), nn.Linear(n_hidden, n_hidden, bias=False)
        self.head = nn.Linear(n_hidden, n_vocab)

    def forward(self, tokens, h=None):
        batch, steps = tokens.shape
        h = torch.zeros(batch, self.n_hidden) if h is None else h
        x, logits = self.embed(tokens), []
        for t in range(steps):
            h = torch.tanh(self.inp(x[:, t]) + self.rec({before}))
            logits.append(self.head(h))
        return torch.stack(logits, 1), h
"""


@pytest.mark.parametrize(("before", "verdict"), [("h", "conforms"), ("self.inp(x[:, t])", "wrong")])
def test_one_that_looks_tokens_up_is_asked_with_vectors(tmp_path: Path, before: str, verdict: str) -> None:
    pytest.importorskip("torch")
    found = report(tmp_path, TOKENS.replace("{before}", before), "rnn_forward/generic-*").functions["rnn_forward"]
    assert (found.verdict, "vectors in the rows of embed" in found.reading) == (verdict, True)


@pytest.mark.parametrize(("source", "function"), [(UPDATE, "gru_cell_step"), (TWO_GATES, "gru_forward")])
@pytest.mark.parametrize(("gate", "right"), [("r", True), ("z", False)])
def test_a_grus_update_gate_may_count_either_way_and_share_a_matrix_with_the_other(
    tmp_path: Path, source: str, function: str, gate: str, *, right: bool
) -> None:
    pytest.importorskip("torch")
    found = report(tmp_path, source.replace("{gate}", gate), f"{function}/*").functions[function]
    assert (found.verdict == "conforms") is right


def test_several_classes_are_judged_by_the_layers_that_they_hold_and_what_they_raise_is_told(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    begins = {"None": False, "(torch.zeros(1, 1, hidden_dim),) * 2": True}
    for begin, raises in begins.items():
        (tmp_path / "mine.py").write_text(HELD.replace("{begin}", begin))
        every: list[Any] = list(rnn_ref.check_several([str(tmp_path / "mine.py")]))
        assert {one.target.rpartition("#")[2]: one.ok for one in every} == {"Tagger": True, "Encoder": True}
        notes = [note for one in every for note in one.notes if "Tagger itself" in note]
        assert ["AttributeError" in note for note in notes] == [raises]


def test_keras_begins_on_a_backend_that_is_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    cases = [({"keras", "torch"}, "torch"), ({"keras", "jax"}, "numpy"), ({"keras", "tensorflow", "torch"}, None)]
    for there, chosen in cases:
        monkeypatch.delenv("KERAS_BACKEND", raising=False)
        keras_backend.choose_keras_backend(there.__contains__)
        assert os.environ.get("KERAS_BACKEND") == chosen
    (tmp_path / "keras.json").write_text('{"backend": "jax"}')
    keras_backend.choose_keras_backend({"keras", "torch"}.__contains__)
    assert "KERAS_BACKEND" not in os.environ


@pytest.mark.parametrize(
    ("source", "function", "verdict"),
    [
        (KERAS_LSTM.replace("{sum}", "inputs @ self.kernel + h @ self.recurrent"), "lstm_cell_step", "conforms"),
        (KERAS_LSTM.replace("{sum}", "inputs @ self.kernel + c @ self.recurrent"), "lstm_cell_step", "wrong"),
        pytest.param(
            KERAS_DENSE.replace("{bent}", "keras.ops.tanh(summed)"), "rnn_cell_step", "conforms", marks=pytest.mark.slow
        ),
        pytest.param(KERAS_DENSE.replace("{bent}", "summed"), "rnn_cell_step", "wrong", marks=pytest.mark.slow),
    ],
)  # fmt: skip
def test_a_class_of_keras_cells_is_made_and_judged(tmp_path: Path, source: str, function: str, verdict: str) -> None:
    if find_spec("keras") is None or find_spec("torch") is None:
        pytest.skip("Keras is not installed")
    assert report(tmp_path, source).functions[function].verdict == verdict


def test_what_a_class_of_keras_cells_raises_is_told_in_its_own_words(tmp_path: Path) -> None:
    if find_spec("keras") is None or find_spec("torch") is None:
        pytest.skip("Keras is not installed")
    source = KERAS_DENSE.replace("{bent}", "keras.backend.no_such_product(summed)")
    with pytest.raises(TargetError, match=r"Cell\(5\) .* no attribute 'no_such_product' \(mine.py:11\)"):
        report(tmp_path, source)
