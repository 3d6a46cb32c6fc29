"""A wrong step and the way through time beside it are read alike, so that one mistake has one name."""

from pathlib import Path

import pytest
from test_reading_gated import HEAD

import rnn_ref

TWO_BIASES = """
def cell(x, h, W, U, b):
    xz, xr, xh = np.split(x @ W + b[0], 3, axis=-1)
    hz, hr, hh = np.split(h @ U, 3, axis=-1)
    bz, br, bh = np.split(b[1], 3)
    z, r = sigmoid(xz + hz + bz), sigmoid(xr + hr + br)
    return z * h + (1 - z) * np.tanh(xh + r * hh + bh)

def predict(x, W, U, b, h0):
    h, out = h0, []
    for t in range(x.shape[1]):
        h = cell(x[:, t], h, W, U, b)
        out.append(h)
    return np.stack(out, axis=1)
"""
ONE_BIAS = """
def gru_cell(xt, a_prev, p):
    concat = np.concatenate((a_prev, xt), axis=0)
    u = sigmoid(p["Wu"] @ concat + p["bu"])
    r = sigmoid(p["Wr"] @ concat + p["br"])
    c = np.tanh(p["Wc"] @ np.concatenate((u * a_prev, xt), axis=0) + p["bc"])
    return u * c + (1 - u) * a_prev

def gru(x, a0, p):
    a, out = a0, []
    for t in range(x.shape[2]):
        a = gru_cell(x[:, :, t], a, p)
        out.append(a)
    return np.stack(out, axis=2)
"""


@pytest.mark.parametrize(
    ("text", "slug"),
    [(TWO_BIASES, "reset-misses-bias"), pytest.param(ONE_BIAS, "update-for-reset", marks=pytest.mark.slow)],
)
def test_a_wrong_step_and_its_sequence_have_one_name(tmp_path: Path, text: str, slug: str) -> None:
    (tmp_path / "wrong.py").write_text(HEAD + text)
    found = rnn_ref.check(str(tmp_path / "wrong.py"), only="gru_*float64").functions
    assert [found[name].mistake for name in ("gru_cell_step", "gru_forward")] == [slug, slug]
