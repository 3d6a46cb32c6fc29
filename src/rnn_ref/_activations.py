"""What the recurrent network puts its sums through: tanh, or max(0, ·); the slopes follow from the state itself."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ._shapes import Array


class Activation(NamedTuple):
    """A function that may write into ``out``, and its slope by its value."""

    of: Callable[..., Any]
    slope: Callable[[Array], Array]


def _relu(a: Array, out: Array | None = None) -> Array:
    found: Array = np.maximum(a, a.dtype.type(0), out=out)
    return found


ACTIVATIONS: Mapping[str, Activation] = {
    "tanh": Activation(np.tanh, lambda h: (1 - h) * (1 + h)),  # which keeps its digits where h is close to ±1
    "relu": Activation(_relu, lambda h: (h.real > 0).astype(h.dtype)),  # 0 at 0, as everywhere
}


def activation_of(function: str, name: object) -> Activation:
    """Return an activation by its name, or raise ValueError.

    >>> activation_of("rnn_forward", "relu").slope(np.array([0.0, 2.0]))
    array([0., 1.])
    """
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise ValueError(f"{function}: activation is {name!r}, expected 'tanh' or 'relu'")
    return ACTIVATIONS[name]
