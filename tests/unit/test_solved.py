"""Mistakes with a number that no list holds: one probe tells it, and all others have to agree."""

from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.spec import catalogue


def forgetful(every: int, *, to_zero: bool, once: bool = False) -> Any:
    """Return a network that starts again every so many steps, or once."""

    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        states = np.empty((len(X_seq), *h0.shape), h0.dtype)
        h, left = h0, every
        for t, x in enumerate(X_seq):
            if left == 0:
                h, left = (np.zeros_like(h0) if to_zero else h0), (-1 if once else every)
            h = states[t] = np.tanh(W_xh.dot(x.T).T + W_hh.dot(h.T).T + b_h)
            left -= 1
        return states

    return rnn_forward


def cut(*, after: int = 0, chunk: int = 0) -> Any:
    """Return a way back that hands nothing on after so many steps, or between chunks."""

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        T, carried = len(X_seq), np.zeros_like(h0)
        dX, dW_xh, dW_hh, db_h = (np.zeros_like(one) for one in (X_seq, W_xh, W_hh, b_h))
        for back in range(T):
            t = T - 1 - back
            if (after and back == after) or (chunk and (t + 1) % chunk == 0):
                carried = np.zeros_like(h0)
            dz = (dh_states[t] + carried) * (1 - h_states[t] ** 2)
            before = h_states[t - 1] if t else h0
            rows = np.atleast_2d(dz)
            dW_xh += rows.T @ np.atleast_2d(X_seq[t])
            dW_hh += rows.T @ np.atleast_2d(before)
            db_h += rows.sum(0)
            dX[t], carried = dz @ W_xh, dz @ W_hh
        return dX, carried, dW_xh, dW_hh, db_h

    return rnn_backward


@pytest.mark.parametrize("every", [7, 50, 61])
@pytest.mark.parametrize("to_zero", [False, True])
def test_a_state_that_starts_again_every_so_many_steps_has_a_name(every: int, to_zero: bool) -> None:
    found = rnn_ref.check({"rnn_forward": forgetful(every, to_zero=to_zero)}).functions["rnn_forward"]
    assert (found.verdict, found.mistake) == ("wrong", "chunk-reset")
    assert found.explanation.endswith(f" every {every} steps")


def test_a_state_that_starts_again_once_has_none() -> None:
    found = rnn_ref.check({"rnn_forward": forgetful(50, to_zero=False, once=True)}).functions["rnn_forward"]
    assert (found.verdict, found.mistake) == ("wrong", None)


@pytest.mark.parametrize("where", [{"after": 50}, {"after": 37}, {"chunk": 60}, {"chunk": 7}], ids=str)
def test_so_has_a_gradient_that_is_cut_after_so_many_steps(where: dict[str, int]) -> None:
    found = rnn_ref.check({"rnn_backward": cut(**where)}).functions["rnn_backward"]
    assert (found.verdict, found.mistake) == ("wrong", "truncated")
    told = where.get("after") or where["chunk"]
    assert f" {told} steps" in found.explanation


def clipped(bound: float) -> Any:
    """Return a way back that clips what it hands on."""

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        rows = [np.atleast_2d(one) for one in (*h_states, *X_seq, *dh_states, h0)]
        T, dX, dh = len(X_seq), [], np.zeros_like(rows[-1])
        h, x, dh_own = rows[:T], rows[T : 2 * T], rows[2 * T : 3 * T]
        summed = [np.zeros_like(one) for one in (W_xh, W_hh, b_h)]
        for t in range(T)[::-1]:
            dz = (dh_own[t] + dh) * (1 - h[t] * h[t])
            shares = dz.T @ x[t], dz.T @ (h[t - 1] if t else rows[-1]), dz.sum(axis=0)
            summed = [one + share for one, share in zip(summed, shares, strict=True)]
            dX.append((dz @ W_xh).reshape(X_seq[0].shape))
            dh = np.minimum(np.maximum(dz @ W_hh, -bound), bound)
        return np.array(dX[::-1]), dh.reshape(h0.shape), *summed

    return rnn_backward


@pytest.mark.parametrize("bound", [0.37, 2, 1e-3 * np.pi])
def test_a_bound_is_solved_for_and_told(bound: float) -> None:
    found = rnn_ref.check({"rnn_backward": clipped(bound)}).functions["rnn_backward"]
    assert (found.mistake, found.only_mistake) == ("gradients-clipped", True)
    assert found.explanation == f"gradients are clipped inside the backward pass at {bound:.6g}"


