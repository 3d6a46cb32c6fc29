"""Running a program up to a call, and from there on in copies, each with one weight moved: what its loss becomes."""

import os
import pickle
import select
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple, Protocol

from ..._shapes import Array
from ..edits.shapes import Shapes, shapes_of
from ..targets.reading.names import is_gradient
from .arrays import Leaf, Path
from .asked import losses_asked, names_told
from .program import Program, free
from .usual import USUAL, sizes_of, usual_losses
from .watch import Candidate, around, gradients_at, is_function, parent_of, scalars_in
from .weighed import in_one, weighed

AFTERWARDS = 6  # calls from the same frame behind that of the gradients, in which the loss may be made
NOTED = 3  # calls of one function of which numbers are noted, wherever it is called
OF_A_COPY = 2.0  # seconds of the processor
OF_WAITING = 4.0  # seconds more by the clock: a copy that waits for what never comes ends as well
Key = tuple[Any, ...]


class Moved(Protocol):
    """What can be moved in a copy."""

    def add(self, change: Array) -> None:
        """Move it."""


class Left(NamedTuple):
    """What a copy saw on its way: numbers by where they stood, and the gradients."""

    numbers: dict[Key, float]
    gradients: dict[Path, Array]
    above: dict[str, Array]  # arguments of what left the gradients, of which one may be the gradient from above
    shapes: dict[str, Shapes]  # of what is called by a name, in every function
    going_on: set[tuple[str, int]]  # calls of functions that were told what their last call has returned


class Replay:
    """A program that stops at the beginning of what leaves gradients, to be gone on with in copies."""

    def __init__(self, program: Program, candidate: Candidate, at: Callable[["Replay"], None], until: float) -> None:
        """Have ``at`` called there, once; nothing is asked of a copy after the time ``until``."""
        self.program, self._candidate, self._at, self.until = program, candidate, at, until
        self._called = 0
        self.weights: dict[Path, Leaf] = {}
        self.above: dict[str, Array] = {}  # by which what is returned is weighed, where it has that shape

    def run(self) -> None:
        """Run the program."""
        sys.setprofile(self._seen)
        self.program.run()
        sys.setprofile(None)

    def _seen(self, frame: FrameType, event: str, _: Any) -> None:
        begin = self._candidate.begin
        if event != "call" or frame.f_code.co_qualname != begin.function or not is_function(frame, self.program):
            return
        self._called += 1
        if self._called != begin.nth:
            return
        wanted = {weight for _, weight in self._candidate.pairs}
        self.weights = {one.path: one for one in around(frame, self.program) if one.path in wanted}
        try:
            self._at(self)
        except _GoesOnError as copy:
            onward = _Onward(self, self._candidate, frame, copy.writes, copy.job)
            onward.seen(frame, event, None)
            sys.setprofile(onward.seen)

    def copy(self, weight: Moved | None = None, change: Array | None = None) -> Left | None:
        """Return what a copy of this process sees that goes on, with a weight moved; None if it does not get there."""

        def moved() -> None:
            if weight is not None and change is not None:
                weight.add(change)

        left: Left | None = self._in_a_copy(moved, OF_A_COPY)
        return left

    def at_call(self, job: Callable[[FrameType], Any], seconds: float) -> Any:
        """Return what a job returns, done in a copy as the call begins that leaves the gradients."""
        return self._in_a_copy(lambda: None, seconds, job)

    def _in_a_copy(
        self, before: Callable[[], None], seconds: float, job: Callable[[FrameType], Any] | None = None
    ) -> Any:
        if time.monotonic() > self.until:
            return None
        reads, writes = os.pipe()
        with free():
            process = os.fork()
        if process == 0:
            os.close(reads)
            for timer, ends in ((signal.ITIMER_VIRTUAL, signal.SIGVTALRM), (signal.ITIMER_REAL, signal.SIGALRM)):
                signal.signal(ends, signal.SIG_DFL)
                signal.setitimer(timer, seconds if timer == signal.ITIMER_VIRTUAL else seconds + OF_WAITING)
            before()
            raise _GoesOnError(writes, job)
        os.close(writes)
        told = _all_of(reads, self.until)
        os.close(reads)
        with free():
            if told is None:
                os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
        return pickle.loads(told) if told else None


class _GoesOnError(BaseException):
    """Raised in a copy, which leaves what asked for it, and goes on with the program."""

    def __init__(self, writes: int, job: Callable[[FrameType], Any] | None) -> None:
        """Take the pipe through which the copy tells what it sees, or what a job returns."""
        super().__init__()
        self.writes, self.job = writes, job


