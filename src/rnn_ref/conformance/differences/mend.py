"""Which one edit of a function makes all its gradients right: where the slip is, and what was meant."""

import contextlib
import gc
import itertools
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import CodeType, FrameType, FunctionType
from typing import Any, NamedTuple

from ..._shapes import Array
from ..edits.one import Edit, code_with, edits_of
from ..edits.places import functions_of, reached
from ..edits.shapes import Shapes
from .arrays import Path
from .program import Program
from .replay import Replay
from .trying import Trial, tried
from .watch import left_at

TRIES, SECONDS = 3000, 10.0
Gradients = Mapping[Path, Array]


class Mend(NamedTuple):
    """What stands in a line of a file, 0 in a notebook, what would be right there, and the statement with that."""

    function: str
    line: int
    was: str
    becomes: str
    statement: str


def mend_of(
    replay: Replay,
    shapes: Mapping[str, Shapes],
    off: Collection[str],
    right: Collection[str],
    wanted: Sequence[Path],
    is_right: Callable[[Gradients], bool],
) -> Mend | None:
    """Return the first edit found with which the ``wanted`` gradients are right, None if none is found in time.

    ``off`` are names in the ways to those that are not, ``right`` to those that are.
    """

    def search(frame: FrameType) -> Mend | None:
        return _found(frame, replay.program, shapes, off, right, wanted, is_right)

    mend: Mend | None = replay.at_call(search, SECONDS)
    return mend


def _found(
    frame: FrameType,
    program: Program,
    shapes: Mapping[str, Shapes],
    off: Collection[str],
    right: Collection[str],
    wanted: Sequence[Path],
    is_right: Callable[[Gradients], bool],
) -> Mend | None:
    by_code = _functions(program)
    called = by_code.get(frame.f_code)
    if called is None or frame.f_code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return None
    count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
    arguments = {name: frame.f_locals[name] for name in frame.f_code.co_varnames[:count]}

    own = program.modules

    def left(at: FrameType, value: Any) -> Gradients:
        return left_at(at, value, own, wanted)

    trial = Trial(called, arguments, own, left, is_right)
    edits = _edits(program, by_code, frame.f_code.co_qualname, shapes, off, right)
    found = tried(trial, itertools.islice(edits, TRIES), time.monotonic() + SECONDS)
    line = found.line if found and program.path.suffix == ".py" else 0
    return Mend(found.function, line, *found.texts) if found else None


def _edits(
    program: Program,
    by_code: Mapping[CodeType, FunctionType],
    called: str,
    shapes: Mapping[str, Shapes],
    off: Collection[str],
    right: Collection[str],
) -> Iterator[tuple[Edit, FunctionType, CodeType]]:
    """Yield edits of what is called, and of what that calls, with the function of each and its code with the edit."""
    by_name = {code.co_qualname: one for code, one in by_code.items()}
    text = functions_of(program.tree)
    near = [name for name in reached(text, called) if name in by_name]
    for edit in edits_of({name: text[name] for name in near}, shapes, off, right):
        function = by_name[edit.function]
        with contextlib.suppress(SyntaxError, ValueError, TypeError, RecursionError):
            code = code_with(edit, text[edit.function], function.__code__)
            if code:
                yield edit, function, code


def _functions(program: Program) -> dict[CodeType, FunctionType]:
    every = [one for one in gc.get_objects() if type(one) is FunctionType]
    return {one.__code__: one for one in every if one.__code__.co_filename == str(program.path)}
