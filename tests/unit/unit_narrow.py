"""Kernels of few bits, emulated: products rounded to a format, sums in another, and the functions made of them."""

from dataclasses import dataclass

import numpy as np

BITS = {"float64": 53, "float32": 24, "tf32": 11, "bfloat16": 8, "float16": 11}


def rounded(a, precision, cut=False):
    """Round float64 numbers to a format, to nearest or towards zero; flushed below 2⁻²⁴ in float16."""
    a = np.asarray(a, np.float64)
    if precision == "float64":
        return a
    if precision == "float32" and not cut:
        return a.astype(np.float32).astype(np.float64)
    mantissa, exponent = np.frexp(a)
    digits = np.ldexp(mantissa, BITS[precision])
    found = np.ldexp(np.trunc(digits) if cut else np.rint(digits), exponent - BITS[precision])
    if precision == "float16":
        found = np.where(np.abs(a) < 2.0**-14, np.rint(a * 2.0**24) / 2.0**24, found)
    return found


@dataclass(frozen=True)
class Kernel:
    """How it computes: operands, sums, and what is kept between them; whether the states it returns are its own."""

    operands: str
    sums: str
    between: str
    cut: bool = False  # operands are cut off
    inside: bool = False  # states stay in the format of the sums inside, and are rounded as they are returned

    def kept(self, a):
        return rounded(a, self.between)

    def product(self, a, b):
        """a @ b, of two matrices."""
        a, b = (rounded(one, self.operands, self.cut) for one in (a, b))
        if self.sums == "float32":
            return self.kept((a.astype(np.float32) @ b.astype(np.float32)).astype(np.float64))
        total = np.zeros((len(a), b.shape[1]))
        for k in range(a.shape[1]):
            total = rounded(total + a[:, k, None] * b[k], self.sums)
        return self.kept(total)

    def added(self, a, b):
        return rounded(a + b, self.sums)

    def function(self, f, a):
        return self.kept(f(a.astype(np.float32)).astype(np.float64))

    def total(self, a):
        total = np.zeros(a.shape[1])
        for row in a:
            total = self.added(total, row)
        return self.kept(total)

    def rnn_cell_step(self, x_t, h_prev, W_xh, W_hh, b_h):
        z = self.kept(self.product(x_t, W_xh.T) + self.product(h_prev, W_hh.T))
        return self.function(np.tanh, self.kept(z + self.kept(b_h)))

    def rnn_forward(self, X_seq, h0, W_xh, W_hh, b_h):
        h, states = self.kept(h0), []
        for x_t in X_seq:
            h = self.rnn_cell_step(x_t, h, W_xh, W_hh, b_h)
            states.append(rounded(h, self.operands) if self.inside else h)
        return np.array(states)

    def gru_forward(self, X_seq, h0, W_xh, W_hh, b_xh, b_hh):
        h, states, keep = self.kept(h0), [], self.kept
        for x_t in X_seq:
            x_r, x_z, x_n = np.split(keep(self.product(x_t, W_xh.T) + keep(b_xh)), 3, -1)
            h_r, h_z, h_n = np.split(keep(self.product(h, W_hh.T) + keep(b_hh)), 3, -1)
            r, z = (self.function(lambda a: 1 / (1 + np.exp(-a)), keep(a)) for a in (x_r + h_r, x_z + h_z))
            n = self.function(np.tanh, keep(x_n + keep(r * h_n)))
            h = keep(keep(keep(1 - z) * n) + keep(z * h))
            states.append(rounded(h, self.operands) if self.inside else h)
        return np.array(states)

    def rnn_output_layer(self, h_states, W_hy, b_y):
        flat = h_states.reshape(-1, h_states.shape[-1])
        return self.kept(self.product(flat, W_hy.T) + self.kept(b_y)).reshape(*h_states.shape[:-1], len(b_y))

    def rnn_output_backward(self, dlogits_seq, h_states, W_hy, b_y):
        dz, h = dlogits_seq.reshape(-1, len(b_y)), h_states.reshape(-1, h_states.shape[-1])
        return self.product(dz, W_hy).reshape(h_states.shape), self.product(dz.T, h), self.total(dz)

    def rnn_backward(self, dh_states, h_states, X_seq, h0, W_xh, W_hh, b_h):
        keep, dh_next = self.kept, np.zeros(h0.shape)
        dW_xh, dW_hh, db_h = np.zeros(W_xh.shape), np.zeros(W_hh.shape), np.zeros(b_h.shape)
        dX = np.zeros(X_seq.shape)
        for t in reversed(range(len(X_seq))):
            h_t, h_prev = h_states[t], h_states[t - 1] if t else h0
            dh_t = keep(dh_states[t] + dh_next)
            dz = keep(dh_t * keep(1 - keep(h_t * h_t)))
            dX[t], dh_next = self.product(dz, W_xh), self.product(dz, W_hh)
            dW_xh = self.added(dW_xh, self.product(dz.T, X_seq[t]))
            dW_hh = self.added(dW_hh, self.product(dz.T, h_prev))
            db_h = self.added(db_h, self.total(dz))
        return dX, dh_next, *map(keep, (dW_xh, dW_hh, db_h))

    def rnn_cell_backward(self, dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):
        dX, *others = self.rnn_backward(dh_t[None], h_t[None], x_t[None], h_prev, W_xh, W_hh, b_h)
        return dX[0], *others

    def cross_entropy(self, logits, targets):
        log_p = self._log_p(logits)
        nats = -np.take_along_axis(log_p, targets.reshape(-1, 1), -1)
        return self.kept(self.kept(self.total(nats)) / len(nats))[0]

    def cross_entropy_backward(self, dloss, logits, targets):
        p = self.function(np.exp, self._log_p(logits))
        y = targets.reshape(-1, 1)
        np.put_along_axis(p, y, self.kept(np.take_along_axis(p, y, -1) - 1), -1)
        return self.kept(p * self.kept(dloss / len(p))).reshape(logits.shape)

    def rnn_bptt(self, X_seq, targets_seq, h0, W_xh, W_hh, b_h, W_hy, b_y):
        h_states = self.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)
        logits = self.rnn_output_layer(h_states, W_hy, b_y)
        loss = self.cross_entropy(logits, targets_seq) * targets_seq.size
        dlogits = self.cross_entropy_backward(float(targets_seq.size), logits, targets_seq)
        dh, dW_hy, db_y = self.rnn_output_backward(dlogits, h_states, W_hy, b_y)
        dX, *others = self.rnn_backward(dh, h_states, X_seq, h0, W_xh, W_hh, b_h)
        return loss, (dX, *others, dW_hy, db_y), h_states[-1]

    def _log_p(self, logits):
        z = self.kept(logits.reshape(-1, logits.shape[-1]))
        z = self.kept(z - z.max(-1, keepdims=True))
        sums = self.total(self.function(np.exp, z).T)[:, None]
        return self.kept(z - self.function(np.log, sums))


