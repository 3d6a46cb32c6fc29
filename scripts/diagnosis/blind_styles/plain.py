# no numpy in the arithmetic; numbers are python floats
import math

import numpy as np


def dot(a, b):
    return sum(p * q for p, q in zip(a, b))


def matvec(M, v):
    return [dot(row, v) for row in M]


def step(x, h, Wx, Wh, b):
    zx = matvec(Wx, x)
    zh = matvec(Wh, h)
    return [math.tanh(zx[i] + zh[i] + b[i]) for i in range(len(b))]


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    Wx, Wh, b = W_xh.tolist(), W_hh.tolist(), b_h.tolist()
    if x_t.ndim == 1:
        out = step(x_t.tolist(), h_prev.tolist(), Wx, Wh, b)
    else:
        out = [step(x, h, Wx, Wh, b) for x, h in zip(x_t.tolist(), h_prev.tolist())]
    return np.array(out, dtype=x_t.dtype)


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    states = []
    h = h0
    for t in range(len(X_seq)):
        h = rnn_cell_step(X_seq[t], h, W_xh, W_hh, b_h)
        states.append(h)
    return states


def rnn_output_layer(h_states, W_hy, b_y):
    W, b = W_hy.tolist(), b_y.tolist()

    def one(h):
        if isinstance(h[0], list):
            return [one(row) for row in h]
        y = matvec(W, h)
        return [y[i] + b[i] for i in range(len(b))]

    return np.array([one(np.asarray(h).tolist()) for h in h_states], dtype=W_hy.dtype)


def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    total = 0.0
    for t in range(len(logits_seq)):
        total += loss_fn(logits_seq[t], targets_seq[t])
    return np.asarray(total, dtype=logits_seq.dtype)[()]


def rnn_sequence_loss_backward(dloss, logits_seq, targets_seq, loss_backward):
    out = []
    for t in range(len(logits_seq)):
        out.append(loss_backward(dloss, logits_seq[t], targets_seq[t]))
    return np.array(out, dtype=logits_seq.dtype)
