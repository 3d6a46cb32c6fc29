"""An argument that could be anything, or some of its steps or sequences, is told where nothing has a name."""

from pathlib import Path

import pytest

from rnn_ref.conformance import check

FORWARD = """
import numpy as np
def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    h, states = {start}, []
    for t, x in enumerate(X_seq):
        h = np.sin({step})
        states.append(h)
    return states
"""
SUM = "x @ W_xh.T + h @ W_hh.T + b_h"


@pytest.mark.parametrize(
    ("start", "step", "told"),
    [
        ("h0", SUM, ""),
        ("h0", "x @ W_xh.T + h @ W_hh.T", "b_h has no effect"),
        ("h0", SUM.replace("x @", "X_seq[-1] @"), "X_seq has an effect at its last step alone"),
        ("(h0[:1] + 0 * h0 if h0.ndim > 1 else h0)", SUM, "h0 has an effect at its first sequence alone"),
    ],
)
def test_what_is_not_used_is_told_of_a_mistake_without_a_name(tmp_path: Path, start: str, step: str, told: str) -> None:
    (tmp_path / "mine.py").write_text(FORWARD.format(start=start, step=step), encoding="utf-8")
    found = check(tmp_path / "mine.py", only="rnn_forward/*generic*").functions["rnn_forward"]
    effects = [fact for fact in found.facts if "effect" in fact]
    assert not found.mistakes
    assert effects[:1] == ([told] if told else [])


def test_states_that_a_way_back_may_make_once_more_are_not_told(tmp_path: Path) -> None:
    text = "import numpy as np\ndef rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):\n"
    text += "    dX = np.cos(dh_states[-1] @ W_xh) * X_seq\n"
    text += "    return dX, h0 * 2, W_xh + 1, W_hh - 1, b_h * 3\n"
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    found = check(tmp_path / "mine.py", only="rnn_backward/*generic*").functions["rnn_backward"]
    assert "dh_states has an effect at its last step alone" in found.facts
    assert not any(fact.startswith("h_states") for fact in found.facts)


def test_what_a_target_claims_not_to_take_is_not_told(tmp_path: Path) -> None:
    text = FORWARD.format(start="np.zeros(Wx.shape[:1])", step="x @ Wx.T + h @ Wh.T + b")
    text = text.replace("X_seq, h0, W_xh, W_hh, b_h", "X_seq, Wx, Wh, b").replace("rnn_forward", "my_forward")
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    found = check(tmp_path / "mine.py", only="rnn_forward/*generic*").functions["rnn_forward"]
    assert found.verdict == "wrong"
    assert not [fact for fact in found.facts if "effect" in fact]
