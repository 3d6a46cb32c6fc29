"""rnn_bptt, put together from what was written already: forward, output layer, loss, and back through time."""

from typing import NamedTuple

import numpy as np

from rnn_ref.conformance.spec import OPERATIONS

from . import back, forward
from .loss_parts import labels, log_softmax
from .written import style

# What the parts can be made to do, and rnn_bptt cannot, or does with another meaning
WITHOUT = [
    *("last-step-missing/a row less", "time-reversed/and turned round again", "state-leaks", "starts-with-h0"),
    *("averaged-over-steps/all", "averaged-over-batch/all", "targets-shifted/late in time"),
    *("softmax-wrong-axis/over time", "softmax-wrong-axis/over the batch", "last-state-only"),
]
OF_A_BATCH = [
    *("averaged-over-batch/every gradient", "batch-rows-mixed/inputs, both ways", "batch-time-swapped/both ways"),
]
WITH_SLOPE = {"no-tanh/and no slope", "relu-for-tanh/with its slope", "sigmoid-for-tanh/with its slope"}

GRADIENTS = tuple(OPERATIONS["rnn_bptt"].outputs)[1:-1]


class Gradients(NamedTuple):
    """By name, as the specification has them."""

    X_seq: np.ndarray
    h0: np.ndarray
    W_xh: np.ndarray
    W_hh: np.ndarray
    b_h: np.ndarray
    W_hy: np.ndarray
    b_y: np.ndarray


def logits_of(m, H, h0, W_hy, b_y):
    if "output-of-previous-state/wraps" in m:
        H = np.roll(H, 1, axis=0)
    if "output-of-previous-state/h0 first" in m:
        H = np.concatenate([h0[None], H[:-1]])
    bias = 0 if "output-bias-missing" in m else b_y * (2 if "output-bias-twice" in m else 1)
    logits = H @ (W_hy if "W_hy-transposed/forward" in m else W_hy.T) + bias
    return np.tanh(logits) if "tanh-in-output" in m else logits


def softmax(z, axis=1, stable=True):
    e = np.exp(z - z.max(axis, keepdims=True) if stable else z)
    return e / e.sum(axis, keepdims=True)


def loss_and_gradient(m, logits, targets, reduction, ignore_index):
    """Return the loss and its gradient at the logits."""
    if "option-ignored/ignore_index" in m:
        ignore_index = -100
    if "mean-over-steps/mean for sum" in m:
        reduction = "mean"
    T, V = len(logits), logits.shape[-1]
    Z = logits.reshape(-1, V)
    N, B = len(Z), len(Z) // T
    y, kept = labels(m, targets, ignore_index)
    rows = np.arange(N)
    if "double-softmax/both ways" in m:
        Z = softmax(Z)
    both = "softmax-wrong-axis/both ways" in m
    log_p = log_softmax({*m, "softmax-wrong-axis/over all rows"} if both else m, Z)
    P = softmax(Z, 0 if both else 1, "unstable-softmax" not in m)
    if "double-softmax/in the gradient" in m:
        P = softmax(P)
    losses = -log_p[rows, y]
    if "target-columns/mean" in m or "target-columns/sum" in m:
        losses = -log_p[:, y[kept]].sum(axis=1) / (kept.sum().item() if "target-columns/mean" in m else 1)
        losses[kept.argmax()] += losses[~kept].sum()  # as they do not count below
    if "target-columns/in the gradient" in m:
        P[:, y[kept]] -= 1
    elif "onehot-missing" not in m:
        P[rows, y] -= 1
    if not m & {"ignored-targets-counted/as class 0", "ignored-targets-counted/as the last class"}:
        losses, P = without_ignored(m, losses, P, kept)
    losses, P = one_step(m, losses.reshape(T, -1), P.reshape(T, B, V))
    loss, P = rescaled(m, losses.sum(), P, T, B)
    if reduction == "mean" and "option-ignored/reduction" not in m:
        loss, P = averaged(m, loss, P, kept)
    return loss, P.reshape(logits.shape)


def without_ignored(m, losses, P, kept):
    """Let rows that do not count move nothing."""
    return losses * kept, P if "ignored-targets-counted/in the gradients" in m else P * kept[:, None]


def averaged(m, loss, P, kept):
    """Divide by the number of rows that count."""
    every = {"ignored-targets-counted/in the denominator", "ignored-targets-counted/as class 0"}
    count = len(kept) if m & {*every, "ignored-targets-counted/as the last class"} else kept.sum().item()
    if "option-ignored/reduction, in the loss" not in m:
        loss = loss / count
    return loss, P if "option-ignored/reduction, in the gradients" in m else P / count


