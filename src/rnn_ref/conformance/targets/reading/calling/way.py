"""A foreign callable, and how it is called: values go to the places for them, in arguments and outside."""

import inspect
import re
from collections.abc import Callable, Mapping
from types import GeneratorType, SimpleNamespace
from typing import Any

import numpy as np

from ....operation import Operation
from ..axes import Form
from ..names import WEIGHTS, sizes_in
from .arguments import Arguments
from .compiled import Compiled, as_python, of_jax
from .embedding import EMBEDDING, plain_rows
from .outside import gathered_beside, held
from .place import Place
from .records import made, nested
from .tries import TRIES


class Way(Arguments):
    """How a foreign function is called; values go by their places."""

    alive: Callable[[], None] = staticmethod(lambda: None)  # is called before every try
    tried_as: Operation | None = None  # the function of the specification as which it is tried
    fitting = False  # whether it is called to find out how arrays lie
    looks_up = False  # whether an object looks its inputs up in an embedding of its own
    undoes = False  # whether what it takes off weights is taken for gradients
    shares_classes = False  # whether it is known that outputs are the classes of the inputs
    slow = False  # whether it is to do so at a small rate, at which all steps but the first tell
    prefix: tuple[Any, ...] = ()  # of the path to what was returned, in what ``call`` returns

    def __init__(self, function: Callable[..., Any], text: str = "") -> None:
        super().__init__(function, text)
        self.compiles = of_jax(function)
        self.beside: Form = ()  # how a batch of sequences lies in the network that it belongs to
        self._compiled: dict[Callable[..., Any], Compiled] = {}

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
        rows = [place for place in self.places if place.parts == EMBEDDING and place.kind != "held"]
        values = {**values, **{place: plain_rows(values, sizes) for place in rows}}
        arguments: dict[str, Any] = sizes_in(self.given, sizes)
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
        arguments |= self.fixed
        with held(self.function, outside | gathered_beside(self.function, outside)):
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
            returned = self.function(*positional, **named)
            yields = isinstance(returned, GeneratorType)  # its states one by one, maybe in one array
            return [copied(one) for one in returned] if yields else returned


class OpenedWay(Way):
    """How a step back is called whose cache is made by hand, of what it is unpacked into."""

    opens = True


def copied(value: Any) -> Any:
    """Return an array, or a list of arrays, in memory of its own."""
    if isinstance(value, list):
        return [copied(one) for one in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def shown(function: Callable[..., Any], name: str = "") -> str:
    """Return a function with its arguments, as it is called; those that are functions or objects by their names."""
    try:
        signature = re.sub(r"<function ([\w.<>]+) at 0x\w+>", r"\1", str(inspect.signature(function)))
        signature = re.sub(r"<(?:\w+\.)*(\w+) object at 0x\w+>", r"\1(…)", signature)
        return f"{name or function.__name__}{signature}"
    except (TypeError, ValueError):
        return f"{name or getattr(function, '__name__', '?')}(…)"
