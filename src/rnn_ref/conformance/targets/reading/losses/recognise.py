"""Which functions and classes of somebody's file are losses of logits, or ways back through one."""

import contextlib
import inspect
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ....operation import Operation
from ....spec import OPERATIONS
from ....spec import loss_claims as claimed
from ....spec.claims import padded
from ...loading import Loading
from ..calling.way import shown
from ..syntax.gathered import source_of
from ..syntax.padding import ignored_by
from .divisors import exponentials, takes_probabilities
from .reading import LossReading
from .roles import FUNCTION, KEPT, LOGITS, UP, LossWay, assignments, goes_back, is_loss, of_sequences
from .search import Mode, Search, divides_by_what_is_kept, mode_of, of_rows, ranks_claimed, relays

Candidate = Callable[..., Any]
LOSS, SEQUENCE = OPERATIONS["cross_entropy"], OPERATIONS["rnn_sequence_loss"]
BACK = {one.twin: one for one in OPERATIONS.values() if one.twin in {LOSS.name, SEQUENCE.name}}
OWN = {"steps": claimed.OWN_MEAN, "steps kept": claimed.OWN_KEPT}  # of ways to reduce
PROBABILITIES = "nothing in it takes exp or a softmax, so it takes probabilities, not logits"

NO_TEXT = "its text is not to be had, which tells whether it averages"


@dataclass
class Losses:
    """What was read: candidates by the specification's names, and what could not be."""

    readings: dict[str, LossReading] = field(default_factory=dict)
    modes: dict[str, Mode] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # functions that bear a name and are something else

    def forwards(self) -> list[LossReading]:
        """Return what was read as a loss, not as a way back."""
        return [one for one in self.readings.values() if not one.operation.twin]

    def take(self, reading: LossReading, mode: Mode, extra: Sequence[str] = ()) -> None:
        """Take a reading, with what it leaves out."""
        operation = reading.operation
        claims = [*ranks_claimed(reading, operation), *extra]
        claims += [claimed.FLOAT32] if reading.narrow else []
        claims += _options_left_out(reading)
        own_mask = not {*claimed.OWN}.isdisjoint(extra) and reading.takes_a_mask
        claims += [claimed.MASKED] * own_mask
        claims += [] if SEQUENCE.name in {operation.name, operation.twin} else [_targets(reading)]
        self.readings[operation.name] = replace(reading, claims=tuple(dict.fromkeys(claims)), told=mode.told)
        self.modes[operation.name] = mode


def _options_left_out(reading: LossReading) -> list[str]:
    """Return the claims on options, and on a class that stands for no target; the way forward's hold here too."""
    if reading.options:
        return []
    ways = [reading.way, *([reading.before.way] if reading.before is not None else [])]
    roles = {**(reading.before.roles if reading.before is not None else {}), **reading.roles}
    targets = next((name for name, role in roles.items() if role == "targets"), "")
    ignored = [one for way in ways if (one := ignored_by(way.source, targets, way.function)) is not None]
    if any(one == claimed.IGNORED for one in ignored):
        return [claimed.IGNORES]
    return [claimed.NO_OPTIONS, *(padded(one) for one in ignored[:1] if one >= 0)]


def _targets(reading: LossReading) -> str:
    return claimed.ONE_HOT if reading.one_hot else claimed.INDICES


def read_losses(
    names: Mapping[str, Any], own: Mapping[str, Candidate], module: str | None, loading: Loading, kinds: Sequence[str]
) -> Losses:
    """Read the losses of a namespace; functions that bear their names are left as they are, unless doubtful."""
    found = Losses()
    function = own.get(LOSS.name)
    if function is not None and _takes_probabilities(LOSS, function):
        found.refused.append(LOSS.name)
        found.unread.append(f"{shown(function)} as {LOSS.name}: {PROBABILITIES}")
        names = {name: value for name, value in names.items() if value is not function}
        own = {name: value for name, value in own.items() if value is not function}
    ways = list(_ways(names, own, module, loading))
    for way in ways:
        way.alive = loading.alive
    every_one = (LOSS.name, SEQUENCE.name, *(one.name for one in BACK.values()))
    wanted = {name for name in every_one if name not in own or name in loading.doubtful}
    meant = {name: loading.meant[name] for name in wanted if name in loading.meant}
    forwards = [way for way in ways if is_loss(way.called) or way.name in meant.values()]
    called = {name for way in forwards for name in way.source.calls() if name != way.name}
    for way in sorted(forwards, key=lambda one: one.name in called):
        _read_forward(found, way, kinds, {name for name in wanted if _is_meant(name, way, loading)})
    for name in wanted & {one.name for one in BACK.values()}:
        every = [way for way in ways if _is_meant(name, way, loading)]
        for way in sorted(every, key=lambda one: not goes_back(one.called)):
            other = any(one.way is way and one.operation.name != OPERATIONS[name].twin for one in found.forwards())
            if other or name in found.readings:
                continue
            if goes_back(way.called) or _is_forward(found, way) or name in meant:
                _read_back(found, way, kinds, name, own)
    for one in [one for one in found.readings if one not in wanted]:
        del found.readings[one]
    return found


