"""Files with automatic differentiation of their own: read, and their ways back judged."""

from pathlib import Path
from typing import Any

import pytest

import rnn_ref

ARRAYS = """\
import numpy as np

class Node:
    def __init__(self, data, parents=()):
        self.data, self.parents = np.asarray(data, dtype=float), tuple(parents)
        self.grad = np.zeros_like(self.data)
        self.pull = lambda: None

    def __add__(self, other):
        out = Node(self.data + other.data, (self, other))
        def pull():
            self.grad += fitting(out.grad, self.data.shape)
            other.grad += fitting(out.grad, other.data.shape)
        out.pull = pull
        return out

    def __matmul__(self, other):
        out = Node(self.data @ other.data, (self, other))
        def pull():
            self.grad += out.grad @ other.data.T
            other.grad {how} np.atleast_2d(self.data).T @ np.atleast_2d(out.grad)
        out.pull = pull
        return out

    def tanh(self):
        out = Node(np.tanh(self.data), (self,))
        def pull():
            self.grad += out.grad * (1 - out.data ** 2)
        out.pull = pull
        return out

    def backward(self):
        order, seen = [], set()
        def visit(node):
            if node not in seen:
                seen.add(node)
                for one in node.parents:
                    visit(one)
                order.append(node)
        visit(self)
        self.grad = np.ones_like(self.data)
        for node in reversed(order):
            node.pull()

def fitting(gradient, shape):
    while gradient.ndim > len(shape):
        gradient = gradient.sum(0)
    return gradient

class Recurrent:
    def __init__(self, n_in, n_hid):
        self.Wx, self.Wh = Node(np.zeros((n_in, n_hid))), Node(np.zeros((n_hid, n_hid)))
        self.b = Node(np.zeros(n_hid))

    def forward(self, xs, h):
        hs = []
        for x in xs:
            h = (x @ self.Wx + h @ self.Wh + self.b).tanh()
            hs.append(h)
        return hs
"""
NUMBERS = """\
import math, random

class Value:
    def __init__(self, data, children=()):
        self.data, self.grad, self._prev = float(data), 0.0, set(children)
        self._backward = lambda: None

    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out

    def __mul__(self, other):
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad {how} other.data * out.grad
            other.grad {how} self.data * out.grad
        out._backward = _backward
        return out

    def tanh(self):
        out = Value(math.tanh(self.data), (self,))
        def _backward():
            self.grad += (1 - out.data ** 2) * out.grad
        out._backward = _backward
        return out

    __radd__ = __add__

    def backward(self):
        order, seen = [], set()
        def visit(v):
            if v not in seen:
                seen.add(v)
                for one in v._prev:
                    visit(one)
                order.append(v)
        visit(self)
        self.grad = 1.0
        for v in reversed(order):
            v._backward()

class Recurrent:
    def __init__(self, n_in, n_hid):
        matrix = lambda n, m: [[Value(random.random()) for _ in range(m)] for _ in range(n)]
        self.Wx, self.Wh, self.b = matrix(n_hid, n_in), matrix(n_hid, n_hid), [Value(0) for _ in range(n_hid)]

    def forward(self, xs, h):
        hs = []
        for x in xs:
            h = [(sum(w * v for w, v in zip(wx, x)) + sum(w * v for w, v in zip(wh, h)) + b).tanh()
                 for wx, wh, b in zip(self.Wx, self.Wh, self.b)]
            hs.append(h)
        return hs
"""


def report(folder: Path, source: str) -> Any:
    path = folder / "mine.py"
    path.write_text(source)
    return rnn_ref.check(str(path), only="rnn_*/single-float64")


@pytest.mark.parametrize("source", [ARRAYS, NUMBERS], ids=["arrays", "numbers"])
def test_gradients_by_an_engine_of_the_file_are_judged(tmp_path: Path, source: str) -> None:
    right = report(tmp_path, source.replace("{how}", "+="))
    assert {name: right.functions[name].verdict for name in ("rnn_forward", "rnn_backward")} == {
        "rnn_forward": "conforms",
        "rnn_backward": "conforms",
    }
    assert "backward" in right.functions["rnn_backward"].reading


@pytest.mark.parametrize("source", [ARRAYS, NUMBERS], ids=["arrays", "numbers"])
def test_an_engine_that_overwrites_gradients_is_wrong(tmp_path: Path, source: str) -> None:
    wrong = report(tmp_path, source.replace("{how}", "="))
    assert wrong.functions["rnn_forward"].verdict == "conforms"
    assert wrong.functions["rnn_backward"].verdict == "wrong"
