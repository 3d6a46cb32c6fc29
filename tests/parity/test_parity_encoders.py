"""Modules of PyTorch with a part for each gate; and those that must be told lengths, inside of others."""

import pytest

import rnn_ref

pytest.importorskip("torch")

ENCODER = """
import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.hidden = hidden
        self.fw_x, self.fw_h = nn.Linear(dim, 3 * hidden), nn.Linear(hidden, 3 * hidden)
        self.bw_x, self.bw_h = nn.Linear(dim, 3 * hidden), nn.Linear(hidden, 3 * hidden)

    def run(self, x, mask, of_x, of_h):
        h, outs = x.new_zeros(len(x), self.hidden), []
        for t in range(x.shape[1]):
            xr, xz, xn = of_x(x[:, t]).chunk(3, 1)
            hr, hz, hn = of_h(h).chunk(3, 1)
            z = torch.sigmoid(xz + hz)
            new = (1 - z) * torch.tanh(xn + torch.sigmoid(xr + hr) * hn) + z * h
            m = mask[:, t].unsqueeze(1)
            h = torch.where(m, new, h)
            outs.append(torch.where(m, new, torch.zeros_like(new)))
        return torch.stack(outs, 1)

    def forward(self, x, lengths):
        steps = torch.arange(x.shape[1]).unsqueeze(0)
        mask = steps < lengths.unsqueeze(1)
        turned = torch.where(mask, lengths.unsqueeze(1) - 1 - steps, steps)
        forth = self.run(x, mask, self.fw_x, self.fw_h)
        back = self.run(TURNED(x), mask, self.bw_x, self.bw_h)
        return torch.cat([forth, TURNED(back)], 2)


class Tagger(nn.Module):
    def __init__(self, n_tokens, dim, hidden):
        super().__init__()
        self.emb, self.enc = nn.Embedding(n_tokens, dim), Encoder(dim, hidden)

    def forward(self, tokens, lengths):
        return self.enc(self.emb(tokens), lengths)
"""
GATHERED = r"torch.gather(\1, 1, turned.unsqueeze(2).expand_as(\1))"


def checked(path, turned):
    names = ("x", "back")
    text = ENCODER
    for name in names:
        text = text.replace(f"TURNED({name})", turned.replace(r"\1", name))
    path.write_text(text, "utf-8")
    return rnn_ref.check(str(path)).functions["stack_forward"]


@pytest.mark.slow
def test_an_encoder_of_both_directions_inside_of_a_tagger_is_asked_lengths(tmp_path):
    found = checked(tmp_path / "right.py", GATHERED)
    assert (found.verdict, "lengths" in found.reading) == ("conforms", True)


def test_one_that_turns_the_padding_to_the_front_is_wrong(tmp_path):
    assert checked(tmp_path / "wrong.py", r"\1.flip(1)").verdict == "wrong"


GATES = """
import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.r_input, self.r_hidden = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.z_input, self.z_hidden = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.n_input, self.n_hidden = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def gate(self, x, h):
        return torch.sigmoid(self.r_input(x) + self.r_hidden(h)), torch.sigmoid(self.z_input(x) + self.z_hidden(h))

    def forward(self, x, h):
        r, z = self.gate(x, h)
        return torch.lerp(torch.tanh(self.n_input(x) + r * self.n_hidden(h)), h, z)
"""


CALLED = {  # how the parts are called, of the input and of the state
    "as they are": ("r_input", "r_hidden"),
    "after their kind": ("linear_r_x", "linear_r_h"),
}


@pytest.mark.parametrize("called", ["as they are", pytest.param("after their kind", marks=pytest.mark.slow)])
def test_each_bias_belongs_to_the_matrix_beside_it(called, tmp_path):
    text = GATES
    for gate in "rzn":
        for old, new in zip(CALLED["as they are"], CALLED[called], strict=True):
            text = text.replace(f"self.{gate}{old[1:]}", f"self.{new.replace('r_', f'{gate}_')}")
    (tmp_path / "cell.py").write_text(text, "utf-8")
    assert rnn_ref.check(str(tmp_path / "cell.py")).functions["gru_cell_step"].verdict == "conforms"


