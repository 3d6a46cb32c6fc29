"""rnn_backward: gradients added up in the loop over time, products after the loop, recursion, classes with state."""

import numpy as np

from .cell_back import clipped, slope
from .written import style


@style("rnn_backward", "adds inside the loop")
def adds(m):
    kept = {}

    def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        T, single = len(X_seq), h0.ndim == 1
        if single:
            X_seq, h_states, h0 = X_seq[:, None], h_states[:, None], h0[None]
            dh_states = dh_states[:, None]
        B = len(h0)
        dX, dW_xh, dW_hh, db = (np.zeros_like(a) for a in (X_seq, W_xh, W_hh, b_h))
        if "grads-pile-up" in m:
            dW_xh, dW_hh, db = kept.setdefault(X_seq.shape, (dW_xh, dW_hh, db))
        dh_next = np.zeros_like(h0)
        first = 0
        if "truncated/stops after 2" in m:
            first = max(T - 2, 0)
        if "truncated/stops after 3" in m:
            first = max(T - 3, 0)
        for t in range(T) if "forward-order" in m else range(T - 1, first - 1, -1):
            before = h_states[t - 1] if t > 0 or "dW_hh-wraps" in m else h0
            if "upstream-mutated" in m:
                dh_states[t] += dh_next
                dh = dh_states[t]
            elif "no-dh-next" in m:
                dh = dh_states[t]
            elif "only-dh-next/but at the last step" in m:
                dh = dh_states[t] if t == T - 1 else dh_next
            else:
                dh = dh_next + dh_states[-1 if "last-gradient-every-step" in m else t]
            dz = dh * slope(m, h_states[t]) / (B if "averaged-over-batch/at every step" in m else 1)
            if "assigned-not-accumulated/W_hh" in m:
                dW_hh = dz.T @ before
            else:
                dW_hh += dz.T @ (h_states[t] if "dW_hh-from-h_t" in m else before)
            dW_xh += dz.T @ X_seq[t]
            if "db-first-step-only" not in m or t == 0:
                db += dz.sum(0)
            if "db-twice" in m:
                db += dz.sum(0)
            dX[t] = (dh if "dX-not-through-tanh" in m else dz) @ (W_xh.T if "dX-untransposed" in m else W_xh)
            dh_next = (dh if "dh-not-through-tanh" in m else dz) @ (W_hh.T if "dh-next-untransposed" in m else W_hh)
            if "batch-mean-state" in m:
                dh_next = np.broadcast_to(dh_next.mean(0), dh_next.shape)
            if "truncated/one link, after 3" in m and t == T - 3:
                dh_next = np.zeros_like(dh_next)
            dh_next = clipped(m, dh_next)
        dh0 = np.zeros_like(h0) if "dh0-missing" in m else dz if "dh0-is-dz0" in m else dh_next
        grads = [dX[:, 0] if single else dX, dh0[0] if single else dh0, dW_xh, dW_hh, db]
        if "dW_hh-transposed" in m:
            grads[3] = dW_hh.T
        if "dW_xh-transposed" in m:
            grads[2] = dW_xh.T
        if "averaged-over-steps/all" in m or "averaged-over-batch/all" in m:
            grads = [d / (T if "averaged-over-steps/all" in m else B) for d in grads]
        if "averaged-over-steps/weights" in m:
            grads[2:] = [d / T for d in grads[2:]]
        return tuple(grads)

    return rnn_backward


