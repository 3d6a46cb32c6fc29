"""Programs that were written blind: by somebody who had not read the catalogue, each in a style, wrong in its own way.

The right ones are files of ``blind_styles``; here is what was made wrong in their text, and, added later, the names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .blind_gated import PLANTED
from .blind_places import PLACES
from .written import Candidate

STYLES = Path(__file__).parent / "blind_styles"


class Blind(NamedTuple):
    """A function of a program, the names of what is wrong with it, and the lines that were changed."""

    style: str
    function: str
    slugs: tuple[str, ...]
    edits: tuple[tuple[str, str], ...] = ()

    @property
    def candidate(self) -> Candidate:
        """The function, fresh. An edit is made where it first fits, in the function or above it."""
        text = (STYLES / f"{self.style}.py").read_text(encoding="utf-8")
        for old, new in self.edits:
            place = text.find(old, text.index(f"def {self.function}("))
            place = text.index(old) if place < 0 else place
            text = text[:place] + new + text[place + len(old) :]
        namespace: dict[str, Candidate] = {}
        exec(compile(text, self.style, "exec"), namespace)
        return namespace[self.function]


def blind() -> Iterator[Blind]:
    """Yield every program."""
    yield from PROGRAMS
    yield from (Blind(*one) for one in (*PLACES, *PLANTED))


PROGRAMS = [
    Blind("loss_in_rows", "cross_entropy", ("maximum-of-columns",), (
            (("z = z - z.max(axis=1, keepdims=True)\n"
             "    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))"),
             ("z = z - z.max(axis=0, keepdims=True)\n"
             "    return z - np.log(np.exp(z).sum(axis=1, keepdims=True))")),)),
    Blind("loss_in_rows", "cross_entropy", ("log-base-mixed",), (
            ("np.log(np.exp(z).sum(axis=1, keepdims=True))",
             "np.log2(np.exp(z).sum(axis=1, keepdims=True))"),)),
    Blind("loss_in_rows", "cross_entropy", ("weight-not-in-mean",), (
            (("denom = np.where(keep, w[safe], 0).sum()\n"
             "    losses"),
             ("denom = keep.sum()\n"
             "    losses")),)),
    Blind("loss_in_rows", "cross_entropy", ("averaged-over-all-rows",), (
            (("denom = np.where(keep, w[safe], 0).sum()\n"
             "    losses"),
             ("denom = N\n"
             "    losses")),)),
    Blind("loss_in_rows", "cross_entropy", ("ignored-targets-counted",), (
            ("losses = np.where(keep, losses, 0)\n",
             "pass\n"),)),
    Blind("loss_in_rows", "cross_entropy", ("smoothing-shares-off",), (
            ("losses = (1 - eps) * nll + eps / V * smooth",
             "losses = (1 - eps) * nll + eps / (V - 1) * smooth"),)),
    Blind("loss_in_rows", "cross_entropy", ("smoothing-shares-off",), (
            ("losses = (1 - eps) * nll + eps / V * smooth",
             "losses = (1 - eps) * nll + eps * smooth"),)),
    Blind("loss_in_rows", "cross_entropy", ("weight-not-in-smoothing",), (
            ("smooth = -(np.where(w == 0, 0, w * logp)).sum(axis=1)",
             "smooth = -logp.sum(axis=1)"),)),
    Blind("loss_in_rows", "cross_entropy", ("mean-over-steps",), (
            ("total = losses.sum()\n",
             "total = losses.mean()\n"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("weight-misplaced",), (
            ("g = p * q.sum(axis=1, keepdims=True) - q",
             "g = p - q"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("ignored-targets-counted",), (
            ("g[~keep] = 0\n",
             "pass\n"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("weight-not-in-smoothing",), (
            (("q = ((1 - eps) * q + eps / V) * w\n"
             "        denom = np.where"),
             ("q = (1 - eps) * q * w + eps / V\n"
             "        denom = np.where")),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("averaged-over-all-rows",), (
            ("g = g / (denom if denom else 1)",
             "g = g / N"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("mean-over-steps",), (
            ("        g = g / (denom if denom else 1)\n",
             "        pass\n"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("nothing-kept",), (
            ("g = g / (denom if denom else 1)",
             "g = g / denom"),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("dloss-ignored",), (
            ("g = g * np.asarray(dloss).reshape(-1, 1)\n",
             "g = g * 1.0\n"),)),
    Blind("loss_of_lists", "cross_entropy", ("smoothing-over-others",), (
            (("share = [eps / V] * V\n"
             "        share[target] += 1 - eps"),
             ("share = [eps / (V - 1)] * V\n"
             "        share[target] = 1 - eps")),)),
    Blind("loss_of_lists", "cross_entropy", ("averaged-by-weight",), (
            ("norm += 1.0 if soft else w[goal]",
             "norm += w[goal] if not soft else sum(w) / V"),)),
    Blind("loss_of_lists", "cross_entropy", ("log-base-mixed",), (
            ("return m + math.log(sum(math.exp(v - m) for v in row))",
             "return m + math.log10(sum(math.exp(v - m) for v in row))"),)),
    Blind("loss_of_shares", "cross_entropy", ("maximum-of-all",), (
            (("z = logits - np.max(logits, axis=-1, keepdims=True)\n"
             "    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))"),
             ("z = logits - np.max(logits)\n"
             "    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))")),)),
    Blind("loss_of_shares", "cross_entropy", ("softmax-wrong-axis",), (
            ("logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))",
             "logp = z - np.log(np.sum(np.exp(z), axis=0, keepdims=True))"),)),
    Blind("loss_of_shares", "cross_entropy", ("softmax-wrong-axis",), (
            ("logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))",
             "logp = z - np.log(np.sum(np.exp(z)))"),)),
    Blind("loss_of_shares", "cross_entropy", ("log-of-softmax",), (
            (("z = logits - np.max(logits, axis=-1, keepdims=True)\n"
             "    logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))"),
             "logp = np.log(softmax(logits))"),)),
    Blind("loss_of_shares", "cross_entropy", ("loss-averaged-over-classes",), (
            ("losses = -np.sum(np.where(q == 0, 0, q * logp), axis=-1)",
             "losses = -np.mean(np.where(q == 0, 0, q * logp), axis=-1)"),)),
    Blind("loss_of_shares", "cross_entropy_backward", ("softmax-wrong-axis",), (
            (("e = np.exp(z - np.max(z, axis=-1, keepdims=True))\n"
             "    return e / np.sum(e, axis=-1, keepdims=True)"),
             ("e = np.exp(z - np.max(z, axis=-1, keepdims=True))\n"
             "    return e / np.sum(e)")),)),
    Blind("loss_of_shares", "cross_entropy_backward", ("sign",), (
            ("grad = softmax(logits) * np.sum(q, axis=-1, keepdims=True) - q",
             "grad = q - softmax(logits) * np.sum(q, axis=-1, keepdims=True)"),)),
    Blind("loss_of_shares", "cross_entropy_backward", ("gradient-at-target-only",), (
            ("grad = softmax(logits) * np.sum(q, axis=-1, keepdims=True) - q",
             "grad = (softmax(logits) - 1) * q"),)),
    Blind("min_char_rnn", "rnn_bptt", ("dh-next-after-slope",), (
            (("dh = np.dot(W_hy.T, dy) + dhnext\n"
             "        dhraw = (1 - hs[t] * hs[t]) * dh"),
             ("dh = np.dot(W_hy.T, dy)\n"
             "        dhraw = (1 - hs[t] * hs[t]) * dh + dhnext")),)),
    Blind("min_char_rnn", "rnn_bptt", ("db-first-step-only",), (
            ("dby += dy.sum(axis=1, keepdims=True)",
             "dby = dy.sum(axis=1, keepdims=True)"),)),
    Blind("min_char_rnn", "rnn_bptt", ("dW_hh-from-h_t",), (
            ("dWhh += np.dot(dhraw, hs[t - 1].T)",
             "dWhh += np.dot(dhraw, hs[t].T)"),)),
    Blind("min_char_rnn", "rnn_bptt", ("db-not-through-tanh",), (
            ("dbh += dhraw.sum(axis=1, keepdims=True)",
             "dbh += dh.sum(axis=1, keepdims=True)"),)),
    Blind("min_char_rnn", "rnn_bptt", ("dh-next-untransposed",), (
            ("dhnext = np.dot(W_hh.T, dhraw)",
             "dhnext = np.dot(W_hh, dhraw)"),)),
    Blind("min_char_rnn", "rnn_bptt", ("dh-not-through-tanh",), (
            ("dhnext = np.dot(W_hh.T, dhraw)",
             "dhnext = np.dot(W_hh.T, dh)"),)),
    Blind("einsums", "rnn_backward", ("dW_hh-from-zero-start",), (
            ("P = np.concatenate([h0[None], H[:-1]])",
             "P = np.concatenate([np.zeros_like(h0)[None], H[:-1]])"),)),
    Blind("einsums", "rnn_output_backward", ("mean-over-steps",), (
            ("db = np.einsum(\"nv->v\", flat_g)",
             "db = flat_g.mean(0)"),)),
    Blind("einsums", "rnn_output_layer", ("output-bias-missing",), (
            ("np.einsum(\"vh,t...h->t...v\", W_hy, np.stack(list(h_states))) + b_y",
             "np.einsum(\"vh,t...h->t...v\", W_hy, np.stack(list(h_states)))"),)),
    Blind("einsums", "rnn_output_backward", ("slope-in-output-backward",), (
            ("dH = np.einsum(\"vh,t...v->t...h\", W_hy, dlogits_seq)",
             "dH = np.einsum(\"vh,t...v->t...h\", W_hy, dlogits_seq) * (1 - H * H)"),)),
    Blind("a_class", "rnn_cell_backward", ("slope-of-tanh-h",), (
            ("da = dh * (1 - h ** 2)",
             "da = dh * (1 - np.tanh(h) ** 2)"),)),
    Blind("a_class", "rnn_backward", ("dW_hh-wraps",), (
            ("h_prev = h_states[t - 1] if t > 0 else h0",
             "h_prev = h_states[t - 1]"),)),
    Blind("columns", "rnn_cell_backward", ("averaged-over-batch",), (
            ("dba = np.sum(dtanh, axis=1)",
             "dba = np.mean(dtanh, axis=1)"),)),
    Blind("plain", "rnn_sequence_loss", ("mean-over-steps",), (
            ("return np.asarray(total, dtype",
             ("total /= len(logits_seq)\n"
             "    return np.asarray(total, dtype")),)),
    Blind("scan", "rnn_backward", ("gradients-reversed",), (
            ("return np.stack(dX), dh0, dWx, dWh, db",
             "return np.stack(dX[::-1]), dh0, dWx, dWh, db"),)),
    Blind("min_char_rnn", "rnn_bptt", ("dW_hh-from-h_t", "averaged-over-batch",), (
            ("dWhh += np.dot(dhraw, hs[t - 1].T)",
             "dWhh += np.dot(dhraw, hs[t].T)"),
            ("dby += dy.sum(axis=1, keepdims=True)",
             "dby += dy.mean(axis=1, keepdims=True)"),)),
    Blind("products_at_the_end", "rnn_bptt", ("averaged-over-steps",), (
            ("b_h=f.sum(0)",
             "b_h=f.mean(0)"),
            ("b_y=g.sum(0)",
             "b_y=g.mean(0)"),)),
    Blind("products_at_the_end", "rnn_bptt", ("dW_hh-from-h_t", "dh0-is-dz0",), (
            ("f.T @ h[:-1].reshape",
             "f.T @ h[1:].reshape"),
            ("h0=nxt,",
             "h0=dz[0],"),)),
    Blind("loss_in_rows", "cross_entropy", ("weight-not-in-mean", "smoothing-shares-off",), (
            (("denom = np.where(keep, w[safe], 0).sum()\n"
             "    losses"),
             ("denom = keep.sum()\n"
             "    losses")),
            ("losses = (1 - eps) * nll + eps / V * smooth",
             "losses = (1 - eps) * nll + eps / (V - 1) * smooth"),)),
    Blind("loss_in_rows", "cross_entropy", ("ignored-targets-counted", "weight-not-in-smoothing",), (
            ("losses = np.where(keep, losses, 0)\n",
             "pass\n"),
            ("smooth = -(np.where(w == 0, 0, w * logp)).sum(axis=1)",
             "smooth = -logp.sum(axis=1)"),)),
    Blind("loss_of_shares", "cross_entropy", ("log-of-softmax", "averaged-over-all-rows",), (
            ("logp = z - np.log(np.sum(np.exp(z), axis=-1, keepdims=True))",
             "logp = np.log(softmax(z))"),
            ("losses = np.sum(losses) / (count if count else np.nan)",
             "losses = np.mean(losses)"),)),
    Blind("loss_of_shares", "cross_entropy_backward", ("mean-over-steps", "dloss-ignored",), (
            ("        grad = grad / (count if count else 1)",
             "        grad = grad * 1.0"),
            ("return (grad * dloss)",
             "return (grad)"),)),
    Blind("a_class", "rnn_cell_backward", ("slope-not-squared", "dX-not-through-tanh",), (
            ("da = dh * (1 - h ** 2)",
             "da = dh * (1 - h)"),
            ("dx = da @ self.W_xh",
             "dx = dh @ self.W_xh"),)),
    Blind("a_class", "rnn_backward", ("no-dh-next", "dW_hh-from-zero-start",), (
            ("dh = dh_states[t] + dh_next",
             "dh = dh_states[t]"),
            ("h_prev = h_states[t - 1] if t > 0 else h0",
             "h_prev = h_states[t - 1] if t > 0 else np.zeros_like(h0)"),)),
    Blind("columns", "rnn_output_backward", ("averaged-over-batch", "assigned-not-accumulated",), (
            ("db += np.sum(g, axis=1)",
             "db += np.mean(g, axis=1)"),
            ("dW += np.dot",
             "dW = np.dot"),)),
    # what came with the third set
    Blind("columns", "rnn_cell_step", ("scaled-tanh",), (
            ("np.tanh(a)",
             "1.7159 * np.tanh(a * 2 / 3)"),)),
    Blind("plain", "rnn_cell_step", ("softsign",), (
            ("math.tanh(zx[i] + zh[i] + b[i])",
             "(lambda z: z / (1 + abs(z)))(zx[i] + zh[i] + b[i])"),)),
    Blind("a_class", "rnn_forward", ("hard-tanh",), (
            ("np.tanh(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)",
             "np.clip(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h, -1, 1)"),)),
    Blind("plain", "rnn_forward", ("arctan-for-tanh",), (
            ("math.tanh",
             "math.atan"),)),
    Blind("einsums", "rnn_forward", ("leaky-relu-for-tanh",), (
            ("prev = np.tanh(a + np.einsum(\"hk,...k->...h\", W_hh, prev) + b_h)",
             ("z = a + np.einsum(\"hk,...k->...h\", W_hh, prev) + b_h\n"
              "        prev = np.maximum(z, 0.2 * z)")),)),
    Blind("scan", "rnn_forward", ("smooth-relu-for-tanh",), (
            ("np.tanh(x @ W_xh.T + h @ W_hh.T + b_h)",
             "np.log1p(np.exp(x @ W_xh.T + h @ W_hh.T + b_h))"),)),
    Blind("columns", "rnn_cell_step", ("tanh-approximated",), (
            ("np.tanh(a)",
             "a - a**3 / 3"),)),
    Blind("plain", "rnn_cell_step", ("unit-left-out",), (
            ("zh = matvec(Wh, h)",
             "zh = [dot(row[:-1], h[:-1]) for row in Wh]"),)),
    Blind("plain", "rnn_output_layer", ("unit-left-out",), (
            ("y = matvec(W, h)",
             "y = [dot(row[1:], h[1:]) for row in W]"),)),
    Blind("plain", "rnn_forward", ("first-step-missing",), (
            ("for t in range(len(X_seq)):",
             ("states.append(h0)\n"
              "    for t in range(1, len(X_seq)):")),)),
    Blind("scan", "rnn_forward", ("states-reversed",), (
            ("initial=h0))[1:]",
             "initial=h0))[:0:-1]"),)),
    Blind("a_class", "rnn_forward", ("state-of-another-step",), (
            (("h = cell.forward(x, h)\n"
              "        out.append(h)"),
             ("h, older = cell.forward(x, older), h\n"
              "        out.append(h)")),
            ("cell, h, out = Cell(W_xh, W_hh, b_h), h0, []",
             "cell, h, older, out = Cell(W_xh, W_hh, b_h), h0, h0, []"),)),
    Blind("einsums", "rnn_forward", ("preactivation-carried",), (
            (("prev = np.tanh(a + np.einsum(\"hk,...k->...h\", W_hh, prev) + b_h)\n"
              "        H.append(prev)"),
             ("prev = a + np.einsum(\"hk,...k->...h\", W_hh, prev) + b_h\n"
              "        H.append(np.tanh(prev))")),)),
    Blind("plain", "rnn_forward", ("remainder-left-out",), (
            (("for t in range(len(X_seq)):\n"
              "        h = rnn_cell_step(X_seq[t], h, W_xh, W_hh, b_h)\n"
              "        states.append(h)\n"
              "    return states"),
             ("for t in range(len(X_seq) // 4 * 4):\n"
              "        h = rnn_cell_step(X_seq[t], h, W_xh, W_hh, b_h)\n"
              "        states.append(h)\n"
              "    return states + [0 * h0] * (len(X_seq) - len(states))")),)),
    Blind("columns", "rnn_cell_backward", ("sequence-left-out",), (
            ("dWax = np.dot(dtanh, x.T)",
             "dWax = np.dot(dtanh[:, 1:], x.T[1:])"),)),
    Blind("a_class", "rnn_backward", ("dh-past-the-step",), (
            ("dh_prev = da @ self.W_hh",
             "dh_prev = da @ self.W_hh + dh"),)),
    Blind("einsums", "rnn_backward", ("dh-next-scaled",), (
            ("(G[t] + carry)",
             "(G[t] + 0.9 * carry)"),)),
    Blind("columns", "rnn_cell_backward", ("joined-cut-wrongly",), (
            (("dxt = np.dot(W_xh.T, dtanh)\n"
              ""),
             ("both = np.dot(np.hstack([W_xh, W_hh]).T, dtanh)\n"
              "    dxt = both[len(h):]\n"
              "")),
            ("da_prev = np.dot(W_hh.T, dtanh)",
             "da_prev = both[:len(h)]"),)),
    Blind("a_class", "rnn_cell_step", ("weights-swapped",), (
            ("np.tanh(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)",
             "np.tanh(np.concatenate([h, x], -1) @ np.hstack([self.W_xh, self.W_hh]).T + self.b_h)"),)),
    Blind("columns", "rnn_output_layer", ("reshaped-not-transposed",), (
            ("uncol(np.dot(W_hy, col(h)) + b_y.reshape(-1, 1), h)",
             "uncol(np.dot(W_hy.reshape(W_hy.shape[::-1]).T, col(h)) + b_y.reshape(-1, 1), h)"),)),
    Blind("einsums", "rnn_output_backward", ("reshaped-not-transposed",), (
            ("dW = np.einsum(\"nv,nh->vh\", flat_g, flat_h)",
             "dW = np.einsum(\"nv,nh->hv\", flat_g, flat_h).reshape(W_hy.shape)"),)),
    Blind("einsums", "rnn_output_layer", ("logits-shifted",), (
            ("    return np.einsum(\"vh,t...h->t...v\", W_hy, np.stack(list(h_states))) + b_y",
             ("    y = np.einsum(\"vh,t...h->t...v\", W_hy, np.stack(list(h_states))) + b_y\n"
              "    return y - y.max(axis=-1)[..., None]")),)),
    Blind("products_at_the_end", "rnn_bptt", ("weight-decay",), (
            ("W_hh=f.T @ h[:-1].reshape(-1, H)",
             "W_hh=f.T @ h[:-1].reshape(-1, H) + 1e-2 * W_hh"),)),
    Blind("products_at_the_end", "rnn_bptt", ("perplexity-for-loss",), (
            ("loss = loss / n",
             "loss = np.exp(loss / n)"),)),
    Blind("products_at_the_end", "rnn_bptt", ("targets-as-rows",), (
            ("p[rows, idx] -= 1",
             "p[idx % len(p)] -= 1"),)),
    Blind("min_char_rnn", "rnn_bptt", ("bias-at-some-steps",), (
            ("np.dot(W_hh, hs[t - 1]) + bh)",
             "np.dot(W_hh, hs[t - 1]) + bh * (t % 2 == 0))"),)),
    Blind("min_char_rnn", "rnn_bptt", ("slope-twice",), (
            ("dhnext = np.dot(W_hh.T, dhraw)",
             "dhnext = np.dot(W_hh.T, (1 - hs[t] * hs[t]) * dhraw)"),)),
    Blind("min_char_rnn", "rnn_bptt", ("log-of-softmax", "gradients-clipped",), (
            (("logp = shifted - np.log(np.sum(np.exp(shifted), axis=0, keepdims=True))\n"
              "        ps[t] = np.exp(logp)"),
             ("ps[t] = np.exp(shifted) / np.sum(np.exp(shifted), axis=0, keepdims=True)\n"
              "        logp = np.log(ps[t])")),
            ("    dh0, hT = dhnext.T, hs[T - 1].T",
             ("    for d in (dWxh, dWhh, dWhy, dbh, dby):\n"
              "        np.clip(d, -5, 5, out=d)\n"
              "    dh0, hT = dhnext.T, hs[T - 1].T")),)),
    Blind("loss_in_rows", "cross_entropy_backward", ("sign", "dlogits-averaged",), (
            ("g = p * q.sum(axis=1, keepdims=True) - q",
             "g = q - p * q.sum(axis=1, keepdims=True)"),
            ("g = g / (denom if denom else 1)",
             "g = g / (V if not probs else N)"),)),
    Blind("loss_in_rows", "cross_entropy", ("perplexity-for-loss",), (
            ("np.asarray(total / denom, Z.dtype)[()]",
             "np.asarray(np.exp(total / denom), Z.dtype)[()]"),)),
    Blind("loss_in_rows", "cross_entropy", ("smoothing-added", "weight-not-in-mean",), (
            ("losses = (1 - eps) * nll + eps / V * smooth",
             "losses = nll + eps / V * smooth"),
            (("denom = np.where(keep, w[safe], 0).sum()\n"
              "    losses"),
             ("denom = w.sum() if weight is not None else keep.sum()\n"
              "    losses")),)),
    Blind("a_class", "rnn_forward", ("sigmoid-for-tanh", "bias-at-some-steps",), (
            (("    for x in X_seq:\n"
              "        h = cell.forward(x, h)"),
             ("    for t, x in enumerate(X_seq):\n"
              "        cell.b_h = b_h * (t % 2)\n"
              "        h = cell.forward(x, h)")),
            ("np.tanh(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)",
             "1 / (1 + np.exp(-(x @ self.W_xh.T + h @ self.W_hh.T + self.b_h)))"),)),
]  # fmt: skip
