"""Mistakes on the way back: one plain backpropagation through time, and one edit for each mistake."""

from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.mistakes.find import find
from rnn_ref.conformance.mistakes.make import wrong

BPTT = """\
def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
    dX, dW_xh, dW_hh, db_h = (np.zeros_like(a) for a in (X_seq, W_xh, W_hh, b_h))
    dh_next = np.zeros_like(h0)
    T = len(X_seq)
    for t in reversed(range(T)):
        h_prev = h_states[t - 1] if t > 0 else h0
        dh = dh_states[t] + dh_next
        dz = dh * (1 - h_states[t] ** 2)
        dW_xh += dz.T @ X_seq[t]
        dW_hh += dz.T @ h_prev
        db_h += dz.sum(0)
        dX[t] = dz @ W_xh
        dh_next = dz @ W_hh
    return dX, dh_next, dW_xh, dW_hh, db_h
"""

MISTAKES = {
    "no-dh-next": ("dh_states[t] + dh_next", "dh_states[t]"),
    "only-dh-next": ("dh_states[t] + dh_next", "dh_next"),
    "last-gradient-every-step": ("dh_states[t] + dh_next", "dh_states[-1] + dh_next"),
    "no-slope": ("dh * (1 - h_states[t] ** 2)", "dh"),
    "slope-of-tanh-h": ("h_states[t] ** 2", "np.tanh(h_states[t]) ** 2"),
    "slope-plus": ("1 - h_states[t] ** 2", "1 + h_states[t] ** 2"),
    "dW_hh-from-h_t": ("dz.T @ h_prev", "dz.T @ h_states[t]"),
    "dW_hh-wraps": (" if t > 0 else h0", ""),
    "dW_hh-transposed": ("dz.T @ h_prev", "h_prev.T @ dz"),
    "dW_xh-transposed": ("return dX, dh_next, dW_xh,", "return dX, dh_next, dW_xh.T,"),
    "dh-next-untransposed": ("dz @ W_hh", "dz @ W_hh.T"),
    "forward-order": ("reversed(range(T))", "range(T)"),
    "assigned-not-accumulated": ("dW_hh += dz.T", "dW_hh = dz.T"),
    "db-twice": ("db_h += dz.sum(0)", "db_h += 2 * dz.sum(0)"),
    "db-first-step-only": ("db_h += dz.sum(0)", "db_h = dz.sum(0)"),
    "dh0-missing": ("return dX, dh_next,", "return dX, 0 * dh_next,"),
    "dh0-is-dz0": ("return dX, dh_next,", "return dX, dz,"),
    "averaged-over-steps": ("dW_xh, dW_hh, db_h\n", "dW_xh / T, dW_hh / T, db_h / T\n"),
    "averaged-over-batch": ("dW_hh += dz.T @ h_prev", "dW_hh += dz.T @ h_prev / len(dz)"),
    "batch-mean-state": ("dh_next = dz @ W_hh", "dh_next = (dz @ W_hh).mean(0) + 0 * dz"),
    "truncated": ("dh_next = dz @ W_hh", "dh_next = dz @ W_hh if t > T - 3 else 0 * dz"),
}


def candidate(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    return namespace


def test_the_plain_form_without_a_mistake_conforms() -> None:
    assert rnn_ref.check(candidate(BPTT), rank="batch").ok


@pytest.mark.parametrize("slug", MISTAKES)
def test_a_mistake_on_the_way_back_is_wrong_on_every_generic_check(slug: str) -> None:
    old, new = MISTAKES[slug]
    assert old in BPTT
    report = rnn_ref.check(candidate(BPTT.replace(old, new)), rank="batch")
    assert report.functions["rnn_backward"].verdict == "wrong"
    generic = [one for one in report.results if "/generic" in one.id or "/long-batch" in one.id]
    assert len(generic) == 4
    assert all(result.status == "failed" for result in generic)
    assert all(result.ratio > 1000 for result in generic if result.max_abs_error is not None)


def test_an_upstream_gradient_written_in_place_is_found_though_the_numbers_are_right() -> None:
    source = BPTT.replace("dh = dh_states[t] + dh_next", "dh = dh_states[t]\n        dh += dh_next")
    function = rnn_ref.check(candidate(source), rank="batch").functions["rnn_backward"]
    assert function.verdict == "mutates-input"
    assert function.explanation.endswith("writes into its argument dh_states; the numbers are right")


def test_a_bias_that_is_left_out_is_one_mistake_where_its_gradient_is_0_as_of_a_framework() -> None:
    """A factor of 0 was named besides."""
    [(mistake, function)] = [made for made in find("bias-missing", "rnn_bptt") if made[0].variant == "both ways"]
    found = rnn_ref.check({function: wrong(mistake, function)}, only=f"{function}/*float64").functions[function]
    assert found.mistakes == ["bias-missing"]
