"""What flushing to zero takes from gradients near the smallest normal number is allowed, and beside others nothing."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnn_ref import rnn_forward
from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.numbers import bounded, flushed, gradients
from rnn_ref.conformance.numbers.bounded import tiny
from rnn_ref.conformance.numbers.gradients import Asked
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.spec.losses import allowance as losses
from rnn_ref.conformance.spec.rnn.operations import TANH

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from random_cases import STATES, Case, answer, draw, questions

SMALL = {"T": 6, "B": 3, "H": 4, "V": 4}
ORDINARY = [check for check in frozen.load()[0] if check.function == "rnn_backward" and "generic" in check.flags]


def flush(a: Any) -> Any:
    """Return what is left of numbers where those below the smallest normal one are zero."""
    return np.where(np.abs(a) < np.finfo(a.dtype).tiny, a.dtype.type(0), a)


def times(a: Any, W: Any) -> Any:
    """Return a Wᵀ, every product and every sum flushed."""
    total = np.zeros((len(a), len(W)), a.dtype)
    for k in range(a.shape[-1]):
        total = flush(total + flush(flush(a[:, k, None]) * flush(W[:, k])))
    return total


def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """Go back through time; what is 1-D is a row."""
    T, H = len(X_seq), h0.shape[-1]
    above, after, X = (one.reshape(T, -1, one.shape[-1]) for one in (dh_states, h_states, X_seq))
    before = np.concatenate([h0.reshape(1, -1, H), after[:-1]])
    dh, dX = np.zeros_like(after[0]), np.empty_like(X)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    for t in reversed(range(T)):
        dz = flush(flush(flush(above[t]) + dh) * flush(1 - flush(after[t] * after[t])))
        dX[t], dh = times(dz, W_xh.T), times(dz, W_hh.T)
        dW_xh, dW_hh = flush(dW_xh + times(dz.T, X[t].T)), flush(dW_hh + times(dz.T, before[t].T))
        db_h = flush(db_h + times(np.ones((1, len(dz)), dz.dtype), dz.T)[0])
    return dX.reshape(X_seq.shape), dh.reshape(h0.shape), dW_xh, dW_hh, db_h


def rnn_cell_backward(dh_t: Any, h_t: Any, x_t: Any, h_prev: Any, *weights: Any) -> Any:
    """Go back through one step."""
    dX, *others = rnn_backward(dh_t[None], h_t[None], x_t[None], h_prev, *weights)
    return dX[0], *others


CASES = [
    draw(np.random.default_rng([17, seed]), SMALL, faint_share=1) for seed in range(40)
]  # near the smallest number


def ratio_of(function: Callable[..., Any], case: Case) -> float:
    (question,) = questions(case, {function.__name__})
    return answer(question, function(*question.check.arguments.values())).ratio


@pytest.mark.parametrize("function", [rnn_backward, rnn_cell_backward])
def test_a_processor_that_flushes_to_zero_is_right(
    function: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(ratio_of(function, case) for case in CASES) <= 1
    monkeypatch.setattr(flushed, "tiny", lambda _: 0.0)
    monkeypatch.setattr(bounded, "tiny", lambda _: 0.0)
    assert max(ratio_of(function, case) for case in CASES) > 1


def test_what_is_lost_on_the_way_is_multiplied_by_weights() -> None:
    """Two steps, one unit: of what is lost at the last, W_hh brings 1,000 times as much to the first."""
    weights = {"W_xh": np.ones((1, 1)), "W_hh": np.full((1, 1), 1000.0), "b_h": np.zeros(1)}
    X, states = np.zeros((2, 1)), np.zeros((2, 1))
    asked = Asked([np.full((2, 1), 1e-38)], [states], X, [np.zeros(1)], weights)
    dX, dh0, *_ = gradients.lost(TANH, asked, "float32")
    assert dX[0, 0] > 1000 * tiny("float32")
    assert dh0[0] > 1e6 * tiny("float32")


def test_a_gradient_of_logits_loses_no_more_than_its_shares_and_sums_do() -> None:
    """Ten classes, upstream 1e-38: each share may be lost, and with it all there is."""
    logits, targets = np.zeros((1, 10)), np.zeros(1, np.int64)
    lost = losses.lost(1e-38, logits, targets, reduction="sum") * tiny("float32")
    assert np.all((lost > 1e-38) & (lost < 1e-36))
    assert np.all(losses.lost(100.0, logits, targets, reduction="sum") > 100)  # what is lost before is made larger


@pytest.mark.parametrize("check", ORDINARY, ids=lambda check: check.id)
def test_beside_gradients_of_ordinary_size_it_is_nothing(check: Check) -> None:
    dh_states, h_states, X_seq, h0, *weights = check.arguments.values()
    asked = Asked([dh_states], [h_states], X_seq, [h0], dict(zip(STATES[2:], weights, strict=True)))
    lost = gradients.lost(TANH, asked, check.dtype)
    for name, one in zip(check.operation.outputs, lost, strict=True):
        assert np.max(one) <= 1e-20 * np.max(check.allowed[name])


def test_states_are_right_however_small() -> None:
    """An error of u is allowed in any state, and the smallest normal number is far below."""
    for case in CASES[:5]:
        (question,) = questions(case, {"rnn_forward"})
        states = np.stack(rnn_forward(*(case.arrays[name] for name in STATES)))
        assert answer(question, flush(states)).ratio <= 1
