"""How far a right answer may be from the truth, entry by entry. Nothing here was fitted; this is the derivation.

Let u be the unit roundoff (2⁻²⁴ for float32, 2⁻⁵³ for float64), and let every operation be right to u.

*A sum of n products* is off by at most about n·u·S, S = Σ|terms|, and that only if all roundings conspire. As
independent errors of mean zero they stay below λ√n·u·S, except with probability 2n·exp(−λ²/2) (Higham and Mary, 2019,
"A new approach to probabilistic rounding error analysis"). With λ = 8 that is 3e-14·n: never in a million checks of
a million entries. So γ(n) = min(n, λ√n), and the allowed error is γ(n)·u·S. S is built from |W||x|, not |Wx|: where
terms cancel, an honest error is relative to the terms.

*A function* of the library may be off by a few ulp; an ulp is up to 2u of the value. The budgets (float32 and float64
alike) hold for every library known: tanh 6 (JAX takes 4.7 in float32), exp 4, log 5.

*A state* is judged by one exact step from the candidate's own h_{t−1} (``steps.py``). The argument of tanh is a sum of
D + H + 1 terms (one more where the bias comes in two halves, one more for the rounding of h_{t−1} when it was stored);
its error δ reaches h through the slope, at most 1 − h² + 2δ; then comes the budget of tanh. A tanh made of exp, as
2/(1 + exp(−2z)) − 1 (onnxruntime's RNN has one), is right absolutely, not relatively: exp is off by its budget, which
arrives multiplied by (1 − h²)/2; the sum and the quotient, at most 1 + |h|, by u each.

*A gradient* through time is a chain of such sums, and has a room of its own (``tolerance_chain.py``).

*The cross-entropy* is followed by hand: with d_j = z_j − max, s = Σ exp(d_j) and p_j = exp(d_j)/s, rounding d_j and exp
put a relative error of u(|d_j| + 8) on each term; s has their weighted mean and γ(V)u; log adds 10u of its value; the
differences each u of their terms. Libraries that add the maximum to log s again, or never subtract it, round at |z_j|.

Numbers below the smallest normal one may be flushed to zero.
"""

import weakref
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..._shapes import Array, rows
from ..numbers import magnitudes
from ..operation import Check
from .tolerance_chain import chained_allowances, last_state_allowance
from .tolerance_loss import loss_allowance, loss_gradient_allowance

LAMBDA = 8.0
TANH, EXP, LOG = 6, 4, 5  # ulp
Allowed = dict[str, Any]
_KNOWN: weakref.WeakKeyDictionary[Check, Allowed] = weakref.WeakKeyDictionary()


def unit(dtype: str) -> float:
    """Return the unit roundoff u.

    >>> unit("float64") == 2.0**-53
    True
    """
    return float(np.finfo(dtype).eps) / 2


def gamma(n: float) -> float:
    """Return what n roundings add up to, in units of u Σ|terms|.

    >>> gamma(4), gamma(256)
    (4, 128.0)
    """
    return min(n, LAMBDA * float(np.sqrt(n)))


def allowed_errors(check: Check) -> Allowed:
    """Return what ``_derived`` does, once for every check: many targets may be asked the same."""
    if check not in _KNOWN:
        _KNOWN[check] = _derived(check)
    return _KNOWN[check]


def _derived(check: Check) -> Allowed:
    """Return the allowed error of every entry of every output; of rnn_forward, that of a last state alone."""
    arguments = {name: _wide(value) for name, value in check.arguments.items()}
    options = {name: _wide(value) for name, value in check.options.items()}
    if check.function == "rnn_cell_step":
        return {"h_t": _cell_step(check.dtype, check.expected["h_t"], *arguments.values())}
    if check.function == "rnn_forward":
        return {"h_T": last_state_allowance(check, arguments, state_allowance)}
    u, flushed = unit(check.dtype), float(np.finfo(check.dtype).tiny)
    if check.function in {"rnn_backward", "rnn_bptt"}:
        allowances = chained_allowances(check, arguments, u, state_allowance)
    else:
        allowances = SUMS[check.function](*arguments.values(), **options)
    return {name: u * np.asarray(allowance) + flushed for name, allowance in allowances.items()}


