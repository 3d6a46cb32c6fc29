"""Mistakes that can be made in any function: nothing returned, only zeros, too little precision, inputs written to."""

from collections.abc import Iterator

from ..mistake import Mistake, made

RETURNS = {  # what stands behind the last return, and its like in zeros
    "rnn_cell_step": ("h_t", "0 * h_t"),
    "rnn_forward": ("h_states", "[0 * h for h in h_states]"),
    "rnn_output_layer": ("logits", "0 * logits"),
    "cross_entropy": ("losses.sum() / count", "0.0"),
    "rnn_sequence_loss": ("sum(losses)", "0 * sum(losses)"),
    "rnn_cell_backward": ("dx_t, dh_prev, dW_xh, dW_hh, db_h", None),
    "rnn_backward": ("dX, dh0, dW_xh, dW_hh, db_h", None),
    "rnn_output_backward": ("dh_states, dW_hy, db_y", None),
    "cross_entropy_backward": ("dz.reshape(logits.shape).astype(logits.dtype)", "0 * logits"),
    "rnn_sequence_loss_backward": ("np.array(dlogits)", "0 * np.array(dlogits)"),
    "rnn_bptt": (
        "loss, (dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y), h_T",
        "0 * loss, tuple(0 * d for d in (dX, dh0, dW_xh, dW_hh, db_h, dW_hy, db_y)), 0 * h_T",
    ),
}
REDUCED = ("losses.reshape(logits.shape[:-1])", "losses.sum()")  # what else cross_entropy may return
NETWORK = "W_xh, W_hh, b_h"
ARRAYS = {  # the floating-point inputs
    "rnn_cell_step": f"x_t, h_prev, {NETWORK}",
    "rnn_forward": f"X_seq, h0, {NETWORK}",
    "rnn_output_layer": "h_states, W_hy, b_y",
    "cross_entropy": "logits,",
    "rnn_sequence_loss": "logits_seq,",
    "rnn_cell_backward": f"dh_t, h_t, x_t, h_prev, {NETWORK}",
    "rnn_backward": f"dh_states, h_states, X_seq, h0, {NETWORK}",
    "rnn_output_backward": "dlogits_seq, h_states, W_hy, b_y",
    "cross_entropy_backward": "logits,",
    "rnn_sequence_loss_backward": "logits_seq,",
    "rnn_bptt": f"X_seq, h0, {NETWORK}, W_hy, b_y",
}
WRITES = {  # a line in which an input is written to without need
    "rnn_cell_step": ("h_t = np.tanh(z_t)", "h_t = np.tanh(z_t, out=z_t)\n    h_prev[...] = h_t"),
    "rnn_forward": ("        h_t = np.tanh(z_t)", "        h_t[...] = h_t = np.tanh(z_t)"),
    "rnn_output_layer": ("logits = h_states @ W_hy.T + b_y", "logits = h_states @ W_hy.T\n    b_y += 0 * b_y + 1"),
    "cross_entropy": ("z = z - z.max(1, keepdims=True)", "z -= z.max(1, keepdims=True)"),
    "rnn_cell_backward": ("dh_prev = dz_t @ W_hh", "dh_prev = dz_t @ W_hh\n    h_prev[...] = 0"),
    "rnn_backward": ("dX, dW_xh, dW_hh, db_h = np.zeros_like(X_seq)", "dX, dW_xh, dW_hh, db_h = X_seq"),
    "cross_entropy_backward": ("z = z - z.max(1, keepdims=True)", "z -= z.max(1, keepdims=True)"),
    "rnn_bptt": ("        h_t = np.tanh(z_t)", "        h_t[...] = h_t = np.tanh(z_t)"),
}


def _mistakes() -> Iterator[Mistake]:
    for function, (returned, zeros) in RETURNS.items():
        others = REDUCED if function == "cross_entropy" else ()
        forgotten = [(f"return {one}\n", f"{one}\n") for one in (returned, *others)]
        yield made("returns-none", (function,), *forgotten[1:], forgotten[0])
        if others:
            zeroed = [(f"return {one}\n", f"return 0 * {one}\n") for one in others]
            yield made("all-zero", (function,), *zeroed, (f"return {returned}\n", "return 0.0\n"))
            continue
        nothing = zeros or f"tuple(0 * d for d in ({returned}))"
        if function == "rnn_backward":
            continue  # there it is what only-dh-next comes to
        yield made("all-zero", (function,), (f"return {returned}\n", f"return {nothing}\n"))
    for function, names in ARRAYS.items():
        for dtype in ("float16", "float32"):
            back = ".astype(logits_seq.dtype)" if "sequence_loss" in function else ""  # losses that refuse float16
            cast = f"    {names} = (np.asarray(a, np.{dtype}){back} for a in ({names}))\n"
            yield made("low-precision", (function,), ('."""\n', f'."""\n{cast}'), variant=dtype)
    for function, edit in WRITES.items():
        yield made("mutates-input", (function,), edit)


MISTAKES = list(_mistakes())
