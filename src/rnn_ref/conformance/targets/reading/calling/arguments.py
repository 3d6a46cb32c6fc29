"""What the arguments of a foreign function stand for: by their names, and by what its text does with them."""

import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..layer_names import weights_at
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
)  # fmt: skip
from ..syntax.added_keys import added_keys_of
from ..syntax.gathered import read_globals, source_of
from ..syntax.nested import paths_in
from ..syntax.penalties import weighs_a_penalty
from ..syntax.reckoned import is_reckoned_with
from ..syntax.source import Source
from .embedding import with_embedding
from .flags import flags_of, needed_switches
from .masks import MASK, MASKS
from .outside import bias_left_over, names_behind, sizes_outside
from .place import SUM, Place, beside_u
from .records import fields_of, record_of, with_all_fields

UNKNOWN = ("unknown",)  # nothing that could be handed over
LOOKED_UP, UNPACKED, WEIGHT_LETTERS = 4, 3, set("wubvr")
AXES = {"D", "H", "V", "T", "B"}  # letters that are sizes where they stand outside; small ones are what they are
RATES = {"lr", "learningrate", "learnrate", "eta", "alpha", "stepsize"}
FAR_BACK = 1000  # more steps than there are in any check
BOUNDS = r"(grad(ient)?s?)?(clip(ping)?|max(grad)?norm)(s|value|norm|grad(ient)?s?|threshold|at|bound)?"  # of gradients


