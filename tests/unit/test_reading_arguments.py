"""Arguments in an order of their own, gradients under one letter, and a ``reduction`` with another default: read."""

from pathlib import Path

import pytest

import rnn_ref

BACK = """
import numpy as np

def rnn_cell_backward(dh, x, h_prev, h, W_xh, W_hh, b_h):
    G, X, P, S = (np.atleast_2d(one) for one in (dh, x, h_prev, h))
    dz = G * (1 - S**2)
    dW = dz.T @ np.concatenate([X, P], axis=1)
    dx, dp = dz @ W_xh, dz @ W_hh
    if dh.ndim == 1:
        dx, dp = dx[0], dp[0]
    return dx, dp, dW[:, :x.shape[-1]].copy(), dW[:, x.shape[-1]:].copy(), dz.sum(axis=0)
"""
ANEW = BACK.replace("dz = G * (1 - S**2)", "dz = G * (1 - np.tanh(x @ W_xh.T + h_prev @ W_hh.T + b_h) ** 2)")
BPTT = """
import numpy as np

def rnn_bptt(X, targets, h0, W_xh, W_hh, b_h, W_hy, b_y, reduction="mean"):
    x, y = X.reshape(len(X), -1, X.shape[-1]), np.asarray(targets).reshape(len(X), -1)
    hs = [h0.reshape(-1, len(b_h))]
    for t in range(len(x)):
        hs.append(np.tanh(x[t] @ W_xh.T + hs[-1] @ W_hh.T + b_h))
    hs = np.stack(hs)
    z = hs[1:] @ W_hy.T + b_y
    z = z - z.max(-1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(-1, keepdims=True))
    n = X.dtype.type(y.size if reduction == "mean" else 1)
    d = (np.exp(log_p) - np.eye(len(b_y), dtype=X.dtype)[y]) / n
    loss = -np.take_along_axis(log_p, y[..., None], -1).sum() / n
    dz, g = np.empty_like(hs[1:]), np.zeros_like(hs[0])
    for t in reversed(range(len(x))):
        dz[t] = (d[t] @ W_hy + g) * (1 - hs[t + 1] ** 2)
        g = dz[t] @ W_hh
    rows = ([0, 1], [0, 1])
    return loss, {
        "W_xh": np.tensordot(dz, x, rows), "W_hh": np.tensordot(dz, hs[:-1], rows), "b_h": dz.sum((0, 1)),
        "W_hy": np.tensordot(d, hs[1:], rows), "b_y": d.sum((0, 1)), "h0": g.reshape(h0.shape),
    }
"""
LOSS = """
import math
from functools import reduce
import numpy as np

def softmax_cross_entropy(logits, target, reduction="mean"):
    V = logits.shape[-1]
    x, t = logits.reshape(-1, V).astype(float), np.asarray(target).reshape(-1)
    with np.errstate(all="ignore"):
        nll = np.where(np.isfinite(x[np.arange(len(t)), t]), SUM - x[np.arange(len(t)), t], np.inf)
    if reduction == "none":
        return nll.reshape(np.shape(target)).astype(logits.dtype)
    total = math.fsum(nll.tolist())
    return logits.dtype.type(total / len(t) if reduction == "mean" else total)
"""
SUMS = {
    "reduced": "np.logaddexp.reduce(x, axis=1)",
    "handed on": "reduce(np.logaddexp, x.T)",
    "by Python": "np.array([max(r) + math.log(math.fsum(math.exp(v - max(r)) for v in r)) for r in x.tolist()])",
}


@pytest.mark.parametrize("text", [BACK, ANEW])
def test_arguments_are_told_by_their_names_where_nothing_is_right_in_the_usual_order(tmp_path: Path, text: str) -> None:
    assert checked(tmp_path, text, "rnn_cell_backward") == "conforms"
    assert checked(tmp_path, text.replace("1 - ", "1.001 - "), "rnn_cell_backward") == "wrong"


@pytest.mark.slow
def test_a_loss_that_averages_by_default_is_asked_for_the_sum_and_for_the_mean(tmp_path: Path) -> None:
    assert checked(tmp_path, BPTT, "rnn_bptt") == "conforms"
    for reduction in ("mean", "sum"):
        spoilt = BPTT.replace('"h0": g.', f'"h0": (g * (0.5 if reduction == "{reduction}" else 1)).')
        assert checked(tmp_path, spoilt, "rnn_bptt") == "wrong"


@pytest.mark.parametrize("how", SUMS)
def test_a_loss_is_known_by_an_exponential_wherever_it_stands(tmp_path: Path, how: str) -> None:
    assert checked(tmp_path, LOSS.replace("SUM", SUMS[how]), "cross_entropy") == "conforms"


def test_a_loss_that_adds_up_by_default_is_asked_for_the_mean(tmp_path: Path) -> None:
    text = LOSS.replace("SUM", SUMS["reduced"]).replace('reduction="mean"', 'reduction="sum"')
    assert checked(tmp_path, text, "cross_entropy") == "conforms"


def checked(folder: Path, text: str, function: str) -> str:
    file = folder / "theirs.py"
    file.write_text(text, encoding="utf-8")
    return rnn_ref.check(file).functions[function].verdict
