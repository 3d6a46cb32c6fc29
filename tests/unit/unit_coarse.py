"""The specification's functions written plainly, over a product of one's choice, and what makes them coarse."""

from collections.abc import Callable
from typing import Any

import numpy as np

GRADIENTS = ("X_seq", "h0", "W_xh", "W_hh", "b_h")
Network = dict[str, Callable[..., Any]]


def network(product: Callable[[Any, Any], Any] = np.matmul) -> Network:
    """Return every function that has a product in it, made of this one."""

    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return np.tanh(product(x_t, W_xh.T) + product(h_prev, W_hh.T) + b_h)

    def rnn_forward(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        h, h_states = h0, []
        for x_t in X_seq:
            h = rnn_cell_step(x_t, h, W_xh, W_hh, b_h)
            h_states.append(h)
        return np.stack(h_states)

    def rnn_output_layer(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return product(np.asarray(h_states), W_hy.T) + b_y

    def rnn_cell_backward(dh_t: Any, h_t: Any, x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        dz = dh_t * (1 - h_t * h_t)
        rows, inputs, before = map(np.atleast_2d, (dz, x_t, h_prev))
        return product(dz, W_xh), product(dz, W_hh), product(rows.T, inputs), product(rows.T, before), rows.sum(0)

    def rnn_backward(dh_states: Any, h_states: Any, X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        dX, dh, total = np.empty_like(X_seq), np.zeros_like(h0), [0 * W_xh, 0 * W_hh, 0 * b_h]
        for t in reversed(range(len(X_seq))):
            inputs = (X_seq[t], h_states[t - 1] if t else h0, W_xh, W_hh, b_h)
            dX[t], dh, *weights = rnn_cell_backward(dh_states[t] + dh, h_states[t], *inputs)
            total = [a + b for a, b in zip(total, weights, strict=True)]
        return dict(zip(GRADIENTS, (dX, dh, *total), strict=True))

    def rnn_output_backward(dlogits_seq: Any, h_states: Any, W_hy: Any, b_y: Any) -> Any:
        rows, states = (np.reshape(a, (-1, np.shape(a)[-1])) for a in (dlogits_seq, h_states))
        return {"h_states": product(dlogits_seq, W_hy), "W_hy": product(rows.T, states), "b_y": rows.sum(0)}

    def rnn_bptt(X_seq: Any, y: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any, W_hy: Any, b_y: Any) -> Any:
        recurrent = (X_seq, h0, W_xh, W_hh, b_h)
        h_states = rnn_forward(*recurrent)
        logits = rnn_output_layer(h_states, W_hy, b_y)
        rows = y.size  # both losses below are means, and the loss of a sequence is a sum
        output = rnn_output_backward(cross_entropy_backward(float(rows), logits, y), h_states, W_hy, b_y)
        grads = rnn_backward(output.pop("h_states"), h_states, *recurrent)
        return cross_entropy(logits, y) * logits.dtype.type(rows), grads | output, h_states[-1]

    functions = (rnn_cell_step, rnn_forward, rnn_output_layer, rnn_cell_backward, rnn_backward, rnn_output_backward)
    return {function.__name__: function for function in (*functions, rnn_bptt)}


def cross_entropy(logits: Any, targets: Any) -> Any:
    """The mean over the rows, for indices."""
    nats = -np.take_along_axis(_log_p(logits), np.asarray(targets)[..., None], -1)
    return nats.mean(dtype=logits.dtype)


def cross_entropy_backward(dloss: Any, logits: Any, targets: Any) -> Any:
    p, index = np.exp(_log_p(logits)), np.asarray(targets)[..., None]
    np.put_along_axis(p, index, np.take_along_axis(p, index, -1) - 1, -1)
    return p * logits.dtype.type(dloss / index.size)


def tf32(a: Any, b: Any) -> Any:
    """A product of operands with 10 bits behind the point, accumulated in float32."""
    return np.matmul(*(_rounded(one, 11).astype(np.float32) for one in (a, b))).astype(a.dtype)


def half_operands(a: Any, b: Any) -> Any:
    """A product of float16 operands, accumulated in float32."""
    return np.matmul(*(one.astype(np.float16).astype(np.float32) for one in (a, b))).astype(a.dtype)


def in_half(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compute everything in float16, and return it in the dtype it came in."""

    def converted(value: Any, dtype: Any) -> Any:
        if isinstance(value, dict):
            return {name: converted(one, dtype) for name, one in value.items()}
        if isinstance(value, list | tuple):
            return type(value)(converted(one, dtype) for one in value)
        return value.astype(dtype) if getattr(getattr(value, "dtype", None), "kind", "") == "f" else value

    def coarse(*arguments: Any) -> Any:
        dtype = next(one.dtype for one in arguments if getattr(getattr(one, "dtype", None), "kind", "") == "f")
        return converted(function(*converted(arguments, np.float16)), dtype)

    return coarse


def _rounded(a: Any, bits: int) -> Any:
    mantissa, exponent = np.frexp(a)
    return np.ldexp(np.round(np.ldexp(mantissa, bits)), exponent - bits)


def _log_p(logits: Any) -> Any:
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
