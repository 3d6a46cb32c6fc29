"""The way back through an output layer: as functions of one linear map, with what the way forward has kept or not."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ....operation import Rank
from ....spec import OPERATIONS
from ...raised import Raised
from ..axes import form_of
from ..calling.place import Place
from ..calling.way import Way, shown
from ..given import drawn, sizes_for
from ..layouts import Layout, is_of_one, layouts
from ..leaves import leaves
from ..names import plain
from ..reading import Reading, Taken, rank_and_sizes
from .roles import goes_back, weight_of

BACK = next(one for one in OPERATIONS.values() if one.twin and OPERATIONS[one.twin].cell and not one.recurrent)
LAYER = BACK.twin
UP = re.compile(r"(d|grad|delta|up|g)\w*")
CACHE = re.compile(r"(caches?|ctx|saved|memory|context)")


def read_output_back(ways: Sequence[Way], forward: Reading | None, kinds: Sequence[str]) -> tuple[Reading | None, str]:
    """Return the reading of the first way that is one back through a layer, and why the likeliest cannot be read."""
    why = ""
    for way in ways:
        for given, cache in _roles(way):
            before = forward if cache is not None else None
            if (cache is not None) == (before is None):
                continue
            for kind in [before.kind] if before is not None else kinds:
                found, failed = _fitted(way, given, cache, before, kind, forward.layouts if forward is not None else {})
                if found is not None:
                    return found, ""
                why = why or f"{shown(way.function, way.name)} as {BACK.name}: {failed}"
    return None, why


def may_be(way: Way) -> bool:
    """Whether something is called like a way back, and takes what one through a layer takes."""
    return goes_back(way.name) and any(True for _ in _roles(way))


def _roles(way: Way) -> Iterator[tuple[dict[Place, str], Place | None]]:
    """Yield what the arguments are: a gradient first of all, then a cache, or the layer's own arguments."""
    given: dict[Place, str] = {}
    cache = None
    for name, parameter in way.signature.parameters.items():
        place = Place("argument", name)
        if parameter.default is not parameter.empty:
            continue
        weight = weight_of(name)
        if "up" not in given.values() and UP.fullmatch(plain(name)):
            given[place] = "up"
        elif CACHE.fullmatch(plain(name)):
            cache = place
        elif weight:
            given[place] = "b_y" if weight.startswith("b_") else "W_hy"
        elif "states" not in given.values():
            given[place] = "states"
        else:
            return
    parts = list(given.values())
    if len(set(parts)) == len(parts) and (({*parts} == {"up"} and cache) or {"up", "states", "W_hy"} <= {*parts}):
        yield given, cache


def _fitted(
    way: Way,
    given: Mapping[Place, str],
    cache: Place | None,
    before: Reading | None,
    kind: str,
    known: Mapping[Rank, Layout],
) -> tuple[Reading | None, str]:
    """Return the reading in the ranks in which gradients come back in their shapes; ``known`` is the forward's layout.

    To a layer steps and sequences are all the same: what is divided by their number tells which is which.
    """
    found: Reading | None = None
    why = ""
    order: tuple[Rank, ...] = ("batch", "single")
    for rank in order:
        every = [*filter(None, [known.get(rank)]), *layouts(rank, sequence=True, written=(), bias=True)]
        batch = found.layouts.get("batch") if found is not None else None
        if batch is not None:
            every.sort(key=lambda one: not is_of_one(one.sequence, batch.sequence))
        for layout in every:
            if found is not None and layout.left != next(iter(found.layouts.values())).left:
                continue
            one, failed = _tried(way, given, cache, before, kind, layout)
            why = why or failed
            if one is not None:
                earlier = found or one
                found = replace(
                    one, layouts={**earlier.layouts, **one.layouts}, outputs={**earlier.outputs, **one.outputs},
                    before=_with(one.before, earlier.layouts),
                )  # fmt: skip
                break
    return found, why


def _with(before: Reading | None, known: Mapping[Rank, Layout]) -> Reading | None:
    return None if before is None else replace(before, layouts={**before.layouts, **known})


def _tried(
    way: Way, given: Mapping[Place, str], cache: Place | None, before: Reading | None, kind: str, layout: Layout
) -> tuple[Reading | None, str]:
    rank = layout.rank
    sizes = sizes_for(rank)
    relayed = {}
    if before is not None and cache is not None:
        before = replace(before, layouts={rank: layout})
        names = before.way.source.returned()
        relayed = {cache: (*before.way.prefix, ("item", names.index(cache.name) if cache.name in names else 1))}
    one = Reading(BACK, way, given, kind, {rank: layout}, {rank: {}}, before=before, relayed=relayed)
    named = drawn(BACK, rank, sizes)
    way.alive()
    way.tried_as = BACK
    try:
        every = list(leaves(one.raw(named, rank, rank_and_sizes(BACK, named)[1] | sizes), way.source.returned()))
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, f"it raises {Raised.of(error)}"
    taken: dict[str, list[Taken]] = {}
    odd = False
    for output, value in BACK.outputs.items():
        axes = [axis for axis in value.axes if axis != "B" or rank == "batch"]
        part = "states" if "T" in axes else "W_" if len(axes) == 2 else "b_"
        due = tuple(letter for letter in layout.form(axes, part) if letter != "list")
        forms = [(leaf.path, form_of(leaf.array.shape, axes, sizes)) for leaf in every]
        fitting = [(path, form) for path, form in forms if form == due or (form and part == "b_")]
        other = [path for path, form in forms if form and part == "W_"]
        if fitting:
            taken[output] = [Taken(*fitting[0])]
        elif other:
            taken[output], odd = [Taken(other[0], due)], True  # as if it lay as its weight does
    if len(taken) < 2 or next(iter(BACK.outputs)) not in taken:
        shapes = ", ".join(str(leaf.array.shape) for leaf in every if len(leaf.path) <= 1)
        return None, f"its answer has other shapes: {shapes}"
    return replace(one, outputs={rank: taken}, fits=not odd), ""
