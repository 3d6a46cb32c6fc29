"""Find the readings of functions of cells with gates: by names, then by shapes on sizes that all differ.

In which order gates lie that share a matrix, which way an update gate counts, and on which side of the product a reset
gate stands, only values can tell: of all that is possible it is read as what it is nearest to; of what is right in no
order, in the one that its text has. How right it is then, is for the judge to say.
"""

import ast
import inspect
import linecache
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....errors import OutsideError
from ....operation import Operation, Rank
from ..axes import form_of
from ..calling.masks import MASKED, OF_STEP
from ..calling.place import Place
from ..given import SIZES
from ..layouts import Layout, agreement, is_of_one, layouts, with_classes
from ..leaves import Leaf, leaves
from ..reading import Taken
from ..syntax.documented import marks_padding, said
from ..syntax.reckoned import may_be_index
from ..tensors import LISTS, is_narrow
from .names import is_back, state_of
from .nearness import NEAR, is_bent, kept_states, off_by
from .order_said import order_said
from .reading import NOT_READ, GatedReading, axes_of, drawn_for, gates_of, order_here, possible
from .ways import GatedWay
from .weights import Weights, part_of, states_and_input, weights_of, without_sizes

HELD = {"attribute", "held"}
FORGET = r"(z_?|a_?|pre_?)?(f|fg|ft|forget(_?gate)?)"  # what a forget gate is called before it is bent
MEMORY = "c"  # with which the names of memories begin


def read_gated(operation: Operation, way: GatedWay, kinds: Sequence[str]) -> GatedReading | None:
    """Return the reading under which a function answers in the shapes that are due, None if there is none.

    Raises OutsideError of one that puts its output layer's answer through a function.
    """
    scans = bool(way.source.calls() & {"scan", "fori_loop", "while_loop"})
    if is_back(way.name) or (scans if not operation.states else not way.source.repeats):
        return None
    found: list[GatedReading] = []
    states = len(operation.cell.states)  # type: ignore[union-attr]
    shapes = getattr(way, "shapes", {})
    way.fitting, way.tried_as = True, operation
    try:
        for weights in weights_of(way.places, gates_of(operation), way.source, shapes, SIZES):
            if found and not _ties(found[-1].weights, weights):
                continue
            free = [one for one in way.places if one not in weights.places and one.kind not in HELD]
            free = without_sizes(way, free, states)
            unread = [place for place in free if place.kind == "position" and place.called.startswith("_")]
            others = states_and_input([one for one in free if one not in unread], states)
            if others is not None:
                others = {**others, **dict.fromkeys(unread, NOT_READ)}
                one = GatedReading(operation, way, weights, others, "numpy", {}, {})
                fresh = list(_of_kinds(one, kinds))
                layer = {} if fresh else _held_layer(way, weights)
                found += fresh or (_of_kinds(replace(one, others={**others, **layer}), kinds) if layer else [])
        found = [one for one in found if one.shows_all] or found
        narrow = is_narrow(kinds, way)
        found = [replace(one, precision="float32") if narrow and _is_float32(one) else one for one in found]
        every = [other for one in found for other in possible(one)]
        nearest = min(every, key=off_by, default=None)
        if nearest and off_by(nearest) >= NEAR and (order := order_said(way.source, nearest.gates)):
            nearest = min(
                (one for one in every if (one.order or order_here(one)) == order), key=off_by, default=nearest
            )
        if nearest and nearest.options and nearest.weights.biases > 1 and off_by(nearest) >= NEAR:
            every = [one for one in every if one.order == nearest.order and one.weights.biases > 1 and not one.options]
            nearest = min(every, key=off_by, default=nearest)  # two biases are of a reset gate behind the product
        if nearest and off_by(nearest) >= NEAR and _says_it_adds(nearest):
            added = (replace(one, added=True) for one in every)
            nearest = next((one for one in added if off_by(one) < NEAR), nearest)
        nearest = nearest and _exchanged(nearest)
        nearest = nearest and _with_kept_states(nearest, kinds)
        if nearest and off_by(nearest) >= NEAR and any(map(is_bent, every)):
            raise OutsideError(f"{way.name}: what it does with the answer of its output layer is not known")
        return nearest
    finally:
        way.fitting = False


