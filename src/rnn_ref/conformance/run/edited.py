"""Asking a function of a file again, each time with one edit of its text, or of the text of what it calls."""

import re
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from ..differences.program import Program, hold_back
from ..edits.one import Edit, Made, compiled, edits_of, functions_in
from ..edits.places import functions_of
from ..edits.shapes import Shapes, array_shape, held_by, shapes_of
from ..operation import UnusableError, as_array
from ..targets.apart.running import within
from ..targets.foreign_code import quiet
from .call import Outcome, perform
from .session import Request

NAME, NEAR = re.compile(r"\w+"), 1e-12
OF_ONE, OF_ALL = 0.25, 1.0  # seconds for one edit, and of the processor for one request


class _Watched:
    """A call, looked at: the shapes of all names in the functions of a file, and which of them held which numbers."""

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self.shapes: dict[str, Shapes] = {}
        self.names: dict[str, Any] = {}  # around the functions
        self._sums: dict[str, tuple[int, float]] = {}

    def of(self, call: Callable[[], Outcome]) -> Outcome:
        """Look at one."""
        sys.setprofile(self._seen)
        try:
            return call()
        finally:
            sys.setprofile(None)

    def called(self, answers: Sequence[Any]) -> set[str]:
        """Return the names of what holds the same numbers as an answer, whatever its form."""
        due = [_sum(one) for one in answers]
        same = [written for written, one in self._sums.items() if any(_near(one, other) for other in due)]
        return {NAME.findall(written)[-1] for written in same}

    def _seen(self, frame: FrameType, event: str, _: Any) -> None:
        if event not in {"call", "return"} or not self._is_own(frame.f_code.co_filename):
            return
        name, self.names = frame.f_code.co_qualname, frame.f_globals
        if event == "call":
            self.shapes.setdefault(name, {})
        else:
            self.shapes[name] = shapes_of(frame.f_locals)
            self._sums |= {written: _sum(one) for written, one in held_by(frame.f_locals) if array_shape(one)}


def _sum(array: Any) -> tuple[int, float]:
    try:
        numbers = as_array(array)
    except UnusableError:
        return 0, np.nan
    return numbers.size, float(numbers.sum())


def _near(one: tuple[int, float], other: tuple[int, float]) -> bool:
    return one[0] == other[0] and abs(one[1] - other[1]) <= NEAR * (abs(one[1]) + abs(other[1]))


class Editor:
    """The functions of one file, and the edits that there are of what one of them calls."""

    def __init__(self, path: str) -> None:
        """Read the file."""
        self._program = Program(Path(path).resolve())
        hold_back()  # what nobody has written is not to delete anything
        self._known: dict[str, tuple[list[Made], Iterator[Made]]] = {}

    def asked(self, candidate: Callable[..., Any], request: Request, begins: Callable[[], None]) -> list[list[Outcome]]:
        """Return the outcomes of every check with every edit of a range, as far as there are any, and time is left."""
        began, outcomes = time.thread_time(), list[list[Outcome]]()
        with quiet() as held:

            def called(at: int) -> Outcome:
                begins()
                with within(OF_ONE):
                    return perform(candidate, request.checks[at], request.convention, held=held)

            if request.function not in self._known:
                self._known[request.function] = [], self._edits(lambda: called(0), request.wrong)
            for made in self._from(request):
                if time.thread_time() - began > OF_ALL:
                    break
                before, made.function.__code__ = made.function.__code__, made.code
                outcomes += [[called(at)] for at in range(len(request.checks))]
                made.function.__code__ = before
                if len(request.edits) == 1:
                    outcomes[0][0].edit = self._told(made.edit)
        return outcomes

    def _from(self, request: Request) -> Iterator[Made]:
        known, more = self._known[request.function]
        for at in request.edits:
            while at >= len(known):
                try:
                    known.append(next(more))
                except StopIteration:
                    return
            yield known[at]

    def _edits(self, call: Callable[[], Outcome], wrong: Collection[str]) -> Iterator[Made]:
        """Yield the edits of all functions of the file that are called, in the order in which they begin."""
        seen = _Watched(self._is_own)
        answers = seen.of(call).answers
        text = functions_of(self._program.tree)
        by_name = {code.co_qualname: one for code, one in functions_in(seen.names).items()}
        near = {name: text[name] for name in seen.shapes if name in text and name in by_name}
        off = seen.called([one for name, one in answers.items() if name in wrong])
        right = seen.called([one for name, one in answers.items() if name not in wrong])
        every = (compiled(edit, near, by_name) for edit in edits_of(near, seen.shapes, off, right))
        yield from (one for one in every if one is not None)

    def _is_own(self, filename: str) -> bool:
        return filename.startswith(str(self._program.path))  # of a notebook the cell is told behind that

    def _told(self, edit: Edit) -> tuple[str, ...]:
        line = edit.line if self._program.path.suffix == ".py" else 0
        return edit.function, str(line), *edit.texts
