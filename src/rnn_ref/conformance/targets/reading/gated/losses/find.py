"""Find the reading of a function that has the loss of a cell with gates and its gradients: by names, then by shapes."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np

from .....operation import Operation, Rank
from .....spec import OPERATIONS
from .....spec.bases import right
from ...calling.place import Place
from ...calling.way import Way
from ...given import SIZES
from ...layouts import Layout, is_of_one, layouts, with_classes
from ...leaves import Leaf, Path, leaves
from ...names import is_gradient, of_what, parts_of, plain, words_of
from ...syntax.expressions import name_of
from ...syntax.reckoned import is_reckoned_with, may_be_index
from ...syntax.source import Source
from ..nearness import without
from ..reading import GatedReading, drawn_for, gates_of, possible
from ..weights import part_of, states_and_input, weights_of
from .loss import CLIPPED, GatedLoss

RANKS: tuple[tuple[Rank, Rank | None, bool], ...] = (  # as for networks without gates
    *(("batch", "single", False), ("single", None, False)),
    *(("single", None, True), ("batch", None, True)),
)
NEAR = 1e-6  # what a loss may be off, relative to it, for rounding and a small number in a logarithm
LITTLE = 1e-6
CLASSES = 11
HIGH = 300.0  # a sum that a logit may be, so that gradients are as large as they can be
OFTEN = 3  # entries that are as large as no other, where all are clipped
LAYER = ("W_hy", "b_y")
DIFFERENTIATING = {"grad", "value_and_grad", "backward", "GradientTape", "gradient", "vjp"}


def read_loss(operation: Operation, way: Way, kinds: Sequence[str]) -> GatedLoss | None:
    """Return the reading of a function as the way back from its own loss, None if there is none."""
    targets = [place for place in way.places if place.parts[:1] == ("targets",) and place.kind == "argument"]
    twin = OPERATIONS[operation.twin]
    source = way.source
    if len(targets) != 1 or not source.repeats or not source.gives_probabilities or not _may_make_gradients(source):
        return None
    places = [one for one in way.places if one not in targets]
    way.fitting, way.tried_as = True, operation
    try:
        for weights in weights_of(places, gates_of(twin), way.source, {}, SIZES):
            free = [one for one in way.places if one not in weights.places and one not in targets]
            layer = {one: part for one in free if one.kind != "argument" and (part := part_of(one.called, 1)) in LAYER}
            free = [one for one in free if one.kind != "attribute" and one not in layer]
            others = states_and_input(free, len(twin.cell.states))  # type: ignore[union-attr]
            others = None if others is None else {**others, **layer}
            if others is None or sorted(part for part in others.values() if part in LAYER) != sorted(LAYER):
                continue
            for kind, one_hot in product(
                kinds, (True, False) if is_reckoned_with(way.source, targets[0].name) else (False,)
            ):
                forward = GatedReading(twin, way, weights, others, kind, {}, {})  # type: ignore[arg-type]
                one = GatedLoss(operation, way, forward, {}, {}, {}, {}, targets=targets[0], one_hot=one_hot)  # type: ignore[arg-type]
                for classes in ("", "those of inputs", "alike"):
                    found = _ranks(replace(one, classes=classes))
                    if found is not None:
                        return None if _is_of_the_last(found) else _nearest(_bounded(_divided(found)))
        return None
    finally:
        way.fitting = False


def _may_make_gradients(source: Source) -> bool:
    """Whether something is assigned that is called like a gradient, or what makes gradients is called.

    >>> texts = "dW = p - y", "self.gW += x", "return {'dW': x}", "grads['W'] = x", "h = np.dot(W, x)"
    >>> [_may_make_gradients(Source((ast.parse(f"def f():\\n {one}").body[0],))) for one in texts]
    [True, True, True, True, False]
    """
    stored = [one for kind in (ast.Name, ast.Attribute) for one in source.nodes(kind) if isinstance(one.ctx, ast.Store)]
    stored += [one.value for one in source.nodes(ast.Subscript) if isinstance(one.ctx, ast.Store)]
    keys = [key.value for one in source.nodes(ast.Dict) for key in one.keys if isinstance(key, ast.Constant)]
    names = [*map(name_of, stored), *(key for key in keys if isinstance(key, str))]
    return any(map(is_gradient, names)) or bool(source.calls() & DIFFERENTIATING) or not source.trees


def _ranks(one: GatedLoss) -> GatedLoss | None:
    x = next(place for place, part in one.forward.others.items() if part == "x")
    for first, second, indices in RANKS:
        if indices and not may_be_index(one.way.source, x.name):
            continue
        found = _rank(one, x, first, None, indices=indices)
        if found is not None:
            layout = found.forward.layouts[first]
            other = _rank(one, x, second, layout, indices=False) if second else None
            known = {**found.forward.layouts, **(other.forward.layouts if other else {})}
            return replace(found, forward=_lying(found, known))
    return None


def _lying(one: GatedLoss, known: Mapping[Rank, Layout]) -> GatedReading:
    return replace(one.forward, layouts=dict(known), outputs={rank: {} for rank in known})


def _rank(one: GatedLoss, x: Place, rank: Rank, fixed: Layout | None, *, indices: bool) -> GatedLoss | None:
    named, sizes = drawn_for(one.operation, rank)
    for layout in _layouts(one, x, rank, fixed, indices=indices):
        one.way.alive()
        tried = replace(one, forward=_lying(one, {rank: layout}))
        try:
            returned = tried.raw(named, rank, sizes)
            due = {place: np.shape(value) for place, value in tried.forward.handed(named, rank, sizes).items()}
        except KeyboardInterrupt:
            raise
        except BaseException:  # it takes other shapes
            continue
        found = _named(tried, returned, due)
        if found is not None:
            return found
    return None


def _layouts(one: GatedLoss, x: Place, rank: Rank, fixed: Layout | None, *, indices: bool) -> Iterator[Layout]:
    written, bias = one.way.source.written(x.name), True
    if indices:
        yield from with_classes(rank, sequence=True, bias=bias, written=written)
        return
    for layout in layouts(rank, sequence=True, bias=bias, written=written, fixed=fixed):
        if rank == "batch" or (
            is_of_one(layout.sequence, fixed.sequence) if fixed else layout.sequence[:2] != ("1", "T")
        ):
            yield layout


def _named(one: GatedLoss, returned: Any, due: Mapping[Place, tuple[int, ...]]) -> GatedLoss | None:
    """Return the reading with the gradients that are found by their names; None if one of a weight is not there."""
    every = list(leaves(returned, one.way.source.returned_within(), prefix=one.way.prefix))
    layer = {place for place, part in one.forward.others.items() if part in LAYER}
    states = [place for place, part in one.forward.others.items() if part in "hc"]
    found: dict[str, Path] = {}
    for place in [*one.forward.weights.places, *layer, *states]:
        alike = [leaf for leaf in every if _is_of(leaf, place, is_state=place in states)]
        if alike and (place not in states or alike[0].array.shape == due[place]):
            found[place.called] = alike[0].path
    found |= dict(_shortened(one, every, found, due))
    needed = [slot.place for slot in one.forward.weights.slots if not slot.is_bias]
    fits = all(place.called in found for place in needed) and "W_hy" in {
        one.forward.others[place] for place in layer if place.called in found
    }
    return replace(one, found=found) if fits else None


def _shortened(
    one: GatedLoss, every: Sequence[Leaf], found: Mapping[str, Path], due: Mapping[Place, tuple[int, ...]]
) -> Iterator[tuple[str, Path]]:
    """Yield gradients whose names are shorter: dWo of ``WOUT`` by its part, dW of one that is alone in its shape."""
    free = [leaf for leaf in every if is_gradient(leaf.name) and leaf.path not in found.values()]
    for place, part in one.forward.others.items():
        alike = [leaf for leaf in free if part in parts_of(of_what(leaf.name))[:1]] if part in LAYER else []
        if place.called not in found and len(alike) == 1:
            yield place.called, alike[0].path
            free.remove(alike[0])
    left = [place for place in one.forward.weights.places if place.called not in found]
    for place in left:
        alike = [leaf for leaf in free if leaf.array.shape == due[place]]
        if len(alike) == 1 == sum(due[other] == due[place] for other in left):
            yield place.called, alike[0].path


def _is_of(leaf: Leaf, place: Place, *, is_state: bool) -> bool:
    """Whether an array is called as the gradient of what stands in a place, or as that in a dict of gradients."""
    name, own = plain(leaf.name), plain(place.called)
    if is_gradient(leaf.name) and plain(of_what(leaf.name)) == own != name:
        return True
    return not is_state and name == own and leaf.path[-1:] != () and leaf.path[-1][0] in {"key", "attribute"}


def _nearest(one: GatedLoss) -> GatedLoss:
    """Return the reading with the order of gates, the sense of the update and the option that it is nearest to."""
    every = [replace(one, forward=forward) for forward in possible(one.forward)]
    return min(every, key=_off)


def _off(one: GatedLoss) -> float:
    rank = next(iter(one.forward.layouts))
    named, sizes = drawn_for(one.operation, rank)
    own = {name: named[name] for name in one.forward.own}
    own |= without(one.forward, own)
    x = one.forward.own[0]
    if one.forward.layouts[rank].indices:
        own[x] = np.eye(own[x].shape[-1])[own[x].argmax(-1)]
    try:
        states = right(one.forward.operation.name)(*own.values(), **one.forward.options)
        states = states if isinstance(states, tuple) else (states,)
        kept = dict(zip(one.forward.operation.outputs, states, strict=False))
        ups = list(named)[: len(kept)]
        named |= (
            own | {name: kept[name] for name in kept if name in named} | {name: 0 * named[name] for name in ups[1:]}
        )
        due = dict(
            zip(one.operation.outputs, right(one.operation.name)(*named.values(), **one.forward.options), strict=False)
        )
        shown = np.asarray(next(iter(one.states()(*own.values()).values())))
        off = np.abs(shown - next(iter(kept.values()))).mean()
        got = one.gradients(named, rank, sizes)
        wrong = sum(np.abs(np.asarray(value) - due[name]).mean() for name, value in got.items())
        return float(off + LITTLE * wrong)  # what is wrong on the way back says nothing of the equation
    except KeyboardInterrupt:
        raise
    except BaseException:
        return np.inf


def _is_of_the_last(one: GatedLoss) -> bool:
    """Whether all steps have the same state for the loss: then it is one of the last step, told as many targets."""
    rank = next(iter(one.forward.layouts))
    named, _ = drawn_for(one.operation, rank)
    try:
        shown = np.asarray(next(iter(one.states()(*(named[name] for name in one.forward.own)).values())))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False
    return bool(np.all(shown == shown[:1]))


def _divided(one: GatedLoss) -> GatedLoss:
    """Return the reading with the sizes by which its gradients are divided, and what is wrong with its loss."""
    rank = max(one.forward.layouts, key=lambda rank: rank == "batch")
    axes = ("T", "B") if rank == "batch" else ("T",)
    named, sizes = drawn_for(one.operation, rank)
    zeros = {name: 0 * value for name, value in named.items()}
    x = one.forward.own[0]
    zeros[x] = named[x]
    count = sizes["D"] if one.classes == "alike" else CLASSES
    classes = np.arange(np.prod([sizes[axis] for axis in axes])).reshape([sizes[axis] for axis in axes])
    classes = 1 + classes % (count - 1)  # the first may stand for no target
    b_y = np.linspace(-1, 1, count)
    W_hy = np.zeros((count, sizes["H"]))
    p = np.exp(b_y) / np.exp(b_y).sum()
    loss, gradient = -np.log(p[classes]).sum(), classes.size * p - np.bincount(classes.ravel(), minlength=count)
    try:
        returned = one.called(zeros, rank, sizes, W_hy, b_y, classes)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return replace(one, doubt=f"raises {type(error).__name__} for a loss of {count} classes")
    found = one.layer(returned, "b_y", rank, sizes)
    over = [kept for kept in ((), ("T",), ("B",), ("T", "B")) if {*kept} <= {*axes}]
    if found is not None:
        fitting = [kept for kept in over if _is_near(found, gradient * replace(one, over=kept).scale(sizes))]
        if not fitting:
            return replace(one, doubt="the gradient of its output layer's bias is not that of a cross-entropy")
        one = replace(one, over=fitting[0])
    numbers = [leaf for leaf in leaves(returned, one.way.source.returned_within(), prefix=one.way.prefix)
               if leaf.array.size == 1 and not is_gradient(leaf.name)]  # fmt: skip
    numbers.sort(key=lambda leaf: not {"loss", "cost"} & {*words_of(leaf.name)})
    due = loss * one.scale(sizes)
    if numbers and not _is_near(numbers[0].array.ravel(), [due]):
        return replace(one, doubt=f"its loss is {float(numbers[0].array.ravel()[0]):.6g}, due is {due:.6g}")
    return one


def _bounded(one: GatedLoss) -> GatedLoss:
    """Return the reading with the bound at which finished gradients are clipped."""
    rank = next(iter(one.forward.layouts))
    named, sizes = drawn_for(one.operation, rank)
    if not any("clip" in name for name in one.way.source.calls()):
        return one
    above = next(iter(named))
    named[above] = named[above] * (HIGH / np.abs(named[above]).max() / sizes["H"])
    try:
        found = one.answers(one.raw(named, rank, sizes), rank, sizes)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return one
    weights = [np.abs(array).ravel() for name, array in found.items() if name.startswith(CLIPPED)]
    entries = np.concatenate([*weights, [0.0]])
    bound = float(entries.max())
    return replace(one, bound=bound) if (entries == bound).sum() >= OFTEN and bound > 0 else one


def _is_near(got: Any, due: Any) -> bool:
    found, one = np.asarray(got, np.float64), np.asarray(due, np.float64)
    return found.shape == one.shape and bool(np.abs(found - one).max() <= NEAR * max(np.abs(one).max(), 1e-12))
