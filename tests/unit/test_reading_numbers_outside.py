"""Numbers outside under any name, sigmoids of tanh, layers looked up in place, and what is made of what is read."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref
from rnn_ref.conformance import TargetError

LOSS = """
    import numpy as np

    V, {N} = 9, 20
    Wz, Wr, Wc = [np.random.randn({N}, V) / 9 for _ in range(3)]
    Uz, Ur, Uc = [np.random.randn({N}, {N}) / 9 for _ in range(3)]
    bz, br, bc = [np.zeros(({N}, 1)) for _ in range(3)]
    Wy, by = np.random.randn(V, {N}) / 9, np.zeros((V, 1))

    def sigmoid(x): return 1 / (1 + np.exp(-x))

    def lossFun(inputs, targets, hprev):
        x, z, r, c, p, h = {{}}, {{}}, {{}}, {{}}, {{}}, {{}}
        h[-1], loss = hprev.copy(), 0.0
        for t, k in enumerate(inputs):
            x[t] = np.zeros((V, 1))
            x[t][k] = 1
            z[t] = sigmoid(Wz @ x[t] + Uz @ h[t-1] + bz)
            r[t] = sigmoid(Wr @ x[t] + Ur @ h[t-1] + br)
            c[t] = np.tanh(Wc @ x[t] + Uc @ (r[t] * h[t-1]) + bc)
            h[t] = z[t] * h[t-1] + (1 - z[t]) * c[t]
            y = Wy @ h[t] + by
            p[t] = np.exp(y) / np.sum(np.exp(y))
            loss -= np.log(p[t][targets[t], 0])
        dWz, dWr, dWc = np.zeros_like(Wz), np.zeros_like(Wr), np.zeros_like(Wc)
        dUz, dUr, dUc = np.zeros_like(Uz), np.zeros_like(Ur), np.zeros_like(Uc)
        dbz, dbr, dbc = np.zeros_like(bz), np.zeros_like(br), np.zeros_like(bc)
        dWy, dby = np.zeros_like(Wy), np.zeros_like(by)
        dhnext = np.zeros(({N}, 1))
        for t in reversed(range(len(inputs))):
            dy = p[t].copy()
            dy[targets[t]] -= 1
            dWy += dy @ h[t].T
            dby += dy
            dh = Wy.T @ dy + dhnext
            dc = dh * (1 - z[t]) * (1 - c[t]**2)
            dz = dh * (h[t-1] - c[t]) * z[t] * (1 - z[t])
            drh = Uc.T @ dc
            dr = drh * h[t-1] * r[t] * (1 - r[t])
            dWc += dc @ x[t].T; dUc += dc @ (r[t] * h[t-1]).T; dbc += dc
            dWz += dz @ x[t].T; dUz += dz @ h[t-1].T; dbz += dz
            dWr += dr @ x[t].T; dUr += dr @ h[t-1].T; dbr += dr
            dhnext = {straight}Uz.T @ dz + Ur.T @ dr + drh * r[t]
        return loss, dWz, dWr, dWc, dUz, dUr, dUc, dbz, dbr, dbc, dWy, dby, h[len(inputs)-1]
"""
ALL_GATES = """
    import numpy as np

    vocab, {N} = 9, 20
    Wx, Wh = np.random.randn(4 * {N}, vocab) / 9, np.random.randn(4 * {N}, {N}) / 9
    b, Wy, by = np.zeros((4 * {N}, 1)), np.random.randn(vocab, {N}) / 9, np.zeros((vocab, 1))

    def sigmoid(x): return 1 / (1 + np.exp(-x))

    def lossFun(inputs, targets, hprev, cprev):
        xs, i, f, o, g, hs, cs, ps, loss = {{}}, {{}}, {{}}, {{}}, {{}}, {{-1: hprev}}, {{-1: cprev}}, {{}}, 0
        for t in range(len(inputs)):
            xs[t] = np.zeros((vocab, 1))
            xs[t][inputs[t]] = 1
            a = Wx @ xs[t] + Wh @ hs[t-1] + b
            i[t], f[t] = sigmoid(a[:{N}]), sigmoid(a[{N}:2*{N}])
            o[t], g[t] = sigmoid(a[2*{N}:3*{N}]), np.tanh(a[3*{N}:])
            cs[t] = f[t] * cs[t-1] + i[t] * g[t]
            hs[t] = o[t] * np.tanh(cs[t])
            e = np.exp(Wy @ hs[t] + by)
            ps[t] = e / e.sum()
            loss -= np.log(ps[t][targets[t], 0])
        dWx, dWh, db, dWy, dby = (np.zeros_like(w) for w in (Wx, Wh, b, Wy, by))
        dhnext, dcnext = np.zeros(({N}, 1)), np.zeros(({N}, 1))
        for t in reversed(range(len(inputs))):
            dy = ps[t].copy()
            dy[targets[t]] -= 1
            dWy, dby = dWy + dy @ hs[t].T, dby + dy
            dh, tc = Wy.T @ dy + dhnext, np.tanh(cs[t])
            dc = dh * o[t] * (1 - tc * tc) + dcnext
            da = np.vstack((dc * g[t] * i[t] * (1 - i[t]), dc * cs[t-1] * f[t] * (1 - f[t]),
                            dh * tc * o[t] * (1 - o[t]), dc * i[t] * (1 - g[t] * g[t])))
            dWx, dWh, db = dWx + da @ xs[t].T, dWh + da @ hs[t-1].T, db + da
            dhnext, dcnext = Wh.T @ da, dc{carried}
        return loss, dWx, dWh, db, dWy, dby, hs[len(inputs)-1], cs[len(inputs)-1]
