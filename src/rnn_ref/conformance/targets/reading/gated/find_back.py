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
from ..names import of_what, parts_of, plain
from ..objects.methods import MethodWay
from .back import GatedBack
from .reading import GatedReading, drawn_for
from .unnamed import with_unnamed
from .names import is_back, state_of


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
    if (
        not (handed or kept)
        or 0 not in ups.values()
        or any(place.needed and place not in {*handed, *ups} for place in way.places)
    ):
        return None
    tried = GatedBack(operation, way, forward, ups, handed, {})
    rank = next(iter(forward.layouts))
    named, sizes = drawn_for(operation, rank)
    way.fitting = True
    try:
        returned = tried.raw(named, rank, sizes)
        handed_on = forward.handed({name: named[name] for name in forward.own}, rank)
        due = {place: np.shape(value) for place, value in handed_on.items()}
        found = dict(_gradients(returned, way, forward, states, due))
        one = with_unnamed(
            replace(tried, found=found),
            returned,
            {place.called: due[place] for place in forward.way.places if place in due},
        )
        if one is None:
            return None
        shapes = {name: np.shape(array) for name, array in one.answers(returned, rank, sizes).items()}
        weights = [name for name in shapes if name not in list(operation.outputs)[: 1 + states]]
        fits = {"W_xh", "W_hh"} <= {*weights} and all(shapes[name] == np.shape(named[name]) for name in weights)
        return one if fits else None
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None
    finally:
        way.fitting = False


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
