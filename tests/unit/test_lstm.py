"""The LSTM by itself: the step folded over time, 50 digits, what the gates do, and what is refused."""

from typing import Any

import mpmath
import numpy as np
import pytest
from unit_gated import LSTM, B, D, H

from rnn_ref import lstm_backward, lstm_cell_step, lstm_forward


@pytest.mark.parametrize("batch", [None, B])
def test_the_sequence_is_the_step_folded_over_time(batch: int | None) -> None:
    X_seq, h_t, c_t, *weights = LSTM.arrays(batch).values()
    for x_t, h_found, c_found in zip(X_seq, *lstm_forward(X_seq, h_t, c_t, *weights), strict=True):
        h_t, c_t = lstm_cell_step(x_t, h_t, c_t, *weights)
        np.testing.assert_allclose(h_found, h_t, rtol=0, atol=1e-15)
        np.testing.assert_allclose(c_found, c_t, rtol=0, atol=4e-15)


def by_hand(x: Any, h: Any, c: Any, W: Any, U: Any, b: Any) -> tuple[list[Any], list[Any]]:
    """Return one step in 50 digits, unit by unit, by the equations as they stand in the paper."""

    def into(row: int) -> Any:
        return mpmath.fsum(
            [
                *(mpmath.mpf(float(w)) * mpmath.mpf(float(v)) for w, v in zip(W[row], x, strict=True)),
                *(mpmath.mpf(float(w)) * mpmath.mpf(float(v)) for w, v in zip(U[row], h, strict=True)),
                mpmath.mpf(float(b[row])),
            ]
        )

    def logistic(a: Any) -> Any:
        return 1 / (1 + mpmath.exp(-a))

    shown, kept = [], []
    for j in range(H):
        i, f, o = (logistic(into(block * H + j)) for block in (0, 1, 3))
        kept.append(f * mpmath.mpf(float(c[j])) + i * mpmath.tanh(into(2 * H + j)))
        shown.append(o * mpmath.tanh(kept[-1]))
    return shown, kept


def test_a_step_is_the_papers_to_the_last_place() -> None:
    for seed in range(5):
        X_seq, h0, c0, *weights = LSTM.arrays(None, seed=seed).values()
        with mpmath.workdps(50):
            truth = [[float(one) for one in state] for state in by_hand(X_seq[0], h0, c0, *weights)]
        for found, due in zip(lstm_cell_step(X_seq[0], h0, c0, *weights), truth, strict=True):
            np.testing.assert_allclose(found, due, rtol=0, atol=1e-15)


def test_a_forget_gate_that_is_open_keeps_the_memory_and_one_that_is_closed_drops_it() -> None:
    a = LSTM.arrays()
    a["b_h"][:H] = -800.0  # nothing is written: exp overflows on the way, and the gate is exactly 0
    a["b_h"][H : 2 * H] = 800.0
    assert all(np.array_equal(c_t, a["c0"]) for c_t in lstm_forward(**a).c_states)
    a["b_h"][H : 2 * H] = -800.0
    assert not np.any(lstm_forward(**a).c_states)


def test_along_an_open_forget_gate_the_gradient_passes_as_it_is() -> None:
    a = LSTM.arrays()
    a["b_h"][:H], a["b_h"][H : 2 * H] = -800.0, 800.0
    h_states, c_states = lstm_forward(**a)
    dc_states = np.zeros_like(np.stack(c_states))
    dc_states[-1] = np.random.default_rng(1).normal(size=dc_states[-1].shape)
    found = lstm_backward(np.zeros_like(dc_states), dc_states, h_states, c_states, **a)
    np.testing.assert_array_equal(found.c0, dc_states[-1])


def test_a_sequence_in_two_chunks_is_the_sequence_in_one() -> None:
    a = LSTM.arrays()
    whole = LSTM.ran(a)
    first = lstm_forward(**{**a, "X_seq": a["X_seq"][:2]})
    rest = lstm_forward(**{**a, "X_seq": a["X_seq"][2:], "h0": first.h_states[-1], "c0": first.c_states[-1]})
    for one, early, late in zip(whole, first, rest, strict=True):
        np.testing.assert_array_equal(one, np.stack([*early, *late]))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("c0", np.zeros(H), r"lstm_forward: c0 has shape \(5,\), expected \(B=3, H=5\)"),
        ("W_hh", np.zeros((3 * H, H)), r"lstm_forward: W_hh has shape \(15, 5\), expected \(4H=20, H=5\)"),
        ("W_xh", np.zeros((4 * H, D + 1)), r"lstm_forward: X_seq has shape \(6, 3, 4\), expected \(T, B, D=5\)"),
        ("b_h", np.zeros(H), r"lstm_forward: b_h has shape \(5,\), expected \(4H=20,\)"),
    ],
)
def test_what_does_not_fit_is_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lstm_forward(**{**LSTM.arrays(), name: value})


def test_mixed_precision_is_refused() -> None:
    a = LSTM.arrays()
    with pytest.raises(TypeError, match=r"lstm_forward: c0 has dtype float32, expected float64"):
        lstm_forward(**{**a, "c0": a["c0"].astype(np.float32)})
