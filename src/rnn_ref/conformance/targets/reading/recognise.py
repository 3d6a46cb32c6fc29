"""Which functions of somebody's file are which of the specification's, whatever they are called."""

import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


from ...operation import Check, Operation, Rank, as_array
from ...spec import OPERATIONS
from .. import layouts as known_layouts
from ..convention import Convention
from ..foreign_code import quiet
from ..stubs import is_stub
from .claims import claims_of
from .fit import SIZES, Failure, drawn, fit
from .names import BACK, BPTT, OTHERS, STEP, words_of
from .parts import parts_of_arguments, readable
from .reading import Reading
from .tensors import kinds_for
from .text import line
from .ways import Way, shown

Candidate = Callable[..., Any]
CELL, FORWARD, CELL_BACK, FORWARD_BACK, EVERYTHING = "cell", "forward", "cell backward", "backward", "bptt"


@dataclass
class Recognised:
    """What was read: functions of the specification, how each was read, and what could not be."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)  # functions with their signatures, and what is in the way

    def take(self, reading: Reading) -> None:
        """Take a reading for the function of the specification that it is of."""
        name = reading.operation.name
        candidate = reading.candidate()
        candidate.__reading__ = line(reading)  # type: ignore[attr-defined]
        candidate.__claims__ = claims_of(reading)  # type: ignore[attr-defined]
        self.candidates[name] = candidate
        self.readings[name] = reading


def read_as_it_stands(holder: Any, own: Mapping[str, Candidate]) -> dict[str, Candidate]:
    """Return the functions of a target by the specification's names, read where that is needed."""
    if isinstance(holder, Mapping):
        return recognised(holder, own, None).candidates
    if isinstance(holder, types.ModuleType) and (holder.__name__.partition(".")[0] != "rnn_ref"):
        return recognised(vars(holder), own, holder.__name__).candidates
    return dict(own)


def recognised(names: Mapping[str, Any], own: Mapping[str, Candidate], module: str | None) -> Recognised:
    """Read the functions of a namespace; those that bear a name of the specification's are ``own``."""
    found = Recognised(dict(own))
    kinds = kinds_for(names.values())
    roles = _roles()
    with quiet():
        for role in (CELL, FORWARD, CELL_BACK, FORWARD_BACK, EVERYTHING):
            operation = roles[role]
            mine = own.get(operation.name)
            if mine is not None and (is_stub(mine) or _as_specified(operation, mine)):
                continue
            every = [mine] if mine is not None else list(_candidates(names, role, own, module))
            _read(found, operation, every, kinds, roles, own=mine is not None)
    return found


def _roles() -> dict[str, Operation]:
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
            found[FORWARD if timed else CELL] = operation
    return found


def _read(
    found: Recognised,
    operation: Operation,
    every: Sequence[Candidate],
    kinds: Sequence[str],
    roles: Mapping[str, Operation],
    *,
    own: bool,
) -> None:
    """Read one function of the specification: as the first that fits, else as the first that answers at all."""
    forward = found.readings.get(operation.twin)
    answered: Reading | None = None
    for candidate in every:
        try:
            way = Way(candidate)
        except (TypeError, ValueError):
            continue
        one = fit(operation, way, kinds, forward, strict=own)
        if isinstance(one, Failure):
            told = f" ({one.tried}: {one.came})" if one.tried else f" ({one.came})"
            found.unread.append(f"{shown(candidate)} as {operation.name}{told}")
        elif one.fits and not (own and _is_mistake(one, candidate)):
            found.take(one)
            return
        else:
            answered = answered or one
    if answered is not None and not own:
        found.take(answered)


def _is_mistake(reading: Reading, candidate: Candidate) -> bool:
    """Whether what was found is a mistake under the specification's own signature: a row too many, or too few."""
    if not _declares(reading.operation, candidate):
        return False
    taken = [one for every in reading.outputs.values() for ones in every.values() for one in ones]
    states = reading.operation.states
    return bool(states) and any(
        one.form and "T+" in one.form for one in taken
    ) or (bool(states) and any(states not in every for every in reading.outputs.values()))


def _declares(operation: Operation, candidate: Candidate) -> bool:
    """Whether a function takes the specification's arguments by their names and in their order."""
    try:
        return list(inspect.signature(candidate).parameters)[: len(operation.arguments)] == list(operation.arguments)
    except (TypeError, ValueError):
        return True


def _as_specified(operation: Operation, candidate: Candidate) -> bool:
    """Whether a function answers in the specification's shapes, or in a layout of which a report has its own word."""
    if any(_answers(operation, candidate, rank, Convention()) for rank in ("batch", "single")):
        return True
    others = [Convention(layout=name) for name in known_layouts.LAYOUTS] + [Convention(returns="pair")]
    return _declares(operation, candidate) and any(_answers(operation, candidate, "batch", one) for one in others)


def _answers(operation: Operation, candidate: Candidate, rank: Rank, convention: Convention) -> bool:
    sizes = {axis: size for axis, size in SIZES.items() if axis != "B" or rank == "batch"}
    named = drawn(operation, rank, sizes)
    check = Check(operation, "", rank, "float64", (), named, {})
    if convention.layout and not known_layouts.changes(str(convention.layout), check):
        return False
    try:
        returned = candidate(*(convention.there(check, name, value) for name, value in named.items()))
        answers = convention.outputs(operation, returned)
        for name, answer in answers.items():
            axes = check.axes(name) or (("B", "H") if rank == "batch" else ("H",))
            if convention.back(check, name, as_array(answer)).shape != tuple(sizes[axis] for axis in axes):
                return False
    except KeyboardInterrupt:
        raise
    except BaseException:
        return False
    return True


def _candidates(
    names: Mapping[str, Any], role: str, own: Mapping[str, Candidate], module: str | None
) -> Iterator[Candidate]:
    """Yield the functions of a namespace that may play a role, the likeliest first."""
    ranked = []
    taken = {id(one) for one in own.values()}
    for place, (name, value) in enumerate(names.items()):
        if not _is_function(value, module) or id(value) in taken or set(words_of(name)) & OTHERS:
            continue
        rank = _likelihood(name, value, role)
        if rank is not None:
            ranked.append((rank, place, value))
    yield from (value for _, _, value in sorted(ranked, key=lambda one: one[:2]))


def _is_function(value: Any, module: str | None) -> bool:
    function = inspect.unwrap(value) if callable(value) and hasattr(value, "__wrapped__") else value
    return isinstance(function, types.FunctionType) and (module is None or function.__module__ == module)


def _likelihood(name: str, function: Candidate, role: str) -> int | None:
    """Return how likely a function plays a role, 0 first; None if it does not."""
    words = set(words_of(name))
    back, step = bool(words & BACK) or name.lower().endswith("backward"), bool(words & STEP)
    everything = bool(words & BPTT) or "lossfun" in name.lower()
    way = Way(function)
    repeats = way.source.repeats or not way.source.trees
    parts = {place.parts[0] for place in way.places if place.parts}
    above = bool(parts & {"up", "cache"})
    if role == EVERYTHING:
        return None if "targets" not in {p for place in way.places for p in place.parts} else 0 if everything else 1
    if role in {CELL_BACK, FORWARD_BACK}:
        if not (back or above):
            return None
        return int(repeats != (role == FORWARD_BACK))
    if back or above and "cache" in parts:
        return None
    if role == CELL:
        return None if repeats else int(not step)
    return int(step) if repeats else None


