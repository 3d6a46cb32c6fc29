"""How far a right gradient through time may be from the truth: the derivation continued from ``tolerance.py``.

A gradient through time is a chain of sums, and following worst cases down the chain soon allows anything. So it is
allowed what rounding does to plain arithmetic of the same precision on the same case (``plain.py``), times 8: the
largest ratio r of error to u·Σ|terms| over an array gives each entry 8·r·u·Σ|terms|, and no entry more than 8 times
the largest error in the array. On tiny arrays that ratio may be small by luck (a factor of 1,341 was seen where every
axis is 1), hence a floor of 4u·Σ|terms|. The terms are those of the last sums alone, made of the true dz of the step
after: chained through time, they would allow anything.

A library that differentiates by itself computes the states anew instead of taking those it is given; so the plain
program does it both ways, and the larger error counts. Where steps amplify, the error of the states decides, and that
of one program is a matter of luck (at a gain of 2.75 a lucky run allowed too little for the reference itself). So the
states are computed several more times, each with every term of a sum off by u at random and every state moved by at
most one ulp, which is what the order of summation and tanh leave open in any library (Monte Carlo arithmetic: Parker,
1997); the largest error counts. Three more runs are enough where there are many units. Of three states of one unit
each, three runs left the one rounding that mattered as it was, and PyTorch's answer was refused: hence more runs there.

The loss of rnn_bptt is a single number, and four runs say little of that: where steps amplify (gain 3.8, 25 steps) two
correct programs were off 12 and 17 times as far as the unluckiest of them. But its error can be followed. An error ε_t
made in a state reaches the loss as G_t·ε_t, G_t = dL/dh_t with all that comes after. The allowed error a_t of a state
is λ standard deviations of ε_t, and the errors are independent: together λ standard deviations are √Σ(G_t a_t)².
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ... import output, sequence
from ..._shapes import Array
from ...loss import cross_entropy_backward
from ..numbers import last_terms, plain
from ..numbers.magnitudes import state_terms
from ..operation import Check

PLAIN, FLOOR = 8, 4  # multiples of plain arithmetic's error, and of u Σ|terms|
RUNS = 3  # more of plain arithmetic, rounded at random
STATES = 32  # at every step, of all those runs together: where there are few units, it takes more runs


def chained_allowances(
    check: Check, wide: Mapping[str, Any], u: float, state_allowance: Callable[..., Array]
) -> dict[str, Any]:
    """Return the allowed error of every output of rnn_backward or rnn_bptt, in units of u."""
    narrow = [_cast(value, check.dtype) for value in check.arguments.values()]
    with np.errstate(all="ignore"):
        tries = _tries(check, *narrow)
    behind_all = last_terms.bptt if check.function == "rnn_bptt" else last_terms.backward
    allowances = {}
    for name, behind in behind_all(*wide.values(), **check.options).items():
        errors = np.abs(tries[name].astype(np.float64) - check.expected[name])
        ratios = np.divide(errors, u * behind, out=np.zeros_like(errors), where=behind > 0)
        r, largest = (float(np.nan_to_num(one, nan=0.0).max()) for one in (ratios, errors))
        allowances[name] = np.maximum(PLAIN * np.minimum(r * behind, largest / u), FLOOR * behind)
    if check.function == "rnn_bptt":
        carried = _carried_to_the_loss(*wide.values(), check=check, state_allowance=state_allowance)
        allowances["loss"] = np.maximum(allowances["loss"], carried / u)
    return allowances


def last_state_allowance(check: Check, wide: Mapping[str, Any], state_allowance: Callable[..., Array]) -> Array:
    """Return the allowed error of h_T where the states before it are not returned: a step's, and what came with h_T−1.

    That is taken, as of gradients, from plain arithmetic and its runs rounded at random, relative to the last terms.
    """
    X_seq, h0, W_xh, W_hh, b_h = wide.values()
    h_states = np.stack(sequence.rnn_forward(X_seq, h0, W_xh, W_hh, b_h))
    terms = state_terms(X_seq, h0, list(h_states), W_xh, W_hh, b_h)[-1]
    narrow = [_cast(value, check.dtype) for value in check.arguments.values()]
    last = plain.rnn_forward(*narrow, runs=_runs(h0))[:, -1].astype(np.float64)
    ratio = np.max(np.abs(last - check.expected["h_T"]) / terms)
    step = state_allowance(h_states[-1], terms, W_xh.shape[1] + len(b_h) + 1, check.dtype)
    allowed: Array = step + PLAIN * ratio * terms
    return allowed


def _tries(check: Check, *narrow: Any) -> dict[str, Array]:
    """Return what plain arithmetic answers: from the states given, from its own, and from those rounded at random."""
    if check.function == "rnn_bptt":
        return plain.rnn_bptt(*narrow, **check.options, runs=_runs(check.arguments["h0"]))
    dh_states, h_states, *inputs = narrow
    own = plain.rnn_forward(*inputs, runs=_runs(check.arguments["h0"]))
    return plain.rnn_backward(dh_states, np.concatenate([h_states[None], own]), *inputs)


def _runs(h0: Array) -> int:
    """Return how many runs it takes: of a few units, three lucky ones may all miss the one rounding that matters."""
    return 1 + max(RUNS, STATES // h0.size)


def _carried_to_the_loss(
    X_seq: Array,
    targets_seq: Any,
    h0: Array,
    W_xh: Array,
    W_hh: Array,
    b_h: Array,
    W_hy: Array,
    b_y: Array,
    *,
    check: Check,
    state_allowance: Callable[..., Array],
) -> float:
    """Return what the allowed errors of the states add up to in the loss: √Σ(G_t a_t)²."""
    h_states = np.stack(sequence.rnn_forward(X_seq, h0, W_xh, W_hh, b_h))
    logits = output.rnn_output_layer(h_states, W_hy, b_y)
    dh_states = cross_entropy_backward(1.0, logits, targets_seq, **{"reduction": "sum", **check.options}) @ W_hy
    terms = state_terms(X_seq, h0, list(h_states), W_xh, W_hh, b_h)
    a = state_allowance(h_states, terms, W_xh.shape[1] + len(b_h) + 1, check.dtype)
    dh_next, squares = np.zeros_like(h0), 0.0
    for t in reversed(range(len(h_states))):
        G_t = dh_states[t] + dh_next
        squares += float(((G_t * a[t]) ** 2).sum())
        dh_next = (G_t * (1 - h_states[t]) * (1 + h_states[t])) @ W_hh
    return float(np.sqrt(squares))


def _cast(value: Any, dtype: str) -> Any:
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
