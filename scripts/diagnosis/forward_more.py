"""rnn_forward by recursion, with a class that keeps the state, number by number, and with everything hoisted."""

import numpy as np

from .activations import mixed_up, squash, squash_one
from .written import style


@style("rnn_forward", "recursion")
def recursion(m):
    def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
        W_x, W_h = mixed_up(m, W_xh, W_hh)

        def after(steps):
            if steps == 0:
                return [np.zeros_like(h0)] if "h0-ignored" in m else [h0]
            before = after(steps - 1)
            h = h0 if "h0-every-step" in m else before[-1]
            if "chunk-reset/to 0 every 2" in m and steps > 1 and steps % 2 == 1:
                h = 0 * h
            x = X_seq[-steps] if "time-reversed" in m else X_seq[steps - 1]
            if "input-off-by-one/0 first" in m:
                x = X_seq[steps - 2] if steps > 1 else 0 * x
            bias = 0 * b_h if "bias-first-step-only" in m and steps > 1 else b_h
            if "tanh-of-part/state" in m:
                return [*before, x @ W_x.T + np.tanh(bias + h @ W_h.T)]
            if "outer-broadcast" in m:
                return [*before, np.tanh(bias[:, None] + x @ W_x.T + h @ W_h.T)]
            z = x @ W_x.T + h @ W_h.T
            if "bias-missing" not in m and "bias-outside-tanh" not in m:
                z = bias + z + bias if "bias-twice" in m else bias + z
            new = squash(m, z)
            if "batch-rows-mixed/states" in m:
                new = np.reshape(new, new.shape[::-1]).T
            return [*before, new + b_h if "bias-outside-tanh" in m else new]

        rows = after(len(X_seq))
        if "starts-with-h0" in m:
            return rows
        if "shifted-by-one" in m:
            return rows[:-1]
        if "last-step-missing/a row less" in m:
            return rows[1:-1]
        if "states-aliased" in m:
            return np.array(rows[-1:] * (len(rows) - 1))
        return rows[-1] if "last-state-only" in m else rows[1:]

    return rnn_forward


@style("rnn_forward", "class with state")
def stateful(m):
    class Network:
        def __init__(self):
            self.h = {}

        def step(self, x, h, first):
            W_xh, W_hh, b_h = self.weights
            pre = np.dot(x, W_xh.T) + np.dot(h, W_hh.T)
            if "tanh-of-part/input" in m:
                return np.tanh(np.dot(x, W_xh.T) + b_h) + np.dot(h, W_hh.T)
            if "bias-outside-tanh" in m:
                return np.tanh(pre) + b_h
            if "bias-twice" in m:
                pre = pre + 2 * b_h
            elif first or "bias-first-step-only" not in m:
                pre = pre if "bias-missing" in m else pre + b_h
            return squash(m, pre)

        def forward(self, X_seq, h0, W_xh, W_hh, b_h):
            self.weights = (*mixed_up(m, W_xh, W_hh), b_h)
            key = h0.shape
            if "batch-time-swapped" in m and X_seq.ndim == 3:
                X_seq = np.moveaxis(X_seq, 1, 0)
            if "state-leaks" not in m or key not in self.h:
                self.h[key] = np.zeros_like(h0) if "h0-ignored" in m else h0
            states = []
            for t, x in enumerate(X_seq):
                if "chunk-reset/to h0 every 4" in m and t % 4 == 0:
                    self.h[key] = h0
                if "input-off-by-one/wraps" in m:
                    x = np.roll(X_seq, 1, axis=0)[t]
                self.h[key] = self.step(x, h0 if "h0-every-step" in m else self.h[key], t == 0)
                states.append(self.h[key])
            return states if "last-step-missing/a row of 0" not in m else [*states[:-1], 0 * h0]

    network = Network()
    return network.forward


@style("rnn_forward", "loop over units")
def units(m):
    def sequence(X, h, W_xh, W_hh, b):
        H, start, rows = len(b), [float(one) for one in h], []
        h = [0.0] * H if "h0-ignored" in m else start
        for t, x in enumerate(X[::-1] if "time-reversed" in m else X):
            before = start if "h0-every-step" in m else h
            h = [0.0] * H
            for i in range(H):
                z = 0.0 if "bias-missing" in m or (t and "bias-first-step-only" in m) else float(b[i])
                z += float(b[i]) if "bias-twice" in m else 0.0
                if "tanh-of-part/input" in m:
                    h[i] = squash_one(m, z + sum(float(w) * float(v) for w, v in zip(W_xh[i], x)))
                    h[i] += sum(float(w) * v for w, v in zip(W_hh[i], before))
                    continue
                for j in range(len(x)):
                    z += float(W_xh[i, j]) * float(x[j])
                for j in range(H):
                    z += float(W_hh[i, j]) * before[j]
                h[i] = squash_one(m, z)
            rows.append(h)
        return rows

    def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
        weights = (*mixed_up(m, W_xh, W_hh), b_h)
        if X_seq.ndim == 2:
            return np.array(sequence(X_seq, h0, *weights), X_seq.dtype)
        if "batch-rows-mixed/inputs" in m:
            X_seq = X_seq.reshape(X_seq.shape[1], X_seq.shape[0], -1).swapaxes(0, 1)
        batch = [sequence(X_seq[:, b], h0[b], *weights) for b in range(len(h0))]
        return np.array(batch, X_seq.dtype).swapaxes(0, 1)

    return rnn_forward
