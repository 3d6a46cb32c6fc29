"""Which function of somebody's file is a stack."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any

from ....spec import OPERATIONS
from ...loading import Loading
from ..calling.way import Way
from ..functions.entries import is_function
from ..gated.names import is_back
from .back import StackBack, read_stack_back
from .reading import Layers, read_layers

STACK, BACK = "stack_forward", "stack_backward"


def read_stack(
    names: Mapping[str, Any], own: Mapping[str, Any], module: str | None, loading: Loading
) -> tuple[dict[str, Callable[..., Any]], list[Any]]:
    """Return the functions by the specification's names, and as they stand; nothing if there is none."""
    if STACK in own or (loading.meant and STACK not in loading.meant):
        return {}, []
    for name, value in names.items():
        if is_function(value, module) and not is_back(name) and loading.meant.get(STACK, name) == name:
            with contextlib.suppress(TypeError, ValueError):
                way = Way(value)
                way.tried_as = OPERATIONS[STACK]
                reading = read_layers(way)
                if reading is not None:
                    back = _back(reading, names, module)
                    found = {BACK: back.candidate()} if back else {}
                    return {STACK: reading.candidate(), **found}, [value, *([back.way.function] if back else [])]
    return {}, []


def _back(forward: Layers, names: Mapping[str, Any], module: str | None) -> StackBack | None:
    """Return the way back after a stack that is read, None if there is none."""
    for value in names.values():
        if is_function(value, module) and is_back(value.__name__):
            with contextlib.suppress(TypeError, ValueError):
                found = read_stack_back(Way(value), forward)
                if found is not None:
                    return found
    return None
