"""How functions of cells with gates are called: all that they take, and what holds their weights."""

import inspect
import re
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..calling.arguments import LOOKED_UP, RATES
from ..calling.embedding import EMBEDDING, plain_rows
from ..calling.leaving import RETURNED
from ..calling.masks import MASKS
from ..calling.outside import held
from ..calling.place import Place
from ..calling.records import fields_of, record_of, with_all_fields
from ..calling.way import Way
from ..names import parts_of, plain, size_of, sizes_in, words_of
from ..syntax.added_keys import added_keys_of
from ..syntax.gathered import read_globals
from ..syntax.nested import paths_in
from .holders.examples import holders, of_class, of_object
from .holders.held import Holder, gradients_in
from .names import LETTERS, called_with_owner, is_of_gates, parsed, state_of

KEPT_APART = (("key", RETURNED),)  # where what is returned stands, beside gradients that are kept elsewhere
STATES = {("h",), ("states",)}
NO_ENTRIES = {("cache",), ("up",), ("x",)}
NO_WEIGHTS = {("x",), ("h",), ("cache",), ("up",), ("targets",)}
ADDED = {"forgetbias"}  # a number that is added to a bias: 0 of it makes the bias what it is called
FLAGS = {"derivative", "training", "train", "verbose", "masks", "mask", "dropout", "reverse"}


