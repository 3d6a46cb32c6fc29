"""States judged by one exact step from the candidate's own: which step, from which states, and what is allowed."""

from typing import Any

import numpy as np
import pytest

from rnn_ref import lstm_cell_step, rnn_cell_step, rnn_forward
from rnn_ref.conformance.numbers.bounded import Terms, bounded, tiny
from rnn_ref.conformance.numbers.shaken import shaken
from rnn_ref.conformance.numbers.states import followed, last_states, one_step, own_errors, plain_runs
from rnn_ref.conformance.numbers.through import forward, rows
from rnn_ref.conformance.spec.lstm.operations import CELL
from rnn_ref.conformance.spec.rnn.operations import RELU, TANH

T, B, D, H = 4, 2, 3, 5
BATCHES = pytest.mark.parametrize("lead", [(), (B,)], ids=["single", "batch"])


def drawn(lead: tuple[int, ...], gates: int, dtype: str = "float64") -> tuple[Any, Any, dict[str, Any], Any]:
    """Return inputs, a state, weights, and answers that are no states of theirs."""
    rng = np.random.default_rng(0)
    shapes = {"W_xh": (gates * H, D), "W_hh": (gates * H, H), "b_h": (gates * H,)}
    weights = {name: (rng.normal(size=shape) / 2).astype(dtype) for name, shape in shapes.items()}
    X_seq, first, answers = (rng.normal(size=(*size, *lead, last)) for size, last in (((T,), D), ((), H), ((T,), H)))
    return X_seq.astype(dtype), np.tanh(first).astype(dtype), weights, np.tanh(answers).astype(dtype)


@BATCHES
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_each_step_starts_from_the_answer_before_it(lead: tuple[int, ...], dtype: str) -> None:
    X_seq, h0, weights, answers = drawn(lead, 1, dtype)
    (found,) = one_step(TANH, dtype, [answers], X_seq, [h0], weights)
    before, kind = np.concatenate([h0[None], answers[:-1]]), bounded(dtype)
    wide = [rnn_cell_step(*(one.astype(float) for one in (x, h, *weights.values())))
            for x, h in zip(X_seq, before, strict=True)]  # fmt: skip
    np.testing.assert_allclose(found.exact, wide, rtol=1e-14, atol=1e-15)
    (may,) = TANH.step(kind.lift(rows(X_seq)), kind.stored(rows(before)), **weights)
    np.testing.assert_allclose(found.allowed, (may.error() + tiny(dtype)).reshape(answers.shape), rtol=1e-12)


def test_where_all_is_zero_there_is_what_may_be_flushed() -> None:
    weights = {"W_xh": np.zeros((H, D)), "W_hh": np.zeros((H, H)), "b_h": np.zeros(H)}
    X_seq, h0, zero = np.zeros((T, D)), np.zeros(H), np.zeros((T, H))
    products = 2 * (D + H + 2)  # and sums, each of which may lose the smallest normal number, twice
    (found,) = one_step(RELU, "float64", [zero], X_seq, [h0], weights)
    np.testing.assert_allclose(found.allowed / tiny("float64"), products + 1)
    (last,) = last_states(RELU, "float64", [zero[-1]], X_seq, [h0], weights)
    np.testing.assert_allclose(last / tiny("float64"), products + 1)


def test_where_there_are_few_units_there_are_more_runs() -> None:
    assert [plain_runs(size) for size in (1, 3, 8, 9, 10, 11, 1000)] == [33, 11, 5, 4, 4, 4, 4]


@BATCHES
def test_a_memory_that_is_not_answered_is_followed_with_what_it_may_be_off(lead: tuple[int, ...]) -> None:
    X_seq, h0, weights, answers = drawn(lead, 4)
    c0 = 3 * h0
    h_found, c_found = followed(CELL, "float64", [answers], X_seq, [h0, c0], weights)
    kind, h, c, off = bounded("float64"), h0, c0, 0.0
    for t, x in enumerate(X_seq):
        made = CELL.step(kind.lift(rows(x)), kind.stored(rows(h)), kind.stored(rows(c), off), **weights)
        errors = [one.error() + tiny("float64") for one in made]
        h_t, c_t = lstm_cell_step(x, h, c, *weights.values())
        np.testing.assert_allclose(h_found.exact[t], h_t, rtol=1e-13)
        np.testing.assert_allclose(c_found.exact[t], c_t, rtol=1e-13)
        for one, error in zip((h_found, c_found), errors, strict=True):
            np.testing.assert_allclose(one.allowed[t], error.reshape(h0.shape), rtol=1e-12)
        h, c, off = answers[t], c_t, errors[1]


@BATCHES
@pytest.mark.parametrize("kind", [bounded("float32"), Terms])
def test_the_error_of_a_step_alone_is_that_from_states_that_are_right(lead: tuple[int, ...], kind: Any) -> None:
    X_seq, h0, weights, answers = drawn(lead, 1)
    (found,) = own_errors(TANH, kind, [answers], X_seq, [h0], weights)
    before = np.concatenate([h0[None], answers[:-1]])
    (due,) = TANH.step(kind.lift(rows(X_seq)), kind.lift(rows(before)), **weights)
    np.testing.assert_allclose(found, due.error().reshape(answers.shape), rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("spoilt", [False, True])
@pytest.mark.parametrize("scale", [1.0, 2.0**-8])
def test_a_last_state_may_be_off_as_a_step_is_and_as_what_came_with_the_state_before(
    dtype: str, spoilt: bool, scale: float
) -> None:
    X_seq, h0, weights, _ = drawn((B,), 1, dtype)
    X_seq, h0, weights["b_h"] = (one * one.dtype.type(scale) for one in (X_seq, h0, weights["b_h"]))
    if spoilt:
        h0[1] = np.nan
    wide = [one.astype(float) for one in (X_seq, h0, *weights.values())]
    states = np.stack(rnn_forward(*wide))
    (found,) = last_states(TANH, dtype, [states[-1]], X_seq, [h0], weights)
    every = dict(zip(weights, wide[2:], strict=True))
    before, kind = states[-2], bounded(dtype)
    (may,) = TANH.step(kind.lift(wide[0][-1]), kind.lift(before), **every)
    (behind,) = TANH.step(Terms.lift(wide[0][-1]), Terms.lift(before), **every)
    terms = behind.error() / Terms.u
    runs = forward(TANH, shaken(plain_runs(h0.size)), X_seq, [h0], weights)[0][-1].a
    ratio = np.nanmax(np.abs(runs - states[-1]) / terms)
    due = may.error() + tiny(dtype) + 8 * ratio * terms
    np.testing.assert_allclose(found[0], due[0], rtol=1e-6)
    assert np.isnan(found[1]).all() == spoilt