"""
JOINED = """
    import numpy as np

    n_tok, n_hid = 11, 18
    n_z = n_hid + n_tok
    Wf, Wi, Wc, Wo = [np.random.randn(n_hid, n_z) / 9 for _ in range(4)]
    bf, bi, bc, bo = [np.zeros((n_hid, 1)) for _ in range(4)]
    Wy, by = np.random.randn(n_tok, n_hid) / 9, np.zeros((n_tok, 1))

    def sigmoid(x): return 1 / (1 + np.exp(-x))

    def lossFun(inputs, targets, hprev, cprev):
        z, f, i, g, o, h, c, p = {}, {}, {}, {}, {}, {}, {}, {}
        h[-1], c[-1], loss = hprev, cprev, 0
        for t in range(len(inputs)):
            x = np.zeros((n_tok, 1))
            x[inputs[t]] = 1
            z[t] = np.vstack((h[t-1], x))
            f[t], i[t], o[t] = sigmoid(Wf @ z[t] + bf), sigmoid(Wi @ z[t] + bi), sigmoid(Wo @ z[t] + bo)
            g[t] = np.tanh(Wc @ z[t] + bc)
            c[t] = f[t] * c[t-1] + i[t] * g[t]
            h[t] = o[t] * np.tanh(c[t])
            y = Wy @ h[t] + by
            p[t] = np.exp(y) / np.sum(np.exp(y))
            loss += -np.log(p[t][targets[t], 0])
        dWf, dWi, dWc, dWo, dWy = [np.zeros_like(w) for w in (Wf, Wi, Wc, Wo, Wy)]
        dbf, dbi, dbc, dbo, dby = [np.zeros_like(b) for b in (bf, bi, bc, bo, by)]
        dhnext, dcnext = np.zeros((n_hid, 1)), np.zeros((n_hid, 1))
        for t in reversed(range(len(inputs))):
            dy = p[t].copy()
            dy[targets[t]] -= 1
            dWy += dy @ h[t].T; dby += dy
            dh = Wy.T @ dy + dhnext
            do = dh * np.tanh(c[t]) * o[t] * (1 - o[t])
            dc = dcnext + dh * o[t] * (1 - np.tanh(c[t]) ** 2)
            dg, di = dc * i[t] * (1 - g[t] ** 2), dc * g[t] * i[t] * (1 - i[t])
            df = dc * c[t-1] * f[t] * (1 - f[t])
            dWf += df @ z[t].T; dWi += di @ z[t].T; dWc += dg @ z[t].T; dWo += do @ z[t].T
            dbf += df; dbi += di; dbc += dg; dbo += do
            dz = Wf.T @ df + Wi.T @ di + Wc.T @ dg + Wo.T @ do
            dhnext, dcnext = dz[:n_hid], f[t] * dc
        return loss, dWf, dWi, dWc, dWo, dWy, dbf, dbi, dbc, dbo, dby, h[len(inputs)-1], c[len(inputs)-1]
"""
BY_TANH = """
    import numpy as np

    def {sigmoid}

    def lstm_step(x, h, c, Wx, Wh, b):
        n = h.shape[1]
        a = x @ Wx + h @ Wh + b
        i, f, o, g = s(a[:, :n]), s(a[:, n:2*n]), s(a[:, 2*n:3*n]), np.tanh(a[:, 3*n:])
        c = f * c + i * g
        return o * np.tanh(c), c
