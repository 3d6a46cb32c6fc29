"""PyTorch's own answers, by the calls that every family has of it: stored beside the truth, and ``--oracle torch``."""

import inspect
from collections.abc import Mapping
from typing import Any

from .. import OPERATIONS, family_of


def ask(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
    """Return what PyTorch answers; callables among the arguments go by their names. None where it has nothing like it.

    Raises ModuleNotFoundError where PyTorch is not installed.
    """
    family = family_of(function)
    if not family.has("with_torch"):
        return None
    calls = family.part("with_torch")
    if not hasattr(calls, function):
        return calls.answer_of_its_own(function, arguments.values())
    call = getattr(calls, function)
    known = inspect.signature(call).parameters
    handed = OPERATIONS[function].handed(arguments)
    return call(*handed, **options) if options.keys() <= known.keys() else None
