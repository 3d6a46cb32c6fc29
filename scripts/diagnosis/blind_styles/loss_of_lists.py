"""Cross-entropy row by row in plain Python."""
import math

import numpy as np


def logsumexp(row):
    m = max(row)
    return m + math.log(sum(math.exp(v - m) for v in row))


def row_loss(row, target, w, eps):
    V = len(row)
    lse = logsumexp(row)
    if isinstance(target, list):
        share = [(1 - eps) * q + eps / V for q in target]
    else:
        share = [eps / V] * V
        share[target] += 1 - eps
    total = 0.0
    for j in range(V):
        if share[j] * w[j] != 0:
            total += share[j] * w[j] * (lse - row[j])
    return total


def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
    targets = np.asarray(targets)
    V = logits.shape[-1]
    w = [1.0] * V if weight is None else weight.tolist()
    rows = logits.reshape(-1, V).tolist()
    soft = targets.dtype.kind == "f"
    goals = targets.reshape(-1, V).tolist() if soft else targets.reshape(-1).tolist()
    losses, norm = [], 0.0
    for row, goal in zip(rows, goals):
        if not soft and goal == ignore_index:
            losses.append(0.0)
            continue
        losses.append(row_loss(row, goal, w, label_smoothing))
        norm += 1.0 if soft else w[goal]
    if reduction == "none":
        return np.array(losses, logits.dtype).reshape(logits.shape[:-1])[()]
    total = math.fsum(losses)
    if reduction == "mean":
        total = total / norm if norm else float("nan")
    return np.asarray(total, logits.dtype)[()]
