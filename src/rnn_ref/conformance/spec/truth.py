"""The right answers with 50 decimal digits: the equations once more, on exact numbers (``numbers/exact.py``).

An answer is handed on as the nearest float64 and what is missing in ulp of it, so that an error can be measured in
fractions of a float64 ulp. Each backward is a function of the states *given*: their rounding is not held against the
gradients.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers.exact import exact, in_use
from ..operation import Answers
from . import OPERATIONS, family_of, recurrent

DIGITS = 50


def ask(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any], make: str = "mpmath") -> Answers:
    """Return every output of a function as (nearest float64, what is missing in ulp); callables go by their names."""
    operation = OPERATIONS[function]
    own = None if operation.cell else family_of(function).part("truth")
    with in_use(make, DIGITS + (own.digits(arguments, options) if own else 1)):
        values = {name: _lifted(value) for name, value in arguments.items()}
        if own:
            handed = operation.handed(values)
            answers = getattr(own, function)(*handed, **{name: _lifted(one) for name, one in options.items()})
        else:
            answers = recurrent.truth(operation, values, options)
        return {name: _split(np.asarray(answer, object)) for name, answer in answers.items()}


def ask_decimal(function: str, arguments: Mapping[str, Any], options: Mapping[str, Any]) -> Answers:
    """Return the same by Python's own decimals."""
    return ask(function, arguments, options, "decimal")


def _lifted(value: Any) -> Any:
    if isinstance(value, float) or (isinstance(value, np.ndarray) and value.dtype.kind == "f"):
        return exact(value)
    return value


def _split(answer: Array) -> tuple[Array, Array]:
    """Return the nearest float64 numbers, and what is missing in units of their last place, −0.5 to 0.5."""
    nearest = answer.astype(np.float64)
    finite = np.where(np.isfinite(nearest), answer, exact(0))
    ulp = np.spacing(np.abs(finite.astype(np.float64)))
    remainder = (finite - exact(finite.astype(np.float64))) / exact(ulp)
    return nearest, np.asarray(remainder, np.float64)
