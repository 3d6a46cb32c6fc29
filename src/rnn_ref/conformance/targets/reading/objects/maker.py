"""How objects of a class are made: with sizes, with weights, with settings that hold sizes, or with other objects."""

import ast
import functools
import inspect
import math
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import is_dataclass
from itertools import permutations, product
from typing import Any

import numpy as np

from .....interop.gates import GATED_KINDS
from ....spec.claims import OPTION_ONLY
from ..calling.arguments import RATES, unbounded
from ..calling.flags import ALL_STATES, named, needed_switches
from ..calling.outside import held, names_behind
from ..calling.place import Place
from ..calling.records import fields_of
from ..names import WEIGHTS, parts_of, plain, size_of, weights_of, words_of
from ..syntax.class_text import class_source
from ..syntax.expressions import name_of
from ..syntax.gathered import read_globals
from ..syntax.penalties import weighs_a_penalty
from ..tensors import converter
from .drawn import with_a_key
from .holding import Holding
from .made_by import KEYS, RANDOM, SIZES, TEXTS, Draws, Make, made_for, text_of
from .ready import holds_arrays, made_ready, setter_of

RATE = 0.01
LARGEST_OPTION = 8  # a number of layers, a seed; what is larger and has one or two letters is a size
LAYERS = re.compile(r"(num|n|no|nb)?(of)?layers|depth")  # how an argument is called that says how many there are
CLEARING = re.compile(r"(zero|clear|reset)(s|grads?|gradients?)?$")  # of gradients that are added up, call by call
EMBEDDED = re.compile(r"e|n?emb|emb(ed)?(ding)?(dims?|size|dimension)|dim(emb|embed)|wor?d(dim|size|vec(size|dim)?)")
ALL_SIZES = {"sizes", "dims", "dimensions", "layersizes", "layerdims", "shape", "arch", "architecture"}
OF_CONSTRUCTORS = {
    "hidden": "H",
    "hiddens": "H",
    "state": "H",
    "width": "H",
    "cells": "H",
    "inputs": "D",
    "outputs": "V",
    "vocab": "vocabulary",
}
CONTAINERS = {"weights", "params", "parameters", "theta", "statedict", "variables", "checkpoint", "ckpt", "p", "w"}
OF_TENSORS = {"detach", "cpu", "numpy"}  # called on what is no array yet
SETTINGS = {"config", "cfg", "conf", "args", "opt", "opts", "options", "hparams", "hyperparameters", "hp", "settings"}


