"""The recurrent network, plain and right: a step, all steps, the way back, and everything at once."""

import numpy as np


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h, *, activation="tanh"):
    """One step."""
    z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h
    h_t = np.tanh(z_t)
    if activation == "relu":
        h_t = np.maximum(z_t, 0)
    return h_t


def rnn_forward(X_seq, h0, W_xh, W_hh, b_h, *, activation="tanh"):
    """All steps."""
    h_t = h0
    h_states = []
    for t, x_t in enumerate(X_seq):
        z_t = x_t @ W_xh.T + h_t @ W_hh.T + b_h
        h_t = np.tanh(z_t)
        if activation == "relu":
            h_t = np.maximum(z_t, 0)
        h_states.append(h_t)
    return h_states


def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h, *, activation="tanh"):
    """One step back."""
    single = h_t.ndim == 1
    if single:
        dh_t, h_t, x_t, h_prev = dh_t[None], h_t[None], x_t[None], h_prev[None]
    slope = 1 - h_t**2
    if activation == "relu":
        slope = h_t > 0
    dz_t = dh_t * slope
    dW_xh = dz_t.T @ x_t
    dW_hh = dz_t.T @ h_prev
    db_h = dz_t.sum(0)
    dx_t = dz_t @ W_xh
    dh_prev = dz_t @ W_hh
    if single:
        dx_t, dh_prev = dx_t[0], dh_prev[0]
    return dx_t, dh_prev, dW_xh, dW_hh, db_h


def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h, *, activation="tanh"):
    """Back through time."""
    single = h0.ndim == 1
    if single:
        dh_states, h_states, X_seq, h0 = dh_states[:, None], h_states[:, None], X_seq[:, None], h0[None]
    T, B, _ = X_seq.shape
    dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        x_t, h_t = X_seq[t], h_states[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        dh_t = dh_states[t] + dh_next
        slope = 1 - h_t**2
        if activation == "relu":
            slope = h_t > 0
        dz_t = dh_t * slope
        dW_xh += dz_t.T @ x_t
        dW_hh += dz_t.T @ h_prev
        db_h += dz_t.sum(0)
        dX[t] = dz_t @ W_xh
        dh_next = dz_t @ W_hh
    dh0 = dh_next
    if single:
        dX, dh0 = dX[:, 0], dh0[0]
    return dX, dh0, dW_xh, dW_hh, db_h


def rnn_bptt(
    X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, *, reduction="sum", ignore_index=-100, activation="tanh"
):
    """Forward, the loss, and back through time."""
    targets_seq = np.asarray(targets_seq)
    single = h0.ndim == 1
    if single:
        X_seq, targets_seq, h0 = X_seq[:, None], targets_seq[:, None], h0[None]
    T, B, _ = X_seq.shape
    V = len(b_y)
    h_t = h0
    h_states = []
    for t, x_t in enumerate(X_seq):
        z_t = x_t @ W_xh.T + h_t @ W_hh.T + b_h
        h_t = np.tanh(z_t)
        if activation == "relu":
            h_t = np.maximum(z_t, 0)
        h_states.append(h_t)
    h_states = np.array(h_states)
    h_T = h_states[-1]
    logits = h_states @ W_hy.T + b_y

    z = logits.reshape(-1, V)
    y = np.ravel(targets_seq)
    kept = y != ignore_index
    rows, y = np.flatnonzero(kept), y[kept]
    count = len(rows) if reduction == "mean" else 1
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[rows, y].sum() / count

    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    p[rows, y] -= 1
    p[~kept] = 0
    p = p / count
    dlogits_seq = p.reshape(T, B, V)
    dz = dlogits_seq.reshape(-1, V)
    h = h_states.reshape(-1, W_hy.shape[1])
    dh_states = dlogits_seq @ W_hy
    dW_hy = dz.T @ h
    db_y = dz.sum(0)

    dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        x_t, h_t = X_seq[t], h_states[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        dh_t = dh_states[t] + dh_next
        slope = 1 - h_t**2
        if activation == "relu":
            slope = h_t > 0
        dz_t = dh_t * slope
        dW_xh += dz_t.T @ x_t
        dW_hh += dz_t.T @ h_prev
        db_h += dz_t.sum(0)
        dX[t] = dz_t @ W_xh
        dh_next = dz_t @ W_hh
    dh0 = dh_next
    if single:
        dX, dh0, h_T = dX[:, 0], dh0[0], h_T[0]
    return loss, (dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y), h_T
