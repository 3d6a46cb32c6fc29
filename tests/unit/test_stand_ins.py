"""Classes whose bases, activations or NumPy come from a module that was not published: read with what stands in."""

import pytest
from sampled import some

import rnn_ref

CELL = """
{imports}

class GRUCell({base}):
    def __init__(self, d, h):
        self.Wrx, self.Wzx, self.Wnx = (np.random.randn(h, d) for _ in range(3))
        self.Wrh, self.Wzh, self.Wnh = (np.random.randn(h, h) for _ in range(3))
        self.brx, self.bzx, self.bnx = (np.random.randn(h) for _ in range(3))
        self.brh, self.bzh, self.bnh = (np.random.randn(h) for _ in range(3))
        {made}

    def forward(self, x, h_prev_t):
        self.x, self.hidden = x, h_prev_t
        r = {sigmoid}(self.Wrx @ x + self.brx + self.Wrh @ h_prev_t + self.brh)
        z = {sigmoid}(self.Wzx @ x + self.bzx + self.Wzh @ h_prev_t + self.bzh)
        n = {tanh}(self.Wnx @ x + self.bnx + r * (self.Wnh @ h_prev_t + self.bnh))
        self.r, self.z, self.n = r, z, n
        return (1 - z) * n + z * h_prev_t
"""
BACK = """
    def backward(self, above):
        dz = self.z_act.backward(above * (self.hidden - self.n))
        dn = self.n_act.backward(above * (1 - self.z))
        dr = self.r_act.backward(dn * (self.Wnh @ self.hidden + self.bnh))
        self.dWrx, self.dWzx, self.dWnx = (np.outer(one, self.x) for one in (dr, dz, dn))
        self.dWrh, self.dWzh, self.dWnh = (np.outer(one, self.hidden) for one in (dr, dz, dn * self.r))
        self.dbrx, self.dbzx, self.dbnx, self.dbrh, self.dbzh, self.dbnh = dr, dz, dn, dr, dz, dn * self.r
        dx = dr @ self.Wrx + dz @ self.Wzx + dn @ self.Wnx
        dh = above * self.z + dr @ self.Wrh + dz @ self.Wzh + (dn * self.r) @ self.Wnh
        return dx, dh
"""
LAYERS = {"sigmoid": "self.r_act", "tanh": "self.n_act"}
MADE = "self.r_act, self.z_act, self.n_act = Sigmoid(), Sigmoid(), Tanh()"
FORMS = {  # what the text has, and what stands in
    "layers": (
        CELL.format(imports="import numpy as np\nfrom no_such.nn import *", base="object", made=MADE, **LAYERS).replace(
            "z = self.r_act", "z = self.z_act"
        )
        + BACK,
        ["Sigmoid", "Tanh"],
        ["gru_cell_step", "gru_cell_backward"],
    ),
    "a base": (
        CELL.format(
            imports="import numpy as np\nfrom .base import Layer\nfrom no_such import sigmoid",
            base="Layer",
            made="super().__init__()",
            sigmoid="sigmoid",
            tanh="np.tanh",
        ),
        ["Layer", "sigmoid"],
        ["gru_cell_step"],
    ),
    "functions of one name, and NumPy": (
        CELL.format(
            imports="from no_such.np import *\nfrom no_such import Act",
            base="object",
            made="pass",
            sigmoid="Act.sigmoid",
            tanh="Act.tanh",
        ),
        ["Act"],
        ["gru_cell_step"],
    ),
}


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_a_class_is_read_with_what_stands_in(form, tmp_path):
    text, lent, functions = FORMS[form]
    path = tmp_path / "foreign.py"
    path.write_text(text, encoding="utf-8")
    report = rnn_ref.check(str(path), only="*/single-float64")
    assert [name for name, one in report.functions.items() if one.verdict == "conforms"] == functions
    (note,) = (one for one in report.notes if one.startswith("ours in place of one that is not there"))
    assert sorted(note.partition(": ")[2].split(", ")) == lent
    path.write_text(text.replace("n + z * h_prev_t", "n + r * h_prev_t"), encoding="utf-8")
    assert rnn_ref.check(str(path), only="gru_cell_step/single-float64").functions["gru_cell_step"].verdict == "wrong"


def test_a_base_that_is_asked_for_more_leaves_the_class_unread(tmp_path):
    text = FORMS["a base"][0].replace("self.x, self.hidden = x, h_prev_t", "self.keep(x)")
    (tmp_path / "foreign.py").write_text(text, encoding="utf-8")
    with pytest.raises(rnn_ref.conformance.TargetError):
        rnn_ref.check(str(tmp_path / "foreign.py"))


COMPILED = """
{imports}

{decorated}
def rnn(x, h, Wx, Wh, b):
    out = np.zeros((x.shape[0], h.size))
    for t in range(x.shape[0]):
        for j in {prange}(h.size):
            before = h if t == 0 else out[t - 1]
            out[t, j] = np.tanh((Wx[j] * x[t]).sum() + (Wh[j] * before).sum() + b[j])
    return out
"""


@pytest.mark.parametrize(
    ("imports", "decorated", "prange"),
    [
        ("from memory_profiler import njit, prange", "@njit", "prange"),
        ("from memory_profiler import f8, jit", "@jit(f8[:, :](f8[:, :]), cache=True)", "range"),
        ("import memory_profiler as nb", "@nb.njit(nb.f8[:](nb.f8), parallel=True)", "nb.prange"),
    ],
)
def test_what_only_decorates_is_left_out_where_it_changes_no_answer(imports, decorated, prange, tmp_path):
    text = COMPILED.format(imports=f"import numpy as np\n{imports}", decorated=decorated, prange=prange)
    (tmp_path / "foreign.py").write_text(text, encoding="utf-8")
    report = rnn_ref.check(str(tmp_path / "foreign.py"), only="*/single-float64")
    assert report.functions["rnn_forward"].verdict == "conforms", str(report)
    assert any(one.startswith("ours in place of one that is not there") for one in report.notes)


@pytest.mark.parametrize(("module", "prange"), [("memory_profiler", "nb.pndindex"), ("no_such_compiler", "range")])
def test_what_is_called_too_and_what_may_do_anything_are_not_known(module, prange, tmp_path):
    text = COMPILED.format(imports=f"import numpy as np\nimport {module} as nb", decorated="@nb.njit", prange=prange)
    (tmp_path / "foreign.py").write_text(text, encoding="utf-8")
    with pytest.raises(rnn_ref.conformance.TargetError):
        rnn_ref.check(str(tmp_path / "foreign.py"), only="*/single-float64")
