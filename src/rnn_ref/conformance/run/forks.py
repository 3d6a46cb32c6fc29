"""Starting the processes of targets: the first as a new interpreter, later ones as forks of a stem where that is sound.

Targets that need a framework have a stem of their own, from the first of them on, which has imported it: that takes
longer than all else, and many a file is loaded twice.
A fork is taken on Linux alone: elsewhere a process that has loaded libraries may not go on in a fork of it.
"""

import atexit
import contextlib
import errno
import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from typing import IO, Protocol

from ..targets.builtins import FRAMEWORKS
from . import exchange
from .exchange import ENVIRONMENT, Board
from .guard import GUARD, SOON, python
from .session import Request

PATIENCE = 30.0  # seconds in which the stem must have started a process: it loads NumPy before the first
# Variables that act as an interpreter or a library starts; the others a fork can be given later.
AT_START = ("PYTHON", "LD_", "OMP_", "OPENBLAS_", "MKL_", "NPY_", "GLIBC_", "MALLOC_", "LANG", "LC_", "TZ")
MOST = 64  # requests that a stem is told


class Process(Protocol):
    """What is used of a process: ``subprocess.Popen`` has it, and a fork."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    @property
    def pid(self) -> int:
        """The number of the process and of its group."""

    def poll(self) -> int | None:
        """Return how it ended, None if it has not."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""

    def kill(self) -> None:
        """End it."""


class Forks:
    """Starts processes, and keeps a stem for every framework that a target needs, and one for those that need none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun = False  # whether there was a target
        self._stems: dict[str, _Stem] = {}
        self._shared: list[Request] = []

    def share(self, requests: Iterable[Request]) -> None:
        """Have what is asked of many targets known to the forks that are taken from now on, as far as there is room."""
        with self._lock:
            self._shared += [one for one in requests if one not in self._shared][: MOST - len(self._shared)]

    def known(self, process: Process, request: Request) -> int | None:
        """Return by which number a process knows a request, None if it does not."""
        knows = self._shared[: process.knows] if isinstance(process, Fork) else []
        return knows.index(request) if request in knows else None

    def start(
        self, environment: Mapping[str, str], complaints: int, framework: str = ""
    ) -> tuple[Process, Board | None]:
        """Start a process for a target that needs a framework, or none; ``complaints`` is its standard error.

        Return it and the board on which it notes its calls, or None if it says them. Raises OSError where there is no
        room.
        """
        with self._lock:
            again, self._begun = self._begun, True
            if (again or framework) and _sound():
                with contextlib.suppress(OSError):
                    return self._fork(environment, complaints, framework)
        board, shared = Board.new() if hasattr(os, "memfd_create") else (None, None)
        given = [] if shared is None else [shared]
        try:
            process = GUARD.start(
                python(f"{__package__}.child", str(os.getpid()), *map(str, given)),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=environment,
                pass_fds=given,
            )
        finally:
            for one in given:
                os.close(one)
        return process, board

    def _fork(self, environment: Mapping[str, str], complaints: int, framework: str) -> tuple[Process, Board]:
        if framework in self._stems and self._stems[framework].is_gone:
            self._stems.pop(framework).close()
        stem = self._stems.get(framework) or _Stem(environment, FRAMEWORKS[framework].forked if framework else ())
        self._stems[framework] = stem
        if _at_start(environment) != stem.environment:
            raise OSError("the stem was started in another environment")
        stem.tell(self._shared)
        return stem.fork(environment, complaints)

    def forget(self) -> None:
        """Begin anew in a fork of this process: the stems are its parent's."""
        stems, self._stems = self._stems, {}
        self._lock, self._begun = threading.Lock(), False
        for stem in stems.values():
            stem.forget()

    def close(self) -> None:
        """End the stems."""
        while self._stems:
            self._stems.popitem()[1].close()


