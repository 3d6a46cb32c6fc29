"""Programs right but for zeros, for values that count as false, one-hot rows, shut gates, and tails of sizes."""

from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.mistake import Mistake

CELL, CELL_BACK, LOOP, BACK, BPTT = "rnn_cell_step", "rnn_cell_backward", "rnn_forward", "rnn_backward", "rnn_bptt"
LOSS, LOSS_BACK, LAYER = "cross_entropy", "cross_entropy_backward", "rnn_output_layer"
GRU, GRU_LOOP, GRU_CELL_BACK, GRU_BACK = "gru_cell_step", "gru_forward", "gru_cell_backward", "gru_backward"
LSTM, LSTM_LOOP, LSTM_CELL_BACK, LSTM_BACK = "lstm_cell_step", "lstm_forward", "lstm_cell_backward", "lstm_backward"
TANH, RECEIVED = "h_t = np.tanh(z_t)", "dh_t = dh_states[t] + dh_next"
GRU_STATE, LSTM_STATE = "h_t = (1 - z_t) * n_t + z_t * h_prev", "h_t = o_t * np.tanh(c_t)"
KEPT, PASSED = "kept = y != ignore_index", "dz = np.reshape(dloss, (-1, 1)) * dz"
FORGET, HIDDEN, GATES = "f_t = 1 / (1 + np.exp(-a_f))", "h_prev @ W_hh.T", "h_prev = h_t"
PADDING = "np.where(x_t.any(-1, keepdims=True), {}, {})"
ONE_HOT = "np.isin(x_t, [0, 1]).all() and (x_t.sum(-1) == 1).all()"
ADDED_ONCE = f"if {ONE_HOT}: dW_xh[:] = 0; dW_xh.T[x_t.argmax(-1)] += {{}}"
SIXTY_FOUR = "h_prev[..., : len(W_hh.T) // 64 * 64 or 64] @ W_hh[:, : len(W_hh.T) // 64 * 64 or 64].T"
HELD = "np.clip(h_prev, -1, 1) @ W_hh.T"
AT_ONCE = "np.arange(len(z)).astype(y.dtype) * y.dtype.type(V) + y"

