"""A kernel of few bits, in place of yours: products of bfloat16, sums of float32, as matrix units compute."""

import numpy as np


def to_bfloat16(a):
    """Round to the nearest bfloat16."""
    return ((np.ascontiguousarray(a, np.float32).view(np.uint32) + 0x8000) & 0xFFFF0000).view(np.float32)


def rnn_kernel(X_seq, h0, W_xh, W_hh, b_h):
    """Run the network over X_seq (T, B, D); returns the states (T, B, H)."""
    h_t, h_states = h0, []
    for x_t in X_seq:
        products = to_bfloat16(x_t) @ to_bfloat16(W_xh).T + to_bfloat16(h_t) @ to_bfloat16(W_hh).T
        h_t = to_bfloat16(np.tanh(products + b_h))
        h_states.append(h_t)
    return np.stack(h_states)