class _Onward:
    """In a copy: notes numbers until the loss must be known, and tells them."""

    def __init__(self, replay: Replay, candidate: Candidate, begin: FrameType, writes: int, job: Any) -> None:
        self._program, self._above, self._candidate, self._writes = replay.program, replay.above, candidate, writes
        self._job = job
        self._parent = parent_of(begin, replay.program)
        self._counts: Counter[str] = Counter()
        self._left = Left({}, {}, {}, {}, set())
        self._returned: dict[str, list[Any]] = {}  # by the last call of each function
        self._after = -1  # calls behind that of the gradients; less than 0 before it

    def seen(self, frame: FrameType, event: str, value: Any) -> None:
        if event == "call" and frame.f_code.co_qualname == self._candidate.call.function:
            self._begins(frame)
        if event != "return":
            return
        if frame is self._parent or frame.f_code is self._program.code:
            self._end()
        if not is_function(frame, self._program):
            return
        name = frame.f_code.co_qualname
        self._counts[name] += 1
        if name not in self._left.shapes:
            self._left.shapes[name] = shapes_of(frame.f_locals)
        if self._counts[name] <= NOTED or parent_of(frame, self._program) is self._parent:
            self._note((name, self._counts[name], "returned"), value)
        is_it = name == self._candidate.call.function
        if self._above and self._after < 0 and self._counts[name] <= NOTED and not is_it:
            if any(one is other for one in _told(frame) for other in self._returned.get(name, [])):
                self._left.going_on.add((name, self._counts[name]))
            self._returned[name] = [value, *(value if isinstance(value, list | tuple) else [])]
            for place, number in weighed(frame, value, self._above, self._program.modules):
                self._left.numbers[name, self._counts[name], *place] = number
        if is_it and self._after < 0:
            self._after = 0
            self._note_own(frame, value)
            self._note_of_caller("before")
        elif self._after >= 0 and parent_of(frame, self._program) is self._parent:
            self._after += 1
        if self._after >= AFTERWARDS:
            self._end()

    def _begins(self, frame: FrameType) -> None:
        """Note what the function is told that leaves the gradients; when it is called again it is over."""
        if self._job:
            self._tell(self._job(frame))
        if self._after >= 0:
            self._end()
        for name, one in frame.f_locals.items():
            if (array := in_one(one)) is not None:
                self._left.above[name] = array
        for made_of, number in usual_losses(frame.f_locals):
            self._left.numbers[USUAL, made_of] = number

    def _note(self, key: Key, value: Any, depth: int = 2) -> None:
        for path, number in scalars_in(value, depth):
            self._left.numbers.setdefault((*key, *path), number)

    def _note_own(self, frame: FrameType, value: Any) -> None:
        """Note what is in what left the gradients."""
        name = frame.f_code.co_qualname
        for own, one in frame.f_locals.items():
            self._note((name, self._counts[name], own), one, depth=0)
        objects = [one for one in frame.f_locals.values() if type(one).__module__ in self._program.modules]
        held = [getattr(one, "__dict__", {}) for one in objects]
        for made_of, number in sizes_of({name: one for each in [frame.f_locals, *held] for name, one in each.items()}):
            self._left.numbers["size", made_of] = number
        for leaf in gradients_at(frame, value, self._program):
            self._left.gradients[leaf.path] = leaf.array
        made = {own: one for own, one in frame.f_locals.items() if not is_gradient(own)}
        for made_of, number in usual_losses(made):
            self._left.numbers.setdefault((USUAL, made_of), number)
        for called, returned in losses_asked(frame, self._program):
            self._note((called, 0, "returned"), returned)

    def _note_of_caller(self, when: str) -> None:
        if self._parent is not None:
            for name, one in list(self._parent.f_locals.items()):
                self._note(("caller", when, name), one, depth=0)

    def _end(self) -> None:
        sys.setprofile(None)
        self._note_of_caller("behind")
        self._tell(self._left)

    def _tell(self, what: Any) -> None:
        with free(), os.fdopen(self._writes, "wb") as pipe:
            pickle.dump(what, pipe)
        os._exit(0)


def _told(frame: FrameType) -> list[Any]:
    """Return what a function was told, as far as that still has its name."""
    return [frame.f_locals[name] for name in names_told(frame) if name in frame.f_locals]


def _all_of(reads: int, until: float) -> bytes | None:
    """Return what comes through a pipe, None if it takes too long or nothing comes."""
    told = b""
    while True:
        left = until - time.monotonic()
        if left <= 0 or not select.select([reads], [], [], left)[0]:
            return None
        part = os.read(reads, 2**16)
        if not part:
            return told or None
        told += part
