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


def gru_cell_backward(dh_t, x_t, h_prev, W_xh, W_hh, b_xh, b_hh, *, reset_after=True):
    """One step back."""
    single = h_prev.ndim == 1
    if single:
        dh_t, x_t, h_prev = dh_t[None], x_t[None], h_prev[None]
    x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
    h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
    r_t = 1 / (1 + np.exp(-(x_r + h_r)))
    z_t = 1 / (1 + np.exp(-(x_z + h_z)))
    if not reset_after:
        h_n = (r_t * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
    n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))
    dn_t = dh_t * (1 - z_t)
    dz_t = dh_t * (h_prev - n_t)
    da_n = dn_t * (1 - n_t**2)
    da_z = dz_t * z_t * (1 - z_t)
    W_hr, W_hz, W_hn = np.split(W_hh, 3)
    if reset_after:
        dr_t = da_n * h_n
        da_hn = da_n * r_t
        seen = h_prev
        dh_through = da_hn @ W_hn
    else:
        dr_t = (da_n @ W_hn) * h_prev
        da_hn = da_n
        seen = r_t * h_prev
        dh_through = (da_n @ W_hn) * r_t
    da_r = dr_t * r_t * (1 - r_t)
    da_x = np.concatenate([da_r, da_z, da_n], -1)
    da_h = np.concatenate([da_r, da_z, da_hn], -1)
    dW_xh = da_x.T @ x_t
    dW_hh = np.concatenate([da_r.T @ h_prev, da_z.T @ h_prev, da_hn.T @ seen])
    db_xh = da_x.sum(0)
    db_hh = da_h.sum(0)
    dx_t = da_x @ W_xh
    dh_prev = dh_t * z_t + da_r @ W_hr + da_z @ W_hz + dh_through
    if single:
        dx_t, dh_prev = dx_t[0], dh_prev[0]
    return dx_t, dh_prev, dW_xh, dW_hh, db_xh, db_hh


def gru_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_xh, b_hh, *, reset_after=True):
    """Back through time."""
    single = h0.ndim == 1
    if single:
        dh_states, h_states, X_seq, h0 = (
            np.asarray(dh_states)[:, None],
            np.asarray(h_states)[:, None],
            X_seq[:, None],
            h0[None],
        )
    T, B, _ = X_seq.shape
    dX, dW_xh, dW_hh = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh)
    db_xh, db_hh = np.zeros_like(b_xh), np.zeros_like(b_hh)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        x_t = X_seq[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        dh_t = dh_states[t] + dh_next
        x_r, x_z, x_n = np.split(x_t @ W_xh.T + b_xh, 3, -1)
        h_r, h_z, h_n = np.split(h_prev @ W_hh.T + b_hh, 3, -1)
        r_t = 1 / (1 + np.exp(-(x_r + h_r)))
        z_t = 1 / (1 + np.exp(-(x_z + h_z)))
        if not reset_after:
            h_n = (r_t * h_prev) @ np.split(W_hh, 3)[2].T + np.split(b_hh, 3)[2]
        n_t = np.tanh(x_n + (r_t * h_n if reset_after else h_n))
        dn_t = dh_t * (1 - z_t)
        dz_t = dh_t * (h_prev - n_t)
        da_n = dn_t * (1 - n_t**2)
        da_z = dz_t * z_t * (1 - z_t)
        W_hr, W_hz, W_hn = np.split(W_hh, 3)
        if reset_after:
            dr_t = da_n * h_n
            da_hn = da_n * r_t
            seen = h_prev
            dh_through = da_hn @ W_hn
        else:
            dr_t = (da_n @ W_hn) * h_prev
            da_hn = da_n
            seen = r_t * h_prev
            dh_through = (da_n @ W_hn) * r_t
        da_r = dr_t * r_t * (1 - r_t)
        da_x = np.concatenate([da_r, da_z, da_n], -1)
        da_h = np.concatenate([da_r, da_z, da_hn], -1)
        dW_xh += da_x.T @ x_t
        dW_hh += np.concatenate([da_r.T @ h_prev, da_z.T @ h_prev, da_hn.T @ seen])
        db_xh += da_x.sum(0)
        db_hh += da_h.sum(0)
        dX[t] = da_x @ W_xh
        dh_next = dh_t * z_t + da_r @ W_hr + da_z @ W_hz + dh_through
    dh0 = dh_next
    if single:
        dX, dh0 = dX[:, 0], dh0[0]
    return dX, dh0, dW_xh, dW_hh, db_xh, db_hh
