"""A foreign callable with places for the parts of a network: arguments, entries of them, globals, attributes."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from .names import WEIGHTS, parts_of, parts_of_keys, plain, size_of, weights_of
from .source import read_globals, source_of

RETURNED, AFTER = "returned", "self"  # what a method returned, and what the object holds then
LEFT = "left"  # gradients that are left in tensors, or as what was taken off weights
RATES = {"lr", "learningrate", "eta", "alpha", "stepsize"}


class Place(NamedTuple):
    """Where one part goes: an argument, an entry of one (by key, or by position), a global, or an attribute."""

    kind: str  # argument, key, position, dot, global, attribute
    name: str  # of the argument, the global, the attribute
    entry: str = ""  # the key or the attribute in it, or what its entry is called where it is unpacked
    parts: tuple[str, ...] = ()  # what it may be, by its name; none: anything
    needed: bool = True  # whether a call without it raises
    path: tuple[Any, ...] = ()  # of what an object holds: the way there

    @property
    def called(self) -> str:
        """The name that tells what it is."""
        return self.entry or self.name


class Way:
    """How a foreign function is called; values go by their places."""

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        self.function = function
        self.source = source_of(function)
        self.name = text or getattr(function, "__name__", type(function).__name__)
        self.signature = inspect.signature(function)
        self.given: dict[str, str] = {}  # arguments that are sizes, or the rate of learning
        self.fixed: dict[str, Any] = {}  # arguments that are always the same
        self.places: list[Place] = []
        for name, parameter in self.signature.parameters.items():
            if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
                self._look_at(name, parameter.default, needed=parameter.default is parameter.empty)
        self.global_sizes: dict[str, str] = {}
        self._look_for_globals()

    def _look_at(self, name: str, default: Any, *, needed: bool) -> None:
        parts = parts_of(name)
        if "parameters" in parts or (parts[:1] == ("h",) and self.source.unpacked(name)):
            entries = self._entries(name, "parameters" in parts)
            if entries:
                self.places += entries
                return
        size = size_of(name)
        if parts and "parameters" not in parts[:1] and not (size and isinstance(default, int)):
            self.places.append(Place("argument", name, parts=parts, needed=needed))
        elif needed and (size or plain(name) in RATES):
            self.given[name] = size or "rate"
        elif needed:
            self.places.append(Place("argument", name))

    def _entries(self, name: str, keyed: bool) -> list[Place]:
        """Return the places in an argument that holds several parts."""
        unpacked = self.source.unpacked(name)
        if unpacked:
            return [Place("position", name, one, parts_of(one)) for one in unpacked]
        keys = [*self.source.keys_of(name), *self.source.listed_keys_of(name)] if keyed else []
        known = {part for parts in parts_of_keys(name, keys).values() for part in parts[:1]}
        if keyed and not known >= {"W_xh", "W_hh"} and not known & {"b_h", "b_y"}:
            keys += [key for key in self.source.looked_up() if weights_of(key)]  # by another name, elsewhere
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        for other in self.source.spread(name) if keyed else ():
            if callable(held.get(other)):
                keys += [one for one in inspect.signature(held[other]).parameters if set(parts_of(one)) & set(WEIGHTS)]
        keys = list(dict.fromkeys(keys))
        if keys:
            return [Place("key", name, key, parts) for key, parts in parts_of_keys(name, keys).items()]
        dotted = [one for one in self.source.attributes(name) if weights_of(one)] if keyed else []
        return [Place("dot", name, one, weights_of(one)) for one in dotted]

    def _look_for_globals(self) -> None:
        """Take weights that stand outside for places, where the arguments have none; and sizes that do."""
        known = {part for place in self.places for part in place.parts[:1]}
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        own = {place.name for place in self.places} | set(self.given)
        for name in read_globals(self.function):
            value = held.get(name)
            if name in own or callable(value) or inspect.ismodule(value) or name in dir(__builtins__):
                continue
            parts = tuple(part for part in parts_of(name) if part in WEIGHTS)
            if isinstance(value, dict) and "parameters" in parts_of(name) and not known & set(WEIGHTS):
                keys = self.source.keys_of(name)
                self.places += [Place("global key", name, key, one) for key, one in parts_of_keys(name, keys).items()]
            elif parts and not known & (set(WEIGHTS) - {"b_y", "W_hy"}) and (value is None or hasattr(value, "shape")):
                self.places.append(Place("global", name, parts=parts))
            elif size_of(name) and (value is None or isinstance(value, int)) and len(plain(name)) > 1:
                self.global_sizes[name] = str(size_of(name))

    alive: Callable[[], None] = staticmethod(lambda: None)  # is called before every try
    fitting = False  # whether it is called to find out how arrays lie
    prefix: tuple[Any, ...] = ()  # of the path to what was returned, in what ``call`` returns

    @property
    def held(self) -> list[tuple[Place, list[tuple[Any, ...]]]]:
        """The weights that an object holds, with all the ways to each; none of a function."""
        return []

    def fits(self, values: Mapping[Place, Any]) -> bool:
        """Whether values have the shapes that are known to be due in their places."""
        return True

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned."""
        arguments: dict[str, Any] = {
            name: sizes.get(size, 1) if size != "rate" else 0.0 for name, size in self.given.items()
        } | self.fixed
        held: dict[str, Any] = {name: sizes[size] for name, size in self.global_sizes.items() if size in sizes}
        containers: dict[str, list[tuple[Place, Any]]] = {}
        for place, value in values.items():
            if place.kind == "argument":
                arguments[place.name] = value
            elif place.kind == "global":
                held[place.name] = value
            elif place.kind == "global key":
                held.setdefault(place.name, {})[place.entry] = value
            else:
                containers.setdefault(place.name, []).append((place, value))
        for name, entries in containers.items():
            if entries[0][0].kind == "position":
                arguments[name] = tuple(value for _, value in entries)
            elif entries[0][0].kind == "dot":
                arguments[name] = SimpleNamespace(**{place.entry: value for place, value in entries})
            else:
                arguments[name] = {place.entry: value for place, value in entries}
        with _held(self.function, held):
            return self._called(arguments)

    def _called(self, arguments: Mapping[str, Any]) -> Any:
        positional, named, skipped = [], {}, False
        for name, parameter in self.signature.parameters.items():
            if name not in arguments:
                skipped = True
            elif parameter.kind is parameter.KEYWORD_ONLY or skipped:
                named[name] = arguments[name]
            else:
                positional.append(arguments[name])
        return self.function(*positional, **named)


