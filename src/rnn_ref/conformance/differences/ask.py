"""Asking a program in copies of this process: what there is to compare, then for every candidate how it compares."""

import ast
import functools
import json
import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

from ..edits.suspects import names_in
from ..targets.from_text.by_text import divided
from ..targets.loading import BACK_LEFT, LOOP_LEFT
from ..targets.reading.names import is_gradient, of_what
from .comparing.compare import compared
from .comparing.told import as_told
from .program import Program, free
from .replay import Replay
from .watch import Call, Candidate, Watch

TO_WATCH, TO_COMPARE, MOST = 3.0, 20.0, 6  # seconds of the processor, seconds, and candidates
AT_MOST, OFTEN = 25.0, 0.5  # seconds for all candidates, and between two signs of life
PATIENCE = 4  # times as long may pass on a machine that has other things to do
BACK, OF_A_STEP = re.compile(r"backward|bptt"), "cell_backward"  # by which nothing is said of sums over steps
AUTOGRAD = re.compile(r"^\s*(import|from) (jax|tensorflow|autograd)\b|GradientTape", re.MULTILINE)
OF_A_LOSS, OWN = ".backward()", re.compile(r"^\s*def backward\(self\)", re.MULTILINE)  # PyTorch's, or its own
HOLDERS = {"grads", "gradients", "grad"}  # names that are said of gradients alone


Alive = Callable[[], None]  # is called now and then, so that it is known that something is done


def beside_what_is_read(
    target: Any, functions: Collection[str], notes: Sequence[str], alive: Alive
) -> dict[str, Any] | None:
    """Return what the gradients of a file are beside differences of its loss, where its way back is not judged."""
    path, part = divided(target) if isinstance(target, str) else ("", "")
    file = Path(path)
    if part or file.suffix not in {".py", ".ipynb"} or not file.is_file():
        return None
    left = any(one.startswith((BACK_LEFT, LOOP_LEFT)) or re.search(r" as \w+_(backward|bptt)", one) for one in notes)
    if not left and any(BACK.search(one) and not one.endswith(OF_A_STEP) for one in functions):
        return None
    try:
        program = Program(file.resolve())
    except Exception:  # whatever is wrong with it was told when it was loaded
        return None
    return differences_of(program, alive) if _may_go_back(program) else None


def differences_of(program: Program, alive: Alive = lambda: None) -> dict[str, Any] | None:
    """Return what the gradients of a program are beside differences of its loss, None if that cannot be found out."""
    if sys.platform != "linux":
        return None
    latest = time.monotonic() + AT_MOST
    told = _in_a_copy(functools.partial(_watch, program), PATIENCE * TO_WATCH, alive)
    every = [
        Candidate(Call(*call), Call(*begin), [(tuple(g), tuple(w)) for g, w in pairs], *others)
        for call, begin, pairs, *others in told or []
    ]
    every.sort(key=lambda one: (one.updates, one.depth, -len(one.pairs)))  # what calls others first, and has most
    for candidate in every[:MOST]:
        seconds = min(TO_COMPARE, latest - time.monotonic())
        found: dict[str, Any] | None = _in_a_copy(functools.partial(_compare, program, candidate), seconds, alive)
        if found is not None:
            return found
    return None


def unread(error: str, target: str) -> str:
    """Return the note on why nothing else is read, of the error that would have been raised.

    >>> unread("a.py: none of the functions is in it\\n  found: f(x)", "a.py")
    'nothing else is read: none of the functions is in it'
    """
    return f"nothing else is read: {error.partition(chr(10))[0].removeprefix(target).lstrip(':, ')}"


def _may_go_back(program: Program) -> bool:
    """Whether there are names of gradients in a program, and of what they are gradients of, and no framework's."""
    names = {name for node in ast.walk(program.tree) for name in names_in(node)}
    by_hand = {one for one in names if is_gradient(one) and of_what(one) != one and of_what(one) in names}
    framework = AUTOGRAD.search(program.text) or (OF_A_LOSS in program.text and not OWN.search(program.text))
    return (len(by_hand) > 1 or bool(names & HOLDERS) or _fills_g(program)) and not framework


def _fills_g(program: Program) -> bool:
    """Whether entries are put by name into something that is called g or d, as of gradients."""
    every = (one for one in ast.walk(program.tree) if isinstance(one, ast.Subscript) and isinstance(one.ctx, ast.Store))
    stored = [one for one in every if isinstance(one.value, ast.Name) and one.value.id in {"g", "d"}]
    return any(isinstance(one.slice, ast.Constant) and isinstance(one.slice.value, str) for one in stored)


def _watch(program: Program, tell: Callable[[Any], None]) -> None:
    def done(candidates: list[Candidate]) -> None:
        tell([[one.call, one.begin, one.pairs, one.depth, one.cut, one.updates] for one in candidates])

    watch = Watch(program, done)
    signal.signal(signal.SIGVTALRM, lambda *_: done(watch.candidates))
    signal.setitimer(signal.ITIMER_VIRTUAL, TO_WATCH)
    watch.run()


def _compare(program: Program, candidate: Candidate, tell: Callable[[Any], None]) -> None:
    def at(replay: Replay) -> None:
        found = compared(replay, candidate)
        tell(as_told(found, candidate.call.function) if found else None)

    Replay(program, candidate, at, time.monotonic() + TO_COMPARE).run()


def _in_a_copy(job: Callable[[Callable[[Any], None]], None], seconds: float, alive: Alive) -> Any:
    """Return what a copy of this process tells, None if it takes too long or ends without a word."""
    reads, writes = os.pipe()
    with free():
        process = os.fork()
    if process == 0:
        os.close(reads)

        def tell(what: Any) -> None:
            with free(), os.fdopen(writes, "w") as pipe:
                json.dump(what, pipe)
            os._exit(0)

        try:
            job(tell)
        finally:
            os._exit(1)
    os.close(writes)
    told, until = b"", time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        alive()
        if select.select([reads], [], [], min(left, OFTEN))[0]:
            part = os.read(reads, 2**16)
            if not part:
                break
            told += part
    os.close(reads)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    try:
        return json.loads(told) if told else None
    except ValueError:
        return None