class Arguments:
    """The places in what a foreign function takes: its arguments, entries of them, and names outside."""

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
        self.switches = needed_switches(self.source, self.signature.parameters)  # by which it is asked one way alone
        switched = flags_of(self.signature.parameters, self.source.tested())
        self.flags = self.switches | switched  # what switches something, and how it does
        for name, parameter in self.signature.parameters.items():
            if name not in self.flags and parameter.kind not in {parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD}:
                self._look_at(name, parameter.default, needed=parameter.default is parameter.empty)
        self.places = [place._replace(parts=self._beside_its_capital(place)) for place in self.places]
        self.places = beside_u(_with_output_layer(with_embedding(self.places, joined=any(self.source.joined()))))
        self.rates = [name for name in self.signature.parameters if plain(name) in RATES]
        self.updating = bool(self.rates)
        self.fixed = dict.fromkeys(self.rates, 0.0)  # so that new weights are seen to be the old ones
        self.bounds = {
            name: bound
            for name, one in self.signature.parameters.items()
            if (bound := unbounded(name, one.default, self.name)) is not None
            and not (bound == math.inf and self.source.reads_on_the_way_back(name))  # no bound of what is finished
        }
        defaults = {name: one.default for name, one in self.signature.parameters.items()}
        self.bounds |= {one: 0.0 for one, default in defaults.items() if weighs_a_penalty(self.source, one, default)}
        self.fixed |= self.bounds | self.flags
        self.global_sizes: dict[str, str] = {}
        self._look_for_globals()

    def _look_at(self, name: str, default: Any, *, needed: bool) -> None:
        parts = self._parts_of(name)
        keyed = "parameters" in parts or (not parts and self._is_looked_up(name))
        keyed = keyed or (not parts and sum(map(is_weight, self.source.taken_apart(name))) >= UNPACKED)
        if keyed or (parts[:1] in {("h",), ("states",)} and self.source.unpacked(name)):
            entries = with_embedding(self._entries(name, keyed), joined=any(self.source.joined()))
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
        if needed and not parts and self._is_batch(name):
            size, parts = None, ("x",)
        if parts and "parameters" not in parts[:1] and not (size and isinstance(default, int)):
            self.places.append(Place("argument", name, parts=parts, needed=needed))
        elif needed and (size or plain(name) in RATES):
            self.given[name] = size or "rate"
        elif size == "vocabulary" and isinstance(default, int):
            self.given[name] = size
        elif needed and re.fullmatch(MASKS, name.lower()):
            self.places.append(Place("argument", name, parts=(MASK,)))
        elif needed:
            self.places.append(Place("argument", name, parts=("states",) if name in self.source.squared() else ()))

    def _is_batch(self, name: str) -> bool:
        """Whether what is called like the size of a batch is one itself: entries are taken of it."""
        return size_of(name) == "B" and bool(Source(self.source.trees[:1]).written(name))

    def _parts_of(self, name: str) -> tuple[str, ...]:
        """Return what an argument may be: what is reckoned with as it is, ``P - Y``, is no collection of weights."""
        parts = parts_of(name)
        apart = self.source.keys_of(name) or self.source.taken_apart(name) or self.source.attributes(name)
        whole = parts[:1] == ("parameters",) and not apart
        return () if whole and is_reckoned_with(self.source, name) else parts

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

    def _is_looked_up(self, name: str) -> bool:
        """Whether what an argument is looked up by may be several weights' names, or says in full both it needs."""
        held = getattr(inspect.unwrap(self.function), "__globals__", {})
        keys = [key.rpartition(".")[2] for key in (*self.source.keys_of(name), *added_keys_of(self.source, name, held))]
        said = {part for key in keys if len(key) > 1 for part in weights_of(key)[:1]}
        return said >= {"W_xh", "W_hh"} or sum(key[:1].lower() in WEIGHT_LETTERS for key in keys) >= LOOKED_UP

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
        unpacked = self.source.taken_apart(name)
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
            keys += [*self._biases_of_gradients(keys), *_of_pytorch(keys, held)]
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
        for name in names_behind(self.function, read_globals(self.function)):
            value = held.get(name)
            if name in own or callable(value) or inspect.ismodule(value) or name in dir(__builtins__):
                continue
            parts = tuple(part for part in parts_of(name) if part in WEIGHTS)
            if isinstance(value, dict) and not known & set(WEIGHTS) and (keys := self._keys_of_weights(name, value)):
                self.places += [Place("global key", name, key, one) for key, one in parts_of_keys(name, keys).items()]
            elif parts and not known & (set(WEIGHTS) - {"b_y", "W_hy"}) and (value is None or hasattr(value, "shape")):
                self.places.append(Place("global", name, parts=parts))
            elif self._misses_targets() and parts_of(name)[:1] == ("targets",) and len(plain(name)) > 1:
                self.places.append(Place("global", name, parts=("targets",)))
            elif size_of(name) and (value is None or isinstance(value, int)) and (len(plain(name)) > 1 or name in AXES):
                self.global_sizes[name] = str(size_of(name))
        weights = {part: one.name for one in self.places if one.kind == "global" for part in one.parts[:1]}
        if left := bias_left_over(held, read_globals(self.function), weights):
            self.places.append(Place("global", left, parts=("b_y",)))
        names = [name for name in read_globals(self.function) if not re.fullmatch(BOUNDS, plain(name))]
        by_weights = sizes_outside(held, names)
        shared = {name: size for name, size in by_weights.items() if size == "vocabulary"}
        self.global_sizes = by_weights | self.global_sizes | shared

    def _keys_of_weights(self, name: str, value: dict[Any, Any]) -> list[str]:
        """Return by which keys weights are looked up in a dict that is called so, or has arrays by such keys."""
        keys = self.source.keys_of(name)
        if "parameters" in parts_of(name):
            return keys
        found = {part for parts in parts_of_keys(name, keys).values() for part in parts[:1]}
        arrays = all(hasattr(value.get(key), "shape") for key in keys)
        return keys if arrays and {"W_xh", "W_hh"} <= found and not is_gradient(name) else []

    def _misses_targets(self) -> bool:
        """Whether it goes back from a loss, by its name and its text, and is not told the targets."""
        told = any({"targets", "up", "cache"} & set(place.parts[:1]) for place in self.places)
        return not told and bool(set(words_of(self.name)) & (BACK | BPTT))


def unbounded(name: str, default: Any, function: str) -> float | None:
    """Return with what an argument bounds nothing at which gradients are cut, or steps back, if nothing else is said.

    >>> unbounded("clip_value", 5.0, "f"), unbounded("clip", True, "f"), unbounded("steps", 4, "bptt")
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


def _of_pytorch(keys: Sequence[str], held: Mapping[str, Any]) -> list[str]:
    """Return the second bias of a PyTorch module, where the first is looked up, and others in the file know both."""
    others = [one.replace("bias_ih_l", "bias_hh_l") for one in keys if re.search(r"bias_ih_l\d+$", one)]
    constants = [str(one.__code__.co_consts) for one in held.values() if inspect.isfunction(one)]
    return [one for one in others if one not in keys and any(repr(one) in text for text in constants)]
