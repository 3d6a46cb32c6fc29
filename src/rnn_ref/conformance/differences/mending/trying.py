"""Calling a function again and again, each time with one edit, in a copy of this process."""

import contextlib
import itertools
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FrameType
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...edits.one import Edit, Made
from ..arrays import Path
from ..program import free
from .state import State

OF_ONE, OF_ALL = 0.5, 4.0  # seconds of the processor for one edit, and for all in one copy
OFTEN = 3  # calls that are to leave the same
FOUND, NONE_LEFT, FAILED = 0, 2, 1
Code = tuple[Any, CodeType]  # a function, and what is put in the place of its own
Make = Callable[[Edit], Made | None]


class Trial(NamedTuple):
    """A function, what it is called with, what it leaves, by its frame and what it returns, and what is right."""

    function: Any  # one of Python
    arguments: Mapping[str, Any]
    own: frozenset[str]  # modules whose objects it may change
    left: Callable[[FrameType, Any], Mapping[Path, Array]]
    is_right: Callable[[Mapping[Path, Array]], bool]


def tried(trial: Trial, edits: Iterator[Edit], make: Make, until: float) -> Edit | None:
    """Return the first edit with which a function is right, None if there is none, or none in time.

    What ``make`` returns of an edit is made in the copies alone.
    They are tried one after the other in one copy of this process, where the function does the same each time it is
    called; else in a copy each. Where an edit ends a copy, another goes on behind it. With what is found the function
    is called once more, in a copy that has tried nothing before.
    """
    many = _repeats(trial, until)
    while time.monotonic() < until:
        codes = (_code(make(one)) for one in (edits if many else itertools.islice(edits, 1)))
        begun, status = _in_a_copy(trial, codes, until)
        last = [*itertools.islice(edits, begun)][-1:]
        if status == FOUND and _in_a_copy(trial, (_code(make(one)) for one in last), until)[1] == FOUND:
            return last[0]
        if status == NONE_LEFT and (many or not last):
            return None
    return None


def _repeats(trial: Trial, until: float) -> bool:
    """Whether a function leaves the same each time."""
    before: list[Mapping[Path, Array]] = []

    def is_same(left: Mapping[Path, Array]) -> bool:
        before.append(left)
        return len(before) == OFTEN and all(np.array_equal(one, before[0][path]) for path, one in left.items())

    function = trial.function
    same = [(function, function.__code__)] * OFTEN
    return _in_a_copy(trial._replace(is_right=is_same), same, until)[1] == FOUND


def _code(made: Made | None) -> Code | None:
    return (made.function, made.code) if made is not None else None


def _in_a_copy(trial: Trial, codes: Iterable[Code | None], until: float) -> tuple[int, int]:
    """Return how many codes a copy of this process has begun with, and the status with which it ended."""
    reads, writes = os.pipe()
    with free():
        process = os.fork()
    if process == 0:
        os.close(reads)
        for ends in (signal.SIGVTALRM, signal.SIGALRM):
            signal.signal(ends, signal.SIG_DFL)
        sys.modules["numpy"].clip = lambda a, *_, **__: a  # type: ignore[attr-defined]
        thread = threading.Thread(target=_try, args=(trial, codes, writes))
        thread.start()  # one that looks at a call sees nothing of what it calls itself, a thread does
        thread.join()
        os._exit(FAILED)
    os.close(writes)
    begun, left = 0, until - time.monotonic()
    while left > 0 and select.select([reads], [], [], left)[0] and (part := os.read(reads, 2**16)):
        begun, left = begun + len(part), until - time.monotonic()
    os.close(reads)
    with free():
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
    return begun, os.waitstatus_to_exitcode(status)


def _try(trial: Trial, codes: Iterable[Code | None], writes: int) -> None:
    def seen(frame: FrameType, event: str, value: Any) -> None:
        if event == "return" and frame.f_back is here and frame.f_code is trial.function.__code__:
            left.append(trial.left(frame, value))

    here, left = sys._getframe(), list[Mapping[Path, Array]]()
    state = State({**trial.function.__globals__, "its arguments": [*trial.arguments.values()]}, trial.own)
    for one in codes:
        if time.thread_time() > OF_ALL:
            break
        os.write(writes, b".")
        if one is None:
            continue
        function, code = one
        signal.setitimer(signal.ITIMER_VIRTUAL, OF_ONE)
        signal.setitimer(signal.ITIMER_REAL, 8 * OF_ONE)
        before, function.__code__ = function.__code__, code
        state.restore()
        with contextlib.suppress(BaseException):
            sys.setprofile(seen)
            trial.function(**trial.arguments)
            if trial.is_right(left[-1]):  # and it has not raised
                os._exit(FOUND)
        sys.setprofile(None)
        function.__code__ = before
    os._exit(NONE_LEFT)