@style("rnn_backward", "one sequence, np.outer")
def outer_products(m):
    total = {}

    def rnn_backward(dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        if h0.ndim != 1:
            raise ValueError("expected one sequence")
        T = len(X_seq)
        rows = [h0, *h_states]
        g = {"X_seq": np.zeros_like(X_seq), "W_xh": 0 * W_xh, "W_hh": 0 * W_hh, "b_h": 0 * b_h}
        if "grads-pile-up" in m:
            g = total.setdefault(X_seq.shape, g)
        dz_next = np.zeros_like(h0)
        for t in range(T, 0, -1) if "forward-order" not in m else range(1, T + 1):
            from_later = (W_hh if "dh-next-untransposed" in m else W_hh.T) @ dz_next
            from_later = clipped(m, from_later)
            if (
                "no-dh-next" in m
                or ("truncated/chunks of 2" in m and t % 2 == 0)
                or ("truncated/chunks of 3" in m and t % 3 == 0)
            ):
                from_later = 0 * from_later
            local = dh_states[-1] if "last-gradient-every-step" in m else dh_states[t - 1]
            if "only-dh-next/but at the last step" in m and t < T:
                local = 0
            if "upstream-mutated" in m:
                local += from_later
                from_later = 0
            dz = (local + from_later) * slope(m, rows[t])
            dz_next = local + from_later if "dh-not-through-tanh" in m else dz
            source = rows[t] if "dW_hh-from-h_t" in m else h_states[t - 2] if "dW_hh-wraps" in m else rows[t - 1]
            share = np.outer(source, dz) if "dW_hh-transposed" in m else np.outer(dz, source)
            if "assigned-not-accumulated/all" in m:
                g["W_hh"], g["W_xh"], g["b_h"] = share, np.outer(dz, X_seq[t - 1]), dz
            else:
                g["W_hh"] += share
                g["W_xh"] += np.outer(dz, X_seq[t - 1])
                g["b_h"] += 0 if "db-first-step-only" in m and t > 1 else 2 * dz if "db-twice" in m else dz
            g["X_seq"][t - 1] = (W_xh if "dX-untransposed" in m else W_xh.T) @ (
                local + from_later if "dX-not-through-tanh" in m else dz
            )
        g["h0"] = (
            0 * dz
            if "dh0-missing" in m
            else dz
            if "dh0-is-dz0" in m
            else clipped(m, (W_hh if "dh-next-untransposed" in m else W_hh.T) @ dz_next)
        )
        if "truncated/chunks of 2" in m or "truncated/chunks of 3" in m:
            g["h0"] = 0 * g["h0"]
        if "dW_xh-transposed" in m:
            g["W_xh"] = g["W_xh"].T
        if "averaged-over-steps/all" in m:
            return {name: d / T for name, d in g.items()}
        return {
            name: d / T if "averaged-over-steps/weights" in m and name in {"W_xh", "W_hh", "b_h"} else d
            for name, d in g.items()
        }

    return rnn_backward


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


@style("rnn_backward", "class with state")
def stateful(m):
    class Backward:
        def reset(self, X_seq, h0, *weights):
            self.dX, self.grads = [], [np.zeros_like(W) for W in weights]
            self.dh = np.zeros_like(h0)

        def step(self, upstream, h, h_prev, x, W_xh, W_hh, b_h):
            total = upstream if "no-dh-next" in m else np.add(upstream, self.dh)
            self.dz = total * slope(m, h)
            rows, inputs, states = (a.reshape(-1, a.shape[-1]) for a in (self.dz, x, h_prev))
            by = len(rows) if "averaged-over-batch/weights" in m else 1
            for kept, share in zip(self.grads, (rows.T @ inputs, rows.T @ states, rows.sum(axis=0))):
                kept += share / by
            self.dX.insert(0, np.matmul(self.dz, W_xh))
            self.dh = clipped(m, np.matmul(self.dz, W_hh.T if "dh-next-untransposed" in m else W_hh))
            if "batch-mean-state" in m and self.dh.ndim == 2:
                self.dh = self.dh.sum(0) / len(self.dh) + np.zeros_like(self.dh)

        def backward(self, dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
            if "grads-pile-up" not in m or getattr(self, "shape", None) != X_seq.shape:
                self.reset(X_seq, h0, W_xh, W_hh, b_h)
            self.shape, self.dX, self.dh = X_seq.shape, [], np.zeros_like(h0)
            before = [h0, *h_states][:-1]
            for t in reversed(range(len(X_seq))):
                if "truncated/stops after 4" in m and t < len(X_seq) - 4:
                    self.dX.insert(0, np.zeros_like(X_seq[t]))
                    self.dh = np.zeros_like(h0)
                    continue
                self.step(dh_states[t], h_states[t], before[t], X_seq[t], W_xh, W_hh, b_h)
            dh0 = {"dh0-missing": 0 * h0, "dh0-is-dz0": self.dz}
            return np.array(self.dX), next((dh0[name] for name in dh0 if name in m), self.dh), *self.grads

    return Backward().backward
