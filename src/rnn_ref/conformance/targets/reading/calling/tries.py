"""What came of the calls by which it was found out how functions are read: which of them answered, and which broke."""

import contextlib
import inspect
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, NamedTuple

from ....operation import Operation
from ...apart.faults import telling
from ...raised import Raised, own_frames

Candidate = Callable[..., Any]


class Broken(NamedTuple):
    """A function that raised whenever it was called, and as what it was tried."""

    operation: Operation
    told: str  # the function with its arguments
    raises: str
    candidate: Candidate  # raises the same: what no argument is the reason of, else what was raised farthest on
    fault: bool  # whether no argument is the reason
    fault_of: str  # the function that it calls and that is broken itself: one fault is told once


class Tries:
    """The calls of functions, each known by its code."""

    def __init__(self) -> None:
        self.made = False  # whether anything was called
        self.unmade: dict[
            type, tuple[bool, str]
        ] = {}  # classes, with what making one raises, and whether it always would
        self._answered: set[Any] = set()
        self._raised: dict[Any, tuple[bool, int, Operation, str, Exception]] = {}  # how telling, and what was raised

    def answered(self, function: Candidate) -> None:
        """Note that a function returned something."""
        self.made = True
        self._answered.add(_code_of(function))

    def raised(self, function: Candidate, operation: Operation, told: str, error: Exception) -> None:
        """Note that a function raised, as it was tried as one of the specification's."""
        self.made = True
        key = _code_of(function)
        fault, line, *_ = self._raised.get(key, (False, -1))
        if key in self._answered or fault:
            return
        told_by_this = telling(error)
        if told_by_this > (fault, line):
            self._raised[key] = (*told_by_this, operation, told, error)

    def broken(self) -> Iterator[Broken]:
        """Yield what raised whenever it was called."""
        known = {key: one for key, one in self._raised.items() if key not in self._answered}
        faults = {key: told for key, (fault, _, _, told, _) in known.items() if fault}
        for key, (fault, _, operation, told, error) in known.items():
            codes = [frame.f_code for frame, _ in own_frames(error)]
            inner = next((faults[code] for code in reversed(codes) if code in faults and code is not key), "")
            why = "it raises whatever it is given" if fault else "it raises in all layouts in which it was tried"
            candidate = _raising(operation, f"{told}: {why}", error)
            yield Broken(operation, told, str(Raised.of(error)), candidate, fault, inner)


TRIES: ContextVar[Tries | None] = ContextVar("TRIES", default=None)


def unmade(kind: type, error: BaseException) -> None:
    """Note that no object of a class can be made, if that is for what its own code raises."""
    fault, line = telling(error)
    tries = TRIES.get()
    if tries is not None and line:
        tries.unmade[kind] = (fault, str(Raised.of(error)))


@contextlib.contextmanager
def watched() -> Iterator[Tries]:
    """Note what comes of all calls meanwhile."""
    tries = Tries()
    token = TRIES.set(tries)
    try:
        yield tries
    finally:
        TRIES.reset(token)


def _raising(operation: Operation, reading: str, error: Exception) -> Candidate:
    """Return what takes the specification's arguments and raises what the function has raised."""
    traceback = error.__traceback__

    def candidate(*_: Any, **__: Any) -> Any:
        raise error.with_traceback(traceback)

    names = [inspect.Parameter(name, inspect.Parameter.POSITIONAL_OR_KEYWORD) for name in operation.arguments]
    candidate.__name__ = operation.name
    candidate.__signature__ = inspect.Signature(names)  # type: ignore[attr-defined]
    candidate.__reading__ = reading  # type: ignore[attr-defined]
    return candidate


def _code_of(function: Candidate) -> Any:
    function = inspect.unwrap(getattr(function, "__func__", function))
    return getattr(function, "__code__", function)
