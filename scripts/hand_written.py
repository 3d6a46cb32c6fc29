"""The same sums in other orders: loops of dot products, einsum, hoisted products, and float64 rounded at the end."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import rnn_ref

GATED = ("gru_forward", "gru_backward", "lstm_forward", "lstm_backward")
GRADIENTS = ("X_seq", "h0", "W_xh", "W_hh", "b_h")
Way = dict[str, Callable[..., Any]]


def einsum_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    h, states = h0, []
    for x_t in X_seq:
        h = np.tanh(np.einsum("...d,hd->...h", x_t, W_xh) + b_h + np.einsum("...k,hk->...h", h, W_hh))
        states.append(h)
    return np.stack(states)


def einsum_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    dz, dh = np.empty_like(h_states), np.zeros_like(h0)
    for t in reversed(range(len(X_seq))):
        dz[t] = (dh_states[t] + dh) * (1 - h_states[t] ** 2)
        dh = np.einsum("...h,hk->...k", dz[t], W_hh)
    rows, inputs, before = _rows(dz, X_seq, np.concatenate([h0[None], h_states[:-1]]))
    weights = [np.einsum("nh,nd->hd", rows, one) for one in (inputs, before)]
    return _named(np.einsum("t...h,hd->t...d", dz, W_xh), dh, *weights, np.einsum("nh->h", rows))


def dot_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    h, states = h0, []
    for x_t in X_seq:
        z = [W_xh.dot(x) + W_hh.dot(k) + b_h for x, k in zip(np.atleast_2d(x_t), np.atleast_2d(h), strict=True)]
        h = np.tanh(np.stack(z)).reshape(h0.shape)
        states.append(h)
    return np.stack(states)


def dot_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """One row of the batch after the other, all the way back."""
    dX, dh0 = np.empty_like(X_seq), np.empty_like(h0)
    dW_xh, dW_hh, db_h = np.zeros_like(W_xh), np.zeros_like(W_hh), np.zeros_like(b_h)
    for row in np.ndindex(h0.shape[:-1]):
        dh = np.zeros_like(b_h)
        for t in reversed(range(len(X_seq))):
            h, h_prev = h_states[(t, *row)], h_states[(t - 1, *row)] if t else h0[row]
            dz = (dh_states[(t, *row)] + dh) * (1 - h * h)
            dX[(t, *row)], dh = W_xh.T.dot(dz), W_hh.T.dot(dz)
            dW_xh += np.outer(dz, X_seq[(t, *row)])
            dW_hh += np.outer(dz, h_prev)
            db_h += dz
        dh0[row] = dh
    return _named(dX, dh0, dW_xh, dW_hh, db_h)


def hoisted_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """The product with the inputs once, before the loop."""
    Z, h, states = X_seq @ W_xh.T + b_h, h0, []
    for z_t in Z:
        h = np.tanh(z_t + h @ W_hh.T)
        states.append(h)
    return np.stack(states)


def hoisted_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """The gradients of the weights as one product each, after the loop."""
    dz, dh = np.empty_like(h_states), np.zeros_like(h0)
    for t in reversed(range(len(X_seq))):
        dz[t] = (dh_states[t] + dh) * (1 - h_states[t] ** 2)
        dh = dz[t] @ W_hh
    rows, inputs, before = _rows(dz, X_seq, np.concatenate([h0[None], h_states[:-1]]))
    return _named(dz @ W_xh, dh, rows.T @ inputs, rows.T @ before, rows.sum(0))


def einsum_gru(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any, *, reset_after: bool = True) -> Any:
    """Gate by gate, and the state as the textbook has it."""
    (W_xr, W_xz, W_xn), (W_hr, W_hz, W_hn) = np.split(W_xh, 3), np.split(W_hh, 3)
    (b_xr, b_xz, b_xn), (b_hr, b_hz, b_hn) = np.split(b_xh, 3), np.split(b_hh, 3)

    def product(a: Any, W: Any) -> Any:
        return np.einsum("...k,hk->...h", a, W)

    h, states = h0, []
    for x_t in X_seq:
        r = 1 / (1 + np.exp(-(product(x_t, W_xr) + b_xr + product(h, W_hr) + b_hr)))
        z = 1 / (1 + np.exp(-(product(x_t, W_xz) + b_xz + product(h, W_hz) + b_hz)))
        candidate = r * (product(h, W_hn) + b_hn) if reset_after else product(r * h, W_hn) + b_hn
        n = np.tanh(product(x_t, W_xn) + b_xn + candidate)
        h = (1 - z) * n + z * h
        states.append(h)
    return np.stack(states)


def hoisted_gru(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any, *, reset_after: bool = True) -> Any:
    """The product with the inputs once, both gates at once by the tanh, and the state as n and what is left of it."""
    H = h0.shape[-1]
    gates, W_hn, b_hn = slice(0, 2 * H), W_hh[2 * H :], b_hh[2 * H :]
    Z, h, states = X_seq @ W_xh.T + b_xh, h0, []
    for z_t in Z:
        r, z = np.split((np.tanh((z_t[..., gates] + h @ W_hh[gates].T + b_hh[gates]) / 2) + 1) / 2, 2, -1)
        n = np.tanh(z_t[..., 2 * H :] + (r * (h @ W_hn.T + b_hn) if reset_after else (r * h) @ W_hn.T + b_hn))
        h = n + z * (h - n)
        states.append(h)
    return np.stack(states)


def dot_gru(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_xh: Any, b_hh: Any, *, reset_after: bool = True) -> Any:
    """One sequence after the other, the weights of inputs and state side by side where they can be."""
    H, states = h0.shape[-1], np.empty((len(X_seq), *h0.shape), h0.dtype)
    gates, b = np.hstack([W_xh, W_hh])[: 2 * H], (b_xh + b_hh)[: 2 * H]
    W_xn, W_hn, b_xn, b_hn = (one[2 * H :] for one in (W_xh, W_hh, b_xh, b_hh))
    for row in np.ndindex(h0.shape[:-1]):
        h = h0[row]
        for t in range(len(X_seq)):
            x = X_seq[(t, *row)]
            r, z = np.split(1 / (1 + np.exp(-(gates.dot(np.concatenate([x, h])) + b))), 2)
            n = np.tanh(W_xn.dot(x) + b_xn + (r * (W_hn.dot(h) + b_hn) if reset_after else W_hn.dot(r * h) + b_hn))
            h = z * h + (1 - z) * n
            states[(t, *row)] = h
    return states


def einsum_lstm(X_seq: Any, h0: Any, c0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """Gate by gate, as the textbook has it."""
    weights = list(zip(np.split(W_xh, 4), np.split(W_hh, 4), np.split(b_h, 4), strict=True))
    h, c, states = h0, c0, []
    for x_t in X_seq:
        sums = [np.einsum("...k,hk->...h", x_t, W) + np.einsum("...k,hk->...h", h, U) + b for W, U, b in weights]
        i, f, o = (1 / (1 + np.exp(-sums[gate])) for gate in (0, 1, 3))
        c = f * c + i * np.tanh(sums[2])
        h = o * np.tanh(c)
        states.append((h, c))
    return tuple(np.stack(one) for one in zip(*states, strict=True))


def hoisted_lstm(X_seq: Any, h0: Any, c0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """The product with the inputs once, all sigmoids by the tanh."""
    Z, h, c, states = X_seq @ W_xh.T + b_h, h0, c0, []
    for z_t in Z:
        i, f, g, o = np.split(z_t + h @ W_hh.T, 4, -1)
        i, f, o = ((np.tanh(one / 2) + 1) / 2 for one in (i, f, o))
        c = c * f + np.tanh(g) * i
        h = np.tanh(c) * o
        states.append((h, c))
    return tuple(np.stack(one) for one in zip(*states, strict=True))


def dot_lstm(X_seq: Any, h0: Any, c0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
    """One sequence after the other, the weights of inputs and state side by side."""
    W, shape = np.hstack([W_xh, W_hh]), (len(X_seq), *h0.shape)
    h_states, c_states = np.empty(shape, h0.dtype), np.empty(shape, h0.dtype)
    for row in np.ndindex(h0.shape[:-1]):
        h, c = h0[row], c0[row]
        for t in range(len(X_seq)):
            i, f, g, o = np.split(W.dot(np.concatenate([X_seq[(t, *row)], h])) + b_h, 4)
            i, f, o = (1 / (1 + np.exp(-one)) for one in (i, f, o))
            c = f * c + i * np.tanh(g)
            h = o * np.tanh(c)
            h_states[(t, *row)], c_states[(t, *row)] = h, c
    return h_states, c_states


def hoisted_lstm_backward(
    dh_states: Any, dc_states: Any, h_states: Any, c_states: Any, X_seq: Any, h0: Any, c0: Any,
    W_xh: Any, W_hh: Any, b_h: Any,
) -> Any:  # fmt: skip
    """The gates of all steps at once, and the gradients of the weights as one product each, after the loop."""
    before, kept = np.concatenate([h0[None], h_states[:-1]]), np.concatenate([c0[None], c_states[:-1]])
    i, f, g, o = np.split(X_seq @ W_xh.T + before @ W_hh.T + b_h, 4, -1)
    i, f, g, o = *(1 / (1 + np.exp(-one)) for one in (i, f)), np.tanh(g), 1 / (1 + np.exp(-o))
    shown, dh, dc, found = np.tanh(c_states), np.zeros_like(h0), np.zeros_like(c0), []
    for t in reversed(range(len(X_seq))):
        dh = dh + dh_states[t]
        dc = dc + dc_states[t] + dh * o[t] * (1 - shown[t] ** 2)
        slopes = (dc * g[t] * i[t] * (1 - i[t]), dc * kept[t] * f[t] * (1 - f[t]), dc * i[t] * (1 - g[t] ** 2))
        found.append(np.concatenate([*slopes, dh * shown[t] * o[t] * (1 - o[t])], -1))
        dh, dc = found[-1] @ W_hh, dc * f[t]
    dz = np.stack(found[::-1])
    rows, inputs, states = _rows(dz, X_seq, before)
    return {
        "X_seq": dz @ W_xh,
        "h0": dh,
        "c0": dc,
        "W_xh": rows.T @ inputs,
        "W_hh": rows.T @ states,
        "b_h": rows.sum(0),
    }


def through(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[..., Any]:
    """Return rnn_bptt made of these two, with the textbook's loss between them."""

    def rnn_bptt(X_seq: Any, y: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any) -> Any:
        h_states = forward(X_seq, h0, W_xh, W_hh, b_h)
        logits = h_states @ W_hy.T + b_y
        shifted = logits - logits.max(-1, keepdims=True)
        log_p = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
        dlogits, index = np.exp(log_p), y[..., None]
        np.put_along_axis(dlogits, index, np.take_along_axis(dlogits, index, -1) - 1, -1)
        grads = backward(dlogits @ W_hy, h_states, X_seq, h0, W_xh, W_hh, b_h)
        rows, H_states = _rows(dlogits, h_states)
        output = {"W_hy": rows.T @ H_states, "b_y": rows.sum(0)}
        return -np.take_along_axis(log_p, index, -1).sum(dtype=log_p.dtype), grads | output, h_states[-1]

    return rnn_bptt