def _says_it_adds(one: GatedReading) -> bool:
    """Whether the file of a function, with its comments, tells of a forget bias; or adds 1 to a forget gate as such."""
    code = getattr(inspect.unwrap(one.way.function), "__code__", None)
    text = "".join(linecache.getlines(code.co_filename)) if code is not None else ""
    sums = (node for node in one.way.source.nodes(ast.BinOp) if isinstance(node.op, ast.Add))
    pairs = ({ast.unparse(node.left), ast.unparse(node.right)} for node in sums)
    as_such = any(pair & {"1", "1.0"} and any(re.fullmatch(FORGET, other) for other in pair) for pair in pairs)
    told = as_such or re.search("forget[ _]bias", text.lower()) is not None
    return one.gates > 3 and one.weights.biases > 0 and told


def _held_layer(way: GatedWay, weights: Weights) -> dict[Place, str]:
    """Return an output layer's weights that an object holds; nothing if there is none, or a softmax behind it."""
    held = [one for one in way.places if one.kind in HELD and one not in weights.places]
    layer = {one: part for one in held if (part := part_of(one.called, 1)) in {"W_hy", "b_y"}}
    return layer if [*layer.values()].count("W_hy") == 1 and not way.source.gives_probabilities else {}


def _is_float32(one: GatedReading) -> bool:
    """Whether float32 is answered to what it is asked."""
    rank = next(iter(one.layouts))
    named, sizes = drawn_for(one.operation, rank, one.precision)
    return any(leaf.array.dtype == np.float32 for leaf in leaves(one.raw(named, rank, sizes)))