def form(precision, sums, **more):
    """Return a kernel that keeps what is between the sums in the precision, TF32 aside, which keeps float32."""
    return Kernel(precision, sums, "float32" if precision == "tf32" else precision, **more)


def wide(precision, **more):
    """Return a kernel that rounds the operands alone."""
    return Kernel(precision, "float32", "float32", **more)


FORMS = {
    f"{precision}, {name}": (precision, accumulate, kernel)
    for precision in ("tf32", "bfloat16", "float16")
    for name, accumulate, kernel in (
        ("sums in float32", "float32", form(precision, "float32")),
        ("only operands", "float32", wide(precision)),
        ("operands cut off", "float32", wide(precision, cut=True)),
        ("states kept inside", "float32", wide(precision, inside=True)),
        ("sums as coarse", precision, form(precision, precision)),
    )
    if name not in {"tf32": ["states kept inside"]}.get(precision, ["operands cut off"])  # no array is of TF32
}


def problem(rng, T, B, D, H, V, gain=0.9, k=1):
    """Draw the inputs of every function, in float64."""
    p = {
        "X_seq": rng.normal(size=(T, B, D)),
        "h0": np.tanh(rng.normal(size=(B, H))),
        "W_xh": rng.normal(size=(k * H, D)) / np.sqrt(D),
        "W_hh": gain * rng.normal(size=(k * H, H)) / np.sqrt(H),
        "b_h": rng.normal(size=H) / 2,
        "b_xh": rng.normal(size=3 * H) / 2,
        "b_hh": rng.normal(size=3 * H) / 2,
        "W_hy": rng.normal(size=(V, H)) * 3 / np.sqrt(H),
        "b_y": rng.normal(size=V),
        "dh_states": rng.normal(size=(T, B, H)),
        "dlogits_seq": rng.normal(size=(T, B, V)),
        "logits": 2 * rng.normal(size=(T, B, V)),
    }
    targets = rng.integers(V, size=(T, B))
    p["h_states"] = np.tanh(rng.normal(size=(T, B, H)))
    classes = {"targets": targets, "targets_seq": targets, "dloss": 1.0}
    return {name: value.astype(np.float32) for name, value in p.items()} | classes
