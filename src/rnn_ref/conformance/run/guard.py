"""Starting child processes so that none is left behind, however this process ends.

Two things see to that, and each does alone: a process that watches this one (``watch.py``), and, on Linux, the signal
that the system sends to a child whose parent is gone. That signal is sent when the *thread* ends that has started the
child: so one thread, which lasts, starts all of them.
"""

import atexit
import contextlib
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PACKAGES = str(Path(__file__).parents[3])  # the folder, or the zip file, in which the package rnn_ref lies
# the package is imported from there, wherever else one of that name may lie; nothing else is
START = "import sys; sys.path.insert(0, {0!r}); import rnn_ref; del sys.path[0]; from {1} import main; main()"

SOON = 1.0  # seconds in which the watcher ends what is left


def python(module: str, *arguments: str) -> list[str]:
    """Return the command line that calls ``main`` of a module of this very package in a new interpreter."""
    return [sys.executable, "-P", "-c", START.format(PACKAGES, module), *arguments]


class _Starter:
    """A thread that lasts, and starts processes for others."""

    def __init__(self) -> None:
        self._wanted = queue.SimpleQueue[tuple[Callable[[], Any], "queue.SimpleQueue[Any]"]]()
        threading.Thread(target=self._work, name="rnn-ref starts processes", daemon=True).start()

    def do(self, what: Callable[[], Any]) -> Any:
        """Return what a call returns that is made in that thread, or raise what it raises."""
        answer = queue.SimpleQueue[Any]()
        self._wanted.put((what, answer))
        result, error = answer.get()
        if error is not None:
            raise error
        return result

    def _work(self) -> None:
        while True:
            what, answer = self._wanted.get()
            try:
                answer.put((what(), None))
            except BaseException as error:
                answer.put((None, error))


class Guard:
    """Knows the children of this process, and has them watched."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._starter: _Starter | None = None
        self._watcher: subprocess.Popen[bytes] | None = None

    def start(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start a process in a group of its own. Raises OSError if the system has no room for it."""
        with self._lock:
            self._starter = self._starter or _Starter()
            starter = self._starter
            if self._watcher is None or self._watcher.poll() is not None:
                self._watcher = starter.do(self._new_watcher)
        process: subprocess.Popen[bytes] = starter.do(
            lambda: subprocess.Popen(command, start_new_session=True, **options)
        )
        self.began(process.pid)
        return process

    def began(self, process: int) -> None:
        """Take note of a process, by its number."""
        self._tell(b"+", process)

    def ended(self, process: int) -> None:
        """Take note that a process has ended, so that its number may belong to another."""
        self._tell(b"-", process)

    def forget(self) -> None:
        """Begin anew in a fork of this process: neither the thread nor the children are its own."""
        watcher, self._watcher, self._starter = self._watcher, None, None
        self._lock = threading.Lock()
        if watcher is not None and watcher.stdin is not None:
            watcher.stdin.close()  # else the parent would not be seen to be gone before this one is
            watcher.returncode = 0  # it is no child of this process

    def close(self) -> None:
        """Have the watcher end what is left, and wait until it has."""
        watcher, self._watcher = self._watcher, None
        if watcher is not None and watcher.stdin is not None:
            watcher.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                watcher.wait(SOON)

    def _tell(self, sign: bytes, process: int) -> None:
        with self._lock, contextlib.suppress(OSError):
            if self._watcher is not None and self._watcher.stdin is not None:
                self._watcher.stdin.write(b"%b %d\n" % (sign, process))

    @staticmethod
    def _new_watcher() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            python(f"{__package__}.watch"),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            bufsize=0,
        )


GUARD = Guard()
atexit.register(GUARD.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=GUARD.forget)
