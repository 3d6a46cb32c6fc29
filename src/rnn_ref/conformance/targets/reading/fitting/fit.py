"""Find the reading of a foreign function: by its names, and by shapes on sizes that all differ, never by values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ....operation import Operation, Rank
from ...raised import Raised
from ..axes import LIST, form_of
from ..calling.leaving import LEFT
from ..calling.place import Place, assignments
from ..calling.way import Way
from ..given import drawn, joined_part, of_layer, relayed, whole_bias, with_indices
from ..layouts import Layout, layouts, with_classes
from ..leaves import Leaf, Path, as_numbers, at, leaves
from ..names import WEIGHTS, parts_of, words_of
from ..parts import OPTIONAL, outputs_by_part, parts_of_arguments
from ..reading import JOINED, Reading, Taken, rank_and_sizes
from ..syntax.reckoned import is_reckoned_with, may_be_index
from ..tensors import is_narrow
from .gradients import INSIDE, Gradients, Roles

SIZES = {"T": 3, "B": 6, "D": 5, "H": 7, "V": 11}  # all different, T + 1 and T·B too
SAME, NOTHING = 1e-2, 1e-3  # of a gradient: at a rate of 2**-10 a float32 weight near 1 tells a gradient to 1e-4
EXTRA = ("b_xh", "b_hh", "W_hy", "b_y", "cache")


class Failure(NamedTuple):
    """Why a function cannot be read: how it was called first, and what it raised or returned."""

    came: str
    tried: Layout | None = None

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
) -> Reading | Failure:
    """Return the reading under which a function answers in the shapes that are due.

    A way back that takes what its own way ``forward`` made (a cache, or what an object has kept) needs the reading of
    that. If nothing fits, but it answers something, that is a reading all the same, unless it is to be ``strict``:
    what is wrong with it is for the judge to say.
    """
    way.fitting = True
    try:
        return _fitted(_Search(operation, way, forward), operation, kinds, strict=strict)
    finally:
        way.fitting = False


def _fitted(search: "_Search", operation: Operation, kinds: Sequence[str], *, strict: bool) -> Reading | Failure:
    for search.last_alone in (False, True) if operation.states else (False,):
        for kind in kinds:
            for search.dtype in ("float64",) if kind == "numpy" else ("float64", "float32"):
                for given in search.assignments():
                    found = search.ranks(given, kind)
                    if found is not None:
                        narrow = search.dtype == "float32" or (search.narrow and is_narrow(kinds))
                        return replace(found, precision="float32") if narrow else found
    if search.answered is not None and not strict:
        return search.answered
    return search.failure or Failure("its arguments are not understood")


class _Search:
    def __init__(self, operation: Operation, way: Way, forward: Reading | None) -> None:
        self.operation, self.way, self.forward = operation, way, forward
        self.sequence = any("T" in value.axes for value in operation.arguments.values())
        self.parts = parts_of_arguments(operation)
        self.gradients = outputs_by_part(operation)
        self.answered: Reading | None = None
        self.failure: Failure | None = None
        self.places: dict[Path, str] = {}
        self.dtype = "float64"
        self.narrow = False  # whether float32 is answered
        self.indices = False  # whether inputs are class indices: of a batch of them shapes tell little
        self.last_alone = False  # whether the last state alone is taken for an answer
        self.joined = joined_part(way)
        self.relayed = relayed(way, forward) if forward is not None else {}
        x = next((place for place in way.places if place.parts[:1] == ("x",)), None)
        self.written = way.source.written(x.name) if x else []
        self.has_indices = x is None or may_be_index(way.source, x.name)
        y = next((place for place in way.places if place.parts[:1] == ("targets",)), None)
        self.one_hot = y is not None and is_reckoned_with(way.source, y.name)

    def assignments(self) -> Iterator[dict[Place, str]]:
        """Yield what the places may be, as far as the function then has all that the operation cannot do without."""
        allowed = [*dict.fromkeys(self.parts.values()), *EXTRA]
        places = [self._as_on_the_way_forward(place) for place in self.way.places if place not in self.relayed]
        allowed += [part for part in JOINED if self.forward is not None and part in self.forward.given.values()]
        if not any("W_hy" in (place.parts or ("W_hy",)) for place in places):
            allowed = [part for part in allowed if part != "b_y"]
        if not self.operation.recurrent:
            places = [place._replace(parts=of_layer(place.parts)) for place in places]
        needed = {part for part in self.parts.values() if part not in OPTIONAL and part not in {"up", "states"}}
        for given in assignments(places, allowed):
            have = set(given.values())
            if self.forward is not None:
                if have & {"up", "targets"} and (self.relayed or not self.way.places[1:] or self.way.prefix):
                    yield whole_bias(given)
            elif "W_xh" in self.parts.values() and len(have & {"W_xh", "W_hh"}) == 1 and self.joined:
                weight = next(place for place, part in given.items() if part in {"W_xh", "W_hh"})
                if needed - {"W_xh", "W_hh"} <= have and self._has_states(have):
                    yield whole_bias({**given, weight: self.joined})
            elif needed <= have and (not self._goes_back or "up" in have) and self._has_states(have):
                yield whole_bias(given)

    def _as_on_the_way_forward(self, place: Place) -> Place:
        """Return a place of a weight with what it is on the way forward, where one has the same name."""
        known = self.forward.given.items() if self.forward is not None else ()
        part = next((part for other, part in known if other.called == place.called), "")
        is_weight = part in WEIGHTS or part in JOINED
        return place._replace(parts=(part,)) if is_weight and part in (*place.parts, *JOINED) else place

    def _has_states(self, have: set[str]) -> bool:
        """Whether a layer has what it is a layer of, and a way back the states that it does not compute itself."""
        return "states" not in self.parts.values() or "states" in have

    @property
    def _goes_back(self) -> bool:
        return "up" in self.parts.values()

    def ranks(self, given: Mapping[Place, str], kind: str) -> Reading | None:
        """Return the reading in all ranks in which one can be found, with the same weights; of a batch if it can be."""
        order: tuple[tuple[Rank, Rank | None, bool], ...] = (
            *(("batch", "single", False), ("single", None, False)),
            *(("single", None, True), ("batch", None, True)),
        )
        before = self.forward.given if self.forward is not None else {}
        self.roles = Roles([self.way, *([self.forward.way] if self.forward is not None else [])], {**before, **given})
        for first, second, indices in order:
            self.indices = indices
            if indices and not self.has_indices:
                continue
            for shared in (False, True) if "V" in self._axes_used() else (False,):
                for identity in (False, True) if self._has_layer(given) else (False,):
                    self.places = {}
                    one = self._rank(given, kind, first, None, shared=shared, identity=identity)
                    if one is not None and (less := self._without_unused_state(one)) is not None:
                        given = less
                        one = self._rank(given, kind, first, None, shared=shared, identity=identity)
                    if one is None:
                        continue
                    if second is None:
                        return one
                    # where shapes tie in one sequence, those of a batch have told
                    self.places = {ones[0].path: name for name, ones in one.outputs[first].items()}
                    fixed = one.layouts[first]
                    other = self._rank(given, kind, second, fixed, shared=shared, identity=identity)
                    return _joined([one, other] if other is not None else [one])
        return None

    def _without_unused_state(self, reading: Reading) -> dict[Place, str] | None:
        """Return the places without that of a state in an attribute, if nothing depends on what stands there."""
        kept = {place: part for place, part in reading.given.items() if part != "h" or place.kind != "attribute"}
        if len(kept) == len(reading.given):
            return None
        [rank] = reading.layouts
        sizes = {axis: size for axis, size in SIZES.items() if axis != "B" or rank == "batch"}
        answers = []
        for factor in (1.0, -1.0):
            named = drawn(self.operation, rank, {**sizes, "V": sizes["D"]} if reading.shared else sizes, self.dtype)
            named = with_indices(named, self.parts, reading.layouts[rank])
            named |= {name: factor * named[name] for name, part in self.parts.items() if part == "h"}
            returned = reading.raw(named, rank, rank_and_sizes(self.operation, named)[1] | sizes)
            answers.append(reading.answers(named, returned, rank, sizes))
        same = all(np.array_equal(np.asarray(one), np.asarray(answers[1][name])) for name, one in answers[0].items())
        return kept if same else None

    def _axes_used(self) -> set[str]:
        axes = {axis for value in self.operation.arguments.values() for axis in value.axes}
        return axes if "V" in axes or any(size == "vocabulary" for size in self.way.global_sizes.values()) else set()

    def _has_layer(self, given: Mapping[Place, str]) -> bool:
        return "W_hy" not in self.parts.values() and "W_hy" in given.values() and not self._has_softmax

    @property
    def _has_softmax(self) -> bool:
        """Whether what it answers behind an output layer is probabilities."""
        layer = any("W_hy" in place.parts[:1] for place in self.way.places)
        return layer and self.way.source.gives_probabilities and not self.operation.gives_gradients

    def _rank(
        self, given: Mapping[Place, str], kind: str, rank: Rank, fixed: Layout | None, *, shared: bool, identity: bool
    ) -> Reading | None:
        sizes = {**SIZES, "V": SIZES["D"]} if shared else dict(SIZES)
        if rank == "single":
            sizes.pop("B")
        named = drawn(self.operation, rank, sizes, self.dtype)
        for layout in self._layouts(given, rank, fixed):
            self.way.alive()
            plain = Reading(
                *(self.operation, self.way, given, kind, {rank: layout}, {rank: {}}, identity, shared),
                before=self.forward,
                relayed=self.relayed,
            )
            for up in self._ups(layout):
                one = replace(plain, up={rank: up} if up else {})
                try:
                    handed = with_indices(named, self.parts, layout)
                    returned = one.raw(handed, rank, rank_and_sizes(self.operation, handed)[1] | sizes)
                except KeyboardInterrupt:
                    raise
                except BaseException as error:
                    self.failure = self.failure or Failure(f"it raises {Raised.of(error)}", layout)
                    continue
                self.narrow = any(leaf.array.dtype == np.float32 for leaf in leaves(returned))
                taken = self._taken(returned, layout, {**sizes, "V": sizes["H"]} if identity else sizes)
                if taken and self.way.updating and self._are_weights(taken, returned, handed):
                    self.failure = self.failure or Failure("it returns new weights, no gradients", layout)
                    continue
                if taken and self.way.undoes and not self._takes_one_step(one, handed, rank, sizes, returned):
                    self.failure = self.failure or Failure("it changes weights in several steps", layout)
                    continue
                if taken and fixed is None and self._takes_steps_for_rows(one, layout):
                    self.failure = self.failure or Failure("it takes one sequence for a batch of single steps", layout)
                    continue
                if taken:
                    return replace(one, outputs={rank: taken})
                if self._is_answer(returned, sizes) and not identity and not shared and not layout.indices:
                    self.answered = replace(one, outputs={rank: self._as_it_is()}, fits=False)
                    self.failure = Failure(f"its answer has other shapes: {_shapes(returned)}", layout)
        return None

    def _are_weights(self, taken: Mapping[str, Sequence[Taken]], returned: Any, handed: Mapping[str, Any]) -> bool:
        """Whether what is taken for the gradient of a weight is the weight itself, as after a step of length zero."""
        for output in (self.gradients.get("W_xh", ""), self.gradients.get("W_hh", "")):
            found = [as_numbers(at(returned, one.path)) for one in taken.get(output, ())]
            own = np.sort(np.ravel(handed[output])) if output in handed else None
            if own is not None and any(one is not None and np.array_equal(np.sort(one.ravel()), own) for one in found):
                return True
        return False

    def _takes_one_step(self, one: Reading, handed: Any, rank: Rank, sizes: Mapping[str, int], returned: Any) -> bool:
        """Whether what is taken off weights is the same at a small rate: of several steps, the later ones differ."""
        self.way.slow = True
        try:
            again = one.raw(handed, rank, {**rank_and_sizes(self.operation, handed)[1], **sizes})
        except KeyboardInterrupt:
            raise
        except BaseException:  # foreign code: at another rate it may do anything
            return False
        finally:
            self.way.slow = False
        fast, slow = ([leaf.array for leaf in leaves(each[LEFT])] for each in (returned, again))
        return len(fast) == len(slow) and all(np.allclose(a, b, SAME, NOTHING) for a, b in zip(fast, slow, strict=True))

    def _takes_steps_for_rows(self, one: Reading, layout: Layout) -> bool:
        """Whether what seems to be one sequence, a batch of one, is a batch of sequences of one step.

        Then it takes a batch in the same layout as well, and its answer to that has other shapes.
        """
        of_one = (layout.vector, layout.sequence, layout.state)
        if not self.sequence or self.forward is not None or any(form.count("1") != 1 for form in of_one):
            return False
        vector, sequence, state = (tuple("B" if axis == "1" else axis for axis in form) for form in of_one)
        batch = layout._replace(rank="batch", vector=vector, sequence=sequence, state=state)
        sizes = {**SIZES, "V": SIZES["D"]} if one.shared else dict(SIZES)
        named = with_indices(drawn(self.operation, "batch", sizes, self.dtype), self.parts, batch)
        asked = replace(one, layouts={"batch": batch}, up={})
        try:
            returned = asked.raw(named, "batch", rank_and_sizes(self.operation, named)[1] | sizes)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return False
        return not self._taken(returned, batch, {**sizes, "V": sizes["H"]} if one.identity else sizes)

    def _layouts(self, given: Mapping[Place, str], rank: Rank, fixed: Layout | None) -> Iterator[Layout]:
        targets = (True, False) if self.one_hot and "targets" in given.values() else (False,)
        for one_hot in targets if fixed is None else (fixed.one_hot,):
            for one in self._layouts_of_inputs(given, rank, fixed):
                yield one._replace(one_hot=one_hot)

    def _layouts_of_inputs(self, given: Mapping[Place, str], rank: Rank, fixed: Layout | None) -> Iterator[Layout]:
        if self.forward is not None:
            yield from [self.forward.layouts[rank]] if rank in self.forward.layouts else []
            return
        bias = bool({"b_h", "b_xh", "b_hh", "b_y"} & set(given.values()))
        if not self.indices:
            for one in layouts(rank, sequence=self.sequence, written=self.written, bias=bias, fixed=fixed):
                of_one = fixed is None and rank == "single" and one.sequence[:2] == ("1", "T")  # a batch of one
                if not of_one and (fixed is None or not self.sequence or is_of_one(one.sequence, fixed.sequence)):
                    yield one
        elif "x" in given.values():
            yield from with_classes(rank, sequence=self.sequence, written=self.written, bias=bias)

    def _ups(self, layout: Layout) -> list[Any]:
        """Return the forms in which gradients from above may be taken, that of the states first."""
        if not self._goes_back:
            return [()]
        axes = [axis for axis in ("T", "B", "H") if (axis != "T" or self.sequence)]
        axes = [axis for axis in axes if axis != "B" or layout.rank == "batch"]
        state = layout.form(axes[-1:] if len(axes) == 1 else axes[-2:], "h") if not self.sequence else ()
        if not self.sequence:
            return [state]
        states = layout.form(axes, "states")
        first = self.forward.outputs.get(layout.rank, {}) if self.forward is not None else {}
        known = [one.form for every in first.values() for one in every if one.form and "T" in one.form]
        inner = tuple(letter for letter in states if letter not in {LIST, "T"})
        every = [*known, states, (LIST, "T", *inner), ("T", *inner)]
        return list(dict.fromkeys(every))

    def _taken(self, returned: Any, layout: Layout, sizes: Mapping[str, int]) -> dict[str, list[Taken]]:
        """Return where the outputs stand in an answer, nothing if what must be there is not."""
        every = list(leaves(returned, self.way.source.returned(), prefix=self.way.prefix))
        if self.way.prefix:
            every = [leaf for leaf in every if not self.roles.is_weight(leaf)]
        if not self.operation.gives_gradients:
            return self._states(every, layout, sizes)
        joined = self.joined or (joined_part(self.forward.way) if self.forward is not None else "")
        found = Gradients(self.operation, layout, sizes, joined, self.roles).matched(every, self.way, self.places)
        if not {self.gradients["W_xh"], self.gradients["W_hh"]} <= found.keys():
            return {}
        known = {leaf.path: leaf.array for leaf in every}
        weights = [one.path for part in ("W_xh", "W_hh") for one in found[self.gradients[part]]]
        kept = all(path[: len(INSIDE)] == INSIDE for path in weights)  # by an object, which may not have been told yet
        if kept and not any(np.any(known[path]) for path in weights):
            return {}
        recurrent = [known[one.path] for one in found[self.gradients["W_hh"]]]
        of_one = "1" in layout.sequence and self.sequence  # which may be a batch of sequences of one step each
        return found if not of_one or any(map(np.any, recurrent)) else {}

    def _states(self, every: Sequence[Leaf], layout: Layout, sizes: Mapping[str, int]) -> dict[str, list[Taken]]:
        every = [leaf for leaf in every if self._is_shown(leaf.path) and "cache" not in parts_of(leaf.name)[:1]]
        every = [leaf for leaf in every if leaf.path[: len(INSIDE)] != INSIDE or _may_be_states(leaf.name)]
        [(output, value)] = self.operation.outputs.items()
        axes = [axis for axis in value.axes if axis != "B" or layout.rank == "batch"]
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

    def _is_answer(self, returned: Any, sizes: Mapping[str, int]) -> bool:
        """Whether what was returned may be meant as states: then what is wrong with it is for the judge to say."""
        if self.answered is not None or self.operation.gives_gradients or self._has_softmax:
            return False
        array = as_numbers(at(returned, self.way.prefix))
        return array is not None and sizes["H"] in array.shape

    def _as_it_is(self) -> dict[str, list[Taken]]:
        """Return what was returned as the output, for the judge to say what is wrong."""
        return {name: [Taken(self.way.prefix, None)] for name in self.operation.outputs}


def _may_be_states(name: str) -> bool:
    """Whether what an object holds under a name may be its states."""
    return bool({"h", "states"} & set(parts_of(name))) or bool(set(words_of(name)) & {"h", "hidden", "state", "states"})


def _joined(found: Sequence[Reading]) -> Reading:
    """Return readings of several ranks as one, of those in which most is answered in the shapes that are due."""
    most = max(map(_well_answered, found))
    found = [one for one in found if _well_answered(one) == most]
    first = found[0]
    layouts_ = {rank: layout for one in found for rank, layout in one.layouts.items()}
    outputs = {rank: taken for one in found for rank, taken in one.outputs.items()}
    ups = {rank: form for one in found for rank, form in one.up.items()}
    return replace(first, layouts=layouts_, outputs=outputs, up=ups)


def _well_answered(reading: Reading) -> int:
    """Return how many outputs there are in their shapes."""
    [outputs] = reading.outputs.values()
    return sum(all(one.form is not None for one in every) for every in outputs.values())


def is_of_one(sequence: Sequence[str], other: Sequence[str]) -> bool:
    """Whether a form of one sequence is that of a batch: without the axis of the batch, or with one of size one."""
    of_one = [["1" if one == "B" else one for one in other], [one for one in other if one != "B"]]
    return list(sequence) in of_one


def _shapes(returned: Any) -> str:
    return ", ".join(str(leaf.array.shape) for leaf in leaves(returned)) or type(returned).__name__
