"""Which functions of somebody's file are which of the specification's, whatever they are called."""

import ast
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...operation import Operation
from ...spec import OPERATIONS
from ..foreign_code import quiet
from ..loading import Loading
from ..stubs import is_stub
from .axes import Form
from .calling.compiled import brief_tracebacks, of_jax, with_texts_of_scripts
from .calling.lettered import LetteredWay
from .calling.tries import Tries, watched
from .calling.updating import UpdatingWay, may_update
from .calling.way import OpenedWay, Way, shown
from .claims import claims_of, narrow
from .engines.back import read_engine_back
from .engines.wrapped import engine_kinds
from .equation import in_its_sense, options_of, with_options
from .fitting.behind import BehindLayer, with_its_layer
from .fitting.fit import Failure, fit
from .functions.entries import Entry, entries, is_function
from .functions.own import has_a_loss, is_another, is_mistake, speaks, takes_others
from .functions.roles import CELL, CELL_BACK, EVERYTHING, FORWARD, FORWARD_BACK, LAYER, ranked, roles
from .gated.padded import with_lengths
from .gated.reading import gated_operations
from .gated.recognise import read_gates
from .given import relayed
from .layers.recognise import read_stack
from .left import is_of_a_loss, not_judged, silent_gates
from .losses.output_back import BACK as BACK_OUTPUT
from .losses.output_back import may_be, read_output_back
from .losses.recognise import read_losses
from .names import BACK, words_of
from .objects.methods import MethodWay, methods_of
from .own_loss import Kind, as_way_back, gives_probabilities, losses_of_sigmoids, takes_logarithms
from .parts import parts_of_arguments
from .reading import Reading
from .syntax.expressions import name_of
from .tensors import is_narrow, kinds_for
from .text import line

Candidate = Callable[..., Any]
OF_NETWORKS = {"rnn", "cell", "recurrent", "bptt"}  # words in names
GATES = 2  # of a cell that has some, at the least
NETWORKS = {"forward", "__call__", "step", "bptt", "backward"}  # methods, of which a network has one


@dataclass
class Recognised:
    """What was read: functions of the specification, how each was read, and what could not be."""

    candidates: dict[str, Candidate] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    options: dict[str, dict[str, Any]] = field(default_factory=dict)  # by which their equations are chosen
    unread: list[str] = field(default_factory=list)  # functions with their signatures, and what is in the way
    tried: bool = False  # whether something was called to find out how it is read

    def sequences(self, forward: str) -> Form:
        """Return how a batch of sequences lies in a function that was read, empty if that is not known."""
        layout = self.readings[forward].layouts.get("batch") if forward in self.readings else None
        return layout.sequence if layout is not None else ()

    def take(self, reading: Reading) -> None:
        """Take a reading for the function of the specification that it is of."""
        name, reading = reading.operation.name, in_its_sense(reading)
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
        padded, _ = with_lengths(reading, claims_of(reading), options)
        self.candidates = padded | self.candidates


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
    with_texts_of_scripts(names.values())
    played = roles()
    own = {name: one for name, one in own.items() if not (name in OPERATIONS and has_a_loss(OPERATIONS[name], one))}
    found = Recognised(dict(own))
    if own and not loading.doubtful and not loading.meant and speaks(own, played.values()):
        return found
    kinds = kinds_for([*names.values(), *_globals_of([*names.values(), *own.values()])])
    with quiet(), brief_tracebacks(), watched() as tries:
        kinds = [*engine_kinds(names.values(), module), *kinds]
        ways = [] if speaks(own, played.values()) and not loading.meant else entries(names, own, module, kinds)
        stack, of_layers = read_stack(names, own, module, loading)
        ways = [one for one in ways if one.way.function not in of_layers and not _is_slow_with_gates(one.way)]
        for role in (FORWARD, CELL, LAYER, FORWARD_BACK, CELL_BACK, EVERYTHING):
            name = played[role].name
            if name in loading.meant:
                every = [one for one in ways if loading.meant[name] in {one.name, one.way.name}]
            elif name in own:
                every = [Entry(name, Way(own[name]))] if name in loading.doubtful else []
            else:
                every = [] if loading.meant else ranked(ways, role)
            known = {one.way.name for one in found.readings.values() if one.operation.gives_gradients}
            every = [entry for entry in every if name in loading.meant or entry.way.name not in known]
            for entry in every:
                entry.way.alive = loading.alive
                entry.way.beside = found.sequences(played[FORWARD].name)
            _read(found, played[role], every, kinds, own=name in own)
            forward = found.readings.get(played[role].twin)
            if name not in found.candidates and forward is not None and name not in loading.meant:
                back = read_engine_back(forward, played[role])
                found.candidates |= {name: back.candidate()} if back is not None else {}
            if (
                name in own
                and name in loading.doubtful
                and name not in found.readings
                and (
                    is_another(played[role], own) or takes_others(played[role], own[name]) or _is_read(found, own[name])
                )
            ):
                found.candidates.pop(name)
        _read_losses(found, names, own, module, loading, kinds)
        read = {*of_layers, *(reading.way.function for reading in found.readings.values())}
        gates = read_gates(names, own, module, loading, kinds, read)
        found.candidates |= gates | stack
        _in_one_precision(found, own, kinds)
        _leave_others(found, own, gates, tries, loading)
        found.unread += [] if gates or loading.meant else silent_gates(names, module, of_layers)
        _take_broken(found, tries, own)
        unmade = {kind: why for kind, why in tries.unmade.items() if set(methods_of(kind)) & NETWORKS}
        found.tried = found.tried or tries.made or bool(unmade)
        known = found.candidates.keys() - own.keys()
        found.unread += [
            f"{kind.__name__}, which cannot be made: it raises {why}"
            for kind, (fault, why) in unmade.items()
            if fault or not known
        ]
        functions = {name: one for name, one in names.items() if is_function(one, module)}
        classes = [one for one in names.values() if inspect.isclass(one) and one.__module__ == module]
        loading.notes += [] if loading.meant else not_judged(ways, found.candidates, found.readings, functions, classes)
    return found