@pytest.mark.slow
def test_a_gate_that_is_taken_for_another_is_still_wrong(tmp_path):
    (tmp_path / "cell.py").write_text(GATES.replace("h, z)\n", "h, r)\n"), "utf-8")
    assert rnn_ref.check(str(tmp_path / "cell.py")).functions["gru_cell_step"].verdict == "wrong"


PAIR = """
import torch
from torch import nn


class One(nn.Module):
    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        self.num_hiddens = num_hiddens

        def three():
            return (nn.Parameter(torch.randn(num_inputs, num_hiddens) / 3),
                    nn.Parameter(torch.randn(num_hiddens, num_hiddens) / 3), nn.Parameter(torch.zeros(num_hiddens)))

        self.W_xz, self.W_hz, self.b_z = three()
        self.W_xr, self.W_hr, self.b_r = three()
        self.W_xh, self.W_hh, self.b_h = three()

    def forward(self, inputs, H=None):
        H = torch.zeros((inputs.shape[1], self.num_hiddens)) if H is None else H
        outputs = []
        for X in inputs:
            Z = torch.sigmoid(X @ self.W_xz + H @ self.W_hz + self.b_z)
            R = torch.sigmoid(X @ self.W_xr + H @ self.W_hr + self.b_r)
            H = Z * H + (1 - Z) * torch.tanh(X @ self.W_xh + (R * H) @ self.W_hh + self.b_h)
            outputs.append(H)
        return torch.stack(outputs), H


class Both(nn.Module):
    def __init__(self, num_inputs, num_hiddens):
        super().__init__()
        self.f_rnn, self.b_rnn = One(num_inputs, num_hiddens), One(num_inputs, num_hiddens)

    def forward(self, inputs, Hs=None):
        f_H, b_H = Hs if Hs is not None else (None, None)
        f_outputs, f_H = self.f_rnn(inputs, f_H)
        b_outputs, b_H = self.b_rnn(inputs.flip(0), b_H)
        return torch.cat((f_outputs, {back}), -1), (f_H, b_H)
"""


@pytest.mark.parametrize(
    ("back", "told"), [("b_outputs.flip(0)", ("conforms", None)), ("b_outputs", ("wrong", "not-turned-back"))]
)
def test_a_module_that_joins_two_of_its_authors_is_asked_both_directions(tmp_path, back, told):
    (tmp_path / "pair.py").write_text(PAIR.replace("{back}", back), "utf-8")
    found = rnn_ref.check(str(tmp_path / "pair.py")).functions["stack_forward"]
    assert (found.verdict, found.mistake) == told


MASKED = """
import torch
from torch import nn


class Direction(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.hidden_size = hidden_size
        self.gates_x, self.gates_h = nn.Linear(input_size, 2 * hidden_size), nn.Linear(hidden_size, 2 * hidden_size)
        self.new_x, self.new_h = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def forward(self, x, mask):  # mask (B, T): 1 for a real token
        h, states = x.new_zeros(len(x), self.hidden_size), []
        for t in range(x.shape[1]):
            r, z = torch.sigmoid(self.gates_x(x[:, t]) + self.gates_h(h)).chunk(2, dim=-1)
            new = z * h + (1 - z) * torch.tanh(self.new_x(x[:, t]) + self.new_h(r * h))
            m = mask[:, t].unsqueeze(1)
            h = m * new + (1 - m) * h
            states.append(h)
        return torch.stack(states, dim=1), h
"""


def test_a_mask_that_is_multiplied_by_has_the_precision_of_the_inputs(tmp_path):
    (tmp_path / "masked.py").write_text(MASKED, "utf-8")
    found = rnn_ref.check(str(tmp_path / "masked.py"), only="stack_forward/*float32").functions["stack_forward"]
    assert (found.verdict, "reset_after=False only" in found.claims) == ("conforms", True), str(found)
