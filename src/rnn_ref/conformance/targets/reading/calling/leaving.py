"""Functions that leave gradients in the tensors that they are given, or in arrays that stand outside."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..leaves import as_numbers
from ..names import is_gradient, of_what, parts_of
from ..syntax.gathered import read_globals
from .outside import held
from .place import Place
from .way import Way

RETURNED, AFTER = "returned", "self"  # what was returned, and what an object holds then
LEFT = "left"  # gradients that are left in tensors, or as what was taken off weights


class LeavingWay(Way):
    """A function that leaves gradients in the tensors that it is given."""

    prefix = (("key", RETURNED),)

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned, and what it left in them."""
        returned = super().call(values, sizes)
        left = {place.called: getattr(value, "grad", None) for place, value in values.items()}
        return {RETURNED: returned, LEFT: {name: one for name, one in left.items() if one is not None}}


class BufferedWay(Way):
    """A function that leaves gradients in arrays outside, each beside its weight: ``gU`` beside ``U``."""

    prefix = (("key", RETURNED),)

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        super().__init__(function, text)
        names = inspect.unwrap(function).__globals__
        beside = {name: of_what(name) for name in read_globals(function) if is_gradient(name)}
        shapes = {one: getattr(names.get(one), "shape", ()) for both in beside.items() for one in both}
        alike = {name: one for name, one in beside.items() if shapes[name] == shapes[one] != ()}
        known = {place.name for place in self.places}
        self.places += [Place("global", one, parts=parts_of(one)) for one in alike.values() if one not in known]
        outside = {place.name for place in self.places if place.kind == "global" and place.parts}
        self.buffers = {name: one for name, one in alike.items() if one in outside}  # and the weight of each

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places, beside empty arrays; what it returned, and what stands in these then."""
        weights = {place.name: value for place, value in values.items() if place.kind == "global"}
        empty = {name: np.zeros_like(weights[one]) for name, one in self.buffers.items() if one in weights}
        names = inspect.unwrap(self.function).__globals__
        with held(self.function, empty):
            returned = super().call(values, sizes)
            left = {name: names[name] for name in empty if as_numbers(names[name]) is not None}
            return {RETURNED: returned, LEFT: left}
