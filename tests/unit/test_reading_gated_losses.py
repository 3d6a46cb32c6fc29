"""Cells with gates whose loss and gradients are one function: read as the way back, for any gradient from above."""

import pytest
from sampled import some
from test_reading_gated import HEAD

import rnn_ref

SIZES = "V, H = 6, 5\nrng = np.random.RandomState(0)\n"
CELL = """
        f, i = sigmoid(Wf @ z + bf), sigmoid(Wi @ z + bi)
        g, o = np.tanh(Wc @ z + bc), sigmoid(Wo @ z + bo)
        cs[t] = f * cs[t - 1] + i * g
        hs[t] = o * np.tanh(cs[t])
        e = np.exp(Wy @ hs[t] + by)
        ps[t] = e / e.sum()
        kept[t] = z, f, i, g, o
"""
BACK = """
    for t in reversed(range(len(inputs))):
        z, f, i, g, o = kept[t]
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dh, tc = Wy.T @ dy + dhnext, np.tanh(cs[t])
        dc = dh * o * (1 - tc * tc) + dcnext
        do, df = dh * tc * o * (1 - o), dc * cs[t - 1] * f * (1 - f)
        di, dg = dc * g * i * (1 - i), dc * i * (1 - g * g)
"""
OUTSIDE = f"""{SIZES}
Wf, Wi, Wc, Wo = (rng.randn(H, H + V) for _ in range(4))
bf, bi, bc, bo = (np.zeros((H, 1)) for _ in range(4))
Wy, by = rng.randn(V, H), np.zeros((V, 1))

def lossFun(inputs, targets, hprev, cprev):
    hs, cs, ps, kept, loss = {{-1: hprev}}, {{-1: cprev}}, {{}}, {{}}, 0
    for t in range(len(inputs)):
        x = np.zeros((V, 1))
        x[inputs[t]] = 1
        z = np.vstack((hs[t - 1], x)){CELL}
        loss += -np.log(ps[t][targets[t], 0])
    dWf, dWi, dWc, dWo, dWy = (np.zeros_like(one) for one in (Wf, Wi, Wc, Wo, Wy))
    dbf, dbi, dbc, dbo, dby = (np.zeros_like(one) for one in (bf, bi, bc, bo, by))
    dhnext, dcnext = np.zeros((H, 1)), np.zeros((H, 1)){BACK}
        dWf, dWi, dWc, dWo = dWf + df @ z.T, dWi + di @ z.T, dWc + dg @ z.T, dWo + do @ z.T
        dbf, dbi, dbc, dbo = dbf + df, dbi + di, dbc + dg, dbo + do
        dWy, dby = dWy + dy @ hs[t].T, dby + dy
        dhnext = (Wf.T @ df + Wi.T @ di + Wc.T @ dg + Wo.T @ do)[:H]
        dcnext = dc * f
    return loss, dWf, dWi, dWc, dWo, dWy, dbf, dbi, dbc, dbo, dby, hs[len(inputs) - 1], cs[len(inputs) - 1]
"""
SPLIT = f"""
def forward(inputs, hprev, cprev, params):
    hs, cs, ps, kept = {{-1: hprev}}, {{-1: cprev}}, {{}}, {{}}
    Wf, Wi, Wc, Wo, Wy = (params[k] for k in ("Wf", "Wi", "Wc", "Wo", "Wy"))
    bf, bi, bc, bo, by = (params[k] for k in ("bf", "bi", "bc", "bo", "by"))
    for t in range(len(inputs)):
        z = np.vstack((hs[t - 1], inputs[t])){CELL}
    return ps, (inputs, hs, cs, ps, kept)

def backward(targets, cache, params):
    inputs, hs, cs, ps, kept = cache
    Wf, Wi, Wc, Wo, Wy = (params[k] for k in ("Wf", "Wi", "Wc", "Wo", "Wy"))
    H, loss = len(Wf), 0
    grads = {{k: np.zeros_like(v) for k, v in params.items()}}
    dhnext, dcnext = np.zeros((H, 1)), np.zeros((H, 1)){BACK}
        loss -= np.log(ps[t][targets[t], 0])
        for k, d in zip("fico", (df, di, dg, do)):
            grads["W" + k] += d @ z.T
            grads["b" + k] += d
        grads["Wy"] += dy @ hs[t].T
        grads["by"] += dy
        dhnext = (Wf.T @ df + Wi.T @ di + Wc.T @ dg + Wo.T @ do)[:H]
        dcnext = dc * f
    return loss, grads
"""
BATCHES = """
class Net:
    def __init__(self, input_dim, hidden_dim, output_dim):
        draw = np.random.RandomState(0).randn
        self.Wx, self.Wh = draw(input_dim, 3 * hidden_dim), draw(hidden_dim, 3 * hidden_dim)
        self.b = draw(3 * hidden_dim)
        self.V, self.c = draw(hidden_dim, output_dim), draw(output_dim)

    def loss(self, X, y):
        N, T, H = len(X), X.shape[1], len(self.Wh)
        (Wr, Wz, Wn), (Ur, Uz, Un) = np.split(self.Wx, 3, 1), np.split(self.Wh, 3, 1)
        br, bz, bn = np.split(self.b, 3)
        h, kept, loss, rows = np.zeros((N, H)), [], 0.0, np.arange(N)
        for t in range(T):
            x = X[:, t]
            r, z = sigmoid(x @ Wr + h @ Ur + br), sigmoid(x @ Wz + h @ Uz + bz)
            n = np.tanh(x @ Wn + (r * h) @ Un + bn)
            new = (1 - z) * n + z * h
            e = np.exp(new @ self.V + self.c)
            p = e / e.sum(1, keepdims=True)
            loss -= np.log(p[rows, y[:, t]]).sum() / (N * T)
            kept.append((x, h, r, z, n, new, p))
            h = new
        self.dWx, self.dWh, self.db = 0 * self.Wx, 0 * self.Wh, 0 * self.b
        self.dV, self.dc, dh = 0 * self.V, 0 * self.c, 0 * h
        for t in reversed(range(T)):
            x, h, r, z, n, new, p = kept[t]
            p[rows, y[:, t]] -= 1
            p /= N * T
            self.dV, self.dc, dh = self.dV + new.T @ p, self.dc + p.sum(0), dh + p @ self.V.T
            dn, dz = dh * (1 - z) * (1 - n * n), dh * (h - n) * z * (1 - z)
            dr = (dn @ Un.T) * h * r * (1 - r)
            self.dWx = self.dWx + np.hstack([x.T @ dr, x.T @ dz, x.T @ dn])
            self.dWh = self.dWh + np.hstack([h.T @ dr, h.T @ dz, (r * h).T @ dn])
            self.db = self.db + np.hstack([dr.sum(0), dz.sum(0), dn.sum(0)])
            dh = dh * z + dr @ Ur.T + dz @ Uz.T + (dn @ Un.T) * r
        return loss
"""
OF_A_FILE = (
    OUTSIDE.replace(SIZES, "data = open('never-there.txt').read()\nV = len(set(data))\nH = 5\n")
    .replace("rng.randn(H, H + V)", "np.random.randn(H, H + V)")
    .replace("rng.randn(V, H)", "np.random.randn(V, H)")
    .replace("Wc", "Wcc")
    .replace("bc", "bcc")
    .replace("np.vstack((hs[t - 1], x))", "np.vstack((xs[t], hs[t - 1]))")
    .replace("x = np.zeros((V, 1))", "xs[t] = np.zeros((V, 1))")
    .replace("x[inputs[t]] = 1", "xs[t][inputs[t]] = 1")
    .replace("loss = {-1: hprev}", "loss, xs = {-1: hprev}")
    .replace("{}, 0\n    for t", "{}, 0, {}\n    for t")
    .replace("@ do)[:H]", "@ do)[V:]")
)
FORMS = {  # the text, what its reading says, and edits that are each wrong
    "globals": (
        OUTSIDE,
        "lstm",
        "class indices",
        [("dcnext = dc * f", "dcnext = dc"), ("dWy + dy @ hs[t].T", "dWy + dy @ hs[t - 1].T")],
    ),
    "gradients in a tuple": (
        OUTSIDE.replace("loss, dWf,", "loss, (dWf,").replace("dby, hs", "dby), hs"),
        "lstm",
        "class indices",
        [("dh * tc * o * (1 - o)", "dh * tc")],
    ),
    "sizes of a file that is not there": (
        OF_A_FILE,
        "lstm",
        "weights [x, h]",
        [("(1 - tc * tc)", "(1 - cs[t] ** 2)"), ("Wo.T @ do)", "Wo.T @ df)")],
    ),
    "two functions": (SPLIT, "lstm", "backward after forward", [("dcnext = dc * f", "dcnext = dc")]),
    "a class": (BATCHES, "gru", "cross-entropy of its own over T B", [("dh * z +", ""), ("p /= N * T", "p /= N")]),
}


