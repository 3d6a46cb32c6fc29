"""Weights in dicts of dicts and in records, under one letter, functions of classes, updates: read, and judged."""

import textwrap

import pytest

import rnn_ref
from rnn_ref.conformance.targets.reading.names import parts_of

HEAD = "from typing import NamedTuple\nimport numpy as np\n"
NESTED = """
    def cell(params, h, x):
        own = params["cell"]
        return np.tanh(x @ own["kernel"] + h @ own["recurrent_kernel"] + own["bias"])

    def run(params, xs, h):
        out = []
        for x in xs:
            h = cell(params, h, x)
            out.append(h)
        return np.stack(out)
"""
RECORD = """
    class Params(NamedTuple):
        w_in: np.ndarray
        w_rec: np.ndarray
        b: np.ndarray

    def forward(p: Params, xs, h0):
        Wx, Wh, b = [np.asarray(one) for one in p]
        hs = [h0]
        for x in xs:
            hs.append(np.tanh(x @ Wx + hs[-1] @ Wh + b))
        return np.stack(hs[1:])
"""
JOINED = """
    def step(x, h, A, a):
        return np.tanh(np.concatenate([x, h], axis=-1) @ A + a)
"""
IN_A_CLASS = """
    class Ops:
        @staticmethod
        def step(x, h, Wx, Wh, b):
            return np.tanh(x @ Wx + h @ Wh + b)

        @classmethod
        def forward(cls, X, h0, Wx, Wh, b):
            h, out = h0, []
            for x in X:
                h = cls.step(x, h, Wx, Wh, b)
                out.append(h)
            return np.array(out)
"""
BEFORE_AFTER = """
    def step(x, h_before, U, W, b):
        h_after = np.tanh(x @ U + h_before @ W + b)
        return h_after

    def step_grad(g_after, x, h_before, h_after, U, W):
        a = g_after * (1.0 - h_after ** 2)
        rows = np.atleast_2d(a)
        return a @ U.T, a @ W.T, np.atleast_2d(x).T @ rows, np.atleast_2d(h_before).T @ rows, rows.sum(axis=0)
"""
TRAINING = """
    def train_step(params, xs, ys, h0, learning_rate=0.1):
        U, W, b, V, c = {copied}
        hs, h = [], h0
        for x in xs:
            h = np.tanh(x @ U + h @ W + b)
            hs.append(h)
        grads = [np.zeros_like(p) for p in params]
        carry, loss = 0.0, 0.0
        for t in range(len(xs) - 1, -1, -1):
            z = hs[t] @ V + c
            z = z - z.max(1, keepdims=True)
            log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
            loss -= log_p[np.arange(len(z)), ys[t]].sum()
            p = np.exp(log_p)
            p[np.arange(len(p)), ys[t]] -= 1
            a = (p @ V.T + carry) * (1 - hs[t] ** 2)
            carry = a @ W.T
            rows = (xs[t].T @ a, (hs[t - 1] if t else h0).T @ a, a.sum(0), hs[t].T @ p, p.sum(0))
            for grad, one in zip(grads, rows):
                grad += one
        {end}
"""
IN_PLACE = {
    "copied": "params",
    "end": "for p, grad in zip((U, W, b, V, c), grads): p -= learning_rate * grad\n        return loss",
}
RETURNED = {
    "copied": "[p.copy() for p in params]",
    "end": "return loss, [p - learning_rate * grad for p, grad in zip((U, W, b, V, c), grads)]",
}
WRONG = {  # by the text of what is right, what is wrong and its name
    NESTED: ("+ own", "- own", "rnn_forward", ""),
    RECORD: ("hs[-1] @ Wh", "hs[-1] @ Wh.T", "rnn_forward", "W_hh-transposed"),
    JOINED: (" + a)", ")", "rnn_cell_step", "bias-missing"),
    IN_A_CLASS: ("h = cls.step(x, h,", "h = cls.step(x, h0,", "rnn_forward", "h0-every-step"),
    BEFORE_AFTER: ("1.0 - h_after ** 2", "1.0 - h_after", "rnn_cell_backward", "slope-not-squared"),
    TRAINING.format(**IN_PLACE): (" + carry", "", "rnn_bptt", "no-dh-next"),
    TRAINING.format(**RETURNED): (" + carry", "", "rnn_bptt", "no-dh-next"),
}


def checked(tmp_path, text):
    path = tmp_path / "theirs.py"
    path.write_text(HEAD + textwrap.dedent(text))
    found = rnn_ref.check(str(path)).functions
    return {name: one for name, one in found.items() if one.verdict != "missing"}


@pytest.mark.parametrize(
    "text", WRONG, ids=["nested", "record", "joined", "in-a-class", "before-after", "in-place", "returned"]
)
def test_what_is_right_conforms_and_what_is_wrong_is_named(tmp_path, text):
    here, there, function, slug = WRONG[text]
    right = checked(tmp_path, text)
    assert {one.verdict for one in right.values()} <= {"conforms", "right-but"}
    assert function in right
    wrong = checked(tmp_path, text.replace(here, there))[function]
    assert wrong.verdict == "wrong"
    assert not slug or slug in wrong.mistakes


def test_what_an_update_in_place_is_given_is_not_blamed_and_a_decay_is_not_taken_for_a_gradient(tmp_path):
    decaying = TRAINING.format(**IN_PLACE).replace("=0.1):", "=0.1, weight_decay=0.01):")
    decaying = decaying.replace("learning_rate * grad", "learning_rate * (grad + weight_decay * p)")
    assert checked(tmp_path, decaying)["rnn_bptt"].verdict in {"conforms", "right-but"}


def test_states_before_and_after_and_gradients_of_them_are_told_by_their_names():
    assert [parts_of(one)[0] for one in ("h_before", "h_after", "grad_h_after")] == ["h", "states", "up"]


@pytest.mark.parametrize("kept", [1, 2])
def test_a_mistake_is_named_where_gradients_are_not_returned(tmp_path, kept):
    text = TRAINING.format(copied="params", end=f"return loss, *grads[:{kept + 1}]").replace(" + carry", "")
    assert "no-dh-next" in checked(tmp_path, text.replace("learning_rate=0.1", "hidden=7"))["rnn_bptt"].mistakes
