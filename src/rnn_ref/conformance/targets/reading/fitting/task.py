"""What is to be read as what: a callable as a function of the specification, and what its names and its text tell."""

from collections.abc import Mapping

from ....operation import Operation
from ..calling.embedding import has_embedding
from ..calling.place import Place
from ..calling.way import Way
from ..given import joined_parts, relayed
from ..names import is_gradient
from ..parts import outputs_by_part, parts_of_arguments
from ..reading import Reading
from ..syntax.documented import said
from ..syntax.reckoned import is_reckoned_with, is_taken_apart, may_be_index, picks_one
from .numbers import NumbersReading, as_numbers


class Task:
    """A callable that is to be read as one function, after its own way ``forward`` if that is known."""

    def __init__(
        self, operation: Operation, way: Way, forward: Reading | None, *, real: bool = False, behind: bool = False
    ) -> None:
        self.operation, self.way, self.forward = operation, way, forward
        self.real = real  # whether targets are real numbers
        self.behind = behind  # whether gradients from above are those of the outputs of a layer of its own
        numbers = as_numbers(way.source, way.places) if forward is None else None
        self.of_numbers = numbers is not None or isinstance(forward, NumbersReading)
        self.sequence = any("T" in value.axes for value in operation.arguments.values())
        self.parts = parts_of_arguments(operation)
        self.gradients = outputs_by_part(operation)
        self.joined = joined_parts(way)
        self.relayed = relayed(way, forward) if forward is not None else {}
        self.places = self._with_targets([place for place in numbers or way.places if place not in self.relayed])
        x = next((place for place in self.places if place.parts[:1] == ("x",)), None)
        self.written = [*way.source.written(x.name), *said(way.function, x.name)] if x else []
        ways = [way, *([forward.way] if forward is not None else [])]  # inputs are looked up in an embedding
        self.by_class = any(map(has_embedding, ways))
        self.has_indices = x is None or self.by_class or may_be_index(way.source, x.name)
        h = next((place for place in way.places if place.parts[:1] == ("h",)), None)
        self.layer_of_state = h is not None and h.kind == "argument" and "0" in way.source.written(h.name)
        y = next((place for place in self.places if place.parts[:1] == ("targets",)), None)
        self.has_targets = y is not None
        self.one_hot = y is not None and is_reckoned_with(way.source, y.name)
        self.has_last = y is not None and not is_taken_apart(way.source, y.name)
        self.last_first = y is not None and picks_one(way.source, y.name)

    def _with_targets(self, places: list[Place]) -> list[Place]:
        """Return places with the one that is left as the targets, where what is called so is what was answered.

        Of a decoder that has no other inputs and no loss, what is called so are the inputs.
        """
        if self.forward is None and self.operation.recurrent and not {"targets", "up"} & {*self.parts.values()}:
            inputs = [one for one in places if "x" in one.parts[:1] or not one.parts]
            made = [one for one in places if one.parts[:1] == ("targets",)] if not inputs else []
            return [one._replace(parts=("x",)) if one in made[:1] else one for one in places]
        known = {("x",), ("h",), ("states",), ("up",), ("targets",)}
        free = [one for one in places if one.kind == "argument" and one.parts[:1] not in known]
        answered = any(place.parts[:1] == ("targets",) for place in self.relayed)
        told = any(place.parts[:1] in {("targets",), ("up",)} for place in places)
        targets = free[0] if answered and not told and len(free) == 1 else None
        return [one._replace(parts=("targets",)) if one is targets else one for one in places]

    @property
    def ends_of_up(self) -> tuple[bool, ...]:
        """Whether it takes the gradient of the last state alone, both where the text says no more; () if it does not.

        Its way forward returns no other state then, though an object may keep them, and it takes no steps of that.
        """
        up = next((place for place in self.way.places if place.parts[:1] == ("up",)), None)
        if self.forward is None or up is None or not (self.goes_back and self.sequence):
            return ()
        prefix, states = self.forward.way.prefix, self.forward.operation.states
        every = [one for outputs in self.forward.outputs.values() for one in outputs.get(states, ())]
        if any(one.path[: len(prefix)] == prefix for one in every) or self.way.source.goes_through(up.name):
            return ()
        return (False, True) if is_taken_apart(self.way.source, up.name) else (True, False)

    @property
    def goes_back(self) -> bool:
        """Whether it takes a gradient from above."""
        return "up" in self.parts.values()

    @property
    def may_have_loss(self) -> bool:
        """Whether it is a way forward that may have a loss beside the states: it returns no gradients."""
        source = self.way.source
        back = source.goes_back_in_time or any(map(is_gradient, source.returned()))
        return self.sequence and not self.goes_back and not back

    @property
    def has_softmax(self) -> bool:
        """Whether what it answers behind an output layer is probabilities, of many classes or of two."""
        layer = any("W_hy" in place.parts[:1] for place in self.way.places)
        of_two = {"sigmoid", "tanh"} <= {name.lower().strip("_") for name in self.way.source.calls()}
        return layer and (self.way.source.gives_probabilities or of_two) and not self.operation.gives_gradients

    def has_layer(self, given: Mapping[Place, str]) -> bool:
        """Whether it has an output layer that the specification's function has not."""
        return "W_hy" not in self.parts.values() and "W_hy" in given.values() and not self.has_softmax

    def shared(self, given: Mapping[Place, str]) -> tuple[bool, ...]:
        """Return whether inputs and outputs are the same classes, both where it is to be tried."""
        if self.has_outputs:
            return False, True
        return (False, True) if self.way.shares_classes and "W_hy" in given.values() else (False,)

    @property
    def has_outputs(self) -> bool:
        """Whether there are outputs, so that inputs and outputs may be the same classes."""
        return any("V" in value.axes for value in self.operation.arguments.values())
