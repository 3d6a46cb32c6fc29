"""The losses, plain and right, with all their options."""

import numpy as np


def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    """Log-softmax, the target's entry, and what is asked of their sum."""
    V = logits.shape[-1]
    z = logits.reshape(-1, V)
    rows = np.arange(len(z))
    w = np.ones(V, z.dtype) if weight is None else weight
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    if np.asarray(targets).dtype.kind == "f":
        q = targets.reshape(-1, V)
        kept = np.ones(len(z), bool)
        count = len(z)
        nll = -(w * q * log_p).sum(1)
    else:
        y = np.ravel(targets)
        kept = y != ignore_index
        y = np.where(kept, y, 0)
        count = w[y][kept].sum()
        nll = -w[y] * log_p[rows, y]
    losses = nll
    if label_smoothing:
        smooth = -(w * log_p).sum(1) / V
        losses = (1 - label_smoothing) * nll + label_smoothing * smooth
    losses[~kept] = 0
    if reduction == "none":
        return losses.reshape(logits.shape[:-1])
    if reduction == "sum":
        return losses.sum()
    return losses.sum() / count


def cross_entropy_backward(
    dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
):
    """Softmax minus the target's share."""
    V = logits.shape[-1]
    z = logits.reshape(-1, V)
    w = np.ones(V, z.dtype) if weight is None else weight
    z = z - z.max(1, keepdims=True)
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    if np.asarray(targets).dtype.kind == "f":
        q = targets.reshape(-1, V)
        kept = np.ones(len(z), bool)
        count = len(z)
    else:
        y = np.ravel(targets)
        kept = y != ignore_index
        y = np.where(kept, y, 0)
        count = w[y][kept].sum()
        q = np.eye(V, dtype=z.dtype)[y]
    q = w * ((1 - label_smoothing) * q + label_smoothing / V)
    dz = p * q.sum(1, keepdims=True) - q
    if reduction == "mean":
        dz = dz / count
    dz = np.reshape(dloss, (-1, 1)) * dz
    dz[~kept] = 0
    return dz.reshape(logits.shape).astype(logits.dtype)


def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    """The sum over time."""
    losses = [loss_fn(z_t, y_t) for z_t, y_t in zip(logits_seq, targets_seq)]
    return sum(losses)


def rnn_sequence_loss_backward(dloss, logits_seq, targets_seq, loss_backward):
    """To every step what its own loss says."""
    dlogits = [loss_backward(dloss, z_t, y_t) for z_t, y_t in zip(logits_seq, targets_seq)]
    return np.array(dlogits)
