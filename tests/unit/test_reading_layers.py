"""Foreign functions of several layers are read as stacks, right ones and wrong ones."""

import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.targets.reading.layers.roles import roles_of
from rnn_ref.conformance.targets.reading.syntax.gathered import source_of

LISTS = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def deep_lstm(x, h0, c0, Wx, Wh, b):
        last_h, last_c = [], []
        for l in range(len(Wx)):
            h, c = h0[{start}], c0[{start}]
            H = h.shape[1]
            out = np.zeros((*x.shape[:2], H))
            for t in range(x.shape[1]):
                a = x[:, t] @ Wx[l] + h @ Wh[l] + b[l]
                i, f, o, g = sigmoid(a[:, :H]), sigmoid(a[:, H:2*H]), sigmoid(a[:, 2*H:3*H]), np.tanh(a[:, 3*H:])
                c = f * c + i * g
                h = o * np.tanh(c)
                out[:, t] = h
            last_h.append(h)
            last_c.append(c)
            x = out
        return x, (last_h, last_c)
"""
NUMBERED = """
    import numpy as np

    def two_layer_rnn(X, h0, Wx1, Wh1, b1, Wx2, Wh2, b2):
        h1, h2 = h0
        out = []
        for x in X:
            h1 = np.tanh(x @ Wx1.T + h1 @ Wh1.T + b1)
            h2 = np.tanh({below} @ Wx2.T + h2 @ Wh2.T + b2)
            out.append(h2)
        return np.array(out), np.stack([h1, h2])
"""
PAIRS = """
    import numpy as np

    def stacked(inputs, W_ih, W_hh, bias):
        seq = inputs
        for U, W, b in zip(W_ih, W_hh, bias):
            h = np.zeros((seq.shape[1], W.shape[0]))
            states = []
            for x_t in seq:
                h = np.tanh(x_t @ U.T + h @ W.T + b)
                states.append(h)
            seq = np.stack(states)
        return seq
"""

ONE_BY_ONE = """
    import numpy as np

    def deep_rnn(X, h0s, layers):
        seq, finals = X, []
        for (Wx, Wh, b), h in zip(layers, h0s):
            out = []
            for x in seq:
                h = np.tanh(Wx {times} x + Wh {times} h + b)
                out.append(h)
            seq = np.array(out)
            finals.append({last})
        return seq, np.array(finals)
"""

TOGETHER = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def deep_lstm(x, layers):
        finals = []
        for layer in layers:
            h = c = np.zeros((x.shape[1], len(layer["Wh"])))
            out = []
            for x_t in x:
                i, f, g, o = np.split(x_t @ layer["Wx"] + h @ layer["Wh"] + layer["b"], 4, axis=-1)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                out.append(h)
            x = np.stack(out)
            finals.append({last})
        return x, finals
"""

BOTH = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def multi_lstm(xs, states, layers):
        {begins}
        out = []
        for x in xs:
            for l, (W, U, b) in enumerate(layers):
                f, i, o, g = np.split(x @ W + h[l] @ U + b, 4, axis=1)
                c[l] = sigmoid(f) * c[l{below}] + sigmoid(i) * np.tanh(g)
                h[l] = x = sigmoid(o) * np.tanh(c[l])
            out.append(x)
        return np.array(out), {ends}
"""

EXPORTED = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def inferred(x, sd, num_layers):
        for k in range(num_layers):
            H = sd[f"weight_hh_l{k}"].shape[1]
            h = c = np.zeros((x.shape[1], H))
            out = []
            for x_t in x:
                a = x_t @ sd[f"weight_ih_l{k}"].T + sd[f"bias_ih_l{k}"]
                a += h @ sd[f"weight_hh_l{k}"].T + sd[f"bias_hh_l{k}"]
                {gates} = np.split(a, 4, -1)
                c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
                h = sigmoid(o) * np.tanh(c)
                out.append(h)
            x = np.stack(out)
        return x
"""

GATES = """
    import numpy as np

    def sigm(a):
        return 1 / (1 + np.exp(-a))

    def deep_gru(xs, h0, layers):
        last = []
        for l, layer in enumerate(layers):
            Wx, Wh, bx, bh = layer["Wx"], layer["Wh"], layer["bx"], layer["bh"]
            h, H, out = h0[{start}], h0.shape[-1], []
            for x in xs:
                a, u = x @ Wx.T + bx, h @ Wh.T + bh
                r, z = sigm(a[:, :H] + u[:, :H]), sigm(a[:, H:2*H] + u[:, H:2*H])
                n = np.tanh(a[:, 2*H:] + {reset})
                h = {mixed}
                out.append(h)
            xs = np.stack(out)
            last.append(h)
        return xs, np.stack(last)
"""
AFTER, BEFORE = "r * u[:, 2*H:]", "(r * h) @ Wh.T[:, 2*H:]"
KEPT, OTHER_WAY = "z * h + (1 - z) * n", "z * n + (1 - z) * h"


