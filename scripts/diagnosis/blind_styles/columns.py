"""Everything as columns: (features, batch)."""
import numpy as np


def col(a):
    return a[:, None] if a.ndim == 1 else a.T


def uncol(a, like):
    return a[:, 0] if like.ndim == 1 else np.ascontiguousarray(a.T)


def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    a = np.dot(W_xh, col(x_t)) + np.dot(W_hh, col(h_prev)) + b_h.reshape(-1, 1)
    return uncol(np.tanh(a), h_prev)


def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
    dh, h, x, hp = col(dh_t), col(h_t), col(x_t), col(h_prev)
    dtanh = (1 - np.square(h)) * dh
    dxt = np.dot(W_xh.T, dtanh)
    dWax = np.dot(dtanh, x.T)
    da_prev = np.dot(W_hh.T, dtanh)
    dWaa = np.dot(dtanh, hp.T)
    dba = np.sum(dtanh, axis=1)
    return uncol(dxt, x_t), uncol(da_prev, h_prev), dWax, dWaa, dba


def rnn_output_layer(h_states, W_hy, b_y):
    return np.array([uncol(np.dot(W_hy, col(h)) + b_y.reshape(-1, 1), h) for h in h_states])


def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
    dW, db = np.zeros_like(W_hy), np.zeros_like(b_y)
    dhs = []
    for dy, h in zip(dlogits_seq, h_states):
        g = col(dy)
        dW += np.dot(g, col(h).T)
        db += np.sum(g, axis=1)
        dhs.append(uncol(np.dot(W_hy.T, g), h))
    return np.array(dhs), dW, db
