"""The lines of an LSTM's step."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...._shapes import Array
from ..lines import EXACTLY, TINY, Line, Named, biases, given_and_made, products, sigmoid


def lines(arguments: Mapping[str, Any], _: Mapping[str, Any], answers: Named) -> dict[str, list[Line]]:
    """Return the lines; nothing where they cannot be solved for."""
    known = given_and_made(arguments, answers)
    return {} if known is None else {"": _lines(*known)}


def _lines(given: Named, made: Named) -> list[Line]:
    x, h, c_prev = given["x_t"], given["h_prev"], given["c_prev"]
    W, U, b = (np.split(given[name], 4) for name in ("W_xh", "W_hh", "b_h"))
    parts = products("ifgo", x, W, h, U) | biases("", "ifgo", h, b) | {"h_prev": h, "c_prev": c_prev}
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
