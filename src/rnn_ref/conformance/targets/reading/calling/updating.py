"""Functions that take weights a step further: what they take off the weights is the gradient, times the rate."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..leaves import as_numbers, leaves
from ..names import WEIGHTS, plain
from .arguments import RATES
from .leaving import LEFT, RETURNED
from .place import Place
from .way import Way, copied

# Rates of learning with which an update, divided by them again, is the gradient: weights vanish beside it.
STEPS = {"float64": 2.0**100, "float32": 2.0**60}
SLOW = 2.0**-10
OTHER_SETTINGS = {"momentum", "mu", "beta", "decay", "weightdecay", "wd", "l2", "reg", "lambda", "lam", "rho"}


class UpdatingWay(Way):
    """A function that changes weights by a rate of learning, in place or in what it returns.

    What else it may do to them, as by a momentum or a decay, is not undone: then it is not read.
    """

    prefix = (("key", RETURNED),)
    undoes = True

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        super().__init__(function, text)
        self.updating = False  # what is handed over is a copy already

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned, and what it took off the weights over the rate."""
        weights = {place: as_numbers(value) for place, value in values.items() if set(place.parts) & set(WEIGHTS)}
        before = {place: value.copy() for place, value in weights.items() if value is not None}
        rate = STEPS["float32" if any(one.dtype.name == "float32" for one in before.values()) else "float64"]
        rate = SLOW if self.slow else rate
        self.fixed = self.flags | {name: rate if plain(name) in RATES else 0.0 for name in settings_of(self)}
        handed = {place: copied(value) if place in before else value for place, value in values.items()}
        returned = super().call(handed, sizes)
        after = {place: as_numbers(handed[place]) for place in before}
        if all(np.array_equal(after[place], one) for place, one in before.items()):  # type: ignore[arg-type]
            new, rest = _in_answer(returned, self, before)
            after, returned = (new, rest) if new else (after, returned)
        left = {place.called: (before[place] - one) / rate for place, one in after.items() if one is not None}
        if self.fitting and not any(map(np.any, left.values())):
            raise TypeError("it changes no weights")
        return {RETURNED: returned, LEFT: left}


def settings_of(way: Way) -> list[str]:
    """Return the arguments that say how far a step goes, and what else is done to weights.

    >>> settings_of(Way(lambda W, x, lr=0.1, decay=0.01: W))
    ['lr', 'decay']
    """
    return [name for name in way.signature.parameters if plain(name) in RATES | OTHER_SETTINGS]


def may_update(way: Way) -> bool:
    """Whether there is a rate of learning among the arguments of a plain function."""
    return type(way) is Way and way.updating


def _in_answer(returned: Any, way: Way, before: Mapping[Place, Any]) -> tuple[dict[Place, Any], Any]:
    """Return the new weights in an answer, by their names, else by their shapes in their order; and the loss."""
    every = [leaf for leaf in leaves(returned, way.source.returned()) if leaf.array.ndim]
    found: dict[Place, Any] = {}
    for by_name in (True, False):
        for place, one in before.items():
            named = [leaf for leaf in every if plain(leaf.name).replace("new", "") == plain(place.called)]
            fitting = named if by_name else [leaf for leaf in every if not leaf.name]
            fitting = [leaf for leaf in fitting if leaf.array.shape == one.shape and leaf.array.dtype.kind == "f"]
            if place not in found and fitting:
                found[place] = fitting[0].array
                every = [leaf for leaf in every if leaf is not fitting[0]]
    numbers = [leaf for leaf in leaves(returned, way.source.returned()) if leaf.array.size == 1]
    numbers.sort(key=lambda leaf: leaf.array.ndim)  # a loss has no axes, new weights have, also of size one
    return found, numbers[0].array if numbers else None
