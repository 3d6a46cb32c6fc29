"""Find the reading of a foreign function: by its names, and by shapes on sizes that all differ, never by values."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ....operation import Operation, Rank
from ...apart.stand_ins import lends_softmax
from ...raised import Raised, own_frames
from ..axes import LIST
from ..calling.place import Place
from ..calling.way import Way
from ..given import drawn, sizes_for, with_indices
from ..layouts import Layout
from ..leaves import as_numbers, at, leaves
from ..parts import parts_of_arguments
from ..reading import OtherShapesError, Reading, Taken, rank_and_sizes
from ..tensors import LISTS, is_narrow
from .answer import Answer, as_it_is, may_be_states
from .assigned import assigned
from .behind import BehindLayer
from .doubts import (
    are_named_otherwise,
    are_numbers,
    are_weights,
    leaves_entries_out,
    rests_on_others,
    shows_the_one_before,
    takes_one_step,
    takes_steps_for_rows,
    without_unused_state,
)
from .gradients import Roles
from .numbers import ONES, NumbersReading
from .task import Task
from .tried import layouts_tried, ups_tried

LONGEST = 9  # seconds of the processor, for one function as one of the specification's
RANKS: tuple[tuple[Rank, Rank | None, bool], ...] = (  # the first, what it is joined by, whether inputs are classes
    *(("batch", "single", False), ("single", None, False)),
    *(("single", None, True), ("batch", None, True)),  # of a batch of classes shapes tell little
)


MOST_COMPILED = 400  # tries of what has to be traced in every shape; what was ever read took fewer


class Failure(NamedTuple):
    """Why a function cannot be read: how it was called, and what it raised or returned."""

    came: str
    tried: Layout | None = None
    line: int = 0  # in which it raised: the later, the farther it came; less than 0 if it was not called

    @property
    def told(self) -> str:
        """The reason in words."""
        if self.tried is None:
            return self.came
        form = self.tried.sequence or self.tried.vector
        tried = f"called with {'W x' if self.tried.left else 'x W'}, ({', '.join(one for one in form if one != LIST)})"
        return f"{tried}, {self.came}"


def fit(
    operation: Operation,
    way: Way,
    kinds: Sequence[str],
    forward: Reading | None = None,
    *,
    strict: bool = False,
    real: bool = False,
    behind: bool = False,
) -> Reading | Failure:
    """Return the reading under which a function answers in the shapes that are due; with ``real`` numbers for targets.

    With ``behind`` gradients from above are those of the outputs of an output layer of its own.

    A way back that takes what its own way ``forward`` made (a cache, or what an object has kept) needs the reading of
    that. If nothing fits, but it answers something, that is a reading all the same, unless it is to be ``strict``:
    what is wrong with it is for the judge to say.
    """
    way.fitting, way.tried_as = True, operation
    try:
        return _fitted(_Search(Task(operation, way, forward, real=real, behind=behind)), kinds, strict=strict)
    finally:
        way.fitting = False


def _fitted(search: "_Search", kinds: Sequence[str], *, strict: bool) -> Reading | Failure:
    operation = search.task.operation
    for search.last_alone in (False, True) if operation.states else (False,):
        for kind in kinds:
            for search.dtype in ("float64",) if kind in {"numpy", LISTS} else ("float64", "float32"):
                for given in assigned(search.task):
                    found = None if search.is_late else search.ranks(given, kind)
                    if search.is_given_up:
                        return search.failure or Failure("its answer is a single number")
                    if found is not None:
                        narrow = search.dtype == "float32" or (search.narrow and is_narrow(kinds, search.task.way))
                        return replace(found, precision="float32") if narrow else found
    if search.answered is not None and not strict:
        return search.answered
    return search.failure or Failure("its arguments are not understood")


class _Search:
    def __init__(self, task: Task) -> None:
        self.task = task
        self.answered: Reading | None = None
        self.failure: Failure | None = None
        self.dtype = "float64"
        self.narrow = False  # whether float32 is answered
        self.last_alone = False  # whether the last state alone is taken for an answer
        self.until = time.process_time() + LONGEST
        self.tries = 0
        self.is_given_up = False

    @property
    def is_late(self) -> bool:
        """Whether trying has taken too long, as where every shape is compiled."""
        return time.process_time() > self.until

    def ranks(self, given: Mapping[Place, str], kind: str) -> Reading | None:
        """Return the reading in all ranks in which one can be found, with the same weights; of a batch if it can be."""
        task = self.task
        before = task.forward.given if task.forward is not None else {}
        ways = [task.way, *([task.forward.way] if task.forward is not None else [])]
        self.answer = Answer(task, Roles(ways, {**before, **given}), last_alone=self.last_alone)
        for first, second, self.indices in sorted(RANKS, key=lambda one: one[2] != task.by_class):
            if self.indices and not task.has_indices:
                continue
            for shared in task.shared(given):
                for identity in (True,) if task.behind else (False, True) if task.has_layer(given) else (False,):
                    self.answer.places = {}
                    one = self._rank(given, kind, first, None, shared=shared, identity=identity)
                    if one is not None and (less := without_unused_state(task, one, self.dtype)) is not None:
                        given = less
                        one = self._rank(given, kind, first, None, shared=shared, identity=identity)
                    if one is None or (not shared and self._lies_better(given, kind, first, one)):
                        continue
                    if not identity and task.has_layer(given) and (other := self._of_the_one_before(one)) is not None:
                        return other
                    if second is None:
                        return one
                    # where shapes tie in one sequence, those of a batch have told
                    self.answer.places = {ones[0].path: name for name, ones in one.outputs[first].items()}
                    fixed = one.layouts[first]
                    other = self._rank(given, kind, second, fixed, shared=shared, identity=identity)
                    return _joined([one, other] if other is not None else [one])
        return None

    def _of_the_one_before(self, one: Reading) -> Reading | None:
        """Return the reading of an answer that is made of the states before, None if there is none."""
        try:
            return shows_the_one_before(one, self.dtype) if not one.operation.gives_gradients else None
        except KeyboardInterrupt:
            raise
        except BaseException:  # foreign code
            return None

    def _lies_better(self, given: Mapping[Place, str], kind: str, rank: Rank, one: Reading) -> bool:
        """Whether more is in its shape where inputs and outputs are the same classes: of one that takes these."""
        tried = one.layouts[rank].indices and True in self.task.shared(given)
        if not tried or all(_has_form(taken) for taken in one.outputs[rank].values()):
            return False
        self.answer.places = {}
        other = self._rank(given, kind, rank, None, shared=True, identity=one.identity)
        return other is not None and _well_answered(other) > _well_answered(one)

    def _rank(
        self, given: Mapping[Place, str], kind: str, rank: Rank, fixed: Layout | None, *, shared: bool, identity: bool
    ) -> Reading | None:
        task, sizes = self.task, sizes_for(rank, shared=shared)
        sizes = {**sizes, **ONES} if task.of_numbers else sizes
        named = drawn(task.operation, rank, sizes, self.dtype)
        for layout in layouts_tried(task, given, rank, fixed, indices=self.indices):
            task.way.alive()
            if self.is_late:
                self.failure = Failure(f"it takes more than {LONGEST} s to try the layouts")
                return None
            kind_of_reading = BehindLayer if task.behind else NumbersReading if task.of_numbers else Reading
            plain = kind_of_reading(
                *(task.operation, task.way, given, kind, {rank: layout}, {rank: {}}, identity, shared),
                before=task.forward,
                relayed=task.relayed,
            )
            for up in ups_tried(task, layout):
                self.tries += 1
                self.is_given_up = self.is_given_up or (task.way.compiles and self.tries > MOST_COMPILED)
                if self.is_given_up:
                    return None
                one = replace(plain, up={rank: up} if up else {})
                try:
                    handed = with_indices(named, task.parts, layout)
                    returned = one.raw(handed, rank, rank_and_sizes(task.operation, handed)[1] | sizes)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:
                    line = next((line for _, line in own_frames(error, fallback=False)), 0)
                    line = -1 if isinstance(error, OtherShapesError) else line  # it was not called
                    if self.failure is None or self.failure.line < 0 <= line or 0 < self.failure.line < line:
                        came = str(error) if line < 0 else f"it raises {Raised.of(error)}"
                        self.failure = Failure(came, layout, line)
                    continue
                if task.operation.gives_gradients and is_one_number(returned):
                    self.failure, self.is_given_up = Failure("it answers with a single number", layout), True
                    return None
                self.narrow = any(leaf.array.dtype == np.float32 for leaf in leaves(returned))
                taken = self.answer.taken(returned, layout, {**sizes, "V": sizes["H"]} if identity else sizes)
                doubt = self._doubt(one, layout, taken, handed, returned, sizes, first=fixed is None) if taken else ""
                if doubt:
                    self.failure = Failure(doubt, layout)  # tells more than what another layout raises
                elif taken:
                    return replace(one, outputs={rank: _with_ends(one, taken, handed, returned)})
                elif not (self.answered or identity or shared or layout.indices) and may_be_states(
                    task, returned, sizes
                ):
                    self.answered = replace(one, outputs={rank: as_it_is(task)}, fits=False)
                    self.failure = Failure(f"its answer has other shapes: {_shapes(returned)}", layout)
                else:
                    self.failure = self.failure or Failure(f"its answer has other shapes: {_shapes(returned)}", layout)
        return None

    def _doubt(
        self,
        one: Reading,
        layout: Layout,
        taken: Mapping[str, Sequence[Taken]],
        handed: Mapping[str, Any],
        returned: Any,
        sizes: Mapping[str, int],
        *,
        first: bool,
    ) -> str:
        """Return what speaks against a reading whose shapes fit, empty if nothing does."""
        task = self.task
        if lends_softmax(task.way.function) and not are_numbers(taken, returned):
            return "it rests on a softmax whose module is not there"
        if are_named_otherwise(task, one, taken, returned):
            return "its gradients have the names of others"
        if leaves_entries_out(one, taken, handed, layout.rank):
            return "entries of its weights do nothing"
        if task.way.updating and are_weights(task, taken, returned, handed):
            return "it returns new weights, no gradients"
        if task.way.undoes and not takes_one_step(one, handed, layout.rank, sizes, returned):
            return "it changes weights in several steps"
        return self._first_doubt(one, layout, handed, sizes) if first else ""

    def _first_doubt(self, one: Reading, layout: Layout, handed: Mapping[str, Any], sizes: Mapping[str, int]) -> str:
        if self.task.forward is None and rests_on_others(one, handed, layout.rank, sizes):
            return "it needs what another method leaves, which is not called before it"
        if takes_steps_for_rows(self.task, self.answer, one, layout, self.dtype):
            return "it takes one sequence for a batch of single steps"
        return ""


def _with_ends(
    one: Reading, taken: Mapping[str, Sequence[Taken]], handed: Mapping[str, Any], returned: Any
) -> dict[str, list[Taken]]:
    """Return where outputs stand, and of T + 1 rows whether the state before the first step is the last of them."""
    is_given = "h" in one.given.values()
    first = next((np.ravel(handed[name]) for name, part in parts_of_arguments(one.operation).items() if part == "h"), 0)

    def ends(each: Taken) -> Taken:
        if each.form is None or "T+" not in each.form:
            return each
        rows = np.moveaxis(np.asarray(as_numbers(at(returned, each.path))), each.form.index("T+"), 0)
        is_first = [np.array_equal(np.sort(row.ravel()), np.sort(first)) if is_given else not np.any(row)
                    for row in (rows[0], rows[-1])]  # fmt: skip
        return each._replace(behind=is_first == [False, True])

    return {output: [ends(each) for each in every] for output, every in taken.items()}


def is_one_number(returned: Any) -> bool:
    """Whether an answer is a number alone, as of a loss without gradients: no other layout changes that."""
    array = as_numbers(returned)
    return array is not None and array.size == 1


def _joined(found: Sequence[Reading]) -> Reading:
    """Return readings of several ranks as one, of those in which most is answered in the shapes that are due."""
    most = max(map(_well_answered, found))
    found = [one for one in found if _well_answered(one) == most]
    first = found[0]
    layouts_ = {rank: layout for one in found for rank, layout in one.layouts.items()}
    outputs = {rank: taken for one in found for rank, taken in one.outputs.items()}
    ups = {rank: form for one in found for rank, form in one.up.items()}
    return replace(first, layouts=layouts_, outputs=outputs, up=ups)


def _has_form(every: Sequence[Taken]) -> bool:
    return all(one.form is not None for one in every)


def _well_answered(reading: Reading) -> int:
    """Return how many outputs there are in their shapes."""
    [outputs] = reading.outputs.values()
    return sum(map(_has_form, outputs.values()))


def _shapes(returned: Any) -> str:
    return ", ".join(str(leaf.array.shape) for leaf in leaves(returned)) or type(returned).__name__
