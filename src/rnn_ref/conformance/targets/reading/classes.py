"""Classes and instances as callables: made with sizes, weights set by the names of attributes, methods called."""

import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from .names import parts_of, plain, size_of, weights_of
from .ways import RATES, Place, Way

RETURNED, AFTER = "returned", "self"  # what a method returned, and what the object holds then
SIZES = {"D": 5, "H": 7, "V": 11, "T": 3, "B": 6, "vocabulary": 5, "rate": 0.01}
DEFAULTS: tuple[Any, ...] = (1, 0.1)  # for what a constructor wants and nobody knows


class Maker:
    """A class, and how objects of it are made with sizes."""

    def __init__(self, kind: type) -> None:
        self.kind = kind
        self.sizes: dict[str, str] = {}
        for name, parameter in inspect.signature(kind).parameters.items():
            size = size_of(name) or ("rate" if plain(name) in RATES else None)
            variable = parameter.kind in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}
            if not variable and size and (parameter.default is parameter.empty or isinstance(parameter.default, int)):
                self.sizes[name] = size
            elif not variable and parameter.default is parameter.empty:
                self.sizes[name] = "unknown"
        self._made: dict[tuple[int, ...], Any] = {}
        self.example = self.made(SIZES)

    def made(self, sizes: Mapping[str, int]) -> Any:
        """Return an object of these sizes, the same one as before for the same sizes."""
        known = {"rate": 0.01, **sizes}
        wanted = tuple(int(known.get(axis, 0)) for axis in ("D", "H", "V", "T", "B", "vocabulary"))
        if wanted not in self._made:
            arguments = {name: known.get(size, 1) for name, size in self.sizes.items()}
            state = np.random.get_state()  # noqa: NPY002 - what foreign code draws from
            try:
                self._made[wanted] = self.kind(**arguments)
            finally:
                np.random.set_state(state)  # noqa: NPY002
        return self._made[wanted]

    def attributes(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the arrays that an object holds: attribute, key in it if it is a dict, and the array."""
        for name, value in vars(self.example).items():
            if isinstance(value, Mapping):
                for key, one in value.items():
                    if isinstance(key, str) and np.ndim(one):
                        yield name, key, one
            elif not isinstance(value, list | tuple | str) and getattr(value, "shape", ()):
                yield name, "", value


class MethodWay(Way):
    """A method of objects that are made for every size; weights stand in their attributes, which are set anew.

    What goes on where another method has just been called (``after``) has them already.
    """

    prefix = (("key", RETURNED),)

    def __init__(self, maker: Maker, method: str, *, after: bool = False) -> None:
        self.maker, self.method = maker, method
        super().__init__(getattr(maker.example, method), f"{maker.kind.__name__}.{method}")
        mine = {part for place in self.places for part in place.parts[:1]}
        if after:
            return
        for name, key, value in maker.attributes():
            parts = ("h",) if "h" in parts_of(key or name)[:1] else weights_of(key or name)
            if not parts and np.ndim(value) == 2 and self._reads(name):
                parts = ("W_xh", "W_hh", "W_hy")
            if parts and not ("h" in parts and "h" in mine):
                self.places.append(Place("attribute", name, key, parts, needed="h" not in parts))

    def _reads(self, name: str) -> bool:
        return name in self.source.attributes("self")

    def fits(self, values: Mapping[Place, Any]) -> bool:
        """Whether weights lie as those that an object was made with."""
        held = {(name, key): np.shape(value) for name, key, value in self.maker.attributes()}
        return all(
            np.shape(value) == held[place.name, place.entry]
            for place, value in values.items()
            if place.kind == "attribute" and place.parts[:1] != ("h",)
        )

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method with values in their places; what it returned, and what the object holds then."""
        shared = sizes.get("vocabulary") if "V" not in sizes else sizes["V"]
        target = self.maker.made({**sizes, "V": shared or sizes["H"]})
        for place, value in values.items():
            if place.kind == "attribute" and place.entry:
                getattr(target, place.name)[place.entry] = copy.deepcopy(value)
            elif place.kind == "attribute":
                setattr(target, place.name, copy.deepcopy(value))
        self.function = getattr(target, self.method)
        rest = {place: value for place, value in values.items() if place.kind != "attribute"}
        returned = super().call(rest, sizes)
        return {RETURNED: returned, AFTER: dict(vars(target))}


def methods_of(kind: type) -> list[str]:
    """Return the methods that a class has itself, and ``__call__``."""
    found = []
    for name in dir(kind):
        value = inspect.getattr_static(kind, name)
        own = inspect.isfunction(value) and value.__module__ == kind.__module__
        if own and (not name.startswith("_") or name == "__call__"):
            found.append(name)
    return found
