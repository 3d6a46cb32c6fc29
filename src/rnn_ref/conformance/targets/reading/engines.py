"""Automatic differentiation of one's own: a class that wraps arrays, reckons with them, and goes back.

Arguments are handed over wrapped, answers are unwrapped. It is known by what it does: an object made of an array alone
keeps that under some name, has a method that goes back, and can be added to or multiplied.
"""

import inspect
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from .names import BACK, words_of

OWN = "own "  # before the name of the class, in the name of the kind of its arrays
RECKONS = ("__add__", "__matmul__", "__mul__")
KEPT: dict[type, str] = {}  # by class of wrapped arrays: under which name it keeps them
KINDS: dict[str, type] = {}


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
    return KINDS[kind]


def unwrapped(value: Any) -> Any:
    """Return the array in an object of such a class; anything else as it is."""
    kept = KEPT.get(type(value))
    return getattr(value, kept) if kept else value


def _goes_back(kind: type) -> bool:
    methods = [name for name in vars(kind) if inspect.isfunction(vars(kind)[name])]
    back = any(set(words_of(name)) & BACK and not name.startswith("__") for name in methods)
    return back and any(name in methods for name in RECKONS)


def _kept_as(kind: Callable[..., Any]) -> str:
    """Return under which name an object keeps the array that it is made of, empty if it is not made of one."""
    array = np.arange(6.0).reshape(2, 3)
    try:
        made = kind(array.copy())
    except Exception:  # it is made in another way
        return ""
    held = {name: getattr(made, name, None) for name in (*getattr(made, "__dict__", {}), *getattr(kind, "__slots__", ()))}
    alike = [name for name, one in held.items() if isinstance(one, np.ndarray) and np.array_equal(one, array)]
    return alike[0] if alike else ""
