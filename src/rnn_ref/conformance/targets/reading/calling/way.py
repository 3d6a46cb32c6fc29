"""A foreign callable with places for the parts of a network: arguments, entries of them, globals, attributes."""

import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np

from ....operation import Operation
from ..axes import Form
from ..layer_names import weights_at
from ..leaves import as_numbers
from ..names import (
    BACK,
    BPTT,
    WEIGHTS,
    is_gradient,
    is_weight,
    of_what,
    parts_of,
    parts_of_keys,
    plain,
    size_of,
    weights_of,
    words_of,
)
from ..syntax.added_keys import added_keys_of
from ..syntax.nested import paths_in
from ..syntax.source import read_globals, source_of
from .compiled import Compiled, as_python, of_jax
from .place import SUM, Place
from .records import fields_of, made, nested, record_of, with_all_fields
from .tries import TRIES

UNKNOWN = ("unknown",)  # nothing that could be handed over
EMBEDDING = ("embedding",)  # what is looked up by tokens before there are inputs
OF_TOKENS = r"(w?emb|w?embed|w?embeddings?|embeds|embtable|lookup|wordvectors|wte|e|we)"
LOOKED_UP, UNPACKED, WEIGHT_LETTERS = 4, 3, set("wubvr")
AXES = {"D", "H", "V", "T", "B"}  # letters that are sizes where they stand outside; small ones are what they are
RATES = {"lr", "learningrate", "learnrate", "eta", "alpha", "stepsize"}
FAR_BACK = 1000  # more steps than there are in any check
BOUNDS = r"(grad(ient)?s?)?(clip(ping)?|max(grad)?norm)(s|value|norm|grad(ient)?s?|threshold|at|bound)?"  # of gradients


