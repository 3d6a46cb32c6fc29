"""Classes of modules that are stacks by default, always read both ways, or take lengths: right ones and wrong ones."""

import tempfile
import unittest
from pathlib import Path

from parity_expand import expand

import rnn_ref

HEAD = """
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
"""
BOTH = """
class Both(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=2):
        super().__init__()
        self.L = num_layers
        sizes = [input_size] + [2 * hidden_size] * (num_layers - 1)
        self.forward_cells = nn.ModuleList(nn.GRUCell(size, hidden_size) for size in sizes)
        self.backward_cells = nn.ModuleList(nn.GRUCell(size, hidden_size) for size in sizes)

    def forward(self, x, h0):
        ended = []
        for k, (there, back) in enumerate(zip(self.forward_cells, self.backward_cells)):
            shown = []
            for cell, h, way in ((there, h0[2 * k], 1), (back, h0[2 * k + 1], -1)):
                states = []
                for x_t in (x if way > 0 else x.flip(0)):
                    h = cell(x_t, h)
                    states.append(h)
                shown.append(torch.stack(states[::way]))
                ended.append(h)
            x = torch.cat(shown, -1)
        return x, torch.stack(ended)
"""
DEEP = """
class Layer(nn.Module):
    def __init__(self, input_size, hidden_size, reverse):
        super().__init__()
        self.of_x, self.of_h = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)
        self.reverse = reverse

    def forward(self, x, h):
        states = []
        for x_t in (x.flip(0) if self.reverse else x):
            h = torch.tanh(self.of_x(x_t) + self.of_h(h))
            states.append(h)
        states = torch.stack(states)
        return (states.flip(0) if self.reverse else states), h


class Deep(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=2, bidirectional=True):
        super().__init__()
        self.K = 1 + bidirectional
        sizes = [input_size] + [self.K * hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(nn.ModuleList(Layer(size, hidden_size, bool(d)) for d in range(self.K))
                                    for size in sizes)

    def forward(self, x, h0):
        states, ended = iter(h0), []
        for layer in self.layers:
            found = [one(x, next(states)) for one in layer]
            x = torch.cat([shown for shown, _ in found], -1)
            ended += [h for _, h in found]
        return x, torch.stack(ended)
"""
ENCODER = """
class Encoder(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.rnn = nn.GRU(input_size, hidden_size, batch_first=True)

    def forward(self, x, lengths, h0=None):
        packed = pack_padded_sequence(x, lengths, batch_first=True)
        shown, last = self.rnn(packed, h0)
        shown, _ = pad_packed_sequence(shown, batch_first=True, total_length=x.shape[1])
        return shown, last
"""
ALONE = """
class Alone(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers{option}):
        super().__init__()
        self.H, self.K = hidden_size, {directions}
        sizes = [input_size] + [self.K * hidden_size] * (num_layers - 1)
        self.forward_cells = nn.ModuleList(nn.GRUCell(size, hidden_size) for size in sizes)
        back = sizes if self.K == 2 else []
        self.backward_cells = nn.ModuleList(nn.GRUCell(size, hidden_size) for size in back)

    def forward(self, x):
        for k in range(len(self.forward_cells)):
            there = back = x.new_zeros(len(x), self.H)
            found = [[], []]
            for t in range(x.shape[1]):
                there = self.forward_cells[k](x[:, t], there)
                found[0].append(there)
                if self.K == 2:
                    back = self.backward_cells[k](x[:, -1 - t], back)
                    found[1].insert(0, back)
            x = torch.cat([torch.stack(states, 1) for states in found[: self.K]], -1)
        return x, there
"""
HELD = """
class Pair(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.cell_fw, self.cell_bw = (nn.GRUCell(input_size, hidden_size) for _ in range(2))

    def run(self, cell, x, h):
        found = []
        for x_t in x:
            h = cell(x_t, h)
            found.append(h)
        return torch.stack(found), h

    def forward(self, x, h0):
        there, h = self.run(self.cell_fw, x, h0[0])
        back, g = self.run(self.cell_bw, x.flip(0), h0[1])
        return torch.cat([there, back.flip(0)], 2), torch.stack([h, g])

class Tagger(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.rnn, self.out = Pair(size, 4), nn.Linear(8, 2)

    def forward(self, x):
        return self.out(self.rnn(x, x.new_zeros(2, x.shape[1], 4))[0])
"""
HOLDER = """
class Holder(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.out = Encoder(3, 4), nn.Linear(4, 2)

    def forward(self, x, lengths):
        return self.out(self.encoder(x, lengths)[1][-1])
"""
ALWAYS = ALONE.replace("{option}", "").replace("{directions}", "2")
CHOSEN = ALONE.replace("{option}", "=2, bidirectional=True").replace("{directions}", "1 + bidirectional")
WITHOUT_STATES = {"always both": (ALWAYS, ["both directions only"]), "by default both": (CHOSEN, [])}
CASES = {
    "always both": (BOTH, "both directions only", None),
    "always both, swapped": (BOTH.replace("cat(shown,", "cat(shown[::-1],"), "", "directions-swapped"),
    "always both, not turned back": (BOTH.replace("states[::way]", "states"), "", "not-turned-back"),
    "held by another": (HELD, "", None),
    "held by another, not turned back": (HELD.replace("back.flip(0)]", "back]"), "", "not-turned-back"),
    "layers of layers": (DEEP, "", None),
    "layers of layers, one state": (DEEP.replace("next(states)", "h0[0]"), "", None),
    "lengths": (ENCODER, "1 layers only", None),
    "lengths, last of the padding": (
        ENCODER.replace("return shown, last", "return shown, shown[:, -1][None]"),
        "",
        "last-state-from-outputs",
    ),
    "of another, lengths, last of the padding": (
        ENCODER.replace("return shown, last", "return shown, shown[:, -1][None]") + HOLDER,
        "",
        "last-state-from-outputs",
    ),
}
BY_OPTION = """
class Mine(nn.RNN):
    pass


class Before(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers=1):
        super().__init__()
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.of_x = nn.ModuleList(nn.Linear(size, 3 * hidden_size) for size in sizes)
        self.of_h = nn.ModuleList(nn.Linear(hidden_size, 3 * hidden_size) for _ in sizes)

    def forward(self, x, h0):
        ended = []
        for k, (of_x, of_h) in enumerate(zip(self.of_x, self.of_h)):
            h, shown = h0[{start}], []
            U, b = of_h.weight.chunk(3), of_h.bias.chunk(3)
            for x_t in x:
                x_r, x_z, x_n = of_x(x_t).chunk(3, -1)
                r, z = torch.sigmoid(x_r + h @ U[0].T + b[0]), torch.sigmoid(x_z + h @ U[1].T + b[1])
                n = torch.tanh(x_n + (r * h) @ U[2].T + b[2])
                h = (1 - z) * n + z * h
                shown.append(h)
            x = torch.stack(shown)
            ended.append(h)
        return x, torch.stack(ended)
"""
LAST = """
class Cell(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.of_x, self.of_h = nn.Linear(input_size, hidden_size), nn.Linear(hidden_size, hidden_size)

    def forward(self, x, h):
        return torch.tanh(self.of_x(x) + self.of_h(h))


class Last(nn.Module):
    def __init__(self, input_size, hidden_size, num_layers, output_size):
        super().__init__()
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        self.layers = nn.ModuleList(Cell(size, hidden_size) for size in sizes)
        self.fc = nn.Linear(hidden_size, output_size)
        self.hidden_size = hidden_size

    def forward(self, x, hx=None):
        hx = torch.zeros(len(x), self.hidden_size) if hx is None else hx
        for t in range(x.size(1)):
            inp = x[:, t]
            for layer in self.layers:
                inp = hx = layer(inp, hx)
        return self.fc(hx)
"""
LAYERED = (
    LAST.replace("hx=None", "hx")
    .replace(
        """        hx = torch.zeros(len(x), self.hidden_size) if hx is None else hx
""",
        "        hx = list(hx)\n",
    )
    .replace(
        """            for layer in self.layers:
                inp = hx = layer(inp, hx)
        return self.fc(hx)
""",
        """            before = list(hx)
            for k, layer in enumerate(self.layers):
                inp = hx[k] = layer(inp, hx[k])
        return self.fc(hx[-1])
""",
    )
)
SHOWN = ("self.fc(hx[-1])", "self.fc(hx[-1]), torch.stack(list(hx))")  # of the last layer, or of all of them
TO_FIRST = "state-of-first-layer"


