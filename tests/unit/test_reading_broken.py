"""A foreign function that raises whatever it is given is judged: it crashed, it is not left out with a note."""

from dataclasses import replace

import numpy as np
import pytest

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.errors import NothingFoundError, TargetError
from rnn_ref.conformance.targets.find import load_any
from rnn_ref.conformance.targets.loading import Loading
from rnn_ref.conformance.testing.items import Items


def slow_param(value, slow):
    return pytest.param(value, marks=[pytest.mark.slow] * slow)


STEP = """
import numpy as np
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return h, (x, prev_h, Wx, Wh, h)
"""
UNROLL = """
def unroll_forward(x, h0, Wx, Wh, b):
    N, T, D = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    for t in range(T):
        {line}
        h[:, t] = h0
    return h
"""
CLASS = """
import numpy as np
class Net:
    def __init__(self, input_size, hidden_size):
        self.Wxh = np.random.randn(hidden_size, input_size)
        self.Whh = np.random.randn(hidden_size, hidden_size)
        {made}
    def forward(self, inputs, h):
        out = []
        for x in inputs:
            h = np.tanh(self.Wxh @ x + self.Whh @ h + self.bh)
            out.append(h)
        return out
"""
GATES = """
import numpy as np
def gru_step(x, h, Wz, Wr, Wn, Uz, Ur, Un, bz, br, bn):
    z = 1 / (1 + np.exp(-(x @ Wz + h @ Uz + bz)))
    r = 1 / (1 + np.exp(-(x @ Wr + h @ Ur + br)))
    n = np.tanh(x @ Wn + (r * h) @ Un + {bias})
    return (1 - z) * n + z * h
"""
LOSS = """
import numpy as np
def softmax_loss(scores, y):
    p = np.exp(scores - scores.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return -np.log(p[np.arange(len({targets})), y]).mean()
"""
BACK = """
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, h = cache
    da = dnext_h * (1 - h ** 2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, prev_h.T @ {da}, da.sum(0)
"""
STACKED = """
import numpy as np
def two_layer_rnn(X, h0, Wx1, Wh1, b1, Wx2, Wh2, b2):
    h1, h2 = h0
    out = []
    for x in X:
        h1 = np.tanh(x @ Wx1.T + h1 @ Wh1.T + b1)
        h2 = np.tanh({state} @ Wx2.T + h2 @ Wh2.T + b2)
        out.append(h2)
    return np.array(out), np.stack([h1, h2])
"""
CALL = "h0, _ = rnn_step_forward(x[:, t], h0, Wx, Wh, b)"
OTHER = {  # in the place of that call
    "a name": ("h0, _ = rnn_step_forward(x[:, t], h0, Wx, Wh, bias)", NameError),
    "a function": ("h0 = step(x[:, t], h0, Wx, Wh, b)", NameError),
    "too few": ("h0, _ = rnn_step_forward(x[:, t], h0, Wx, Wh)", TypeError),
    "too many": ("h0, _ = rnn_step_forward(x[:, t], h0, Wx, Wh, b, b)", TypeError),
    "no such tanh": ("h0 = np.tanhh(x[:, t] @ Wx + h0 @ Wh + b)", AttributeError),
    "unbound": ("h0 = np.tanh(x[:, t] @ Wx + s @ Wh + b); s = h0", UnboundLocalError),
    "of Python's own": ("h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + b * id)", TypeError),
}
BROKEN = {
    **{label: (STEP + UNROLL.format(line=line), "rnn_forward", kind) for label, (line, kind) in OTHER.items()},
    "an attribute": (CLASS.format(made="self.b = np.zeros(hidden_size)"), "rnn_forward", AttributeError),
    "a gate": (GATES.format(bias="b_n"), "gru_cell_step", NameError),
    "a loss": (LOSS.format(targets="targets"), "cross_entropy", NameError),
    "a way back": (STEP + BACK.format(da="daa"), "rnn_cell_backward", NameError),
    "a stack": (STACKED.format(state="below"), "stack_forward", NameError),
}
WHOLE = {
    "all": (STEP + UNROLL.format(line=CALL), "rnn_forward"),
    "an attribute": (CLASS.format(made="self.bh = np.zeros(hidden_size)"), "rnn_forward"),
    "a gate": (GATES.format(bias="bn"), "gru_cell_step"),
    "a loss": (LOSS.format(targets="y"), "cross_entropy"),
    "a way back": (STEP + BACK.format(da="da"), "rnn_cell_backward"),
    "a stack": (STACKED.format(state="h1"), "stack_forward"),
}
MAYBE = {  # what other arguments, or a program that runs, might be right with
    "bound where it is run": STEP + UNROLL.format(line="h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + rest)")
    + "if __name__ == '__main__':\n    rest = np.zeros(7)\n",
    "bound by what no syntax shows": STEP + UNROLL.format(line="h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + rest)")
    + "exec('def fill(): globals()[chr(114)] = 1')\n",
    "of another shape": STEP + UNROLL.format(line="h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + b + np.zeros(100))"),
    "in a branch": STEP + UNROLL.format(line="if x.ndim == 5: s = b\n        h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + s)"),
    "of what it is given": STEP + UNROLL.format(line="h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh.weights + b)"),
    "spread": STEP + UNROLL.format(line="h0, _ = rnn_step_forward(*x[0], b)"),
    "a name of Python's own": STEP + "id = np\n" + UNROLL.format(line="h0 = np.tanh(x[:, t] @ Wx + h0 @ Wh + id * b)"),
    "refused": STEP + UNROLL.format(line="raise ValueError('expected one-hot inputs')"),
}  # fmt: skip


