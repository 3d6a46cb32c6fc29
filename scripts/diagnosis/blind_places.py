"""More programs, of the kinds that a fourth set written blind has taught: places, means, ends of sums, states in place.

None of them makes the set's own mistakes in its own way: they are siblings, in the styles of ``blind_styles``.
"""

PLACES = [
    ("loss_in_rows", "cross_entropy", ("one-in-softmax",), (
        ("z - np.log(np.exp(z).sum(axis=1, keepdims=True))", "z - np.log1p(np.exp(z).sum(axis=1, keepdims=True))"),)),
    ("loss_of_lists", "cross_entropy", ("maximum-not-added-back",), (
        ("return m + math.log(", "return math.log("),)),
    ("loss_of_lists", "cross_entropy", ("zero-times-infinity",), (
        ("if share[j] * w[j] != 0:", "if True:"),)),
    ("loss_in_rows", "cross_entropy", ("mean-of-one-axis",), (
        ("np.asarray(total / denom, Z.dtype)", "np.asarray(total / len(logits), Z.dtype)"),)),
    ("loss_in_rows", "cross_entropy", ("mean-of-means",), (
        ("    total = losses.sum()\n", "    if reduction == \"mean\" and not probs and logits.ndim == 3:\n"
         "        ws = np.where(keep, w[safe], 0).reshape(len(logits), -1)\n"
         "        with np.errstate(invalid=\"ignore\", divide=\"ignore\"):\n"
         "            each = losses.reshape(ws.shape).sum(0) / ws.sum(0)\n"
         "        return np.asarray(each.mean(), Z.dtype)[()]\n    total = losses.sum()\n"),)),
    ("plain", "rnn_sequence_loss", ("padding-ends-a-step",), (
        ("        total += loss_fn(", "        if np.any(np.less(targets_seq[t], 0)):\n            continue\n"
         "        total += loss_fn("),)),
    ("min_char_rnn", "rnn_bptt", ("mean-of-one-axis",), (("1.0 / count if count", "1.0 / T if count"),)),
    ("products_at_the_end", "rnn_bptt", ("padding-ends-a-step",), (
        ("    idx = np.where(mask", "    mask = np.repeat(mask.reshape(T, -1).all(1), mask.size // T)\n"
         "    idx = np.where(mask"),)),
    ("products_at_the_end", "rnn_bptt", ("one-in-softmax",), (
        ("    logp = z - np.log(s)\n", "    s = s + 1\n    logp = z - np.log(s)\n"),)),
    ("plain", "rnn_cell_step", ("connections-missing",), (
        ("    zh = matvec(Wh, h)\n", "    zh = [sum(Wh[i][j] * h[j] for j in range(len(h)) if j <= i)"
         " for i in range(len(b))]\n"),)),
    ("plain", "rnn_cell_step", ("row-length-of-another-matrix",), (
        ("    zx = matvec(Wx, x)\n", "    flat, n = sum(Wx, []), len(h)\n"
         "    zx = [sum(flat[i * n + j] * x[j] for j in range(len(x))) for i in range(n)]\n"),)),
    ("einsums", "rnn_forward", ("tail-of-sum-left-out",), (
        ("np.einsum(\"hk,...k->...h\", W_hh, prev)",
         "np.einsum(\"hk,...k->...h\", W_hh[:, : len(b_h) // 8 * 8], prev[..., : len(b_h) // 8 * 8])"),)),
    ("columns", "rnn_cell_step", ("bias-of-one-unit",), (("b_h.reshape(-1, 1)", "b_h[-1:].reshape(-1, 1)"),)),
    ("scan", "rnn_forward", ("h0-of-one-sequence",), (
        ("initial=h0", "initial=np.broadcast_to(h0[-1], h0.shape) if h0.ndim > 1 else h0"),)),
    ("a_class", "rnn_backward", ("slope-of-step-before",), (
        ("dh_prev = da @ self.W_hh", "dh_prev = (dh * (1 - h_prev ** 2)) @ self.W_hh"),)),
    ("scan", "rnn_backward", ("dh-next-after-slope",), (
        ("dz = (dh + dh_next) * (1 - h * h)", "dz = dh * (1 - h * h) + dh_next"),
        ("(dz @ W_hh, [dz", "((dz @ W_hh) * (1 - h * h), [dz"),)),
    ("columns", "rnn_output_backward", ("upstream-of-ones",), (("g = col(dy)", "g = col(0 * dy + 1)"),)),
]  # fmt: skip
