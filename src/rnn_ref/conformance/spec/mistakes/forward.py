"""Mistakes on the way forward, in one step or in the loop over them; rnn_bptt goes forward too."""

from ..mistake import BPTT, FORWARD, STEP, made

ALL, LOOPS = STEP + FORWARD + BPTT, FORWARD + BPTT
TANH, SLOPE = "np.tanh(z_t)", "(1 - h_t**2)"
AFTER = "h_t = np.tanh(z_t)\n        "  # inside the loop

ACTIVATION = [
    made("no-tanh", ALL, (TANH, "z_t")),
    made("no-tanh", BPTT, (TANH, "z_t"), (SLOPE, "1"), variant="and no slope"),
    made("relu-for-tanh", ALL, (TANH, "np.maximum(z_t, 0)")),
    made("relu-for-tanh", BPTT, (TANH, "np.maximum(z_t, 0)"), (SLOPE, "(h_t > 0)"), variant="with its slope"),
    made("sigmoid-for-tanh", ALL, (TANH, "1 / (1 + np.exp(-z_t))")),
    made("sigmoid-for-tanh", BPTT, (TANH, "1 / (1 + np.exp(-z_t))"), (SLOPE, "h_t * (1 - h_t)"),
         variant="with its slope"),
    made("tanh-twice", ALL, (TANH, "np.tanh(np.tanh(z_t))")),
    made("tanh-of-part", STEP, (TANH, "np.tanh(x_t @ W_xh.T + b_h) + h_prev @ W_hh.T"), variant="of the input"),
    made("tanh-of-part", STEP, (TANH, "x_t @ W_xh.T + np.tanh(h_prev @ W_hh.T + b_h)"), variant="of the state"),
    made("tanh-of-part", LOOPS, (TANH, "np.tanh(x_t @ W_xh.T + b_h) + h_t @ W_hh.T"), variant="of the input"),
    made("tanh-of-part", LOOPS, (TANH, "x_t @ W_xh.T + np.tanh(h_t @ W_hh.T + b_h)"), variant="of the state"),
]  # fmt: skip

TERMS = [
    made("bias-missing", ALL, (" + b_h", "")),
    made("bias-twice", ALL, (" + b_h", " + b_h + b_h")),
    made("bias-outside-tanh", ALL, (TANH, "np.tanh(z_t - b_h) + b_h")),
    made("bias-first-step-only", LOOPS, (" + b_h", " + (b_h if t == 0 else 0)")),
    made("W_hh-transposed", ALL, ("@ W_hh.T", "@ W_hh")),
    made("W_hh-transposed", BPTT, ("@ W_hh.T", "@ W_hh"), ("dz_t @ W_hh", "dz_t @ W_hh.T"),
         ("dz_t.T @ h_prev", "h_prev.T @ dz_t"), variant="both ways"),
    made("W_xh-transposed", ALL, ("@ W_xh.T", "@ W_xh")),
    made("weights-swapped", ALL, ("W_xh.T", "W_t.T"), ("W_hh.T", "W_xh.T"), ("W_t.T", "W_hh.T")),
    *(made("weights-swapped", functions, (f"x_t @ W_xh.T + {h} @ W_hh.T", f"np.concatenate([x_t, {h}], -1) @ "
           "np.concatenate([W_hh, W_xh], 1).T"), variant="end to end")
      for functions, h in ((STEP, "h_prev"), (LOOPS, "h_t"))),
    made("input-ignored", ALL, ("x_t @ W_xh.T + ", "")),
    made("no-recurrence", STEP, (" + h_prev @ W_hh.T", "")),
    made("no-recurrence", LOOPS, (" + h_t @ W_hh.T", "")),
    made("recurrence-twice", ALL, ("@ W_hh.T", "@ (2 * W_hh.T)")),
    made("outer-broadcast", STEP + FORWARD, (" + b_h", " + b_h[:, None]")),
    made("outer-broadcast", FORWARD, ("x_t @ W_xh.T + h_t @ W_hh.T + b_h", "W_xh @ x_t + W_hh @ h_t + b_h[:, None]"),
         variant="W @ x"),
    made("outer-broadcast", STEP, ("z_t = x_t @ W_xh.T + h_prev @ W_hh.T + b_h",
         "z_t = (x_t @ W_xh.T + h_prev @ W_hh.T)[..., None] + b_h"), variant="columns"),
]  # fmt: skip