def loaded(folder, text, name="target.py"):
    loading = Loading()
    (folder / name).write_text(text)
    return load_any(str(folder / name), loading).functions, loading.notes


@pytest.mark.parametrize("label", [slow_param(one, one == "a stack") for one in BROKEN])
def test_a_fault_that_no_argument_is_the_reason_of_is_judged(tmp_path, label):
    text, name, kind = BROKEN[label]
    functions, notes = loaded(tmp_path, text)
    assert functions[name].__reading__.endswith(": it raises whatever it is given")
    with pytest.raises(kind):
        functions[name](np.zeros(3))
    assert not [note for note in notes if f" as {name}:" in note]


@pytest.mark.parametrize("label", WHOLE)
def test_without_the_fault_it_is_read(tmp_path, label):
    text, name = WHOLE[label]
    functions, _ = loaded(tmp_path, text)
    assert functions[name].__reading__
    assert "raises" not in functions[name].__reading__


@pytest.mark.parametrize("label", MAYBE)
def test_what_other_arguments_may_be_right_for_is_not_read_and_said_so(tmp_path, label):
    functions, notes = loaded(tmp_path, MAYBE[label])
    assert "rnn_forward" not in functions
    assert [note for note in notes if note.startswith("not read: unroll_forward(") and "it raises" in note]


def test_one_fault_is_told_once(tmp_path):
    text = (STEP + UNROLL.format(line=CALL)).replace("Wh + b)\n    return", "Wh + c)\n    return")
    functions, notes = loaded(tmp_path, text)
    assert list(functions) == ["rnn_cell_step"]
    assert any("unroll_forward" in note and "it calls rnn_step_forward" in note for note in notes)


def test_beside_another_that_is_read_it_is_told(tmp_path):
    broken = UNROLL.format(line=OTHER["a name"][0]).replace("unroll_forward", "first_forward")
    functions, notes = loaded(tmp_path, STEP + broken + UNROLL.format(line=CALL))
    assert functions["rnn_forward"].__reading__.startswith("unroll_forward(")
    assert any("not read: first_forward(" in note and "NameError: name 'bias'" in note for note in notes)


def test_where_it_came_farthest_is_told(tmp_path):
    text = STEP + UNROLL.format(line=CALL).replace("h0.shape[1]", "D")
    _, notes = loaded(tmp_path, text)
    assert any("could not broadcast" in note and "target.py:12)" in note for note in notes), notes


