"""rnn_forward as a loop over time: a list that grows, one sequence only, and an array that is filled."""

import numpy as np

from .activations import mixed_up, squash, squash_one
from .written import style


@style("rnn_forward", "vectorised, list")
def vectorised(m):
    kept = {}

    def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        if "batch-time-swapped" in m and h0.ndim == 2:
            X_seq = np.transpose(X_seq, (1, 0, 2))
        if "batch-rows-mixed/inputs" in m and h0.ndim == 2:
            X_seq = X_seq.reshape(h0.shape[0], X_seq.shape[0], -1).transpose(1, 0, 2)
        if "time-reversed" in m:
            X_seq = X_seq[::-1]
        h = 0 * h0 if "h0-ignored" in m else h0
        if "state-leaks" in m:
            h = kept.get(h0.shape, h0)
        out = [h0] if "starts-with-h0" in m or "shifted-by-one" in m else []
        for t in range(len(X_seq)):
            x = X_seq[t - 1] if "input-off-by-one/wraps" in m else X_seq[t]
            if "h0-every-step" in m:
                h = h0
            if "chunk-reset/to 0 every 4" in m and t > 0 and t % 4 == 0:
                h = np.zeros_like(h0)
            if "tanh-of-part/input" in m:
                h = np.tanh(x @ W_xh.T + b_h) + h @ W_hh.T
            elif "bias-outside-tanh" in m:
                h = np.tanh(x @ W_xh.T + h @ W_hh.T) + b_h
            else:
                z = x @ W_xh.T + h @ W_hh.T
                if "outer-broadcast" in m:
                    z = z + b_h[:, None]
                elif not ("bias-missing" in m or ("bias-first-step-only" in m and t > 0)):
                    z = z + b_h
                h = squash(m, z + b_h if "bias-twice" in m else z)
            out.append(h)
        kept[h0.shape] = h
        if "states-aliased" in m:
            return [h for _ in out]
        if "last-state-only" in m:
            return h
        if "last-step-missing/a row of 0" in m:
            out[-1] = np.zeros_like(h)
        if "last-step-missing/a row less" in m or "shifted-by-one" in m:
            out = out[:-1]
        return out

    return rnn_forward


@style("rnn_forward", "one sequence, W @ x")
def columns(m):
    def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
        if X_seq.ndim != 2:
            raise ValueError("expected one sequence")
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        h_t, h_states = h0, []
        if "h0-ignored" in m:
            h_t = np.zeros(len(b_h), X_seq.dtype)
        steps = range(len(X_seq) - 1) if "last-step-missing/a row less" in m else range(len(X_seq))
        for t in reversed(steps) if "time-reversed" in m else steps:
            x_t, h_prev = X_seq[t], h_t
            if "input-off-by-one/0 first" in m:
                x_t = X_seq[t - 1] if t else np.zeros_like(x_t)
            if "h0-every-step" in m:
                h_prev = h0
            if "chunk-reset/to h0 every 3" in m and t % 3 == 0:
                h_prev = h0
            if "starts-with-h0" in m and t == 0:
                h_states.append(h_prev)
            if "shifted-by-one" in m:
                h_states.append(h_t)
            b = 0 * b_h if "bias-missing" in m or ("bias-first-step-only" in m and t) else b_h
            if "tanh-of-part/state" in m:
                h_t = W_xh @ x_t + np.tanh(W_hh @ h_prev + b)
            elif "outer-broadcast" in m:
                h_t = np.tanh(W_xh @ x_t + W_hh @ h_prev + b.reshape(-1, 1))
            elif "bias-outside-tanh" in m:
                h_t = squash(m, W_xh @ x_t + W_hh @ h_prev) + b
            elif "bias-twice" in m:
                h_t = squash(m, (W_xh @ x_t + b) + (W_hh @ h_prev + b))
            else:
                h_t = squash(m, W_xh @ x_t + W_hh @ h_prev + b)
            if "shifted-by-one" not in m:
                h_states.append(h_t)
        if "states-aliased" in m:
            h_states = [h_states[-1]] * len(h_states)
        return h_states[-1] if "last-state-only" in m else h_states

    return rnn_forward


@style("rnn_forward", "array filled in place")
def filled(m):
    buffers = {}

    def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        T = X_seq.shape[0]
        H_states = np.zeros((T, *h0.shape), dtype=X_seq.dtype)
        if "batch-time-swapped" in m and h0.ndim == 2:
            X_seq = X_seq.swapaxes(0, 1)
        bias = 0 * b_h if "bias-missing" in m else b_h + b_h if "bias-twice" in m else b_h
        state = h0.copy()
        if "h0-ignored" in m:
            state[...] = 0
        if "state-leaks" in m:
            state = buffers.setdefault(h0.shape, state)
        for t in range(T - 1 if "last-step-missing/a row of 0" in m else T):
            if "h0-every-step" in m or ("chunk-reset/to h0 every 2" in m and t % 2 == 0):
                state[...] = h0
            if "shifted-by-one" in m:
                H_states[t] = state
            now = T - 1 - t if "time-reversed/and turned round again" in m else t
            now = (t + 1) % T if "input-off-by-one/one ahead" in m else now
            z = np.matmul(X_seq[now], W_xh.T)
            z += np.matmul(state, W_hh.T)
            if "bias-outside-tanh" not in m and not ("bias-first-step-only" in m and t):
                z += bias
            state[...] = squash(m, z)
            if "bias-outside-tanh" in m:
                state += bias
            if "batch-rows-mixed/states" in m:
                state[...] = state.reshape(state.shape[::-1]).T
            if "shifted-by-one" not in m:
                H_states[now if "time-reversed/and turned round again" in m else t] = state
        if "states-aliased" in m:
            H_states[:] = state
        if "starts-with-h0" in m:
            return np.concatenate([h0[None], H_states])
        return state if "last-state-only" in m else H_states

    return rnn_forward


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
