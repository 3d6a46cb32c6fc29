"""One check as it is handed to other languages: named arrays, and four numbers for every entry of an answer."""

from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..spec.recurrent import chained_errors
from ..spec.tolerance import allowed_errors

PLANES = ("expected", "remainder", "pytorch", "allowed")


class Record(NamedTuple):
    """A check with its inputs as arrays (of no axes for scalars) or words, and what is needed to judge an answer."""

    check: Check
    arguments: dict[str, Array | str]
    options: dict[str, Array | str]
    outputs: dict[str, dict[str, Array]]  # by output, by plane


def record(check: Check) -> Record:
    """Return a check with everything that judging needs.

    The remainder is what is missing from ``expected`` to the truth, as a number of its own.
    """
    allowed = chained_errors(check) if check.operation.states else allowed_errors(check)
    outputs = {
        name: {
            "expected": expected,
            "remainder": _missing(expected, check.remainder[name]),
            "pytorch": check.pytorch.get(name, np.full(expected.shape, np.nan)),
            "allowed": np.broadcast_to(allowed[name], expected.shape).astype(np.float64),
        }
        for name, expected in check.expected.items()
    }
    return Record(check, _values(check.arguments), _values(check.options), outputs)


def numbers(array: Array) -> list[str] | list[int]:
    """Return the entries in C order: integers as they are, the others as C99 writes them in hexadecimal, exactly.

    >>> numbers(np.array([0.1, 1.0, -np.inf])), numbers(np.array(3))
    (['0x1.999999999999ap-4', '0x1.0000000000000p+0', '-inf'], [3])
    """
    flat = array.ravel().tolist()
    return [value.hex() for value in flat] if array.dtype.kind == "f" else flat


def _missing(expected: Array, remainder: Array) -> Array:
    """Return a remainder, stored in ulp, as a number; nothing is missing from what is not finite."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isfinite(expected), remainder * np.spacing(np.abs(expected)), 0.0)


def _values(values: Any) -> dict[str, Array | str]:
    return {name: value if isinstance(value, str) else np.asarray(value) for name, value in values.items()}
