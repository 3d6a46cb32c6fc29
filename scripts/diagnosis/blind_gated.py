"""The programs of a set written blind with gated cells in it: what was planted in the styles of ``blind_styles``.

Left out are those without a name: what is told of them is a test of the facts (``tests/unit/test_facts_gates.py``).
"""

PLANTED = [
    ("min_char_rnn", "rnn_bptt", ("forward-order",), (
        ("for t in reversed(range(T)):", "for t in range(T):"),)),
    ("min_char_rnn", "rnn_bptt", ("slope-of-tanh-h",), (
        ("(1 - hs[t] * hs[t]) * dh", "(1 - np.tanh(hs[t]) ** 2) * dh"),)),
    ("min_char_rnn", "rnn_bptt", ("dW_hy-from-h_prev",), (
        ("dWhy += np.dot(dy, hs[t].T)", "dWhy += np.dot(dy, hs[t - 1].T)"),)),
    ("min_char_rnn", "rnn_bptt", ("dW_hh-from-h_t", "db-not-through-tanh"), (
        ("dbh += dhraw.sum(", "dbh += dh.sum("), ("np.dot(dhraw, hs[t - 1].T)", "np.dot(dhraw, hs[t].T)"))),
    ("columns", "rnn_cell_backward", ("dh-next-untransposed",), (
        ("np.dot(W_hh.T, dtanh)", "np.dot(W_hh, dtanh)"),)),
    ("plain", "rnn_cell_step", ("bias-twice",), (("zx[i] + zh[i] + b[i]", "zx[i] + b[i] + zh[i] + b[i]"),)),
    ("plain", "rnn_cell_step", ("state-updated-in-place",), (
        ("    zh = matvec(Wh, h)\n", "    h, zh = list(h), []\n    for i in range(len(b)):\n"
         "        zh.append(dot(Wh[i], h))\n        h[i] = math.tanh(zx[i] + zh[i] + b[i])\n"),)),
    ("a_class", "rnn_forward", ("bias-missing", "h0-ignored"), (
        ("cell, h, out = Cell(W_xh, W_hh, b_h), h0, []", "cell, h, out = Cell(W_xh, W_hh, 0 * b_h), 0 * h0, []"),)),
    ("gru_rows", "gru_cell_step", ("candidate-sigmoid",), (
        ("n = np.tanh(xn + r * hn)\n    return", "n = logistic(xn + r * hn)\n    return"),)),
    ("gru_rows", "gru_forward", ("reset-of-all",), (
        ("n = np.tanh(xn + r * hn)\n    return", "n = np.tanh(r * (xn + hn))\n    return"),)),
    ("gru_rows", "gru_cell_step", ("reset-of-input",), (
        ("n = np.tanh(xn + r * hn)\n    return", "b = bw[2 * h.shape[-1]:]\n"
         "    n = np.tanh(r * (xn - b) + b + hn)\n    return"),)),
    ("gru_rows", "gru_cell_backward", ("no-straight-path",), (
        ("np.einsum(\"bk,kh->bh\", dah, W_hh) + g * z", "np.einsum(\"bk,kh->bh\", dah, W_hh)"),)),
    ("gru_rows", "gru_forward", ("reset-of-input",), (
        ("n = np.tanh(xn + r * hn)\n    return", "b = bw[2 * h.shape[-1]:]\n"
         "    n = np.tanh(r * (xn - b) + b + hn)\n    return"),)),
    ("lstm_tape", "lstm_backward", ("df-from-c_t",), (("df = dc * c * f", "df = dc * c_new * f"),)),
    ("lstm_tape", "lstm_cell_step", ("no-tanh-of-c",), (("h_new = o * np.tanh(c_new)", "h_new = o * c_new"),)),
    ("lstm_tape", "lstm_backward", ("no-dc-next",), (("dc = dc_next + np", "dc = np"),)),
    ("lstm_tape", "lstm_backward", ("sigmoid-slope-missing", "averaged-over-batch"), (
        ("di = dc * g * i * (1 - i)", "di = dc * g"), ("db += da.sum(axis=0)", "db += da.mean(axis=0)"))),
    ("lstm_tape", "lstm_forward", ("candidate-sigmoid", "no-tanh-of-c"), (
        ("g = np.tanh(a[", "g = sig(a["), ("h_new = o * np.tanh(c_new)", "h_new = o * c_new"))),
    ("lstm_tape", "lstm_cell_step", ("candidate-sigmoid",), (("g = np.tanh(a[", "g = sig(a["),)),
    ("gru_rows", "gru_cell_backward", ("no-slope",), (
        ("dn = g * (1 - z) * (1 - n ** 2)", "dn = g * (1 - z)"), ("dr = dn * hn * r * (1 - r)", "dr = dn * hn"))),
    ("lstm_tape", "lstm_backward", ("sigmoid-slope-missing",), (
        ("di = dc * g * i * (1 - i)", "di = dc * g"), ("df = dc * c * f * (1 - f)", "df = dc * c"))),
    ("lstm_tape", "lstm_backward", ("tanh-slope-missing", "dc-not-through-tanh"), (
        ("dh * o * (1 - tc * tc)", "dh * o"), ("dg = dc * i * (1 - g * g)", "dg = dc * i"))),
    ("einsums", "rnn_forward", ("batch-rows-mixed",), (
        ("    return H\n", "    H = np.array(H)\n"
         "    return H if H.ndim < 3 else H.swapaxes(0, 1).reshape(H.shape)\n"),)),
    ("gru_rows", "gru_forward", ("batch-rows-mixed",), (
        ("    return out\n", "    out = np.array(out)\n    if out.ndim < 3:\n        return out\n"
         "    T, B, H = out.shape\n    return out.reshape(B, T, H).swapaxes(0, 1)\n"),)),
]  # fmt: skip
