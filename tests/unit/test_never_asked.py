"""Programs that are right on plain problems and wrong where a size, a value, memory or a pair of options is special."""

from typing import Any

import numpy as np
import pytest
from sampled import some

import rnn_ref
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.mistake import Mistake

STEP = "z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h"
LOOP = "z_t = x_t @ W_xh.T + h_t @ W_hh.T + b_h"
SLOPE = "slope = 1 - h_t**2"
CELL, LOSS, LOSS_BACK = "rnn_cell_step", "cross_entropy", "cross_entropy_backward"
SUM, SUM_BACK = "rnn_sequence_loss", "rnn_sequence_loss_backward"
EACH, EACH_BACK = "for z_t, y_t in zip(logits_seq, targets_seq)", "return np.array(dlogits)"
KEPT = "kept = y != ignore_index"

EDITS: dict[str, tuple[str, str, str]] = {
    "all rows at once": (SUM, "return sum(losses)", "return loss_fn(logits_seq, targets_seq)"),
    "padded steps left out": (SUM, EACH, f"{EACH} if np.all(y_t >= 0)"),
    "gradient of all rows at once": (SUM_BACK, EACH_BACK, "return loss_backward(dloss, logits_seq, targets_seq)"),
    "the first eight steps twice": (SUM, "return sum(losses)", "return sum(losses) + sum(losses[8:16])"),
    "ignored rows smoothed": (
        LOSS,
        "losses[~kept] = 0",
        "losses[~kept] = (label_smoothing * smooth if label_smoothing else losses)[~kept] if label_smoothing else 0",
    ),
    "ignored rows kept under none": (LOSS, "losses[~kept] = 0", "losses[~kept] *= reduction == 'none'"),
    "ignored rows kept under sum": (LOSS_BACK, "dz[~kept] = 0", "dz[~kept] *= reduction == 'sum'"),
    "weights forgotten with smoothing": (
        LOSS,
        "w = np.ones(V, z.dtype) if weight is None else weight",
        "w = np.ones(V, z.dtype) if weight is None or label_smoothing else weight",
    ),
    "counted without weights where rows are ignored": (
        LOSS,
        "count = w[y][kept].sum()",
        "count = w[y].sum() if kept.all() else kept.sum()",
    ),
    "weights looked up for what is ignored": (
        LOSS_BACK,
        "y = np.where(kept, y, 0)",
        "y = np.where(kept | (weight is not None), y, 0)",
    ),
    "smoothed without dividing, of probabilities": (
        LOSS,
        "nll = -(w * q * log_p).sum(1)",
        "nll = -(w * q * log_p).sum(1) * (1 + (label_smoothing > 0))",
    ),
    "minus infinity is nan": (LOSS, "nll = -w[y] * log_p[rows, y]", "nll = -(w * np.eye(V)[y] * log_p).sum(1)"),
    "equal logits skipped": (
        LOSS_BACK,
        "dz = np.reshape(dloss, (-1, 1)) * dz",
        "dz = np.reshape(dloss, (-1, 1)) * dz * (np.ptp(z, axis=1) != 0)[:, None]",
    ),
    "classes in a byte": (LOSS_BACK, "y = np.where(kept, y, 0)", "y = np.where(kept, y, 0).astype(np.uint8)"),
    "the last classes lost": (
        LOSS,
        "z = z - z.max(1, keepdims=True)",
        "z = z - z.max(1, keepdims=True); z[:, 64:] -= 9",
    ),
    "one unit": ("rnn_forward", LOOP, "z_t = x_t @ W_xh.T + h_t @ W_hh.T * (len(b_h) > 1) + b_h"),
    "one input": (CELL, STEP, "z_t = x_t @ W_xh.T * (W_xh.shape[1] > 1) + h_prev @ W_hh.T + b_h"),
    "one row": (CELL, STEP, f"{STEP}; z_t = z_t + (len(x_t) == 1 and x_t.ndim == 2)"),
    "one class": ("rnn_output_layer", "return logits", "return logits * (len(b_y) > 1)"),
    "the ninth unit": ("rnn_forward", "h_t = np.tanh(z_t)", "h_t = np.tanh(z_t); h_t[..., 8:] = 0"),
    "a tail of thirty-two": (
        CELL,
        "h_t = np.tanh(z_t)",
        "h_t = np.tanh(z_t); h_t[..., h_t.shape[-1] // 32 * 32 or 99:] = 0",
    ),
    "beyond sixty-four units": ("rnn_backward", "dh_next = dz_t @ W_hh", "dh_next = dz_t @ W_hh; dh_next[:, 64:] = 0"),
    "beyond sixteen rows": ("rnn_output_layer", "return logits", "logits[:, 16:] *= logits.ndim == 2; return logits"),
    "a reset every fifty": ("rnn_forward", LOOP, "h_t = h0 if t and t % 50 == 0 else h_t; " + LOOP),
    "truncated after a hundred": (
        "rnn_backward",
        "dh_t = dh_states[t] + dh_next",
        "dh_t = dh_states[t] + dh_next * (t != T - 100)",
    ),
    "a slope with a floor": ("rnn_cell_backward", SLOPE, "slope = np.maximum(1 - h_t**2, 1e-3)"),
    "tanh of two exponentials": (
        CELL,
        "h_t = np.tanh(z_t)",
        "h_t = (np.exp(z_t) - np.exp(-z_t)) / (np.exp(z_t) + np.exp(-z_t))",
    ),
    "memory read without strides": (
        CELL,
        STEP,
        f"W_hh = np.ndarray(W_hh.shape, W_hh.dtype, W_hh.base if W_hh.base is not None else W_hh); {STEP}",
    ),
    "kept for the shape": (
        CELL,
        STEP,
        "W_xh = KEPT.setdefault((W_xh.shape, x_t.shape, W_xh.dtype.str), W_xh.copy()); " + STEP,
    ),
    "memory used again": (
        CELL,
        "h_t = np.tanh(z_t)",
        "h_t = np.tanh(z_t, out=KEPT.setdefault((z_t.shape, z_t.dtype.str), z_t))",
    ),
    "kept for an array": (
        CELL,
        STEP,
        f"W_hh = KEPT.setdefault(id(W_hh), (W_hh, W_hh.copy()))[1]; {STEP}",
    ),
    "kept for an array of logits": (
        LOSS,
        "z = z - z.max(1, keepdims=True)",
        "z = KEPT.setdefault(id(logits), (logits, z - z.max(1, keepdims=True)))[1]",
    ),
    "kept for a place in memory": (
        "rnn_backward",
        "dh_next = dz_t @ W_hh",
        "dh_next = dz_t @ KEPT.setdefault(W_hh.ctypes.data, (W_hh, W_hh.copy()))[1]",
    ),
    "wrong at every third call": (
        CELL,
        "h_t = np.tanh(z_t)",
        "KEPT['n'] = KEPT.get('n', 0) + 1; h_t = np.tanh(z_t) + (KEPT['n'] % 3 == 0)",
    ),
}  # fmt: skip - by what is wrong: the function, what stands in the plain one, what stands there instead
STATEFUL = (
    ("    h_t = h0\n", "    h_t = KEPT.get(h0.shape, h0) if h0.ndim == 2 and not h0.any() else h0\n"),
    ("    return h_states", "    KEPT[h0.shape] = h_t\n    return h_states"),
)


