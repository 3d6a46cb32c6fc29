"""Find the way back of a cell with gates: what it is given, and which of what it returns is which gradient.

A gradient is known by its name, that of what its way forward takes with a d in front; one without a name by its place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....operation import Operation, Rank
from ..calling.place import Place
from ..given import relayed
from ..leaves import Path, leaves
from ..names import is_gradient, of_what, parts_of, plain
from .back import GatedBack
from .names import is_back, state_of
from .reading import GatedReading, drawn_for
from .unnamed import with_unnamed
from .ways import KEPT_APART, GatedWay


def read_back(operation: Operation, way: GatedWay, forward: GatedReading) -> GatedBack | None:
    """Return the reading of a way back after its way forward, None if there is none."""
    if not is_back(way.name) or bool(forward.operation.states) != way.source.repeats:
        return None
    way.prefix = KEPT_APART
    states = len(forward.operation.cell.states)  # type: ignore[union-attr]
    tried = _handed(operation, way, forward, states)
    if tried is None:
        return None
    way.fitting, way.tried_as = True, operation
    try:
        for ranks in ([*forward.layouts], *([rank] for rank in list(forward.layouts)[1:])):
            one = _in_ranks(tried, ranks, states)
            if one is not None:
                return one
        return None
    finally:
        way.fitting = False


def _in_ranks(tried: GatedBack, ranks: Sequence[Rank], states: int) -> GatedBack | None:
    """Return the reading of a way back that is asked some of the ranks alone: of one sequence, if a batch raises."""
    operation, way, forward = tried.operation, tried.way, tried.forward
    named, sizes = drawn_for(operation, ranks[0])
    try:
        returned = tried.raw(named, ranks[0], sizes)
        if len(ranks) < len(forward.layouts) and not (_raises(tried) or "outer" in way.source.calls()):
            return None
        forward = replace(forward, layouts={rank: forward.layouts[rank] for rank in ranks})
        tried = replace(tried, forward=forward)
        handed_on = forward.handed({name: named[name] for name in forward.own}, ranks[0])
        due = {place: np.shape(value) for place, value in handed_on.items()}
        found = dict(_gradients(returned, way, forward, states, due))
        one = with_unnamed(
            replace(tried, found=found),
            returned,
            {place.called: due[place] for place in forward.way.places if place in due},
        )
        if one is None:
            return None
        shapes = {name: np.shape(array) for name, array in one.answers(returned, ranks[0], sizes).items()}
        weights = [name for name in shapes if name not in list(operation.outputs)[: 1 + states]]
        fitting = [name for name in weights if shapes[name] == np.shape(named[name])]  # one may be turned: it is wrong
        return one if {"W_xh", "W_hh"} <= {*weights} and len(fitting) >= len(weights) - 1 > 0 else None
    except KeyboardInterrupt:
        raise
    except BaseException:
        return None


def _raises(one: GatedBack) -> bool:
    """Whether a way back raises where its way forward is asked its first rank."""
    rank = next(iter(one.forward.layouts))
    try:
        one.raw(*(drawn := drawn_for(one.operation, rank))[:1], rank, drawn[1])
    except Exception:
        return True
    return False


def _handed(operation: Operation, way: GatedWay, forward: GatedReading, states: int) -> GatedBack | None:
    """Return what the arguments of a way back are: gradients from above, and what its way forward took or gave."""
    places = {place.name: place for place in way.places if place.kind == "argument"}
    relayed_to = {place.name: path for place, path in relayed(way, forward).items()}  # type: ignore[arg-type]
    taken = forward.way.signature.parameters
    inputs = [place.name for place, part in forward.others.items() if part == "x"]
    containers = {
        place.name for place in forward.weights.places if place.kind not in {"attribute", "argument", "global"}
    }
    ups: dict[str, int] = {}
    same: dict[str, str] = {}
    left: list[str] = []
    for name, parameter in way.signature.parameters.items():
        above = _from_above(name, states) if name in places else ""
        short = re.sub(r"^diff_?", "", of_what(_own(name)))
        above = "c" if name in places and short != name and _is_memory(short, forward) else above
        if above and name not in taken and "hc".index(above) not in ups.values():
            ups[name] = "hc".index(above)
        elif name in relayed_to:
            continue
        elif name in taken:
            same[name] = name
        elif name in places and parts_of(name)[:1] == ("x",) and inputs:
            same[name] = inputs[0]
        elif (name not in places or "parameters" in parts_of(name)) and len(containers) == 1 and name not in way.given:
            same[name] = next(iter(containers))
        elif name not in way.given and parameter.default is parameter.empty:
            left.append(name)
    relayed_to = {name: path for name, path in relayed_to.items() if name not in ups}
    if len(left) == 1 and 0 not in ups.values() and is_gradient(left[0]):
        ups[left.pop()] = 0
    kept = hasattr(way, "maker")  # by the object
    if left or 0 not in ups.values() or not (relayed_to or kept or same):
        return None
    return GatedBack(operation, way, forward, ups, relayed_to, same, {})


def _from_above(name: str, states: int) -> str:
    """Return of which state something is the gradient from above, h or c; empty if it is none.

    >>> _from_above("dnext_c", 2), _from_above("top_diff_h", 2), _from_above("dY", 1), _from_above("h", 1)
    ('c', 'h', 'h', '')
    """
    short = _own(name)
    short = short if short.startswith("diff_") else of_what(short)
    if states > 1 and re.search(r"diff_?s$", name):
        return "c"
    short = re.sub(r"^diff_?", "", short)
    if plain(short) != plain(name) and (part := state_of(short, states)):
        return part
    return "h" if "up" in parts_of(name)[:1] else ""


def _own(name: str) -> str:
    """Return a name without the words that say where something comes from."""
    known = {"top", "above", "upstream", "ext", "up"}
    return "_".join(word for word in name.strip("_").split("_") if word.lower() not in known)


def _is_memory(name: str, forward: GatedReading) -> bool:
    """Whether something is called s, as the memory of the way forward is, which has a state h beside it."""
    memory = next((place.called for place, part in forward.others.items() if part == "c"), "")
    return plain(memory)[:1] == "s" and re.fullmatch(r"s(0|t|in|out|prev|next)?", plain(name)) is not None


def _gradients(
    returned: Any, way: GatedWay, forward: GatedReading, states: int, due: Mapping[Place, tuple[int, ...]]
) -> Iterator[tuple[str, Path]]:
    """Yield what is the gradient of what, by name: as its way forward calls it, else the state before.

    A state's has the shape of a state, ``da @ W.T`` is none of a; unless it is called as the state itself is.
    """
    places = [*forward.weights.places, *forward.others]
    parts = {part: place for place, part in forward.others.items()}
    seen = set()
    every = [leaf for leaf in leaves(returned, way.source.returned_within(), prefix=way.prefix) if leaf.name]
    for exact, leaf in [(exact, leaf) for exact in (False, True) for leaf in every]:
        names = {plain(of_what(leaf.name)), plain(leaf.name), plain(re.sub(r"^_*(d|grad)_?", "", leaf.name))}
        place = next((one for one in places if plain(one.called) in names), None)
        memory = _is_memory(of_what(leaf.name), forward)
        place = place or parts.get("c" if memory else _state(of_what(leaf.name), states))
        if place is None or place in seen:
            continue
        called_so = exact and plain(place.called) in names and plain(place.called) != plain(leaf.name)
        if place in forward.weights.places or called_so or leaf.array.shape == due.get(place):
            seen.add(place)
            yield place.called, leaf.path


def _state(name: str, states: int) -> str:
    return "x" if parts_of(name)[:1] == ("x",) else state_of(name, states)
