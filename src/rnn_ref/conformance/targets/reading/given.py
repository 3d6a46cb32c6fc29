"""What is handed to a function to find out how it is read: drawn arguments, parts, and what its way forward made."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...operation import Operation, Rank
from .calling.place import Place
from .calling.way import Way
from .layouts import Layout
from .leaves import Path
from .names import is_gradient, parts_of, plain
from .parts import ORDERS
from .reading import Reading
from .syntax.source import ONE

PREDICTED = r"(y?pred(iction|icted)?s?|y?hats?|(y?out|output)s?|ys?hat|probs?|logits|scores)"  # beside targets
SIZES = {"T": 3, "B": 6, "D": 5, "H": 7, "V": 11}  # all different, T + 1 and T·B too


def sizes_for(rank: Rank, *, shared: bool = False) -> dict[str, int]:
    """Return the sizes of the axes in a rank; where inputs and outputs are the same classes, there are as many."""
    sizes = {axis: size for axis, size in SIZES.items() if axis != "B" or rank == "batch"}
    return {**sizes, "V": sizes["D"]} if shared else sizes


def drawn(operation: Operation, rank: Rank, sizes: Mapping[str, int], dtype: str = "float64") -> dict[str, Any]:
    """Return arguments of a function, drawn at random."""
    rng = np.random.default_rng(1)
    named: dict[str, Any] = {}
    for name, value in operation.arguments.items():
        axes = [axis for axis in value.axes if axis != "B" or "B" not in value.optional or rank == "batch"]
        shape = [sizes[axis] for axis in axes]
        named[name] = (
            rng.integers(0, sizes["V"], shape)
            if value.kind == "classes"
            else (rng.normal(size=shape) / 2).astype(dtype)
        )
    return named


def with_indices(named: Mapping[str, Any], parts: Mapping[str, str], layout: Layout) -> dict[str, Any]:
    """Return the arguments with inputs that are classes, where that is the layout."""
    if not layout.indices:
        return dict(named)
    made = dict(named)
    for name, part in parts.items():
        if part == "x":
            shape = np.shape(named[name])
            count = int(np.prod(shape[:-1], dtype=int))
            made[name] = np.eye(shape[-1], dtype=np.asarray(named[name]).dtype)[np.arange(count) % shape[-1]].reshape(
                shape
            )
    return made


def whole_bias(given: dict[Place, str]) -> dict[Place, str]:
    """Return the parts with one bias for half of one, where the other half has no place; a bias beside it is that."""
    halves = set(given.values()) & {"b_xh", "b_hh"}
    if len(halves) != 1:
        return given
    if "b_h" in given.values():
        [other] = {"b_xh", "b_hh"} - halves
        return {place: other if part == "b_h" else part for place, part in given.items()}
    return {place: "b_h" if part in halves else part for place, part in given.items()}


def of_layer(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a place is in an output layer, whose weight is often called W, and its input x."""
    if {"x", "h", "states"} & set(parts):
        return ("states",)
    if parts[:1] and parts[0][:2] in {"W_", "b_", "pa"}:
        return ("b_y",) if parts[0].startswith("b_") else ("W_hy",)
    return parts


def joined_parts(way: Way, *, bias: bool = True) -> list[str]:
    """Return what one weight may be of what its text puts end to end, none if it does not.

    Where there is no ``bias`` beside it, its first or last column may be one, of a one that is added elsewhere.
    """
    for names in way.source.joined():
        ones = [place for place, name in enumerate(names) if name == ONE]
        parts = ["1" if name == ONE else _kind(name) for name in names]
        if sorted(part for part in parts if part != "1") == ["", "h"]:  # beside a state: rows that are looked up
            parts = [part or "x" for part in parts]
        order = "".join(parts)
        if order in ORDERS:
            more = [] if ones or bias else [f"{order}1", f"1{order}"]
            return [f"W_{one}|" for one in (order, *more)]
    return []


def _kind(name: str) -> str:
    return next(({"states": "h"}.get(part, part) for part in parts_of(name) if part in {"x", "h", "states"}), "")


def relayed(way: Way, forward: Reading) -> dict[Place, Path]:
    """Return the places into which goes what the way forward returned: by one name, or a cache, which comes last."""
    names = [plain(name) for name in forward.way.source.returned()]
    alone = forward.way.source.returned_alone()
    found: dict[Place, Path] = {}
    whole = not names and not alone  # one value without a name
    unknown, states = [], []
    known = {place.called for place in getattr(forward, "given", ())}  # that of gates has its weights elsewhere
    as_sizes = [
        Place("argument", name) for name in way.given if plain(name) in {*names, plain(alone)}
    ]  # O, the outputs
    for place in [*way.places, *as_sizes]:
        if place.kind != "argument" or "up" in place.parts[:1]:
            continue
        if alone and plain(place.name) == plain(alone):
            found[place] = forward.way.prefix
        elif plain(place.name) in names:
            found[place] = (*forward.way.prefix, ("item", names.index(plain(place.name))))
        elif "cache" in place.parts and whole:
            found[place] = forward.way.prefix
        elif "cache" in place.parts:
            caches = [i for i, name in enumerate(names) if "cache" in parts_of(name)]
            found[place] = (*forward.way.prefix, ("item", caches[0] if caches else max(len(names) - 1, 1)))
        elif place.parts[:1] == ("states",) and place.needed:
            states.append(place)
        elif place.parts or not place.needed or place.name in known:
            continue
        elif not is_gradient(place.name) or place.name[:1] == "g":
            unknown.append(place)
    if any(place.parts[:1] == ("states",) for place in found):  # of two, one is the outputs
        unknown += states
    predicted = [place for place in way.places if place not in found and place.kind == "argument"]
    predicted = [place for place in predicted if re.fullmatch(PREDICTED, plain(place.name))]
    if len(predicted) == 1 and not names and any(place.parts[:1] == ("targets",) for place in way.places):
        found[predicted[0]] = forward.way.prefix
    left = [path for i, _ in enumerate(names) if (path := (*forward.way.prefix, ("item", i))) not in found.values()]
    return found | dict(zip(unknown, left, strict=False)) if found else found  # names differ, their order does not