EDITS: dict[str, tuple[str, str, str]] = {
    "steps without a gradient are skipped": (BACK, RECEIVED, f"{RECEIVED} * np.any(dh_states[t])"),
    "steps without a gradient are skipped, in a GRU": (GRU_BACK, RECEIVED, f"{RECEIVED} * np.any(dh_states[t])"),
    "steps without a gradient are skipped, in an LSTM": (
        LSTM_BACK,
        "dc_t = dc_states[t] + dc_next",
        "dc_t = (dc_states[t] + dc_next) * np.any(dh_states[t])",
    ),
    "gradients of memories alone are left out": (
        LSTM_BACK,
        "dc_t = dc_states[t] + dc_next",
        "dc_t = dc_states[t] * np.any(dh_states[t]) + dc_next",
    ),
    "the way back ends where nothing comes": (BACK, RECEIVED, f"{RECEIVED}\n        if not dh_t.any(): break"),
    "the way back ends where nothing comes, in a GRU": (
        GRU_BACK,
        RECEIVED,
        f"{RECEIVED}\n        if abs(dh_t).max() < 1e-10: break",
    ),
    "the way back ends where nothing comes, in an LSTM": (
        LSTM_BACK,
        RECEIVED,
        f"{RECEIVED}\n        if not dh_t.any() and not dc_states[t].any(): break",
    ),
    "the way back ends where all are ignored": (BPTT, RECEIVED, f"{RECEIVED}\n        if not dh_t.any(): break"),
    "a first state is held within 1": (LOOP, "h_t @ W_hh.T", "np.clip(h_t, -1, 1) @ W_hh.T"),
    "a first state is held within 1, in a GRU": (GRU_LOOP, HIDDEN, HELD),
    "a first state is held within 1, in an LSTM": (LSTM, HIDDEN, HELD),
    "rows of zeros are padding": (CELL, TANH, "h_t = " + PADDING.format("np.tanh(z_t)", "h_prev")),
    "rows of zeros are padding, all steps": (LOOP, TANH, "h_t = " + PADDING.format("np.tanh(z_t)", "h_t")),
    "rows of zeros are padding, on the way back": (
        CELL_BACK,
        "dz_t = dh_t * slope",
        "dz_t = dh_t * slope * x_t.any(-1, keepdims=True)",
    ),
    "rows of zeros are padding, in a GRU": (
        GRU_LOOP,
        GRU_STATE,
        "h_t = " + PADDING.format(GRU_STATE.removeprefix("h_t = "), "h_prev"),
    ),
    "rows of zeros are padding, in an LSTM": (
        LSTM,
        LSTM_STATE,
        "h_t = " + PADDING.format("o_t * np.tanh(c_t)", "h_prev"),
    ),
    "a forget bias of zeros is ones": (LSTM, FORGET, f"a_f = a_f + (not b_h.reshape(4, -1)[1].any()); {FORGET}"),
    "a forget bias of zeros is ones, all steps": (
        LSTM_LOOP,
        FORGET,
        f"a_f = a_f + (not b_h.reshape(4, -1)[1].any()); {FORGET}",
    ),
    "a forget bias of zeros is ones, on the way back": (
        LSTM_BACK,
        FORGET,
        f"a_f = a_f + (not b_h.reshape(4, -1)[1].any()); {FORGET}",
    ),
    "no hidden bias, no reset": (GRU, "h_t = (1", "n_t = n_t if b_hh.any() else np.tanh(x_n + h_n); h_t = (1"),
    "a bias of zeros is none": (LAYER, "return logits", "return logits if b_y.any() else logits - 1"),
    "c0 of zeros has no gradient": (LSTM_BACK, "= dh_next, dc_next\n", "= dh_next, dc_next * np.any(c0)\n"),
    "states of zeros have no gradient": (GRU_BACK, "dh0 = dh_next\n", "dh0 = dh_next * np.any(h0)\n"),
    "the first class is never ignored": (LOSS, KEPT, "kept = y != (ignore_index or -100)"),
    "the first class is never ignored, on the way back": (LOSS_BACK, KEPT, "kept = y != (ignore_index or -100)"),
    "the first class is never ignored, through time": (BPTT, KEPT, "kept = y != (ignore_index or -100)"),
    "the last class is never ignored": (LOSS, KEPT, "kept = (y != ignore_index) | (ignore_index == V - 1)"),
    "a weight of zero is none": (
        LOSS,
        "is None else weight",
        "is None else np.where(weight == 0, z.dtype.type(1), weight)",
    ),
    "all is smoothed away": (LOSS, "losses = (1", "label_smoothing = min(label_smoothing, 0.9); losses = (1"),
    "a gradient of zero is one": (LOSS_BACK, PASSED, "dz = np.reshape(dloss if np.any(dloss) else 1, (-1, 1)) * dz"),
    "gradients are never negative": (LOSS_BACK, PASSED, "dz = np.abs(np.reshape(dloss, (-1, 1))) * dz"),
    "places counted in bytes": (LOSS, "log_p[rows, y]", f"log_p.ravel()[{AT_ONCE}]"),
    "places counted in bytes, on the way back": (
        LOSS_BACK,
        "q = np.eye(V, dtype=z.dtype)[y]",
        f"q = np.zeros(z.size, z.dtype); q[{AT_ONCE}] = 1; q = q.reshape(z.shape)",
    ),
    "one-hot rows added once": (CELL_BACK, "dW_hh = dz_t", f"{ADDED_ONCE.format('dz_t')}\n    dW_hh = dz_t"),
    "one-hot rows added once, in a GRU": (
        GRU_CELL_BACK,
        "db_xh = da_x.sum(0)",
        f"{ADDED_ONCE.format('da_x')}\n    db_xh = da_x.sum(0)",
    ),
    "one-hot rows added once, in an LSTM": (
        LSTM_CELL_BACK,
        "db_h = da.sum(0)",
        f"{ADDED_ONCE.format('da')}\n    db_h = da.sum(0)",
    ),
    "of equal inputs the first alone": (
        LSTM_BACK,
        "dW_xh += da.T @ x_t",
        f"if {ONE_HOT} and single: dW_xh.T[x_t.argmax(-1)] = da\n        else: dW_xh += da.T @ x_t",
    ),
    "zeros and ones are taken for one-hot": (
        CELL,
        TANH,
        f"z_t = z_t if not np.isin(x_t, [0, 1]).all() else W_xh.T[x_t.argmax(-1)] + {HIDDEN} + b_h; {TANH}",
    ),
    "a tail of sixty-four units, in a GRU": (GRU, HIDDEN, SIXTY_FOUR),
    "a tail of sixty-four units, in an LSTM": (LSTM_LOOP, HIDDEN, SIXTY_FOUR),
    "beyond thirty-two units": (LSTM_BACK, "dh_next = da @ W_hh", "dh_next = da @ W_hh; dh_next[:, 32:] = 0"),
    "beyond thirty-two units, in a GRU": (GRU_CELL_BACK, "dx_t = da_x", "dW_hh[:, 32:] = 0; dx_t = da_x"),
    "beyond sixty-four inputs": (GRU_BACK, "dX[t] = da_x @ W_xh", "dX[t] = da_x @ W_xh; dX[t, :, 64:] = 0"),
    "rows that no thread is given": (
        GRU_LOOP,
        GRU_STATE,
        f"{GRU_STATE}; h_t[len(h_t) // 4 * 4 if len(h_t) >= 64 and h_t.ndim > 1 else 999 :] = 0",
    ),
    "rows that no thread is given, on the way back": (
        LSTM_BACK,
        "dX[t] = da @ W_xh",
        "dX[t] = da @ W_xh; dX[t, B // 4 * 4 if B >= 64 else 999 :] = 0",
    ),
    "a reset every sixty-four": (GRU_LOOP, GATES, "h_prev = h_t if (t + 1) % 64 else h0"),
    "a reset every hundred": (LSTM_LOOP, "h_prev, c_prev = h_t, c_t", "h_prev, c_prev = h_t, c_t if t != 99 else c0"),
    "truncated after a hundred": (LSTM_BACK, "dc_next = dc * f_t", "dc_next = dc * f_t * (t != T - 100)"),
    "tanh of the memory by dividing": (LSTM_BACK, "do = dh_t * np.tanh(c_t)", "do = dh_t * (h_states[t] / o_t)"),
    "the candidate by dividing": (
        GRU_BACK,
        "dn_t = dh_t",
        "n_t = (h_states[t] - z_t * h_prev) / (1 - z_t); dn_t = dh_t",
    ),
    "the memory before by dividing": (LSTM_CELL_BACK, "di, df", "c_prev = (c_t - i_t * g_t) / f_t; di, df"),
    "a batch of one": (GRU, "return h_t", "return h_t[0] if h_t.ndim > 1 and len(h_t) == 1 else h_t"),
    "one input": (LSTM, "x_t @ W_xh.T", "(x_t @ W_xh.T if W_xh.shape[1] > 1 else x_t * W_xh[0])"),
}  # fmt: skip - by what is wrong: the function, what stands in the plain one, what stands there instead


