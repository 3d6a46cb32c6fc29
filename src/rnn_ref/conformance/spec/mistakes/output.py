"""Mistakes in the output layer and on the way back through it."""

from ..mistake import BPTT, OUTPUT, OUTPUT_BACK, made

LOGITS = "h_states @ W_hy.T + b_y"
P = f"np.exp({LOGITS}) / np.exp({LOGITS}).sum(-1, keepdims=True)"
BOTH, BACKS = OUTPUT + BPTT, OUTPUT_BACK + BPTT

FORWARDS = [
    made("output-bias-missing", BOTH, (" + b_y", "")),
    made("output-bias-twice", BOTH, (" + b_y", " + 2 * b_y")),
    made("W_hy-transposed", BOTH, ("@ W_hy.T", "@ W_hy")),
    made("softmax-in-output", OUTPUT, (LOGITS, P)),
    made("log-softmax-in-output", OUTPUT, (LOGITS, f"np.log({P})")),
    made("tanh-in-output", BOTH, (LOGITS, f"np.tanh({LOGITS})")),
    made("output-of-previous-state", BOTH, ("h_states @ W_hy.T", "np.roll(h_states, 1, axis=0) @ W_hy.T"),
         variant="wraps"),
    made("output-of-previous-state", OUTPUT,
         ("h_states @ W_hy.T", "np.concatenate([0 * h_states[:1], h_states[:-1]]) @ W_hy.T"), variant="0 first"),
    made("output-of-previous-state", BPTT,
         ("h_states @ W_hy.T", "np.concatenate([h0[None], h_states[:-1]]) @ W_hy.T"), variant="h0 first"),
    made("last-logits-only", OUTPUT, ("return logits", "return logits[-1]")),
    made("last-logits-only", OUTPUT, ("return logits", "return logits[-1:]"), variant="as a list of one"),
]  # fmt: skip

BACKWARDS = [
    made("W_hy-transposed", BACKS, ("dlogits_seq @ W_hy", "dlogits_seq @ W_hy.T"), variant="on the way back"),
    made("dW_hy-transposed", BACKS, ("dz.T @ h\n", "h.T @ dz\n")),
    made("dW_hy-transposed", BACKS, ("dz.T @ h\n", "np.zeros_like(W_hy) + h.T @ dz\n"), variant="added up in place"),
    made("dW_hy-from-h_prev", OUTPUT_BACK, ("dz.T @ h\n", "dz.T @ np.roll(h_states, 1, axis=0).reshape(h.shape)\n")),
    made("dW_hy-from-h_prev", BPTT,
         ("dz.T @ h\n", "dz.T @ np.concatenate([h0[None], h_states[:-1]]).reshape(h.shape)\n")),
    made("db-twice", BACKS, ("db_y = dz.sum(0)", "db_y = 2 * dz.sum(0)"), variant="b_y"),
    made("db-first-step-only", BACKS, ("db_y = dz.sum(0)", "db_y = dlogits_seq[0].reshape(-1, len(b_y)).sum(0)"),
         variant="b_y"),
    made("assigned-not-accumulated", OUTPUT_BACK,
         ("dW_hy = dz.T @ h\n", "last = len(dz) - len(dz) // len(dlogits_seq)\n    dW_hy = dz[last:].T @ h[last:]\n"),
         variant="W_hy"),
    made("assigned-not-accumulated", BPTT, ("dW_hy = dz.T @ h\n", "dW_hy = dz[-B:].T @ h[-B:]\n"), variant="W_hy"),
    made("averaged-over-steps", OUTPUT_BACK, ("dW_hy, db_y\n", "dW_hy / len(h_states), db_y / len(h_states)\n")),
    made("averaged-over-batch", OUTPUT_BACK, ("dW_hy, db_y\n",
         "*(d * (len(h_states) / len(h)) for d in (dW_hy, db_y))\n"), variant="weights"),
    made("averaged-over-batch", OUTPUT_BACK, ("dh_states, dW_hy, db_y\n",
         "tuple(d * (len(h_states) / len(h)) for d in (dh_states, dW_hy, db_y))\n"), variant="all"),
    made("mean-over-steps", OUTPUT_BACK, ("dW_hy, db_y\n", "dW_hy / len(h), db_y / len(h)\n"), variant="by T * B"),
]  # fmt: skip

MISTAKES = FORWARDS + BACKWARDS
