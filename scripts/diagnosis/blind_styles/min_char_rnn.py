"""min-char-rnn, batched by columns: hs, ps, dhnext."""
import numpy as np


def rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, *, reduction="sum", ignore_index=-100):
    single = X_seq.ndim == 2
    if single:
        X_seq, targets_seq, h0 = X_seq[:, None], np.asarray(targets_seq)[:, None], h0[None]
    targets = np.asarray(targets_seq)
    T, B, D = X_seq.shape
    bh, by = b_h[:, None], b_y[:, None]
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(h0.T)
    loss = np.zeros((), X_seq.dtype)
    count = 0
    for t in range(T):
        xs[t] = X_seq[t].T
        hs[t] = np.tanh(np.dot(W_xh, xs[t]) + np.dot(W_hh, hs[t - 1]) + bh)
        ys[t] = np.dot(W_hy, hs[t]) + by
        shifted = ys[t] - ys[t].max(axis=0, keepdims=True)
        logp = shifted - np.log(np.sum(np.exp(shifted), axis=0, keepdims=True))
        ps[t] = np.exp(logp)
        for b in range(B):
            if targets[t, b] != ignore_index:
                loss = loss - logp[targets[t, b], b]
                count += 1
    scale = 1.0
    if reduction == "mean":
        scale = 1.0 / count if count else float("nan")
        loss = loss * np.asarray(scale, X_seq.dtype)
    dWxh, dWhh, dWhy = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(W_hy)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dX = np.zeros_like(X_seq)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(T)):
        dy = np.copy(ps[t])
        for b in range(B):
            if targets[t, b] == ignore_index:
                dy[:, b] = 0
            else:
                dy[targets[t, b], b] -= 1
        dy = (dy * scale).astype(X_seq.dtype)
        dWhy += np.dot(dy, hs[t].T)
        dby += dy.sum(axis=1, keepdims=True)
        dh = np.dot(W_hy.T, dy) + dhnext
        dhraw = (1 - hs[t] * hs[t]) * dh
        dbh += dhraw.sum(axis=1, keepdims=True)
        dWxh += np.dot(dhraw, xs[t].T)
        dWhh += np.dot(dhraw, hs[t - 1].T)
        dX[t] = np.dot(W_xh.T, dhraw).T
        dhnext = np.dot(W_hh.T, dhraw)
    dh0, hT = dhnext.T, hs[T - 1].T
    if single:
        dX, dh0, hT = dX[:, 0], dh0[0], hT[0]
    grads = {"X_seq": dX, "h0": dh0, "W_xh": dWxh, "W_hh": dWhh, "b_h": dbh[:, 0], "W_hy": dWhy, "b_y": dby[:, 0]}
    return loss[()], grads, hT
