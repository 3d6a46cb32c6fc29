"""Find the way back of a cell with gates: what it is given, and which of what it returns is which gradient.

A gradient is known by its name, that of what its way forward takes with a d in front; one without a name by its place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ....operation import Operation
from ..calling.place import Place
from ..calling.way import Way
from ..given import relayed
from ..leaves import Path, leaves
from ..names import is_gradient, of_what, parts_of, plain
from ..objects.methods import MethodWay
from .back import GatedBack
from .reading import GatedReading, drawn_for
from .unnamed import with_unnamed
from .weights import is_back, state_of


def read_back(operation: Operation, way: Way, forward: GatedReading) -> GatedBack | None:
    """Return the reading of a way back after its way forward, None if there is none."""
    if not is_back(way.name) or bool(forward.operation.states) != way.source.repeats:
        return None
    kept = isinstance(way, MethodWay)  # by the object
    handed = relayed(way, forward)  # type: ignore[arg-type]
    states = len(forward.operation.cell.states)  # type: ignore[union-attr]
    ups: dict[Place, int] = {}
    for place in way.places:
        part = state_of(of_what(place.called), states) or ("h" if "up" in parts_of(place.called)[:1] else "")
        named_so = plain(place.called) != plain(of_what(place.called)) or "up" in parts_of(place.called)[:1]
        if named_so and part and "hc".index(part) not in ups.values():
            ups[place] = "hc".index(part)
    handed = {place: path for place, path in handed.items() if place not in ups}
    again = {place: one for place in way.places if place not in {*handed, *ups} if (one := _same(place, forward))}
    containers = {(place.kind, place.name) for place in again if place.entry}
    again |= {one: one for one in forward.way.places if (one.kind, one.name) in containers and one not in again}
    free = [place for place in way.places if place.needed and (place.kind, place.name) not in containers]
    left = [place for place in free if place not in {*handed, *ups, *again}]
    if 0 not in ups.values() and len(left) == 1 and is_gradient(left[0].name):  # whatever else it is called
        ups[left.pop()] = 0
    if not (handed or kept) or 0 not in ups.values() or left:
        return None
    tried = GatedBack(operation, way, forward, ups, handed, {}, again=again)
    way.fitting, way.tried_as = True, operation
    try:
        ranks = [forward, *(replace(forward, layouts={one: forward.layouts[one]}) for one in forward.layouts)]
        found = (_fitted(replace(tried, forward=one), states) for one in (ranks if len(ranks) > 2 else ranks[:1]))
        return next((one for one in found if one is not None), None)
    finally:
        way.fitting = False


def _fitted(tried: GatedBack, states: int) -> GatedBack | None:
    """Return the reading with its gradients, None if those of the weights are not there in their shapes."""
    operation, way, forward = tried.operation, tried.way, tried.forward
    rank = next(iter(forward.layouts))
    named, sizes = drawn_for(operation, rank)
    try:
        returned = tried.raw(named, rank, sizes)
        handed_on = forward.handed({name: named[name] for name in forward.own}, rank)
        due = {place: np.shape(value) for place, value in handed_on.items()}
        found = dict(_gradients(returned, way, forward, states, due))
        called = {place.called: due[place] for place in forward.way.places if place in due}
        one = with_unnamed(replace(tried, found=found), returned, called)
        if one is None:
            return None
        shapes = {name: np.shape(array) for name, array in one.answers(returned, rank, sizes).items()}
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    weights = [name for name in shapes if name not in list(operation.outputs)[: 1 + states]]
    fitting = [name for name in weights if shapes[name] == np.shape(named[name])]  # one may be turned: it is wrong
    return one if {"W_xh", "W_hh"} <= {*weights} and len(fitting) >= len(weights) - 1 > 0 else None


def _same(place: Place, forward: GatedReading) -> Place | None:
    """Return the place of the way forward that a way back has too: an input or weights that it is handed again."""
    known = {(one.kind, one.name, one.entry): one for one in forward.way.places}
    return known.get((place.kind, place.name, place.entry))


def _gradients(
    returned: Any, way: Way, forward: GatedReading, states: int, due: Mapping[Place, tuple[int, ...]]
) -> Iterator[tuple[str, Path]]:
    """Yield what is the gradient of what, by name: as its way forward calls it, else the state before.

    A state's has the shape of a state, ``da @ W.T`` is none of a; unless it is called as the state itself is.
    """
    places = [*forward.others, *forward.weights.places]
    parts = {part: place for place, part in forward.others.items()}
    seen = set()
    every = list(leaves(returned, way.source.returned(), prefix=way.prefix))
    for exact, leaf in [(exact, leaf) for exact in (False, True) for leaf in every]:
        name = plain(of_what(leaf.name))
        place = next((one for one in places if plain(one.called) == name), None) or parts.get(state_of(name, states))
        if not leaf.name or place is None or place in seen:
            continue
        called_so = exact and name == plain(place.called) != plain(leaf.name)
        if place in forward.weights.places or called_so or leaf.array.shape == due.get(place):
            seen.add(place)
            yield place.called, leaf.path
