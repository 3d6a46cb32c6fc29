"""Losses that a program has a function for, and that it does not call beside its gradients: called with the same."""

import contextlib
import inspect
import re
from collections.abc import Iterator
from types import FrameType, FunctionType, MethodType
from typing import Any

import numpy as np

from ..targets.reading.names import parts_of
from .arrays import leaves_in
from .program import Program
from .watch import scalars_in

LOSS = re.compile(r"(?i)loss|cost|err(or)?($|_)|nll|(^|_)[mbc]se|bce|entropy|xent|objective|energy")
GRADIENTS = re.compile(r"(?i)grad|back|bptt|deriv|train|step|fit|update|^d_?(loss|cost|err)")


def losses_asked(frame: FrameType, program: Program) -> Iterator[tuple[str, Any]]:
    """Yield what losses return that are told no more than a function was told, by their names.

    They are methods of its object, or functions of its module. Left out are those that return something else when they
    are called again, as where a state is kept or units are dropped, and those that go forward from another state.
    """
    names = names_told(frame)
    told = {name: frame.f_locals[name] for name in names if name in frame.f_locals}
    states = {name for name, one in told.items() if parts_of(name)[:1] == ("h",) and _is_begun(one)}
    for name, function in _losses(told.get(names[0]) if names else None, frame, program):
        needed = [one.name for one in inspect.signature(function).parameters.values() if one.default is one.empty]
        if needed and set(needed) <= told.keys() and (states <= {*needed} or not _goes_forward(function, program)):
            with contextlib.suppress(Exception):  # foreign code
                given = {one: told[one] for one in needed}
                returned, again = function(**given), function(**given)
                if [*scalars_in(returned)] == [*scalars_in(again)]:
                    yield name, returned


def _is_begun(state: Any) -> bool:
    """Whether any of a state is not zero, or of the states of several layers, which differ in their sizes."""
    try:
        return bool(np.any(state))
    except ValueError:  # no array
        return any(one.array.any() for one in leaves_in({"state": state}, frozenset()))


def _goes_forward(function: Any, program: Program) -> bool:
    """Whether a loss calls another function of the program's own: it is told no predictions then."""
    around = {**function.__globals__, **vars(type(getattr(function, "__self__", None)))}
    called = [around.get(name) for name in function.__code__.co_names]
    return any(type(one) is FunctionType and program.is_own(one.__code__.co_filename) for one in called)


def names_told(frame: FrameType) -> tuple[str, ...]:
    """Return the names of what a function is told."""
    return frame.f_code.co_varnames[: frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount]


def _losses(owner: Any, frame: FrameType, program: Program) -> Iterator[tuple[str, Any]]:
    """Yield the other functions that are called like a loss, and not like a way back."""
    around: list[Any] = [one for one in frame.f_globals.values() if type(one) is FunctionType]
    if type(owner).__module__ in program.modules:
        around += [MethodType(one, owner) for one in vars(type(owner)).values() if type(one) is FunctionType]
    for one in around:
        is_other = program.is_own(one.__code__.co_filename) and one.__code__ is not frame.f_code
        if is_other and LOSS.search(one.__name__) and not GRADIENTS.search(one.__name__):
            yield one.__qualname__, one
