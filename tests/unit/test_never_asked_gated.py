"""Programs of cells with gates, and of states that are no numbers, that are right on plain problems and wrong there."""

from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.mistake import Mistake

GRU, GRU_BACK, LSTM, LSTM_BACK = "gru_cell_step", "gru_cell_backward", "lstm_cell_step", "lstm_cell_backward"
CELL, LOOP, LAYER = "rnn_cell_step", "rnn_forward", "rnn_output_layer"
TANH = "h_t = np.tanh(z_t)"
FORGET, RESET = "f_t = 1 / (1 + np.exp(-a_f))", "r_t = 1 / (1 + np.exp(-(x_r + h_r)))"
CUT = "{0} = np.where(abs({1}) > {2}, ({1} > 0).astype({0}.dtype), {0})"
NARROW = "({0}.dtype == np.float32) * 9 or 32"
EXPONENTIALS = "(np.exp({0}) - np.exp(-({0}))) / (np.exp({0}) + np.exp(-({0})))"
GATES = "np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)"
IN_ORDER = "np.split(x_t @ W_xh.T + h_prev @ W_hh.ravel(order='K').reshape(W_hh.shape).T + b_h, 4, -1)"
KEPT = "np.split(x_t @ W_xh.T + h_prev @ KEPT.setdefault(id(W_hh), (W_hh, W_hh.copy()))[1].T + b_h, 4, -1)"
HIDDEN = "np.split(h_prev @ W_hh.T + b_hh, 3, -1)"

EDITS: dict[str, tuple[str, str, str]] = {
    "a forget gate that is cut": (LSTM, FORGET, f"{FORGET}; {CUT.format('f_t', 'a_f', NARROW.format('f_t'))}"),
    "a forget gate that is cut at fifteen": (LSTM, FORGET, f"{FORGET}; {CUT.format('f_t', 'a_f', '15')}"),
    "a forget gate that is cut, all steps": (
        "lstm_forward",
        FORGET,
        f"{FORGET}; {CUT.format('f_t', 'a_f', NARROW.format('f_t'))}",
    ),
    "a reset gate that is cut": (GRU, RESET, f"{RESET}; {CUT.format('r_t', 'x_r + h_r', '9')}"),
    "a candidate of two exponentials": (LSTM, "np.tanh(a_g)", EXPONENTIALS.format("a_g")),
    "a candidate of two exponentials, in a GRU": (
        GRU,
        "n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))",
        f"n_t = {EXPONENTIALS.format('x_n + (r_t * h_n if reset_after else h_n)')}",
    ),
    "a slope with a floor": (LSTM_BACK, "df * f_t * (1 - f_t)", "df * np.maximum(f_t * (1 - f_t), 1e-3)"),
    "a slope with a floor, all steps": ("lstm_backward", "dg * (1 - g_t**2)", "dg * np.maximum(1 - g_t**2, 1e-3)"),
    "a slope with a floor, in a GRU": (GRU_BACK, "dz_t * z_t * (1 - z_t)", "dz_t * np.maximum(z_t * (1 - z_t), 1e-3)"),
    "weights in the order of memory": (LSTM, GATES, IN_ORDER),
    "weights in the order of memory, all steps": ("lstm_forward", GATES, IN_ORDER),
    "weights in the order of memory, in a GRU": (
        GRU,
        HIDDEN,
        HIDDEN.replace("W_hh.T", "W_hh.ravel(order='K').reshape(W_hh.shape).T"),
    ),
    "kept for an array": (LSTM, GATES, KEPT),
    "kept for an array, in a GRU": (
        "gru_forward",
        HIDDEN,
        HIDDEN.replace("W_hh.T", "KEPT.setdefault(id(W_hh), (W_hh, W_hh.copy()))[1].T"),
    ),
    "what is no number is made one": (CELL, TANH, f"{TANH}; h_t = np.nan_to_num(h_t)"),
    "what is no number is the bound": (CELL, TANH, "h_t = np.tanh(np.fmax(np.fmin(z_t, 40), -40))"),
    "what is no number is made one, all steps": (LOOP, TANH, f"{TANH}; h_t = np.nan_to_num(h_t)"),
    "what is no number spoils all rows": (LOOP, TANH, f"{TANH}; h_t = h_t + 0 * h_t.max()"),
    "what is no number is made one, of logits": (LAYER, "return logits", "return np.nan_to_num(logits)"),
}  # fmt: skip - by what is wrong: the function, what stands in the plain one, what stands there instead


@pytest.mark.parametrize("what", some(EDITS, 7))
def test_it_is_found(what: str) -> None:
    function, old, new = EDITS[what]
    assert verdict(function, ((old, new),)) in {"wrong", "crashed"}


@pytest.mark.parametrize("function", [CELL, LOOP, LAYER, GRU, "lstm_forward", LSTM_BACK])
def test_the_plain_one_conforms(function: str) -> None:
    assert verdict(function, ()) == "conforms"


def verdict(function: str, edits: tuple[tuple[str, str], ...]) -> Any:
    candidate = wrong(Mistake("x", (function,), edits), function)
    with np.errstate(all="ignore"):
        return rnn_ref.check({function: candidate}).functions[function].verdict
