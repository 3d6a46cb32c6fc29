"""Functions whose weights stand outside, as globals: every array that they read there is a place for one.

So is what is called as a weight of a gate and could not be made, as of a size that only a file of data has.
"""

import ast
import builtins
import inspect
from collections.abc import Mapping
from typing import Any

from ...calling.place import Place
from ...calling.way import Way
from ...names import WEIGHTS, size_of
from ...syntax.expressions import name_of
from ...syntax.gathered import read_globals
from ..names import is_of_gates

MAKING = {"zeros", "ones", "empty", "full", "eye", "range", "arange"}  # what takes sizes


class OutsideWay(Way):
    """A function of a cell with gates; names of gates are weights too, where the arguments have none."""

    def _look_for_globals(self) -> None:
        super()._look_for_globals()
        for place in [one for one in self.places if one.kind == "global" and self._is_size(one.name)]:
            self.places.remove(place)
            self.global_sizes[place.name] = str(size_of(place.name))
        known = {place.name for place in self.places} | set(self.given)
        if any(
            set(place.parts[:1]) & (set(WEIGHTS) - {"b_y", "W_hy"}) for place in self.places if place.kind != "global"
        ):
            return
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        outside = [name for name in read_globals(self.function) if name not in {*known, *self.global_sizes}]
        self.places += [Place("global", name, needed=False) for name in outside if _may_be_weight(name, held)]

    def _is_size(self, name: str) -> bool:
        """Whether a global that is not made is the size of something, though its letter may be a weight's too."""
        calls = [one for one in self.source.nodes(ast.Call) if one.args and name_of(one.func) in MAKING]
        return bool(size_of(name)) and any(
            isinstance(inner, ast.Name) and inner.id == name for one in calls for inner in ast.walk(one.args[0])
        )


def _may_be_weight(name: str, held: Mapping[str, Any]) -> bool:
    if name in held:
        return isinstance(shape := getattr(held[name], "shape", None), tuple) and shape != ()
    return is_of_gates(name) and not hasattr(builtins, name)
