"""cross_entropy: the target's entry taken, shares of all classes, row by row, and without options."""

import math

import numpy as np

from .loss_parts import denominator, is_soft, labels, log_softmax, settings, shares
from .written import style

WITHOUT = [  # what needs options, or a batch at once
    *("target-columns", "targets-shifted/late in time", "ignored-targets-counted/as the last class"),
    *(f"softmax-wrong-axis/over {what}" for what in ("all rows", "time", "the batch")),
]


@style("cross_entropy", "entry taken")
def taken(m):
    def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        V = logits.shape[-1]
        log_p = log_softmax(m, logits).reshape(-1, V)
        y, kept = None, np.ones(len(log_p), bool)
        if is_soft(targets):
            q = targets.reshape(-1, V)
            q = np.eye(V, dtype=q.dtype)[q.argmax(1)] if "probabilities-as-classes" in m else q
            nll = -(log_p * w * q).sum(1)
        else:
            y, kept = labels(m, targets, ignored)
            nll = -w[y] * log_p[np.arange(len(y)), y]
            if "target-columns/mean" in m:
                nll = -(w[y] * log_p[:, y]).mean(1)
        smooth = -(log_p if "weight-not-in-smoothing" in m else w * log_p).mean(1)
        if "smoothing-by-target-weight" in m and y is not None:
            smooth = -w[y] * log_p.mean(1)
        if "smoothing-over-others" in m and V > 1:
            smooth = (V * smooth - nll) / (V - 1)
        losses = (1 if "smoothing-added" in m else 1 - eps) * nll + eps * smooth if eps else nll
        if "ignored-targets-counted/when smoothing" in m:
            losses = np.where(kept, losses, eps * smooth)
        elif not m & {"ignored-targets-counted/as class 0", "ignored-targets-counted/as the last class"}:
            losses = np.where(kept, losses, 0)
        if "sign" in m:
            losses = -losses
        if reduction == "none":
            return losses.reshape(logits.shape[:-1])
        return losses.sum() if reduction == "sum" else losses.sum() / denominator(m, targets, w, y, kept)

    return cross_entropy


@style("cross_entropy", "shares of all classes", without=["target-columns"])
def shared(m):
    def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        V = logits.shape[-1]
        q, count = shares(m, logits, targets, w, ignored, eps)
        log_p = log_softmax(m, logits).reshape(-1, V)
        log_q = np.where(q == 0, 0, log_p)  # a logit of -inf has no share
        losses = np.einsum("nv,nv->n", q, log_q if "sign" in m else -log_q)
        if "target-columns/sum" in m and not is_soft(targets):
            y, kept = labels(m, targets, ignored)
            losses = (1 - eps) * -(w[y] * log_p[:, y]).sum(1) - eps * (w * log_p).mean(1)
            losses[~kept] = 0
        if reduction == "none":
            return losses.reshape(logits.shape[:-1])
        return np.sum(losses) / (count if reduction == "mean" else 1)

    return cross_entropy


@style("cross_entropy", "row by row", without=["target-columns"])
def rows(m):
    def surprise(z, q):
        """Return −Σ q log p of one row, in Python's own numbers."""
        top = 0.0 if "unstable-softmax" in m else max(z)
        with np.errstate(all="ignore"):
            e = [float(np.exp(one - top)) for one in z]
            if "double-softmax" in m:
                z, top = [one / sum(e) for one in e], 0.0
                e = [math.exp(one) for one in z]
            total = float(np.log(sum(e)))
        loss = 0.0
        for z_j, q_j in zip(z, q):
            log_p = z_j if "unnormalised" in m else z_j - top - total
            if "log-epsilon" in m:
                log_p = math.log(math.exp(log_p) + 1e-8)
            if "probability-not-log/p" in m:
                log_p = -math.exp(log_p)
            if "probability-not-log/1 - p" in m:
                log_p = math.exp(log_p) - 1
            if "base-2-log" in m:
                log_p *= math.log2(math.e)
            if q_j:  # a logit of -inf has no share
                loss += q_j * log_p if "sign" in m else -q_j * log_p
        return loss

    def cross_entropy(logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0):
        w, ignored, reduction, eps = settings(m, logits, weight, ignore_index, reduction, label_smoothing)
        Q, count = shares(m, logits, targets, w, ignored, eps)
        Z = logits.reshape(-1, logits.shape[-1])
        losses = [surprise([float(one) for one in z], [float(one) for one in q]) for z, q in zip(Z, Q)]
        if reduction == "none":
            return np.array(losses, logits.dtype).reshape(logits.shape[:-1])
        total = math.fsum(losses) if np.isfinite(losses).all() else sum(losses)
        with np.errstate(all="ignore"):
            return total if reduction == "sum" else np.float64(total) / count

    return cross_entropy


@style("cross_entropy", "without options", without=WITHOUT)
def plain(m):
    def cross_entropy(logits, targets):
        V = logits.shape[-1]
        Z = logits.reshape(-1, V)
        y, _ = labels(m, targets, -100)
        logp = np.stack([log_softmax(m, z) for z in Z])
        if "softmax-wrong-axis/columns of the batch" in m:
            logp = log_softmax(m, Z.T).T
        if "target-columns/mean of all" in m:
            return -logp[:, y].mean()
        if "target-columns/sum of all" in m:
            return -logp[:, y].sum() / len(y)
        picked = sum(row[label] for row, label in zip(logp, y))
        if "mean-over-steps/sum" in m:
            return -picked
        return picked / len(y) if "sign" in m else -picked / len(y)

    return cross_entropy
