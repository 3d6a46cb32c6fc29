"""How objects are made of classes of cells with gates whose constructor takes the weights, one by one or in a dict."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...calling.place import Place
from ...layouts import BIASES, Layout
from ...names import parts_of, plain
from ...objects.made_by import SIZES
from ...objects.maker import Maker
from ...syntax.class_text import class_source
from ..names import is_of_gates
from ..reading import GatedReading, drawn_for, gated_operations, gates_of
from ..weights import weights_of

IN_DICTS = {"statedict", "weights", "params", "parameters", "state", "w", "p", "theta", "weightdict", "sd", "npz"}


class GatedMaker(Maker):
    """A class whose constructor may take the weights of gates; an example gets them as its text may want them."""

    def __init__(self, kind: type, peers: Sequence[type] = ()) -> None:
        self.keys: dict[str, list[str]] = {}  # of the dicts that it takes, and what entries of lists are called
        self.lists: set[str] = set()  # those of them that are lists
        super().__init__(kind, peers)

    def _look_at_arguments(self, peers: Sequence[type]) -> None:
        super()._look_at_arguments(peers)
        unknown = [name for name, size in self.sizes.items() if size == "unknown"]
        unknown += [name for name in self.settings if plain(name) in IN_DICTS]
        named = [name for name in (*unknown, *self.weights) if is_of_gates(name)]
        for name in unknown:
            keys = [key for key in class_source(self.kind).looked_up() if is_of_gates(key)]
            if plain(name) in IN_DICTS and len(keys) >= 3:
                self.keys[name] = keys
        if len(named) >= 2:
            self.weights |= {name: parts_of(name) for name in named}
        for name, (kind, names) in self.containers.items():
            if kind is dict and sum(map(is_of_gates, names)) >= 3:
                self.keys[name] = [one for one in names if is_of_gates(one)]
            elif kind is list and all(map(is_of_gates, names)):
                self.keys[name] = names
                self.lists.add(name)
        for name in (*self.keys, *self.weights):
            for others in (self.sizes, self.settings, self.containers):
                others.pop(name, None)

    def given_places(self) -> Iterator[Place]:
        """Yield the places of the weights that the constructor takes."""
        yield from (Place("constructor", name, parts=parts_of(name)) for name in self.weights)
        for name, keys in self.keys.items():
            yield from (Place("constructor key", name, key, parts_of(key)) for key in keys)

    def _example(self) -> Any:
        """Return an object, made with weights that lie in some way if it wants them."""
        if not self.weights and not self.keys:
            return super()._example()
        error: Exception | None = None
        for weights in self._variants():
            try:
                return self.made(SIZES, weights)
            except Exception as one:
                error = one
        raise error or TypeError(f"{self.kind.__name__} takes other weights")

    def _variants(self) -> Iterator[dict[str, Any]]:
        places = list(self.given_places())
        for operation in gated_operations():
            named, _ = drawn_for(operation, "batch")
            for weights in weights_of(places, gates_of(operation), class_source(self.kind), {}, SIZES):
                for left in (True, False):
                    for separate in ("", "front", "middle"):
                        for bias in BIASES:
                            one = GatedReading(operation, None, weights, {}, "numpy", {}, {}, separate=separate)  # type: ignore[arg-type]
                            layout = Layout("batch", left, bias, ("B", "n"), ("T", "B", "n"), ("B", "n"))
                            values = one.weights_in(named, layout)
                            yield _by_argument({place: values[place] for place in places if place in values})

    def made(self, sizes: Mapping[str, int], weights: Mapping[str, Any] | None = None) -> Any:
        """Return an object of these sizes, anew if it takes weights."""
        if not self.keys:
            return super().made(sizes, weights)
        given = {name: list(held.values()) if name in self.lists else held for name, held in (weights or {}).items()}
        self._made[self._wanted(sizes)] = self._new(sizes, given)
        return self._made[self._wanted(sizes)]


def _by_argument(values: Mapping[Place, Any]) -> dict[str, Any]:
    given: dict[str, Any] = {}
    for place, value in values.items():
        if place.kind == "constructor":
            given[place.name] = value
        else:
            given.setdefault(place.name, {})[place.entry] = value
    return given
