"""The lines of a step: what each has to be for the answer if all others are right, and of what it is made.

Each state is held against the candidate's own state before it.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array

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


def given_and_made(arguments: Mapping[str, Any], answers: Named) -> tuple[dict[str, Array], dict[str, Array]] | None:
    """Return what each step was given, one below the other, and what it made of it; None where that is not known."""
    given, made = dict(arguments), dict(answers)
    if "X_seq" in given:
        if "h_states" not in made:
            return None
        first = slice(None) if "c_states" in made or "c0" not in given else slice(1)  # whose memory before is known
        for one, zero in (("h", "h0"), ("c", "c0")):
            states = made.get(f"{one}_states")
            if zero in given:
                before = [given[zero][None], *([] if states is None else [states[:-1]])]
                given[f"{one}_prev"] = np.concatenate(before)[first]
            if states is not None:
                made[f"{one}_t"] = states[first]
        given["x_t"] = given["X_seq"][first]
    inputs = {name: _rows(given[name]) for name in ("x_t", "h_prev", "c_prev") if name in given}
    weights = {name: np.asarray(value, float) for name, value in given.items() if name[:2] in {"W_", "b_"}}
    return inputs | weights, {name: _rows(made[name]) for name in ("h_t", "c_t") if name in made}


def _rows(array: Array) -> Array:
    return np.asarray(array, float).reshape(-1, np.shape(array)[-1])


def products(names: str, x: Array, W: Sequence[Array], h: Array, U: Sequence[Array]) -> dict[str, Array]:
    """Return the products of the gates of these letters, by what they are called."""
    of_x = {f"W_x{name} x_t": x @ one.T for name, one in zip(names, W, strict=True)}
    return of_x | {f"W_h{name} h_prev": h @ one.T for name, one in zip(names, U, strict=True)}


def biases(of: str, names: str, like: Array, b: Sequence[Array]) -> dict[str, Array]:
    """Return their biases, of the input's side, the state's, or the only one."""
    return {f"b_{of}{name}": np.ones_like(like) * one for name, one in zip(names, b, strict=True)}
