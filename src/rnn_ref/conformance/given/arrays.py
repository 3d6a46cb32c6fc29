"""Take the numbers out of whatever holds them: NumPy's arrays, tensors of a framework that is loaded, lists, scalars.

No framework is imported: a tensor brings the methods along by which it is taken out of its graph and to the CPU.
"""

from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..foreign_text import line
from ..numbers.formats import FORMATS, coarsest
from ..operation import UnusableError, detached

STORED = ("float64", "float32", "bfloat16", "float16")  # dtypes of arrays


class Taken(NamedTuple):
    """The numbers, floating-point ones as float64, and the dtype in which they were; none of plain Python numbers."""

    array: Array
    dtype: str | None


def taken(value: Any) -> Taken:
    """Return the numbers of a value. Raises UnusableError with a sentence that goes on after its name.

    >>> taken([np.float32(1), np.float32(2)])
    Taken(array=array([1., 2.]), dtype='float32')
    """
    if value is None:
        raise UnusableError("is None")
    if isinstance(value, Real) and not isinstance(value, np.generic):
        return Taken(np.asarray(value), None)
    if isinstance(value, list | tuple) and any(hasattr(item, "dtype") or isinstance(item, list) for item in value):
        return _stacked([taken(item) for item in value])
    try:
        array = np.asarray(detached(value))
    except Exception as error:
        raise UnusableError(f"is of type {type(value).__name__} and cannot be made an array: {line(error)}") from error
    dtype = str(getattr(value, "dtype", array.dtype)).removeprefix("torch.")
    if dtype in STORED:
        return Taken(array.astype(np.float64), None if isinstance(value, list | tuple) else dtype)
    if array.dtype.kind in "iu":
        return Taken(array, None)
    held = type(value).__name__ if array.dtype == object else f"an array of dtype {dtype}"
    raise UnusableError(f"is {held}, expected numbers of dtype {', '.join(STORED)}, or integers")


def _stacked(items: list[Taken]) -> Taken:
    shapes = [item.array.shape for item in items]
    odd = next((i for i, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is not None:
        raise UnusableError(f"is a ragged list: item 0 has shape {shapes[0]}, item {odd} has shape {shapes[odd]}")
    dtypes = [FORMATS[item.dtype] for item in items if item.dtype]
    return Taken(np.stack([item.array for item in items]), coarsest(*dtypes).name if dtypes else None)
