"""Gates in arrays with an axis of their own, or two of them in one matrix and the candidate in another."""

import pytest
from sampled import some
from test_reading_gated import HEAD

import rnn_ref

AXIS_FIRST = """
def step(theta, x, h):
    Wx, Wh, bx, bh = theta
    ax = np.einsum("bd,gdh->gbh", x, Wx) + bx[:, None]
    ah = np.einsum("bk,gkh->gbh", h, Wh) + bh[:, None]
    r, z = sigmoid(ax[0] + ah[0]), sigmoid(ax[1] + ah[1])
    n = np.tanh(ax[2] + r * ah[2])
    return (1 - z) * n + z * h, (x, h, r, z, n, ah[2])

def step_grad(theta, saved, dh_out):
    Wx, Wh, _, _ = theta
    x, h, r, z, n, ahn = saved
    dn, dz = dh_out * (1 - z) * (1 - n * n), dh_out * (h - n) * z * (1 - z)
    dr = dn * ahn * r * (1 - r)
    dax, dah = np.stack([dr, dz, dn]), np.stack([dr, dz, dn * r])
    dWx, dWh = np.einsum("bd,gbh->gdh", x, dax), np.einsum("bk,gbh->gkh", h, dah)
    dx, dh = np.einsum("gbh,gdh->bd", dax, Wx), dh_out * z + np.einsum("gbh,gkh->bk", dah, Wh)
    return dx, dh, (dWx, dWh, dax.sum(1), dah.sum(1))
"""
AXIS_BETWEEN = """
class Layer:
    def __init__(self, Wx, Wh, B):
        self.Wx, self.Wh, self.B = Wx, Wh, B

    def step(self, x, h):
        xr, xu, xc = np.moveaxis(np.tensordot(x, self.Wx, 1) + self.B, -2, 0)
        r, u = sigmoid(xr + h @ self.Wh[:, 0]), sigmoid(xu + h @ self.Wh[:, 1])
        return (1 - u) * h + u * np.tanh(xc + (r * h) @ self.Wh[:, 2])
"""
IN_RECORDS = """
from collections import namedtuple

State = namedtuple("State", ["c", "h"])

def lstm_step(theta, state, x):
    W, b = theta
    z = np.concatenate([x, state.h], axis=-1)
    i, f, o, g = np.einsum("bz,gzh->gbh", z, W) + b[:, None]
    c = sigmoid(f) * state.c + sigmoid(i) * np.tanh(g)
    return State(c, sigmoid(o) * np.tanh(c))
"""
TWO_AND_ONE = """
def gru_forward(x, h0, Wg, bg, Wc, bc):
    h, hs, tape = h0, [], []
    for t in range(x.shape[1]):
        hx = np.hstack((h, x[:, t]))
        u, r = np.split(sigmoid(hx @ Wg + bg), 2, axis=1)
        rhx = np.hstack((r * h, x[:, t]))
        c = np.tanh(rhx @ Wc + bc)
        tape.append((h, hx, u, r, rhx, c))
        h = u * h + (1 - u) * c
        hs.append(h)
    return np.stack(hs, 1), (tape, Wg, Wc)

def gru_backward(dhs, cache):
    tape, Wg, Wc = cache
    H, dh, dx = dhs.shape[2], np.zeros_like(dhs[:, 0]), []
    dWg, dbg, dWc, dbc = 0 * Wg, np.zeros(2 * H), 0 * Wc, np.zeros(H)
    for t in range(len(tape) - 1, -1, -1):
        h, hx, u, r, rhx, c = tape[t]
        dh = dh + dhs[:, t]
        dac = dh * (1 - u) * (1 - c * c)
        drhx = dac @ Wc.T
        dag = np.hstack((dh * (h - c) * u * (1 - u), drhx[:, :H] * h * r * (1 - r)))
        dhx = dag @ Wg.T
        dWc, dbc, dWg, dbg = dWc + rhx.T @ dac, dbc + dac.sum(0), dWg + hx.T @ dag, dbg + dag.sum(0)
        dx.append(drhx[:, H:] + dhx[:, H:])
        dh = dh * u + drhx[:, :H] * r + dhx[:, :H]
    return np.stack(dx[::-1], 1), dh, dWg, dbg, dWc, dbc
"""
BIAS_INSIDE = """
class LSTMLayer:
    def __init__(self, I, H):
        self.I, self.H = I, H
        self.W = np.random.rand(I + H + 1, 4 * H)  # the last row is the bias

    def forward(self, X, state):
        T, B, _ = X.shape
        H, h, c = self.H, np.zeros((T + 1, B, self.H)), np.zeros((T + 1, B, self.H))
        h[0], c[0] = state
        inp, act = np.ones((T, B, self.I + H + 1)), np.zeros((T, B, 4 * H))
        for t in range(T):
            inp[t, :, :self.I], inp[t, :, self.I:-1] = X[t], h[t]
            a = inp[t] @ self.W
            act[t, :, :3 * H], act[t, :, 3 * H:] = sigmoid(a[:, :3 * H]), np.tanh(a[:, 3 * H:])
            i, f, o, g = np.split(act[t], 4, axis=1)
            c[t + 1] = f * c[t] + i * g
            h[t + 1] = o * np.tanh(c[t + 1])
        self.saved = inp, act, h, c
        return h[1:]

    def backward(self, dY):
        inp, act, h, c = self.saved
        dW, dX, dh, dc = np.zeros_like(self.W), [], np.zeros_like(h[0]), np.zeros_like(c[0])
        for t in reversed(range(len(dY))):
            i, f, o, g = np.split(act[t], 4, axis=1)
            dh, th = dh + dY[t], np.tanh(c[t + 1])
            dc = dc + dh * o * (1 - th**2)
            da = np.hstack([dc * g * i * (1 - i), dc * c[t] * f * (1 - f), dh * th * o * (1 - o), dc * i * (1 - g**2)])
            dW += inp[t].T @ da
            d = da @ self.W.T
            dX, dh, dc = [d[:, :self.I], *dX], d[:, self.I:-1], dc * f
        return np.stack(dX), dW, (dh, dc)
"""
FORMS = {  # the text, the function, and an edit that is wrong
    "first": (AXIS_FIRST, "gru_cell_backward", ("ahn * r * (1 - r)", "ahn * r")),
    "between": (AXIS_BETWEEN, "gru_cell_step", ("(r * h) @", "h @")),
    "in records": (IN_RECORDS, "lstm_cell_step", ("sigmoid(f) * state.c", "state.c")),
    "the bias inside": (BIAS_INSIDE, "lstm_backward", ("(1 - th**2)", "(1 - c[t + 1] ** 2)")),
    "two and one": (TWO_AND_ONE, "gru_backward", ("dh * u + drhx[:, :H] * r +", "dh * u + drhx[:, :H] +")),
}


@pytest.mark.parametrize("form", some(FORMS, 2))
def test_gates_are_found_along_an_axis_and_in_two_matrices(form, tmp_path):
    text, function, (old, new) = FORMS[form]
    path = tmp_path / "foreign.py"
    only = f"{function}/*float64" if "two" not in form else "gru_*/generic-before-float64"
    path.write_text(HEAD + text, encoding="utf-8")
    assert rnn_ref.check(str(path), only=only).functions[function].verdict == "conforms"
    assert text.count(old) == 1
    path.write_text(HEAD + text.replace(old, new), encoding="utf-8")
    assert rnn_ref.check(str(path), only=only).functions[function].verdict == "wrong"
