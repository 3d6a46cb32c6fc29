"""Cross-entropy on flattened rows, indices or class probabilities."""
import numpy as np


def log_softmax(z):
    z = z - z.max(axis=1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))


def _rows(logits, targets):
    V = logits.shape[-1]
    targets = np.asarray(targets)
    probs = targets.dtype.kind == "f"
    return logits.reshape(-1, V), targets.reshape(-1, V) if probs else targets.reshape(-1), probs


def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    Z, y, probs = _rows(logits, targets)
    N, V = Z.shape
    w = np.ones(V, Z.dtype) if weight is None else weight
    logp = log_softmax(Z)
    eps = label_smoothing
    if probs:
        q = (1 - eps) * y + eps / V
        losses = -np.where(q * w == 0, 0, q * w * logp).sum(axis=1)
        denom = N
    else:
        keep = y != ignore_index
        safe = np.where(keep, y, 0)
        nll = -w[safe] * logp[np.arange(N), safe]
        losses = nll
        if eps:
            smooth = -(np.where(w == 0, 0, w * logp)).sum(axis=1)
            losses = (1 - eps) * nll + eps / V * smooth
        losses = np.where(keep, losses, 0)
        denom = np.where(keep, w[safe], 0).sum()
    losses = losses.astype(Z.dtype)
    if reduction == "none":
        return losses.reshape(logits.shape[:-1])[()]
    total = losses.sum()
    if reduction == "sum":
        return total
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(total / denom, Z.dtype)[()]


def cross_entropy_backward(dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean",
                           label_smoothing=0.0):
    Z, y, probs = _rows(logits, targets)
    N, V = Z.shape
    w = np.ones(V, Z.dtype) if weight is None else weight
    p = np.exp(log_softmax(Z))
    eps = label_smoothing
    if probs:
        q = ((1 - eps) * y + eps / V) * w
        denom = N
        keep = np.ones(N, bool)
    else:
        keep = y != ignore_index
        safe = np.where(keep, y, 0)
        q = np.zeros_like(Z)
        q[np.arange(N), safe] = 1
        q = ((1 - eps) * q + eps / V) * w
        denom = np.where(keep, w[safe], 0).sum()
    g = p * q.sum(axis=1, keepdims=True) - q
    g[~keep] = 0
    if reduction == "mean":
        g = g / (denom if denom else 1)
    g = g * np.asarray(dloss).reshape(-1, 1)
    return g.astype(logits.dtype).reshape(logits.shape)
