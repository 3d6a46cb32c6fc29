"""What fits by its shapes and is something else: new weights, several steps of descent, rows taken for steps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ....operation import Rank
from ..axes import Form, back, form_of
from ..calling.leaving import LEFT
from ..calling.place import Place
from ..given import drawn, sizes_for, with_indices
from ..layouts import Layout
from ..leaves import as_numbers, at, leaves
from ..names import gradients_of
from ..parts import argument_of, parts_of_arguments
from ..reading import Reading, Taken, rank_and_sizes
from .answer import Answer
from .task import Task

SAME, NOTHING = 1e-2, 1e-3  # of a gradient: at a rate of 2**-10 a float32 weight near 1 tells a gradient to 1e-4


def are_numbers(taken: Mapping[str, Sequence[Taken]], returned: Any) -> bool:
    """Whether nothing of what is taken for an output is nan."""
    found = [as_numbers(at(returned, one.path)) for every in taken.values() for one in every]
    return not any(one is not None and np.any(np.isnan(one)) for one in found)


def are_named_otherwise(task: Task, one: Reading, taken: Mapping[str, Sequence[Taken]], returned: Any) -> bool:
    """Whether letters may stand for either weight, and what is called the gradient of x has the shape of that of h."""
    letters = [place for place in one.given if {"W_xh", "W_hh"} <= set(place.parts)]
    if not letters or not task.operation.gives_gradients:
        return False
    names = {leaf.path: leaf.name for leaf in leaves(returned, task.way.source.returned(), prefix=task.way.named_at)}
    known = set(task.gradients.values())  # beside these the last state, which may be called h
    for output, every in ((one, taken[one]) for one in taken if one in known):
        parts = [gradients_of(names.get(each.path, ""))[:1] for each in every]
        if any(part in {("x",), ("h",)} and task.gradients.get(part[0], output) != output for part in parts):
            return True
    return False


def leaves_entries_out(
    one: Reading, taken: Mapping[str, Sequence[Taken]], named: Mapping[str, Any], rank: Rank
) -> bool:
    """Whether entries of a weight do nothing, where letters may stand for either: ``zip`` ends with the shorter row."""
    letters = any({"W_xh", "W_hh"} <= set(place.parts) for place in one.given)
    if not letters or one.operation.gives_gradients or "zip" not in one.way.source.calls():
        return False
    answers = []
    for part in ("", "W_xh", "W_hh"):
        changed = {name: np.array(value) for name, value in named.items()}
        if part:
            changed[str(argument_of(one.operation, part))][..., -1] += 1
        try:
            returned = one.raw(changed, rank, rank_and_sizes(one.operation, changed)[1])
        except KeyboardInterrupt:
            raise
        except BaseException:  # foreign code
            return False
        answers.append([as_numbers(at(returned, each.path)) for ones in taken.values() for each in ones])
    same = [all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in zip(answers[0], other, strict=True))
            for other in answers[1:]]  # fmt: skip
    return any(same)


def are_weights(task: Task, taken: Mapping[str, Sequence[Taken]], returned: Any, handed: Mapping[str, Any]) -> bool:
    """Whether what is taken for the gradient of a weight is the weight itself, as after a step of length zero."""
    for output in (task.gradients.get("W_xh", ""), task.gradients.get("W_hh", "")):
        found = [as_numbers(at(returned, one.path)) for one in taken.get(output, ())]
        if output not in handed:
            continue
        own = np.sort(np.ravel(handed[output]))  # JAX rounds what it gets
        if any(one is not None and np.array_equal(np.sort(one.ravel()), own.astype(one.dtype)) for one in found):
            return True
    return False


def takes_one_step(one: Reading, handed: Any, rank: Rank, sizes: Mapping[str, int], returned: Any) -> bool:
    """Whether what is taken off weights is the same at a small rate: of several steps, the later ones differ."""
    one.way.slow = True
    try:
        again = one.raw(handed, rank, {**rank_and_sizes(one.operation, handed)[1], **sizes})
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code: at another rate it may do anything
        return False
    finally:
        one.way.slow = False
    fast, slow = ([leaf.array for leaf in leaves(each[LEFT])] for each in (returned, again))
    return len(fast) == len(slow) and all(np.allclose(a, b, SAME, NOTHING) for a, b in zip(fast, slow, strict=True))


def rests_on_others(one: Reading, handed: Any, rank: Rank, sizes: Mapping[str, int]) -> bool:
    """Whether it raises on an object on which no other method has been called before."""
    one.way.begin_anew()
    try:
        one.raw(handed, rank, {**rank_and_sizes(one.operation, handed)[1], **sizes})
    except KeyboardInterrupt:
        raise
    except BaseException:  # foreign code
        return True
    return False


def takes_steps_for_rows(task: Task, answer: Answer, one: Reading, layout: Layout, dtype: str) -> bool:
    """Whether what seems to be one sequence, a batch of one, is a batch of sequences of one step.

    Then it takes a batch in the same layout as well, and its answer to that has other shapes; or it goes through the
    axis of one, and answers a batch of longer sequences with their last states. One that starts every sequence from
    the same state takes no batch in these layouts: it is asked one sequence the other way round.
    """
    if not task.sequence or task.forward is not None:
        return False
    if layout.vector.count("1") != 1 or layout.sequence.count("1") != 1 or "1" not in layout.state:
        return False
    either = Answer(task, answer.roles, last_alone=True)  # states that are kept with one column may not be even

    def is_answered(axes: Mapping[str, str], rank: Rank = "batch") -> bool | None:
        """Whether it answers with these axes of its sequences in the shapes due; None if it raises."""
        sizes, of_state = sizes_for(rank, shared=one.shared), {"1": "B"} if rank == "batch" else {}
        other = layout._replace(
            rank=rank,
            vector=_exchanged(layout.vector, of_state),
            sequence=_exchanged(layout.sequence, axes),
            state=_exchanged(layout.state, of_state, first=layout.state.count("1") - 1),  # behind that of layers
            mask=layout.mask and layout.mask.exchanged(T=axes.get("T", "T"), B=axes["1"]),
        )
        named = with_indices(drawn(task.operation, rank, sizes, dtype), task.parts, other)
        asked = replace(one, layouts={rank: other}, up={})
        try:
            returned = asked.raw(named, rank, rank_and_sizes(task.operation, named)[1] | sizes)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return None
        return bool(either.taken(returned, other, {**sizes, "V": sizes["H"]} if one.identity else sizes))

    same, turned = is_answered({"1": "B"}), is_answered({"1": "T", "T": "B"})
    if same is None and turned is None:
        return bool(is_answered({"1": "T", "T": "1"}, "single"))
    return not same if same is not None else bool(turned)


def _exchanged(form: Form, axes: Mapping[str, str], first: int = 0) -> Form:
    """Return a form with some of its axes under another name, from so many axes on."""
    return (*form[:first], *(axes.get(axis, axis) for axis in form[first:]))


def without_unused_state(task: Task, reading: Reading, dtype: str) -> dict[Place, str] | None:
    """Return the places without that of a state in an attribute, if nothing depends on what stands there."""
    kept = {place: part for place, part in reading.given.items() if part != "h" or place.kind != "attribute"}
    if len(kept) == len(reading.given):
        return None
    [rank] = reading.layouts
    sizes = sizes_for(rank, shared=reading.shared)
    answers = []
    for factor in (1.0, -1.0):
        named = with_indices(drawn(task.operation, rank, sizes, dtype), task.parts, reading.layouts[rank])
        named |= {name: factor * named[name] for name, part in task.parts.items() if part == "h"}
        returned = reading.raw(named, rank, rank_and_sizes(task.operation, named)[1] | sizes)
        answers.append(reading.answers(named, returned, rank, sizes))
    same = all(np.array_equal(np.asarray(one), np.asarray(answers[1][name])) for name, one in answers[0].items())
    return kept if same else None


def shows_the_one_before(one: Reading, dtype: str) -> Reading | None:
    """Return the reading of what an output layer answers beside the states, if that is made of the state before each.

    That is seen where the layer is the identity. Whatever else is done with its answer is not looked at.
    """
    [rank], task = one.layouts, one.operation
    asked, sizes = replace(one, identity=True), sizes_for(rank, shared=one.shared)
    parts = parts_of_arguments(task)
    named = with_indices(drawn(task, rank, sizes, dtype), parts, one.layouts[rank])
    first = next(name for name, part in parts.items() if part == "h")
    named[first] = named[first] if "h" in one.given.values() else np.zeros_like(named[first])
    returned = asked.raw(named, rank, rank_and_sizes(task, named)[1] | sizes)
    (output, states), *_ = asked.answers(named, returned, rank, sizes).items()
    states = np.asarray(as_numbers(states))
    before = np.concatenate([named[first][np.newaxis], states[:-1]]) if task.states else named[first]
    if output not in task.outputs or before.shape != states.shape or np.array_equal(before, states):
        return None
    axes = [axis for axis in task.outputs[output].axes if axis != "B" or rank == "batch"]
    other = one.raw(named, rank, rank_and_sizes(task, named)[1] | sizes)  # with another number of outputs
    shapes = {leaf.path: leaf.array.shape for leaf in leaves(other, prefix=one.way.named_at)}
    for leaf in leaves(returned, prefix=one.way.named_at):
        form = form_of(leaf.array.shape, axes, sizes)
        form = None if shapes.get(leaf.path, ()) == leaf.array.shape else form  # what is kept of the state itself
        if form is not None and np.allclose(back(leaf.array, axes, form, sizes), before, atol=1e-6):
            return replace(asked, outputs={rank: {output: [Taken(leaf.path, form)]}})
    return None
