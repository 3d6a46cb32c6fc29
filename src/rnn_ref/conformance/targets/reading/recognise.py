"""Which functions of somebody's file are which of the specification's, whatever they are called."""

import contextlib
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...operation import Operation
from ...spec import OPERATIONS
from ..foreign_code import quiet
from ..loading import Loading
from .calling.leaving import LeavingWay
from .calling.updating import UpdatingWay, may_update
from .calling.way import Way, shown
from .claims import claims_of
from .equation import options_of, with_options
from .fit import Failure, fit
from .gated.back import read_back
from .gated.find import gated_operations, read_gated
from .gated.objects import methods
from .gated.reading import GatedReading
from .losses.output_back import BACK as BACK_OUTPUT
from .losses.output_back import may_be, read_output_back
from .losses.recognise import read_losses
from .names import BACK, BPTT, LAYERS, OTHERS, STEP, parts_of, words_of
from .objects.autograd import functions_of, has_context
from .objects.maker import Maker
from .objects.methods import MethodWay, methods_of
from .parts import parts_of_arguments, readable
from .reading import Reading
from .tensors import kinds_for, uncompiled
from .text import line

Candidate = Callable[..., Any]
CELL, FORWARD, CELL_BACK, FORWARD_BACK, EVERYTHING = "cell", "forward", "cell backward", "backward", "bptt"
LAYER = "layer"


class Entry(NamedTuple):
    """Something that can be called, and the name by which its role is guessed."""

    name: str
    way: Way


@dataclass
class Recognised:
    """What was read: functions of the specification, how each was read, and what could not be."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)  # by which their equations are chosen
    unread: list[str] = field(default_factory=list)  # functions with their signatures, and what is in the way

    def take(self, reading: Reading) -> None:
        """Take a reading for the function of the specification that it is of."""
        name = reading.operation.name
        candidate = reading.candidate()
        candidate.__reading__ = line(reading)  # type: ignore[attr-defined]
        candidate.__claims__ = claims_of(reading)  # type: ignore[attr-defined]
        before = reading.before and reading.before.operation.name
        options = self.options[before] if before in self.options else options_of(reading, candidate)
        if options:
            with_options(candidate, options)
        self.options[name] = options
        self.candidates[name] = candidate
        self.readings[name] = reading


def read_as_it_stands(holder: Any, own: Mapping[str, Candidate], loading: Loading) -> Recognised:
    """Return the functions of a target by the specification's names, read where that is needed."""
    if isinstance(holder, Mapping):
        return recognised(holder, own, None, loading)
    if inspect.isclass(holder):
        return recognised({holder.__name__: holder}, own, holder.__module__, loading)
    if isinstance(holder, types.ModuleType) and holder.__name__.partition(".")[0] != "rnn_ref":
        return recognised(vars(holder), own, holder.__name__, loading)
    return recognised({}, own, None, loading)


def recognised(
    names: Mapping[str, Any], own: Mapping[str, Candidate], module: str | None, loading: Loading
) -> Recognised:
    """Read the functions and classes of a namespace; those that bear a name of the specification's are ``own``.

    These are left as they are, and not called, unless they are ``doubtful``. Beside them others only help.
    """
    found = Recognised(dict(own))
    roles = _roles()
    if own and not loading.doubtful and not loading.meant and _speaks(own, roles.values()):
        return found
    kinds = kinds_for([*names.values(), *_globals_of([*names.values(), *own.values()])])
    with quiet(), uncompiled(kinds):
        ways = [] if _speaks(own, roles.values()) and not loading.meant else _ways(names, own, module, kinds)
        for role in (FORWARD, CELL, LAYER, FORWARD_BACK, CELL_BACK, EVERYTHING):
            name = roles[role].name
            if name in loading.meant:
                every = [one for one in ways if loading.meant[name] in {one.name, one.way.name}]
            elif name in own:
                every = [Entry(name, Way(own[name]))] if name in loading.doubtful else []
            else:
                every = [] if loading.meant else _ranked(ways, role)
            back = {one.way.name for one in found.readings.values() if one.operation.gives_gradients}
            every = [entry for entry in every if name in loading.meant or entry.way.name not in back]
            for entry in every:
                entry.way.alive = loading.alive
            _read(found, roles[role], every, kinds, own=name in own)
            if (
                name in own
                and name in loading.doubtful
                and name not in found.readings
                and _is_another(roles[role], own)
            ):
                found.candidates.pop(name)
        _read_losses(found, names, own, module, loading, kinds)
        _read_gated(found, names, own, module, loading, kinds)
    return found


