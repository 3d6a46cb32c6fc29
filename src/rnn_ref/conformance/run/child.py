"""The process in which a target lives, started with its parent's number and the descriptor of a board, if there is one.

It hears its job, limits its own memory, loads the target, says what it found, and answers request by request until
it is ended. It holds no expected values and judges nothing.
"""

import contextlib
import ctypes
import functools
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from typing import IO, Any

from ..errors import LoadingError, LostError, NothingFoundError, TargetError
from ..targets.from_text.by_text import divided
from ..targets.loading import Loading
from ..targets.raised import Raised
from . import exchange, own
from .session import LocalSession

DEATH_OF_PARENT = 1  # PR_SET_PDEATHSIG, by which Linux is asked for a signal
OFTEN = 0.1  # seconds between signs of life


def main() -> None:
    """Do the job that the parent describes."""
    own.take()
    parent, *shared = map(int, sys.argv[1:])
    board = exchange.Board(*shared) if shared else None
    for one in shared:
        os.close(one)  # the memory is there without it
    begin(parent, board)


def begin(parent: int, board: exchange.Board | None = None) -> None:
    """Do it in this process, which was started by another of that number; calls are noted on the board, or said."""
    try:
        end_with(parent)
        _work(board)
    except Exception:
        traceback.print_exc()  # an error of ours: the parent tells the last of it
    finally:
        os._exit(1)  # without waiting for threads, of which one listens for ever


def _work(board: exchange.Board | None) -> None:
    asks, says = _kept("rb"), _kept("wb")
    heard = exchange.hear(asks)
    if heard is None:
        return  # the parent has thought better of it
    job, _ = heard
    asked = queue.SimpleQueue[tuple[Any, bytes]]()
    threading.Thread(target=_listen, args=(asks, asked.put), daemon=True).start()
    sys.path += [entry for entry in job["path"] if entry not in sys.path]  # what the caller can import, this can
    sys.argv = [str(job["target"])]  # a target that reads the command line finds none of ours
    _limit_memory(job["memory"])
    sys.dont_write_bytecode = True  # what is changed within a second, and checked again, is to be read anew
    own.end_copies()
    signs = _Signs(says)
    sys.meta_path.insert(0, signs)
    session, found, numbers = _loaded(job, signs.find_spec)
    sys.meta_path.remove(signs)
    exchange.say(says, {"found": found}, numbers)
    editor: Any = None
    while session is not None:  # else there is nothing to be asked
        told, numbers = asked.get()
        number = told["number"]
        request = exchange.request_of(told, numbers)
        known = None if request.part is not None else session.found.get(request.function)
        as_found = known is None or (not known.stub and known.claims == request.claims)
        if not (session.offers(request) and as_found):
            continue  # the parent, which knows what was found, does not ask again
        try:
            begins = _noting(says, number, board)
            if request.edits:
                editor = editor or _editor(job["target"])
                outcomes = editor.asked(session.candidate(request), request, functools.partial(begins, 0, 0))
            else:
                outcomes = session.run(request, begins)
        except LostError as error:
            exchange.say(says, {"lost": str(error)})
            return
        answer, numbers = exchange.as_outcomes(outcomes)
        exchange.say(says, {"answered": number, "outcomes": answer}, numbers)


def end_with(parent: int) -> None:
    """Have the system end this process with its parent, where it does that; end it if the parent is gone already."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(DEATH_OF_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _kept(mode: str) -> IO[bytes]:
    """Keep a standard stream, a pipe to the parent, for ourselves: what the target reads or writes there is nothing."""
    standard = sys.stdin if mode == "rb" else sys.stdout
    pipe: IO[bytes] = os.fdopen(os.dup(standard.fileno()), mode)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, standard.fileno())
    os.close(nothing)
    return pipe


def _listen(pipe: IO[bytes], hear: Callable[[tuple[Any, bytes]], None]) -> None:
    """Hear which requests are there, and end this process when its parent is gone, however that ended.

    What this process has started is ended with it, as far as that has not left its process group.
    """
    while (heard := exchange.hear(pipe)) is not None:
        hear(heard)
    with contextlib.suppress(AttributeError, ProcessLookupError, PermissionError):  # no groups on Windows
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


class _Signs:
    """Says that another module begins to be imported: a sign of life while a target is loaded."""

    def __init__(self, says: IO[bytes]) -> None:
        self._says, self._last = says, 0.0

    def find_spec(self, *_: Any) -> None:
        now = time.monotonic()
        if now - self._last > OFTEN:
            self._last = now
            exchange.say(self._says, {"alive": True})


def _loaded(job: dict[str, Any], alive: Callable[[], None]) -> tuple[LocalSession | None, dict[str, Any], bytes]:
    """Return the target, and what is to be said of it: what is in it, or why it cannot be loaded."""
    target, numbers = job["target"], exchange.Numbers()
    try:
        meant, doubtful, against = job["meant"], job["doubtful"], job["against"]
        loading = Loading(job["how"], job["seconds"], alive=alive, meant=meant, doubtful=doubtful, against=against)
        session = LocalSession(target, job["layout"], loading)
    except TargetError as error:
        why = error.why if isinstance(error, LoadingError) else ""
        differences = None if why or loading.meant or not job["runs"] else _differences(target, (), [], alive)
        nothing = isinstance(error, NothingFoundError)
        return None, {"error": str(error), "nothing": nothing, "why": why, "differences": differences}, b""
    except MemoryError as error:
        text = str(Raised.of(error))
        error_told = f"{target}: cannot be loaded: {text}"
        return None, {"error": error_told, "nothing": False, "why": f"it raises {text}"}, b""
    found = {name: one._asdict() for name, one in session.found.items()}
    held, sources = exchange.as_held(session.held, numbers), exchange.as_held(session.sources, numbers)
    told: dict[str, Any] = {"name": session.name, "found": found, "held": held, "sources": sources}
    told |= {"refused": list(session.refused), "left": loading.left, "notes": loading.notes}
    judged_alone = loading.meant or session.held or doubtful or not job["runs"]
    functions = () if isinstance(job["runs"], str) else session.found
    told["differences"] = None if judged_alone else _differences(target, functions, loading.notes, alive)
    return session, told, numbers.whole()


def _differences(
    target: Any, functions: Collection[str], notes: Sequence[str], alive: Callable[[], None]
) -> dict[str, Any] | None:
    from ..differences.ask import beside_what_is_read  # noqa: PLC0415 - of few targets

    with own.copies():
        return beside_what_is_read(target, functions, notes, alive)


def _editor(target: str) -> Any:
    from .edited import Editor  # noqa: PLC0415 - of few targets

    return Editor(divided(target)[0])


def _noting(says: IO[bytes], number: int, board: exchange.Board | None) -> Callable[[int, int], None]:
    """Return what notes or says which call begins."""

    def begins(check: int, call: int) -> None:
        if board is None:
            exchange.say(says, {"call": (number, check, call)})
        else:
            board.begins(number, check, call)

    return begins


def _limit_memory(mebibytes: int) -> None:
    """Set the limit on address space, where the system has one."""
    with contextlib.suppress(ImportError, ValueError, OSError, OverflowError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20, mebibytes * 2**20))
