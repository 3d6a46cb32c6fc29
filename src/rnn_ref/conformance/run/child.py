"""The process in which a target lives: ``python -m rnn_ref.conformance.run.child FOLDER``.

It reads its job, limits its own memory, loads the target, says what it found, and answers request by request until
it is ended. It holds no expected values and judges nothing.
"""

import contextlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from ..errors import LoadingError, LostError, NothingFoundError, TargetError
from ..targets.loading import Loading
from ..targets.raised import Raised
from . import exchange
from .session import LocalSession


def main(folder: Path) -> None:
    """Do the job that the parent describes."""
    asks, says = _kept("r"), _kept("w")
    job = json.loads(asks.readline() or "null")
    if job is None:
        return  # the parent has thought better of it
    asked = queue.SimpleQueue[int]()
    threading.Thread(target=_listen, args=(asks, asked.put), daemon=True).start()
    at = exchange.shared_call(folder)
    sys.path += [entry for entry in job["path"] if entry not in sys.path]  # what the caller can import, this can
    sys.argv = [str(job["target"])]  # a target that reads the command line finds none of ours
    _limit_memory(job["memory"])
    signs = _Signs(at)
    sys.meta_path.insert(0, signs)
    session, found = _loaded(job, folder, signs.find_spec)
    sys.meta_path.remove(signs)
    exchange.say(says, found)
    while session is not None:  # else there is nothing to be asked
        number = asked.get()
        at[:] = number, -1, -1
        request = exchange.read_request(folder, number)
        known = None if request.part is not None else session.found.get(request.function)
        as_found = known is None or (not known.stub and known.claims == request.claims)
        if session.offers(request) and as_found:
            try:
                outcomes = session.run(request, _noting(at))
            except LostError as error:
                exchange.say(says, {"lost": str(error)})
                return
            exchange.write_outcomes(folder, number, outcomes)
        exchange.say(says, number)


def _kept(mode: str) -> IO[str]:
    """Keep a standard stream, a pipe to the parent, for ourselves: what the target reads or writes there is nothing."""
    standard = sys.stdin if mode == "r" else sys.stdout
    pipe = os.fdopen(os.dup(standard.fileno()), mode, encoding="utf-8")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, standard.fileno())
    os.close(nothing)
    return pipe


def _listen(pipe: Iterable[str], hear: Callable[[int], None]) -> None:
    """Hear which requests are there, and end this process when its parent is gone, however that ended.

    What this process has started is ended with it, as far as that has not left its process group.
    """
    for line in pipe:
        hear(json.loads(line))
    with contextlib.suppress(AttributeError, ProcessLookupError, PermissionError):  # no groups on Windows
        if os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)
    os._exit(1)


class _Signs:
    """Notes in the shared memory that another module begins to be imported: a sign of life while a target is loaded."""

    def __init__(self, at: Any) -> None:
        self._at = at

    def find_spec(self, *_: Any) -> None:
        self._at[1] += 1


def _loaded(job: dict[str, Any], folder: Path, alive: Callable[[], None]) -> tuple[LocalSession | None, dict[str, Any]]:
    """Return the target, and what is to be said of it: what is in it, or why it cannot be loaded."""
    target = job["target"]
    try:
        meant, doubtful, against = job["meant"], job["doubtful"], job["against"]
        loading = Loading(job["how"], job["seconds"], alive=alive, meant=meant, doubtful=doubtful, against=against)
        session = LocalSession(target, job["layout"], loading)
    except TargetError as error:
        why = error.why if isinstance(error, LoadingError) else ""
        return None, {"error": str(error), "nothing": isinstance(error, NothingFoundError), "why": why}
    except MemoryError as error:
        text = str(Raised.of(error))
        return None, {"error": f"{target}: cannot be loaded: {text}", "nothing": False, "why": f"it raises {text}"}
    found = {name: one._asdict() for name, one in session.found.items()}
    held = exchange.write_held(folder, session.held)
    sources = exchange.write_held(folder, session.sources, "sources.npz")
    told = {"name": session.name, "found": found, "held": held, "sources": sources}
    return session, {**told, "refused": list(session.refused), "left": loading.left, "notes": loading.notes}


def _noting(at: Any) -> Callable[[int, int], None]:
    """Return what notes the call that begins."""

    def begins(check: int, call: int) -> None:
        at[1:] = check, call

    return begins


def _limit_memory(mebibytes: int) -> None:
    """Set the limit on address space, where the system has one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20, mebibytes * 2**20))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    finally:
        os._exit(1)  # without waiting for threads, of which one listens for ever
