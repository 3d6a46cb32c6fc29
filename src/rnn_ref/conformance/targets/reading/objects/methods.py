"""Methods as callables: of objects that are made for every size, whose weights are set anew for every call."""

import ast
import copy
import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ..calling.arguments import RATES
from ..calling.embedding import EMBEDDING, with_embedding
from ..calling.leaving import AFTER, LEFT, RETURNED
from ..calling.place import Place
from ..calling.updating import SLOW, STEPS
from ..calling.way import Way
from ..engines.wrapped import as_held
from ..leaves import Path
from ..names import BACK, BPTT, plain, words_of
from ..tensors import converter
from .holding import as_array
from .inside import held_at, put
from .lent import is_lent
from .made_by import SIZES
from .maker import Maker
from .ready import with_plain_embeddings

CLEARING = {"zerograd", "zerograds", "resetgrads", "resetgradients", "cleargrads", "cleargradients", "cleargrad"}
HELD = ("attribute", "constructor")
# The memory of Adagrad is begun with a power of four, beside which squares vanish, so that its root is what it was.
MEMORIES = {"float64": 2.0**80, "float32": 2.0**60}


class MethodWay(Way):
    """A method of objects that are made for every size; weights stand in what they hold, which is set anew.

    One that takes what there is to know, and another that goes back ``then``, are one way. What goes on where another
    method has just been called (``after``) has the weights already. Of one that changes the weights itself, the changes
    are taken for gradients if they are to be ``undone``.
    """

    prefix: tuple[Any, ...] = (("key", RETURNED),)
    rate = 0.0  # at which objects learn

    def __init__(self, maker: Maker, method: str, *, after: bool = False, undone: bool = False, then: str = "") -> None:
        self.maker, self.method, self.after, self.undoes, self.then = maker, method, after, undone, then
        called = method if is_lent([maker.kind], method) else f"{maker.kind.__name__}.{method}"
        super().__init__(getattr(maker.example, method), f"{called}, {then}" if then else called)
        for bounds in (maker.bounds, *maker.bounds_in.values()):
            self.bounds = {**self.bounds, **bounds}  # told, like those of its own arguments
        sized = {*maker.sizes.values(), *maker.global_sizes.values()}
        self.global_sizes = {name: size for name, size in maker.outside.items() if size in sized}
        self.shares_classes = maker.holding.shared
        mine = {part for place in self.places for part in place.parts[:1]}
        if not after:
            held = self._used([one for one in maker.places() if not ("h" in one.parts and "h" in mine)])
            weights = [one for one in with_embedding(held, joined=any(self.source.joined())) if one.parts != EMBEDDING]
            self.looks_up = len(weights) < len(held)  # rows that objects are made with
            self.places += weights

    def _used(self, places: list[Place]) -> list[Place]:
        """Return the places without weights that it does not name, where it names others of the same part.

        So are those of the other direction left out, if each direction has a method.
        """
        named = {node.attr for node in self.source.nodes(ast.Attribute)}
        parts = {one.parts for one in places if one.kind == "attribute" and one.name in named}
        return [one for one in places if one.kind != "attribute" or one.name in named or one.parts not in parts]

    def with_way_back(self, *, after: bool = False) -> Iterator["MethodWay"]:
        """Yield this method, ``after`` its way forward, with each that goes back and has to be told nothing more."""
        for name in methods_of(self.maker.kind):
            parameters = inspect.signature(getattr(self.maker.example, name)).parameters.values()
            told = all(one.default is not one.empty or plain(one.name) in RATES for one in parameters)
            if name != self.method and told and set(words_of(name)) & BACK:
                yield MethodWay(self.maker, self.method, after=after, then=name)
                if self.maker.holding.rates or parameters:
                    yield MethodWay(self.maker, self.method, after=after, then=name, undone=True)

    @property
    def named_at(self) -> tuple[Any, ...]:
        """The path to what was returned under the names that the text has: where two are one way, by the first."""
        return (*self.prefix, ("item", 0)) if self.then else self.prefix

    @property
    def updates(self) -> bool:
        """Whether there is a rate of learning by which it may change weights."""
        return bool(self.rates or self.maker.holding.rates) and not self.undoes

    @property
    def held(self) -> list[tuple[Place, list[Path]]]:
        """The weights that an object holds, with all the ways to each."""
        return [(place, self.maker.holding.mates(place.path)) for place in self.maker.holding.places]

    def fits(self, values: Mapping[Place, Any]) -> bool:
        """Whether weights lie as those that an object was made with; an empty one is that of a state not begun."""
        return self.maker.lies_as_given or all(
            self._lies_alike(place, np.shape(value))
            for place, value in values.items()
            if self.fitting and place.kind == "attribute" and not set(place.parts) & {"W_hy", "b_y", "h"}
        )

    def _lies_alike(self, place: Place, shape: tuple[int, ...]) -> bool:
        """Whether a weight lies as the object's own: where that is of some inputs, as many as its text says, of any."""
        known, units = self.maker.holding.shapes[place.path], SIZES["H"]
        if place.parts[:1] != ("W_xh",) or not self.maker.has_own_inputs or min(known) < 2:
            return shape == known
        return [size == units for size in shape] == [size == units for size in known]

    def begin_anew(self) -> None:
        """Forget the objects on which methods have been called."""
        self.maker.forget()

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method with values in their places; what it returned, and what the object holds then."""
        shared = sizes.get("vocabulary") if "V" not in sizes else sizes["V"]
        weights = self._handed({place: value for place, value in values.items() if place.kind == "constructor"})
        known = {**sizes, "V": shared or sizes["H"]}
        maker = self.maker
        target = maker.last_made(known) if self.after and maker.takes_weights else maker.made(known, weights)
        for place, value in values.items():
            if place.kind == "attribute":
                own = copy.copy(value) if place.path[-1][0] != "parameter" else _tensor(value)
                for path in maker.holding.mates(place.path):
                    put(target, path, as_held(held_at(target, path), own))
        if self.after or (maker.setter and maker.lies_as_given):  # gradients that there are none of before
            for name in dir(type(target)):
                if plain(name) in CLEARING:
                    getattr(target, name)()
        elif maker.clears:
            maker.holding.clear(target)
        self.function = getattr(target, self.method)
        self.compiles = self.compiles and not any(place.kind in HELD for place in values)
        rest = {place: value for place, value in values.items() if place.kind not in HELD}
        if not self.undoes:
            returned = self._called_on(target, rest, sizes)
            return {RETURNED: returned, AFTER: dict(vars(target)), LEFT: _in_tensors(target, maker)}
        with_plain_embeddings(target, sizes)  # which are changed as well
        before = {place: as_array(held_at(target, place.path)).copy() for place in maker.holding.places}
        dtype = "float32" if any(one.dtype.name == "float32" for one in before.values()) else "float64"
        rate, memory = SLOW if self.slow else STEPS[dtype], MEMORIES[dtype]
        set_back = self._begin(target, rate * memory**0.5 if maker.holding.memories else rate, memory, dtype)
        returned = self._called_on(target, rest, sizes)
        if any(np.any(as_array(held_at(target, path)) != memory) for path in maker.holding.memories):
            raise TypeError("it changes weights by more than gradients")
        left = {place.name: (one - as_array(held_at(target, place.path))) / rate for place, one in before.items()}
        if self.fitting and not any(map(np.any, left.values())):
            raise TypeError("it changes no weights")
        for path, value in set_back.items():
            put(target, path, value)
        return {RETURNED: returned, AFTER: {}, LEFT: left}

    def _handed(self, values: Mapping[Place, Any]) -> dict[str, Any]:
        """Return the weights as the constructor takes them: one by one, or in a list or a dict."""
        found: dict[str, Any] = {place.name: value for place, value in values.items() if not place.entry}
        for name, (kind, names) in self.maker.containers.items():
            held = {place.entry: value for place, value in values.items() if place.name == name}
            every = {one: held.get(one, np.zeros(1)) for one in names}
            found[name] = list(every.values()) if kind is list else every
        return found

    def _called_on(self, target: Any, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Return what the method returns, and what that returns which is called ``then``."""
        returned = super().call(values, sizes)
        if not self.then:
            return returned
        then = getattr(target, self.then)
        rates = [name for name in inspect.signature(then).parameters if plain(name) in RATES]
        return returned, then(**dict.fromkeys(rates, self.rate))

    def _begin(self, target: Any, rate: float, memory: float, dtype: str) -> dict[Path, Any]:
        """Let an object learn at a rate, with memories of one number; what was there before."""
        holding = self.maker.holding
        before = {path: held_at(target, path) for path in holding.rates}
        self.rate = rate
        self.fixed = dict.fromkeys(self.rates, rate)
        for path in holding.rates:
            put(target, path, rate)
        for first in holding.memories:
            now = np.full(np.shape(held_at(target, first)), memory, dtype)
            for path in holding.mates(first):
                put(target, path, now)
        return before


def _in_tensors(target: Any, maker: Maker) -> dict[str, Any]:
    """Return the gradients that are left in tensors."""
    found = {place.name: getattr(held_at(target, place.path), "grad", None) for place in maker.holding.places}
    return {name: one for name, one in found.items() if one is not None}


def _tensor(value: Any) -> Any:
    return value if hasattr(value, "detach") else converter("torch")(np.asarray(value))


def methods_of(kind: type) -> list[str]:
    """Return the methods that a class has itself, and ``__call__``.

    Those with an underscore in front are its own affair, but for a ``_forward`` where no other is called so.
    """
    every = [(name, inspect.getattr_static(kind, name)) for name in dir(kind)]
    own = [name for name, one in every if inspect.isfunction(one) and one.__module__ == kind.__module__]
    found = [name for name in own if not name.startswith("_") or name == "__call__"]
    known = {word for name in found for word in words_of(name)} | ({"forward"} if "__call__" in found else set())
    hidden = [(name, {*words_of(name)}) for name in own if not name.startswith("__") and name not in found]
    ways = [({"forward"}, known), (BACK | {"bptt"}, known & (BACK | BPTT))]
    return found + [name for name, words in hidden if any(words & called and not called & has for called, has in ways)]
