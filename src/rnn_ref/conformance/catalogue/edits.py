"""The mistakes: slug -> (functions, what stands in the base, what stands in its place). Slugs are API."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """A mistake of the catalogue, as edits of the base's text."""

    slug: str
    functions: tuple[str, ...]
    edits: tuple[tuple[str, str], ...]


CELL = ("rnn_cell_step", "rnn_forward")
FORWARD, OUTPUT, LOSS, SUM = ("rnn_forward",), ("rnn_output_layer",), ("cross_entropy",), ("rnn_sequence_loss",)
BACK, LOSS_BACK = ("rnn_backward",), ("cross_entropy_backward",)
RESULTS = "return dX, dh0, dW_xh, dW_hh, db_h"


def _one(functions: tuple[str, ...], **mistakes: tuple[str, str]) -> list[Mistake]:
    return [Mistake(slug.replace("_", "-"), functions, (edit,)) for slug, edit in mistakes.items()]


def _named(slug: str, functions: tuple[str, ...], *edits: tuple[str, str]) -> Mistake:
    return Mistake(slug, functions, edits)


_CELL = _one(
    CELL,
    no_tanh=("np.tanh(z_t)", "z_t"),
    relu_for_tanh=("np.tanh(z_t)", "np.maximum(z_t, 0)"),
    sigmoid_for_tanh=("np.tanh(z_t)", "1 / (1 + np.exp(-z_t))"),
    tanh_twice=("np.tanh(z_t)", "np.tanh(np.tanh(z_t))"),
    bias_missing=(" + b_h", ""),
    bias_twice=(" + b_h", " + b_h + b_h"),
    bias_outside_tanh=("np.tanh(z_t)", "np.tanh(z_t - b_h) + b_h"),
    low_precision=("np.tanh(z_t)", "np.tanh(z_t.astype(np.float16)).astype(z_t.dtype)"),
    outer_broadcast=(" + b_h", " + b_h[:, None]"),
) + [
    _named("tanh-of-part", ("rnn_cell_step",), ("np.tanh(z_t)", "np.tanh(x_t @ W_xh.T + b_h) + h_prev @ W_hh.T")),
    _named("tanh-of-part", FORWARD, ("np.tanh(z_t)", "np.tanh(x_t @ W_xh.T + b_h) + h_t @ W_hh.T")),
    _named("W_hh-transposed", CELL, ("@ W_hh.T", "@ W_hh")),
    _named("W_xh-transposed", CELL, ("@ W_xh.T", "@ W_xh")),
    _named("weights-swapped", CELL, ("W_xh.T", "W_t.T"), ("W_hh.T", "W_xh.T"), ("W_t.T", "W_hh.T")),
    _named("input-ignored", CELL, ("x_t @ W_xh.T + ", "")),
    _named("no-recurrence", ("rnn_cell_step",), (" + h_prev @ W_hh.T", "")),
    _named("no-recurrence", FORWARD, (" + h_t @ W_hh.T", "")),
    _named("recurrence-twice", CELL, ("@ W_hh.T", "@ (2 * W_hh.T)")),
    _named("mutates-input", ("rnn_cell_step",), ("    return np.tanh", "    h_prev[...] = 0\n    return np.tanh")),
    _named("mutates-input", FORWARD, ("        h_t = np.tanh(z_t)", "        h_t[...] = h_t = np.tanh(z_t)")),
    _named("returns-none", ("rnn_cell_step",), ("return np.tanh(z_t)", "np.tanh(z_t)")),
    _named("all-zero", ("rnn_cell_step",), ("np.tanh(z_t)", "np.zeros_like(h_prev)")),
]  # fmt: skip