"""
IN_PLACE = """
    import numpy as np

    def forward(x, layers, h0):
        h, out = list(h0), []
        for t in range(x.shape[2]):
            below = x[:, :, t]
            for k in range(len(layers)):
                h[k] = np.tanh(layers[k]["Wx"] @ below + layers[{at}]["Wh"] @ h[k] + layers[k]["b"])
                below = h[k]
            out.append(below)
        return np.stack(out, axis=2), h
"""
MADE_OF = """
    import numpy as np

    class Layer:
        def __init__(self, D, H):
            self.Wx, self.Wh, self.b = np.random.randn(H, D), np.random.randn(H, H), np.zeros(H)
            self.H = H

        def forward(self, X):
            h, out = np.zeros(self.H), []
            for x in X:
                h = np.tanh(self.Wx @ x + self.Wh @ h + self.b)
                out.append(h)
            return np.array(out)

    class Both:
        def __init__(self, D, H):
            self.parts = [Layer(D, H) for _ in range(2)]

        def forward(self, X):
            return np.concatenate([self.parts[0].forward(X), self.parts[1].forward(X[::-1])], axis=1)
"""


def _checked(tmp_path: Path, text: str, only: str | None = None) -> Any:
    target = tmp_path / "one.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target), only=only)


@pytest.mark.parametrize("name", ["N", "how_many"])
@pytest.mark.parametrize(("straight", "named"), [("dh * z[t] + ", []), ("", ["no-straight-path"])])
def test_what_is_as_large_as_a_square_matrix_is_the_number_of_units(
    tmp_path: Path, name: str, straight: str, named: list[str]
) -> None:
    functions = _checked(tmp_path, LOSS.format(N=name, straight=straight)).functions
    assert functions["gru_forward"].verdict == "conforms"
    assert functions["gru_backward"].mistakes == named


@pytest.mark.parametrize(("carried", "named"), [(" * f[t]", []), ("", ["dc-next-misses-forget"])])
def test_what_all_gates_have_rows_for_is_the_number_of_units(tmp_path: Path, carried: str, named: list[str]) -> None:
    functions = _checked(tmp_path, ALL_GATES.format(N="hidden", carried=carried), "*/single-float64").functions
    assert functions["lstm_forward"].verdict == "conforms"
    assert functions["lstm_backward"].mistakes == named


@pytest.mark.parametrize(
    "sigmoid", ["s(v): return 0.5 * (1 + np.tanh(0.5 * v))", "s(v): return (np.tanh(v * 0.5) + 1) * 0.5"]
)
def test_a_sigmoid_may_be_written_with_tanh(tmp_path: Path, sigmoid: str) -> None:
    assert _checked(tmp_path, BY_TANH.format(sigmoid=sigmoid)).functions["lstm_cell_step"].verdict == "conforms"


@pytest.mark.parametrize(("at", "verdict"), [("k", "conforms"), ("0", "wrong")])
def test_layers_may_be_looked_up_in_place_and_time_may_come_last(tmp_path: Path, at: str, verdict: str) -> None:
    found = _checked(tmp_path, IN_PLACE.format(at=at)).functions["stack_forward"]
    assert found.verdict == verdict
    assert "sequences (n, B, T), a dict of weights for every layer" in found.reading


def test_a_class_made_of_what_is_read_is_said_not_to_be_judged(tmp_path: Path) -> None:
    report = _checked(tmp_path, MADE_OF)
    assert report.ok
    assert report.not_judged == ["not judged: Both.forward"]


def test_alike_matrices_of_input_and_state_tell_both_sizes(tmp_path: Path) -> None:
    functions = _checked(tmp_path, JOINED).functions
    assert {name: one.verdict for name, one in functions.items() if one.verdict != "missing"} == {
        "lstm_forward": "conforms",
        "lstm_backward": "conforms",
    }


def test_peepholes_are_said_to_be_another_cell(tmp_path: Path) -> None:
    text = """
        import numpy as np

        def sigmoid(x): return 1 / (1 + np.exp(-x))

        def lstm_step(x, h, c, W, U, b, p):
            i, f, g, o = np.split(x @ W + h @ U + b, 4, axis=1)
            c = sigmoid(f + p[0] * c) * c + sigmoid(i + p[1] * c) * np.tanh(g)
            return sigmoid(o + p[2] * c) * np.tanh(c), c
    """
    with pytest.raises(TargetError, match=r"peepholes.*another cell"):
        _checked(tmp_path, text)
