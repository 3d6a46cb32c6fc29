"""What a wrong implementation answers to a check. Thousands are asked, so what foreign code needs is left out."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..._shapes import Array
from ..operation import Check, Operation, UnusableError, as_array
from ..run.call import Outcome, perform
from ..spec.mistake import Mistake
from ..targets.raised import Raised
from .make import wrong

Way = tuple[Mistake, ...]
_KNOWN: WeakKeyDictionary[Check, dict[Way, Outcome]] = WeakKeyDictionary()


def untouched(function: str, way: Way, check: Check) -> Outcome:
    """Return what a wrong implementation says to a check: the same for every target, so it is kept.

    Raises
    ------
    ValueError
        It cannot be made.
    """
    known = _KNOWN.setdefault(check, {})
    if way not in known:
        known[way] = answered(wrong(way, function), check)
    return known[way]


def answered(candidate: Callable[..., Any], check: Check) -> Outcome:
    """Return what ``run.call.perform`` returns, of a function of ours: it prints nothing, and has no layout."""
    given = {**check.arguments, **check.options}
    arrays = all(isinstance(value, np.ndarray) for value in check.arguments.values())
    if not arrays or check.forms or type(check.operation) is not Operation:
        return perform(candidate, check, ours=True)
    handed = {name: _copied(value) for name, value in given.items()}
    outcome = Outcome()
    with np.errstate(all="ignore"):
        try:
            answer = candidate(
                *(handed[name] for name in check.arguments), **{name: handed[name] for name in check.keywords}
            )
            named = check.operation.unpacked(answer)
            outcome.answers = {name: _converted(value) for name, value in named.items()}
        except UnusableError as error:
            outcome.unusable = str(error)
        except Exception as error:
            outcome.raised = Raised(type(error).__name__, str(error))
            outcome.error = str(outcome.raised)
    outcome.mutated = tuple(name for name, value in handed.items() if _changed(value, given[name]))
    return outcome


def _copied(value: Any) -> Any:
    return (value.copy() if value.ndim else value[()]) if isinstance(value, np.ndarray) else value


def _changed(value: Any, original: Any) -> bool:
    if not isinstance(value, np.ndarray):
        return False
    return value.tobytes() != original.tobytes() and not np.array_equal(
        value, original, equal_nan=value.dtype.kind == "f"
    )


def _converted(value: Any) -> Array | str:
    if type(value) is np.ndarray and value.dtype.kind == "f":
        return value.astype(np.float64)
    try:
        return as_array(value)
    except UnusableError as error:
        return str(error)
