"""The process in which a target lives: ``python -m rnn_ref.conformance.run.child FOLDER``.

It reads its job, limits its own memory, loads the target, says what it found, and answers request by request until
it is ended. It holds no expected values and judges nothing.
"""

import contextlib
import json
import os
import queue
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any

from ..errors import NothingFoundError, TargetError
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
    session, found = _loaded(job, folder)
    exchange.say(says, found)
    while session is not None:  # else there is nothing to be asked
        number = asked.get()
        at[:] = number, -1, -1
        request = exchange.read_request(folder, number)
        stub = request.part is None and request.function in session.found and session.found[request.function].stub
        if session.offers(request) and not stub:
            exchange.write_outcomes(folder, number, session.run(request, _noting(at)))
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
    """Hear which requests are there, and end this process when its parent is gone, however that ended."""
    for line in pipe:
        hear(json.loads(line))
    os._exit(1)


def _loaded(job: dict[str, Any], folder: Path) -> tuple[LocalSession | None, dict[str, Any]]:
    """Return the target, and what is to be said of it: what is in it, or why it cannot be loaded."""
    target = job["target"]
    try:
        session = LocalSession(target, job["layout"], job["against"])
    except TargetError as error:
        return None, {"error": str(error), "nothing": isinstance(error, NothingFoundError)}
    except MemoryError as error:
        return None, {"error": f"{target}: cannot be loaded: {Raised.of(error)}", "nothing": False}
    found = {name: one._asdict() for name, one in session.found.items()}
    held = exchange.write_held(folder, session.held)
    sources = exchange.write_held(folder, session.sources, "sources.npz")
    told = {"name": session.name, "found": found, "held": held, "sources": sources}
    return session, {**told, "refused": list(session.refused)}


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
