"""Names beside numbers that people write, beside what raises, and beside what they do not explain."""

from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.spec.catalogue import MISTAKES


def named(function: str, candidate: Any) -> tuple[list[str], bool]:
    found = rnn_ref.check({function: candidate}).functions[function]
    return found.mistakes, found.only_mistake


@pytest.mark.parametrize(
    ("step", "names"),
    [
        (lambda x, h, U, W, b: np.tanh(x @ U.T + h @ W - b), ["scaled-term", "W_hh-transposed"]),
        (lambda x, h, U, W, b: np.tanh((x @ U.T + h @ W.T) / 2), ["scaled-argument", "bias-missing"]),
    ],
)
def test_of_two_mistakes_one_may_have_a_number_that_people_write(step: Any, names: list[str]) -> None:
    mistakes, only = named("rnn_cell_step", step)
    assert (sorted(mistakes), only) == (sorted(names), False)


def test_a_number_that_explains_all_needs_no_mistake_beside_it() -> None:
    def rnn_backward(*given: Any) -> Any:
        grads = rnn_ref.rnn_backward(*given)
        return grads._replace(h0=grads.h0 / 2)

    assert named("rnn_backward", rnn_backward) == (["constant-factor"], True)


def test_a_kind_of_argument_that_is_refused_does_not_silence_a_name() -> None:
    """Nor do class indices that raise, as PyTorch does at a negative one that is not to be ignored."""

    def cross_entropy(
        logits: Any,
        targets: Any,
        *,
        weight: Any = None,
        ignore_index: int = -100,
        reduction: Any = "mean",
        label_smoothing: float = 0.0,
    ) -> Any:
        targets = np.asarray(targets)
        if targets.dtype.kind == "f":
            raise NotImplementedError("class indices only")
        if np.any((targets < 0) & (targets != -100)):
            raise IndexError("a negative target is out of bounds")
        return rnn_ref.cross_entropy(
            logits, targets, weight=weight, reduction=reduction, label_smoothing=label_smoothing
        )

    assert named("cross_entropy", cross_entropy)[0] == ["option-ignored"]


def test_what_a_name_does_not_explain_is_counted() -> None:
    def cross_entropy(logits: Any, targets: Any) -> Any:
        z = np.asarray(logits, np.float64)
        shares = np.arange(z.shape[-1]) == np.expand_dims(np.asarray(targets), -1)
        shifted = z - z.max(-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        return np.asarray(-(shares * log_p).sum() / z.shape[-1], logits.dtype)  # 0 times -inf is nan

    def only_classes(logits: Any, targets: Any) -> Any:
        if np.asarray(targets).dtype.kind == "f":
            raise TypeError("class indices only")
        return cross_entropy(logits, targets)

    found = rnn_ref.check({"cross_entropy": only_classes}).functions["cross_entropy"]
    assert (found.mistakes, found.only_mistake) == (["loss-averaged-over-classes"], False)
    assert "more of its checks are wrong for another reason, such as cross_entropy/" in found.explanation
    assert "minus-inf" in found.explanation


def test_a_clipped_norm_is_named_beside_a_loss_of_one_hot_rows_that_is_nan() -> None:
    forms = {one.variant: one for one in MISTAKES if "rnn_bptt" in one.functions and one.slug == "log-of-softmax"}
    clip = next(one for one in MISTAKES if one.slug == "gradients-clipped" and "rnn_bptt" in one.functions
                and one.variant == "joint norm, as PyTorch, all parameters")  # fmt: skip
    candidate = wrong((forms["times one-hot rows"], clip._replace(number=0.5)), "rnn_bptt")
    assert named("rnn_bptt", candidate)[0] == ["log-of-softmax", "gradients-clipped"]


def test_a_joined_gradient_that_is_cut_in_the_other_order_is_named() -> None:
    def rnn_cell_backward(dh_t: Any, h_t: Any, x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        grads = rnn_ref.rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h)
        joined = np.concatenate([grads.x_t, grads.h_prev], -1)  # [x, h], taken for [h, x]
        H = len(b_h)
        return joined[..., H:], joined[..., :H], *grads[2:]

    assert named("rnn_cell_backward", rnn_cell_backward) == (["joined-cut-wrongly"], True)


def test_one_gradient_that_is_transposed_under_the_specifications_own_signature_is_not_read_away() -> None:
    def rnn_bptt(
        X_seq: Any,
        targets_seq: Any,
        h0: Any,
        W_xh: Any,
        W_hh: Any,
        b_h: Any,
        W_hy: Any,
        b_y: Any,
        *,
        reduction: Any = "sum",
    ) -> Any:
        loss, grads, h_T = rnn_ref.rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, reduction=reduction)
        return loss, tuple(grads._replace(W_hy=grads.W_hy.T.copy())), h_T

    assert named("rnn_bptt", rnn_bptt) == (["dW_hy-transposed"], True)