def _takes_probabilities(operation: Operation, function: Candidate) -> bool:
    """Whether a function that bears the name of a loss, and takes other arguments, is one of probabilities."""
    try:
        mine = list(inspect.signature(function).parameters)[:2]
    except (TypeError, ValueError):
        return False
    return mine != list(operation.arguments) and takes_probabilities(source_of(function))


def _is_meant(name: str, way: LossWay, loading: Loading) -> bool:
    return not loading.meant or loading.meant.get(name) in {way.name, way.called}


def _is_forward(found: Losses, way: LossWay) -> bool:
    return any(one.way is way and FUNCTION not in one.roles.values() for one in found.readings.values())


def _read_forward(found: Losses, way: LossWay, kinds: Sequence[str], wanted: set[str]) -> None:
    """Read a loss, as one of predictions or as one of sequences."""
    why = ""
    for roles in assignments(way.signature):
        given = set(roles.values())
        if LOGITS not in given or UP in given or KEPT in given or "targets" not in given:
            continue
        operation = SEQUENCE if FUNCTION in given else LOSS
        if operation is LOSS and not way.source.trees:
            found.unread.append(f"{shown(way.function, way.name)} as {operation.name}: {NO_TEXT}")
            return
        if operation is LOSS and not exponentials(way.source):
            if not takes_probabilities(way.source):
                return  # another loss
            found.unread.append(f"{shown(way.function, way.name)} as {operation.name}: {PROBABILITIES}")
            return
        search = Search(operation, way, kinds)
        reading = search.found(roles, {})
        if reading is None:
            why = why or search.why
            continue
        reading = reading if FUNCTION in given else of_rows(reading)
        mode = Mode("given", "") if FUNCTION in given else mode_of(reading)
        if mode.name == "steps" and reading.takes_a_mask and divides_by_what_is_kept(reading):
            mode = Mode("steps kept", "averaged over what the mask keeps, added up over steps")
        mode, operation, extra = _as_operation(mode, way, operation)
        if operation.name in found.readings or operation.name not in wanted:
            return
        if operation is SEQUENCE:
            lays = dict(reading.lays)
            lays.pop("step", None)
            if mode.name in OWN and lays["batch"].logits[0] == "B":
                lays = {"batch": lays["batch"]}  # of one sequence it would divide by its steps
            reading = replace(reading, operation=SEQUENCE, lays=lays)
        if reading.lays:
            found.take(reading, mode, extra)
        return
    if why:
        found.unread.append(f"{shown(way.function, way.name)} as {LOSS.name}: {why}")


def _as_operation(mode: Mode, way: LossWay, operation: Any) -> tuple[Mode, Any, list[str]]:
    """Return how a loss reduces, the function of the specification that it is, and what it leaves out of that."""
    if "reduction" in way.signature.parameters:
        return Mode("mean", ""), operation, []  # whatever it does by default, it is told what to do
    if mode.name == "given":
        return mode, operation, []
    if mode.name in OWN or (mode.name == "sum" and of_sequences(way.called)):
        return mode, SEQUENCE, [OWN.get(mode.name, claimed.OWN_SUM)]
    return mode, LOSS, {"mean": [], "sum": [claimed.ADDED], "none": [claimed.EACH]}[mode.name]