def _checked(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "deep.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LISTS.format(start="l"), "a list of weights for every layer, stacks of lstm_forward, gates i f o g"),
        (NUMBERED.format(below="h1"), "2 layers, stacks of rnn_forward"),
        (
            EXPORTED.replace("{gates}", "i, f, g, o"),
            "a numbered dict of weights for every layer, stacks of lstm_forward",
        ),
        (PAIRS, "W x, sequences (T, B, n), a list of weights for every layer, stacks of rnn_forward"),
        (ONE_BY_ONE.format(times="@", last="h"), "W x, sequences (T, n, B), a tuple of weights for every layer"),
        (TOGETHER.format(last="(h, c)"), "x W, sequences (T, B, n), a dict of weights for every layer"),
        (BOTH.format(begins="h, c = map(list, zip(*states))", below="", ends="list(zip(h, c))"), "gates f i o g"),
        (BOTH.format(begins="h, c = map(list, states)", below="", ends="(h, c)"), "gates f i o g"),
        (GATES.format(start="l", reset=AFTER, mixed=KEPT), "a dict of weights for every layer, stacks of gru_forward"),
        (
            GATES.format(start="l", reset=AFTER, mixed=OTHER_WAY).replace(' layer["bh"]', " 0"),
            "stacks of gru_forward, gate z the other way round",
        ),
        (
            ONE_BY_ONE.format(times="@", last="h").replace("+ b)", "+ b).reshape(len(b))"),
            "W x, sequences (T, n), a tuple of weights for every layer",
        ),
    ],
)
def test_what_is_right_conforms_and_its_reading_is_told(tmp_path: Path, text: str, told: str) -> None:
    report = _checked(tmp_path, text)
    assert report.ok
    assert told in report.functions["stack_forward"].reading
    assert sum(result.status == "passed" for result in report.results) >= 2


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        (LISTS.format(start="0"), "state-of-first-layer"),
        (GATES.format(start="0", reset=AFTER, mixed=KEPT), "state-of-first-layer"),
        (PAIRS.replace("x_t @ U.T", "x_t @ (U.T + U.T)"), None),
        (NUMBERED.format(below="h2"), None),
        (ONE_BY_ONE.format(times="@", last="out[0]"), None),
        (TOGETHER.format(last="(h, x[0])"), None),
        (BOTH.format(begins="h, c = map(list, states)", below=" - 1", ends="(h, c)"), None),
    ],
)
def test_what_is_wrong_is_read_and_wrong(tmp_path: Path, text: str, slug: str | None) -> None:
    found = _checked(tmp_path, text).functions["stack_forward"]
    assert found.verdict == "wrong"
    assert slug in {None, found.mistake}


def test_weights_with_pytorchs_names_lie_in_its_order(tmp_path: Path) -> None:
    found = _checked(tmp_path, EXPORTED.replace("{gates}", "i, f, o, g")).functions["stack_forward"]
    assert found.verdict == "wrong"
    assert "gates i f g o as PyTorch's names say, i f o g in the text" in found.reading


@pytest.mark.parametrize(
    ("start", "told"),
    [("l", ("conforms", None)), pytest.param("0", ("wrong", "state-of-first-layer"), marks=pytest.mark.slow)],
)
def test_a_stack_of_cells_with_another_option_is_asked_with_that_alone(
    tmp_path: Path, start: str, told: tuple[str, str | None]
) -> None:
    text = GATES.format(start=start, reset=BEFORE, mixed=KEPT).replace(' layer["bh"]', " 0")
    found = _checked(tmp_path, text).functions["stack_forward"]
    assert (found.verdict, found.mistake) == told
    assert {"stacks of gru_forward only", "reset_after=False only"} <= {*found.claims}


def test_two_biases_with_numbers_are_no_layers() -> None:
    def rnn_step(x: Any, h: Any, Wx: Any, Wh: Any, b1: Any, b2: Any) -> Any:
        return np.tanh(x @ Wx.T + b1 + h @ Wh.T + b2)

    assert not list(roles_of(rnn_step, source_of(rnn_step)))


CALLED_SO = """
    import numpy as np

    def layer_forward(params, xs):
        h, hs = np.zeros((xs.shape[1], len(params["R"]))), []
        for x in xs:
            h = np.tanh(x @ params["W"] + h @ params["R"] + params["b"])
            hs.append(h)
        return np.array(hs)

    def stack_forward(layers, xs):
        for L in layers:
            xs = layer_forward(L, xs)
        return xs

    def stack_backward(layers, memos, dhs):
        for L, memo in zip(layers[::-1], memos[::-1]):
            dhs = (dhs * (1 - memo ** 2)) @ L["W"].T
        return dhs
"""


def test_what_only_bears_the_name_of_a_stack_is_not_judged_as_one(tmp_path):
    (file := tmp_path / "mine.py").write_text(textwrap.dedent(CALLED_SO), encoding="utf-8")
    report = rnn_ref.check(str(file))
    assert report.ok
    assert {name for name, one in report.functions.items() if one.verdict != "missing"} == {"rnn_forward"}
