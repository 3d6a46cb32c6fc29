"""rnn_backward as a class that keeps its gradients."""

import numpy as np

from .cell_back import clipped, slope
from .written import style


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
