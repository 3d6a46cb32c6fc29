"""A way back that goes on from what a wrong way forward made is told so, and not by what is off then."""

from pathlib import Path
from types import SimpleNamespace

import pytest

import rnn_ref
from rnn_ref.conformance.diagnose.blame import goes_on_from
from rnn_ref.conformance.judge.verdict import FunctionReport

FORWARD = "rnn_forward(x, h0, Wx, Wh, b) -> (h, caches): x W, sequences (B, T, n)"
SAID = "it goes on from what rnn_forward made, which is wrong (rnn_forward): mend that first, and check again"


@pytest.mark.parametrize(
    ("verdict", "back", "said"),
    [
        ("wrong", "rnn_backward(dh, cache) -> (dx, db): x W, sequences (B, T, n), after rnn_forward", SAID),
        ("wrong", "back(dh, cache): after rnn_forward, its gradients by name", SAID),
        ("wrong", "rnn_backward(dh, h, x, h0, Wx, Wh, b): x W, sequences (B, T, n)", ""),
        ("wrong", "rnn_backward(dh, cache): after rnn_forward_old", ""),
        ("conforms", "rnn_backward(dh, cache): after rnn_forward", ""),
        ("missing", "rnn_backward(dh, cache): after rnn_forward", ""),
    ],
)
def test_it_is_said_of_what_is_read_after_a_wrong_way_forward(verdict: str, back: str, said: str) -> None:
    found = {"rnn_forward": SimpleNamespace(reading=FORWARD), "rnn_backward": SimpleNamespace(reading=back)}
    examination = SimpleNamespace(session=SimpleNamespace(found=found))
    others = {"rnn_forward": FunctionReport(verdict)}  # type: ignore[arg-type]
    assert goes_on_from(examination, "rnn_backward", others) == said
    assert not goes_on_from(examination, "rnn_forward", others)


LAYERS = """
import numpy as np

def rnn_forward(x, h0, Wx, Wh, b):
    h, prev, cache = [], np.zeros_like(h0), []
    for t in range(x.shape[1]):
        nxt = np.tanh(x[:, t] @ Wx + prev @ Wh)
        cache.append((x[:, t], prev, Wx, Wh, nxt))
        prev = nxt
        h.append(nxt)
    return np.stack(h, 1), cache

def rnn_backward(dh, cache):
    dprev, dWx, dWh, db, dx = 0, 0, 0, 0, []
    for t in reversed(range(dh.shape[1])):
        x, prev, Wx, Wh, nxt = cache[t]
        dz = (dh[:, t] + dprev) * (1 - nxt ** 2)
        dx.insert(0, dz @ Wx.T)
        dprev = dz @ Wh.T
        dWx, dWh, db = dWx + x.T @ dz, dWh + prev.T @ dz, db + dz.sum(0)
    return np.stack(dx, 1), dprev, dWx, dWh, db
"""


@pytest.mark.parametrize(
    ("old", "new", "verdict", "mistakes"),
    [("", "", "passes-on", []), ("dz @ Wh.T\n", "dz @ Wh\n", "wrong", ["dh-next-untransposed"])],
)
def test_what_goes_on_from_a_mistake_with_a_name_is_judged_by_what_that_leads_to(
    tmp_path: Path, old: str, new: str, verdict: str, mistakes: list[str]
) -> None:
    """It was said to mend the way forward first, whatever was wrong with the way back."""
    path = tmp_path / "layers.py"
    path.write_text(LAYERS.replace(old, new) if old else LAYERS)
    functions = rnn_ref.check(str(path)).functions
    assert {*functions["rnn_forward"].mistakes} == {"bias-missing", "h0-ignored"}
    assert (functions["rnn_backward"].verdict, functions["rnn_backward"].mistakes) == (verdict, mistakes)
    assert "it goes on from what rnn_forward made, which is wrong" in functions["rnn_backward"].explanation
