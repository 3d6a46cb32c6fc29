"""Which part of the network stands in which place, in the ways that leave a function all it cannot do without."""

from collections.abc import Iterator, Mapping

from ..calling.masks import MASK
from ..calling.place import OUTPUT_UP, SUM, Place, assignments
from ..given import joined_parts, of_layer, whole_bias
from ..names import WEIGHTS, plain
from ..parts import JOINED, OPTIONAL
from .task import Task

AFTER = {"h", "a", "s", "state", "hidden", "hiddenstate"}
EXTRA = ("b_xh", "b_hh", "W_hy", "b_y", "targets", OUTPUT_UP, SUM, MASK, "cache")


def assigned(task: Task) -> Iterator[dict[Place, str]]:
    """Yield what the places may be, as far as the function then has all that the operation cannot do without."""
    allowed = [*dict.fromkeys(task.parts.values()), *EXTRA]
    places = [_as_on_the_way_forward(task, place) for place in task.places]
    if not task.may_have_loss:
        allowed = [part for part in allowed if part != "targets" or part in task.parts.values()]
    allowed += [part for part in JOINED if task.forward is not None and part in task.forward.given.values()]
    if not task.goes_back:
        allowed = [part for part in allowed if part not in {SUM, OUTPUT_UP}]
    if not any("W_hy" in (place.parts or ("W_hy",)) for place in places):
        allowed = [part for part in allowed if part != "b_y"]
    if "states" in allowed:
        places = _after_the_one_before(places)
    if not task.operation.recurrent:
        places = [place._replace(parts=of_layer(place.parts)) for place in places]
    needed = {part for part in task.parts.values() if part not in OPTIONAL and part not in {"up", "states"}}
    for every in assignments(places, allowed):
        given = _without_single_output(task, every)
        have = set(given.values())
        if {"b_h", "b_xh", "b_hh"} <= have or (OUTPUT_UP in have and not {"up", "W_hy"} <= have):
            continue  # a whole bias beside halves of it, or a gradient from a layer that is not there
        if task.forward is not None:
            if have & {"up", "targets"} and (task.relayed or not task.way.places[1:] or task.way.prefix):
                yield whole_bias({**given, **_also_held(given, task.forward.given)})
        elif "W_xh" in task.parts.values() and len(have & {"W_xh", "W_hh"}) == 1 and task.joined:
            weight = next(place for place, part in given.items() if part in {"W_xh", "W_hh"})
            if needed - {"W_xh", "W_hh"} <= have and _has_states(task, have):
                bias = bool(have & {"b_h", "b_xh", "b_hh"})
                yield from (whole_bias({**given, weight: one}) for one in joined_parts(task.way, bias=bias))
        elif needed <= have and (not task.goes_back or "up" in have) and _has_states(task, have):
            yield whole_bias(given)


def _without_single_output(task: Task, given: Mapping[Place, str]) -> dict[Place, str]:
    """Return the parts without an object's output layer of one output: a number may be taken of that."""
    single = {one for one in given if one.kind == "attribute" and not one.needed and {*one.parts} & {"W_hy", "b_y"}}
    kept = task.has_targets or task.forward is not None or "W_hy" in task.parts.values()
    return {place: part for place, part in given.items() if kept or place not in single}


def _after_the_one_before(places: list[Place]) -> list[Place]:
    """Return the places with a plain ``h`` as the state after the step, where another state stands before it."""
    states = [place for place in places if place.parts[:1] == ("h",)]
    plain_ones = [place for place in states if plain(place.called) in AFTER]
    if len(states) < 2 or len(plain_ones) != 1 or any(place.parts[:1] == ("states",) for place in places):
        return places
    return [place._replace(parts=("states",)) if place in plain_ones else place for place in places]


def _as_on_the_way_forward(task: Task, place: Place) -> Place:
    """Return a place of a weight with what it is on the way forward, where one has the same name."""
    known = task.forward.given.items() if task.forward is not None else ()
    part = next((part for other, part in known if other.called == place.called), "")
    is_weight = part in WEIGHTS or part in JOINED
    is_meant = (is_weight and part in (*place.parts, *JOINED)) or (part in {"x", "h"} and not place.parts)
    return place._replace(parts=(part,)) if is_meant else place


def _also_held(given: Mapping[Place, str], forward: Mapping[Place, str]) -> dict[Place, str]:
    """Return the entries that a dict of weights has on the way forward, and that are not looked up on the way back."""
    dicts = {place.name for place in given if place.kind == "key"}
    known = {(place.name, place.entry) for place in given} | {(place.name, part) for place, part in given.items()}
    every = [one for one in forward.items() if one[0].kind == "key" and one[0].name in dicts]
    return {place: part for place, part in every if not {(place.name, place.entry), (place.name, part)} & known}


def _has_states(task: Task, have: set[str]) -> bool:
    """Whether a layer has what it is a layer of, and a way back the states that it does not compute itself."""
    anew = task.goes_back and task.operation.recurrent and bool(task.way.source.calls() & {"tanh", "relu", "maximum"})
    return "states" not in task.parts.values() or "states" in have or anew
