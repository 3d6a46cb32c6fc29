"""What every function of the notebooks computes, on paper; and such formulas set for a notebook.

They are written as in the words for mistakes: ``*`` is entry by entry, ``^T`` a transpose, a ``d`` before a name the
gradient of the loss by it.
"""

import re

from ..conformance.reports.html.elements import element, escaped

FORMULAS = {
    "rnn_cell_step": ("h_t = tanh(W_xh x_t + W_hh h_prev + b_h)",),
    "rnn_forward": ("h_t = tanh(W_xh x_t + W_hh h_prev + b_h)   for t = 1 ... T, h_prev = h_0 at first",),
    "rnn_output_layer": ("logits_t = W_hy h_t + b_y",),
    "rnn_sequence_loss": ("L = sum_t loss(logits_t, target_t)",),
    "cross_entropy": ("loss = ln sum_v exp(z_v) - z_y",),
    "rnn_cell_backward": (
        "dz = dh_t * (1 - h_t^2)",
        "dx_t = W_xh^T dz,   dh_prev = W_hh^T dz",
        "dW_xh = dz x_t^T,   dW_hh = dz h_prev^T,   db_h = dz   (summed over a batch)",
    ),
    "rnn_output_backward": (
        "dh_t = W_hy^T dlogits_t",
        "dW_hy = sum_t dlogits_t h_t^T,   db_y = sum_t dlogits_t",
    ),
    "cross_entropy_backward": ("dlogits = dloss (softmax(logits) - onehot(target)) / N   of N predictions",),
    "rnn_sequence_loss_backward": ("dlogits_t = loss_backward(dloss, logits_t, target_t)",),
    "rnn_backward": (
        "dz_t = (dh_t + W_hh^T dz_next) * (1 - h_t^2)   from the last step to the first, dz_next = 0 at first",
        "dW_hh = sum_t dz_t h_prev^T,   dW_xh = sum_t dz_t x_t^T,   db_h = sum_t dz_t",
        "dx_t = W_xh^T dz_t,   dh_0 = W_hh^T dz_1",
    ),
    "rnn_bptt": (
        "L = sum_t loss(W_hy h_t + b_y, target_t),   summed over a batch as well",
        "dlogits_t = softmax(logits_t) - onehot(target_t),   then rnn_output_backward, then rnn_backward",
    ),
    "gru_cell_step": (
        "r = sigmoid(W_xr x_t + b_xr + W_hr h_prev + b_hr)",
        "z = sigmoid(W_xz x_t + b_xz + W_hz h_prev + b_hz)",
        "n = tanh(W_xn x_t + b_xn + r * (W_hn h_prev + b_hn))",
        "h_t = (1 - z) * n + z * h_prev",
    ),
    "gru_cell_backward": (
        "da_n = dh_t * (1 - z) * (1 - n^2),   da_z = dh_t * (h_prev - n) * z * (1 - z)",
        "da_r = da_n * (W_hn h_prev + b_hn) * r * (1 - r)",
        "dh_prev = dh_t * z + W_hr^T da_r + W_hz^T da_z + W_hn^T (r * da_n)",
        "on the input's side: da_r, da_z, da_n;   on the state's side: da_r, da_z, r * da_n",
    ),
    "lstm_cell_step": (
        "i, f, o = sigmoid(W_x x_t + W_h h_prev + b),   g = tanh(W_xg x_t + W_hg h_prev + b_g)",
        "c_t = f * c_prev + i * g,   h_t = o * tanh(c_t)",
    ),
    "lstm_cell_backward": (
        "dc = dc_t + dh_t * o * (1 - tanh(c_t)^2)",
        "da_i = dc * g * i * (1 - i),   da_f = dc * c_prev * f * (1 - f)",
        "da_g = dc * i * (1 - g^2),   da_o = dh_t * tanh(c_t) * o * (1 - o)",
        "dc_prev = dc * f,   dh_prev = W_hh^T da,   dW_hh = da h_prev^T",
    ),
}

_TOKEN = re.compile(r"(?P<name>[A-Za-z]+)(?:_(?P<below>\w+))?(?P<above>\^\w+)?|\)(?P<power>\^\w+)|(?P<sign> [*-] |->)")
_SIGNS = {" * ": " ∘ ", " - ": " − ", "->": "→"}
_CALLED = {"sum": "Σ", "sigmoid": "σ"}


def typeset(formula: str) -> str:
    """Return a formula as HTML: what is below a letter below it, what is above it above.

    >>> typeset("dW_hh = sum_t dz_t h_prev^T")
    '<i>dW</i><sub>hh</sub> = Σ<sub>t</sub> <i>dz</i><sub>t</sub> <i>h</i><sub>prev</sub><sup>T</sup>'
    """
    parts, end = [], 0
    for match in _TOKEN.finditer(formula):
        parts += [escaped(formula[end : match.start()]), _set(match)]
        end = match.end()
    return "".join([*parts, escaped(formula[end:])])


def _set(match: re.Match[str]) -> str:
    if match["sign"]:
        return _SIGNS[match["sign"]]
    if match["power"]:
        return f"){element('sup', match['power'][1:])}"
    name, below = match["name"], match["below"]
    if below and (len(name) > 3 or "_" in below) and name not in {*_CALLED, "logits", "target", "dlogits"}:
        return element("code", escaped(match[0]))  # a name in code: loss_backward
    letter = len(name) == 1 or (len(name) == 2 and name[0] == "d")
    told = element("i", name) if letter else _CALLED.get(name, name)
    above = element("sup", match["above"][1:]) if match["above"] else ""
    return told + (element("sub", below) if below else "") + above
