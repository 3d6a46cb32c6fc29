"""The base that the catalogue's mistakes are edits of: every function once, plain and right.

It is read as text as well as run, so what the edits refer to must stay as it is. Nothing here calls a neighbour: a
mistake in one function stays in that function.
"""

import numpy as np


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    """One step."""
    z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h
    return np.tanh(z_t)


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    """All steps."""
    h_t = h0
    h_states = []
    for t, x_t in enumerate(X_seq):
        z_t = x_t @ W_xh.T + h_t @ W_hh.T + b_h
        h_t = np.tanh(z_t)
        h_states.append(h_t)
    return h_states


def rnn_output_layer(h_states, W_hy, b_y):
    """Logits."""
    h_states = np.asarray(h_states)
    return h_states @ W_hy.T + b_y


def cross_entropy(logits, targets):
    """The mean over all rows."""
    z = logits.reshape(-1, logits.shape[-1])
    y = np.ravel(targets)
    rows = np.arange(len(z))
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -log_p[rows, y].mean()


def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    """The sum over time."""
    losses = [loss_fn(z_t, y_t) for z_t, y_t in zip(logits_seq, targets_seq)]
    return sum(losses)


def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
    """Back through time."""
    single = h0.ndim == 1
    if single:
        dh_states, h_states, X_seq, h0 = dh_states[:, None], h_states[:, None], X_seq[:, None], h0[None]
    dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dh_next = np.zeros_like(h0)
    T, B, _ = X_seq.shape
    for t in reversed(range(T)):
        h_t = h_states[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        dh_t = dh_states[t] + dh_next
        dz_t = dh_t * (1 - h_t**2)
        dW_xh += dz_t.T @ X_seq[t]
        dW_hh += dz_t.T @ h_prev
        db_h += dz_t.sum(0)
        dX[t] = dz_t @ W_xh
        dh_next = dz_t @ W_hh
    dh0 = dh_next
    if single:
        dX, dh0 = dX[:, 0], dh0[0]
    return dX, dh0, dW_xh, dW_hh, db_h


def cross_entropy_backward(dloss, logits, targets):
    """Softmax minus one-hot, over the number of rows."""
    z = logits.reshape(-1, logits.shape[-1])
    y = np.ravel(targets)
    p = np.exp(z - z.max(1, keepdims=True))
    p = p / p.sum(1, keepdims=True)
    p[np.arange(len(z)), y] -= 1
    dz = dloss * p / len(z)
    return dz.reshape(logits.shape).astype(logits.dtype)
