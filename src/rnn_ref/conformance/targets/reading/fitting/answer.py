"""Where the outputs stand in an answer, found by their names and their shapes."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ....operation import Operation
from ..axes import form_of
from ..layouts import Layout
from ..leaves import Leaf, Path, as_numbers, at, leaves
from ..names import parts_of, words_of
from ..parts import JOINED
from ..reading import Taken
from .gradients import INSIDE, Gradients, OfNumbers, Roles
from .numbers import without_ones
from .task import Task


class Answer:
    """What a function answers, with the same parts of the network in the same places."""

    def __init__(self, task: Task, roles: Roles, *, last_alone: bool) -> None:
        self.task, self.roles = task, roles
        self.operation, self.way = task.operation, task.way
        self.last_alone = last_alone  # whether the last state alone is taken for an answer
        self.places: dict[Path, str] = {}  # of the outputs, in a rank in which no shapes tie

    def taken(self, returned: Any, layout: Layout, sizes: Mapping[str, int]) -> dict[str, list[Taken]]:
        """Return where the outputs stand in an answer, nothing if what must be there is not."""
        every = list(leaves(returned, self.way.source.returned(), prefix=self.way.named_at))
        if self.way.prefix:
            every = [leaf for leaf in every if not self.roles.is_weight(leaf)]
        if not self.operation.gives_gradients:
            return self._states(every, layout, sizes)
        forward, gradients = self.task.forward, self.task.gradients
        every_part = [*(forward.given.values() if forward is not None else ()), *self.roles.order]
        joined = next((part for part in every_part if part in JOINED), "")
        kind = OfNumbers if self.task.of_numbers else Gradients
        found = kind(self.operation, layout, sizes, joined, self.roles).matched(every, self.way, self.places)
        if not {gradients["W_xh"], gradients["W_hh"]} <= found.keys() or _has_many_losses(every, found, self.operation):
            return {}
        if sizes.get("V") == sizes["H"]:  # of a layer that is the identity, whose bias has the shape of a state
            unnamed = {leaf.path for leaf in every if not leaf.name}
            of_bias = {name for name in found if name == gradients["h"] and found[name][0].path in unnamed}
            found = {name: ones for name, ones in found.items() if name not in of_bias}
        known = {leaf.path: leaf.array for leaf in every}
        weights = [one.path for part in ("W_xh", "W_hh") for one in found[gradients[part]]]
        kept = all(path[: len(INSIDE)] == INSIDE for path in weights)  # by an object, which may not have been told yet
        if kept and not any(np.any(known[path]) for path in weights):
            return {}
        recurrent = [known[one.path] for one in found[gradients["W_hh"]]]
        of_one = "1" in layout.sequence and self.task.sequence  # which may be a batch of sequences of one step each
        return found if not of_one or any(map(np.any, recurrent)) else {}

    def _states(self, every: Sequence[Leaf], layout: Layout, sizes: Mapping[str, int]) -> dict[str, list[Taken]]:
        shown = [leaf for leaf in every if self._is_shown(leaf.path) and "cache" not in parts_of(leaf.name)[:1]]
        others = "targets" in self.roles.order or self.task.has_softmax  # a loss or probabilities, no states
        kept = [leaf for leaf in every if others and leaf not in shown and leaf.listed]
        every = [*shown, *kept]  # beside these, states may be kept for the way back alone
        every = [leaf for leaf in every if leaf.path[: len(INSIDE)] != INSIDE or _may_be_states(leaf.name)]
        sums = self.way.source.sums()
        every.sort(key=lambda leaf: leaf.name in sums or _is_of_sums(leaf.path))
        [(output, value)] = self.operation.outputs.items()
        axes = [axis for axis in value.axes if axis != "B" or layout.rank == "batch"]
        axes = [*without_ones(axes)] if self.task.of_numbers else axes
        last = [axis for axis in axes if axis != "T"]
        for leaf in every:
            form = form_of(leaf.array.shape, axes, sizes)
            if form is None or form.count("1") > layout.vector.count("1"):  # what was broadcast has an axis more
                continue
            found = {output: [Taken(leaf.path, form)]}
            pair = [other for other in every if other.path[:-1] == leaf.path[:-1]]
            if self.operation.last_state and leaf.path[len(self.way.prefix) :] == (("item", 0),):
                for other in pair[1:] if len(pair) == 2 and len(self.way.source.returned()) <= 2 else ():
                    one = form_of(other.array.shape, last, sizes)
                    if other.path[-1] == ("item", 1) and one is not None:
                        found[self.operation.last_state] = [Taken(other.path, one)]
            return found
        for leaf in every if self.last_alone else ():
            form = form_of(leaf.array.shape, last, sizes)
            if form is not None:
                return {self.operation.last_state: [Taken(leaf.path, form)]}
        return {}

    def _is_shown(self, path: Path) -> bool:
        """Whether an array is shown as such: by itself, in a tuple, by name; not in what is kept for the way back."""
        prefix = self.way.prefix
        inside = path if path[: len(prefix)] != prefix else path[len(prefix) : -1]
        return all(kind != "item" for kind, _ in inside)


def _has_many_losses(every: Sequence[Leaf], found: Mapping[str, Any], operation: Operation) -> bool:
    """Whether there are several numbers for a loss, as where the targets of all steps are taken for that of one."""
    lost = [name for name, value in operation.outputs.items() if not value.axes and name not in found]
    return bool(lost) and any(set(words_of(leaf.name)) & {"loss", "cost"} and leaf.array.size > 1 for leaf in every)


def may_be_states(task: Task, returned: Any, sizes: Mapping[str, int]) -> bool:
    """Whether what was returned may be meant as states: then what is wrong with it is for the judge to say."""
    if task.operation.gives_gradients or task.has_softmax:
        return False
    array = as_numbers(at(returned, task.way.prefix))
    return array is not None and sizes["H"] in array.shape


def as_it_is(task: Task) -> dict[str, list[Taken]]:
    """Return what was returned as the output, for the judge to say what is wrong."""
    return {name: [Taken(task.way.prefix, None)] for name in task.operation.outputs}


def _is_of_sums(path: Path) -> bool:
    """Whether a place is named after what comes before the activation: ``kept["pre_act"]["hidden"]``."""
    words = [word for _, key in path if isinstance(key, str) for word in words_of(key)]
    return bool({"pre", "preact", "preactivation", "preactivations"} & {*words})


def _may_be_states(name: str) -> bool:
    """Whether what an object holds under a name may be its states."""
    words = {"h", "hs", "hidden", "state", "states"}
    return bool({"h", "states"} & set(parts_of(name))) or bool(set(words_of(name)) & words)
