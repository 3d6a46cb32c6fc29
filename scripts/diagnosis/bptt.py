"""rnn_bptt, put together from what was written already: forward, output layer, loss, and back through time."""

from typing import NamedTuple

import numpy as np

from rnn_ref.conformance.spec import OPERATIONS

from . import back, back_more, back_state, forward, forward_more
from .bptt_parts import logits_of, loss_and_gradient, output_back
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
    return whole(m, forward.columns(ahead(m)), back.outer(m), as_dict)


@style("rnn_bptt", "products after the loop", without=WITHOUT)
def hoisted(m):
    return whole(m, forward.filled(ahead(m)), back_more.hoisted(m), Gradients)


@style("rnn_bptt", "recursion", without=WITHOUT)
def recursion(m):
    return whole(m, forward_more.recursion(ahead(m)), back_more.recursion(m), as_dict)


@style("rnn_bptt", "classes with state", without=WITHOUT)
def stateful(m):
    return whole(m, forward_more.stateful(ahead(m)), back_state.stateful(m), Gradients)
