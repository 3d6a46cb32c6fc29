"""How far the states of a right rnn_forward may be from the truth, where they are simply compared with it.

``rnn-ref check`` judges every state by one exact step from the candidate's own state before it, which needs arithmetic
of twice the precision. Those who compare with the true states instead need to know what errors of earlier steps may
have become. Let e be the error that is allowed at the step before, z the argument of tanh and W = W_hh. Then z is off
by |W| e, more than a step of its own explains, so h is off by at most

    slope · |W| e  +  what one step may be off (``tolerance.state_allowance``, its terms grown by |W| e)

where the slope is at most 1 − h² + |W| e between the two arguments (|tanh″| < 1). This is a bound for any
implementation whose every step is right; it holds however the errors conspire, and therefore grows with the number
of steps faster than real errors do. It is finite and small for the weights of the suite, which contract, and says
nothing where they do not.
"""

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..spec.tolerance import state_allowance


def chained_allowance(check: Check) -> Array:
    """Return the allowed error of every true state of an rnn_forward check (T, …, H)."""
    X_seq, h0, W_xh, W_hh, b_h = (value.astype(np.float64) for value in check.arguments.values())
    W, n = abs(W_hh), X_seq.shape[-1] + len(b_h) + 1
    h_prev, e = h0, np.zeros_like(h0)
    allowed = np.empty_like(check.expected[check.operation.states])
    for t, h_t in enumerate(check.expected[check.operation.states]):
        from_before = e @ W.T
        terms = abs(X_seq[t]) @ abs(W_xh).T + abs(h_prev) @ W.T + abs(b_h) + from_before
        slope = np.minimum(1, (1 - h_t) * (1 + h_t) + from_before)
        one_step = state_allowance(h_t, terms, n, check.dtype)
        e = allowed[t] = slope * from_before + one_step
        h_prev = h_t
    return allowed
