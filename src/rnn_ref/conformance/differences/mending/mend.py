"""Which one edit of a function makes all its gradients right: where the slip is, and what was meant."""

import itertools
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from inspect import CO_VARARGS, CO_VARKEYWORDS
from types import FrameType
from typing import Any, NamedTuple

from ...._shapes import Array
from ...edits.one import compiled, edits_of, functions_in
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


class Wanted(NamedTuple):
    """The ways to all gradients, names on those to what is off and what is right, and whether all that is left is."""

    paths: Sequence[Path]
    off: Collection[str]
    right: Collection[str]
    is_right: Callable[[Gradients], bool]


def mend_of(replay: Replay, shapes: Mapping[str, Shapes], wanted: Wanted) -> Slip | None:
    """Return the first edit found with which all gradients are right, None if none is found in time."""
    until = min(time.monotonic() + SECONDS, replay.until - REST)

    def search(frame: FrameType) -> Slip | None:
        return _found(frame, replay.program, shapes, wanted, until)

    mend: Slip | None = replay.at_call(search, SECONDS) if until > time.monotonic() else None
    return mend


def _found(
    frame: FrameType, program: Program, shapes: Mapping[str, Shapes], wanted: Wanted, until: float
) -> Slip | None:
    by_code = functions_in(frame.f_globals)
    called, own = by_code.get(frame.f_code), program.modules
    if called is None or frame.f_code.co_flags & (CO_VARARGS | CO_VARKEYWORDS):
        return None
    count = frame.f_code.co_argcount + frame.f_code.co_kwonlyargcount
    arguments = {name: frame.f_locals[name] for name in frame.f_code.co_varnames[:count]}

    def left(at: FrameType, value: Any) -> Gradients:
        return left_at(at, value, own, wanted.paths)

    trial = Trial(called, arguments, own, left, wanted.is_right)
    by_name, text = {code.co_qualname: one for code, one in by_code.items()}, functions_of(program.tree)
    near = {name: text[name] for name in reached(text, frame.f_code.co_qualname) if name in by_name}
    edits = itertools.islice(edits_of(near, shapes, wanted.off, wanted.right), TRIES)
    found = tried(trial, edits, lambda edit: compiled(edit, near, by_name), until)
    line = found.line if found and program.path.suffix == ".py" else 0
    return Slip(found.function, line, *found.texts) if found else None
