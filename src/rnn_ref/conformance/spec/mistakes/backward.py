"""Mistakes on the way back, in one step or through time."""

from ..mistake import BACK, BPTT, CELL_BACK, made

ALL, LOOPS = CELL_BACK + BACK + BPTT, BACK + BPTT
SLOPE, SUMMED, NEXT, END = "1 - h_t**2", "dh_states[t] + dh_next", "dh_next = dz_t @ W_hh", "dh0 = dh_next"
RESULTS = "dX, dh0, dW_xh, dW_hh, db_h"
WEIGHTS = "dW_xh, dW_hh, db_h = "

SLOPES = [
    made("no-slope", ALL, (f"dh_t * ({SLOPE})", "dh_t")),
    made("slope-of-tanh-h", ALL, (SLOPE, "1 - np.tanh(h_t) ** 2")),
    made("slope-plus", ALL, (SLOPE, "1 + h_t**2")),
    made("slope-of-preactivation", ALL, (SLOPE, "1 - np.arctanh(h_t) ** 2")),
    made("dh-not-through-tanh", ALL, ("dz_t @ W_hh", "dh_t @ W_hh")),
    made("dX-not-through-tanh", ALL, ("dz_t @ W_xh", "dh_t @ W_xh")),
]

WEIGHT_GRADIENTS = [
    made("dW_hh-from-h_t", ALL, ("dz_t.T @ h_prev", "dz_t.T @ h_t")),
    made("dW_hh-wraps", LOOPS, (" if t > 0 else h0", "")),
    made("dW_hh-transposed", ALL, ("dz_t.T @ h_prev", "h_prev.T @ dz_t")),
    made("dW_xh-transposed", CELL_BACK, ("dz_t.T @ x_t", "x_t.T @ dz_t")),
    made("dW_xh-transposed", LOOPS, (END, f"{END}\n    dW_xh = dW_xh.T")),
    made("assigned-not-accumulated", LOOPS, ("dW_hh +=", "dW_hh ="), variant="W_hh"),
    made("assigned-not-accumulated", LOOPS, ("dW_xh +=", "dW_xh ="), variant="W_xh"),
    made("assigned-not-accumulated", LOOPS, ("dW_hh +=", "dW_hh ="), ("dW_xh +=", "dW_xh ="), ("db_h +=", "db_h ="),
         variant="all"),
    made("db-twice", CELL_BACK, ("db_h = dz_t.sum(0)", "db_h = 2 * dz_t.sum(0)")),
    made("db-twice", LOOPS, ("db_h += dz_t.sum(0)", "db_h += 2 * dz_t.sum(0)")),
    made("db-first-step-only", LOOPS, ("db_h += dz_t.sum(0)", "db_h = dz_t.sum(0)")),
    made("grads-pile-up", LOOPS, ("np.zeros_like(b_h)", "KEPT.setdefault(X_seq.shape, np.zeros_like(b_h))")),
]  # fmt: skip

PATHS = [
    made("no-dh-next", LOOPS, (SUMMED, "dh_states[t]")),
    made("only-dh-next", LOOPS, (SUMMED, "dh_next")),
    made("only-dh-next", LOOPS, (SUMMED, "dh_next if t < T - 1 else dh_states[t]"), variant="but at the last step"),
    made("last-gradient-every-step", LOOPS, (SUMMED, "dh_states[-1] + dh_next")),
    made("dh-next-untransposed", ALL, ("dz_t @ W_hh", "dz_t @ W_hh.T")),
    made("dX-untransposed", ALL, ("dz_t @ W_xh", "dz_t @ W_xh.T")),
    made("forward-order", LOOPS, ("reversed(range(T))", "range(T)")),
    made("dh0-missing", CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = np.zeros_like(h_prev)")),
    made("dh0-missing", LOOPS, (END, "dh0 = np.zeros_like(h0)")),
    made("dh0-is-dz0", CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = dz_t")),
    made("dh0-is-dz0", LOOPS, (END, "dh0 = dz_t")),
    made("upstream-mutated", CELL_BACK, ("dz_t = dh_t * (1 - h_t**2)", "dh_t *= 1 - h_t**2\n    dz_t = dh_t")),
    made("upstream-mutated", BACK, (f"dh_t = {SUMMED}", "dh_t = dh_states[t]\n        dh_t += dh_next")),
]

AVERAGES = [
    *(made(slug, BACK, (f"return {RESULTS}", f"return tuple(d / {by} for d in ({RESULTS}))"), variant="all")
      for slug, by in (("averaged-over-steps", "T"), ("averaged-over-batch", "B"))),
    made("averaged-over-steps", LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / T, dW_hh / T, db_h / T"),
         variant="recurrent weights"),
    made("averaged-over-batch", LOOPS, ("dz_t = dh_t *", "dz_t = dh_t / B *"), variant="at every step"),
    made("averaged-over-batch", LOOPS, (END, f"{END}\n    {WEIGHTS}dW_xh / B, dW_hh / B, db_h / B"),
         variant="recurrent weights"),
    made("averaged-over-batch", CELL_BACK, ("    dx_t = dz_t", "    dW_xh, dW_hh, db_h = (d / len(dz_t) for d in "
         "(dW_xh, dW_hh, db_h))\n    dx_t = dz_t"), variant="recurrent weights"),
    made("averaged-over-batch", CELL_BACK, ("dz_t = dh_t *", "dz_t = dh_t / len(dh_t) *"), variant="all"),
    made("batch-mean-state", LOOPS, (NEXT, "dh_next = (dz_t @ W_hh).mean(0) + 0 * dz_t")),
    made("batch-mean-state", CELL_BACK, ("dh_prev = dz_t @ W_hh", "dh_prev = (dz_t @ W_hh).mean(0) + 0 * dz_t")),
]  # fmt: skip

CUTS = [
    *(made("truncated", LOOPS, (NEXT, f"{NEXT} * (t > T - {k})"), variant=f"cut once, after {k}")
      for k in (2, 3, 4, 5, 8, 10, 16, 20, 32, 35)),
    *(made("truncated", LOOPS, (NEXT, f"{NEXT} * (t != T - {k})"), variant=f"one link cut, after {k}")
      for k in (2, 3, 4, 5, 8, 10, 16, 20, 32, 35)),
    *(made("truncated", LOOPS, ("reversed(range(T))", f"reversed(range(T)[-{k}:])"), variant=f"stops after {k}")
      for k in (1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 35)),
    *(made("truncated", LOOPS, ("reversed(range(T))", f"reversed(range(T)[-{k}:])"), (END, f"{END} * (T <= {k})"),
           variant=f"stops after {k}, dh0 not reached") for k in (1, 2, 3, 4, 5, 8, 10, 16, 20, 32, 35)),
    *(made("truncated", LOOPS, (NEXT, f"{NEXT} * (t % {k} > 0)"), variant=f"chunks of {k}")
      for k in (2, 3, 4, 5, 8, 10, 16, 20, 32, 35, 40)),
    *(made("gradients-clipped", LOOPS, (NEXT, f"dh_next = np.clip(dz_t @ W_hh, -{c}, {c})"), variant=f"at {c}")
      for c in (1, 5, 10, 100)),
    *(made("gradients-clipped", CELL_BACK, ("dz_t = dh_t", f"dz_t = np.clip(dh_t, -{c}, {c})"), variant=f"at {c}")
      for c in (1, 5, 10, 100)),
]  # fmt: skip

MISTAKES = SLOPES + WEIGHT_GRADIENTS + PATHS + AVERAGES + CUTS
