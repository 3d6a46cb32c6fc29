"""An LSTM layer with all gates in one product (i f g o), which keeps a tape for its way back."""
import numpy as np


def sig(v):
    return 1 / (1 + np.exp(-v))


def run(inputs, h, c, Wx, Wh, b):
    hidden, hs, cs, tape = h.shape[-1], [], [], []
    for x in inputs:
        a = x @ Wx.T + h @ Wh.T + b
        i = sig(a[..., :hidden])
        f = sig(a[..., hidden:2 * hidden])
        g = np.tanh(a[..., 2 * hidden:3 * hidden])
        o = sig(a[..., 3 * hidden:])
        c_new = f * c + i * g
        h_new = o * np.tanh(c_new)
        tape.append((x, h, c, i, f, o, g, c_new))
        h, c = h_new, c_new
        hs.append(h)
        cs.append(c)
    return np.array(hs), np.array(cs), tape


def lstm_cell_step(x_t, h_prev, c_prev, W_xh, W_hh, b_h):
    hs, cs, _ = run([x_t], h_prev, c_prev, W_xh, W_hh, b_h)
    return hs[0], cs[0]


def lstm_forward(X_seq, h0, c0, W_xh, W_hh, b_h):
    return run(X_seq, h0, c0, W_xh, W_hh, b_h)[:2]


def lstm_backward(dh_states, dc_states, h_states, c_states, X_seq, h0, c0, W_xh, W_hh, b_h):
    single = h0.ndim == 1
    X = X_seq[:, None] if single else X_seq
    tape = run(X, np.atleast_2d(h0), np.atleast_2d(c0), W_xh, W_hh, b_h)[2]
    dWx, dWh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dX = np.zeros_like(X)
    dh_next, dc_next = np.zeros_like(np.atleast_2d(h0)), np.zeros_like(np.atleast_2d(c0))
    for t in range(len(X) - 1, -1, -1):
        x, h, c, i, f, o, g, c_new = tape[t]
        dh = np.atleast_2d(dh_states[t]) + dh_next
        tc = np.tanh(c_new)
        dc = dc_next + np.atleast_2d(dc_states[t]) + dh * o * (1 - tc * tc)
        di = dc * g * i * (1 - i)
        df = dc * c * f * (1 - f)
        do = dh * tc * o * (1 - o)
        dg = dc * i * (1 - g * g)
        da = np.concatenate([di, df, dg, do], axis=-1)
        dX[t] = da @ W_xh
        dWx += da.T @ x
        dWh += da.T @ h
        db += da.sum(axis=0)
        dh_next = da @ W_hh
        dc_next = dc * f
    return dX.reshape(X_seq.shape), dh_next.reshape(h0.shape), dc_next.reshape(c0.shape), dWx, dWh, db
