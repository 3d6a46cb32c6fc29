"""Slips of every kind are among the edits of a statement, and each edit is made once."""

import ast
from collections import Counter

import pytest

from rnn_ref.conformance.edits.one import edits_of
from rnn_ref.conformance.edits.places import functions_of
from rnn_ref.conformance.edits.suspects import suspects

SHAPES = {
    **dict.fromkeys(("h", "z", "dh", "p['a']", "p['b']"), (3,)),
    **dict.fromkeys(("W", "U", "self.W", "self.U"), (3, 3)),
    **dict.fromkeys(("hs", "xs"), ("of", 3)),
    "t": ("whole number",),
}


def edited(statement):
    tree = ast.parse(f"def f():\n    {statement}\n    s = hs[t], xs[2 * n:]")
    edits = edits_of(functions_of(tree), {"f": SHAPES})
    return [one.texts[2] for one in edits if one.line == 2]


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a = W @ h", "a = W.T @ h"),
        ("a = np.dot(h, W)", "a = np.dot(W, h)"),
        ("a = hs[t + 1]", "a = hs[t]"),
        ("a = xs[0]", "a = xs[t]"),
        ("a = x[:, :n]", "a = x[:, 2 * n:]"),
        ("a = x[:, i:]", "a = x[:, ::-1]"),
        ("a = 1 - np.tanh(h) ** 2", "a = 1 - h ** 2"),
        ("a = dh * (1 - np.square(h))", "a = dh * (1 - np.tanh(h) ** 2)"),
        ("a = dz[n:]", "a = dz[:n]"),
        ("a = A @ hs[:, 1:].T", "a = A @ hs[:, :-1].T"),
        ("a = dh * h * (1 - h)", "a = dh * (1 - h ** 2)"),
        ("a = h - z", "a = z - h"),
        ("a = np.tanh(h)", "a = h"),
        ("a = z", "a = np.tanh(z)"),
        ("a = np.tanh(W @ h) + z + b", "a = np.tanh(W @ h + z + b)"),
        ("a = dh * z + h", "a = (dh + h) * z"),
        ("a = (dh + h) * z", "a = dh + h * z"),
        ("a = U @ z", "a = W @ z"),
        ("a = self.U @ z", "a = self.W @ z"),
        ("a = p['a'] * z", "a = p['b'] * z"),
        ("a = hs[t] * z", "a = dh * z"),
        ("a = f(i, j, k)", "a = f(j, i, k)"),
        ("a = np.concatenate((i, j, k))", "a = np.concatenate((i, k, j))"),
        ("a = x.sum(axis=0)", "a = x.sum(axis=1)"),
        ("a = x.mean()", "a = x.sum()"),
        ("a = np.einsum('nh,nk->hk', x, y)", "a = np.einsum('nh,nk->kh', x, y)"),
        ("a = [f(i) for i in range(n)]", "a = [f(i) for i in reversed(range(n))]"),
        ("dh = W @ z", "dh = W @ z + h"),
        ("dh = W @ z", "dh = W @ z * (1 - h ** 2)"),
        ("dh = x", "dh += x"),
        ("dh += x", "dh = x"),
        ("dh += x", "dh -= x"),
        ("dh = x", "pass"),
    ],
)
def test_it_is_among_them(wrong, right):
    assert right in edited(wrong)


def test_none_is_made_twice_and_none_changes_nothing():
    made = Counter(edited("a = U @ z + hs[t] * (1 - h ** 2)"))
    assert max(made.values()) <= 2  # one slip of two kinds
    assert "a = U @ z + hs[t] * (1 - h ** 2)" not in made


def test_what_a_loop_does_to_each_of_several_tells_nothing_of_the_others():
    text = "def f():\n a = x\n dA = a * z\n dB = h\n for d in (dA, dB):\n  d *= 2\n return dA, dB"
    function = functions_of(ast.parse(text))["f"]
    groups = [[one.statement.lineno for one in group] for group in suspects(function, {"dA"}, {"dB"})]
    assert groups == [[2, 3], [6], [4, 5, 7]]