class Way:
    """How a foreign function is called; values go by their places."""

    opens = False  # whether what a cache is unpacked into is handed over, where no way forward makes it

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        self.function = function
        self.source = source_of(function)
        self.name = text or getattr(function, "__name__", type(function).__name__)
        self.signature = inspect.signature(function)
        self.records: dict[str, type] = {}  # arguments that are records
        self.given: dict[str, str] = {}  # arguments that are sizes, or the rate of learning
        self.listed: set[str] = set()  # states that are a list, to which others are appended
        self.key_sizes: dict[tuple[str, str], str] = {}  # entries of dicts of weights that are sizes
        self.fixed: dict[str, Any] = {}  # arguments that are always the same
        self.places: list[Place] = []
        for name, parameter in self.signature.parameters.items():
            if parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
                self._look_at(name, parameter.default, needed=parameter.default is parameter.empty)
        self.places = [place._replace(parts=self._beside_its_capital(place)) for place in self.places]
        self.places = _with_output_layer(with_embedding(self.places))
        self.rates = [name for name in self.signature.parameters if plain(name) in RATES]
        self.updating = bool(self.rates)
        self.fixed = dict.fromkeys(self.rates, 0.0)  # so that new weights are seen to be the old ones
        self.bounds = {
            name: bound
            for name, one in self.signature.parameters.items()
            if (bound := _unbounded(name, one.default, self.name)) is not None
            and not (bound == math.inf and self.source.reads_on_the_way_back(name))  # no bound of what is finished
        }
        self.fixed |= self.bounds
        self.global_sizes: dict[str, str] = {}
        self._look_for_globals()
        self.compiles = of_jax(function)
        self.beside: Form = ()  # how a batch of sequences lies in the network that it belongs to
        self._compiled: dict[Callable[..., Any], Compiled] = {}

    def _look_at(self, name: str, default: Any, *, needed: bool) -> None:
        parts = parts_of(name)
        keyed = "parameters" in parts or (not parts and len(self._weights_in(name)) >= LOOKED_UP)
        keyed = keyed or (not parts and sum(map(is_weight, self.source.unpacked(name))) >= UNPACKED)
        if keyed or (parts[:1] in {("h",), ("states",)} and self.source.unpacked(name)):
            entries = with_embedding(self._entries(name, keyed))
            if entries:
                self.places += entries
                return
        opened = self.source.unpacked(name) or self.source.taken_one_by_one(name) if self.opens else []
        if parts[:1] == ("cache",) and opened:
            self.places += [Place("position", name, *self._opened(one, i)) for i, one in enumerate(opened)]
            return
        keys = self.source.keys_of(name) if parts[:1] in {(), ("x",)} else []
        if any(parts_of(key)[:1] == ("x",) for key in keys):  # a batch, with all that belongs to its inputs
            self.places += [Place("key", name, key, parts_of(key) or UNKNOWN) for key in keys]
            return
        states = self._states_in(name) if parts[:1] in {("h",), ("states",)} else []
        if states:
            self.places += states
            return
        if parts[:1] == ("states",) and needed and name in self.source.grown():
            self.listed.add(name)
            parts = ("h",)
        size = size_of(name)
        if parts and "parameters" not in parts[:1] and not (size and isinstance(default, int)):
            self.places.append(Place("argument", name, parts=parts, needed=needed))
        elif needed and (size or plain(name) in RATES):
            self.given[name] = size or "rate"
        elif size == "vocabulary" and isinstance(default, int):
            self.given[name] = size
        elif needed:
            self.places.append(Place("argument", name, parts=("states",) if name in self.source.squared() else ()))

    def _opened(self, name: str, place: int) -> tuple[str, tuple[str, ...]]:
        """Return what an entry of a cache is called that is made by hand, and what it may be: by its use, not anything.

        What an activation is taken of is the sum that goes into it, and what is squared the state that came out.
        """
        called, parts = _unpacked(name, place)
        if parts or name in self.source.squared():
            return called, parts or ("states",)
        return called, (SUM,) if name in self.source.activated() else UNKNOWN

    def _states_in(self, name: str) -> list[Place]:
        """Return the places in an argument that is a record of states: ``state.h``, ``state.c``."""
        used = self.source.attributes(name)
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        kinds = [one for one in list(held.values()) if {"h", "c"} == {*map(str.lower, fields_of(one))}]
        if not kinds or not {"h", "c"} & {*map(str.lower, used)}:
            return []
        self.records[name] = kinds[0]
        return [Place("dot", name, one, ("h",) if one.lower() == "h" else ()) for one in fields_of(kinds[0])]

    def _weights_in(self, name: str) -> list[str]:
        """Return the keys in an argument that may be weights': of one that is looked up by several, whatever it is."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        keys = [*self.source.keys_of(name), *added_keys_of(self.source, name, held)]
        return [key for key in keys if key[:1].lower() in WEIGHT_LETTERS]

    def _beside_its_capital(self, place: Place) -> tuple[str, ...]:
        """Return what a small letter may be, first the bias of the weight that its capital is: ``x @ A + a``."""
        name, capitals = place.called, {one.called for one in self.places if set(one.parts) & set(WEIGHTS)}
        bias = len(name) == 1 and name.islower() and name not in "xhsu" and name.upper() in capitals
        known = {"b_y", "b_h"} & set(place.parts)
        return tuple(dict.fromkeys(("b_h", "b_y", *place.parts))) if bias and not known else place.parts

    def _entries(self, name: str, keyed: bool) -> list[Place]:
        """Return the places in an argument that holds several parts."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        deep = with_all_fields(paths_in(self.source, name), list(held.values())) if keyed else []
        deep = [path for path in deep if weights_at(path) or parts_of(path[-1][1])[:1] == ("h",)]
        if deep:
            ways = {one: weights_at(one) or parts_of(one[-1][1]) for one in deep}
            return [Place("deep", name, ".".join(key for _, key in one), ways[one], path=one) for one in deep]
        record = record_of(self.function, name, self.source.attributes(name)) if keyed else None
        if record is not None:
            self.records[name] = record
            return [Place("dot", name, one, weights_of(one)) for one in fields_of(record) if weights_of(one)]
        unpacked = self.source.unpacked(name)
        if unpacked:
            return [Place("position", name, *_unpacked(one, place)) for place, one in enumerate(unpacked)]
        keys = [*self.source.keys_of(name), *self.source.listed_keys_of(name)] if keyed else []
        keys += added_keys_of(self.source, name, held) if keyed else []
        known = {part for parts in parts_of_keys(name, keys).values() for part in parts[:1]}
        if keyed and not known >= {"W_xh", "W_hh"} and not known & {"b_h", "b_y"}:
            keys += [key for key in self.source.looked_up() if weights_of(key)]  # by another name, elsewhere
        for other in self.source.spread(name) if keyed else ():
            if callable(held.get(other)):
                keys += [one for one in inspect.signature(held[other]).parameters if set(parts_of(one)) & set(WEIGHTS)]
        keys = [key for key in dict.fromkeys(keys) if not (is_gradient(key) and of_what(key) in keys)]
        sizes = {key: str(size_of(key)) for key in keys if size_of(key) and not weights_of(key)}
        self.key_sizes |= {(name, key): size for key, size in sizes.items()} if len(sizes) < len(keys) else {}
        keys = [key for key in keys if (name, key) not in self.key_sizes]
        if keys:
            keys += self._biases_of_gradients(keys)
            return [Place("key", name, key, parts) for key, parts in parts_of_keys(name, keys).items()]
        dotted = [one for one in self.source.attributes(name) if weights_of(one)] if keyed else []
        return [Place("dot", name, one, weights_of(one)) for one in dotted]

    def _biases_of_gradients(self, keys: Sequence[str]) -> list[str]:
        """Return the biases whose gradients have keys, and that have none among the weights: forgotten, not missing."""
        known = {part for parts in parts_of_keys("", keys).values() for part in parts}
        found = [of_what(key) for key in self.source.looked_up() if is_gradient(key)]
        return [key for key in dict.fromkeys(found) if set(parts_of(key)[:1]) & ({"b_h", "b_y"} - known)]

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
            elif self._misses_targets() and parts_of(name)[:1] == ("targets",) and len(plain(name)) > 1:
                self.places.append(Place("global", name, parts=("targets",)))
            elif size_of(name) and (value is None or isinstance(value, int)) and (len(plain(name)) > 1 or name in AXES):
                self.global_sizes[name] = str(size_of(name))

    def _misses_targets(self) -> bool:
        """Whether it goes back from a loss, by its name and its text, and is not told the targets."""
        told = any({"targets", "up", "cache"} & set(place.parts[:1]) for place in self.places)
        return not told and bool(set(words_of(self.name)) & (BACK | BPTT))

    alive: Callable[[], None] = staticmethod(lambda: None)  # is called before every try
    tried_as: Operation | None = None  # the function of the specification as which it is tried
    fitting = False  # whether it is called to find out how arrays lie
    looks_up = False  # whether an object looks its inputs up in an embedding of its own
    undoes = False  # whether what it takes off weights is taken for gradients
    shares_classes = False  # whether it is known that outputs are the classes of the inputs
    slow = False  # whether it is to do so at a small rate, at which all steps but the first tell
    prefix: tuple[Any, ...] = ()  # of the path to what was returned, in what ``call`` returns

    @property
    def named_at(self) -> tuple[Any, ...]:
        """The path to what was returned under the names that the text has."""
        return self.prefix

    @property
    def held(self) -> list[tuple[Place, list[tuple[Any, ...]]]]:
        """The weights that an object holds, with all the ways to each; none of a function."""
        return []

    def fits(self, values: Mapping[Place, Any]) -> bool:
        """Whether values have the shapes that are known to be due in their places."""
        return True

    def begin_anew(self) -> None:
        """Forget the objects of foreign code that have been called, if it is a method."""

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call it with values in their places; what it returned.

        Weights that it may change by a rate of learning, as it is meant to, are handed over as copies.
        """
        if self.updating:
            values = {
                place: copied(value) if set(place.parts) & set(WEIGHTS) else value for place, value in values.items()
            }
        values = {**values, **{place: _plain_rows(values, sizes) for place in self.places if place.parts == EMBEDDING}}
        arguments: dict[str, Any] = {
            name: sizes.get(size, 1) if size != "rate" else 0.0 for name, size in self.given.items()
        } | self.fixed
        outside: dict[str, Any] = {name: sizes[size] for name, size in self.global_sizes.items() if size in sizes}
        containers: dict[str, list[tuple[Place, Any]]] = {}
        kinds = list(getattr(inspect.unwrap(self.function), "__globals__", {}).values())
        for place, value in values.items():
            if place.kind == "argument":
                arguments[place.name] = [value] if place.name in self.listed else value
            elif place.kind == "global":
                outside[place.name] = value
            elif place.kind == "global key":
                outside.setdefault(place.name, {})[place.entry] = value
            else:
                containers.setdefault(place.name, []).append((place, value))
        for name, entries in containers.items():
            if entries[0][0].kind == "position":
                arguments[name] = tuple(value for _, value in entries)
            elif entries[0][0].kind == "deep":
                arguments[name] = nested({place.path: value for place, value in entries}, kinds)
            elif entries[0][0].kind == "dot":
                record = self.records.get(name, SimpleNamespace)
                arguments[name] = made(record, {place.entry: value for place, value in entries})
            else:
                arguments[name] = {place.entry: value for place, value in entries}
        self._add_sizes(arguments, sizes)
        with _held(self.function, outside):
            return self.call_with(arguments, alone=not outside)

    def _add_sizes(self, arguments: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        """Put the sizes into dicts of weights that hold some."""
        for (name, key), size in self.key_sizes.items():
            if isinstance(arguments.get(name), dict) and size in sizes:
                arguments[name][key] = sizes[size]

    def call_with(self, arguments: Mapping[str, Any], *, alone: bool = False) -> Any:
        """Call it with arguments by their names, in its order; ``alone`` if all that it works with is among them."""
        positional, named, skipped = [], {}, False
        for name, parameter in self.signature.parameters.items():
            if name not in arguments:
                skipped = True
            elif parameter.kind is parameter.KEYWORD_ONLY or skipped:
                named[name] = arguments[name]
            else:
                positional.append(arguments[name])
        tries = TRIES.get()
        if tries is None or self.tried_as is None:
            return self._returned(positional, named, alone=alone)
        try:
            returned = self._returned(positional, named, alone=alone)
        except Exception as error:
            tries.raised(self.function, self.tried_as, shown(self.function, self.name), error)
            raise
        tries.answered(self.function)
        return returned

    def _returned(self, positional: list[Any], named: dict[str, Any], *, alone: bool) -> Any:
        if alone and self.compiles:
            return self._compiled.setdefault(self.function, Compiled(self.function))(positional, named)
        with as_python(self.function, fitting=self.fitting):
            return self.function(*positional, **named)


class OpenedWay(Way):
    """How a step back is called whose cache is made by hand, of what it is unpacked into."""

    opens = True


def _unbounded(name: str, default: Any, function: str) -> float | None:
    """Return with what an argument bounds nothing at which gradients are cut, or steps back, if nothing else is said.

    >>> _unbounded("clip_value", 5.0, "f"), _unbounded("clip", True, "f"), _unbounded("steps", 4, "bptt")
    (inf, None, 1000)
    """
    if not isinstance(default, int | float) or isinstance(default, bool) or default <= 0:
        return None
    if re.fullmatch(BOUNDS, plain(name)):
        return math.inf
    steps = isinstance(default, int) and "bptt" in plain(f"{function}{name}")
    return FAR_BACK if steps and re.search("trunc|steps", plain(name)) else None


def _unpacked(name: str, place: int) -> tuple[str, tuple[str, ...]]:
    """Return what an entry is called, and what it may be: one that is thrown away is of the output layer.

    >>> _unpacked("Wx", 0), _unpacked("_", 2)
    (('Wx', ('W_xh',)), ('_2', ('W_hy', 'b_y')))
    """
    return (f"_{place}", ("W_hy", "b_y")) if not name.strip("_") else (name, parts_of(name))


def with_embedding(entries: list[Place]) -> list[Place]:
    """Return entries of which an embedding is marked as one, where something else is the weight of the input.

    >>> [one.parts for one in with_embedding([Place("key", "p", "emb"), Place("key", "p", "Wx", ("W_xh",))])]
    [('embedding',), ('W_xh',)]
    """

    def is_one(place: Place) -> bool:
        return re.fullmatch(OF_TOKENS, plain(place.called.rpartition(".")[2])) is not None

    others = {part for place in entries if not is_one(place) for part in place.parts[:1]}
    of_gates = [place for place in entries if place.parts[:1] == ("W_hh",)]
    known = "W_xh" in others or len(of_gates) > 1
    return [place._replace(parts=EMBEDDING, needed=False) if known and is_one(place) else place for place in entries]


def _with_output_layer(places: list[Place]) -> list[Place]:
    """Return places with the weight and the bias that are left over as those of the output layer, whatever its letter.

    >>> weights = [Place("argument", "Wx", parts=("W_xh",)), Place("argument", "Wh", parts=("W_hh",))]
    >>> biases = [Place("argument", "bh", parts=("b_h",)), Place("argument", "bf")]
    >>> [one.parts for one in _with_output_layer([*weights, Place("argument", "Wf"), *biases])]
    [('W_xh',), ('W_hh',), ('W_hy',), ('b_h',), ('b_y',)]
    """
    known = {part for place in places for part in place.parts[:1]}
    unknown = [place for place in places if not place.parts and len(plain(place.called)) > 1]
    weights = [place for place in unknown if re.match("W|w_|weight", place.called)]
    biases = [place for place in unknown if re.match("b(_|ias|.$)", place.called)]
    if not {"W_xh", "W_hh"} <= known or "W_hy" in known or len(weights) != 1 or len(biases) > 1:
        return places
    left = {weights[0]: ("W_hy",), **({biases[0]: ("b_y",)} if biases and "b_h" in known else {})}
    return [place._replace(parts=left.get(place, place.parts)) for place in places]


def _plain_rows(values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
    """Return rows of an embedding, each with a one in it, as the specification's inputs have: of the weights' kind."""
    weight = next((one for place, one in values.items() if set(place.parts) & {"W_xh", "W_hh"}), None)
    rows: Any = np.eye(sizes.get("D", 1), dtype=getattr(as_numbers(weight), "dtype", None))
    if hasattr(weight, "detach"):
        return sys.modules["torch"].from_numpy(rows)
    return sys.modules["jax"].numpy.asarray(rows) if type(weight).__module__.startswith("jax") else rows


def copied(value: Any) -> Any:
    """Return an array, or a list of arrays, in memory of its own."""
    if isinstance(value, list):
        return [copied(one) for one in value]
    return value.copy() if isinstance(value, np.ndarray) else value


class _held:  # noqa: N801 - used as a statement
    """Let globals of a function be others for a while."""

    def __init__(self, function: Callable[..., Any], values: Mapping[str, Any]) -> None:
        self._names = getattr(inspect.unwrap(function), "__globals__", {})
        self._values = values

    def __enter__(self) -> None:
        self._before = {name: self._names[name] for name in self._values if name in self._names}
        self._names.update(self._values)

    def __exit__(self, *_: object) -> None:
        for name in self._values.keys() - self._before.keys():
            self._names.pop(name, None)
        self._names.update(self._before)


def shown(function: Callable[..., Any], name: str = "") -> str:
    """Return a function with its arguments, as it is called; those that are functions by their names."""
    try:
        signature = re.sub(r"<function ([\w.<>]+) at 0x\w+>", r"\1", str(inspect.signature(function)))
        return f"{name or function.__name__}{signature}"
    except (TypeError, ValueError):
        return f"{name or getattr(function, '__name__', '?')}(…)"
