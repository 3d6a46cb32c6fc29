"""Cells whose weights lie in a dict for each side, by gate, and in tuples of which some are left alone."""

import textwrap
from pathlib import Path

import pytest

import rnn_ref

LISTS = """
    import math

    def sigmoid(x):
        return 1 / (1 + math.exp(-x))

    def times(M, v):
        return [sum(m * a for m, a in zip(row, v)) for row in M]

    def lstm_cell(x, h, c, W, U, b):
        a = {}
        for k in ("i", "f", "o", "g"):
            a[k] = [p + q + s for p, q, s in zip(times(W[k], x), times(U[k], h), b[k])]
        new_h, new_c = [], []
        for j in range(len(h)):
            kept = sigmoid(a["f"][j]) * c[j] + sigmoid(a["i"][j]) * math.tanh(a["g"][j])
            new_c.append(kept)
            new_h.append(sigmoid(a["o"][j]) * math.tanh(kept))
        return new_h, new_c
"""

GRU = """
    import numpy as np

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def gru(x, h, W, U, b):
        r = sigmoid(W["r"] @ x + U["r"] @ h + b["r"])
        z = sigmoid(W["z"] @ x + U["z"] @ h + b["z"])
        n = np.tanh(W["h"] @ x + U["h"] @ (r * h) + b["h"])
        return z * h + (1 - z) * n
"""

BY_SIDE = """
    import numpy as np

    def made(rng, d, h):
        def layer(n, bias=True):
            return dict(kernel=rng.normal(size=(n, h)), **(dict(bias=np.zeros(h)) if bias else {}))
        return dict(ir=layer(d), iz=layer(d), in_=layer(d), hr=layer(h, False), hz=layer(h, False), hn=layer(h))

    def init_gru(rng, d, h):
        return made(rng, d, h)

    def dense(p, x):
        return x @ p["kernel"] + p.get("bias", 0)

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def gru_step(params, h, x):
        r = sigmoid(dense(params["ir"], x) + dense(params["hr"], h))
        z = sigmoid(dense(params["iz"], x) + dense(params["hz"], h))
        n = np.tanh(dense(params["in_"], x) + r * dense(params["hn"], h))
        return (1 - z) * n + z * h
"""

KERNELS = """
    import numpy as np

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def gru_layer(x, h, kernel, rkernel, bias):
        units, hs = h.shape[-1], []
        for x_t in x:
            a, c = x_t @ kernel + bias[0], h @ rkernel + bias[1]
            z, r = (sigmoid(a[..., k * units:(k + 1) * units] + c[..., k * units:(k + 1) * units]) for k in (0, 1))
            n = np.tanh(a[..., 2 * units:] + r * c[..., 2 * units:])
            h = z * h + (1 - z) * n
            hs.append(h)
        return np.stack(hs)
"""
INSIDE = """
    from typing import NamedTuple
    import numpy as np

    class Weights(NamedTuple):
        w_i: np.ndarray
        w_h: np.ndarray
        b_i: np.ndarray
        b_h: np.ndarray  # of the candidate alone

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def gru_cell(p, h, x):
        i, k = x @ p.w_i + p.b_i, h @ p.w_h
        n = h.shape[-1]
        r, z = sigmoid(i[..., :n] + k[..., :n]), sigmoid(i[..., n:2 * n] + k[..., n:2 * n])
        a = np.tanh(i[..., 2 * n:] + r * (k[..., 2 * n:] + p.b_h))
        return z * h + (1 - z) * a
"""
END_TO_END = """
    import numpy as np

    def f(a):
        return 1 / (1 + np.exp(-a))

    def one_direction(X, W, R, B, H_0, linear_before_reset):
        (Wz, Wr, Wh), (Rz, Rr, Rh) = np.split(W, 3), np.split(R, 3)
        Wbz, Wbr, Wbh, Rbz, Rbr, Rbh = np.split(B, 6)
        H, ys = H_0, []
        for x in X:
            z = f(x @ Wz.T + H @ Rz.T + Wbz + Rbz)
            r = f(x @ Wr.T + H @ Rr.T + Wbr + Rbr)
            inside = r * (H @ Rh.T + Rbh) if linear_before_reset else (r * H) @ Rh.T + Rbh
            H = (1 - z) * np.tanh(x @ Wh.T + inside + Wbh) + z * H
            ys.append(H)
        return np.stack(ys), H
"""
CUT_IN_TWO = """
    import numpy as np

    def sig(a):
        return 1 / (1 + np.exp(-a))

    def one_direction(X, W, R, B, h, c):
        units, hs = R.shape[-1], []
        bias = B[:4 * units] + B[4 * units:]
        for x in X:
            i, o, f, g = np.split(x @ W.T + h @ R.T + bias, 4, axis=-1)
            c = sig(f) * c + sig(i) * np.tanh(g)
            h = sig(o) * np.tanh(c)
            hs.append(h)
        return np.stack(hs), h, c
"""
RECORD = """
    from typing import NamedTuple
    import numpy as np

    class Carry(NamedTuple):
        hidden: np.ndarray
        cell: np.ndarray

    def sig(a):
        return 1 / (1 + np.exp(-a))

    def core(p, carry, x):
        i, g, f, o = np.split(np.concatenate([x, carry.hidden], axis=-1) @ p["w"] + p["b"], 4, axis=-1)
        c = sig(f) * carry.cell + sig(i) * np.tanh(g)
        h = sig(o) * np.tanh(c)
        return Carry(h, c), h
"""
OUTPUT = """
    import numpy as np

    def sig(a):
        return 1 / (1 + np.exp(-a))

    class Lstm:
        def __init__(self, D, H, O):
            r = np.random.default_rng(0)
            self.H = H
            self.params = dict(W=r.normal(size=(4 * H, D)), U=r.normal(size=(4 * H, H)), b=np.zeros(4 * H),
                               V=r.normal(size=(O, H)), c=np.zeros(O))

        def forward(self, x):
            P, H = self.params, self.H
            h, s, hs = np.zeros((x.shape[1], H)), np.zeros((x.shape[1], H)), []
            for x_t in x:
                a = x_t @ P["W"].T + h @ P["U"].T + P["b"]
                i, f, g, o = sig(a[:, :H]), sig(a[:, H:2 * H]), np.tanh(a[:, 2 * H:3 * H]), sig(a[:, 3 * H:])
                s = f * s + i * g
                h = o * np.tanh(s)
                hs.append(h)
            return np.stack(hs) @ P["V"].T + P["c"]
"""

