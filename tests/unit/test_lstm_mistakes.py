"""Mistakes in an LSTM get their names in users' files, pairs too; what is right or in no catalogue gets none."""

import inspect
from pathlib import Path
from typing import Any

import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.mistakes.make import source
from rnn_ref.conformance.spec import catalogue
from rnn_ref.conformance.spec.bases import right
from rnn_ref.conformance.spec.catalogue import MISTAKES

ONES = {(one.slug, function): one for one in reversed(MISTAKES) for function in one.functions if "lstm" in function}
ALL = sorted(ONES)
HEAD = "import numpy as np\n\nKEPT = {}\n\n\n"


def asked(text: str, function: str, folder: Path) -> Any:
    (folder / "mine.py").write_text(HEAD + text)
    return rnn_ref.check(str(folder / "mine.py")).functions[function]


@pytest.mark.parametrize(("slug", "function"), ALL[3::23], ids=str)
def test_a_mistake_is_named_in_a_users_file(slug: str, function: str, tmp_path: Path) -> None:
    found = asked(source((ONES[slug, function],), function), function, tmp_path)
    assert (found.mistake, bool(found.hint)) == (slug, True)


@pytest.mark.parametrize(("order", "whose"), [("ifog", "CS231n"), ("iofg", "ONNX"), ("figo", "OpenVINO"),
                                              ("igfo", "TensorFlow 1")])  # fmt: skip
def test_an_order_of_the_gates_that_a_framework_has_is_told_as_its_layout(
    order: str, whose: str, tmp_path: Path
) -> None:
    slug = f"gate-order-{order}"
    found = asked(source((ONES[slug, "lstm_cell_step"],), "lstm_cell_step"), "lstm_cell_step", tmp_path)
    assert found.mistake == slug
    assert found.explanation.startswith("right if the gates' rows are in the order")
    assert whose in found.explanation


PAIRS = [
    ("lstm_cell_step", "forget-bias-added", "no-tanh-of-c"),
    ("lstm_forward", "c0-ignored", "output-gate-missing"),
    ("lstm_cell_backward", "do-from-c", "dc-next-misses-forget"),
    ("lstm_backward", "no-dh-next", "tanh-slope-missing"),
]


@pytest.mark.parametrize(("function", "one", "other"), some(PAIRS, 3))
def test_two_mistakes_get_both_names(function: str, one: str, other: str, tmp_path: Path) -> None:
    found = asked(source((ONES[one, function], ONES[other, function]), function), function, tmp_path)
    assert set(found.mistakes) == {one, other}


@pytest.mark.parametrize(("function", "old", "new", "slug"), [
    ("lstm_forward", "h_prev, c_prev = h_t, c_t",
     "h_prev, c_prev = (h_t, c_t) if (t + 1) % 17 else (0 * h_t, 0 * c_t)", "chunk-reset"),
    ("lstm_backward", "dc_next = dc * f_t", "dc_next = dc * f_t * (t > T - 13)", "truncated"),
])  # fmt: skip
def test_a_length_that_no_list_holds_is_solved_for(
    function: str, old: str, new: str, slug: str, tmp_path: Path
) -> None:
    found = asked(inspect.getsource(right(function)).replace(old, new), function, tmp_path)
    assert found.mistake == slug
    assert not any(new in str(one.edits) for one in MISTAKES)