def one_step(m, losses, P):
    """Keep the loss of one step, alone or with its gradient."""
    kept = slice(None)
    if m & {"last-step-only/the loss alone", "last-step-only/both ways"}:
        kept = slice(-1, None)
    if m & {"first-step-only/the loss alone", "first-step-only/both ways"}:
        kept = slice(1)
    if m & {"last-step-only/both ways", "first-step-only/both ways"}:
        alone = np.zeros_like(P)
        alone[kept] = P[kept]
        P = alone
    return losses[kept], P


def rescaled(m, loss, P, T, B):
    """Make the mistakes that are a factor."""
    if m & {"sign/of the loss", "sign/of both"}:
        loss = -loss
    if m & {"sign/of the gradients", "sign/of both"}:
        P = -P
    if "base-2-log/both ways" in m:
        loss, P = loss / np.log(2), P / np.log(2)
    if "mean-over-steps/by T, the loss alone" in m:
        loss = loss / T
    if "mean-over-steps/by T * B, the loss alone" in m:
        loss = loss / (T * B)
    if "mean-over-steps/by T * B" in m:
        loss, P = loss / (T * B), P / (T * B)
    if "mean-over-steps/by T" in m:
        loss, P = loss / T, P / T
    if "averaged-over-steps/every gradient" in m:
        P = P / T
    if "averaged-over-batch/every gradient" in m:
        P = P / B
    return loss, P / P.shape[-1] if "dlogits-averaged" in m else P


def output_back(m, dlogits, H, h0, W_hy, b_y):
    """Return the gradients of the states, W_hy and b_y."""
    T, V = len(H), len(b_y)
    source = np.concatenate([h0[None], H[:-1]]) if "dW_hy-from-h_prev" in m else H
    rows, states = dlogits.reshape(-1, V), source.reshape(-1, H.shape[-1])
    last = len(rows) - len(rows) // T if "assigned-not-accumulated/W_hy" in m else 0
    dW = rows[last:].T @ states[last:]
    db = (dlogits[:1] if "db-first-step-only/b_y" in m else dlogits).reshape(-1, V).sum(axis=0)
    dH = dlogits @ (W_hy.T if "W_hy-transposed/on the way back" in m else W_hy)
    return dH, dW.T if "dW_hy-transposed" in m else dW, db + db if "db-twice/b_y" in m else db


def whole(m, run, back_through_time, told):
    """Return rnn_bptt made of a forward and a backward; ``told`` makes the gradients what the style returns."""

    def rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, *, reduction="sum", ignore_index=-100):
        turned = "W_hh-transposed/both ways" in m
        if "batch-time-swapped/both ways" in m and h0.ndim == 2:
            X_seq = X_seq.swapaxes(0, 1)
        if "batch-rows-mixed/inputs, both ways" in m and h0.ndim == 2:
            X_seq = X_seq.reshape(len(h0), len(X_seq), -1).swapaxes(0, 1)
        U = W_hh.T.copy() if turned else W_hh
        H = np.asarray(run(X_seq, h0, W_xh, U, b_h))
        if "h0-ignored/both ways" in m:
            h0 = np.zeros_like(h0)
            H = np.asarray(run(X_seq, h0, W_xh, U, b_h))
        logits = logits_of(m, H, h0, W_hy, b_y)
        loss, dlogits = loss_and_gradient(m, logits, targets_seq, reduction, ignore_index)
        dH, dW_hy, db_y = output_back(m, dlogits, H, h0, W_hy, b_y)
        found = back_through_time(dH, H, X_seq, h0, W_xh, U, b_h)
        grads = [found[name] for name in GRADIENTS[:5]] if isinstance(found, dict) else list(found)
        if turned:
            grads[3] = grads[3].T
        return loss, told(*grads, dW_hy, db_y), H[-1]

    return rnn_bptt


def ahead(m):
    """Return the mistakes on the way forward: another activation is one there, with its slope or without."""
    return m | {name.partition("/")[0] for name in m & WITH_SLOPE}


def as_dict(*grads):
    return dict(zip(GRADIENTS, grads))


def as_tuple(*grads):
    return grads


@style("rnn_bptt", "vectorised", without=WITHOUT)
def vectorised(m):
    return whole(m, forward.vectorised(ahead(m)), back.adds(m), as_tuple)


@style("rnn_bptt", "one sequence, np.outer", without=[*WITHOUT, *OF_A_BATCH])
def outer(m):
    return whole(m, forward.columns(ahead(m)), back.outer_products(m), as_dict)


@style("rnn_bptt", "products after the loop", without=WITHOUT)
def hoisted(m):
    return whole(m, forward.filled(ahead(m)), back.hoisted(m), Gradients)


@style("rnn_bptt", "recursion", without=WITHOUT)
def recursion(m):
    return whole(m, forward.recursion(ahead(m)), back.recursion(m), as_dict)


@style("rnn_bptt", "classes with state", without=WITHOUT)
def stateful(m):
    return whole(m, forward.stateful(ahead(m)), back.stateful(m), Gradients)