class Settings(dict[str, Any]):
    """Sizes under the names by which foreign code looks them up, with a dot or by key."""

    def __getattr__(self, name: str) -> Any:
        """Return what is there, an AttributeError if nothing is."""
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class Maker:
    """A class, and how objects of it are made; ``peers`` are the classes beside it."""

    def __init__(self, kind: type, peers: Sequence[type] = ()) -> None:
        self.kind = kind
        self.sizes: dict[str, str] = {}
        self.weights: dict[str, tuple[str, ...]] = {}
        self.settings: dict[str, tuple[type, dict[str, str]]] = {}  # by argument: what it is, and its sizes
        self.objects: dict[str, Maker] = {}  # by argument
        self.made_by: dict[str, Make] = {}  # by argument, what a function of the file makes of sizes
        self.all_sizes: list[str] = []  # arguments that hold all sizes
        self.texts: list[str] = []  # arguments whose different entries are the classes
        self.draws: list[str] = []  # arguments by which random numbers are drawn
        self.random_keys: list[str] = []  # arguments from which JAX draws
        self.containers: dict[
            str, tuple[type, list[str]]
        ] = {}  # arguments that hold weights, and what these are called
        self.bounds: dict[str, float] = {}  # arguments that bound gradients, or steps back, with what bounds nothing
        self.bounds_in: dict[str, dict[str, float]] = {}  # those among settings, by argument
        self.spread = False  # whether all sizes are handed over one by one
        self.setter = ""  # a method that is told the weights, one by one or
        self.told: list[str] = []  # in a list, by the names that it takes them out under
        self.constructor = inspect.getattr_static(kind, "__init__")
        self.global_sizes = _sizes_outside([self.constructor])
        self.outside = _sizes_outside(vars(kind).values())
        self._look_at_arguments([one for one in peers if one is not kind])
        self._made: dict[Any, Any] = {}
        self.setter, self.told = setter_of(self.kind)
        self.by_word = bool(self.texts) and "set" not in class_source(self.kind).calls()  # every entry is a class
        self.sizes = self._likeliest()
        self._made = {}
        self.clears = any(CLEARING.match(plain(name)) for one in (kind, *peers) for name in dir(one))
        self.clears = self.clears or class_source(kind).clears_after_use()
        held = [one for one in peers if one is not kind and not hasattr(one, "__add__")]  # no node of an engine
        self.clears = self.clears or any(class_source(one).is_of_a_parameter() for one in held)
        self.example = self._example()
        axes = {*self.sizes.values(), *(size for maker in self.objects.values() for size in maker.sizes.values())}
        axes |= {size for _, sizes in self.settings.values() for size in sizes.values()}
        axes |= {*self.global_sizes.values()}
        axes |= {"vocabulary"} if self.texts else {"V"} if self.all_sizes or self.spread else set()
        told_inputs = {"D", "vocabulary", "unknown"} & axes or self.all_sizes or self.spread
        self.has_own_inputs = not (told_inputs or self.takes_weights)  # as many as its text says
        told = bool(self.setter) and not holds_arrays(self._new(SIZES, self._some_weights(left=True)))
        self.lies_as_given = told or any(maker.weights for maker in self.objects.values())  # not as objects were made
        shared = "V" not in axes and ("vocabulary" in axes or Holding(self.example, shared=False).is_shared)
        self.holding = Holding(self.example, shared=shared)

    def _look_at_arguments(self, peers: Sequence[type]) -> None:
        every = inspect.signature(self.kind).parameters
        self.spread = any(one.kind is one.VAR_POSITIONAL and plain(name) in ALL_SIZES for name, one in every.items())
        parameters = {name: one for name, one in every.items() if one.kind not in {one.VAR_POSITIONAL, one.VAR_KEYWORD}}
        self.shows_all = {name: True for name in parameters if plain(name) in ALL_STATES}
        self.switches = needed_switches(class_source(self.kind), parameters)
        parameters = {name: one for name, one in parameters.items() if name not in self.switches}
        found = {name: weights_of(name) for name in parameters if set(parts_of(name)) & set(WEIGHTS)}
        takes_weights = sum(parts[0].startswith("W_") for parts in found.values()) >= 2
        for name, parameter in parameters.items():
            required = parameter.default is parameter.empty
            of_its_own = "D" if EMBEDDED.fullmatch(plain(name)) else "rate" if plain(name) in RATES else None
            size = size_of(name) or of_its_own or OF_CONSTRUCTORS.get(plain(name))
            if size in {"B", "T"} and len(plain(name)) <= 2:
                size = "unknown"  # a letter says little of a constructor's
            if (bound := self._unbounded(name, 1 if required else parameter.default)) is not None:
                self.bounds[name] = bound
                continue
            if takes_weights and name in found:
                self.weights[name] = found[name]
            elif required and plain(name) in CONTAINERS and self._holds_weights(name):
                continue
            elif required and plain(name) in ALL_SIZES:
                self.all_sizes.append(name)
            elif required and plain(name) in RANDOM:
                self.draws.append(name)
            elif required and plain(name) in KEYS and "jax" in sys.modules:
                self.random_keys.append(name)
            elif required and plain(name) in TEXTS and self._goes_through(name):
                self.texts.append(name)
            elif size and (required or type(parameter.default) is int):
                self.sizes[name] = size
            elif _is_size(name, parameter.default) or (
                (required or (parameter.default is None and _named(parameter.annotation, peers)))
                and not self._is_made(name, parameter.annotation, peers)
            ):
                self.sizes[name] = "unknown"
        if any(EMBEDDED.fullmatch(plain(name)) for name in self.sizes) and "vocabulary" not in self.sizes.values():
            self.sizes = {name: "vocabulary" if size == "V" else size for name, size in self.sizes.items()}

    def _unbounded(self, name: str, default: Any) -> float | None:
        """Return with what an argument bounds no gradient, or weighs no penalty; None if it does neither."""
        bound = unbounded(name, default, "")
        return 0.0 if bound is None and weighs_a_penalty(class_source(self.kind), name, default) else bound

    def _holds_weights(self, name: str) -> bool:
        """Whether it is known what an argument holds: what a function of the file makes, or what is taken out of it."""
        if make := made_for(self.constructor, name):
            self.made_by[name] = make
        elif held := self._held_in(name):
            self.containers[name] = held
        return name in {**self.made_by, **self.containers}

    def _held_in(self, name: str) -> tuple[type, list[str]] | None:
        """Return what an argument holds that the weights are taken out of: a list, or a dict by their names."""
        text = class_source(self.kind)
        names = text.taken_apart(name)
        kind: type = list
        if not any(map(weights_of, names)):
            kind, names = dict, [one for one in dict.fromkeys([*text.keys_of(name), *text.looked_up(), *text.handed()])
                                 if weights_of(one)]  # fmt: skip
        return (kind, names) if sum(bool(weights_of(one)) for one in names) >= 2 else None

    @property
    def takes_weights(self) -> bool:
        """Whether the constructor does."""
        return bool(self.weights or self.containers)

    def _likeliest(self) -> dict[str, str]:
        """Return the sizes, those that say nothing as the arrays of an object show them; else in the usual order."""
        usual = _in_order(self.sizes)
        unknown = [name for name, size in self.sizes.items() if size == "unknown"]
        if "V" in usual.values() and not {"D", "vocabulary"} & {*usual.values()} and not self.weights:
            alike = {name: "vocabulary" if size == "V" else size for name, size in usual.items()}
            return max(usual, alike, key=self._agreement)
        if not 2 <= len(unknown) <= 3 or self.weights:
            return usual
        free = [axis for axis in ("D", "H", "V", "vocabulary") if axis not in self.sizes.values()]
        tried = [
            usual,
            *(self.sizes | dict(zip(unknown, one, strict=True)) for one in permutations(free, len(unknown))),
        ]
        return max(tried, key=self._agreement)

    def _agreement(self, sizes: dict[str, str]) -> float:
        """Return how well the arrays of an object of these sizes go with their names; least if none can be made."""
        self.sizes, self._made = sizes, {}
        try:
            return Holding(self._example(), shared="V" not in sizes.values()).agreement
        except KeyboardInterrupt:
            raise
        except BaseException:
            return -math.inf

    def _goes_through(self, name: str) -> bool:
        """Whether an argument is something with entries: what is gone through, counted or sorted, no size."""
        text = class_source(self.kind)
        return any(
            isinstance(node.func, ast.Name) and node.func.id in {"set", "sorted", "len", "enumerate", "list"}
            and node.args and name_of(node.args[0]) == name
            for node in text.nodes(ast.Call)
        )  # fmt: skip

    def _is_made(self, name: str, annotation: Any, peers: Sequence[type]) -> bool:
        """Whether an argument is one with settings in it, or an object of another class; then how that is made."""
        kind = _named(annotation, peers)
        if kind is not None and sum(bool(weights_of(one)) for one in fields_of(kind)) >= 2:
            self.objects[name] = Maker(kind, [other for other in peers if other is not kind])
            return True
        like = [one for one in peers if words_of(one.__name__)[-1:] == words_of(name)[-1:]]
        taken = class_source(self.kind).looked_up_in(name)
        asked = not kind and not like and any(size_of(one) for one in taken if len(one) > 1)  # dataset.vocab_size
        if plain(name) in SETTINGS or asked or (kind is not None and is_dataclass(kind)):
            fields = inspect.signature(kind).parameters if kind else {}
            names = list(fields) if kind else taken
            known = {one: size_of(one) or OF_CONSTRUCTORS.get(plain(one)) for one in names}
            known = {one: "rate" if plain(one) in RATES else size for one, size in known.items()}
            needed = {one for one, field in fields.items() if field.default is field.empty}
            sizes = {one: size or "unknown" for one, size in known.items() if size or one in needed}
            self.settings[name] = (kind or Settings, _in_order(sizes))
            bounds = {one: self._unbounded(one, field.default) for one, field in fields.items()}
            self.bounds_in[name] = {one: bound for one, bound in bounds.items() if bound is not None}
            return True
        for one in [kind] if kind else like:
            self.objects[name] = Maker(one, [other for other in peers if other is not one])
            return True
        return False

    def _example(self) -> Any:
        """Return an object, made with weights that lie one way or the other if it wants them; of gates if need be."""
        first: Exception | None = None
        for gates, bias, left in product((1, *GATED_KINDS), ((), (2,)), (True, False)):
            try:
                return self.made(SIZES, self._some_weights(left=left, gates=gates, bias=bias))
            except Exception as error:
                first = first or error
            if not self.takes_weights:
                break
        raise first or TypeError(f"{self.kind.__name__} cannot be made")

    def _some_weights(self, *, left: bool, gates: int = 1, bias: tuple[int, ...] = ()) -> dict[str, Any]:
        rows = 7 * gates
        shapes = {"W_xh": (rows, 5), "W_hh": (rows, 7), "W_hy": (11, 7), "b_y": (11,)}

        def zeros(part: str) -> Any:
            array = np.zeros(shapes.get(part, (*bias, rows)))
            return array.T.copy() if part.startswith("W_") and not left else array

        made: dict[str, Any] = {name: zeros(parts[0]) for name, parts in self.weights.items()}
        for name, (kind, names) in self.containers.items():
            every = [zeros((*weights_of(one), "")[0]) for one in names]
            made[name] = every if kind is list else dict(zip(names, every, strict=True))
        return made

    def made(self, sizes: Mapping[str, int], weights: Mapping[str, Any] | None = None) -> Any:
        """Return an object of these sizes, the same one as before for the same sizes if it takes no weights."""
        wanted = self._wanted(sizes)
        if self.takes_weights or wanted not in self._made:
            state = np.random.get_state()  # noqa: NPY002 - what foreign code draws from
            try:
                self._made[wanted] = made_ready(self._new(sizes, weights or {}), sizes, self.setter, self.told)
            finally:
                np.random.set_state(state)  # noqa: NPY002
        return self._made[wanted]

    def last_made(self, sizes: Mapping[str, int]) -> Any:
        """Return the object that was made for these sizes last."""
        return self._made[self._wanted(sizes)]

    def forget(self) -> None:
        """Forget the objects that have been made."""
        self._made.clear()

    def _new(self, sizes: Mapping[str, int], weights: Mapping[str, Any]) -> Any:
        known = {"rate": RATE, "unknown": 1, **sizes}
        arguments: dict[str, Any] = {name: known.get(size, 1) for name, size in self.sizes.items()}
        for name, (kind, fields) in self.settings.items():
            arguments[name] = kind(**{one: known.get(size, 1) for one, size in fields.items()}, **self.bounds_in[name])
        for name, maker in self.objects.items():
            arguments[name] = maker._new(sizes, maker._some_weights(left=True) if maker.weights else {})
        arguments |= {name: Draws() for name in self.draws}
        arguments |= {name: make({**SIZES, **sizes}) for name, make in self.made_by.items()}
        arguments |= {name: tuple(known.get(axis, 1) for axis in ("D", "H", "V")) for name in self.all_sizes}
        arguments |= {name: text_of(known)[: int(known["D"]) if self.by_word else None] for name in self.texts}
        arguments |= self.shows_all | self.bounds | self.switches
        spread = [known.get(axis, 1) for axis in ("D", "H", "V")] if self.spread else []
        with held(self.constructor, {name: known.get(size, 1) for name, size in self.global_sizes.items()}):
            make, told = functools.partial(self.kind, *spread), {**arguments, **self._as_taken(weights)}
            return with_a_key(make, told, self.random_keys) if self.random_keys else make(**told)

    def _as_taken(self, weights: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the weights, as tensors in a dict of those that a constructor makes arrays of: a module's own."""
        if not self.containers or "torch" not in sys.modules or not OF_TENSORS & class_source(self.kind).calls():
            return weights
        tensors, found = converter("torch"), dict(weights)
        for name in self.containers.keys() & weights.keys():
            held_here = weights[name]
            is_dict = isinstance(held_here, Mapping)
            found[name] = {key: tensors(one) for key, one in held_here.items()} if is_dict else tensors(held_here)
        return found

    def _wanted(self, sizes: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(int(sizes.get(axis, 0)) for axis in SIZES)

    @property
    def claims(self) -> list[str]:
        """Return of how many layers objects are made, where the constructor has that for an option, and which way."""
        parameters = inspect.signature(self.kind).parameters.items()
        found = {name: one.default for name, one in parameters if LAYERS.fullmatch(plain(name))}
        layers = {name: default if type(default) is int else 1 for name, default in found.items()}
        return [OPTION_ONLY.format(*one) for one in {**layers, **named(self.switches)}.items()]

    def places(self) -> list[Place]:
        """Return where weights go: into the constructor, or into what the objects hold."""
        given = [Place("constructor", name, parts=parts) for name, parts in self.weights.items()]
        for name, (_, names) in self.containers.items():
            given += [Place("constructor", name, one, weights_of(one)) for one in names]
        return given or self.holding.places


def _named(annotation: Any, peers: Sequence[type]) -> type | None:
    """Return the class that an annotation names, that of what may be ``None`` too."""
    every = [annotation, *getattr(annotation, "__args__", ())]
    every += re.findall(r"\w+", annotation) if isinstance(annotation, str) else []
    return next((one for one in peers if one in every or one.__name__ in every), None)


def _sizes_outside(methods: Iterable[Any]) -> dict[str, str]:
    """Return the numbers of their module that methods read and that are sizes by their names."""
    found: dict[str, str] = {}
    for one in filter(inspect.isfunction, methods):
        read = names_behind(one, read_globals(one))
        names = [name for name in read if type(one.__globals__.get(name)) is int and len(plain(name)) > 1]
        found |= {name: size for name in names if (size := size_of(name))}
    return found


def _is_size(name: str, default: Any) -> bool:
    """Whether an optional argument with a short name is a size, by its default."""
    return type(default) is int and default > LARGEST_OPTION and len(plain(name)) <= 2


def _in_order(sizes: dict[str, str]) -> dict[str, str]:
    """Return the sizes with those that are not known in the order in which they are usual: inputs, units, outputs."""
    if "H" not in sizes.values() and "V" in sizes.values():  # a layer, whose outputs are its states
        sizes = {name: "H" if size == "V" else size for name, size in sizes.items()}
    have = set(sizes.values()) | ({"D"} if "vocabulary" in sizes.values() else set())
    missing = iter([axis for axis in ("D", "H", "V") if axis not in have])
    return {name: next(missing, "unknown") if size == "unknown" else size for name, size in sizes.items()}
