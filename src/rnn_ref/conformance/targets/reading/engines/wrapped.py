"""Automatic differentiation of one's own: a class that wraps arrays or numbers, reckons with them, and goes back.

Arguments are handed over wrapped, of single numbers in lists of lists; answers are unwrapped. It is known by what it
does: an object made of an array or a number alone keeps that under some name, has a method that goes back, and can be
added to or multiplied.
"""

import contextlib
import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from ..names import BACK, words_of

OWN = "own "  # before the name of the class, in the name of the kind of its arrays
RECKONS = ("__add__", "__matmul__", "__mul__")
KEPT: dict[type, str] = {}  # by class of wrapped arrays: under which name it keeps them
KINDS: dict[str, type] = {}
OF_NUMBERS: set[type] = set()  # those that wrap single numbers


def engine_kinds(values: Iterable[Any], module: str | None) -> list[str]:
    """Return the kinds of arrays that a namespace has classes of its own for."""
    found = []
    for one in values:
        if inspect.isclass(one) and module in {None, one.__module__} and _goes_back(one):
            kept = KEPT.get(one) or _kept_as(one)
            if kept:
                KEPT[one], KINDS[OWN + one.__name__] = kept, one
                found.append(OWN + one.__name__)
    return found


def wrapped(kind: str) -> Callable[[Any], Any]:
    """Return what wraps an array."""
    one = KINDS[kind]
    return (lambda array: _nested(one, array.tolist())) if one in OF_NUMBERS else one


def _nested(kind: type, value: Any) -> Any:
    return [_nested(kind, one) for one in value] if isinstance(value, list) else kind(value)


def is_wrapped(value: Any) -> bool:
    """Whether something is a list of wrapped numbers, or a list of such lists."""
    while isinstance(value, list) and value:
        value = value[0]
    return type(value) in OF_NUMBERS


def as_held(before: Any, array: Any) -> Any:
    """Return an array as what stood in its place before: in wrapped numbers, if they were that."""
    first = before
    while isinstance(first, list) and first:
        first = first[0]
    return _nested(type(first), array.tolist()) if type(first) in OF_NUMBERS and isinstance(before, list) else array


def unwrapped(value: Any) -> Any:
    """Return the array in an object of such a class; anything else as it is."""
    kept = KEPT.get(type(value))
    return getattr(value, kept) if kept else value


def _goes_back(kind: type) -> bool:
    methods = [name for name in vars(kind) if inspect.isfunction(vars(kind)[name])]
    back = any(set(words_of(name)) & BACK and not name.startswith("__") for name in methods)
    return back and any(name in methods for name in RECKONS)


def _kept_as(kind: type) -> str:
    """Return under which name an object keeps the array or number that it is made of, empty if it is made otherwise."""
    array = np.arange(6.0).reshape(2, 3)
    for given in (array, 0.5):
        with contextlib.suppress(Exception):
            made = kind(given)
            slots = getattr(kind, "__slots__", ())
            held = {name: getattr(made, name, None) for name in (*getattr(made, "__dict__", {}), *slots)}
            same = [name for name, one in held.items() if type(one) is type(given) and np.array_equal(one, given)]
            if same:
                OF_NUMBERS.update({kind} if given is not array else ())
                return str(same[0])
    return ""