def test_exit_codes_and_the_line_of_the_verdict(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loaded(tmp_path, BROKEN["a name"][0], "broken.py")
    loaded(tmp_path, MAYBE["refused"], "maybe.py")
    assert main(["check", "broken.py"]) == 1
    said = capsys.readouterr().out
    assert "raise NameError: name 'bias' is not defined\n  broken.py:11: h0, _ = rnn_step_forward(" in said
    assert main(["check", "maybe.py"]) == 0
    assert "\nok: 1 conforms; not read: unroll_forward\n" in capsys.readouterr().out
    assert main(["check", "broken.py", "maybe.py"]) == 1
    said = capsys.readouterr().out
    assert "rnn_forward crashed (NameError," in said
    assert "not read: unroll_forward" in said


COURSERA = """
import numpy as np
def rnn_cell_forward(xt, a_prev, parameters):
    Wax, Waa, ba = parameters["Wax"], parameters["Waa"], parameters["ba"]
    a_next = np.tanh(Wax @ xt + Waa @ a_prev + ba)
    return a_next, (a_next, a_prev, xt, parameters)
def rnn_cell_backward(da_next, cache):
    raise ValueError("not done")
"""


def test_under_its_own_name_whatever_it_raises_is_told_and_no_note_twice(tmp_path):
    (tmp_path / "mine.py").write_text(COURSERA)
    report = rnn_ref.check(str(tmp_path / "mine.py"))
    assert report.functions["rnn_cell_step"].verdict == "conforms"
    assert report.functions["rnn_cell_backward"].verdict == "crashed"
    assert report.functions["rnn_cell_backward"].raises[0].raised.message == "not done"
    (tmp_path / "other.py").write_text(COURSERA.replace("def rnn_cell_backward(", "def cell_backward("))
    report = rnn_ref.check(str(tmp_path / "other.py"))
    assert report.ok
    [note] = [note for note in report.notes if note.startswith("not read: cell_backward(")]
    assert "it raises ValueError: not done" in note


MADE = {  # what making an object raises, and what is said first
    "self.bh = np.zeros(hidden_siz)": "it raises NameError: name 'hidden_siz' is not defined (target.py:7)",
    "raise ValueError('no GPU')": "it raises ValueError: no GPU (target.py:7)",
}


@pytest.mark.parametrize("made", MADE)
@pytest.mark.parametrize("part", ["", ":Net"])
def test_of_a_class_that_cannot_be_made_its_own_exception_comes_first(tmp_path, made, part):
    (tmp_path / "target.py").write_text(CLASS.format(made=made))
    with pytest.raises(TargetError) as caught:
        load_any(f"{tmp_path / 'target.py'}{part}")
    assert f"cannot be made: {MADE[made]}" in str(caught.value).splitlines()[0].replace(f"{tmp_path}/", "")


TORCH = """
import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, input_size, hidden_size):
        super().__init__()
        self.W = nn.Parameter(torch.randn(hidden_size, input_size))
        self.U = nn.Parameter(torch.randn(hidden_size, hidden_size))
        self.b = nn.Parameter(torch.randn(hidden_size))
        self.cell = nn.RNNCell(input_size, hidden_size)
    def forward(self, x, h):
        out = []
        for x_t in x:
            h = {step}
            out.append(h)
        return torch.stack(out), h
net = Net(3, 4)
"""
STEPS = {
    "torch.tanh(x_t @ self.W.T + h @ self.U.T + self.bias)": "AttributeError: 'Net' object has no attribute 'bias'",
    "self.cell(x_t, hh)": "NameError: name 'hh' is not defined",
}


@pytest.mark.parametrize("step", [slow_param(one, "bias" in one) for one in STEPS])
@pytest.mark.parametrize("part", ["Net", "net"])
def test_of_a_module_that_raises_its_own_exception_comes_first(tmp_path, step, part):
    pytest.importorskip("torch")
    (tmp_path / "target.py").write_text(TORCH.format(step=step))
    with pytest.raises((TargetError, AttributeError, NameError)) as caught:
        load_any(f"{tmp_path / 'target.py'}:{part}").functions["rnn_forward"](np.zeros(3))
    first = f"{type(caught.value).__name__}: {caught.value}".partition("\n")[0]
    assert f"it raises {STEPS[step]} (" in first or first == STEPS[step]
    assert "target.py:14), called with" in first or first == STEPS[step]


def test_as_tests_what_is_not_read_is_skipped_and_what_is_broken_fails(tmp_path):
    for name, text in (("broken", BROKEN["a name"][0]), ("maybe", MAYBE["refused"])):
        loaded(tmp_path, text, f"{name}.py")
    broken, maybe = (Items(tmp_path / f"{name}.py").all for name in ("broken", "maybe"))
    status = {one.function: one.outcome()[0] for one in broken}
    assert status == {"rnn_cell_step": "passed", "rnn_forward": "failed"}
    [left] = [one for one in maybe if one.function == "not-read"]
    assert left.id == "not-read/unroll_forward"
    assert left.outcome()[0] == "skipped"
    assert "expected one-hot inputs" in left.outcome()[1]


def test_what_looks_like_the_functions_and_cannot_be_read_is_not_nothing(tmp_path, capsys):
    alone = MAYBE["refused"].removeprefix(STEP)
    (tmp_path / "helpers.py").write_text("def helper(x): return x\n")
    (tmp_path / "unread.py").write_text(f"import numpy as np\n{alone}")
    with pytest.raises(TargetError, match=r"unread.py: none of its functions can be read: unroll_forward\(.*expected"):
        load_any(str(tmp_path / "unread.py"))
    with pytest.raises(NothingFoundError):
        load_any(str(tmp_path / "helpers.py"))
    assert main(["check", str(tmp_path)]) == 2
    said = " ".join(capsys.readouterr().out.split())
    assert "1 could not be checked; 1 without any of the functions" in said


def test_a_helper_whose_arguments_mean_nothing_is_not_told_beside_the_verdict(tmp_path):
    (tmp_path / "mine.py").write_text(STEP)
    note = "not read: _lp(z) as rnn_bptt: its arguments are not understood"
    found = replace(rnn_ref.check(str(tmp_path / "mine.py")), on_loading=(note,))
    assert (found.ok, found.not_judged, found.notes[0]) == (True, [], note)
