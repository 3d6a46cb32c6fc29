"""Of a way back with a wrong slope it is told whose slope it is, or of which sign what is wrong has to be."""

from typing import Any

import numpy as np
import pytest
from test_facts import placed, spoilt, stepping, told, total

import rnn_ref


def going_back(wrong: Any) -> list[str]:
    """Return what is told of a way back through time that takes the gradients of the sums from ``wrong``."""

    def rnn_backward(dh: Any, h: Any, X: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        dh, h, dX, carried = np.asarray(dh), np.asarray(h), np.zeros_like(X), np.zeros_like(h0)
        dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
        for t in reversed(range(len(X))):
            dz = np.asarray(wrong(h[t], dh[t], carried), h.dtype)
            rows = dz.reshape(-1, dz.shape[-1])
            dW_xh += rows.T @ X[t].reshape(len(rows), -1)
            dW_hh += rows.T @ (h[t - 1] if t else h0).reshape(len(rows), -1)
            db_h += rows.sum(0)
            dX[t], carried = dz @ W_xh, dz @ W_hh
        return dX, carried, dW_xh, dW_hh, db_h

    return told("rnn_backward", rnn_backward)


SIGNS = [
    (lambda h, dh, c: (dh + c) * (1 - h**2) * np.where(h < 0, 0.9, 1), "the state h_t is negative", "0.9 times"),
    (lambda h, dh, c: (dh + c) * (1 - h**2) * np.where(h > 0, 0.01, 1), "the state h_t is positive", "0.01 times"),
    (lambda h, dh, c: np.abs(dh + c) * (1 - h**2), "the gradient that reaches h_t is negative", "-1 times"),
    (lambda h, dh, c: (dh + np.maximum(c, 0)) * (1 - h**2), "the gradient carried back to h_t is negative", ""),
]


@pytest.mark.parametrize(("wrong", "where", "factor"), SIGNS)
def test_the_sign_of_what_is_wrong_is_told_with_the_factor(wrong: Any, where: str, factor: str) -> None:
    found = going_back(wrong)
    assert found[0].startswith(f"the gradient of the sum is wrong only where {where} (")
    assert f" others){', and is ' if factor else ''}{factor}" in found[0]


@pytest.mark.parametrize(("by", "which"), [(1, "before"), (-1, "behind")])
def test_the_slope_of_another_unit_is_told(by: int, which: str) -> None:
    found = going_back(lambda h, dh, c: (dh + c) * (1 - np.roll(h, by, -1) ** 2))
    assert found[0].startswith(f"each unit has the slope of the unit {which} it")


def test_the_slope_of_another_sequence_is_told() -> None:
    def rnn_cell_backward(dh: Any, h: Any, x: Any, last: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        moved = np.roll(h, 1, 0) if h.ndim == 2 else h
        return rnn_ref.rnn_cell_backward(dh * (1 - moved**2) / (1 - h**2), h, x, last, W_xh, W_hh, b_h)

    found = told("rnn_cell_backward", rnn_cell_backward)
    assert any(
        "each sequence of the batch has the slope of the sequence of the batch before it" in one for one in found
    )


def test_a_slope_that_is_wrong_everywhere_has_no_sign() -> None:
    assert not [one for one in going_back(lambda h, dh, c: (dh + c) * (1 - h)) if "only where" in one]


def test_an_odd_number_of_steps_is_told() -> None:
    def rnn_forward(X: Any, h0: Any, *w: Any) -> Any:
        states = [h0]
        for t, x in enumerate(X):
            states.append(states[-1] if len(X) % 2 and t == len(X) // 2 else np.tanh(total(x, states[-1], *w)))
        return states[1:]

    assert any("with an odd number of steps (T), right in all" in one for one in told("rnn_forward", rnn_forward))
    assert not any("odd" in one for one in stepping(lambda x, h, *w: np.tanh(total(x, h[-1], *w)) * x.dtype.type(0.9)))


def test_a_square_of_logits_is_told_where_it_is_wrong() -> None:
    def spoil(y: Any, logits: Any, *_: Any, **__: Any) -> Any:
        return y * logits.dtype.type(1.1 if logits.ndim == 2 and len(set(logits.shape)) == 1 else 1)

    found = spoilt("cross_entropy", spoil)
    assert any("of single sequences and with as many steps as outputs (T = V)" in one for one in found)


def test_rows_of_a_gate_are_told_by_its_name() -> None:
    def spoil(grads: Any, *_: Any) -> Any:
        units = len(grads.b_h) // 4
        return grads._replace(b_h=placed(grads.b_h, slice(3 * units, None), lambda part: part * 1.1))

    assert any("only rows of gate o are wrong" in one for one in spoilt("lstm_cell_backward", spoil))