def precisions(kinds: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the kinds of arrays, each with the only precision in which it is, or is to be, asked; empty for any."""
    for kind in kinds:
        narrow = kind == "jax" and is_narrow(kinds)
        yield kind, "float32" if narrow else ""
        if kind != "numpy" and not narrow:
            yield kind, "float32"


def _ties(one: Weights, other: Weights) -> bool:
    """Whether weights in the same places may have the same shapes: joined ones, or lists that are cut to one length."""
    return one.places == other.places and sorted(one.joined) == sorted(other.joined)


def _of_kinds(one: GatedReading, kinds: Sequence[str]) -> Iterator[GatedReading]:
    """Yield the reading with a kind of arrays, an output layer and an axis of gates with which it answers."""
    whole = [slot.place.called for slot in one.weights.slots if slot.many > 1 and not slot.axes]
    given = any(slot.place.kind == "constructor" for slot in one.weights.slots)  # whose text is another
    layer = [place for place, part in one.others.items() if part == "W_hy"]
    held = any(place.kind in HELD for place in layer)
    identities = (True,) if held else (False, True) if layer and not one.way.source.gives_probabilities else (False,)
    for separate in ("", "front", "middle") if whole and (given or one.way.source.takes_one_of(whole)) else ("",):
        for kind, dtype in precisions(kinds):
            for identity in identities:
                tried = replace(one, kind=kind, identity=identity, separate=separate, precision=dtype)
                every = [found for masked in _masked(tried) for found in _with_layer_or_not(masked)]
                yield from every
                if any(found.shows_all for found in every):
                    return


def _masked(one: GatedReading) -> Iterator[GatedReading]:
    """Yield the reading with every form that the mask may have that it needs."""
    forms = MASKED if one.operation.states else OF_STEP
    said = marks_padding(one.way.function, one.way.masks[0]) if one.way.masks else None
    forms = [form for form in forms if said in {None, form.padding}]
    yield from (replace(one, masks=dict.fromkeys(one.way.masks, form)) for form in forms if one.way.masks)
    if not one.way.masks:
        yield one


def _with_layer_or_not(one: GatedReading) -> Iterator[GatedReading]:
    """Yield the reading in all ranks, with an axis for the layer or not; with a mask only if it takes a batch."""
    found = (_ranks(one), _ranks(one, layer=True) if _first_taken(one) else None)
    yield from (reading for reading in found if reading and ("batch" in reading.layouts or not one.masks))


def _first_taken(one: GatedReading) -> bool:
    """Whether the text takes the first entry of a state: that of a layer, or one that is broadcast then."""
    return any("0" in one.way.source.written(place.name) for place, part in one.others.items() if part in "hc")


def _with_kept_states(one: GatedReading, kinds: Sequence[str]) -> GatedReading:
    """Return the reading with what its object keeps as its first states, if it is right so, and not as it is."""
    kept = kept_states(one) if off_by(one) >= NEAR else {}
    every = _of_kinds(replace(one, others={**one.others, **kept}, options={}, order="", negated=""), kinds)
    found = (other for reading in every for other in possible(reading)) if kept else ()
    return next((other for other in found if off_by(other) < NEAR), one)


def _exchanged(one: GatedReading) -> GatedReading:
    """Return the reading with steps and sequences exchanged, if it is right so, and the text does not say otherwise."""
    batch = one.layouts.get("batch")
    if batch is None or not one.operation.states or off_by(one) < NEAR:
        return one
    letters = {"T": "B", "B": "T"}
    other = batch._replace(sequence=tuple(letters.get(letter, letter) for letter in batch.sequence))
    x = next(place for place, part in one.others.items() if part == "x")
    written = _written(one, x)
    if agreement(batch.sequence, written) != agreement(other.sequence, written):
        return one
    found = _ranks(one, batch=other)
    return found if found and off_by(found) < NEAR else one


def _written(one: GatedReading, x: Place) -> list[str]:
    """Return in words how inputs are indexed, and how they lie by what their author says."""
    return [*one.way.source.written(x.name), *said(one.way.function, x.name)]


def _ranks(one: GatedReading, *, layer: bool = False, batch: Layout | None = None) -> GatedReading | None:
    """Return the reading in all ranks in which one can be found; with states that have an axis for the layer or not."""
    together = _rank(one, "batch", None, layer=layer, only=batch)
    single = _rank(one, "single", together.layouts["batch"] if together else None, layer=layer)
    found = [reading for reading in (together, single) if reading]
    if not found:
        return None
    layouts_ = {rank: layout for reading in found for rank, layout in reading.layouts.items()}
    outputs = {rank: taken for reading in found for rank, taken in reading.outputs.items()}
    return replace(found[0], layouts=layouts_, outputs=outputs)


def _rank(
    one: GatedReading, rank: Rank, fixed: Layout | None, *, layer: bool, only: Layout | None = None
) -> GatedReading | None:
    named, sizes = drawn_for(one.operation, rank, one.precision)
    last: GatedReading | None = None  # that shows the last state alone
    x = next(place for place, part in one.others.items() if part == "x")
    bias, left = any(slot.is_bias and not slot.axes for slot in one.weights.slots), one.weights.left
    every = list(layouts(rank, sequence=bool(one.operation.states), written=_written(one, x), bias=bias, fixed=fixed))
    every += list(_turned_inside(every)) if bias and one.way.source.turns else []
    if one.kind != LISTS and may_be_index(one.way.source, x.name):
        every += with_classes(rank, sequence=bool(one.operation.states), written=_written(one, x), bias=bias)
    if layer:
        every = [layout._replace(state=("1", *layout.vector)) for layout in every if layout.state == layout.vector]
    kept = {len(one.way.shapes[place]) for place, part in one.others.items() if place.kind in HELD and part in "hc"}
    for layout in every if only is None else [only]:
        if (left and left != {layout.left}) or (kept and kept != {len(layout.state)}):
            continue
        one.way.alive()
        of_one = is_of_one(layout.sequence, fixed.sequence) if fixed else layout.sequence[:2] != ("1", "T")
        if one.operation.states and rank == "single" and not of_one:
            continue
        tried = replace(one, layouts={rank: layout})
        try:
            returned = tried.raw(named, rank, sizes)
        except KeyboardInterrupt:
            raise
        except BaseException:  # it takes other shapes
            continue
        taken = _taken(tried, returned, rank, {**sizes, "V": sizes["H"]} if one.identity else sizes)
        if one.operation.states in taken or (taken and not one.operation.states):
            return replace(tried, outputs={rank: taken})
        if taken and last is None:
            last = replace(tried, outputs={rank: taken})
    return last


def _turned_inside(every: Sequence[Layout]) -> Iterator[Layout]:
    """Yield layouts of code that turns rows into columns before it adds a bias to them."""
    for one in every:
        if one.vector in {("B", "n"), ("1", "n"), ("n",)} and one.left:
            yield one._replace(bias=("n", "1"))


def _taken(one: GatedReading, returned: Any, rank: Rank, sizes: Mapping[str, int]) -> dict[str, Taken]:
    """Return where the outputs stand: the shown state first, then the memory, unless their names say otherwise."""
    operation = one.operation
    names = one.way.source.returned()
    inside = sorted(
        (leaf for leaf in leaves(returned, names) if _is_shown(returned, leaf)), key=lambda leaf: len(leaf.path)
    )
    halves_of = [half for leaf in inside for half in _halves(leaf)] if len(operation.outputs) > 1 else []
    there = {leaf.path for leaf in inside}
    inside += [half for half in halves_of if half.path not in there]

    def like(axes: Sequence[str]) -> list[tuple[Leaf, Taken]]:
        found = [(leaf, form_of(leaf.array.shape, axes, sizes)) for leaf in inside]
        kept = [(leaf, Taken(leaf.path, form)) for leaf, form in found if form is not None]
        return sorted(kept, key=lambda pair: pair[0].name.lower().lstrip("_").startswith(MEMORY) and len(kept) > 1)

    state = axes_of(operation, "", rank)
    if not operation.states:
        found = _as_named(_without_copies(like(state), len(operation.outputs)), len(operation.outputs))
        return dict(zip(operation.outputs, found, strict=False)) if len(found) >= len(operation.outputs) else {}
    every = [taken for _, taken in like(("T", *state))]
    whole = [one.path for one in every]
    last = [taken for _, taken in like(state) if taken.path[:-1] not in whole]
    taken = dict(zip(operation.outputs, every[: len(operation.outputs)], strict=False))
    ends = list(operation.ends.values())
    if len(taken) < len(operation.outputs) or len(ends) == 1:
        alone = len(last) == 1 and not taken  # the last state, of which the memory is not shown
        taken |= dict(zip(ends, last, strict=False)) if len(last) >= len(ends) or alone else {}
    return taken if operation.states in taken or ends[0] in taken else {}


def _halves(leaf: Leaf) -> list[Leaf]:
    """Return the entries of two states that are one array, one upon the other."""
    array = leaf.array
    if array.ndim < 2 or len(array) != 2:
        return []
    return [Leaf((*leaf.path, ("item", place)), "", array[place]) for place in (0, 1)]


def _without_copies(found: list[tuple[Leaf, Taken]], count: int) -> list[tuple[Leaf, Taken]]:
    """Return the states without those that are others once more, as in ``(h, c), h``, if enough are left."""
    fresh: list[tuple[Leaf, Taken]] = []
    for leaf, taken in found:
        if not any(np.array_equal(leaf.array, other.array) for other, _ in fresh):
            fresh.append((leaf, taken))
    return fresh if len(fresh) >= count else found


def _as_named(found: Sequence[tuple[Leaf, Taken]], count: int) -> list[Taken]:
    """Return where the states stand: by their names, if all have one; else in their order."""
    named = [
        next((taken for leaf, taken in found if state_of(leaf.name, count) == state), None) for state in "hc"[:count]
    ]
    known = [taken for taken in named if taken is not None]
    return known if len(known) == count else [taken for _, taken in found]


def _is_shown(returned: Any, leaf: Leaf) -> bool:
    """Whether an array is an item of what was returned, or of a pair in it; not of what is kept for the way back."""
    if not all(kind == "item" for kind, _ in leaf.path) or len(leaf.path) > 2:
        return False
    return len(leaf.path) < 2 or len(returned[leaf.path[0][1]]) <= 2


def read_alike(sequence: GatedReading, step: GatedReading) -> GatedReading | None:
    """Return a way through time read as a step of its class, or beside it, where it is wrong either way; else None.

    A step tells more of how gates lie: what is wrong in it is wrong once.
    """
    one, other = (getattr(getattr(reading.way, "maker", None), "kind", None) for reading in (sequence, step))
    if one is not other or sequence.gates != step.gates or sequence.weights.biases != step.weights.biases:
        return None
    alike = replace(sequence, order=step.order, negated=step.negated, options=step.options)
    different = (sequence.order, sequence.negated, sequence.options) != (step.order, step.negated, step.options)
    return alike if different and off_by(sequence) > NEAR and np.isfinite(off_by(alike)) else None
