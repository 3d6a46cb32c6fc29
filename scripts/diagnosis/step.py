"""rnn_cell_step in six styles."""

import numpy as np

from .activations import mixed_up, squash, squash_one
from .written import style


@style("rnn_cell_step", "vectorised")
def vectorised(m):
    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        if "tanh-of-part/input" in m:
            return squash(m, x_t @ W_xh.T + b_h) + h_prev @ W_hh.T
        if "bias-outside-tanh" in m:
            return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T) + b_h
        z = x_t @ W_xh.T + h_prev @ W_hh.T
        if "bias-missing" not in m:
            z = z + (b_h.reshape(-1, 1) if "outer-broadcast" in m else b_h)
        if "bias-twice" in m:
            z += b_h
        h = squash(m, z)
        if "batch-rows-mixed" in m:
            h = h.reshape(h.shape[::-1]).T
        return h

    return rnn_cell_step


@style("rnn_cell_step", "one sequence, W @ x")
def columns(m):
    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        if x_t.ndim != 1:
            raise ValueError("one sequence at a time, please")
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        from_input, from_state = W_xh @ x_t, W_hh @ h_prev
        if "tanh-of-part/state" in m:
            return from_input + np.tanh(from_state + b_h)
        if "bias-twice" in m:  # two linear layers
            from_input, from_state = from_input + b_h, from_state + b_h
        elif "outer-broadcast" in m:
            from_input = from_input + b_h[:, np.newaxis]
        elif "bias-outside-tanh" in m:
            return squash(m, from_input + from_state) + b_h
        elif "bias-missing" not in m:
            from_input = from_input + b_h
        return squash(m, from_input + from_state)

    return rnn_cell_step


@style("rnn_cell_step", "loop over units")
def units(m):
    def one(x, h, W_xh, W_hh, b_h):
        out = []
        for i in range(len(b_h)):
            z = 0.0 if "bias-missing" in m or "bias-outside-tanh" in m else float(b_h[i])
            a = sum(float(W_xh[i][j]) * float(x[j]) for j in range(len(x)))
            r = 0.0
            for j in range(len(h)):
                r += float(W_hh[i][j]) * float(h[j])
            if "tanh-of-part/input" in m:
                out.append(squash_one(m, a + z) + r)
                continue
            if "bias-twice" in m:
                z *= 2
            unit = squash_one(m, a + r + z)
            out.append(unit + float(b_h[i]) if "bias-outside-tanh" in m else unit)
        return out

    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        weights = (*mixed_up(m, W_xh, W_hh), b_h)
        if x_t.ndim == 1:
            return np.array(one(x_t, h_prev, *weights), dtype=x_t.dtype)
        rows = [one(x, h, *weights) for x, h in zip(x_t, h_prev)]
        if "batch-rows-mixed" in m:
            rows = np.reshape(rows, (len(b_h), -1)).T
        return np.array(rows, dtype=x_t.dtype)

    return rnn_cell_step


@style("rnn_cell_step", "einsum over [x, h, 1]")
def concatenated(m):
    def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
        W_xh, W_hh = mixed_up(m, W_xh, W_hh)
        one = np.ones_like(x_t[..., :1])
        if "bias-missing" in m:
            one = 0 * one
        if "bias-twice" in m:
            one = 2 * one
        W = np.concatenate([W_xh, W_hh, b_h[:, None]], axis=1)
        if "tanh-of-part/state" in m:
            inner = np.einsum("ij,...j->...i", W[:, W_xh.shape[1] :], np.concatenate([h_prev, one], -1))
            return np.einsum("ij,...j->...i", W_xh, x_t) + np.tanh(inner)
        z = np.einsum("ij,...j->...i", W, np.concatenate([x_t, h_prev, one], axis=-1))
        if "outer-broadcast" in m:
            z = z - b_h + b_h[:, None]
        if "batch-rows-mixed/transposed first" in m:
            z = z.T.reshape(z.shape)
        return np.tanh(z - b_h) + b_h if "bias-outside-tanh" in m else squash(m, z)

    return rnn_cell_step


@style("rnn_cell_step", "class with state")
def stateful(m):
    class Cell:
        def load(self, W_xh, W_hh, b_h):
            self.U, self.V = (W.T for W in mixed_up(m, W_xh, W_hh))
            self.b = b_h
            return self

        def preactivation(self, x):
            z = np.dot(x, self.U)
            z = z + np.dot(self.h, self.V)
            return z if "bias-missing" in m else z + self.b * (2 if "bias-twice" in m else 1)

        def __call__(self, x, h):
            self.h = h
            if "tanh-of-part/input" in m:
                self.h = np.tanh(np.dot(x, self.U) + self.b) + np.dot(h, self.V)
            elif "bias-outside-tanh" in m:
                self.h = np.tanh(self.preactivation(x) - self.b) + self.b
            else:
                self.h = squash(m, self.preactivation(x))
            return self.h

    cell = Cell()
    return lambda x_t, h_prev, W_xh, W_hh, b_h: cell.load(W_xh, W_hh, b_h)(x_t, h_prev)