UNREAD = """
    import numpy as np

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def lstm_step(params, state, x):
        w, u, b, _, _ = params
        h, c = state
        i, g, f, o = np.split(x @ w + h @ u + b, 4, axis=-1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        return (h, c), h
"""


@pytest.mark.parametrize(
    ("text", "wrong", "slug"),
    [
        pytest.param(
            *(LISTS, ('sigmoid(a["o"][j]) * math.tanh(kept)', 'sigmoid(a["o"][j]) * kept'), "no-tanh-of-c"),
            marks=pytest.mark.slow,
        ),
        (GRU, ('U["r"]', 'U["z"]'), "gate-of-another-gate"),
        (GRU, ('W["r"]', 'W["z"]'), "gate-of-another-gate"),
        (BY_SIDE, ('params["hz"]', 'params["hr"]'), "gate-of-another-gate"),
        (UNREAD, ("sigmoid(f) * c +", "sigmoid(f) +"), None),
        (KERNELS, ("bias[1]", "bias[0]"), None),
        (INSIDE, ("r * (k[..., 2 * n:] + p.b_h)", "r * k[..., 2 * n:] + p.b_h"), "reset-misses-bias"),
        (OUTPUT, ("f * s + i * g", "f * s + g"), None),
        (END_TO_END, ("(r * H) @ Rh.T + Rbh", "r * (H @ Rh.T + Rbh)"), "option-ignored"),
        (CUT_IN_TWO, ("B[:4 * units] + B[4 * units:]", "B[:4 * units] - B[4 * units:]"), None),
        (RECORD, ("sig(o) * np.tanh(c)", "sig(o) * c"), "no-tanh-of-c"),
    ],
    ids=[
        "lists",
        "a state's weights",
        "an input's weights",
        "a dict of layers",
        "left alone",
        "kernels",
        "inside",
        "V, c",
        "as in ONNX",
        "two biases cut out of one",
        "a record of states",
    ],
)
def test_weights_are_found_by_gate_and_side(tmp_path: Path, text: str, wrong: tuple[str, str], slug: str) -> None:
    found = []
    for number, one in enumerate((text, text.replace(*wrong))):
        path = tmp_path / f"cell{number}.py"
        path.write_text(textwrap.dedent(one))
        report = rnn_ref.check(str(path))
        found += [one for one in report.functions.values() if one.verdict != "missing"]
    assert [one.verdict for one in found] == ["conforms", "wrong"]
    assert slug in {None, found[1].mistake}
