"""What is wrong without a name is told by its line, where one edit of the text makes all of it right."""

from pathlib import Path

import pytest

import rnn_ref
from rnn_ref.conformance.reports import markdown
from rnn_ref.conformance.reports.html import page

KERAS = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

class Recurrence:
    def __init__(self, kernel, recurrent_kernel, bias):
        n = self.units = recurrent_kernel.shape[0]
        self.W = kernel
        R = recurrent_kernel
        self.R_z, self.R_r, self.R_n = R[:, :n], R[:, n:2 * n], R[:, 2 * n:]
        self.own, self.back = bias

    def __call__(self, seq, state=None):
        n = self.units
        h = np.zeros((seq.shape[0], n)) if state is None else state
        shown = np.zeros((*seq.shape[:2], n))
        for t in range(seq.shape[1]):
            a = seq[:, t] @ self.W + self.own
            z = sigmoid(a[:, :n] + h @ self.R_z + self.back[:n])
            r = sigmoid(a[:, n:2 * n] + h @ self.R_r + self.back[n:2 * n])
            new = np.tanh(a[:, 2 * n:] + r * (h @ self.R_n + self.back[2 * n:]))
            h = z * h + (1 - z) * new
            shown[:, t] = h
        return shown, h
"""
LESSON = """
import numpy as np

def loss_of(xs, ys, h0, Wxh, Whh, Why, bh, by):
    hs, ps, loss, n = {-1: h0}, {}, 0, len(xs)
    for t in range(n):
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        o = Why @ hs[t] + by
        e = np.exp(o - o.max())
        ps[t] = e / e.sum()
        loss -= np.log(ps[t][ys[t]]) / n
    dWxh, dWhh, dWhy, dbh, dby = map(np.zeros_like, (Wxh, Whh, Why, bh, by))
    dnext = np.zeros_like(h0)
    for t in reversed(range(n)):
        do = ps[t].copy()
        do[ys[t]] -= 1
        do /= n
        dWhy += np.outer(do, hs[t])
        dby += do
        draw = (1 - hs[t] ** 2) * (Why.T @ do + dnext)
        dWxh += np.outer(draw, xs[t])
        dWhh += np.outer(draw, hs[t])
        dbh += draw
        dnext = Whh.T @ draw
    return loss, dWxh, dWhh, dWhy, dbh, dby
"""
PLAIN = """
import numpy as np

def unroll(xs, h, Wx, Wh, b):
    hs = []
    for x in xs:
        a = Wx @ x + Wh @ h + b
        h = np.tanh(a)
        hs.append(h)
    return np.array(hs), h
"""


@pytest.mark.parametrize(
    ("text", "right", "wrong", "function", "told"),
    [
        (
            *(KERAS, "h @ self.R_n", "h @ self.R_r", "gru_forward"),
            "Recurrence.__call__, line 23: all is right with `self.R_n` in place of `self.R_r`",
        ),
        (
            *(PLAIN, "append(h)", "append(h * h)", "rnn_forward"),
            "unroll, line 9: all is right with `h` in place of `h * h`: `hs.append(h)`",
        ),
    ],
)
def test_the_line_is_told(tmp_path: Path, text: str, right: str, wrong: str, function: str, told: str) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text.replace(right, wrong))
    found = rnn_ref.check(str(file)).functions[function]
    assert (found.verdict, found.mistakes, found.hint.startswith(told)) == ("wrong", [], True)


def test_where_two_lines_are_wrong_nothing_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(PLAIN.replace("append(h)", "append(h * h)").replace("Wh @ h + b", "Wh @ h + b * b * h"))
    found = rnn_ref.check(str(file)).functions["rnn_forward"]
    assert (found.verdict, found.mistakes, found.hint) == ("wrong", [], "")


def test_an_edit_that_never_ends_is_left(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    waits = PLAIN.replace("    for x in xs:\n", "    t = 0\n    while t < len(xs):\n        x, t = xs[t], t + 1\n")
    file.write_text(waits.replace("append(h)", "append(h * h)"))
    found = rnn_ref.check(str(file)).functions["rnn_forward"]
    assert found.hint.startswith("unroll, line 11: all is right with `h` in place of")


def test_beside_a_name_stands_the_line_and_not_what_is_right_there(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(PLAIN.replace("Wh @ h", "Wh.T @ h"))
    found = rnn_ref.check(str(file)).functions["rnn_forward"]
    assert found.mistakes == ["W_hh-transposed"]
    assert found.hint.startswith("unroll, line 7: ")
    assert "Wh @ h" not in found.hint


def test_the_report_says_so_in_every_form(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(PLAIN.replace("append(h)", "append(h * h)"))
    report = rnn_ref.check(str(file))
    told = "unroll, line 9: all is right with"
    assert f"\n  look: {told} `h` in place of `h * h`" in str(report)
    assert told in markdown.rendered(report)
    assert f"{told} <code>h</code>" in page.rendered(report)


def test_an_edit_deletes_nothing(tmp_path: Path) -> None:
    """A file that the function leaves alone would be deleted by an edit of what it deletes."""
    kept = tmp_path / "kept"
    kept.write_text("mine")
    text = PLAIN.replace(
        "    hs = []", f"    hs = []\n    none = [{str(kept)!r}]\n    none = none[1:]\n    clear(none)"
    )
    text += "\ndef clear(paths):\n    import os\n    for path in paths:\n        os.remove(path)\n"
    (tmp_path / "mine.py").write_text(text.replace("append(h)", "append(h * h)"))
    found = rnn_ref.check(str(tmp_path / "mine.py")).functions["rnn_forward"]
    assert found.hint.startswith("unroll, line 12: all is right with")
    assert kept.exists()


def test_beside_habits_the_line_is_told_as_well(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(LESSON)
    found = rnn_ref.check(str(file)).functions["rnn_bptt"]
    assert found.mistakes == ["dW_hh-from-h_t", "log-of-softmax", "mean-over-steps"]
    assert found.hint.startswith("loss_of, line 22: ")
