"""What the styles of the cross-entropy share: the options as they are taken, and the shares of the classes."""

import numpy as np


def settings(m, logits, weight, ignore_index, reduction, label_smoothing):
    """Return the options, with one weight for each class."""
    if weight is None or "option-ignored/weight" in m:
        weight = np.ones(logits.shape[-1], logits.dtype)
    if "option-ignored/ignore_index" in m:
        ignore_index = -100
    if "option-ignored/reduction" in m or ("mean-over-steps/mean for sum" in m and reduction == "sum"):
        reduction = "mean"
    if "mean-over-steps/sum for mean" in m and reduction == "mean":
        reduction = "sum"
    return weight, ignore_index, reduction, 0.0 if "option-ignored/label_smoothing" in m else label_smoothing


def labels(m, targets, ignore_index):
    """Return flat class indices, valid ones also where they are ignored, and which rows are kept."""
    y = np.asarray(targets).reshape(-1)
    if "targets-shifted/one late" in m:
        y = np.concatenate([y[-1:], y[:-1]])
    if "targets-shifted/one early" in m:
        y = np.concatenate([y[1:], y[:1]])
    if "targets-shifted/late in time" in m and np.ndim(targets):
        y = np.roll(targets, 1, axis=0).reshape(-1)
    kept = y != ignore_index
    return np.where(kept, y, -1 if "ignored-targets-counted/as the last class" in m else 0), kept


def is_soft(targets):
    return np.asarray(targets).dtype.kind == "f"


def denominator(m, targets, w, y, kept):
    """Return what the mean divides by."""
    if is_soft(targets):
        if "averaged-by-weight" in m:
            return (w * targets).sum()
        return targets.size if "averaged-over-classes" in m else len(targets.reshape(-1, len(w)))
    if "weight-not-in-mean/number of rows" in m:
        return kept.sum()
    if "weight-not-in-mean/all weights" in m:
        return kept.sum() * w.sum()
    return w[y].sum() if "ignored-targets-counted/in the denominator" in m else w[y[kept]].sum()


def shares(m, logits, targets, w, ignore_index, smoothing):
    """Return every class's share in the loss of each row, and what the mean divides by."""
    V = logits.shape[-1]
    if is_soft(targets):
        y, kept = None, np.ones(targets.size // V, bool)
        q = targets.reshape(-1, V)
        if "probabilities-as-classes" in m:
            q = (q == q.max(1, keepdims=True)).astype(q.dtype)
    else:
        y, kept = labels(m, targets, ignore_index)
        q = (np.arange(V) == y[:, None] % V).astype(logits.dtype)
        if "ignored-targets-counted/when smoothing" in m:
            q = q * kept[:, None]
        if "target-columns" in m:
            q = np.maximum.reduce(q, axis=0, keepdims=True) + 0 * q
    if "smoothing-over-others" in m:
        q = (1 - smoothing) * q + (1 - q) * (smoothing / max(V - 1, 1))
    elif "weight-not-in-smoothing" not in m:
        q = (1 if "smoothing-added" in m else 1 - smoothing) * q + smoothing / V
    if "weight-not-in-smoothing" in m:
        q = (1 - smoothing) * w * q + smoothing / V
    elif "smoothing-by-target-weight" in m and y is not None:
        q = w[y][:, None] * q
    else:
        q = w * q
    counted = {"ignored-targets-counted/as class 0", "ignored-targets-counted/as the last class"} & m
    if not counted and "ignored-targets-counted/when smoothing" not in m:
        q = np.where(kept[:, None], q, 0)
    return q, denominator(m, targets, w, y, kept)


def log_softmax(m, logits):
    """Return log-probabilities, or what was taken for them."""
    axis = -1
    if "softmax-wrong-axis/over all rows" in m:
        logits, axis = logits.reshape(-1, logits.shape[-1]), 0
    if "softmax-wrong-axis/over time" in m:
        axis = 0
    if "softmax-wrong-axis/over the batch" in m and logits.ndim == 3:
        axis = 1
    if "unnormalised" in m:
        return logits
    z = logits if "unstable-softmax" in m else logits - logits.max(axis=axis, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=axis, keepdims=True))
    if "double-softmax" in m:
        p = np.exp(log_p)
        log_p = p - np.log(np.exp(p).sum(axis=-1, keepdims=True))
    if "log-epsilon" in m:
        return np.log(np.exp(log_p) + 1e-8)
    if "probability-not-log/1 - p" in m:
        return -(1 - np.exp(log_p))
    if "probability-not-log/p" in m:
        return -np.exp(log_p)
    return log_p / np.log(2) if "base-2-log" in m else log_p
