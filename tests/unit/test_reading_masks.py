"""The tanh network over sequences of several lengths: a mask that has to be there, or lengths, are asked of it too."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

MASKED = """
    import numpy as np

    def run_masked(x, mask, h0, Wx, Wh, b):
        N, T, D = x.shape
        h, out = h0, np.zeros((N, T, h0.shape[1]))
        for t in range(T):
            m = mask[:, t][:, None]
            h = {state}
            out[:, t] = h
        return {returned}
"""
NEW = "np.tanh(x[:, t] @ Wx + h @ Wh + b)"
HELD = f"m * {NEW} + (1 - m) * h"
LAST = """
    import numpy as np

    def encode(X, lengths, Wx, Wh, b):
        h = np.zeros((len(X), len(b)))
        for t in range(X.shape[1]):
            new = np.tanh(X[:, t] @ Wx + h @ Wh + b)
            h = np.where((t {before} lengths)[:, None], new, h)
        return h
"""


def _checked(tmp_path: Path, text: str) -> Any:
    target = tmp_path / "masked.py"
    target.write_text(textwrap.dedent(text), encoding="utf-8")
    return rnn_ref.check(str(target))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MASKED.format(state=HELD, returned="out"), "mask as mask (B, T)"),
        pytest.param(
            MASKED.format(state=f"(1 - m) * {NEW} + m * h", returned="out, h"),
            "mask as mask (B, T) of what is padding",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            MASKED.format(state=HELD, returned="h").replace("mask[:, t][:, None]", "mask[:, t]"),
            "mask as mask (B, T, 1)",
            marks=pytest.mark.slow,
        ),
        pytest.param(LAST.format(before="<"), "lengths as lengths", marks=pytest.mark.slow),
    ],
)
def test_a_mask_that_has_to_be_there_is_handed_over(tmp_path: Path, text: str, told: str) -> None:
    report = _checked(tmp_path, text)
    assert {one.verdict for one in report.functions.values()} == {"conforms", "missing"}
    assert told in report.functions["stack_forward"].reading


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (LAST.format(before="<="), None),
        pytest.param(
            MASKED.format(state=NEW, returned="out * mask[:, :, None], h"),
            None,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            MASKED.format(state=HELD, returned="out").replace("mask[:, t]", "mask[:, t - 1]"),
            None,
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_wrong_mask_is_caught(tmp_path: Path, text: str, named: str | None) -> None:
    found = _checked(tmp_path, text).functions
    assert (found["rnn_forward"].verdict, found["stack_forward"].verdict) == ("conforms", "wrong")
    assert found["stack_forward"].mistake == named