def checked(folder, text):
    path = folder / "foreign.py"
    path.write_text(HEAD + text, encoding="utf-8")
    return rnn_ref.check(str(path), only="*before-float64" if "class Net" in text else "*/single-float64").functions


@pytest.mark.parametrize("form", some(FORMS, 3))
def test_a_loss_with_its_gradients_is_the_way_back_and_the_way_forward(form, tmp_path):
    text, cell, told, faults = FORMS[form]
    right = checked(tmp_path, text)
    assert {name for name, one in right.items() if one.verdict == "conforms"} >= {f"{cell}_forward", f"{cell}_backward"}
    assert told in right[f"{cell}_backward"].reading
    for old, new in faults:
        assert text.count(old) == 1
        wrong = checked(tmp_path, text.replace(old, new))
        assert "wrong" in {one.verdict for one in wrong.values()}


def test_a_gradient_of_one_gate_that_is_not_returned_is_claimed(tmp_path):
    found = checked(tmp_path, OUTSIDE.replace("dbi, dbc, dbo, dby, hs[", "dbi, dbo, dby, hs["))["lstm_backward"]
    assert (found.verdict, "no db_h" in found.claims) == ("conforms", True)


def test_a_bound_of_finished_gradients_is_told(tmp_path):
    every = "(dWf, dWi, dWc, dWo, dbf, dbi, dbc, dbo)"
    clipped = OUTSIDE.replace(
        "    return loss,", f"    for d in {every}: np.clip(d, -0.05, 0.05, out=d)\n    return loss,"
    )
    found = checked(tmp_path, clipped)["lstm_backward"]
    assert (found.verdict, found.mistake) == ("right-but", "gradients-clipped")
