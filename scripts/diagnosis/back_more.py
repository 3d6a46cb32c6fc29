"""rnn_backward with the gradients as products after the loop, and by recursion over one sequence at a time."""

import numpy as np

from .cell_back import clipped, slope
from .written import style


@style("rnn_backward", "products after the loop")
def hoisted(m):
    sums = {}

    def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        T, B = len(X_seq), len(h0) if h0.ndim == 2 else 1
        slopes = slope(m, h_states)
        dH, dZ = np.zeros_like(h_states), np.zeros_like(h_states)
        carry = np.zeros_like(h0)
        for t in np.arange(T) if "forward-order" in m else np.arange(T)[::-1]:
            dH[t] = dh_states[-1] if "last-gradient-every-step" in m else dh_states[t]
            if "only-dh-next/everywhere" in m:
                dH[t] = 0
            if not ("no-dh-next" in m or ("truncated/chunks of 4" in m and (t + 1) % 4 == 0)):
                dH[t] += carry
            if "upstream-mutated" in m:
                dh_states[t] = dH[t]
            dZ[t] = dH[t] * slopes[t]
            if "averaged-over-batch/at every step" in m:
                dZ[t] /= B
            carry = np.dot(
                dH[t] if "dh-not-through-tanh" in m else dZ[t], W_hh.T if "dh-next-untransposed" in m else W_hh
            )
            if "batch-mean-state" in m and h0.ndim == 2:
                carry[:] = carry.mean(axis=0, keepdims=True)
            if "truncated/cut once, after 2" in m and t <= T - 2:
                carry = carry * 0
            carry = clipped(m, carry)
        first = np.concatenate([h_states[-1:] if "dW_hh-wraps" in m else h0[None], h_states[:-1]])
        before = h_states if "dW_hh-from-h_t" in m else first
        axes = "tbi,tbj->ij" if h0.ndim == 2 else "ti,tj->ij"
        start = slice(0, 1) if "assigned-not-accumulated/all" in m else slice(None)
        dW_xh = np.einsum(axes, dZ[start], X_seq[start])
        if "assigned-not-accumulated/W_xh" in m:
            dW_xh = np.einsum(axes, dZ[:1], X_seq[:1])
        dW_hh = np.einsum(axes, dZ[start], before[start])
        flat = dZ[0] if "db-first-step-only" in m else dZ[start]
        db = flat.reshape(-1, len(b_h)).sum(0) * (2 if "db-twice" in m else 1)
        if "averaged-over-steps/weights" in m or "averaged-over-batch/weights" in m:
            dW_xh, dW_hh, db = (d / (T if "averaged-over-steps/weights" in m else B) for d in (dW_xh, dW_hh, db))
        dX = np.einsum(
            "...i,ji->...j" if "dX-untransposed" in m else "...i,ij->...j",
            dH if "dX-not-through-tanh" in m else dZ,
            W_xh,
        )
        dh0 = np.zeros_like(h0) if "dh0-missing" in m else dZ[0] if "dh0-is-dz0" in m else carry
        if "truncated/chunks of 4" in m:
            dh0 = np.zeros_like(h0)
        if "grads-pile-up" in m:
            before = sums.get(X_seq.shape, (0, 0, 0))
            dW_xh, dW_hh, db = sums[X_seq.shape] = (dW_xh + before[0], dW_hh + before[1], db + before[2])
        grads = (
            dX,
            dh0,
            dW_xh.T if "dW_xh-transposed" in m else dW_xh,
            dW_hh.T if "dW_hh-transposed" in m else dW_hh,
            db,
        )
        if "averaged-over-steps/all" in m or "averaged-over-batch/all" in m:
            return tuple(d / (T if "averaged-over-steps/all" in m else B) for d in grads)
        return grads

    return rnn_backward


@style("rnn_backward", "recursion, one sequence after another")
def recursion(m):
    def one(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        T = len(X_seq)
        dX, dW_xh, dW_hh, db = (np.zeros(a.shape) for a in (X_seq, W_xh, W_hh, b_h))
        dz_first = np.zeros(h0.shape)

        def back(t, dh_next):
            if t < 0 or ("truncated/stops after 2" in m and t == T - 3):
                return dh_next if t < 0 else np.zeros(h0.shape)
            before = h_states[t - 1] if t or "dW_hh-wraps" in m else h0
            local = 0 if "only-dh-next/everywhere" in m else dh_states[T - 1 if "last-gradient-every-step" in m else t]
            dh = local + (0 if "no-dh-next" in m else dh_next)
            dz = dh * slope(m, h_states[t])
            dz_first[:] = dz
            dW_xh[:] = np.multiply.outer(dz, X_seq[t]) + (0 if "assigned-not-accumulated/W_xh" in m else dW_xh)
            share = np.multiply.outer(dz, h_states[t] if "dW_hh-from-h_t" in m else before)
            dW_hh[:] = share + (0 if "assigned-not-accumulated/W_hh" in m else dW_hh)
            if t == 0 or "db-first-step-only" not in m:
                db[:] += dz
            dX[t] = np.dot(dh if "dX-not-through-tanh" in m else dz, W_xh.T if "dX-untransposed" in m else W_xh)
            dh = np.dot(dh if "dh-not-through-tanh" in m else dz, W_hh.T if "dh-next-untransposed" in m else W_hh)
            return back(t - 1, clipped(m, dh))

        dh0 = back(T - 1, np.zeros(h0.shape))
        if "dh0-missing" in m:
            dh0 = np.zeros(h0.shape)
        if "dh0-is-dz0" in m:
            dh0 = dz_first
        return dX, dh0, dW_xh, dW_hh.T if "dW_hh-transposed" in m else dW_hh, 2 * db if "db-twice" in m else db

    def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        weights = (W_xh, W_hh, b_h)
        if h0.ndim == 1:
            return one(dh_states, h_states, X_seq, h0, *weights)
        columns = [one(dh_states[:, b], h_states[:, b], X_seq[:, b], h0[b], *weights) for b in range(len(h0))]
        dX, dh0, *dW = zip(*columns)
        by = len(h0) if "averaged-over-batch/weights" in m or "averaged-over-batch/all" in m else 1
        every = len(h0) if "averaged-over-batch/all" in m else 1
        return np.stack(dX, axis=1) / every, np.stack(dh0) / every, *(sum(d) / by for d in dW)

    return rnn_backward