class LeavingWay(Way):
    """A function that leaves gradients in the tensors that it is given."""

    prefix = (("key", RETURNED),)

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned, and what it left in them."""
        returned = super().call(values, sizes)
        left = {place.called: getattr(value, "grad", None) for place, value in values.items()}
        return {RETURNED: returned, LEFT: {name: one for name, one in left.items() if one is not None}}


class _held:  # noqa: N801 - used as a statement
    """Let globals of a function be others for a while."""

    def __init__(self, function: Callable[..., Any], values: Mapping[str, Any]) -> None:
        self._names = getattr(inspect.unwrap(function), "__globals__", {})
        self._values = values

    def __enter__(self) -> None:
        self._before = {name: self._names[name] for name in self._values if name in self._names}
        self._names.update(self._values)

    def __exit__(self, *_: object) -> None:
        for name in self._values:
            self._names.pop(name, None)
        self._names.update(self._before)


def assignments(places: Sequence[Place], parts: Sequence[str], most: int = 24) -> list[dict[Place, str]]:
    """Return the ways in which parts may be given to places, the likeliest first; a place needed gets one of them.

    >>> two = [Place("argument", "W", parts=("W_hh", "W_xh")), Place("argument", "U", parts=("W_xh", "W_hh"))]
    >>> [list(one.values()) for one in assignments(two, ["W_xh", "W_hh"])]
    [['W_hh', 'W_xh'], ['W_xh', 'W_hh']]
    """
    found: list[dict[Place, str]] = []

    def go(at: int, given: dict[Place, str]) -> None:
        if len(found) >= most:
            return
        if at == len(places):
            found.append(dict(given))
            return
        place = places[at]
        free = [part for part in (place.parts or parts) if part in parts and part not in given.values()]
        if not place.parts:  # what a known name claims elsewhere is not for one that says nothing
            claimed = {other.parts[0] for other in places if other.parts and other.parts[0] in parts}
            free = [part for part in free if part not in claimed] or free
        for part in free:
            go(at + 1, {**given, place: part})
        if not free and not place.needed:
            go(at + 1, given)

    go(0, {})
    return found


def shown(function: Callable[..., Any], name: str = "") -> str:
    """Return a function with its arguments, as it is called."""
    try:
        return f"{name or function.__name__}{inspect.signature(function)}"
    except (TypeError, ValueError):
        return f"{name or getattr(function, '__name__', '?')}(…)"


def as_numbers(value: Any) -> np.ndarray[Any, Any] | None:
    """Return an array, a tensor, or a list or a dict by steps of them as one array of numbers; None if it is none."""
    if isinstance(value, Mapping):
        if not value or not all(isinstance(key, int) for key in value):
            return None
        value = [value[key] for key in sorted(value)]
    if isinstance(value, list | tuple):
        rows = [as_numbers(one) for one in value]
        if not rows or any(one is None or one.shape != rows[0].shape for one in rows if rows[0] is not None):
            return None
        return None if any(one is None for one in rows) else np.stack([one for one in rows if one is not None])
    if isinstance(value, bool | str) or value is None or (callable(value) and not hasattr(value, "shape")):
        return None
    for method in ("detach", "cpu"):
        value = getattr(value, method)() if hasattr(value, method) else value
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "fiu" else None