_STEP = "h_t @ W_hh.T"
_KEPT = "getattr(rnn_forward, 'kept', {})"
_FORWARD = _one(
    FORWARD,
    bias_first_step_only=(" + b_h", " + (b_h if t == 0 else 0)"),
    h0_ignored=("h_t = h0", "h_t = np.zeros_like(h0)"),
    h0_every_step=(_STEP, "h0 @ W_hh.T"),
    states_aliased=("return h_states", "return [h_t] * len(h_states)"),
    starts_with_h0=("h_states = []", "h_states = [h0]"),
    shifted_by_one=("return h_states", "return [h0, *h_states[:-1]]"),
    last_state_only=("return h_states", "return h_t"),
    last_step_missing=("enumerate(X_seq)", "enumerate(X_seq[:-1])"),
    time_reversed=("enumerate(X_seq)", "enumerate(X_seq[::-1])"),
    input_off_by_one=("x_t @ W_xh.T", "X_seq[t - 1] @ W_xh.T"),
    chunk_reset=(_STEP, "(h0 if t % 3 == 0 else h_t) @ W_hh.T"),
    all_zero=("return h_states", "return [0 * h for h in h_states]"),
    returns_none=("return h_states", "h_states"),
) + [
    _named("batch-time-swapped", FORWARD,
           ("h_t = h0", "X_seq = X_seq.swapaxes(0, 1) if X_seq.ndim == 3 else X_seq\n    h_t = h0")),
    _named("batch-rows-mixed", FORWARD,
           ("h_t = np.tanh(z_t)", "h_t = np.tanh(z_t)\n        h_t = h_t.reshape(h_t.shape[::-1]).T")),
    _named("state-leaks", FORWARD, ("h_t = h0", f"h_t = {_KEPT}.get(h0.shape, h0)"),
           ("return h_states", f"rnn_forward.kept = {{**{_KEPT}, h0.shape: h_t}}\n    return h_states")),
]  # fmt: skip

_P = "np.exp(LOGITS) / np.exp(LOGITS).sum(-1, keepdims=True)".replace("LOGITS", "(h_states @ W_hy.T + b_y)")
_OUTPUT = _one(
    OUTPUT,
    output_bias_missing=(" + b_y", ""),
    output_bias_twice=(" + b_y", " + 2 * b_y"),
    softmax_in_output=("h_states @ W_hy.T + b_y", _P),
    log_softmax_in_output=("h_states @ W_hy.T + b_y", f"np.log({_P})"),
    tanh_in_output=("h_states @ W_hy.T + b_y", "np.tanh(h_states @ W_hy.T + b_y)"),
    output_of_previous_state=("h_states @ W_hy.T", "np.roll(h_states, 1, axis=0) @ W_hy.T"),
    last_logits_only=("return h_states @", "return h_states[-1] @"),
) + [_named("W_hy-transposed", OUTPUT, ("@ W_hy.T", "@ W_hy"))]

_LOG_P = "log_p = z - np.log(np.exp(z).sum(1, keepdims=True))"
_PICK = "-log_p[rows, y].mean()"
_SUM = "return sum(losses)"
_LOSS = _one(
    LOSS,
    base_2_log=(_PICK, "-log_p[rows, y].mean() / np.log(2)"),
    double_softmax=(_LOG_P, f"{_LOG_P}\n    z = np.exp(log_p)\n    {_LOG_P}"),
    unstable_softmax=("z = z - z.max(1, keepdims=True)", "z = z + 0"),
    log_epsilon=(_PICK, "-np.log(np.exp(log_p[rows, y]) + 1e-8).mean()"),
    unnormalised=(_PICK, "-logits.reshape(z.shape)[rows, y].mean()"),
    sign=(_PICK, "log_p[rows, y].mean()"),
    targets_shifted=("np.ravel(targets)", "np.roll(np.ravel(targets), 1)"),
    target_columns=("log_p[rows, y].mean()", "log_p[:, y].mean()"),
    mean_over_steps=(".mean()", ".sum()"),
    probability_not_log=(_PICK, "(1 - np.exp(log_p[rows, y])).mean()"),
) + [
    _named("softmax-wrong-axis", LOSS, ("max(1, keep", "max(0, keep"), ("sum(1, keep", "sum(0, keep")),
    *_one(
        SUM,
        mean_over_steps=(_SUM, "return sum(losses) / len(losses)"),
        sign=(_SUM, "return -sum(losses)"),
        last_step_only=(_SUM, "return losses[-1]"),
        first_step_only=(_SUM, "return losses[0]"),
        targets_shifted=("targets_seq)]", "np.roll(targets_seq, 1, axis=0))]"),
        ignores_loss_fn=("loss_fn(z_t, y_t)", "(np.log(np.exp(z_t).sum(-1)) - np.take_along_axis("
                         "z_t, np.asarray(y_t)[..., None], -1)[..., 0]).sum()"),
    ),
]  # fmt: skip

