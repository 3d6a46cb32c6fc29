"""The lines of a GRU's step, with the reset gate in the place that is due, or in the other."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ..lines import TINY, Line, Named, biases, given_and_made, products, sigmoid


def lines(arguments: Mapping[str, Any], options: Mapping[str, Any], answers: Named) -> dict[str, list[Line]]:
    """Return the lines by what is to be said beside them; nothing where they cannot be solved for."""
    known, after = given_and_made(arguments, answers), bool(options.get("reset_after", True))
    other = f", the reset gate {'before' if after else 'behind'} the product with W_hn"
    return {} if known is None else {"": _lines(*known, after=after), other: _lines(*known, after=not after)}


def _lines(given: Named, made: Named, *, after: bool) -> list[Line]:
    x, h, got = given["x_t"], given["h_prev"], made["h_t"]
    W, U, bx, bh = (np.split(given[name], 3) for name in ("W_xh", "W_hh", "b_xh", "b_hh"))
    parts = products("rzn", x, W, h, U) | biases("x", "rzn", h, bx) | biases("h", "rzn", h, bh) | {"h_prev": h}
    sums = {g: parts[f"W_x{g} x_t"] + parts[f"W_h{g} h_prev"] + parts[f"b_x{g}"] + parts[f"b_h{g}"] for g in "rz"}
    r, z = sigmoid(sums["r"]), sigmoid(sums["z"])
    reset = {f"W_h{g} (r_t * h_prev)": (r * h) @ one.T for g, one in zip("rzn", U, strict=True)}
    reset |= {f"r_t * {name}": r * parts[name] for name in ("W_xn x_t", "b_xn", "W_hn h_prev", "b_hn")}
    a_x, a_h = parts["W_xn x_t"] + parts["b_xn"], parts["W_hn h_prev"] + parts["b_hn"]
    a_n = a_x + (r * a_h if after else reset["W_hn (r_t * h_prev)"] + parts["b_hn"])
    n = np.tanh(a_n)
    n_is = (got - z * h) / (1 - z)
    gated = {f"{g}_t * {name}": one * state for g, one in (("z", z), ("r", r))
             for name, state in (("h_prev", h), ("n_t", n))}  # fmt: skip
    opened = 1 - z > TINY
    lines = [
        Line("z_t", (got - n) / (h - n), parts | reset, sums["z"], "sigmoid", np.abs(h - n) > TINY),
        Line("n_t", n_is, parts | reset, a_n, "tanh", opened),
        Line("h_t", got, {"h_prev": h, "n_t": n} | gated, (1 - z) * n + z * h),
        Line("n_t", n_is, _outside(parts, reset, after=after), n, "", opened),
    ]
    if after:
        r_is = (np.arctanh(n_is) - a_x) / a_h
        exact = opened & (np.abs(np.abs(n_is) - 1) > TINY) & (np.abs(a_h) > TINY)
        lines.append(Line("r_t", r_is, parts, sums["r"], "sigmoid", exact))
    return lines


def _outside(parts: Named, reset: Named, *, after: bool) -> dict[str, Array]:
    """Return what a candidate may be made of if a bias is added outside of its tanh."""
    x, b_x, b_h = parts["W_xn x_t"], parts["b_xn"], parts["b_hn"]
    h, told = reset["W_hn (r_t * h_prev)"], "W_hn (r_t * h_prev)"
    if after:
        h, told = reset["r_t * W_hn h_prev"], "r_t * W_hn h_prev"
    return {
        f"tanh(W_xn x_t + b_xn + {told})": np.tanh(x + b_x + h),
        f"tanh(W_xn x_t + {told} + b_hn)": np.tanh(x + h + b_h),
        f"tanh(W_xn x_t + {told})": np.tanh(x + h),
        **{name: parts[name] for name in ("b_xn", "b_hn")},
        "r_t * b_hn": reset["r_t * b_hn"],
    }
