"""The base that the mistakes in a GRU are edits of: plain and right. What the edits refer to must stay as it is."""

import numpy as np


def gru_cell_step(x_t, h_prev, W_xh, W_hh, b_xh, b_hh, *, reset_after=True):
    """One step."""
    x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
    r_t = 1 / (1 + np.exp(-(x_r + h_r)))
    z_t = 1 / (1 + np.exp(-(x_z + h_z)))
    if not reset_after:
        h_n = (r_t * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
    n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))
    h_t = (1 - z_t) * n_t + z_t * h_prev
    return h_t


def gru_forward(X_seq, h0, W_xh, W_hh, b_xh, b_hh, *, reset_after=True):
    """All steps."""
    h_prev = h0
    h_states = []
    for t, x_t in enumerate(X_seq):
        x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
        h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
        r_t = 1 / (1 + np.exp(-(x_r + h_r)))
        z_t = 1 / (1 + np.exp(-(x_z + h_z)))
        if not reset_after:
            h_n = (r_t * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
        n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))
        h_t = (1 - z_t) * n_t + z_t * h_prev
        h_states.append(h_t)
        h_prev = h_t
    return h_states
