"""Arrays in JSON: ``{"dtype": "float64", "shape": [2, 3], "data": [...]}``, the last axis running fastest.

A finite number is sent in the fewest decimal digits that mean this float64 and no other, so that whatever reads it
gets it exactly, as float32 too. What is no finite number is a text: ``"inf"``, ``"-inf"``, ``"nan"``. In answers,
numbers may be texts as well, in decimal or as C99 writes them in hexadecimal, which may put more behind a nan.
"""

import json
import math
import re
from typing import Any

import numpy as np

from ...._shapes import Array
from ...operation import UnusableError

LONGEST = 60  # characters that are quoted
NAN = re.compile(r"nan\([0-9A-Za-z_]*\)$", re.IGNORECASE)  # of C's printf: nan(ind), nan(snan)
NUMBER = 'expected a number, or a text such as "0x1.8p+1", "inf" or "nan"'


def as_json(value: Any, dtype: str) -> Any:
    """Return an array, or a list of arrays, as what JSON writes of it; a single number is one of ``dtype``.

    >>> as_json(np.array([[0.1, np.inf]], np.float32), "float32")
    {'dtype': 'float32', 'shape': [1, 2], 'data': [0.10000000149011612, 'inf']}
    >>> as_json(2.0, "float32")
    {'dtype': 'float32', 'shape': [], 'data': [2.0]}
    """
    array = np.asarray(value)
    name = dtype if isinstance(value, float) else array.dtype.name
    numbers = array.astype(np.float64) if array.dtype.kind == "f" else array
    return {"dtype": name, "shape": list(array.shape), "data": [_written(one) for one in numbers.ravel().tolist()]}


def from_json(value: Any, dtype: str) -> Array:
    """Return the array that was written, or a single number. Raises UnusableError.

    >>> from_json({"shape": [2], "data": [0.1, "0x1.8p+1"]}, "float32")
    array([0.1, 3. ], dtype=float32)
    """
    if not isinstance(value, dict):
        value = {"shape": [], "data": [value]}
    shape, data = value.get("shape"), value.get("data")
    if not (isinstance(shape, list) and all(type(size) is int and size >= 0 for size in shape)):
        raise UnusableError(f"has the shape {quoted(shape)}, expected a list of whole numbers")
    if not isinstance(data, list):
        raise UnusableError(f"has the data {quoted(data)}, expected a list of numbers")
    if len(data) != math.prod(shape):
        raise UnusableError(f"has {len(data)} numbers, expected {math.prod(shape)} for its shape {tuple(shape)}")
    with np.errstate(over="ignore"):  # of a number that float32 does not reach
        return np.array([_read(one) for one in data], np.float64).astype(dtype).reshape(shape)


def quoted(value: Any) -> str:
    """Return what stands in JSON, so long as it is short, for a message.

    >>> quoted([1, None])
    '[1, null]'
    """
    text = json.dumps(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _written(number: Any) -> Any:
    return number if not isinstance(number, float) or math.isfinite(number) else str(number)


def _read(number: Any) -> float:
    if type(number) is float:
        return number
    try:
        if isinstance(number, str):
            number = NAN.sub("nan", number)
            return float.fromhex(number) if "0x" in number.lower() else float(number)
        if type(number) is int:
            return float(number)
    except (ValueError, OverflowError):
        pass
    raise UnusableError(f"has {quoted(number)} among its numbers, {NUMBER}")
