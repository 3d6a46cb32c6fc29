"""Forms in which the same numbers are handed over: as they lie in memory, in another type of integers, or in a list.

Views are what slices, transposes and frameworks hand to a function every day. A function that reads memory without its
strides sees the ``nan`` between the numbers of a strided array, or the numbers of another one in another order.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..._shapes import Array


def in_form(array: Array, form: str = "") -> Any:
    """Return a copy of an array in a form: one of FORMS or of INTEGERS, or none in particular.

    >>> in_form(np.array([1, 2]), "list"), in_form(np.array([1, 2]), "uint8").dtype
    ([1, 2], dtype('uint8'))
    """
    return FORMS[form](array) if form in FORMS else array.astype(form or array.dtype)


def _as_list(array: Array) -> list[Any]:
    return list(array.copy()) if array.dtype.kind == "f" else array.tolist()


def _strided(array: Array) -> Array:
    """Lay numbers with gaps between them, and what is no number in the gaps."""
    gaps = np.full((*array.shape[:-1], 2 * array.shape[-1]), np.nan if array.dtype.kind == "f" else -1, array.dtype)
    gaps[..., ::2] = array
    return gaps[..., ::2]


def _reversed(array: Array) -> Array:
    return np.flip(np.flip(array).copy())


def _read_only(array: Array) -> Array:
    copied = array.copy()
    copied.flags.writeable = False
    return copied


INTEGERS = ("int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64")
FORMS: Mapping[str, Callable[[Array], Any]] = {
    "list": _as_list,
    "strided": _strided,
    "fortran": lambda array: np.array(array, order="F"),
    "reversed": _reversed,
    "read-only": _read_only,
}
