"""What bears the specification's own names: whether its signature is meant too, and what is then a mistake."""

import inspect
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

from ....operation import Operation
from ....spec import OPERATIONS
from ..names import parts_of
from ..parts import parts_of_arguments, readable
from ..reading import Reading

Candidate = Callable[..., Any]


def speaks(own: Mapping[str, Candidate], operations: Iterable[Operation]) -> bool:
    """Whether some function has the specification's name and signature."""
    return any(declares(one, own[one.name]) for one in operations if one.name in own)


def is_another(operation: Operation, own: Mapping[str, Candidate], known: Container[str] = ()) -> bool:
    """Whether what bears the name of a function takes what that function does not: targets, a cache, parameters.

    So it does if it needs more arguments than there are. The cache of its own way forward, if that is among the
    ``known`` functions, makes no other of it.
    """
    try:
        parameters = inspect.signature(own[operation.name]).parameters
    except (TypeError, ValueError):
        return False
    taken = {part for name in parameters for part in parts_of(name)[:1]}
    if sum(one.default is one.empty for one in parameters.values()) > len(operation.arguments):
        return True
    own_parts = parts_of_arguments(operation).values() if operation in readable(OPERATIONS) else ()
    beyond = taken & {"targets", "cache", "parameters"} - {*own_parts}
    return bool(beyond) and not (beyond == {"cache"} and operation.twin in known)


def takes_others(operation: Operation, candidate: Candidate) -> bool:
    """Whether a function cannot be handed an operation's arguments, and half of its own, or more, are called otherwise.

    >>> takes_others(OPERATIONS["rnn_forward"], lambda layer, A: None)
    True
    """
    try:
        signature = inspect.signature(candidate)
        signature.bind(*operation.arguments)
    except ValueError:
        return False
    except TypeError:
        return 2 * len({*signature.parameters} & {*operation.arguments}) <= len(signature.parameters)
    return False


def has_a_loss(operation: Operation, candidate: Candidate) -> bool:
    """Whether what bears the name of a function cannot be it, for it has to be told the targets: its answer is a loss.

    >>> has_a_loss(OPERATIONS["rnn_forward"], lambda X, Y, a0, parameters: None)
    True
    """
    if not operation.recurrent or any(value.kind == "classes" for value in operation.arguments.values()):
        return False
    try:
        parameters = inspect.signature(candidate).parameters.values()
    except (TypeError, ValueError):
        return False
    needed = [one.name for one in parameters if one.default is one.empty]
    letter = {"Y"} | ({"y"} if "x" in needed else set())
    return any((parts_of(name)[:1] == ("targets",) and len(name.strip("_")) > 1) or name in letter for name in needed)


def is_mistake(reading: Reading, candidate: Candidate) -> bool:
    """Whether what was found is a mistake under the specification's own signature: a row too many, or too few."""
    if not declares(reading.operation, candidate):
        return False
    taken = [one for every in reading.outputs.values() for ones in every.values() for one in ones]
    states = reading.operation.states
    return (bool(states) and any(one.form and "T+" in one.form for one in taken)) or (
        bool(states) and any(states not in every for every in reading.outputs.values())
    )


def declares(operation: Operation, candidate: Candidate) -> bool:
    """Whether a function takes the specification's arguments by their names and in their order."""
    try:
        return list(inspect.signature(candidate).parameters)[: len(operation.arguments)] == list(operation.arguments)
    except (TypeError, ValueError):
        return True