def _read_gated(
    found: Recognised,
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
    kinds: Sequence[str],
) -> None:
    """Read the functions of cells with gates, which have a reader of their own, among what is not read already."""
    taken = {reading.way.function for reading in found.readings.values()}
    for operation in gated_operations():
        meant = loading.meant.get(operation.name)
        if operation.name in own and operation.name not in loading.doubtful and not meant:
            continue
        for name, way in _gated_ways(names, module, taken):
            if (loading.meant and not meant) or meant not in {None, name} or (name in own and name != operation.name):
                continue
            reading = read_gated(operation, way, kinds)
            if reading is not None:
                found.candidates[operation.name] = reading.candidate()
                taken.add(way.function)
                _read_gated_back(found, reading, names, own, module, loading)
                break


def _gated_ways(names: Mapping[str, Any], module: str | None, taken: set[Any]) -> Iterator[tuple[str, Way]]:
    """Yield functions, and after them methods of classes, that are not read yet."""
    classes = [one for one in names.values() if inspect.isclass(one) and one.__module__ == module]
    for name, value in names.items():
        if _is_function(value, module) and value not in taken:
            with contextlib.suppress(TypeError, ValueError):
                yield name, Way(value)
    for kind in classes:
        if not has_context(kind):
            yield from ((way.method, way) for way in methods(kind, classes))


def _read_gated_back(
    found: Recognised,
    forward: GatedReading,
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
) -> None:
    """Read the way back of what has been read, if it takes what that has kept."""
    operation = next((one for one in OPERATIONS.values() if one.twin == forward.operation.name), None)
    if operation is None or (operation.name in own and operation.name not in loading.doubtful):
        return
    for name, value in names.items():
        if _is_function(value, module) and (name not in own or name == operation.name):
            with contextlib.suppress(TypeError, ValueError):
                back = read_back(operation, Way(value), forward)
                if back is not None:
                    found.candidates[operation.name] = back.candidate()
                    return


def _read_losses(
    found: Recognised,
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
    kinds: Sequence[str],
) -> None:
    """Read the losses and the output layer's way back, which have readers of their own."""
    losses = read_losses(names, own, module, loading, kinds)
    for name in losses.refused:
        found.candidates.pop(name, None)
    found.candidates |= {name: reading.candidate() for name, reading in losses.readings.items()}
    read = [shown(one.way.function, one.way.name) for one in found.readings.values()]
    read += [shown(one.way.function, one.way.name) for one in losses.readings.values()]
    if BACK_OUTPUT.name not in own or BACK_OUTPUT.name in loading.doubtful:
        wanted = loading.meant.get(BACK_OUTPUT.name)
        ways = [one.way for one in _ways(names, own, module, kinds) if wanted in {one.name, None}]
        ways = [way for way in ways if (may_be(way) and not loading.meant) or wanted]
        reading, why = read_output_back(ways, found.readings.get(BACK_OUTPUT.twin), kinds)
        losses.unread += [why] if why else []
        if reading is not None:
            found.take(reading)
            read.append(shown(reading.way.function, reading.way.name))
    found.unread = [
        one for one in (*found.unread, *losses.unread) if not one.startswith(tuple(f"{r} as " for r in read))
    ]


def _speaks(own: Mapping[str, Candidate], operations: Iterable[Operation]) -> bool:
    """Whether some function has the specification's name and signature."""
    return any(declares(one, own[one.name]) for one in operations if one.name in own)


def _globals_of(values: Iterable[Any]) -> Iterator[Any]:
    """Yield what stands around classes and functions that were handed over without their module."""
    for value in values:
        module = sys.modules.get(getattr(value, "__module__", "") or "")
        if (inspect.isclass(value) or inspect.isfunction(value)) and module is not None:
            yield from list(vars(module).values())


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
            found[(FORWARD if timed else CELL) if operation.recurrent else LAYER] = operation
    return found


def _read(found: Recognised, operation: Operation, every: Sequence[Entry], kinds: Sequence[str], *, own: bool) -> None:
    """Read one function of the specification: as the first that fits, else as the first that answers at all."""
    answered: Reading | None = None
    failed: list[str] = []
    for entry in every:
        for way, before in _with_before(entry, found, operation):
            one = fit(operation, way, kinds, before, strict=own)
            if isinstance(one, Failure):
                failed.append(f"{shown(way.function, way.name)} as {operation.name}: {one.told}")
            elif one.fits and not (own and _is_mistake(one, way.function)):
                found.take(one)
                return
            else:
                answered = answered or one
    if answered is not None and not own:
        found.take(answered)
    else:
        found.unread += failed[:1]  # the likeliest


