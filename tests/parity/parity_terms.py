"""Σ|terms|: the sum of magnitudes behind each entry of an answer, the measure of what rounding may do to it.

An entry can be small because its terms cancel; rounding errors are relative to the terms, not to what is left of
them. A gradient is linear in what comes from above, so its Σ|terms| is the chain rule with every factor replaced by
its absolute value.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnn_ref import cell, output, sequence
from rnn_ref._shapes import Array, rows
from rnn_ref.conformance.spec.losses.allowance import cross_entropy_backward_terms, cross_entropy_terms

__all__ = [
    "backward_terms",
    "cell_backward_terms",
    "cross_entropy_backward_terms",
    "cross_entropy_terms",
    "logit_terms",
    "output_backward_terms",
    "state_terms",
]


def state_terms(X_seq: Array, h0: Array, h_states: Sequence[Array], W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """Return Σ|terms| of the argument of tanh at every step (T, …, H), which bounds that of the state."""
    H_prev = np.stack([h0, *h_states[:-1]])
    terms: Array = abs(X_seq) @ abs(W_xh).T + abs(H_prev) @ abs(W_hh).T + abs(b_h)
    return terms


def logit_terms(h_states: Any, W_hy: Array, b_y: Array) -> Array:
    """Return Σ|terms| of every logit."""
    return output.rnn_output_layer(abs(np.asarray(h_states)), abs(W_hy), abs(b_y))


def cell_backward_terms(
    dh_t: Array, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> cell.CellGradients:
    """Return Σ|terms| of every gradient of one step: of a sequence of length one."""
    one = backward_terms(dh_t[None], h_t[None], x_t[None], h_prev, W_xh, W_hh, b_h)
    return cell.CellGradients(one.X_seq[0], one.h0, one.W_xh, one.W_hh, one.b_h)


def backward_terms(
    dh_states: Any, h_states: Any, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array
) -> sequence.SequenceGradients:
    """Return Σ|terms| of every gradient of backpropagation through time.

    The slope 1 − h² is itself a difference: where a unit is saturated, its rounding is relative to 1 + h², whatever
    is left. That is counted at the step where it arises and carried on by the slopes of the steps before. A library
    that computes the states anew brings their Σ|terms| along.
    """
    H_states, W = np.asarray(h_states), abs(W_hh)
    slopes, squares = (1 - H_states) * (1 + H_states), 1 + H_states**2
    terms = np.empty_like(H_states)  # (T, …, H): of dz
    dz_next, terms_next = np.zeros_like(h0), np.zeros_like(h0)
    for t in reversed(range(len(terms))):
        upstream = abs(dh_states[t]) + dz_next @ W
        terms_next = terms[t] = squares[t] * upstream + slopes[t] * (terms_next @ W)
        dz_next = slopes[t] * upstream
    H_prev = np.concatenate([abs(h0)[None], state_terms(X_seq, h0, h_states, W_xh, W_hh, b_h)[:-1]])
    return sequence.SequenceGradients(
        X_seq=terms @ abs(W_xh),
        h0=terms[0] @ W,
        W_xh=rows(terms).T @ abs(rows(X_seq)),
        W_hh=rows(terms).T @ rows(H_prev),
        b_h=rows(terms).sum(0),
    )


def output_backward_terms(dlogits_seq: Array, h_states: Any, W_hy: Array, b_y: Array) -> output.OutputGradients:
    """Return Σ|terms| of every gradient of the output layer."""
    return output.rnn_output_backward(abs(dlogits_seq), abs(np.asarray(h_states)), abs(W_hy), abs(b_y))
