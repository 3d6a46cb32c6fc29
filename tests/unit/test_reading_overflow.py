"""A way back whose softmax overflows: right but for that in somebody's own form; what is wrong beside it is told."""

import textwrap
from pathlib import Path
from typing import Any

import pytest

import rnn_ref

TRAIN = """
    import numpy as np

    def softmax(z):
        e = np.exp(z)
        return e / e.sum(axis=-1, keepdims=True)

    def train_step(X, y, h0, Wx, Wh, b, Wy, by):
        N, T, D = X.shape
        hs, ps = np.zeros((N, T + 1, h0.shape[1])), np.zeros((N, T, Wy.shape[1]))
        hs[:, -1], loss = h0, 0
        for t in range(T):
            hs[:, t] = np.tanh(X[:, t] @ Wx + hs[:, t - 1] @ Wh + b)
            ps[:, t] = softmax(hs[:, t] @ Wy + by)
            loss -= np.log(ps[np.arange(N), t, y[:, t]]).sum()
        dWx, dWh, db, dWy, dby = map(np.zeros_like, (Wx, Wh, b, Wy, by))
        dn = np.zeros_like(h0)
        for t in reversed(range(T)):
            d = ps[:, t].copy()
            d[np.arange(N), y[:, t]] -= 1
            dWy += hs[:, t].T @ d
            dby += d.sum(0)
            da = (d @ Wy.T + dn) * {slope}
            dWx += X[:, t].T @ da
            dWh += hs[:, t - 1].T @ da
            db += da.sum(0)
            dn = da @ Wh.T
        return loss, dWx, dWh, db, dWy, dby
"""
ONE_HOT = (
    ("loss -= np.log(ps[np.arange(N), t, y[:, t]]).sum()", "loss -= np.sum(y[:, t] * np.log(ps[:, t]))"),
    ("d[np.arange(N), y[:, t]] -= 1", "d -= y[:, t]"),
)


def _checked(tmp_path: Path, slope: str, *edits: tuple[str, str]) -> Any:
    text = textwrap.dedent(TRAIN.format(slope=slope))
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    target = tmp_path / "train.py"
    target.write_text(text, encoding="utf-8")
    return rnn_ref.check(str(target)).functions["rnn_bptt"]


@pytest.mark.parametrize("edits", [(), pytest.param(ONE_HOT, marks=pytest.mark.slow)])
def test_a_softmax_that_overflows_is_right_but_for_that(tmp_path: Path, edits: tuple[tuple[str, str], ...]) -> None:
    found = _checked(tmp_path, "(1 - hs[:, t] ** 2)", *edits)
    assert (found.verdict, found.mistakes) == ("right-but", ["unstable-softmax"])


@pytest.mark.slow
def test_what_is_wrong_beside_it_is_told(tmp_path: Path) -> None:
    found = _checked(tmp_path, "(1 - hs[:, t])")
    assert (found.verdict, found.mistakes) == ("wrong", ["slope-not-squared", "unstable-softmax"])