class _Stem:
    """The parent's side of a stem, which imports some modules first."""

    def __init__(self, environment: Mapping[str, str], modules: Iterable[str]) -> None:
        self.environment = _at_start(environment)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._asks, self._knows = ours, 0
        self._replies = queue.SimpleQueue[int]()  # the number of a process; minus an errno
        self._codes: dict[int, int] = {}  # how processes ended, by number
        self._changed = threading.Condition()
        self.is_gone = False
        with theirs:
            self._process = GUARD.start(
                python(f"{__package__}.stem", str(os.getpid()), str(theirs.fileno()), *modules),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment,
                pass_fds=[theirs.fileno()],
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def tell(self, requests: list[Request]) -> None:
        """Tell it requests that it does not know yet, of a list that only grows. Raises OSError."""
        for request in requests[self._knows :]:
            with os.fdopen(os.memfd_create("rnn-ref request", os.MFD_CLOEXEC), "w+b") as file:
                exchange.say(file, *exchange.asked(request))
                file.seek(0)
                socket.send_fds(self._asks, [b"{}"], [file.fileno()])
            self._knows += 1

    def fork(self, environment: Mapping[str, str], complaints: int) -> tuple[Process, Board]:
        """Have a process started, and return its board too. Raises OSError if there is no room, or no stem any more."""
        with contextlib.ExitStack() as ours, contextlib.ExitStack() as theirs:
            asked, tell = (os.fdopen(one, mode) for one, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            theirs.enter_context(asked)
            ours.enter_context(tell)
            hear, told = (os.fdopen(one, mode) for one, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
            theirs.enter_context(told)
            ours.enter_context(hear)
            folder = os.open(".", os.O_RDONLY)
            theirs.callback(os.close, folder)
            board, shared = Board.new()
            theirs.callback(os.close, shared)
            text = json.dumps(dict(environment)).encode("ascii")
            if len(text) > ENVIRONMENT:
                raise OSError(errno.E2BIG, os.strerror(errno.E2BIG))
            socket.send_fds(self._asks, [text], [asked.fileno(), told.fileno(), complaints, folder, shared])
            try:
                process = self._replies.get(timeout=PATIENCE)
            except queue.Empty:
                raise TimeoutError("the stem does not answer") from None
            if process < 0:
                raise OSError(-process, os.strerror(-process))
            GUARD.began(process)
            ours.pop_all()
        return Fork(self, process, tell, hear, self._knows), board

    def code(self, process: int) -> int | None:
        """Return how a process ended, None if it has not. With the stem the system ends what was forked from it."""
        return self._codes.get(process, -signal.SIGKILL if self.is_gone else None)

    def wait(self, process: int, timeout: float | None) -> int:
        """Wait for the end of a process. Raises subprocess.TimeoutExpired."""
        with self._changed:
            self._changed.wait_for(lambda: self.code(process) is not None, timeout)
        code = self.code(process)
        if code is None:
            raise subprocess.TimeoutExpired(f"process {process}", timeout or 0.0)
        return code

    def forget(self) -> None:
        """Let go of it in a fork of the process that has started it: else its end would not be seen."""
        self._asks.close()
        self._process.returncode = 0  # it is no child of this process

    def close(self) -> None:
        """End it."""
        with contextlib.suppress(OSError):
            self._asks.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(SOON)
        GUARD.ended(self._process.pid)

    def _listen(self) -> None:
        """Hear which processes were started and which have ended, until the stem is gone."""
        with contextlib.suppress(OSError, ValueError), self._asks:
            while said := json.loads(self._asks.recv(2**10) or b"{}"):
                with self._changed:
                    if "ended" in said:
                        self._codes[said["ended"]] = said["code"]
                    else:
                        self._codes.pop(said.get("started"), None)  # the number was another's
                        self._replies.put(said["started"] if "started" in said else -said["refused"])
                    self._changed.notify_all()
        with self._changed:
            self.is_gone = True
            self._replies.put(-1)
            self._changed.notify_all()


class Fork:
    """A process that was forked from the stem; it knows the first so many requests that are shared."""

    def __init__(self, stem: _Stem, process: int, stdin: IO[bytes], stdout: IO[bytes], knows: int) -> None:
        self._stem, self.pid = stem, process
        self.knows = knows
        self.stdin: IO[bytes] | None = stdin
        self.stdout: IO[bytes] | None = stdout

    def poll(self) -> int | None:
        """Return how it ended, None if it has not."""
        return self._stem.code(self.pid)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises subprocess.TimeoutExpired."""
        return self._stem.wait(self.pid, timeout)

    def kill(self) -> None:
        """End it."""
        if self.poll() is None:
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)


def _sound() -> bool:
    """Return whether forks are taken here: the system is Linux, and has descriptors of processes and of memory."""
    if sys.platform != "linux" or not hasattr(os, "pidfd_open") or not hasattr(os, "memfd_create"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


def _at_start(environment: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name.startswith(AT_START)}


FORKS = Forks()
atexit.register(FORKS.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=FORKS.forget)
