"""Which one edit of a function makes all its gradients right: where the slip is, and what was meant."""

import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FrameType
from typing import Any

from ...._shapes import Array
from ...edits.one import edits_of, functions_in, made_in
from ...edits.places import functions_of, reached
from ...edits.shapes import Shapes
from ...edits.slip import Slip
from ..arrays import Path
from ..program import Program
from ..replay import Replay
from ..watch import left_at
from .trying import Trial, tried

TRIES, SECONDS, REST = 3000, 10.0, 4.0  # and seconds that stay, so that all else is told in any case
Gradients = Mapping[Path, Array]


def mend_of(
    replay: Replay,
    shapes: Mapping[str, Shapes],
    off: Collection[str],
    right: Collection[str],
    wanted: Sequence[Path],
    is_right: Callable[[Gradients], bool],
) -> Slip | None:
    """Return the first edit found with which the ``wanted`` gradients are right, None if none is found in time.

    ``off`` are names in the ways to those that are not, ``right`` to those that are.
    """

    def search(frame: FrameType) -> Slip | None:
        return _found(frame, replay.program, shapes, off, right, wanted, is_right, until)

    until = min(time.monotonic() + SECONDS, replay.until - REST)
    mend: Slip | None = replay.at_call(search, SECONDS) if until > time.monotonic() else None
    return mend


def _found(
    frame: FrameType,
    program: Program,
    shapes: Mapping[str, Shapes],
    off: Collection[str],
    right: Collection[str],
    wanted: Sequence[Path],
    is_right: Callable[[Gradients], bool],
    until: float,
) -> Slip | None:
    by_code = functions_in(frame.f_globals)
    called = by_code.get(frame.f_code)
    if called is None or frame.f_code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return None
    count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
    arguments = {name: frame.f_locals[name] for name in frame.f_code.co_varnames[:count]}

    own = program.modules

    def left(at: FrameType, value: Any) -> Gradients:
        return left_at(at, value, own, wanted)

    trial = Trial(called, arguments, own, left, is_right)
    by_name, text = {code.co_qualname: one for code, one in by_code.items()}, functions_of(program.tree)
    near = {name: text[name] for name in reached(text, frame.f_code.co_qualname) if name in by_name}
    edits = made_in(near, edits_of(near, shapes, off, right), by_name)
    found = tried(trial, itertools.islice(edits, TRIES), until)
    line = found.line if found and program.path.suffix == ".py" else 0
    return Slip(found.function, line, *found.texts) if found else None
