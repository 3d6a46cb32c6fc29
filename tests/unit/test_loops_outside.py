"""A first script: the network is a loop outside of all functions, and judged as a function that the loop would be."""

from pathlib import Path

import pytest
from unit_learner import notebook, verdicts, write

import rnn_ref
from rnn_ref.conformance import TargetError

MADE = """\
import numpy as np
T, n_in, n_hidden = 5, 2, 3
X = np.random.randn(T, n_in)
U = np.random.randn(n_hidden, n_in)
W = np.random.randn(n_hidden, n_hidden)
b = np.zeros(n_hidden)
h = np.zeros(n_hidden)
"""
APPENDS = "hs = []\nfor t in range(T):\n    h = np.tanh(U @ X[t] + W @ h + b)\n    hs.append(h)\nprint(np.array(hs))\n"
FILLS = "hs = np.zeros((T + 1, n_hidden))\nfor t in range(T):\n    hs[t] = np.tanh(U @ X[t] + W @ hs[t - 1] + b)\n"
BY_STEP = "hs = {}\nhs[-1] = h\nfor t in range(T):\n    hs[t] = np.tanh(U @ X[t] + W @ hs[t - 1] + b)\n"
EPOCHS = """\
lines = open('no_such.txt').readlines()
for epoch in range(100):
    h, states = np.zeros(n_hidden), []
    for x in X:
        h = np.tanh(np.dot(U, x) + np.dot(W, h) + b)
        states.append(h)
    print(epoch, states)
"""
MAIN = "if __name__ == '__main__':\n" + "".join(f"    {line}\n" for line in APPENDS.splitlines())
BATCH = MADE.replace("(T, n_in)", "(4, T, n_in)").replace("(n_hidden, n_in)", "(n_in, n_hidden)") + (
    "h = np.zeros((4, n_hidden))\nhs = []\nfor t in range(T):\n"
    "    h = np.tanh(X[:, t] @ U + h @ W + b)\n    hs.append(h)\n"
)
RIGHT = {
    "a list": MADE + APPENDS,
    "an array with a row for h0": MADE + FILLS,
    "a dict by step": MADE + BY_STEP,
    "an average of another kind before it": MADE + "xs = []\nfor x in X:\n    xs.append(x.mean())\n" + APPENDS,
    "in a loop that trains": MADE + EPOCHS,
    "where it is the main program": MADE + MAIN,
    "a batch": BATCH,
}


@pytest.mark.parametrize("what", RIGHT)
def test_a_loop_is_read_as_a_function(what: str, tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, RIGHT[what]), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    line = RIGHT[what].splitlines().index(next(one for one in RIGHT[what].splitlines() if "tanh" in one))
    assert any(f"the loop in line {line} " in note for note in report.notes)


WRONG = {
    "W_hh-transposed": (APPENDS, ("W @ h", "W.T @ h")),
    "tanh-twice": (APPENDS, ("np.tanh(U @ X[t] + W @ h + b)", "np.tanh(np.tanh(U @ X[t] + W @ h + b))")),
    "tanh-of-part": (FILLS, ("np.tanh(U @ X[t] + W @ hs[t - 1] + b)", "np.tanh(U @ X[t] + b) + W @ hs[t - 1]")),
    "h0-every-step": (BY_STEP, ("hs[t - 1]", "hs[-1]")),
}


@pytest.mark.parametrize("slug", WRONG)
def test_a_mistake_in_it_is_seen(slug: str, tmp_path: Path) -> None:
    text, (old, new) = WRONG[slug]
    assert old in text
    report = rnn_ref.check(write(tmp_path, MADE + text.replace(old, new)), timeout=20)
    assert verdicts(report) == {"rnn_forward": "wrong"}, str(report)
    assert f"({slug})" in str(report)


def test_so_it_is_in_a_notebook(tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, notebook(MADE, APPENDS), "mine.ipynb"), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    assert "the loop in cell 2, line 2 is read as a function: it stands outside of all" in report.notes


TRAINS = """\
import numpy as np
text = 'to be or not to be'
chars = sorted(set(text))
vocab_size, n_hidden, T = len(chars), 8, 6
Wxh, Whh = np.random.randn(n_hidden, vocab_size), np.random.randn(n_hidden, n_hidden)
Why = np.random.randn(vocab_size, n_hidden)
bh, by = np.zeros((n_hidden, 1)), np.zeros((vocab_size, 1))
h = np.zeros((n_hidden, 1))
total = 0
while total < 3:
    inputs = [chars.index(one) for one in text[:T]]
    targets = [chars.index(one) for one in text[1:T + 1]]
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    hs, xs, ps, loss = {-1: h}, {}, {}, 0
    for t in range(T):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        y = Why @ hs[t] + by
        ps[t] = np.exp(y - y.max()) / np.sum(np.exp(y - y.max()))
        loss += np.log(np.sum(np.exp(y - y.max()))) - (y - y.max())[targets[t], 0]
    print('loss', loss)
    back = np.zeros_like(h)
    for t in reversed(range(T)):
        dy = ps[t].copy()
        dy[targets[t]] -= 1
        dWhy, dby = dWhy + dy @ hs[t].T, dby + dy
        da = (Why.T @ dy + back) * (1 - hs[t] ** 2)
        dWxh, dWhh, dbh = dWxh + da @ xs[t].T, dWhh + da @ hs[t - 1].T, dbh + da
        back = Whh.T @ da
    for one, gradient in zip((Wxh, Whh, Why, bh, by), (dWxh, dWhh, dWhy, dbh, dby)):
        one -= 0.1 * gradient
    total += 1
"""