@pytest.mark.parametrize("steps", [1, 4])
def test_a_window_from_each_step_is_a_truncation(steps: int) -> None:
    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        every = []
        for t in range(len(dh_states)):
            low = max(0, t - steps)
            one = np.zeros_like(dh_states[low : t + 1])
            one[-1] = dh_states[t]
            start = h_states[low - 1] if low else h0
            share = rnn_ref.rnn_backward(one, h_states[low : t + 1], X_seq[low : t + 1], start, W_xh, W_hh, b_h)
            dX = np.zeros_like(X_seq)
            dX[low : t + 1] = share.X_seq
            every.append((dX, share.h0 * (low == 0), *share[2:]))
        return tuple(sum(some) for some in zip(*every, strict=True))

    found = rnn_ref.check({"rnn_backward": rnn_backward}).functions["rnn_backward"]
    assert (found.mistake, found.only_mistake) == ("truncated", True)
    assert found.explanation.endswith(f" {steps} steps back from each")


STEPS = {
    "scaled-argument": lambda x, r, b, h: np.tanh(0.7 * (x + r + b)),
    "scaled-term": lambda x, r, b, h: np.tanh(x + r - b),
    "constant-factor": lambda x, r, b, h: 1.001 * np.tanh(x + r + b),
    "constant-shift": lambda x, r, b, h: np.tanh(x + r + b) - 0.01,
    "leaky-state": lambda x, r, b, h: 0.7 * h + 0.3 * np.tanh(x + r + b),
}
TOLD = ["times 0.7", "b_h times -1", "of 1.001", "of -0.01", "counts 0.3"]


@pytest.mark.parametrize(("slug", "told"), list(zip(STEPS, TOLD, strict=True)))
def test_a_constant_too_many_is_solved_for_and_told(slug: str, told: str) -> None:
    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        h, states = h0, []
        for x_t in X_seq:
            h = STEPS[slug](x_t @ W_xh.T, h @ W_hh.T, b_h, h)
            states.append(h)
        return states

    found = rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"]
    assert (found.verdict, found.mistake, found.only_mistake) == ("wrong", slug, True)
    assert found.explanation.endswith(told)


def test_two_constants_at_once_have_no_name() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return 1.3 * np.tanh(0.7 * (x_t @ W_xh.T + h_prev @ W_hh.T + b_h))

    assert rnn_ref.check({"rnn_cell_step": rnn_cell_step}).functions["rnn_cell_step"].mistake is None


def test_the_catalogue_shows_one_number_of_each_form() -> None:
    numbered = [(one.slug, one.functions, one.variant) for one in catalogue.MISTAKES if one.sought]
    assert len(numbered) == len(set(numbered))
    assert all(one.number is None for one in catalogue.MISTAKES)


def negative_log_likelihood(logits: Any, y: Any, kept: Any) -> tuple[Any, Any]:
    """Return −log p of all classes, and of the target; of ignored rows that of the first class."""
    top = logits.max(-1, keepdims=True)
    nats = top + np.log(np.exp(logits - top).sum(-1, keepdims=True)) - logits
    return nats, np.take_along_axis(nats, np.where(kept, y, 0)[..., None], -1).squeeze(-1)


def reduced(loss: Any, kept: Any, reduction: str) -> Any:
    return loss if reduction == "none" else loss.sum() / (kept.sum() if reduction == "mean" else 1)


def smoothed_everywhere(
    logits: Any, targets: Any, *, ignore_index: int = -100, reduction: str = "mean", label_smoothing: float = 0.0
) -> Any:
    y = np.asarray(targets)
    if y.shape == logits.shape:
        raise TypeError("class indices only")
    kept = y != ignore_index
    nats, nll = negative_log_likelihood(logits, y, kept)
    with np.errstate(invalid="ignore"):
        loss = kept * nll * (1 - label_smoothing) + nats.mean(-1) * label_smoothing
    return reduced(loss.astype(logits.dtype), kept, reduction)


def left_out_of_means_only(logits: Any, targets: Any, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
    y = np.asarray(targets)
    if y.shape == logits.shape:
        raise TypeError("class indices only")
    kept = y != ignore_index
    nll = negative_log_likelihood(logits, y, kept)[1]
    return reduced(nll * kept if reduction == "mean" else nll, kept, reduction)


@pytest.mark.parametrize("loss", [smoothed_everywhere, left_out_of_means_only])
def test_ignored_rows_that_count_in_some_options_have_a_name(loss: Any) -> None:
    found = rnn_ref.check({"cross_entropy": loss}).functions["cross_entropy"]
    assert (found.verdict, found.mistake) == ("wrong", "ignored-targets-counted")
