"""rnn_sequence_loss and its backward: a list, a loop that adds, and recursion."""

import numpy as np

from .written import style


def late(m, targets):
    if "targets-shifted/one late" in m:
        return np.concatenate([targets[-1:], targets[:-1]])
    if "targets-shifted/one early" in m:
        return np.concatenate([targets[1:], targets[:1]])
    return targets


def divisor(m, targets):
    if "mean-over-steps/by T" in m:
        return len(targets)
    if "mean-over-steps/by B" in m:
        return np.size(targets[0])
    return np.size(targets) if "mean-over-steps/by T * B" in m else 1


def own_cross_entropy(z, y):
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return -np.log(np.take_along_axis(p, np.expand_dims(y, -1), -1)).sum()


def own_gradient(dloss, z, y):
    p = np.exp(z - z.max(-1, keepdims=True))
    p /= p.sum(-1, keepdims=True)
    return dloss * (p - (np.arange(z.shape[-1]) == np.expand_dims(y, -1)))


@style("rnn_sequence_loss", "comprehension", without=["mean-over-steps/by B"])
def listed(m):
    def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
        loss_fn = own_cross_entropy if "ignores-loss-fn" in m else loss_fn
        losses = [loss_fn(z, y) for z, y in zip(logits_seq, late(m, targets_seq))]
        if "last-step-only" in m:
            return losses[-1]
        if "first-step-only" in m:
            return losses[0]
        total = sum(losses) / divisor(m, targets_seq)
        return -total if "sign" in m else total

    return rnn_sequence_loss


@style("rnn_sequence_loss", "loop that adds", without=["mean-over-steps/by T * B"])
def loop(m):
    def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
        total, targets = 0.0, late(m, targets_seq)
        for t in range(len(logits_seq)):
            one = own_cross_entropy(logits_seq[t], targets[t]) if "ignores-loss-fn" in m else None
            one = loss_fn(logits_seq[t], targets[t]) if one is None else one
            if "last-step-only" in m:
                total = one
            elif "sign" in m:
                total -= one
            elif t == 0 or "first-step-only" not in m:
                total += one / divisor(m, targets_seq)
        return total

    return rnn_sequence_loss


@style("rnn_sequence_loss", "recursion")
def recursion(m):
    def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
        targets, by = late(m, targets_seq), divisor(m, targets_seq)
        if "ignores-loss-fn" in m:
            loss_fn = own_cross_entropy

        def rest(t):
            if t == len(logits_seq):
                return 0.0
            first = loss_fn(logits_seq[t], targets[t])
            if "first-step-only" in m or (t + 1 == len(logits_seq) and "last-step-only" in m):
                return first
            return rest(t + 1) + (0 if "last-step-only" in m else first)

        return (-1 if "sign" in m else 1) * rest(0) / by

    return rnn_sequence_loss


def tampered(m, t, T, gradient):
    if ("last-step-only" in m and t < T - 1) or ("first-step-only" in m and t):
        return np.zeros_like(gradient)
    if "dlogits-averaged" in m:
        gradient = gradient / gradient.shape[-1]
    return -gradient if "sign" in m else gradient


@style("rnn_sequence_loss_backward", "comprehension", without=["mean-over-steps/by B"])
def listed_back(m):
    def rnn_sequence_loss_backward(dloss, logits_seq, targets_seq, loss_backward):
        T, dloss = len(logits_seq), 1.0 if "dloss-ignored" in m else dloss
        back = own_gradient if "ignores-loss-fn" in m else loss_backward
        steps = enumerate(zip(logits_seq, late(m, targets_seq)))
        return np.stack([tampered(m, t, T, back(dloss, z, y)) for t, (z, y) in steps]) / divisor(m, targets_seq)

    return rnn_sequence_loss_backward


@style("rnn_sequence_loss_backward", "filled in place", without=["mean-over-steps/by T * B"])
def filled_back(m):
    def rnn_sequence_loss_backward(dloss, logits_seq, targets_seq, loss_backward):
        dlogits, targets = np.zeros_like(logits_seq), late(m, targets_seq)
        back = own_gradient if "ignores-loss-fn" in m else loss_backward
        for t in reversed(range(len(logits_seq))):
            upstream = dloss / divisor(m, targets)
            dlogits[t] = tampered(
                m, t, len(targets), back(1 if "dloss-ignored" in m else upstream, logits_seq[t], targets[t])
            )
        return dlogits

    return rnn_sequence_loss_backward


@style("rnn_sequence_loss_backward", "scaled afterwards")
def scaled_back(m):
    def rnn_sequence_loss_backward(dloss, logits_seq, targets_seq, loss_backward):
        found = []
        for t, y in enumerate(late(m, targets_seq)):
            one = (
                own_gradient(1.0, logits_seq[t], y) if "ignores-loss-fn" in m else loss_backward(1.0, logits_seq[t], y)
            )
            found.append(tampered(m, t, len(targets_seq), one))
        return np.array(found) * (1 if "dloss-ignored" in m else dloss / divisor(m, targets_seq))

    return rnn_sequence_loss_backward
