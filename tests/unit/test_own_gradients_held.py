"""Gradients that are held by objects: in a dict of them, and beside a cell whose step back is right."""

import sys
from pathlib import Path

import pytest

from rnn_ref.conformance.differences.ask import beside_what_is_read

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a process is not copied elsewhere")

IN_A_DICT = """
import numpy as np

class Weight:
    def __init__(self, value):
        self.v, self.d = value, np.zeros_like(value)

rng = np.random.default_rng(0)
P = {"U": Weight(rng.normal(size=(2, 2))), "R": Weight(rng.normal(size=(2, 2))), "Q": Weight(rng.normal(size=(2, 2)))}

def forward(x, h):
    new = np.tanh(P["U"].v @ x + P["R"].v @ h)
    up = P["Q"].v @ new
    return new, np.exp(up) / np.exp(up).sum()

def backward(target, dh_next, x, h, new, probs):
    dup = probs.copy()
    dup[target] -= 1
    P["Q"].d += dup @ new.T
    dnew = P["Q"].v.T @ dup + dh_next
    raw = dnew * {slope}
    P["U"].d += raw @ x.T
    P["R"].d += raw @ h.T
    return P["R"].v.T @ raw

def both(xs, targets, h):
    kept, loss = [], 0.0
    for one in P.values():
        one.d.fill(0)
    for x, target in zip(xs, targets):
        new, probs = forward(x, h)
        kept.append((x, h, new, probs))
        h, loss = new, loss - np.log(probs[target, 0])
    dh_next = np.zeros_like(h)
    for target, one in zip(targets[::-1], kept[::-1]):
        dh_next = backward(target, dh_next, *one)
    return loss

xs = rng.normal(size=(4, 2, 1))
for _ in range(5):
    loss = both(xs, [0, 1, 1, 0], np.zeros((2, 1)))
    for one in P.values():
        one.v -= 0.1 * one.d
"""

BESIDE_A_CELL = """
import numpy as np

class Param:
    def __init__(self):
        rng = np.random.default_rng(0)
        self.wx, self.wh = rng.normal(size=(3, 2)), rng.normal(size=(3, 3))
        self.clear()

    def clear(self):
        self.wx_diff, self.wh_diff = np.zeros((3, 2)), np.zeros((3, 3))

class Node:
    def __init__(self, param):
        self.param = param

    def forward(self, x, h_prev):
        self.x, self.h_prev = x, h_prev
        self.h = np.tanh(self.param.wx @ x + self.param.wh @ h_prev)

    def backward(self, dh):
        raw = dh * (1 - self.h ** 2)
        self.param.wx_diff += np.outer(raw, self.x)
        self.param.wh_diff {kept} np.outer(raw, self.h_prev)
        self.dh_prev = self.param.wh.T @ raw

def fit(param, xs, ys):
    nodes, h, loss, dh = [], np.full(3, 0.1), 0.0, np.zeros(3)
    for x in xs:
        nodes.append(Node(param))
        nodes[-1].forward(x, h)
        h = nodes[-1].h
    for node, y in zip(nodes[::-1], ys[::-1]):
        loss += ((node.h - y) ** 2).sum()
        node.backward(dh + 2 * (node.h - y))
        dh = node.dh_prev
    return loss

param, rng = Param(), np.random.default_rng(1)
xs, ys = rng.normal(size=(4, 2)), rng.normal(size=(4, 3))
for _ in range(5):
    param.clear()
    loss = fit(param, xs, ys)
    param.wx -= 0.1 * param.wx_diff
    param.wh -= 0.1 * param.wh_diff
"""


def off(path: Path, text: str, functions: tuple[str, ...] = ()) -> set[str] | None:
    """Return which gradients of a program are off, None if nothing is said of them."""
    (path / "own.py").write_text(text)
    found = beside_what_is_read(str(path / "own.py"), functions, (), lambda: None)
    return found and {one["name"] for one in found["gradients"] if one["verdict"] == "off"}


@pytest.mark.parametrize(("slope", "wrong"), [("(1 - new ** 2)", set()), ("(1 - new)", {"P.U.d", "P.R.d"})])
def test_gradients_are_found_in_a_dict_of_objects(tmp_path: Path, slope: str, wrong: set[str]) -> None:
    assert off(tmp_path, IN_A_DICT.replace("{slope}", slope)) == wrong


@pytest.mark.parametrize(("kept", "wrong"), [("+=", set()), ("=", {"param.wh_diff"})])
def test_sums_over_steps_are_asked_where_only_a_step_back_is_read(tmp_path: Path, kept: str, wrong: set[str]) -> None:
    text = BESIDE_A_CELL.replace("{kept}", kept)
    assert off(tmp_path, text, ("rnn_cell_step", "rnn_cell_backward")) == wrong
    assert off(tmp_path, text, ("rnn_cell_backward", "rnn_backward")) is None