def widened(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute in float64, and round once at the end."""

    def rounded(value: Any, dtype: Any) -> Any:
        if isinstance(value, tuple) and hasattr(value, "_asdict"):
            return {name: rounded(one, dtype) for name, one in value._asdict().items()}
        return (
            type(value)(rounded(one, dtype) for one in value)
            if isinstance(value, list | tuple)
            else value.astype(dtype)
        )

    @functools.wraps(function)
    def wide(*arguments: Any, **options: Any) -> Any:
        floating = [one.dtype.kind == "f" for one in arguments]
        asked = (one.astype(np.float64) if is_float else one for one, is_float in zip(arguments, floating, strict=True))
        return rounded(function(*asked, **options), arguments[0].dtype)

    return wide


def _rows(*arrays: Any) -> list[Any]:
    return [one.reshape(-1, one.shape[-1]) for one in arrays]


def _named(*gradients: Any) -> dict[str, Any]:
    return dict(zip(GRADIENTS, gradients, strict=True))


def _way(
    forward: Callable[..., Any], backward: Callable[..., Any], gated: Callable[..., Any], memory: Callable[..., Any]
) -> Way:
    return {
        "rnn_forward": forward,
        "rnn_backward": backward,
        "rnn_bptt": through(forward, backward),
        "gru_forward": gated,
        "lstm_forward": memory,
    }


WAYS: Mapping[str, Way] = {
    "einsum": _way(einsum_forward, einsum_backward, einsum_gru, einsum_lstm),
    "loop of dot": _way(dot_forward, dot_backward, dot_gru, dot_lstm),
    "hoisted": _way(hoisted_forward, hoisted_backward, hoisted_gru, hoisted_lstm)
    | {"lstm_backward": hoisted_lstm_backward},
    "float64, then rounded": {
        name: widened(getattr(rnn_ref, name)) for name in ("rnn_forward", "rnn_backward", "rnn_bptt", *GATED)
    },
}