class ModuleStacks(unittest.TestCase):
    @expand([(name, name) for name in CASES])
    def test_it_is_judged_as_a_stack(self, name):
        text, claim, slug = CASES[name]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "stacks.py")
            path.write_text(HEAD + text)
            report = rnn_ref.check(str(path), only=f"stack_forward/*{'held-float64' if 'held' in name else 'float32'}")
        told = report.functions["stack_forward"]
        self.assertEqual((told.verdict, told.mistake), ("wrong" if "," in name else "conforms", slug), str(report))
        self.assertEqual(told.claims[1:], [claim] if claim else told.claims[1:])

    @expand([(name, name) for name in WITHOUT_STATES])
    def test_one_that_takes_no_states_is_judged_whole_from_zeros(self, name):
        text, claims = WITHOUT_STATES[name]
        for old, new in {"": "", "x[:, -1 - t]": "x.flip(0)[:, t]"}.items():
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "stacks.py")
                path.write_text(HEAD + text.replace(old, new))
                told = rnn_ref.check(str(path), only="stack_forward/gru*float64").functions["stack_forward"]
            self.assertEqual(told.verdict, "conforms" if old == new else "wrong", told.reading)
            self.assertEqual(told.claims, ["stacks of gru_forward only", *claims, "h0 = 0", "no states_T[0]"])

    def test_lengths_are_sorted_for_who_needs_that_and_the_reading_says_so(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "stacks.py")
            path.write_text(HEAD + ENCODER)
            report = rnn_ref.check(str(path), only="stack_*held-ends*")
        self.assertTrue(report.ok, str(report))
        self.assertEqual([*report.functions], ["stack_forward", "stack_backward"])
        self.assertIn("lengths in falling order", report.functions["stack_forward"].reading)

    @expand([(start, start) for start in ("k", "0")])
    def test_a_layer_of_another_equation_is_stacked_too(self, start):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "before.py")
            path.write_text(HEAD + BY_OPTION.format(start=start))
            before = rnn_ref.check(f"{path}:Before", only="stack_forward/*float32").functions["stack_forward"]
            mine = rnn_ref.check(f"{path}:Mine", only="stack_forward/*-relu-float32").functions["stack_forward"]
        self.assertEqual((before.verdict, before.mistake), ("conforms", None) if start == "k" else ("wrong", TO_FIRST))
        self.assertEqual(before.claims, ["stacks of gru_forward only", "reset_after=False only"])
        self.assertEqual((mine.verdict, mine.passed), ("conforms", 2))

    def test_a_number_of_layers_that_is_not_asked_is_claimed_to_be_one(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "last.py")
            path.write_text(HEAD + LAST)
            told = rnn_ref.check(str(path), only="rnn_forward/*float32").functions["rnn_forward"]
        self.assertEqual((told.verdict, told.claims), ("conforms", ["num_layers=1 only"]))

    @expand(
        [(f"{taken} {shown}", (taken, shown)) for taken in ("inp", "before[k - 1] if k else inp") for shown in SHOWN]
    )
    def test_a_stack_that_shows_its_last_states_alone_is_asked_step_by_step(self, one):
        taken, shown = one
        text = LAYERED.replace("layer(inp,", f"layer({taken},").replace("self.fc(hx[-1])", shown)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "last.py")
            path.write_text(HEAD + text)
            told = rnn_ref.check(str(path), only="stack_forward/*float32").functions["stack_forward"]
        verdict = "conforms" if taken == "inp" else "wrong"
        self.assertEqual((told.verdict, told.claims), (verdict, ["stacks of rnn_forward only", "no states_T[0]"]))