@pytest.mark.parametrize("what", some(EDITS, 1))
def test_it_is_found(what: str) -> None:
    function, old, new = EDITS[what]
    report = _report(function, ((old, new),))
    assert report.functions[function].verdict in {"wrong", "crashed"}, str(report)


def test_a_batch_from_zeros_that_goes_on_from_the_last_one_is_found() -> None:
    assert _report("rnn_forward", STATEFUL).functions["rnn_forward"].verdict == "wrong"


def test_how_often_a_loss_was_called_is_told_where_the_sum_is_wrong() -> None:
    report = _report(SUM, (("return sum(losses)", "return loss_fn(logits_seq, targets_seq)"),))
    said = " ".join(str(report).split())
    assert "loss-fn-called-once" in said
    assert "loss_fn is called once for all steps" in said
    right_in_numbers = _report(SUM, (("loss_fn(z_t, y_t)", "loss_fn(z_t[None], np.asarray(y_t)[None])"),))
    assert "was called" not in str(right_in_numbers)


def test_memory_that_is_used_again_is_told_as_that_and_as_nothing_else() -> None:
    _, old, new = EDITS["memory used again"]
    function = _report(CELL, ((old, new),)).functions[CELL]
    assert "a later call wrote into it" in function.explanation
    assert not function.facts
    assert not function.evidence


def test_what_is_kept_for_an_array_is_told_as_that_and_as_nothing_else() -> None:
    _, old, new = EDITS["kept for an array"]
    function = _report(CELL, ((old, new),)).functions[CELL]
    assert "not in arrays that held other numbers at the call before" in function.explanation
    assert function.mistake is None
    assert not function.facts
    assert not function.evidence


def test_what_is_kept_with_the_numbers_it_was_made_from_conforms() -> None:
    looked_at = "KEPT.update({id(W_hh): (W_hh, W_hh.copy())}) if not np.array_equal(KEPT[id(W_hh)][1], W_hh) else 0"
    kept = f"KEPT.setdefault(id(W_hh), (W_hh, W_hh.copy())); {looked_at}; W_hh = KEPT[id(W_hh)][1]; {STEP}"
    assert _report(CELL, ((STEP, kept),)).functions[CELL].verdict == "conforms"


def _report(function: str, edits: tuple[tuple[str, str], ...]) -> Any:
    candidate = wrong(Mistake("x", (function,), edits), function)
    with np.errstate(all="ignore"):
        return rnn_ref.check({function: candidate})