def largest_entry(array: Array) -> float:
    """Return the largest finite absolute value, 0 if there is none."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def state_allowance(h_t: Array, terms: Array, n: int, dtype: str) -> Array:
    """Return the allowed error of a state, given Σ|terms| of the argument of tanh and their number."""
    u = unit(dtype)
    delta = gamma(n + 2) * u * terms
    slope, size = (1 - h_t) * (1 + h_t), np.abs(h_t)
    tanh = u * np.maximum(2 * TANH * size, EXP * slope + 2 * (1 + size))
    allowed: Array = (slope + 2 * delta) * delta + tanh + np.finfo(dtype).tiny
    return allowed


def _cell_step(dtype: str, h_t: Array, x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    terms = magnitudes.state_terms(x_t[None], h_prev, [h_t], W_xh, W_hh, b_h)[0]
    return state_allowance(h_t, terms, W_xh.shape[1] + len(b_h) + 1, dtype)


def _cell_backward(dh_t: Array, h_t: Array, x_t: Array, *rest: Array) -> Allowed:
    """One sum behind every gradient, of terms that have four roundings each; dz = dh·1 − dh·h²."""
    terms = magnitudes.cell_backward_terms(dh_t, h_t, x_t, *rest)._asdict()
    H, batch = dh_t.shape[-1], len(rows(dh_t))
    lengths = {"x_t": H, "h_prev": H}
    return {name: gamma(lengths.get(name, batch) + 4) * value for name, value in terms.items()}


def _output_layer(h_states: Array, W_hy: Array, b_y: Array) -> Allowed:
    return {"logits": gamma(W_hy.shape[1] + 1) * magnitudes.logit_terms(h_states, W_hy, b_y)}


def _output_backward(dlogits_seq: Array, h_states: Array, W_hy: Array, b_y: Array) -> Allowed:
    terms = magnitudes.output_backward_terms(dlogits_seq, h_states, W_hy, b_y)._asdict()
    lengths = {"h_states": len(W_hy)}
    return {name: gamma(lengths.get(name, len(rows(dlogits_seq)))) * value for name, value in terms.items()}


def _cross_entropy(logits: Array, targets: Any, **options: Any) -> Allowed:
    return {"loss": loss_allowance(logits, targets, gamma, 2 * EXP, 2 * LOG, options)}


def _cross_entropy_backward(dloss: Any, logits: Array, targets: Any, **options: Any) -> Allowed:
    return {"dlogits": loss_gradient_allowance(dloss, logits, targets, gamma, 2 * EXP, 2 * LOG, options)}


def _sequence_loss(logits_seq: Array, targets_seq: Array, loss_fn: str) -> Allowed:
    if loss_fn == "total_cross_entropy":
        return _cross_entropy(logits_seq, targets_seq, reduction="sum")
    z, count = np.abs(rows(logits_seq)), logits_seq.size
    return {"loss": gamma(count + 3) * (1 + 2 * z.max(-1)).sum()}


def _sequence_loss_backward(dloss: Any, logits_seq: Array, targets_seq: Array, loss_backward: str) -> Allowed:
    if loss_backward == "total_cross_entropy_backward":
        gradient = _cross_entropy_backward(dloss, logits_seq, targets_seq, reduction="sum")["dlogits"]
        return {"dlogits_seq": gradient}
    return {"dlogits_seq": np.full(logits_seq.shape, 4 * abs(dloss))}


SUMS: Mapping[str, Callable[..., Allowed]] = {
    "rnn_cell_backward": _cell_backward,
    "rnn_output_layer": _output_layer,
    "rnn_output_backward": _output_backward,
    "cross_entropy": _cross_entropy,
    "cross_entropy_backward": _cross_entropy_backward,
    "rnn_sequence_loss": _sequence_loss,
    "rnn_sequence_loss_backward": _sequence_loss_backward,
}


def _cast(value: Any, dtype: str) -> Any:
    return value.astype(dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def _wide(value: Any) -> Any:
    return _cast(value, "float64")
