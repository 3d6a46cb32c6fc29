"""How far a right answer may be from the truth, entry by entry, once for every check."""

import weakref
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers.bounded import tiny, unit
from ..operation import Check
from . import family_of, recurrent

Allowed = dict[str, Any]
_KNOWN: weakref.WeakKeyDictionary[Check, Allowed] = weakref.WeakKeyDictionary()


def allowed_errors(check: Check) -> Allowed:
    """Return the allowed error of every entry of every output; of all states that are returned, that at the true ones.

    A check is asked of many targets, and is known by itself.
    """
    if check.expected.keys() <= check.allowed.keys():
        return dict(check.allowed)
    if check not in _KNOWN:
        with np.errstate(invalid="ignore"):  # of what is no number
            found = recurrent.allowed_errors(check) if check.operation.cell else _of_its_own(check)
        _KNOWN[check] = {
            name: np.where(np.isnan(check.expected.get(name, one)), 0.0, one) for name, one in found.items()
        }
    return _KNOWN[check]


def _of_its_own(check: Check) -> Allowed:
    """Return what the family's own derivation gives, in units of u, as errors."""
    arguments = [_wide(value) for value in check.arguments.values()]
    options = {name: _wide(value) for name, value in check.options.items()}
    found = family_of(check.function).part("allowance").allowed(check, arguments, options)
    return {name: unit(check.dtype) * np.asarray(one) + tiny(check.dtype) for name, one in found.items()}


def largest_entry(array: Array) -> float:
    """Return the largest finite absolute value, 0 if there is none."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def _wide(value: Any) -> Any:
    return value.astype(np.float64) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