class GatedWay(Way):
    """A function with places for what cells with gates have."""

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        self.holders: dict[str, Holder] = {}
        self.shapes: dict[Place, tuple[int, ...]] = {}
        self.handed: dict[str, Any] = {}  # what was handed over last
        self.outside: dict[str, Any] = {}  # and what stood in globals
        self.masks: list[str] = []  # arguments that have to be masks
        super().__init__(function, text)

    def _look_at(self, name: str, default: Any, *, needed: bool) -> None:
        entries = self._held_by(name, default)
        if entries:
            self.places += entries
            return
        parts, size = parts_of(name), size_of(name)
        if needed and not parts and self._is_batch(name):
            size, parts = None, ("x",)
        state = state_of(name, 2)
        unpacked = self.source.unpacked(name)
        if {state_of(one, 2) for one in unpacked} == {"h", "c"}:  # of whatever name
            self.places += [Place("position", name, one, parts_of(one), needed) for one in unpacked]
        elif parts[:1] in STATES and (states := self._states_in(name)):
            self.places += states
        elif (needed and plain(name) in RATES) or plain(name) in ADDED:
            self.given[name] = "rate"
        elif needed and re.fullmatch(MASKS, name.lower()):
            self.masks.append(name)
        elif needed and size and (len(plain(name)) > 1 or name in "ntmd") and not parts and not is_of_gates(name):
            self.given[name] = size
        elif needed or (
            (parts or state) and plain(name) not in FLAGS and (default is None or hasattr(default, "shape"))
        ):
            self.places.append(Place("argument", name, parts=parts, needed=needed))

    def _states_in(self, name: str) -> list[Place]:
        """Return the places in a record of states, whatever they are called: ``state.hidden``, ``state.cell``."""
        kinds = getattr(inspect.unwrap(self.function), "__globals__", {}).values()
        used = {*self.source.attributes(name)}
        for kind in [one for one in kinds if used and used <= {*fields_of(one)}]:
            states = {one: state_of(one, 2) for one in fields_of(kind)}
            if sorted(states.values()) == ["c", "h"]:
                self.records[name] = kind
                return [Place("dot", name, one, ("h",) * (state == "h")) for one, state in states.items()]
        return super()._states_in(name)

    def _held_by(self, name: str, default: Any) -> list[Place]:
        """Return the places in an argument that holds weights."""
        if parts_of(name)[:1] in NO_ENTRIES:
            return []
        if letters := self._letters(name):
            return [Place("deep", name, f"{name}_{key}", path=(("key", key),)) for key in letters]
        unpacked, keys = self.source.taken_apart(name), self._keys(name)
        attributes = [one for one in self.source.attributes(name) if is_of_gates(one)]
        of_gates = len(unpacked) if 2 * sum(map(is_of_gates, unpacked)) > len(unpacked) else 0
        called_so = "parameters" in parts_of(name)
        meant = called_so or max(of_gates, len(keys), len(attributes)) >= LOOKED_UP - 1
        empty = inspect.Parameter.empty
        found: list[Place] = []
        if default is empty and not unpacked:
            found = self._of_class(name, attributes, keys)
        elif default is not empty and default is not None and meant:
            found = self._of_holder(name, of_object(default))
        if found:
            return found
        if not meant or {state_of(one, 2) for one in unpacked} & {"h", "c"}:
            return []
        for _, holder in holders(self.function):
            if self._agrees(holder, unpacked, self.source.keys_of(name), attributes):
                return self._of_holder(name, holder, unpacked)
        return self._by_text(name, unpacked, keys, attributes if called_so else [])

    def _of_class(self, name: str, attributes: list[str], keys: list[str]) -> list[Place]:
        """Return the places in an object of a class of the file, one that is called so first."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        kinds = [one for one in held.values() if inspect.isclass(one) and one.__module__ == self.function.__module__]
        like = [one for one in kinds if words_of(one.__name__)[-1:] == words_of(name)[-1:]]
        like += [one for one in kinds if "parameters" in parts_of(name) and one not in like]
        for kind in like:
            found = self._of_holder(name, of_class(kind, tuple(kinds))) if not fields_of(kind) else []
            if found and self._has(name, attributes, keys):
                return found
        self.holders.pop(name, None)
        return []

    def _by_text(self, name: str, unpacked: list[str], keys: list[str], attributes: list[str]) -> list[Place]:
        """Return the places in an argument by what is taken out of it."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        deep = [
            (path, called_with_owner([key for _, key in path]))
            for path in with_all_fields(paths_in(self.source, name), list(held.values()))
        ]
        deep = [(path, called) for path, called in deep if is_of_gates(called)]
        record = record_of(self.function, name, self.source.attributes(name))
        if deep:
            found = [Place("deep", name, called, path=path) for path, called in deep]
        elif record is not None and sum(map(is_of_gates, fields_of(record))) > 1:
            self.records[name] = record
            found = [Place("dot", name, one, parts_of(one)) for one in fields_of(record) if is_of_gates(one)]
        elif len(unpacked) > 1:
            called = [one if one.strip("_") else f"_{number}" for number, one in enumerate(unpacked)]
            found = [Place("position", name, one, parts_of(one)) for one in called]
        elif keys:
            found = [Place("key", name, one, parts_of(one)) for one in keys]
        else:
            found = [Place("dot", name, one, parts_of(one)) for one in attributes]
        return found

    def _letters(self, name: str) -> list[str]:
        """Return the keys of an argument that has an array for every gate, called by the gate alone: ``W["i"]``.

        What is looked up in another one alone, by a line that was copied, is there too.
        """
        keys = self._every_key(name)
        others = (self._every_key(one) for one in self.signature.parameters if keys)
        keys = next((every for every in others if {*keys} < {*every}), keys)
        for gates in LETTERS if len(keys) in LETTERS else ():
            found = {gate for key in keys for _, _, gate in parsed(f"{name}_{key}", gates)}
            if len(keys) == gates and len(found) >= gates and not any(any(parsed(key, gates)) for key in keys):
                return keys
        return []

    def _every_key(self, name: str) -> list[str]:
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        keys = [*self.source.keys_of(name), *self.source.listed_keys_of(name), *added_keys_of(self.source, name, held)]
        return list(dict.fromkeys(keys))

    def _keys(self, name: str) -> list[str]:
        """Return the keys by which weights are looked up in an argument, also under another name."""
        keys = self._every_key(name)
        if "parameters" in parts_of(name) and len(keys) < LOOKED_UP - 1:
            keys += self.source.looked_up()
        return [key for key in dict.fromkeys(keys) if is_of_gates(key) and not key.startswith("d")]

    def _has(self, name: str, attributes: list[str], keys: list[str]) -> bool:
        """Whether the example of an argument has what is taken off it."""
        example = self.holders[name].example
        return all(hasattr(example, one) for one in attributes) and (
            not keys or isinstance(example, Mapping) or not attributes
        )

    def _agrees(self, holder: Holder, unpacked: list[str], keys: list[str], attributes: list[str]) -> bool:
        """Whether what a function makes has the entries that are taken out of an argument."""
        example = holder.example
        if isinstance(example, Mapping):
            inside = {key for one in example.values() if isinstance(one, Mapping) for key in one}
            return not unpacked and not attributes and {*keys} <= {*example, *inside}
        if hasattr(example, "_fields"):
            return {*attributes} <= {*example._fields} and len(unpacked) in {0, len(example)}
        if isinstance(example, list | tuple):
            return len(unpacked) == len(example)
        return bool(attributes) and all(hasattr(example, one) for one in attributes)

    def _of_holder(self, name: str, holder: Holder | None, unpacked: list[str] | None = None) -> list[Place]:
        if holder is None:
            return []
        self.holders[name] = holder
        found = []
        for path, one in holder.arrays.items():
            called = unpacked[path[0][1]] if unpacked and len(path) == 1 and path[0][0] == "item" else one.called
            place = Place("held", name, called, parts_of(called), needed=False, path=path)
            self.shapes[place] = tuple(np.shape(one.array))
            found.append(place)
        return found

    def _look_for_globals(self) -> None:
        """Take what stands outside for places, where the arguments have no weights: arrays, and what holds some."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        known = any(is_of_gates(place.called) for place in self.places if place.kind not in {"argument", "attribute"})
        weights = [place for place in self.places if parts_of(place.called)[:1] not in NO_WEIGHTS]
        known = known or sum(is_of_gates(place.called) for place in weights) > 1
        for name in read_globals(self.function):
            value = held.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and (size := size_of(name)):
                self.global_sizes[name] = size
            elif known:
                continue
            elif hasattr(value, "shape") and is_of_gates(name):
                self.places.append(Place("global", name, parts=parts_of(name)))
            elif isinstance(value, Mapping) and "parameters" in parts_of(name):
                found = [str(key) for key in value if is_of_gates(str(key))]
                self.places += [Place("global key", name, key, parts_of(key)) for key in found]

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned, of a generator all that it yields."""
        rest = {place: value for place, value in values.items() if place.kind != "held"}
        for name, holder in self.holders.items():
            mine = {place.path: value for place, value in values.items() if place.kind == "held" and place.name == name}
            embedded = [
                one.path for one in self.places if one.parts == EMBEDDING and (one.kind, one.name) == ("held", name)
            ]
            mine |= {path: plain_rows(values, sizes) for path in embedded}
            rest[Place("argument", name)] = holder.filled(holder.made(sizes), mine)
        self.outside = {name: sizes[size] for name, size in self.global_sizes.items() if size in sizes}
        for place, value in values.items():
            if place.kind == "global":
                self.outside[place.name] = value
            elif place.kind == "global key":
                self.outside.setdefault(place.name, {})[place.entry] = value
        return super().call(rest, sizes)

    prefix: tuple[Any, ...] = ()

    def goes_back(self, arguments: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
        """Call it as a way back; what it returned, and the gradients that what holds the weights holds then."""
        given = sizes_in(self.given, sizes)
        with held(self.function, self.outside):
            returned = self.call_with({**given, **arguments})
        kept = [
            gradients_in(one) for one in arguments.values() if not hasattr(one, "shape") and hasattr(one, "__dict__")
        ]
        return {RETURNED: returned, **{name: array for one in kept for name, array in one.items()}}

    def call_with(self, arguments: Mapping[str, Any], *, alone: bool = False) -> Any:
        """Call it with arguments by their names, and keep these; of a generator, all that it yields."""
        self.handed = dict(arguments)
        returned = super().call_with(arguments, alone=alone)
        return list(returned) if isinstance(returned, types.GeneratorType) else returned