@pytest.mark.parametrize(
    ("old", "new", "slug"),
    [
        ("", "", ""),
        ("Whh.T @ da", "Whh @ da", "dh-next-untransposed"),
        pytest.param("* (1 - hs[t] ** 2)", "* (1 - hs[t])", "slope-not-squared", marks=pytest.mark.slow),
        pytest.param("hs[t - 1].T, dbh", "hs[t].T, dbh", "dW_hh-from-h_t", marks=pytest.mark.slow),
    ],
)
def test_loops_that_train_are_judged_as_a_whole(old: str, new: str, slug: str, tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, TRAINS.replace(old, new) if old else TRAINS), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms", "rnn_bptt": "wrong" if slug else "conforms"}, str(report)
    assert f"({slug})" in str(report) if slug else report.ok
    assert "the loop in line 16 with those behind is read as a function: it stands outside of all" in report.notes


def test_what_goes_back_is_said_not_to_be_judged(tmp_path: Path) -> None:
    back = "dh = np.ones(n_hidden)\nfor t in reversed(range(T)):\n    dh = W.T @ (dh * (1 - hs[t] ** 2))\n"
    report = rnn_ref.check(write(tmp_path, MADE + APPENDS + back), timeout=20)
    assert verdicts(report) == {"rnn_forward": "conforms"}, str(report)
    assert "the way back is not judged: the loop in line 14" in report.notes


@pytest.mark.parametrize(
    "text", ["xs = [1.0]\nys = []\nfor x in xs:\n    ys.append(np.tanh(x))\n", "for _ in 'ab':\n    np.tanh(1)\n"]
)
def test_another_loop_is_none_of_them(text: str, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="none of the functions"):
        rnn_ref.check(write(tmp_path, "import numpy as np\n" + text), timeout=20)


@pytest.mark.parametrize("name", ["step", "rnn_cell_step"])
def test_beside_functions_loops_are_said_not_to_be_judged(name: str, tmp_path: Path) -> None:
    step = f"def {name}(x, h, U, W, b):\n    return np.tanh(U @ x + W @ h + b)\n"
    report = rnn_ref.check(write(tmp_path, MADE + step + APPENDS), timeout=20)
    assert verdicts(report) == {"rnn_cell_step": "conforms"}, str(report)
    assert "not judged: the loop in line 11, outside of all functions" in report.notes
    assert "ok: 1 conforms; not judged: the loop in line 11" in str(report)


def test_a_loop_without_a_sigmoid_is_no_cell_with_gates(tmp_path):
    text = """
import numpy as np

V, H = 4, 16
seq = [1, 0, 2, 2, 3]
Wxh, Whh, Why = np.random.randn(H, V) * 0.5, np.random.randn(H, H) * 0.3, np.random.randn(V, H) * 0.5
bh, by = np.zeros(H), np.zeros(V)

def softmax(z):
    e = np.exp(z - z.max())
    return e / e.sum()

for epoch in range(20):
    h = np.zeros(H)
    xs, hs, ps = [], [h], []
    loss = 0
    for t in range(len(seq) - 1):
        x = np.zeros(V)
        x[seq[t]] = 1
        h = np.tanh(Wxh @ x + Whh @ h + bh)
        p = softmax(Why @ h + by)
        xs.append(x), hs.append(h), ps.append(p)
        loss += -np.log(p[seq[t + 1]])
    dWhh, dh_next = np.zeros_like(Whh), np.zeros(H)
    for t in reversed(range(len(xs))):
        dy = ps[t].copy()
        dy[seq[t + 1]] -= 1
        da = (1 - hs[t + 1] ** 2) * (Why.T @ dy + dh_next)
        dWhh += np.outer(da, hs[t])
        dh_next = Whh.T @ da
    Whh -= 0.1 * dWhh
"""
    path = tmp_path / "script.py"
    path.write_text(text)
    try:
        found = rnn_ref.check(str(path)).functions
    except TargetError:
        return
    assert not [name for name, one in found.items() if name.startswith(("gru", "lstm")) and one.verdict != "missing"]


@pytest.mark.parametrize("weight", ["W", "W.T"])
def test_what_is_printed_and_a_function_of_one_step_beside_it_do_not_hide_a_loop(tmp_path, weight):
    text = f"""{MADE}
Why = np.random.randn(1, n_hidden)

for x in X:
    h = np.tanh(U @ x + {weight} @ h + b)
    print(f"y: {{(Why @ h)[0]:.3f}}")

def predict(word):
    return np.argmax(Why @ np.tanh(U @ np.eye(n_in)[word] + b))
"""
    path = tmp_path / "script.py"
    path.write_text(text)
    found = rnn_ref.check(str(path)).functions["rnn_forward"]
    assert found.verdict == ("conforms" if weight == "W" else "wrong")
