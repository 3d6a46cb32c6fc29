"""Modules in which one function is wrong, and others only call it: as functions, as methods, as static methods."""

import textwrap
from collections.abc import Iterator

from .written import PassedOn

# A whole network whose functions call one another. SELF and CALL are what a method has before its arguments,
# and before a call of another.
NETWORK = {
    "rnn_cell_step": """
        def rnn_cell_step(SELFx_t, h_prev, W_xh, W_hh, b_h):
            return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
        """,
    "rnn_forward": """
        def rnn_forward(SELFX_seq, h0, W_xh, W_hh, b_h):
            h, h_states = h0, []
            for x_t in X_seq:
                h = CALLrnn_cell_step(x_t, h, W_xh, W_hh, b_h)
                h_states.append(h)
            return h_states
        """,
    "rnn_output_layer": """
        def rnn_output_layer(SELFh_states, W_hy, b_y):
            return np.asarray(h_states) @ W_hy.T + b_y
        """,
    "cross_entropy": """
        def cross_entropy(SELFlogits, targets, *, reduction="mean"):
            z = logits - logits.max(axis=-1, keepdims=True)
            log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
            losses = -np.take_along_axis(log_p, np.expand_dims(targets, -1), -1)[..., 0]
            return losses if reduction == "none" else losses.sum() if reduction == "sum" else losses.mean()
        """,
    "rnn_sequence_loss": """
        def rnn_sequence_loss(SELFlogits_seq, targets_seq, loss_fn):
            return sum(loss_fn(z, y) for z, y in zip(logits_seq, targets_seq))
        """,
    "rnn_cell_backward": """
        def rnn_cell_backward(SELFdh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
            dz = dh_t * (1 - h_t**2)
            rows = [a.reshape(-1, a.shape[-1]) for a in (dz, x_t, h_prev)]
            return dz @ W_xh, dz @ W_hh, rows[0].T @ rows[1], rows[0].T @ rows[2], rows[0].sum(0)
        """,
    "rnn_backward": """
        def rnn_backward(SELFdh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
            dX, dh, total = [], 0 * h0, [0 * W_xh, 0 * W_hh, 0 * b_h]
            for t in reversed(range(len(X_seq))):
                before = h_states[t - 1] if t else h0
                dx, dh, *grads = CALLrnn_cell_backward(
                    dh_states[t] + dh, h_states[t], X_seq[t], before, W_xh, W_hh, b_h
                )
                dX.insert(0, dx)
                total = [a + b for a, b in zip(total, grads)]
            return np.array(dX), dh, *total
        """,
    "rnn_output_backward": """
        def rnn_output_backward(SELFdlogits_seq, h_states, W_hy, b_y):
            rows, states = dlogits_seq.reshape(-1, len(b_y)), h_states.reshape(-1, W_hy.shape[1])
            return dlogits_seq @ W_hy, rows.T @ states, rows.sum(0)
        """,
    "rnn_bptt": """
        def rnn_bptt(SELFX_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y):
            H = np.array(CALLrnn_forward(X_seq, h0, W_xh, W_hh, b_h))
            logits = CALLrnn_output_layer(H, W_hy, b_y)
            loss = CALLcross_entropy(logits, targets_seq, reduction="sum")
            p = np.exp(logits - logits.max(-1, keepdims=True))
            p /= p.sum(-1, keepdims=True)
            p -= np.arange(len(b_y)) == np.expand_dims(targets_seq, -1)
            dH, dW_hy, db_y = CALLrnn_output_backward(p, H, W_hy, b_y)
            return loss, (*CALLrnn_backward(dH, H, X_seq, h0, W_xh, W_hh, b_h), dW_hy, db_y), H[-1]
        """,
}
FORMS = {"functions": ("", ""), "methods": ("self, ", "self."), "static methods": ("", "Network.")}
LOOPS = ("rnn_forward", "rnn_bptt")
STEP_BACK = ("rnn_backward", "rnn_bptt")
# guilty, slug, what stands there and what in its place, and who passes it on
SPOILT: list[tuple[str, str, str, str, tuple[str, ...]]] = [
    ("rnn_cell_step", "bias-missing", " + b_h)", ")", LOOPS),
    ("rnn_cell_step", "no-tanh", "np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)",
     "x_t @ W_xh.T + h_prev @ W_hh.T + b_h", LOOPS),
    ("rnn_cell_step", "W_hh-transposed", "W_hh.T", "W_hh", LOOPS),
    ("rnn_cell_step", "sigmoid-for-tanh", "np.tanh(", "(lambda z: 1 / (1 + np.exp(-z)))(", LOOPS),
    ("rnn_forward", "h0-ignored", "h, h_states = h0", "h, h_states = 0 * h0", ("rnn_bptt",)),
    ("rnn_forward", "h0-every-step", "(x_t, h,", "(x_t, h0,", ("rnn_bptt",)),
    ("rnn_forward", "time-reversed", "in X_seq", "in X_seq[::-1]", ("rnn_bptt",)),
    ("rnn_output_layer", "output-bias-missing", " + b_y", "", ("rnn_bptt",)),
    ("rnn_output_layer", "tanh-in-output", "np.asarray(h_states) @ W_hy.T + b_y",
     "np.tanh(np.asarray(h_states) @ W_hy.T + b_y)", ("rnn_bptt",)),
    ("cross_entropy", "base-2-log", "losses = -np", "losses = -np.log2(np.e) * np", ("rnn_bptt",)),
    ("cross_entropy", "sign", "losses = -np", "losses = np", ("rnn_bptt",)),
    ("cross_entropy", "log-epsilon", "z - np.log(np.exp(z).sum(axis=-1, keepdims=True))",
     "np.log(np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True) + 1e-8)", ("rnn_bptt",)),
    ("rnn_cell_backward", "no-slope", "dh_t * (1 - h_t**2)", "dh_t", STEP_BACK),
    ("rnn_cell_backward", "db-twice", "rows[0].sum(0)", "2 * rows[0].sum(0)", STEP_BACK),
    ("rnn_cell_backward", "dh-next-untransposed", "dz @ W_hh,", "dz @ W_hh.T,", STEP_BACK),
    ("rnn_backward", "no-dh-next", "dh_states[t] + dh", "dh_states[t]", ("rnn_bptt",)),
    ("rnn_backward", "dW_hh-wraps", "h_states[t - 1] if t else h0", "h_states[t - 1]", ("rnn_bptt",)),
    ("rnn_output_backward", "db-twice", "rows.sum(0)", "2 * rows.sum(0)", ("rnn_bptt",)),
]  # fmt: skip


def module(form: str, guilty: str | None = None, old: str = "", new: str = "") -> str:
    """Return the text of the network in one form, with one function spoilt."""
    own, call = FORMS[form]
    parts = []
    for function, text in NETWORK.items():
        if function == guilty and old not in text:
            raise ValueError(f"{guilty} does not contain {old!r}")
        body = textwrap.dedent(text.replace(old, new) if function == guilty else text).strip()
        body = body.replace("SELF", own).replace("CALL", call)
        parts.append(f"@staticmethod\n{body}" if form == "static methods" else body)
    whole = "\n\n".join(parts)
    return f"import numpy as np\n\n{whole if form == 'functions' else _in_class(whole)}\n"


def _in_class(text: str) -> str:
    return "class Network:\n" + textwrap.indent(text, "    ")


def blame() -> Iterator[PassedOn]:
    """Yield every module."""
    for guilty, slug, old, new, passing in SPOILT:
        for form in FORMS:
            place = "" if form == "functions" else "Network"
            yield PassedOn(form, module(form, guilty, old, new), place, guilty, slug, passing)
