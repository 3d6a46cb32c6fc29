"""The roles that functions play in a recurrent network, and which of somebody's functions may play one."""

from collections.abc import Sequence

from ....operation import Operation
from ....spec import OPERATIONS
from ..calling.way import Way
from ..names import BACK, BPTT, LAYERS, STEP, TRAIN, plain, words_of
from ..objects.methods import MethodWay
from ..parts import parts_of_arguments, readable
from .entries import Entry

CELL, FORWARD, CELL_BACK, FORWARD_BACK, EVERYTHING = "cell", "forward", "cell backward", "backward", "bptt"
LAYER = "layer"
ACTIVATIONS = {
    "tanh",
    "relu",
    "activation",
    "activate",
    "act",
    "nonlinearity",
    "nonlin",
    "phi",
}  # no cell by themselves


def roles() -> dict[str, Operation]:
    """Return the functions that can be read, by what they do."""
    found = {}
    for operation in readable(OPERATIONS):
        parts = parts_of_arguments(operation).values()
        timed = any("T" in value.axes for value in operation.arguments.values())
        if "targets" in parts:
            found[EVERYTHING] = operation
        elif "up" in parts:
            found[FORWARD_BACK if timed else CELL_BACK] = operation
        else:
            found[(FORWARD if timed else CELL) if operation.recurrent else LAYER] = operation
    return found


def ranked(ways: Sequence[Entry], role: str) -> list[Entry]:
    """Return those that may play a role, the likeliest first; one that calls another of them before that."""
    known = [(rank, one) for one in ways if (rank := _likelihood(one.name, one.way, role)) is not None]
    called = {name for _, one in known for name in one.way.source.calls() if name != one.name}
    return [one for _, one in sorted(known, key=lambda pair: (pair[0], pair[1].name in called))]


def _likelihood(name: str, way: Way, role: str) -> int | None:
    """Return how likely something plays a role, 0 first; None if it does not."""
    words = set(words_of(name))
    back, step = bool(words & BACK) or name.lower().endswith("backward"), bool(words & STEP)
    repeats = way.source.repeats or not way.source.trees
    first = {place.parts[0] for place in way.places if place.parts}
    every = {part for place in way.places for part in place.parts}
    unknown = any(not place.parts and place.needed for place in way.places)
    forward = not back and "cache" not in first
    named = step or bool(words & {"rnn", "forward", "recurrent"}) or "tanh" in way.source.calls()
    named = named and plain(name) not in ACTIVATIONS
    trains = bool(words & TRAIN)
    of_one = step and not (repeats and _takes_sequences(way))
    leaves = way.updating or way.source.keeps or "backward" in way.source.calls()  # something beside
    is_loss = type(way) in {Way, MethodWay} and not leaves and way.source.returns_a_number
    above = back or bool(first & {"up", "cache"})
    may_be, likely = {
        LAYER: (words & LAYERS and first & {"states", "h", "x"} and "W_hh" not in first, True),
        EVERYTHING: (
            ("targets" in every or (unknown and way.source.gives_probabilities)) and "up" not in first and not is_loss,
            words & BPTT or back or "loss" in name.lower(),
        ),
        FORWARD_BACK: (above and repeats and (back or not step), True),  # no step of descent
        CELL_BACK: (above and not way.source.goes_back_in_time, step or not repeats),
        CELL: (forward and (step or not repeats) and named and not trains and bool(way.signature.parameters), step),
        FORWARD: (
            forward and not of_one and not is_loss and not trains and (repeats or "apply" in way.source.calls()),
            repeats and not step,
        ),
    }[role]
    return int(not likely) if may_be else None


def _takes_sequences(way: Way) -> bool:
    """Whether the text takes the shape of the input for three axes, whatever the function is called."""
    inputs = [place.name for place in way.places if place.parts[:1] == ("x",)]
    shapes = [text.split()[1:] for name in inputs for text in way.source.written(name) if text.startswith("shape ")]
    return any(len(one) == 3 for one in shapes)
