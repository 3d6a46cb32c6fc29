"""A GRU whose rows are examples, einsum throughout: reset, update, candidate, and two biases."""
import numpy as np


def logistic(v):
    return 1 / (1 + np.exp(-v))


def sums(x, h, W, U, bw, bu):
    H = h.shape[-1]
    ax = np.einsum("...d,kd->...k", x, W) + bw
    ah = np.einsum("...h,kh->...k", h, U) + bu
    return [ax[..., k * H:(k + 1) * H] for k in range(3)], [ah[..., k * H:(k + 1) * H] for k in range(3)]


def step(x, h, W, U, bw, bu):
    (xr, xz, xn), (hr, hz, hn) = sums(x, h, W, U, bw, bu)
    r = logistic(xr + hr)
    z = logistic(xz + hz)
    n = np.tanh(xn + r * hn)
    return (1 - z) * n + z * h


def gru_cell_step(x_t, h_prev, W_xh, W_hh, b_xh, b_hh):
    return step(x_t, h_prev, W_xh, W_hh, b_xh, b_hh)


def gru_forward(X_seq, h0, W_xh, W_hh, b_xh, b_hh):
    out, h = [], h0
    for x in X_seq:
        h = step(x, h, W_xh, W_hh, b_xh, b_hh)
        out.append(h)
    return out


def gru_cell_backward(dh_t, x_t, h_prev, W_xh, W_hh, b_xh, b_hh):
    x, h, g = (np.atleast_2d(one) for one in (x_t, h_prev, dh_t))
    (xr, xz, xn), (hr, hz, hn) = sums(x, h, W_xh, W_hh, b_xh, b_hh)
    r, z = logistic(xr + hr), logistic(xz + hz)
    n = np.tanh(xn + r * hn)
    dz = g * (h - n) * z * (1 - z)
    dn = g * (1 - z) * (1 - n ** 2)
    dr = dn * hn * r * (1 - r)
    dax = np.concatenate([dr, dz, dn], axis=1)
    dah = np.concatenate([dr, dz, dn * r], axis=1)
    dx = np.einsum("bk,kd->bd", dax, W_xh)
    dh = np.einsum("bk,kh->bh", dah, W_hh) + g * z
    dW = np.einsum("bk,bd->kd", dax, x)
    dU = np.einsum("bk,bh->kh", dah, h)
    return dx.reshape(x_t.shape), dh.reshape(h_prev.shape), dW, dU, dax.sum(0), dah.sum(0)