def _in_one_precision(found: Recognised, own: Mapping[str, Candidate], kinds: Sequence[str]) -> None:
    """Claim the precision of the others in a file for its functions under our own names too, where JAX has but one."""
    if is_narrow(kinds) and found.readings:
        for name in [one for one, function in own.items() if found.candidates.get(one) is function]:
            found.candidates[name] = narrow(own[name]) if of_jax(own[name]) else own[name]


def _is_slow_with_gates(way: Way) -> bool:
    """Whether every trial of a function is compiled, and it has gates: it is no tanh network, in no layout."""
    return way.compiles and sum("sigmoid" in name_of(one.func) for one in way.source.nodes(ast.Call)) >= GATES


def _is_read(found: Recognised, function: Candidate) -> bool:
    """Whether a function is read as some other than its name says."""
    return any(one.way.function is function for one in found.readings.values())


def _leave_others(
    found: Recognised, own: Mapping[str, Candidate], gates: Mapping[str, Candidate], tries: Tries, loading: Loading
) -> None:
    """Leave out what bears a name of cells with gates, or of stacks, takes something else, and is not read."""
    forward = {one.name for one in gated_operations()}
    for operation in [
        one for one in OPERATIONS.values() if {one.name, one.twin} & forward or type(one) is not Operation
    ]:
        name = operation.name
        if name not in own or name not in loading.doubtful or name in gates:
            continue
        if is_another(operation, own) or takes_others(operation, own[name]):
            found.tried = True
            found.candidates.pop(name, None)
            why = next((one.raises for one in tries.broken() if one.told == shown(own[name], name)), "")
            why = f"it raises {why}" if why else "its arguments are not understood"
            found.unread.append(f"{shown(own[name], name)} as {name}: {why}")


def _take_broken(found: Recognised, tries: Tries, own: Mapping[str, Candidate]) -> None:
    """Take what raises whatever it is given for what it was tried as: the judge says what it raises, and where.

    Of a function that bears its name any exception is told so, for its name says what it is meant to be, unless it
    takes what the function of that name does not; but for a key that what was handed over lacks, which is that of a
    layer that is not known.
    """
    for one in tries.broken():
        name = one.operation.name
        lost = name in own and name not in found.candidates and not is_another(one.operation, own, found.readings)
        lost = lost and not one.raises.startswith("KeyError")
        if not one.fault and not lost:
            continue
        found.unread = [text for text in found.unread if not text.startswith(f"{one.told} as ")]
        if one.fault_of:
            found.unread.append(f"{one.told} as {name}: it calls {one.fault_of}, which raises whatever it is given")
        elif name not in found.candidates:
            found.candidates[name] = one.candidate
        elif name not in own:  # another is read as that
            found.unread.append(f"{one.told} as {name}: it raises {one.raises}")


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
        ways = [one.way for one in entries(names, own, module, kinds) if wanted in {one.name, None}]
        ways = [way for way in ways if (may_be(way) and not loading.meant) or wanted]
        reading, why = read_output_back(ways, found.readings.get(BACK_OUTPUT.twin), kinds)
        losses.unread += [why] if why else []
        if reading is not None:
            found.take(reading)
            read.append(shown(reading.way.function, reading.way.name))
    found.unread = [
        one for one in (*found.unread, *losses.unread) if not one.startswith(tuple(f"{r} as " for r in read))
    ]


def _globals_of(values: Iterable[Any]) -> Iterator[Any]:
    """Yield what stands around classes and functions that were handed over without their module."""
    for value in values:
        module = sys.modules.get(getattr(value, "__module__", "") or "")
        own = [value, *(vars(value).values() if inspect.isclass(value) else ())]
        if (inspect.isclass(value) or inspect.isfunction(value)) and module is not None:
            yield from list(vars(module).values())
        elif module is None:  # its module was taken apart
            yield from [held for one in own if inspect.isfunction(one) for held in list(one.__globals__.values())]


