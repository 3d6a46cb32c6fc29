"""rnn_output_layer in five styles."""

import numpy as np

from .written import style


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def ended(m, logits):
    """Do what some do to logits before they return them."""
    if "softmax-in-output" in m:
        return softmax(logits)
    if "log-softmax-in-output" in m:
        return np.log(softmax(logits))
    if "tanh-in-output" in m:
        return np.tanh(logits)
    return logits[-1] if "last-logits-only" in m else logits


@style("rnn_output_layer", "vectorised")
def vectorised(m):
    def rnn_output_layer(h_states, W_hy, b_y):
        H = np.stack(h_states)
        W = W_hy.T if "W_hy-transposed" in m else W_hy
        if "output-of-previous-state/wraps" in m:
            H = np.roll(H, 1, axis=0)
        logits = H @ W.T
        if "output-bias-missing" not in m:
            logits = logits + b_y
        if "output-bias-twice" in m:
            logits = logits + b_y
        return ended(m, logits)

    return rnn_output_layer


@style("rnn_output_layer", "list over time")
def listed(m):
    def rnn_output_layer(h_states, W_hy, b_y):
        out = []
        h_before = np.zeros_like(h_states[0])
        for h in h_states:
            source = h_before if "output-of-previous-state/0 first" in m else h
            y = source.dot(W_hy) if "W_hy-transposed" in m else source.dot(W_hy.T)
            out.append(y if "output-bias-missing" in m else y + b_y + (b_y if "output-bias-twice" in m else 0))
            h_before = h
        if "last-logits-only" in m:
            return out[-1]
        return np.array([ended(m, row) for row in out])

    return rnn_output_layer


@style("rnn_output_layer", "one sequence, W @ h")
def columns(m):
    def rnn_output_layer(h_states, W_hy, b_y):
        if np.ndim(h_states[0]) != 1:
            raise ValueError("expected one sequence")
        W = W_hy.T if "W_hy-transposed" in m else W_hy
        b = 0 if "output-bias-missing" in m else 2 * b_y if "output-bias-twice" in m else b_y
        rows = [W @ h_states[t - 1 if "output-of-previous-state/wraps" in m else t] + b for t in range(len(h_states))]
        return ended(m, np.array(rows))

    return rnn_output_layer


@style("rnn_output_layer", "einsum, filled in place")
def einsum(m):
    def rnn_output_layer(h_states, W_hy, b_y):
        H = np.asarray(h_states)
        logits = np.empty((*H.shape[:-1], len(b_y)), H.dtype)
        logits[...] = 0 if "output-bias-missing" in m else b_y
        H = np.concatenate([np.zeros_like(H[:1]), H[:-1]]) if "output-of-previous-state/0 first" in m else H
        logits += np.einsum("hv,...h->...v" if "W_hy-transposed" in m else "vh,...h->...v", W_hy, H)
        if "output-bias-twice" in m:
            logits += b_y
        return ended(m, logits)

    return rnn_output_layer
