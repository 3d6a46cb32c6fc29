"""Cutting, resetting and clipping that sets in late or high is seen too; made of the reference's own pieces."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.mistakes.kill_matrix import KILLS, MARGIN

LATE = (35, 40)  # steps; the long vectors have 42 and 45


def forward_in_chunks(k: int) -> Callable[..., Any]:
    """Every k steps the state is taken back to h0."""

    def rnn_forward(X_seq: Any, h0: Any, *weights: Any) -> Any:
        starts = range(0, len(X_seq), k)
        return [h_t for start in starts for h_t in rnn_ref.rnn_forward(X_seq[start : start + k], h0, *weights)]

    return rnn_forward


def back_through_the_last(k: int) -> Callable[..., Any]:
    """What was more than k steps ago gets no gradient."""

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, *weights: Any) -> Any:
        h_first = h_states[-k - 1] if len(X_seq) > k else h0
        near = rnn_ref.rnn_backward(dh_states[-k:], h_states[-k:], X_seq[-k:], h_first, *weights)
        missing = np.zeros_like(X_seq[: max(len(X_seq) - k, 0)])
        dh0 = np.zeros_like(h0) if len(missing) else near.h0
        return near._replace(X_seq=np.concatenate([missing, near.X_seq]), h0=dh0)

    return rnn_backward


def back_in_chunks(k: int) -> Callable[..., Any]:
    """Backpropagation truncated every k steps: no gradient crosses a border."""

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, *weights: Any) -> Any:
        parts = []
        for start in range(0, len(X_seq), k):
            cut = slice(start, start + k)
            h_first = h_states[start - 1] if start else h0
            parts.append(rnn_ref.rnn_backward(dh_states[cut], h_states[cut], X_seq[cut], h_first, *weights))
        dX = np.concatenate([part.X_seq for part in parts])
        return dX, parts[0].h0, *(sum(part[i] for part in parts) for i in (2, 3, 4))

    return rnn_backward


def back_clipped(limit: float) -> Callable[..., Any]:
    """The gradient of the state is clipped at every step."""

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, *weights: Any) -> Any:
        dh, steps = np.zeros_like(h0), []
        for t in reversed(range(len(X_seq))):
            h_prev = h_states[t - 1] if t else h0
            step = rnn_ref.rnn_cell_backward(dh_states[t] + dh, h_states[t], X_seq[t], h_prev, *weights)
            dh = np.clip(step.h_prev, -limit, limit)
            steps.append(step)
        dX = np.stack([step.x_t for step in reversed(steps)])
        return dX, dh, *(sum(step[i] for step in steps) for i in (2, 3, 4))

    return rnn_backward


def bptt_with(rnn_backward: Callable[..., Any]) -> Callable[..., Any]:
    """Everything right but the way back through time."""

    def rnn_bptt(X_seq: Any, targets_seq: Any, h0: Any, *weights: Any) -> Any:
        loss, grads, h_T = rnn_ref.rnn_bptt(X_seq, targets_seq, h0, *weights)
        recurrent, output = weights[:3], weights[3:]
        h_states = np.stack(rnn_ref.rnn_forward(X_seq, h0, *recurrent))
        logits = rnn_ref.rnn_output_layer(h_states, *output)
        dlogits = rnn_ref.cross_entropy_backward(1.0, logits, targets_seq, reduction="sum")
        dh_states = rnn_ref.rnn_output_backward(dlogits, h_states, *output).h_states
        back = rnn_backward(dh_states, h_states, X_seq, h0, *recurrent)
        return loss, (*back, grads.W_hy, grads.b_y), h_T

    return rnn_bptt


BACK = {
    **{f"the last {k} steps": back_through_the_last(k) for k in LATE},
    **{f"chunks of {k}": back_in_chunks(k) for k in LATE},
    **{f"clipped at {limit}": back_clipped(limit) for limit in (1, 5, 100)},
}
WRONG = {
    **{f"rnn_forward, reset every {k}": ("rnn_forward", forward_in_chunks(k)) for k in LATE},
    **{f"rnn_backward, {name}": ("rnn_backward", back) for name, back in BACK.items()},
    **{f"rnn_bptt, {name}": ("rnn_bptt", bptt_with(back)) for name, back in BACK.items()},
}
RIGHT = {
    "rnn_forward": forward_in_chunks(1000),
    "rnn_backward": back_clipped(np.inf),
    "rnn_bptt": bptt_with(back_in_chunks(1000)),
}


@pytest.mark.parametrize("name", WRONG)
def test_it_is_seen_by_two_vectors_and_by_far(name: str) -> None:
    function, candidate = WRONG[name]
    report = rnn_ref.check({function: candidate})
    assert report.functions[function].verdict == "wrong"
    assert sum(result.ratio >= MARGIN for result in report.results if result.status == "failed") >= KILLS


@pytest.mark.parametrize("function", RIGHT)
def test_without_cut_and_limit_the_same_pieces_conform(function: str) -> None:
    assert rnn_ref.check({function: RIGHT[function]}).ok
