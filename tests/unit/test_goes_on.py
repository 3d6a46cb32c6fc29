"""A way back that goes on from what a wrong way forward made is told so, and not by what is off then."""

from collections.abc import Sequence
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


IGNORED = {"bias-missing", "h0-ignored"}
EVERY = ("x[:, t] @ Wx + prev @ Wh", "x[:, t] @ Wx + h0 @ Wh + b"), ("(x[:, t], prev,", "(x[:, t], h0,")
SLOPE = ("(1 - nxt ** 2)", "nxt * (1 - nxt)")
LOGISTIC = ("np.tanh(x[:, t] @ Wx + prev @ Wh)", "1 / (1 + np.exp(-(x[:, t] @ Wx + prev @ Wh + b)))")


@pytest.mark.parametrize(
    ("edits", "forward", "back"),
    [
        ((), IGNORED, "passes-on"),
        ([("dz @ Wh.T\n", "dz @ Wh\n")], IGNORED, "dh-next-untransposed"),
        ([*EVERY, ("db + dz.sum(0)", "dz.sum(0)")], {"h0-every-step"}, "db-first-step-only"),
        ([LOGISTIC, ("np.zeros_like(h0)", "h0"), SLOPE], {"sigmoid-for-tanh"}, "passes-on"),
    ],
)
def test_what_goes_on_from_a_mistake_with_a_name_is_judged_by_what_that_leads_to(
    tmp_path: Path, edits: Sequence[tuple[str, str]], forward: set[str], back: str
) -> None:
    """It was said to mend the way forward first, whatever was wrong with the way back."""
    path, text = tmp_path / "layers.py", LAYERS
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text.replace("np.zeros_like(h0)", "h0") if "h0 @ Wh" in text else text)
    functions = rnn_ref.check(str(path)).functions
    assert {*functions["rnn_forward"].mistakes} == forward
    assert (functions["rnn_backward"].mistake or functions["rnn_backward"].verdict) == back
    assert "it goes on from what rnn_forward made, which is wrong" in functions["rnn_backward"].explanation


def test_what_hands_on_the_call_of_another_returns_its_cache(tmp_path: Path) -> None:
    """A right way back was ``crashed``: a way forward of one line was not known to return a cache."""
    path = tmp_path / "layers.py"
    text = LAYERS.replace("np.zeros_like(h0)", "h0").replace("prev @ Wh)", "prev @ Wh + b)")
    text = text.replace("def rnn_forward(", "def forward(").replace("def rnn_backward(", "def backward(")
    path.write_text(f"{text}\ndef rnn_forward(x, h0, Wx, Wh, b):\n    return forward(x, h0, Wx, Wh, b)\n\n"
                    "def rnn_backward(dh, cache):\n    return backward(dh, cache)\n")  # fmt: skip
    assert {name: one.verdict for name, one in rnn_ref.check(str(path), only="rnn_*ward/*").functions.items()
            if one.verdict != "missing"} == {"rnn_forward": "conforms", "rnn_backward": "conforms"}  # fmt: skip
