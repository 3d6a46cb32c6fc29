"""Functions whose weights stand outside, as globals: every array that they read there is a place for one."""

import inspect

from ...calling.place import Place
from ...calling.way import Way
from ...names import WEIGHTS
from ...syntax.source import read_globals


class OutsideWay(Way):
    """A function of a cell with gates; names of gates are weights too, where the arguments have none."""

    def _look_for_globals(self) -> None:
        super()._look_for_globals()
        known = {place.name for place in self.places} | set(self.given)
        if any(
            set(place.parts[:1]) & (set(WEIGHTS) - {"b_y", "W_hy"}) for place in self.places if place.kind != "global"
        ):
            return
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        outside = [name for name in read_globals(self.function) if name not in known]
        self.places += [
            Place("global", name, needed=False) for name in outside if getattr(held.get(name), "shape", ()) != ()
        ]
