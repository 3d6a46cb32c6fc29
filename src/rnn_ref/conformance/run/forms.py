"""Forms in which the same numbers are handed over: as they lie in memory, in another type of integers, or in a list.

Views are what slices, transposes and frameworks hand to a function every day. A function that reads memory without its
strides sees the ``nan`` between the numbers of a strided array, or the numbers of another one in another order.

A class makes hundreds of calls for each of its targets. What is the same at every call of a check is worked out once:
``Handing``. The process from which others are forked (``stem.py``) has that done before any target is loaded.
"""

from collections.abc import Callable, Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..spec.losses.callables import CALLABLES
from ..spec.stack.callables import named as layer_named
from ..targets.convention import Convention

SMALL = 2**18  # bytes of the arrays of a check for which they are kept


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


class Handing:
    """The arguments and options of a check, in the layout of a target."""

    def __init__(self, check: Check, convention: Convention) -> None:
        given = {**check.arguments, **check.options}
        if convention.known_layout:
            given = {
                name: convention.there(check, name, one) if isinstance(one, np.ndarray) else one
                for name, one in given.items()
            }
        arrays = {name: one for name, one in given.items() if isinstance(one, np.ndarray)}
        self.functions = tuple(name for name, one in given.items() if isinstance(one, str) and one in CALLABLES)
        own = {name: check.options[name] for name in check.operation.handed_on if name in check.options}
        layers = {name: layer for name, one in given.items() if (layer := layer_named(one, own)) is not None}
        # one target is an integer, not an array
        self._as_is = {name: one[()] if name in arrays else one for name, one in given.items()} | layers
        self._copied = [(name, one, check.forms.get(name, "")) for name, one in arrays.items() if one.ndim]
        self._known = dict[str, tuple[Array, bytes]]()  # of an array, how it was handed over, and its bits
        self.is_small = sum(one.nbytes for one in arrays.values()) <= SMALL

    def handed(self) -> dict[str, Any]:
        """Return new copies of the arrays, in their forms, and all else as it is; of a function its name."""
        handed = dict(self._as_is)
        for name, one, form in self._copied:
            handed[name] = in_form(one, form) if form else one.astype(one.dtype)
        return handed

    def changed(self, handed: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the arguments that are not any more what was handed over."""
        for name, one, form in self._copied:
            if name not in self._known:
                then = np.array(in_form(one, form)) if form else one
                self._known[name] = then, then.tobytes()
        return tuple(name for name, *_ in self._copied if _changed(handed[name], *self._known[name]))


_READY: WeakKeyDictionary[Check, Handing] = WeakKeyDictionary()


def handing(check: Check, convention: Convention) -> Handing:
    """Return what a check hands over; it is kept if it is small and the layout is the specification's own."""
    ready = None if convention.known_layout else _READY.get(check)
    if ready is None:
        ready = Handing(check, convention)
        if ready.is_small and not convention.known_layout:
            _READY[check] = ready
    return ready


def _changed(value: Any, original: Array, bits: bytes) -> bool:
    try:
        now = value if isinstance(value, np.ndarray) else np.array(value, order="C")
    except Exception:  # the rows of a list were replaced by whatever it may be
        return True
    if now.shape != original.shape or now.dtype != original.dtype:
        return True
    # another sign of a zero is no change: who takes a step of length zero leaves 0 where there was -0
    return now.tobytes() != bits and not np.array_equal(now, original, equal_nan=now.dtype.kind == "f")