def _read(found: Recognised, operation: Operation, every: Sequence[Entry], kinds: Sequence[str], *, own: bool) -> None:
    """Read one function of the specification: as the first that fits, else as the first that answers at all."""
    answered: Reading | None = None
    failed: list[tuple[bool, str]] = []
    if every and not own and _is_skeleton(every[0]):
        likeliest = functools.partial(every[0].way.function)
        likeliest.__reading__ = shown(every[0].way.function, every[0].way.name)  # type: ignore[attr-defined]
        found.candidates[operation.name] = likeliest
        return
    for entry in every:
        for way, before in _with_before(entry, found, operation):
            way.alive = entry.way.alive
            one = _fitted(operation, way, kinds, before, own=own)
            if isinstance(one, Failure) and is_of_a_loss(way.name) and not gives_probabilities(way, before):
                continue  # it takes and returns what a step does, and is none
            if isinstance(one, Failure):
                failed.append((not one.tried, f"{shown(way.function, way.name)} as {operation.name}: {one.told}"))
            elif one.fits and not (own and is_mistake(one, way.function)):
                found.take(one)
                return
            else:
                answered = answered or one
    if answered is not None and not own:
        found.take(answered)
    else:
        found.unread += [
            told for _, told in sorted(failed, key=lambda one: one[0])[:1]
        ]  # the likeliest that was called


def _is_skeleton(entry: Entry) -> bool:
    """Whether something is called like a part of the network, takes arguments, and is yet to be written."""
    arguments = entry.way.signature.parameters
    return bool(set(words_of(entry.name)) & OF_NETWORKS) and len(arguments) > 1 and is_stub(entry.way.function)


def _fitted(
    operation: Operation, way: Way, kinds: Sequence[str], before: Reading | None, *, own: bool
) -> Reading | Failure:
    """Return the reading of a function, if its loss is another than the specification's, as the way back."""
    parts = parts_of_arguments(operation).values()
    of_sigmoids = losses_of_sigmoids(way, before) if "targets" in parts else []
    of_two = of_sigmoids[:1] == ["cross-entropy of sigmoids"]
    if "targets" not in parts or (takes_logarithms(way, before) and not of_two):
        found = fit(operation, way, kinds, before, strict=own)
        layer = before is not None and "up" in parts and "W_hy" in before.given.values() and not own
        if _answers(found) or not (layer and set(words_of(way.name.rpartition(".")[2])) & BACK):  # no step of descent
            return found
        behind = fit(operation, way, kinds, before, strict=True, behind=True)
        if isinstance(behind, Failure) and isinstance(found, Failure):
            return max(found, behind, key=lambda one: one.line)  # which came farther
        if isinstance(behind, BehindLayer) and behind.fits and _in_shape(behind):
            return with_its_layer(behind)
        return found
    real = fit(operation, way, kinds, before, strict=own, real=True)
    losses: list[Kind] = of_sigmoids if of_two else ["squared error", *of_sigmoids]
    tried = (as_way_back(real, one) for one in losses) if isinstance(real, Reading) and real.fits else iter(())
    back = next((one for one in tried if one is not None), None)
    if back is None and (own or (gives_probabilities(way, before) and not of_two)):
        return fit(operation, way, kinds, before, strict=own)
    return back or (
        real if isinstance(real, Failure) else Failure("its loss is neither cross-entropy nor squared error")
    )


def _in_shape(found: Reading | Failure) -> bool:
    """Whether all that was read has the shapes that are due."""
    every = [one for outputs in getattr(found, "outputs", {}).values() for ones in outputs.values() for one in ones]
    return all(one.form is not None for one in every)


def _answers(found: Reading | Failure) -> bool:
    return isinstance(found, Reading) and found.fits


def _keeps_h0(forward: Reading) -> bool:
    """Whether what a way forward returns has the state before the first step in it, as a way back may need."""
    taken = [one for every in forward.outputs.values() for ones in every.values() for one in ones]
    return any("T+" in (one.form or ()) for one in taken)


def _with_before(entry: Entry, found: Recognised, operation: Operation) -> Iterator[tuple[Way, Reading | None]]:
    """Yield the ways in which a callable may be called: alone, and after a way forward of the same kind."""
    first = found.readings.get(operation.twin) if type(entry.way) is Way else None
    if first is not None and _keeps_h0(first) and relayed(entry.way, first):
        yield entry.way, first
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
                if "targets" in parts_of_arguments(operation).values():
                    yield from ((way, before) for way in entry.way.with_way_back(after=True))
                if entry.way.updates:
                    yield MethodWay(entry.way.maker, entry.way.method, after=True, undone=True), before
        elif not isinstance(before.way, MethodWay):
            yield entry.way, before
    has_cache = any(place.parts[:1] == ("cache",) for place in entry.way.places)
    if type(entry.way) is Way and operation.recurrent and not operation.gives_gradients:
        lettered = LetteredWay(entry.way.function, entry.way.name)
        yield from [(lettered, None)] if lettered.places else []
    if type(entry.way) is Way and has_cache and operation.twin and not any(one in found.readings for one in twins):
        yield OpenedWay(entry.way.function, entry.way.name), None
