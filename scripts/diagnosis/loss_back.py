"""cross_entropy_backward: shares of all classes, the two terms apart, and row by row."""

import numpy as np

from .loss_parts import denominator, is_soft, labels, settings, shares
from .written import style

WITHOUT = ["targets-shifted/late in time", "ignored-targets-counted/as the last class"]


def softmax(m, z):
    axis = 0 if "softmax-wrong-axis" in m else 1
    e = np.exp(z if "unstable-softmax" in m else z - z.max(axis, keepdims=True))
    p = e / e.sum(axis, keepdims=True)
    if "double-softmax" in m:
        p = np.exp(p) / np.exp(p).sum(1, keepdims=True)
    return p


def scaled(m, dz, dloss, logits):
    """Multiply by the gradient from above, and make the last mistakes there are to be made."""
    if "dloss-ignored" not in m:
        dz = np.reshape(dloss, (-1, 1)) * dz
    if "base-2-log" in m:
        dz = dz / np.log(2)
    if "dlogits-averaged" in m:
        dz = dz / dz.shape[-1]
    return (-dz if "sign" in m else dz).reshape(logits.shape).astype(logits.dtype)


@style("cross_entropy_backward", "shares of all classes")
def shared(m):
    def cross_entropy_backward(
        dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
    ):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        q, count = shares(m, logits, targets, w, ignored, eps)
        dz = softmax(m, logits.reshape(q.shape)) * q.sum(1, keepdims=True)
        if "onehot-missing" not in m:
            dz -= q
        return scaled(m, dz / (count or 1) if reduction == "mean" else dz, dloss, logits)

    return cross_entropy_backward


@style("cross_entropy_backward", "two terms")
def terms(m):
    def cross_entropy_backward(
        dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
    ):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        V = logits.shape[-1]
        p = softmax(m, logits.reshape(-1, V))
        y, kept = None, np.ones(len(p), bool)
        if is_soft(targets):
            q = targets.reshape(-1, V)
            q = w * (np.eye(V, dtype=q.dtype)[np.argmax(q, 1)] if "probabilities-as-classes" in m else q)
        else:
            y, kept = labels(m, targets, ignored)
            q = w[y][:, None] * np.eye(V, dtype=p.dtype)[y]
            if "target-columns" in m:
                q = np.zeros_like(p)
                q[:, y] = w[y]
        one = q.sum(1, keepdims=True)
        take = 0 if "onehot-missing" in m else 1
        nll = p * one - take * q  # of the target
        u = np.ones_like(w) if "weight-not-in-smoothing" in m else w
        smooth = (p * u.sum() - take * u) / V
        if "smoothing-by-target-weight" in m and y is not None:
            smooth = w[y][:, None] * (p - take / V)
        if "smoothing-over-others" in m and V > 1:
            smooth = (V * smooth - nll) / (V - 1)
        dz = (1 if "smoothing-added" in m else 1 - eps) * nll + eps * smooth
        if "ignored-targets-counted/when smoothing" in m:
            dz = np.where(kept[:, None], dz, eps * smooth)
        elif not m & {"ignored-targets-counted/as class 0", "ignored-targets-counted/as the last class"}:
            dz[~kept] = 0
        if reduction == "mean":
            dz /= denominator(m, targets, w, y, kept) or 1
        return scaled(m, dz, dloss, logits)

    return cross_entropy_backward


@style("cross_entropy_backward", "row by row", without=["softmax-wrong-axis"])
def rows(m):
    def cross_entropy_backward(
        dloss, logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0
    ):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        Q, count = shares(m, logits, targets, w, ignored, eps)
        dZ = []
        for z, q in zip(logits.reshape(Q.shape).astype(float), Q):
            p = softmax(m, z[None])[0]
            # the Jacobian of the log-softmax, times the shares
            jacobian = np.diag(np.ones_like(p)) - p
            if "onehot-missing" in m:
                jacobian = -np.tile(p, (len(p), 1))
            dZ.append(-q @ jacobian / ((count or 1) if reduction == "mean" else 1))
        return scaled(m, np.array(dZ), dloss, logits)

    return cross_entropy_backward


@style("cross_entropy_backward", "without options", without=WITHOUT)
def plain(m):
    def cross_entropy_backward(dloss, logits, targets):
        p = softmax(m, logits.reshape(-1, logits.shape[-1]))
        y, _ = labels(m, targets, -100)
        if "target-columns/p[:, y]" in m:
            p[:, y] -= 1
        elif "onehot-missing" not in m:
            for row, label in enumerate(y):
                p[row, label] -= 1
        return scaled(m, p if "mean-over-steps/sum" in m else p / len(y), dloss, logits)

    return cross_entropy_backward
