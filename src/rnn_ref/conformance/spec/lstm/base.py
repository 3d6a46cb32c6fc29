"""The base that the mistakes in an LSTM are edits of: plain and right. What the edits refer to must stay as it is."""

import numpy as np


def lstm_cell_step(x_t, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step."""
    a_i, a_f, a_g, a_o = np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)
    i_t = 1 / (1 + np.exp(-a_i))
    f_t = 1 / (1 + np.exp(-a_f))
    g_t = np.tanh(a_g)
    o_t = 1 / (1 + np.exp(-a_o))
    c_t = f_t * c_prev + i_t * g_t
    h_t = o_t * np.tanh(c_t)
    return h_t, c_t


def lstm_forward(X_seq, h0, c0, W_xh, W_hh, b_h):
    """All steps."""
    h_prev, c_prev = h0, c0
    h_states, c_states = [], []
    for t, x_t in enumerate(X_seq):
        a_i, a_f, a_g, a_o = np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)
        i_t = 1 / (1 + np.exp(-a_i))
        f_t = 1 / (1 + np.exp(-a_f))
        g_t = np.tanh(a_g)
        o_t = 1 / (1 + np.exp(-a_o))
        c_t = f_t * c_prev + i_t * g_t
        h_t = o_t * np.tanh(c_t)
        h_states.append(h_t)
        c_states.append(c_t)
        h_prev, c_prev = h_t, c_t
    return h_states, c_states


def lstm_cell_backward(dh_t, dc_t, x_t, h_prev, c_prev, W_xh, W_hh, b_h):
    """One step back."""
    single = h_prev.ndim == 1
    if single:
        dh_t, dc_t, x_t, h_prev, c_prev = dh_t[None], dc_t[None], x_t[None], h_prev[None], c_prev[None]
    a_i, a_f, a_g, a_o = np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)
    i_t = 1 / (1 + np.exp(-a_i))
    f_t = 1 / (1 + np.exp(-a_f))
    g_t = np.tanh(a_g)
    o_t = 1 / (1 + np.exp(-a_o))
    c_t = f_t * c_prev + i_t * g_t
    dc = dc_t + dh_t * o_t * (1 - np.tanh(c_t) ** 2)
    do = dh_t * np.tanh(c_t)
    di, df, dg = dc * g_t, dc * c_prev, dc * i_t
    da_i, da_f, da_o = di * i_t * (1 - i_t), df * f_t * (1 - f_t), do * o_t * (1 - o_t)
    da_g = dg * (1 - g_t**2)
    da = np.concatenate([da_i, da_f, da_g, da_o], -1)
    dW_xh = da.T @ x_t
    dW_hh = da.T @ h_prev
    db_h = da.sum(0)
    dx_t = da @ W_xh
    dh_prev = da @ W_hh
    dc_prev = dc * f_t
    if single:
        dx_t, dh_prev, dc_prev = dx_t[0], dh_prev[0], dc_prev[0]
    return dx_t, dh_prev, dc_prev, dW_xh, dW_hh, db_h


def lstm_backward(dh_states, dc_states, h_states, c_states, X_seq, h0, c0, W_xh, W_hh, b_h):
    """Back through time."""
    single = h0.ndim == 1
    if single:
        dh_states, dc_states, h_states, c_states = (
            np.asarray(one)[:, None] for one in (dh_states, dc_states, h_states, c_states)
        )
        X_seq, h0, c0 = X_seq[:, None], h0[None], c0[None]
    T, B, _ = X_seq.shape
    dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dh_next, dc_next = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(T)):
        x_t = X_seq[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        c_prev = c_states[t - 1] if t > 0 else c0
        dh_t = dh_states[t] + dh_next
        dc_t = dc_states[t] + dc_next
        a_i, a_f, a_g, a_o = np.split(x_t @ W_xh.T + h_prev @ W_hh.T + b_h, 4, -1)
        i_t = 1 / (1 + np.exp(-a_i))
        f_t = 1 / (1 + np.exp(-a_f))
        g_t = np.tanh(a_g)
        o_t = 1 / (1 + np.exp(-a_o))
        c_t = f_t * c_prev + i_t * g_t
        dc = dc_t + dh_t * o_t * (1 - np.tanh(c_t) ** 2)
        do = dh_t * np.tanh(c_t)
        di, df, dg = dc * g_t, dc * c_prev, dc * i_t
        da_i, da_f, da_o = di * i_t * (1 - i_t), df * f_t * (1 - f_t), do * o_t * (1 - o_t)
        da_g = dg * (1 - g_t**2)
        da = np.concatenate([da_i, da_f, da_g, da_o], -1)
        dW_xh += da.T @ x_t
        dW_hh += da.T @ h_prev
        db_h += da.sum(0)
        dX[t] = da @ W_xh
        dh_next = da @ W_hh
        dc_next = dc * f_t
    dh0, dc0 = dh_next, dc_next
    if single:
        dX, dh0, dc0 = dX[:, 0], dh0[0], dc0[0]
    return dX, dh0, dc0, dW_xh, dW_hh, db_h
