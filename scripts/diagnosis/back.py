"""rnn_backward with the gradients added up inside the loop over time."""

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
def outer(m):
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