def _is_another(operation: Operation, own: Mapping[str, Candidate]) -> bool:
    """Whether what bears the name of a function takes what that function does not: targets, a cache, parameters."""
    try:
        taken = {part for name in inspect.signature(own[operation.name]).parameters for part in parts_of(name)[:1]}
    except (TypeError, ValueError):
        return False
    return bool(taken & {"targets", "cache", "parameters"} - {*parts_of_arguments(operation).values()})


def _with_before(entry: Entry, found: Recognised, operation: Operation) -> Iterator[tuple[Way, Reading | None]]:
    """Yield the ways in which a callable may be called: alone, and after a way forward of the same kind."""
    yield entry.way, None
    if may_update(entry.way) and "targets" in parts_of_arguments(operation).values():
        yield UpdatingWay(entry.way.function, entry.way.name), None
    if isinstance(entry.way, MethodWay) and "targets" in parts_of_arguments(operation).values():
        yield from ((way, None) for way in entry.way.with_way_back())
    if isinstance(entry.way, MethodWay) and entry.way.updates:
        yield MethodWay(entry.way.maker, entry.way.method, undone=True), None
    twins = [operation.twin] if operation.twin else [name for name, one in OPERATIONS.items() if one.states]
    for before in [found.readings[name] for name in twins if name in found.readings]:
        if isinstance(entry.way, MethodWay):
            if isinstance(before.way, MethodWay) and before.way.maker is entry.way.maker:
                yield MethodWay(entry.way.maker, entry.way.method, after=True), before
                if entry.way.updates:
                    yield MethodWay(entry.way.maker, entry.way.method, after=True, undone=True), before
        elif not isinstance(before.way, MethodWay):
            yield entry.way, before


def _is_mistake(reading: Reading, candidate: Candidate) -> bool:
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


def _ways(
    names: Mapping[str, Any], own: Mapping[str, Candidate], module: str | None, kinds: Sequence[str]
) -> list[Entry]:
    """Return how the functions of a namespace are called, and the methods of its classes."""
    found = []
    taken = {id(one) for one in own.values()}
    peers = [one for one in names.values() if inspect.isclass(one) and module in {None, one.__module__}]
    for name, value in names.items():
        if set(words_of(name)) & OTHERS or id(value) in taken:
            continue
        if inspect.isclass(value) and (module is None or value.__module__ == module):
            if has_context(value):
                found += [Entry(one.__name__, Way(one)) for one in functions_of(value)]
            else:
                found += [*_functions_in(value, kinds), *_methods(value, peers)]
        elif _is_function(value, module):
            found += _function(name, value, kinds)
    return found


def _function(name: str, value: Any, kinds: Sequence[str], text: str = "") -> list[Entry]:
    """Return how a function is called; nothing if it has no signature."""
    with contextlib.suppress(TypeError, ValueError):
        way = Way(value, text)
        leaves = "backward" in way.source.calls() and "torch" in kinds
        return [Entry(name, LeavingWay(value, text) if leaves else way)]
    return []


def _functions_in(kind: type, kinds: Sequence[str]) -> Iterator[Entry]:
    """Yield the functions of a class that need no object."""
    for name, value in vars(kind).items():
        if isinstance(value, staticmethod | classmethod) and not set(words_of(name)) & OTHERS:
            yield from _function(name, getattr(kind, name), kinds, f"{kind.__name__}.{name}")


def _methods(kind: type, peers: Sequence[type]) -> Iterator[Entry]:
    """Yield the methods of a class, of which objects can be made."""
    try:
        maker = Maker(kind, peers)
    except KeyboardInterrupt:
        raise
    except BaseException:
        return
    for method in methods_of(kind):
        if not set(words_of(method)) & OTHERS:
            with contextlib.suppress(TypeError, ValueError):
                yield Entry(method, MethodWay(maker, method))


def _is_function(value: Any, module: str | None) -> bool:
    function = inspect.unwrap(value) if callable(value) and hasattr(value, "__wrapped__") else value
    return isinstance(function, types.FunctionType) and (module is None or function.__module__ == module)


def _ranked(ways: Sequence[Entry], role: str) -> list[Entry]:
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
    above = back or bool(first & {"up", "cache"})
    may_be, likely = {
        LAYER: (words & LAYERS and first & {"states", "h", "x"} and "W_hh" not in first, True),
        EVERYTHING: (
            ("targets" in every or (unknown and way.source.gives_probabilities)) and "up" not in first,
            words & BPTT or back or "loss" in name.lower(),
        ),
        FORWARD_BACK: (above and repeats, True),
        CELL_BACK: (above and not way.source.goes_back_in_time, not repeats),
        CELL: (forward and not repeats and named, step),
        FORWARD: (forward and not step and (repeats or "apply" in way.source.calls()), repeats),
    }[role]
    return int(not likely) if may_be else None
