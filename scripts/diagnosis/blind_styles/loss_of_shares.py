"""Cross-entropy with broadcasting over any leading axes; targets become one-hot rows."""
import numpy as np


def softmax(z):
    e = np.exp(z - np.max(z, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


def shares(logits, targets, weight, ignore_index, label_smoothing):
    V = logits.shape[-1]
    weight = np.ones(V, logits.dtype) if weight is None else weight
    targets = np.asarray(targets)
    if targets.dtype.kind == "f":
        one_hot, counts = targets, np.ones(logits.shape[:-1])
        mask = np.ones(logits.shape[:-1], bool)
    else:
        mask = targets != ignore_index
        safe = np.where(mask, targets, 0)
        one_hot = (np.arange(V) == safe[..., None]).astype(logits.dtype)
        counts = weight[safe] * mask
    smooth = one_hot * (1.0 - label_smoothing) + label_smoothing / V
    return smooth * weight * mask[..., None], counts.sum()


def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    q, count = shares(logits, targets, weight, ignore_index, label_smoothing)
    z = logits - np.max(logits, axis=-1, keepdims=True)
    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))
    losses = -np.sum(np.where(q == 0, 0, q * logp), axis=-1)
    if reduction == "mean":
        losses = np.sum(losses) / (count if count else np.nan)
    elif reduction == "sum":
        losses = np.sum(losses)
    return np.asarray(losses, logits.dtype)[()]


def cross_entropy_backward(dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean",
                           label_smoothing=0.0):
    q, count = shares(logits, targets, weight, ignore_index, label_smoothing)
    grad = softmax(logits) * np.sum(q, axis=-1, keepdims=True) - q
    if reduction == "mean":
        grad = grad / (count if count else 1)
    if reduction == "none":
        dloss = np.asarray(dloss)[..., None]
    return (grad * dloss).astype(logits.dtype)
