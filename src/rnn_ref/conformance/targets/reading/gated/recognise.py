"""Which functions of somebody's file are cells with gates, alone or through time, and their ways back."""

import contextlib
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from ....spec import OPERATIONS
from ...loading import Loading
from ..calling.way import Way
from ..functions.entries import is_function
from ..objects.autograd import has_context
from .find import gated_operations, read_gated
from .find_back import read_back
from .objects import HoldingWay, methods, ways_back
from .reading import GatedReading

Candidate = Callable[..., Any]


def read_gates(
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
    kinds: Sequence[str],
    read: Collection[Any],
) -> dict[str, Candidate]:
    """Return the functions of cells with gates by the specification's names, of what is not ``read`` already."""
    found: dict[str, Candidate] = {}
    taken, named = set(read), set[str]()
    for operation in gated_operations():
        meant = loading.meant.get(operation.name)
        if operation.name in own and operation.name not in loading.doubtful and not meant:
            continue
        for name, way in _gated_ways(names, module, taken):
            if way.name in named:
                continue
            if (loading.meant and not meant) or meant not in {None, name} or (name in own and name != operation.name):
                continue
            reading = read_gated(operation, way, kinds)
            if reading is not None:
                found[operation.name] = reading.candidate()
                taken.add(way.function)
                named.add(way.name)
                found |= _read_back(reading, names, own, module, loading)
                break
    return found


def _gated_ways(names: Mapping[str, Any], module: str | None, taken: set[Any]) -> Iterator[tuple[str, Way]]:
    """Yield functions, and after them methods of classes, that are not read yet."""
    classes = [one for one in names.values() if inspect.isclass(one) and one.__module__ == module]
    for name, value in list(names.items()):  # a warning leaves a name behind
        if is_function(value, module) and value not in taken:
            with contextlib.suppress(TypeError, ValueError):
                yield name, Way(value)
    for kind in classes:
        if not has_context(kind):
            yield from ((way.method, way) for way in methods(kind, classes))


def _read_back(
    forward: GatedReading,
    names: Mapping[str, Any],
    own: Mapping[str, Candidate],
    module: str | None,
    loading: Loading,
) -> dict[str, Candidate]:
    """Return the way back of what has been read, if it takes what that has kept."""
    operation = next((one for one in OPERATIONS.values() if one.twin == forward.operation.name), None)
    if operation is None or (operation.name in own and operation.name not in loading.doubtful):
        return {}
    ways: list[Way] = []
    if isinstance(forward.way, HoldingWay):
        ways += ways_back(forward.way.maker)
    for name, value in names.items() if not ways else ():
        if is_function(value, module) and (name not in own or name == operation.name):
            with contextlib.suppress(TypeError, ValueError):
                ways.append(Way(value))
    found = (read_back(operation, way, forward) for way in ways)
    return next(({operation.name: back.candidate()} for back in found if back is not None), {})
