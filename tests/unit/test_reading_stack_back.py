"""Ways back through stacks of a file's own: gradients in lists of dicts, under keys with numbers, or by name."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

LAYER = """
    import numpy as np

    def sigmoid(a):
        return 1 / (1 + np.exp(-a))

    def one_way(x, h, c, W, U, b):
        out, steps = [], []
        for x_t in x:
            i, f, g, o = np.split(x_t @ W + h @ U + b, 4, axis=1)
            i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
            steps.append((x_t, h, c, i, f, g, o, W, U))
            c = f * c + i * g
            h = o * np.tanh(c)
            out.append(h)
        return np.stack(out), steps

    def other_way(dout, steps, W, U):
        dW, dU, db, dx = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U) * 4), []
        dh, dc = np.zeros_like(steps[0][1]), np.zeros_like(steps[0][2])
        for (x_t, h, c, i, f, g, o, W, U), up in zip(steps[::-1], dout[::-1]):
            dh = dh + up
            tc = np.tanh(f * c + i * g)
            dc = dc + dh * o * (1 - tc * tc)
            da = [dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g * g), dh * tc * o * (1 - o)]
            da = np.hstack(da)
            dW += x_t.T @ da
            dU += h.T @ da
            db += da.sum(0)
            dx.insert(0, da @ W.T)
            dh, dc = da @ U.T, dc * f
        return np.stack(dx), dh, dc, dW, dU, db
"""
LIST = (
    LAYER
    + """
    def forward(x, h0, c0, layers):
        tape = []
        for k, p in enumerate(layers):
            x, steps = one_way(x, h0[k], c0[k], p["W"], p["U"], p["b"])
            tape.append(steps)
        return x, tape

    def backward(dout, tape, layers):
        grads, dh0, dc0 = [None] * len(layers), [None] * len(layers), [None] * len(layers)
        for k in reversed(range(len(layers))):
            p = layers[k]
            dout, dh0[k], dc0[k], dW, dU, db = other_way(dout, tape[k], p["W"], p["U"])
            grads[k] = {"W": dW, "U": dU, "b": db}
        return dout, dh0, dc0, grads
"""
)
KEYS = (
    LAYER
    + """
    def forward(x, h0, c0, params, num_layers):
        tape = []
        for l in range(num_layers):
            x, steps = one_way(x, h0[l], c0[l], params["W%d" % l], params[f"U{l}"], params["b" + str(l)])
            tape.append(steps)
        return x, tape

    def backward(dout, tape, params):
        grads = {}
        for l in reversed(range(len(tape))):
            W, U = params["W%d" % l], params[f"U{l}"]
            dout, _, _, grads["dW%d" % l], grads[f"dU{l}"], grads[f"db{l}"] = other_way(dout, tape[l], W, U)
        return dout, grads
"""
)
TWO = (
    LAYER
    + """
    def forward(x, h0, c0, p):
        h1, first = one_way(x, h0[0], c0[0], p["W1"], p["U1"], p["b1"])
        h2, second = one_way(h1, h0[1], c0[1], p["W2"], p["U2"], p["b2"])
        return h2, (first, second)

    def backward(dh, cache, p):
        dh1, _, _, dW2, dU2, db2 = other_way(dh, cache[1], p["W2"], p["U2"])
        dx, _, _, dW1, dU1, db1 = other_way(dh1, cache[0], p["W1"], p["U1"])
        return {"l1": {"W1": dW1, "U1": dU1, "b1": db1}, "l2": {"W2": dW2, "U2": dU2, "b2": db2}}
"""
)
BOTH = (
    LAYER
    + """
    def forward(x, h0, c0, params):
        f, b = params["fwd"], params["bwd"]
        forth, first = one_way(x, h0[0], c0[0], f["W"], f["U"], f["b"])
        back, second = one_way(x[::-1], h0[1], c0[1], b["W"], b["U"], b["b"])
        return np.concatenate([forth, back[::-1]], axis=2), (first, second, params)

    def backward(dout, cache):
        first, second, params = cache
        H = dout.shape[2] // 2
        dx, dh, dc, dW, dU, db = other_way(dout[:, :, :H], first, params["fwd"]["W"], params["fwd"]["U"])
        grads = {"fwd": {"W": dW, "U": dU, "b": db}}
        dx_b, dh_b, dc_b, dW, dU, db = other_way(dout[::-1, :, H:], second, params["bwd"]["W"], params["bwd"]["U"])
        grads["bwd"] = {"W": dW, "U": dU, "b": db}
        return dx + dx_b[::-1], np.stack([dh, dh_b]), np.stack([dc, dc_b]), grads
"""
)
PYTORCH = (
    LAYER
    + """
    def forward(x, state_dict, n_layers, h0, c0):
        for k in range(n_layers):
            both = []
            for d, suffix in enumerate(("", "_reverse")):
                W, U, b, b2 = [state_dict["%s_l%d%s" % (name, k, suffix)]
                               for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
                out, _ = one_way(x[::-1] if d else x, h0[2 * k + d], c0[2 * k + d], W.T, U.T, b + b2)
                both.append(out[::-1] if d else out)
            x = np.concatenate(both, axis=-1)
        return x
"""
)


def _checked(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "deep.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target)).functions


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        pytest.param(LIST, ["dstates_T = 0"], id="list", marks=pytest.mark.slow),
        pytest.param(KEYS, ["dstates_T = 0", "no dstates0[0]", "no dstates0[1]"], id="keys", marks=pytest.mark.slow),
        pytest.param(
            TWO,
            ["2 layers only", "dstates_T = 0", "no dX_seq", "no dstates0[0]", "no dstates0[1]"],
            id="two",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            BOTH, ["2 layers only", "both directions only", "dstates_T = 0"], id="both", marks=pytest.mark.slow
        ),
    ],
)
def test_right_ones_conform_and_say_what_they_leave_out(tmp_path: Path, text: str, claims: list[str]) -> None:
    found = _checked(tmp_path, text)
    verdicts = {name: found[name].verdict for name in ("stack_forward", "stack_backward")}
    assert verdicts == {"stack_forward": "conforms", "stack_backward": "conforms"}
    assert list(found["stack_backward"].claims) == ["stacks of lstm_forward only", *claims]


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        pytest.param(LIST, "other_way(dout, tape", "other_way(2 * dout, tape", id="list", marks=pytest.mark.slow),
        pytest.param(KEYS, "dc * f\\n", "dc\\n", id="keys", marks=pytest.mark.slow),
        pytest.param(BOTH, "dx + dx_b[::-1]", "dx + dx_b", id="both"),
        pytest.param(TWO, "other_way(dh1,", "other_way(dh1 * (1 - dh1),", id="two"),
    ],
)
def test_wrong_ones_are_wrong_in_the_way_back_alone(tmp_path: Path, text: str, old: str, new: str) -> None:
    old, new = old.replace("\\n", "\n"), new.replace("\\n", "\n")
    assert old in text
    found = _checked(tmp_path, text.replace(old, new))
    assert found["stack_forward"].verdict == "conforms"
    assert found["stack_backward"].verdict in {"wrong", "crashed"}


def test_layers_of_both_directions_under_pytorchs_names_are_read(tmp_path: Path) -> None:
    found = _checked(tmp_path, PYTORCH)["stack_forward"]
    assert (found.verdict, "both directions only" in found.claims) == ("conforms", True)
    wrong = _checked(tmp_path, PYTORCH.replace("out[::-1] if d else out", "out"))["stack_forward"]
    assert wrong.verdict == "wrong"
