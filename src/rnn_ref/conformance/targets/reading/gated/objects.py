"""Methods of objects that hold the weights of a cell with gates: every array of the object is a place for one."""

import contextlib
import inspect
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from ..calling.place import Place
from ..leaves import Path, at
from ..names import is_gradient, parts_of, words_of
from ..objects.made_by import SIZES
from ..objects.maker import Maker
from ..objects.methods import methods_of
from ..syntax.class_text import class_source
from .holders.held import Holder, gradients_in
from .holders.made import GatedMaker
from .names import is_back, state_of
from .reading import GatedReading, drawn_for
from .ways import GatedWay

GIVEN = ("constructor", "constructor key")


class HoldingWay(GatedWay):
    """A method of objects that are made for every size; what it returned is all that is looked at.

    Of one that returns nothing, it is the states that the object holds then.
    """

    def __init__(self, maker: Maker, method: str) -> None:
        self.maker, self.method = maker, method
        super().__init__(getattr(maker.example, method), f"{maker.kind.__name__}.{method}")
        self.global_sizes = {}
        given = list(maker.given_places()) if isinstance(maker, GatedMaker) else []
        self.holder = None if given else Holder(lambda sizes: maker.made(_known(sizes)), SIZES)
        taken = {part for place in self.places if place.needed for part in place.parts[:1]}  # a method's own arguments
        self.places += given
        for path, one in self.holder.arrays.items() if self.holder and not taken >= {"W_xh", "W_hh"} else ():
            place = Place("attribute", one.called, needed=False, path=path)
            self.places.append(place)
            self.shapes[place] = tuple(np.shape(one.array))

    def call(self, values: Mapping[Place, Any], sizes: Mapping[str, int]) -> Any:
        """Call the method of an object with values in their places; what it returned.

        A bias that has no place here, as one of a single gate, is none.
        """
        target = self.maker.made(_known(sizes), handed(values))
        if self.holder is not None:
            mine = {place.path: value for place, value in values.items() if place.kind == "attribute"}
            for path, one in self.holder.arrays.items():
                shape = np.shape(one.array)
                if path not in mine and one.called.lower().startswith("b") and max(shape, default=0) == SIZES["H"]:
                    mine[path] = np.zeros([sizes["H"] if size == SIZES["H"] else size for size in shape])
            self.holder.filled(target, mine)
        self.function = getattr(target, self.method)
        rest = {place: value for place, value in values.items() if place.kind not in {*GIVEN, "attribute"}}
        returned = super().call(rest, sizes)
        return self._states_of(target) if returned is None else returned

    def _states_of(self, target: Any) -> tuple[Any, ...] | None:
        """Return the states that an object holds, or one that it holds, h in front."""
        held = {name: value for name, value in _all_in(target) if len(name) == 1 and hasattr(value, "shape")}
        found = {"c" if name == "s" and "h" in held else state_of(name, 2): value for name, value in held.items()}
        return tuple(found[state] for state in "hc" if state in found) or None


class BackWay(GatedWay):
    """A method that goes on where another has just been called: what it returned, and the gradients the object holds.

    Gradients in a list lie in the order of a list of weights that is as long.
    """

    def __init__(self, maker: Maker, method: str) -> None:
        self.maker, self.method = maker, method
        super().__init__(getattr(maker.example, method), f"{maker.kind.__name__}.{method}")
        self.global_sizes = {}

    def goes_back(self, arguments: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
        """Call it; what it returned, and by name what gradients there are."""
        target = self.maker.last_made(_known(sizes))
        self.function = getattr(target, self.method)
        returned = super().goes_back(arguments, sizes)
        return {**returned, **gradients_in(target), **self._in_lists(vars(target)), **self._apart(target)}

    def _in_lists(self, held: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in held.items():
            if is_gradient(name) and isinstance(value, list | tuple):
                names = next((one for one in self._lists(held) if len(one) == len(value)), [])
                found |= {f"d{of}": one for of, one in zip(names, value, strict=False) if of}
        return found

    def _lists(self, held: Mapping[str, Any]) -> Iterator[list[str]]:
        """Yield what the entries of lists of weights are called."""
        for name, value in held.items():
            if isinstance(value, list | tuple) and not is_gradient(name):
                names = class_source(self.maker.kind).items_of(name)
                if len(names) == len(value) and all(names):
                    yield names

    def _apart(self, target: Any) -> dict[str, Any]:
        """Return the gradients of input and states that stand in attributes: ``bottom_diff_h``."""
        found = {}
        for name, value in _all_in(target):
            words = name.strip("_").split("_")
            if hasattr(value, "shape") and {"diff", "grad"} & {*words[:-1]} and words[0] not in {"top", "up", "out"}:
                found[f"d{words[-1]}"] = value
        return found


def handed(values: Mapping[Place, Any]) -> dict[str, Any]:
    """Return the weights that a constructor takes, one by one or several in one argument."""
    given: dict[str, Any] = {}
    for place, value in values.items():
        if place.kind == "constructor":
            given[place.name] = value
        elif place.kind == "constructor key":
            given.setdefault(place.name, {})[place.entry] = value
    return given


def _all_in(target: Any) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of an object's parts of the same file, and after them its own."""
    parts = [one for one in vars(target).values() if type(one).__module__ == type(target).__module__]
    for one in [part for part in parts if hasattr(part, "__dict__")] + [target]:
        yield from vars(one).items()


def _known(sizes: Mapping[str, int]) -> dict[str, int]:
    shared = sizes.get("vocabulary") if "V" not in sizes else sizes["V"]
    return {**sizes, "V": shared or sizes["H"], "vocabulary": sizes.get("vocabulary", sizes["D"])}


def ways_back(maker: Maker) -> Iterator[BackWay]:
    """Yield the methods of a class that may go back where another has been called."""
    for method in methods_of(maker.kind):
        if is_back(method):
            with contextlib.suppress(TypeError, ValueError):
                yield BackWay(maker, method)


def methods(kind: type, peers: Sequence[type]) -> Iterator[HoldingWay]:
    """Yield the methods of a class, of which objects can be made."""
    try:
        maker = GatedMaker(kind, peers)
        for method in methods_of(kind):
            if any(map(_may_be_input, inspect.signature(getattr(maker.example, method)).parameters)):
                yield HoldingWay(maker, method)
    except KeyboardInterrupt:
        raise
    except BaseException:  # it is made in another way
        return


def _may_be_input(name: str) -> bool:
    """Whether an argument of this name may be the input: also one of several words, as ``input_data``."""
    return "x" in parts_of(name) or bool({"input", "inputs", "data", "seq", "sequence"} & {*words_of(name)})


def depends_on(reading: GatedReading) -> list[str]:
    """Return the parameters of a module on which its answers depend, though they have no place in a reading."""
    way = reading.way
    if not isinstance(way, HoldingWay) or way.holder is None:
        return []
    placed = {place.path for place in reading.given if place.kind == "attribute"}
    free = {path: one for path, one in way.holder.arrays.items() if path not in placed}
    learnt = {path: one for path, one in free.items() if getattr(one.array, "requires_grad", False)}
    named, _ = drawn_for(reading.operation, next(iter(reading.layouts)), reading.precision)
    candidate = reading.candidate()

    def changes(path: Path) -> bool:
        before = candidate(*named.values())
        numbers = at(way.function.__self__, path).data  # type: ignore[attr-defined]
        numbers += 1
        try:
            after = candidate(*named.values())
        except Exception:  # it looks at what it is
            return True
        finally:
            numbers -= 1
        return any(not np.array_equal(before[name], after[name]) for name in before)

    return [one.called for path, one in learnt.items() if changes(path)]