LOOPS = """
from math import exp, tanh

def lstm_cell_step(x, h, c, W, U, b):
    if h.ndim == 2:
        both = [lstm_cell_step(*one, W, U, b) for one in zip(x, h, c)]
        return np.array([one[0] for one in both]), np.array([one[1] for one in both])
    H = len(h)
    shown, kept = np.empty_like(h), np.empty_like(c)
    for j in range(H):
        i, f, g, o = (float(b[k]) + sum(float(p) * float(q) for p, q in zip(W[k], x))
                      + sum(float(p) * float(q) for p, q in zip(U[k], h)) for k in range(j, 4 * H, H))
        kept[j] = c[j] / (1 + exp(-f)) + tanh(g) / (1 + exp(-i))
        shown[j] = tanh(kept[j]) / (1 + exp(-o))
    return shown, kept
"""
JOINED = """
def sigma(a):
    return 0.5 * (1 + np.tanh(a / 2))

def lstm_forward(inputs, hidden, memory, W_xh, W_hh, b_h):
    H = W_hh.shape[1]
    W = np.concatenate([W_hh, W_xh], axis=1)
    hs, cs = [], []
    for x in inputs:
        a = np.concatenate([hidden, x], axis=-1) @ W.T + b_h
        memory = sigma(a[..., H : 2 * H]) * memory + sigma(a[..., :H]) * np.tanh(a[..., 2 * H : 3 * H])
        hidden = sigma(a[..., 3 * H :]) * np.tanh(memory)
        hs.append(hidden)
        cs.append(memory)
    return np.stack(hs), np.stack(cs)
"""
EINSUM = """
def lstm_forward(X_seq, h0, c0, W_xh, W_hh, b_h):
    H = W_hh.shape[1]
    W, U, b = W_xh.reshape(4, H, -1), W_hh.reshape(4, H, H), b_h.reshape(4, H)
    from_x = np.einsum("gjd,t...d->tg...j", W, X_seq)
    h, c, hs, cs = h0, c0, [], []
    for a in from_x:
        a = a + np.einsum("gjk,...k->g...j", U, h) + b.reshape(4, *(1,) * (h.ndim - 1), H)
        i, f, o = (1 / (1 + np.exp(-a[k])) for k in (0, 1, 3))
        c = f * c + i * np.tanh(a[2])
        h = o * np.tanh(c)
        hs.append(h), cs.append(c)
    return np.array(hs), np.array(cs)
"""
STYLES = [("lstm_cell_step", LOOPS), ("lstm_forward", JOINED), ("lstm_forward", EINSUM)]


@pytest.mark.parametrize(("function", "text"), STYLES, ids=["loops", "joined", "einsum"])
def test_what_is_right_conforms_in_any_style(function: str, text: str, tmp_path: Path) -> None:
    assert asked(text, function, tmp_path).verdict == "conforms"


OUTSIDE = [  # of mistakes that the catalogue has not
    ("lstm_cell_step", "f_t * c_prev + i_t * g_t", "f_t * c_prev + i_t * g_t * o_t"),
    ("lstm_cell_step", "f_t * c_prev + i_t * g_t", "f_t**2 * c_prev + i_t * g_t"),
    ("lstm_cell_step", "o_t * np.tanh(c_t)", "o_t * np.tanh(c_t) + 0.1 * c_prev"),
    ("lstm_cell_step", "np.tanh(a_g)", "np.arctan(a_g)"),
    ("lstm_cell_step", "f_t * c_prev + i_t * g_t", "np.maximum(f_t, 0.5) * c_prev + i_t * g_t"),
    ("lstm_cell_backward", "da.T @ x_t", "da.T @ x_t - 0.01 * W_xh"),
    ("lstm_forward", "h_prev, c_prev = h0, c0", "h_prev, c_prev = h0, c0 / 2"),
    ("lstm_cell_backward", "dc * g_t, dc * c_prev", "dc * g_t, dc_t * c_prev"),
    ("lstm_backward", "dh_next = da @ W_hh", "dh_next = da @ W_hh + dh_t * f_t"),
    ("lstm_backward", "dc_next = dc * f_t", "dc_next = dc * f_t * (1 - f_t)"),
]


@pytest.mark.parametrize(("function", "old", "new"), some(OUTSIDE, 3))
def test_a_mistake_of_no_catalogue_gets_no_name(function: str, old: str, new: str, tmp_path: Path) -> None:
    found = asked(inspect.getsource(right(function)).replace(old, new), function, tmp_path)
    assert (found.verdict, found.mistakes) == ("wrong", [])


def test_what_has_nothing_of_an_lstm_hears_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(HEAD + inspect.getsource(right("rnn_cell_step")))
    found = rnn_ref.check(str(tmp_path / "mine.py"))
    assert found.ok
    assert "rnn_cell_step" in str(found)
    assert "lstm" not in str(found).lower()


def test_every_slug_is_told_of_in_words_that_are_of_an_lstm() -> None:
    for slug, function in ALL:
        words = catalogue.of(slug, function)
        assert "b_xh" not in words.right, slug  # which a GRU has
        assert "reset" not in words.found or slug == "chunk-reset", slug


@pytest.mark.parametrize(
    "slug", ["sum-misses-last-step", "upstream-of-another-step", "c0-ignored", "gradients-clipped"]
)
def test_a_mistake_in_the_loop_is_named_of_any_cell(slug: str, tmp_path: Path) -> None:
    found = asked(source((ONES[slug, "lstm_backward"],), "lstm_backward"), "lstm_backward", tmp_path)
    assert found.mistake == slug
