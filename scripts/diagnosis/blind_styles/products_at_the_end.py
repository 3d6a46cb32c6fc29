"""BPTT with all the outer products at the end, time and batch flattened."""
import numpy as np


def rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, *, reduction="sum", ignore_index=-100):
    y = np.asarray(targets_seq)
    T = X_seq.shape[0]
    h = np.empty((T + 1,) + h0.shape, X_seq.dtype)
    h[0] = h0
    for t in range(T):
        h[t + 1] = np.tanh(X_seq[t] @ W_xh.T + h[t] @ W_hh.T + b_h)
    logits = h[1:] @ W_hy.T + b_y
    V = logits.shape[-1]
    z = logits.reshape(-1, V)
    z = z - z.max(-1, keepdims=True)
    p = np.exp(z)
    s = p.sum(-1, keepdims=True)
    logp = z - np.log(s)
    p /= s
    flat = y.reshape(-1)
    mask = flat != ignore_index
    idx = np.where(mask, flat, 0)
    rows = np.arange(len(flat))
    nll = -logp[rows, idx] * mask
    p[rows, idx] -= 1
    p *= mask[:, None]
    loss = nll.sum()
    if reduction == "mean":
        n = mask.sum() if mask.any() else np.nan
        loss = loss / n
        p = p / n
    dlogits = p.astype(X_seq.dtype).reshape(logits.shape)
    dh = dlogits @ W_hy
    dz = np.zeros_like(dh)
    nxt = np.zeros_like(h0)
    for t in range(T - 1, -1, -1):
        dz[t] = (dh[t] + nxt) * (1 - h[t + 1] ** 2)
        nxt = dz[t] @ W_hh
    H = h0.shape[-1]
    f = dz.reshape(-1, H)
    g = dlogits.reshape(-1, V)
    grads = dict(
        X_seq=dz @ W_xh,
        h0=nxt,
        W_xh=f.T @ X_seq.reshape(-1, X_seq.shape[-1]),
        W_hh=f.T @ h[:-1].reshape(-1, H),
        b_h=f.sum(0),
        W_hy=g.T @ h[1:].reshape(-1, H),
        b_y=g.sum(0),
    )
    return np.asarray(loss, X_seq.dtype)[()], grads, h[T].copy()
