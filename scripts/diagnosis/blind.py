"""Programs that were written blind: by somebody who had not read the catalogue, each in a style, wrong in its own way.

The right ones are files of ``blind_styles``; here is what was made wrong in their text, and, added later, the names.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

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
]  # fmt: skip
