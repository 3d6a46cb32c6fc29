"""rnn_cell_backward in five styles."""

import numpy as np

from .written import style


def slope(m, h):
    if m & {"no-slope", "no-tanh/and no slope"}:
        return np.ones_like(h)
    if "relu-for-tanh/with its slope" in m:
        return (h > 0).astype(h.dtype)
    if "sigmoid-for-tanh/with its slope" in m:
        return h * (1 - h)
    if "slope-of-tanh-h" in m:
        return 1 - np.tanh(h) ** 2
    if "slope-plus" in m:
        return 1 + h * h
    if "slope-of-preactivation" in m:
        z = np.arctanh(h)
        return 1 - z * z
    return 1 - h * h


def clipped(m, d):
    return np.clip(d, -1, 1) if "gradients-clipped/at 1" in m else d


@style("rnn_cell_backward", "vectorised")
def vectorised(m):
    def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        if "upstream-mutated" in m:
            dh_t *= slope(m, h_t)
            dz = dh_t
        else:
            dz = clipped(m, dh_t) * slope(m, h_t)
        dZ, X, H = (np.atleast_2d(a) for a in (dz, x_t, h_t if "dW_hh-from-h_t" in m else h_prev))
        B = len(dZ)
        if "averaged-over-batch/all" in m:
            dZ, dz = dZ / B, dz / B
        dx = (dh_t if "dX-not-through-tanh" in m else dz) @ (W_xh.T if "dX-untransposed" in m else W_xh)
        dh = (dh_t if "dh-not-through-tanh" in m else dz) @ (W_hh.T if "dh-next-untransposed" in m else W_hh)
        if "dh0-missing" in m:
            dh = 0 * dh
        if "dh0-is-dz0" in m:
            dh = dz
        if "batch-mean-state" in m and dh.ndim == 2:
            dh = np.tile(dh.mean(axis=0), (B, 1))
        dW_xh, dW_hh, db = dZ.T @ X, dZ.T @ H, dZ.sum(axis=0)
        if "dW_xh-transposed" in m:
            dW_xh = dW_xh.T
        if "dW_hh-transposed" in m:
            dW_hh = dW_hh.T
        if "averaged-over-batch/weights" in m:
            dW_xh, dW_hh, db = dW_xh / B, dW_hh / B, db / B
        return dx, dh, dW_xh, dW_hh, 2 * db if "db-twice" in m else db

    return rnn_cell_backward


@style("rnn_cell_backward", "one sequence, np.outer")
def outer(m):
    def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        if dh_t.ndim != 1:
            raise ValueError("one sequence at a time, please")
        s = slope(m, h_t)
        if "upstream-mutated" in m:
            np.multiply(dh_t, s, out=dh_t)
            s = 1
        dz = clipped(m, dh_t) * s
        dh_prev = W_hh.T @ (dh_t if "dh-not-through-tanh" in m else dz)
        if "dh-next-untransposed" in m:
            dh_prev = W_hh @ dz
        if "dh0-missing" in m or "dh0-is-dz0" in m:
            dh_prev = np.zeros_like(dz) if "dh0-missing" in m else dz
        dx_t = (W_xh if "dX-untransposed" in m else W_xh.T) @ (dh_t if "dX-not-through-tanh" in m else dz)
        return {
            "x_t": dx_t,
            "h_prev": dh_prev,
            "W_xh": np.outer(x_t, dz) if "dW_xh-transposed" in m else np.outer(dz, x_t),
            "W_hh": np.outer(h_prev, dz)
            if "dW_hh-transposed" in m
            else np.outer(dz, h_t if "dW_hh-from-h_t" in m else h_prev),
            "b_h": dz + dz if "db-twice" in m else dz,
        }

    return rnn_cell_backward


@style("rnn_cell_backward", "einsum")
def einsum(m):
    def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        single = dh_t.ndim == 1
        dh, h, x, before = (np.array(a, ndmin=2) for a in (dh_t, h_t, x_t, h_prev))
        dz = np.einsum("bi,bi->bi", clipped(m, dh), slope(m, h))
        if "averaged-over-batch/all" in m:
            dz /= len(dz)
        dx = np.einsum(
            "bi,ji->bj" if "dX-untransposed" in m else "bi,ij->bj", dh if "dX-not-through-tanh" in m else dz, W_xh
        )
        dh_prev = np.einsum(
            "bi,ji->bj" if "dh-next-untransposed" in m else "bi,ij->bj", dh if "dh-not-through-tanh" in m else dz, W_hh
        )
        if "batch-mean-state" in m:
            dh_prev[:] = dh_prev.sum(0) / len(dz)
        if "dh0-missing" in m:
            dh_prev[:] = 0
        if "dh0-is-dz0" in m:
            dh_prev = dz
        dW_xh = np.einsum("bi,bj->ji" if "dW_xh-transposed" in m else "bi,bj->ij", dz, x)
        dW_hh = np.einsum(
            "bi,bj->ji" if "dW_hh-transposed" in m else "bi,bj->ij", dz, h if "dW_hh-from-h_t" in m else before
        )
        by = len(dz) if "averaged-over-batch/weights" in m else 1
        db = np.einsum("bi->i", dz) * (2 if "db-twice" in m else 1)
        if "upstream-mutated" in m:
            dh_t[...] = dz.reshape(dh_t.shape)
        return (dx[0] if single else dx), (dh_prev[0] if single else dh_prev), dW_xh / by, dW_hh / by, db / by

    return rnn_cell_backward


@style("rnn_cell_backward", "loop over the batch")
def looped(m):
    def rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        H, D = W_xh.shape
        dW_xh, dW_hh, db = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
        rows = [(dh_t, h_t, x_t, h_prev)] if dh_t.ndim == 1 else list(zip(dh_t, h_t, x_t, h_prev))
        by = len(rows) if "averaged-over-batch/weights" in m else 1
        dX, dH = [], []
        for dh, h, x, before in rows:
            dz = clipped(m, dh) * slope(m, h) / (len(rows) if "averaged-over-batch/all" in m else 1)
            for i in range(H):
                for j in range(D):
                    dW_xh[i, j] += dz[i] * x[j] / by
                for j in range(H):
                    source = h if "dW_hh-from-h_t" in m else before
                    dW_hh[(j, i) if "dW_hh-transposed" in m else (i, j)] += dz[i] * source[j] / by
            db += (dz + dz if "db-twice" in m else dz) / by
            dX.append(W_xh.T.dot(dh if "dX-not-through-tanh" in m else dz))
            dH.append((W_hh if "dh-next-untransposed" in m else W_hh.T).dot(dh if "dh-not-through-tanh" in m else dz))
            if "dh0-missing" in m:
                dH[-1] = 0 * dz
            if "dh0-is-dz0" in m:
                dH[-1] = dz
        if "batch-mean-state" in m:
            dH = [sum(dH) / len(dH)] * len(dH)
        return np.reshape(dX, x_t.shape), np.reshape(dH, dh_t.shape), dW_xh, dW_hh, db

    return rnn_cell_backward
