"""rnn_output_backward in four styles."""

import numpy as np

from .written import style


@style("rnn_output_backward", "flattened")
def flattened(m):
    def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
        H = np.asarray(h_states)
        T = len(H)
        source = np.roll(H, 1, axis=0) if "dW_hy-from-h_prev" in m else H
        rows, states = dlogits_seq.reshape(-1, len(b_y)), source.reshape(-1, W_hy.shape[1])
        B = len(rows) // T
        dH = dlogits_seq @ (W_hy.T if "W_hy-transposed" in m else W_hy)
        dW, db = rows.T @ states, rows.sum(0)
        if "assigned-not-accumulated" in m:
            dW = rows[-B:].T @ states[-B:]
        if "db-first-step-only" in m:
            db = rows[:B].sum(0)
        if "db-twice" in m:
            db = db + db
        if "averaged-over-batch/all" in m:
            dH = dH / B
        by = T if "averaged-over-steps" in m else T * B if "mean-over-steps" in m else 1
        by = B if "averaged-over-batch/weights" in m or "averaged-over-batch/all" in m else by
        return dH, (dW.T if "dW_hy-transposed" in m else dW) / by, db / by

    return rnn_output_backward


@style("rnn_output_backward", "loop over time")
def loop(m):
    def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
        dH = np.zeros_like(np.asarray(h_states))
        dW, db = np.zeros_like(W_hy), np.zeros_like(b_y)
        for t in range(len(dH)):
            dy = np.atleast_2d(dlogits_seq[t])
            h = np.atleast_2d(h_states[t - 1] if "dW_hy-from-h_prev" in m else h_states[t])
            by = len(dy) if "averaged-over-batch/weights" in m else 1
            by = len(dH) if "averaged-over-steps" in m else len(dH) * len(dy) if "mean-over-steps" in m else by
            share = h.T @ dy if "dW_hy-transposed" in m else dy.T @ h
            dW = share / by + (0 if "assigned-not-accumulated" in m else dW)
            if t == 0 or "db-first-step-only" not in m:
                db += dy.sum(0) * (2 if "db-twice" in m else 1) / by
            dH[t] = dlogits_seq[t] @ (W_hy.T if "W_hy-transposed" in m else W_hy)
        return dH, dW, db

    return rnn_output_backward


@style("rnn_output_backward", "einsum")
def einsum(m):
    def rnn_output_backward(dlogits_seq, h_states, W_hy, b_y):
        H = np.stack(list(h_states))
        b = "b" if H.ndim == 3 else ""
        dY = dlogits_seq / H.shape[1] if "averaged-over-batch/all" in m and b else dlogits_seq
        before = np.concatenate([H[-1:], H[:-1]]) if "dW_hy-from-h_prev" in m else H
        part = slice(-1, None) if "assigned-not-accumulated" in m else slice(None)
        dW = np.einsum(f"t{b}v,t{b}h->{'hv' if 'dW_hy-transposed' in m else 'vh'}", dY[part], before[part])
        db = np.einsum(f"t{b}v->v", dY[:1] if "db-first-step-only" in m else dY)
        dH = np.einsum("...v,hv->...h" if "W_hy-transposed" in m else "...v,vh->...h", dY, W_hy)
        by = len(H) if "averaged-over-steps" in m else dY[..., 0].size if "mean-over-steps" in m else 1
        by = H.shape[1] if b and "averaged-over-batch/weights" in m else by
        return {"h_states": dH, "W_hy": dW / by, "b_y": (2 * db if "db-twice" in m else db) / by}

    return rnn_output_backward
