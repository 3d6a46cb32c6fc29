"""Σ|terms| of the last sums behind a gradient: not chained through time, as ``magnitudes.py`` has it.

Chained, the magnitudes grow with every step by the row sums of |W_hh|, which exceed 1, and after some 25 steps they
say nothing any more. Made of the true dz of the step after, they stay as large as what is being added up.
"""

from typing import Any

import numpy as np

from ... import output, sequence
from ..._shapes import Array, rows
from ...loss import cross_entropy_backward
from .magnitudes import (
    cross_entropy_backward_terms,
    cross_entropy_terms,
    logit_terms,
    output_backward_terms,
    state_terms,
)


def backward(
    dh_states: Any, h_states: Any, X_seq: Array, h0: Array, W_xh: Array, W_hh: Array, b_h: Array, *, more: Any = 0.0
) -> dict[str, Array]:
    """Return Σ|terms| of the last sums behind every gradient, not chained through time.

    They are made of the true dz of the step after; ``more`` is what dh_states brings along as its own Σ|terms|.
    """
    H_states, W = np.asarray(h_states), abs(W_hh)
    dz_next, terms = np.zeros_like(h0), np.empty_like(H_states)
    for t in reversed(range(len(terms))):
        upstream = np.maximum(abs(dh_states[t]), np.broadcast_to(more, H_states.shape)[t])
        terms[t] = (1 + H_states[t] ** 2) * (upstream + abs(dz_next) @ W)
        dz_next = (dh_states[t] + dz_next @ W_hh) * (1 - H_states[t]) * (1 + H_states[t])
    own = (1 - H_states**2) * state_terms(X_seq, h0, list(H_states), W_xh, W_hh, b_h)
    H_prev, own_prev = np.concatenate([h0[None], H_states[:-1]]), np.concatenate([0 * h0[None], own[:-1]])
    return {
        "X_seq": terms @ abs(W_xh),
        "h0": terms[0] @ W,
        "W_xh": rows(terms).T @ abs(rows(X_seq)),
        "W_hh": _product(terms, H_prev, own_prev),
        "b_h": rows(terms).sum(0),
    }


def bptt(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    **options: Any,
) -> dict[str, Any]:
    """Return the same of everything rnn_bptt returns, with its options."""
    options = {"reduction": "sum"} | options
    h_states = np.stack(sequence.rnn_forward(X_seq, h0, W_xh, W_hh, b_h))
    logits = output.rnn_output_layer(h_states, W_hy, b_y)
    states = state_terms(X_seq, h0, list(h_states), W_xh, W_hh, b_h)
    own = (1 - h_states) * (1 + h_states) * states
    of_logits = logit_terms(h_states, W_hy, b_y) + np.sqrt(own**2 @ W_hy.T**2)
    asked = {"logit_error": rows(of_logits).max(-1)} | options
    dlogits = cross_entropy_backward(1.0, logits, targets_seq, **options)
    logit_gradients = cross_entropy_backward_terms(1.0, logits, targets_seq, **asked)
    of_output = output_backward_terms(logit_gradients, h_states, W_hy, b_y)
    recurrent = backward(dlogits @ W_hy, h_states, X_seq, h0, W_xh, W_hh, b_h, more=of_output.h_states)
    return {
        "loss": cross_entropy_terms(logits, targets_seq, **asked),
        **recurrent,
        "W_hy": _product(logit_gradients, h_states, own),
        "b_y": of_output.b_y,
        "h_T": states[-1],
    }


def _product(terms: Array, h_states: Array, own: Array) -> Array:
    """Return Σ|terms| of a gradient that is a sum of products with states.

    Who computes the states anew brings their own errors along, which near 0 are not relative to them (``own``, their
    Σ|terms|). They are independent of each other, and add up like their squares.
    """
    found: Array = rows(terms).T @ abs(rows(h_states)) + np.sqrt(rows(terms**2).T @ rows(own**2))
    return found
