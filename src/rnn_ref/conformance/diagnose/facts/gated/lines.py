"""The lines of a step with gates: what each must be for the answer if all others are right, and of what it is made."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from ....._shapes import Array

EXACTLY = 1e-7  # how near to what was computed a line has to come, everywhere
TINY = 0.02  # a factor that is not divided by
Named = Mapping[str, Array]


class Line(NamedTuple):
    """A line of a step: its name, what it has to be, the parts that it may be made of, and the sum of them that is due.

    Where ``known`` does not hold, what it has to be is lost in rounding.
    """

    name: str
    value: Array
    parts: Named
    due: Array
    around: str = ""  # the function around the sum
    known: Array | bool = True


def sigmoid(a: Array) -> Array:
    """Return the logistic function."""
    return np.asarray(1 / (1 + np.exp(-a)))


def logit(p: Array) -> Array:
    """Return the argument of the logistic function."""
    return np.asarray(np.log(p / (1 - p)))


Function = Callable[[Array], Array]
AROUND: Mapping[str, tuple[Function, Function, float, float]] = {
    "sigmoid": (sigmoid, logit, 0.02, 0.98),
    "tanh": (np.tanh, np.arctanh, -0.98, 0.98),
    "": (np.asarray, np.asarray, -np.inf, np.inf),
}  # each with its inverse, and between what values that is exact


def gru(given: Named, made: Named, *, after: bool) -> list[Line]:
    """Return the lines of a GRU's step."""
    x, h, got = given["x_t"], given["h_prev"], made["h_t"]
    W, U, bx, bh = (np.split(given[name], 3) for name in ("W_xh", "W_hh", "b_xh", "b_hh"))
    parts = _products("rzn", x, W, h, U) | _biases("x", "rzn", h, bx) | _biases("h", "rzn", h, bh) | {"h_prev": h}
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


def lstm(given: Named, made: Named) -> list[Line]:
    """Return the lines of an LSTM's step."""
    x, h, c_prev = given["x_t"], given["h_prev"], given["c_prev"]
    W, U, b = (np.split(given[name], 4) for name in ("W_xh", "W_hh", "b_h"))
    parts = _products("ifgo", x, W, h, U) | _biases("", "ifgo", h, b) | {"h_prev": h, "c_prev": c_prev}
    sums = {g: parts[f"W_x{g} x_t"] + parts[f"W_h{g} h_prev"] + parts[f"b_{g}"] for g in "ifgo"}
    gates = {g: sigmoid(sums[g]) for g in "ifo"}
    i, f, g, o = gates["i"], gates["f"], np.tanh(sums["g"]), gates["o"]
    due = f * c_prev + i * g
    c = made.get("c_t", due)
    whole = [np.allclose(c, due, 0, EXACTLY), np.allclose(made.get("h_t", 0), o * np.tanh(c), 0, EXACTLY)]
    lines = []
    if "c_t" in made:
        lines += [
            Line("i_t", (c - f * c_prev) / g, parts, sums["i"], "sigmoid", np.abs(g) > TINY),
            Line("f_t", (c - i * g) / c_prev, parts, sums["f"], "sigmoid", np.abs(c_prev) > TINY),
            Line("g_t", (c - f * c_prev) / i, parts, sums["g"], "tanh", i > TINY),
            Line("c_t", c, _memory(gates, g, sums["g"], c_prev), due),
        ]
        lines = [
            one._replace(value=one.value if whole[1] or "h_t" not in made else one.value * np.nan) for one in lines
        ]
    if "h_t" in made:
        shown, got = np.tanh(c), made["h_t"]
        mixed = {f"{name}_t * tanh(c_t)": gate * shown for name, gate in gates.items()}
        mixed |= {"tanh(c_t)": shown, "c_t": c, "o_t * c_t": o * c, "o_t * sigmoid(c_t)": o * sigmoid(c)}
        got = got if whole[0] else got * np.nan  # two lines are wrong then
        lines += [
            Line("o_t", got / shown, parts | {"c_t": c}, sums["o"], "sigmoid", np.abs(shown) > TINY),
            Line("h_t", got, mixed, o * shown),
        ]
    return lines


def _memory(gates: Named, g: Array, a_g: Array, c_prev: Array) -> dict[str, Array]:
    """Return what an LSTM's memory may be a sum of."""
    told = "W_xg x_t + W_hg h_prev + b_g"
    terms = {"c_prev": c_prev, "g_t": g, f"sigmoid({told})": sigmoid(a_g), f"({told})": a_g}
    return {f"{name}_t * {what}": gate * one for name, gate in gates.items() for what, one in terms.items()} | {
        name: terms[name] for name in ("c_prev", "g_t")
    }


def _products(names: str, x: Array, W: Sequence[Array], h: Array, U: Sequence[Array]) -> dict[str, Array]:
    of_x = {f"W_x{name} x_t": x @ one.T for name, one in zip(names, W, strict=True)}
    return of_x | {f"W_h{name} h_prev": h @ one.T for name, one in zip(names, U, strict=True)}


def _biases(of: str, names: str, like: Array, b: Sequence[Array]) -> dict[str, Array]:
    return {f"b_{of}{name}": np.ones_like(like) * one for name, one in zip(names, b, strict=True)}