def _read_back(found: Losses, way: LossWay, kinds: Sequence[str], name: str, own: Mapping[str, Candidate]) -> None:
    """Read a way back: of its own, or with what the way forward has kept."""
    twin = OPERATIONS[name].twin
    befores = [found.readings[twin]] if twin in found.readings else []
    why = ""
    for roles in assignments(way.signature):
        if (FUNCTION in roles.values()) != (twin == SEQUENCE.name and not _is_own_loss(found, twin)):
            continue
        for before in [None, *befores]:
            for kept, relayed in _relayed(way, before, roles):
                if "targets" not in kept.values() and before is None:
                    continue
                if before is None and FUNCTION not in kept.values() and not exponentials(way.source):
                    why = why or PROBABILITIES
                    continue
                search = Search(OPERATIONS[name], way, kinds, before)
                reading = search.found(kept, relayed)
                why = why or search.why
                if reading is not None:
                    mode = found.modes.get(twin) or (Mode("mean", "averaged") if twin in own else mode_of(reading))
                    _take_back(found, reading, mode, twin)
                    return
    if why and goes_back(way.called):
        found.unread.append(f"{shown(way.function, way.name)} as {name}: {why}")


def _is_own_loss(found: Losses, twin: str) -> bool:
    return twin in found.modes and found.modes[twin].name != "given"


def _relayed(
    way: LossWay, before: LossReading | None, roles: Mapping[str, str]
) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield the roles of the arguments that are handed over, and what goes from the way forward into the others."""
    if before is None:
        if KEPT not in roles.values() and LOGITS in roles.values():
            yield dict(roles), {}
        return
    if (before.way.kind is None) != (way.kind is None) or before.way.kind is not way.kind:
        return
    names = [one for one in before.way.source.returned() if one]
    mine = {
        name: KEPT if role == LOGITS and name in names and not exponentials(way.source) else role
        for name, role in roles.items()
    }
    if KEPT not in mine.values() and way.kind is None:
        return
    if LOGITS in mine.values() and not exponentials(way.source):
        return
    for relayed in relays(before, mine):
        yield {name: role for name, role in mine.items() if role != KEPT}, relayed


def _take_back(found: Losses, reading: LossReading, mode: Mode, twin: str) -> None:
    extra = [] if UP in reading.roles.values() else [claimed.ONE]
    if mode.name in OWN or (twin == SEQUENCE.name and mode.name == "sum"):
        if twin != SEQUENCE.name:
            return
        extra.append(OWN.get(mode.name, claimed.OWN_SUM))
    else:
        extra += {"sum": [claimed.ADDED], "none": [claimed.EACH]}.get(mode.name, [])
    if twin in found.readings:  # in the ranks of the way forward, in which the same holds
        lays = {rank: lay for rank, lay in reading.lays.items() if rank in found.readings[twin].lays}
        reading = replace(reading, lays=lays)
    if reading.lays:
        found.take(reading, mode, extra)


def _ways(
    names: Mapping[str, Any], own: Mapping[str, Candidate], module: str | None, loading: Loading
) -> Iterator[LossWay]:
    """Yield the functions of a namespace that may be losses, and the methods of classes that may."""
    taken = {id(one) for name, one in own.items() if name not in loading.doubtful}
    declared = set(loading.meant.values())
    for name, value in names.items():
        may_be = is_loss(name) or goes_back(name) or name in declared
        if not may_be or id(value) in taken:
            continue
        if inspect.isclass(value) and (module is None or value.__module__ == module):
            yield from _methods(name, value)
            continue
        function = inspect.unwrap(value) if callable(value) and hasattr(value, "__wrapped__") else value
        if isinstance(function, types.FunctionType) and (module is None or function.__module__ == module):
            with contextlib.suppress(TypeError, ValueError):
                yield LossWay(value, name)


def _methods(name: str, kind: type) -> Iterator[LossWay]:
    for method in ("forward", "loss", "__call__", "compute", "calculate", "backward", "gradient", "grad", "backprop"):
        function = inspect.getattr_static(kind, method, None)
        if inspect.isfunction(function) and function.__module__ == kind.__module__:
            try:
                yield LossWay(getattr(kind(), method), f"{name}.{method}", kind, method)
            except KeyboardInterrupt:
                raise
            except BaseException:
                return