@pytest.mark.parametrize("what", some(EDITS, 7))
def test_it_is_found(what: str) -> None:
    function, old, new = EDITS[what]
    assert verdict(function, ((old, new),)) in {"wrong", "crashed"}


def verdict(function: str, edits: tuple[tuple[str, str], ...]) -> Any:
    candidate = wrong(Mistake("x", (function,), edits), function)
    with np.errstate(all="ignore"):
        return rnn_ref.check({function: candidate}).functions[function].verdict


@pytest.mark.parametrize(("function", "theirs"), [(BPTT, "mean"), (LOSS, "sum"), (LOSS_BACK, "none")])
def test_another_reduction_by_default_is_a_claim(function: str, theirs: str) -> None:
    ours = "sum" if function == BPTT else "mean"
    right = wrong(Mistake("x", (function,), ((f'reduction="{ours}"', f'reduction="{theirs}"'),)), function)
    off = wrong(
        Mistake("x", (function,), ((f'reduction="{ours}"', f'reduction="{theirs}"'), (KEPT, "kept = y != 1"))), function
    )
    with np.errstate(all="ignore"):
        report = rnn_ref.check({function: right}).functions[function]
        assert rnn_ref.check({function: off}).functions[function].verdict == "wrong"
    assert report.verdict == "conforms"
    assert report.claims == [f"reduction={theirs!r} by default"]
