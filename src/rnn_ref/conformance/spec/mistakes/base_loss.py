"""The other half of the base: the losses with all their options, and the loss with every gradient in one function."""

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


def rnn_bptt(X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y, *, reduction="sum", ignore_index=-100):
    """Forward, the loss, and back through time."""
    single = h0.ndim == 1
    if single:
        X_seq, targets_seq, h0 = X_seq[:, None], targets_seq[:, None], h0[None]
    T, B, _ = X_seq.shape
    V = len(b_y)
    h_t = h0
    h_states = []
    for t, x_t in enumerate(X_seq):
        z_t = x_t @ W_xh.T + h_t @ W_hh.T + b_h
        h_t = np.tanh(z_t)
        h_states.append(h_t)
    h_states = np.array(h_states)
    h_T = h_states[-1]
    logits = h_states @ W_hy.T + b_y

    z = logits.reshape(-1, V)
    y = np.ravel(targets_seq)
    kept = y != ignore_index
    rows, y = np.flatnonzero(kept), y[kept]
    count = len(rows) if reduction == "mean" else 1
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    loss = -log_p[rows, y].sum() / count

    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    p[rows, y] -= 1
    p[~kept] = 0
    p = p / count
    dlogits_seq = p.reshape(T, B, V)
    dz = dlogits_seq.reshape(-1, V)
    h = h_states.reshape(-1, W_hy.shape[1])
    dh_states = dlogits_seq @ W_hy
    dW_hy = dz.T @ h
    db_y = dz.sum(0)

    dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq), np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    dh_next = np.zeros_like(h0)
    for t in reversed(range(T)):
        x_t, h_t = X_seq[t], h_states[t]
        h_prev = h_states[t - 1] if t > 0 else h0
        dh_t = dh_states[t] + dh_next
        dz_t = dh_t * (1 - h_t**2)
        dW_xh += dz_t.T @ x_t
        dW_hh += dz_t.T @ h_prev
        db_h += dz_t.sum(0)
        dX[t] = dz_t @ W_xh
        dh_next = dz_t @ W_hh
    dh0 = dh_next
    if single:
        dX, dh0, h_T = dX[:, 0], dh0[0], h_T[0]
    return loss, (dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y), h_T