STATES = [
    made("h0-ignored", LOOPS, ("h_t = h0", "h_t = np.zeros_like(h0)")),
    made("h0-ignored", BPTT, ("h_t = h0", "h_t = h0 = np.zeros_like(h0)"), variant="both ways"),
    made("h0-every-step", LOOPS, ("h_t @ W_hh.T", "h0 @ W_hh.T")),
    made("states-aliased", FORWARD, ("return h_states", "return [h_t] * len(h_states)")),
    made("states-aliased", BPTT, ("np.array(h_states)", "np.array([h_t] * T)")),
    made("starts-with-h0", FORWARD, ("h_states = []", "h_states = [h0]")),
    made("shifted-by-one", FORWARD, ("return h_states", "return [h0, *h_states[:-1]]")),
    made("shifted-by-one", BPTT, ("np.array(h_states)", "np.array([h0, *h_states[:-1]])")),
    made("last-state-only", FORWARD, ("return h_states", "return h_t")),
    made("last-step-missing", FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[:-1])"), variant="a row less"),
    made("last-step-missing", FORWARD, ("return h_states", "return [*h_states[:-1], 0 * h_t]"), variant="a row of 0"),
    made("last-step-missing", BPTT, ("np.array(h_states)", "np.array([*h_states[:-1], 0 * h_t])"),
         variant="a row of 0"),
    made("time-reversed", LOOPS, ("enumerate(X_seq)", "enumerate(X_seq[::-1])")),
    made("time-reversed", FORWARD, ("enumerate(X_seq)", "enumerate(X_seq[::-1])"),
         ("return h_states", "return h_states[::-1]"), variant="and turned round again"),
    made("input-off-by-one", LOOPS, ("x_t @ W_xh.T", "X_seq[t - 1] @ W_xh.T"), variant="wraps"),
    made("input-off-by-one", LOOPS, ("x_t @ W_xh.T", "(X_seq[t - 1] if t else 0 * x_t) @ W_xh.T"), variant="0 first"),
    made("input-off-by-one", LOOPS, ("x_t @ W_xh.T", "X_seq[(t + 1) % len(X_seq)] @ W_xh.T"), variant="one ahead"),
    made("batch-time-swapped", LOOPS,
         ("h_t = h0", "if h0.ndim == 2 and len(h0) > 1:\n        X_seq = X_seq.swapaxes(0, 1)\n    h_t = h0")),
    made("batch-rows-mixed", STEP, (TANH, "np.tanh(z_t).reshape(z_t.shape[::-1]).T"), variant="states"),
    made("batch-rows-mixed", LOOPS, (AFTER, AFTER + "h_t = h_t.reshape(h_t.shape[::-1]).T\n        "),
         variant="states"),
    made("batch-rows-mixed", STEP, (TANH, "np.tanh(z_t).T.reshape(z_t.shape)"), variant="states, the other way"),
    made("batch-rows-mixed", LOOPS, (AFTER, AFTER + "h_t = h_t.T.reshape(h_t.shape)\n        "),
         variant="states, the other way"),
    made("batch-rows-mixed", LOOPS,
         ("h_t = h0", "if h0.ndim == 2:\n        X_seq = X_seq.reshape(len(h0), len(X_seq), -1).swapaxes(0, 1)\n"
                      "    h_t = h0"), variant="inputs"),
    made("batch-time-swapped", BPTT, ("in enumerate(X_seq)", "in enumerate(X_seq if single else X_seq.swapaxes(0, 1))"),
         variant="on the way forward"),
    made("batch-rows-mixed", BPTT, ("in enumerate(X_seq)",
         "in enumerate(X_seq if single else X_seq.reshape(B, T, -1).swapaxes(0, 1))"), variant="on the way forward"),
    made("state-leaks", FORWARD, ("h_t = h0", "h_t = KEPT.get(h0.shape, h0)"),
         ("return h_states", "KEPT[h0.shape] = h_t\n    return h_states")),
]  # fmt: skip

RESETS = [
    made("chunk-reset", LOOPS, ("h_t @ W_hh.T", f"({start} if t and t % {k} == 0 else h_t) @ W_hh.T"),
         variant=f"to {start.removesuffix(' * h0')} every {k}")
    for k in (2, 3, 4, 5, 8, 10, 16, 20, 32, 40)
    for start in ("h0", "0 * h0")
]  # fmt: skip

MISTAKES = ACTIVATION + TERMS + STATES + RESETS
