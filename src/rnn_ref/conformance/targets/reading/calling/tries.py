"""What came of the calls by which it was found out how functions are read: which of them answered, and which broke."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from ....operation import Operation
from ...raised import own_frames
from .faults import is_fault

Candidate = Callable[..., Any]


class Broken(NamedTuple):
    """A function that raises whatever it is given, as what it was tried, and what raises that in its place."""

    operation: Operation
    told: str  # the function with its arguments
    candidate: Candidate
    fault_of: str  # the function that it calls and that breaks in the same way: one fault is told once


class Tries:
    """The calls of functions, each known by its code."""

    def __init__(self) -> None:
        self.made = False  # whether anything was called
        self._answered: set[Any] = set()
        self._broken: dict[Any, tuple[Operation, str, Exception]] = {}  # with what the function is called

    def answered(self, function: Candidate) -> None:
        """Note that a function returned something."""
        self.made = True
        self._answered.add(_code_of(function))

    def raised(self, function: Candidate, operation: Operation, told: str, error: Exception) -> None:
        """Note that a function raised, as it was tried as one of the specification's."""
        self.made = True
        key = _code_of(function)
        if key not in self._broken and key not in self._answered and is_fault(error):
            self._broken[key] = (operation, told, error)

    def broken(self) -> Iterator["Broken"]:
        """Yield what raised whatever it was given."""
        known = {key: one for key, one in self._broken.items() if key not in self._answered}
        for key, (operation, told, error) in known.items():
            codes = [frame.f_code for frame, _ in own_frames(error)]
            inner = next((known[code][1] for code in reversed(codes) if code in known and code is not key), "")
            yield Broken(operation, told, _raising(operation, told, error), inner)


TRIES: ContextVar[Tries | None] = ContextVar("TRIES", default=None)


@contextlib.contextmanager
def watched() -> Iterator[Tries]:
    """Note what comes of all calls meanwhile."""
    tries = Tries()
    token = TRIES.set(tries)
    try:
        yield tries
    finally:
        TRIES.reset(token)


def _raising(operation: Operation, told: str, error: Exception) -> Candidate:
    """Return what takes the specification's arguments and raises what the function raises whatever it is given."""
    traceback = error.__traceback__

    def candidate(*_: Any, **__: Any) -> Any:
        raise error.with_traceback(traceback)

    names = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in operation.arguments]
    candidate.__name__ = operation.name
    candidate.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    candidate.__reading__ = f"{told}: it raises whatever it is given"  # type: ignore[attr-defined]
    return candidate


def _code_of(function: Candidate) -> Any:
    function = inspect.unwrap(getattr(function, "__func__", function))
    return getattr(function, "__code__", function)
