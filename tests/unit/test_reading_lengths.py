"""A way through time that is told where sequences end is asked lengths, right ones and wrong ones."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

LSTM = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def run_lstm(x, h0, c0, W_ih, W_hh, b_ih, b_hh, lengths=None):
        B, T, _ = x.shape
        H = h0.shape[1]
        mask = np.ones((B, T)) if lengths is None else np.arange(T)[None, :] < np.asarray(lengths)[:, None]
        h, c, out = h0, c0, np.zeros((B, T, H))
        for t in range(T):
            a = x[:, t] @ W_ih.T + b_ih + h @ W_hh.T + b_hh
            i, f, g, o = sigmoid(a[:, :H]), sigmoid(a[:, H:2*H]), np.tanh(a[:, 2*H:3*H]), sigmoid(a[:, 3*H:])
            c_new = f * c + i * g
            h_new = o * np.tanh(c_new)
            m = mask[:, t:t+1]
            h = m * h_new + (1 - m) * h
            c = {memory}
            out[:, t] = m * h_new
        return out, (h, c)
"""
GRU = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    class Reader:
        def __init__(self, input_size, hidden_size):
            self.W = np.random.randn(3 * hidden_size, input_size)
            self.U = np.random.randn(3 * hidden_size, hidden_size)
            self.bw, self.bu = np.random.randn(3 * hidden_size), np.random.randn(3 * hidden_size)

        def forward(self, x, h0, mask=None):
            h, out = h0, []
            for t, x_t in enumerate(x):
                ar, az, an = np.split(x_t @ self.W.T + self.bw, 3, axis=1)
                hr, hz, hn = np.split(h @ self.U.T + self.bu, 3, axis=1)
                z, n = sigmoid(az + hz), np.tanh(an + sigmoid(ar + hr) * hn)
                new = (1 - z) * n + z * h
                h = new if mask is None else np.where({keeps}, new, h)
                out.append(h)
            return np.stack(out), h
"""
SORTED = LSTM.format(memory="m * c_new + (1 - m) * c").replace(
    "h, c, out =", "assert lengths is None or all(np.diff(lengths) <= 0)\n        h, c, out ="
)
NEEDED = """
    import numpy as np

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    def gru(x, pad_mask, h, W, U, b, c):
        H, out = h.shape[1], []
        for t in range(len(x)):
            gx, gh = x[t] @ W.T + b, h @ U.T + c
            r, z = sigmoid(gx[:, :H] + gh[:, :H]), sigmoid(gx[:, H:2*H] + gh[:, H:2*H])
            new = (1 - z) * np.tanh(gx[:, 2*H:] + r * gh[:, 2*H:]) + z * h
            keep = pad_mask[:, t]
            new[keep] = {kept}
            h = new
            out.append(h)
        return np.stack(out), h
"""
DROPOUT = GRU.format(keeps="True").replace("h = new if mask", "h = h * mask if mask is not None else new if mask")


def _checked(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "padded.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (LSTM.format(memory="m * c_new + (1 - m) * c"), "layer upon layer, lengths as lengths"),
        (GRU.format(keeps="mask[t, :, None] > 0"), "layer upon layer, mask as mask (T, B)"),
        (NEEDED.format(kept="h[keep]"), "pad_mask as mask (B, T) of what is padding, true or false"),
        pytest.param(
            GRU.format(keeps="mask[t, :, None] > 0").replace("np.stack(out), h", "np.stack(out)"),
            "mask (T, B)",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            GRU.format(keeps="mask[:, t, None] == 0"), "mask (B, T) of what is padding", marks=pytest.mark.slow
        ),
    ],
)
def test_right_lengths_conform_and_are_told(tmp_path: Path, text: str, told: str) -> None:
    report = _checked(tmp_path, text)
    assert report.ok
    assert told in report.functions["stack_forward"].reading
    assert any("lengths" in one.id or "three" in one.id or "gru-layers" in one.id for one in report.results)


def test_a_memory_that_goes_on_through_the_padding_is_named(tmp_path: Path) -> None:
    report = _checked(tmp_path, LSTM.format(memory="c_new").replace("run_lstm", "lstm_forward"))
    assert report.functions["lstm_forward"].verdict == "conforms"
    assert report.functions["stack_forward"].mistake == "padding-in-last-memory"


@pytest.mark.slow
def test_a_mask_that_has_to_be_there_and_is_wrong_is_seen(tmp_path: Path) -> None:
    report = _checked(tmp_path, NEEDED.format(kept="0"))
    assert report.functions["gru_forward"].claims == ["full lengths only"]
    assert {name: report.functions[name].verdict for name in ("gru_forward", "stack_forward")} == {
        "gru_forward": "conforms",
        "stack_forward": "wrong",
    }


@pytest.mark.slow
def test_lengths_that_are_ignored_are_wrong(tmp_path: Path) -> None:
    text = LSTM.format(memory="c_new").replace("np.arange(T)[None, :] <", "np.zeros(T)[None, :] <")
    assert _checked(tmp_path, text).functions["stack_forward"].verdict == "wrong"


@pytest.mark.slow
@pytest.mark.parametrize(("text", "told"), [(SORTED, ["full lengths only"]), (DROPOUT, [])])
def test_what_cannot_be_asked_lengths_is_not_judged_by_them(tmp_path: Path, text: str, told: list[str]) -> None:
    report = _checked(tmp_path, text)
    assert report.ok
    assert not any(result.function == "stack_forward" for result in report.results)
    assert [claim for one in report.functions.values() for claim in one.claims if "lengths" in claim] == told


@pytest.mark.parametrize(
    ("keeps", "verdict"),
    [
        ("mask[t, :, None] == 0", "wrong"),
        pytest.param("mask[t, :, None] > 0", "conforms", marks=pytest.mark.slow),
    ],
)
def test_a_mask_marks_what_its_author_says(tmp_path: Path, keeps: str, verdict: str) -> None:
    text = GRU.format(keeps=keeps).replace("mask=None):", "mask=None):  # mask (T, B): 1 for the real steps")
    assert _checked(tmp_path, text).functions["stack_forward"].verdict == verdict


def test_a_batch_of_which_entries_are_taken_is_what_goes_in(tmp_path: Path) -> None:
    text = LSTM.format(memory="m * c_new + (1 - m) * c").replace("run_lstm(x,", "run_lstm(batch,")
    text = text.replace("x.shape", "batch.shape").replace("x[", "batch[")
    assert _checked(tmp_path, text).functions["lstm_forward"].verdict == "conforms"