_BACK = _one(
    BACK,
    no_dh_next=("dh_states[t] + dh_next", "dh_states[t]"),
    only_dh_next=("dh_states[t] + dh_next", "dh_next"),
    last_gradient_every_step=("dh_states[t] + dh_next", "dh_states[-1] + dh_next"),
    no_slope=("dh_t * (1 - h_t**2)", "dh_t"),
    slope_of_tanh_h=("1 - h_t**2", "1 - np.tanh(h_t) ** 2"),
    slope_plus=("1 - h_t**2", "1 + h_t**2"),
    slope_of_preactivation=("1 - h_t**2", "1 - np.arctanh(h_t) ** 2"),
    forward_order=("reversed(range(T))", "range(T)"),
    assigned_not_accumulated=("dW_hh +=", "dW_hh ="),
    db_twice=("db_h += dz_t.sum(0)", "db_h += 2 * dz_t.sum(0)"),
    db_first_step_only=("db_h += dz_t.sum(0)", "db_h = dz_t.sum(0)"),
    dh0_missing=("dh0 = dh_next", "dh0 = np.zeros_like(h0)"),
    dh0_is_dz0=("dh0 = dh_next", "dh0 = dz_t"),
    averaged_over_steps=(RESULTS, "return dX / T, dh0 / T, dW_xh / T, dW_hh / T, db_h / T"),
    averaged_over_batch=("dz_t = dh_t *", "dz_t = dh_t / B *"),
    batch_mean_state=("dh_next = dz_t @ W_hh", "dh_next = (dz_t @ W_hh).mean(0) + 0 * dz_t"),
    truncated=("dh_next = dz_t @ W_hh", "dh_next = dz_t @ W_hh * (t > T - 3)"),
    upstream_mutated=("dh_t = dh_states[t] + dh_next", "dh_t = dh_states[t]\n        dh_t += dh_next"),
) + [
    _named("dW_hh-from-h_t", BACK, ("dz_t.T @ h_prev", "dz_t.T @ h_t")),
    _named("dW_hh-wraps", BACK, (" if t > 0 else h0", "")),
    _named("dW_hh-transposed", BACK, ("dz_t.T @ h_prev", "h_prev.T @ dz_t")),
    _named("dW_xh-transposed", BACK, (RESULTS, RESULTS.replace("dW_xh", "dW_xh.T"))),
    _named("dh-next-untransposed", BACK, ("dh_next = dz_t @ W_hh", "dh_next = dz_t @ W_hh.T")),
    _named("grads-pile-up", BACK, ("np.zeros_like(b_h)", "KEPT.setdefault(X_seq.shape, np.zeros_like(b_h))")),
    *_one(
        LOSS_BACK,
        onehot_missing=("    p[np.arange(len(z)), y] -= 1\n", ""),
        dlogits_averaged=("/ len(z)", "/ len(z) / z.shape[1]"),
        averaged_over_steps=("dloss * p / len(z)", "dloss * p"),
    ),
]

MISTAKES: tuple[Mistake, ...] = tuple(_CELL + _FORWARD + _OUTPUT + _LOSS + _BACK)
