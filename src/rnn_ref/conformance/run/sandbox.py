"""The parent's side: a target in a process of its own, with limits on time and memory.

The child has its own session and no standard input, what it prints goes nowhere, and only a complete result file
counts: a target that exits, crashes, hangs or fills the memory costs the function in which it does so, and the next
function is asked in a new child. This guards against accidents. It is no protection against an attacker: the child
may read and write what its user may.
"""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import NothingFoundError, TargetError
from . import exchange
from .call import Outcome
from .session import Found, Request

POLL = 0.003
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")  # NPROC is JAX's; each takes memory
ONE_THREAD = dict.fromkeys(THREADS, "1")


_RUNNING: weakref.WeakSet["ChildSession"] = weakref.WeakSet()


def close_all() -> None:
    """End every child: whoever waits for one gets an error in place of its answers."""
    for session in list(_RUNNING):
        session.close()


class ChildSession:
    """A target given as text, loaded and called in child processes."""

    def __init__(
        self, target: str | None, layout: str | None, ahead: Iterable[Request], timeout: float, memory: int
    ) -> None:
        """Start a child, and have it work on the requests ``ahead``; ``layout`` is one of the user's own."""
        self._target, self._layout, self._timeout, self._memory = target, layout, timeout, memory
        self._asked: list[Request] = []
        self._scratch = tempfile.TemporaryDirectory(prefix="rnn-ref-", ignore_cleanup_errors=True)
        self._folder = Path(self._scratch.name)
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False
        _RUNNING.add(self)
        try:
            for request in ahead:
                self._number(request)
            self._start(0)
            self.name, self.found = self._loaded(target or "rnn_ref")
        except BaseException:
            self.close()
            raise

    def run(self, request: Request) -> list[list[Outcome]]:
        """Return the outcomes of both calls of every check, or errors if the child did not live to give them."""
        number = self._number(request)
        outcomes: list[list[Outcome]] | None
        outcomes, ended = self._until(lambda: exchange.read_outcomes(self._folder, number))
        if outcomes is not None:
            return outcomes
        self._begin_anew(number + 1)
        lost = Outcome(error=ended, lost=True, timeout=ended.startswith("timeout"))
        return [[lost] for _ in request.checks]

    def _number(self, request: Request) -> int:
        """Return the request's number, having handed it over."""
        if request not in self._asked:
            exchange.write_request(self._folder, len(self._asked), request)
            self._asked.append(request)
        return self._asked.index(request)

    def renew(self) -> None:
        """Begin anew in another process, behind all requests so far."""
        self._begin_anew(len(self._asked))

    def _begin_anew(self, number: int) -> None:
        self._kill()
        if not self._closed:
            self._start(number)
            self._until(lambda: exchange.read_json(self._folder / "found.json"))  # loading again has its own time

    def close(self) -> None:
        """Leave no process and no file behind."""
        self._closed = True
        self._kill()
        self._scratch.cleanup()

    def _start(self, begin: int) -> None:
        (self._folder / "found.json").unlink(missing_ok=True)
        job = {
            "target": self._target,
            "layout": self._layout,
            "begin": begin,
            "memory": self._memory,
            "path": sys.path,
        }
        exchange.write_json(self._folder / "job.json", job)
        self._child = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnn_ref.conformance.run.child", str(self._folder)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=os.environ | ONE_THREAD,
            start_new_session=True,
        )

    def _loaded(self, target: str) -> tuple[str, Mapping[str, Found]]:
        found, ended = self._until(lambda: exchange.read_json(self._folder / "found.json"))
        if found is None:
            raise TargetError(f"{target}: cannot be loaded: {ended}")
        if "error" in found:
            raise (NothingFoundError if found["nothing"] else TargetError)(found["error"])
        return found["name"], {
            name: Found(one["stub"], one["keywords"] and tuple(one["keywords"])) for name, one in found["found"].items()
        }

    def _until(self, ready: Any) -> tuple[Any, str]:
        """Wait for a result; without one, say how it ended."""
        deadline = time.monotonic() + self._timeout
        while self._child is not None:
            code = self._child.poll()
            result = ready()  # after the poll: what a child leaves behind when it ends counts
            if result is not None:
                return result, ""
            if code is not None:
                return None, _farewell(code)
            if time.monotonic() > deadline:
                return None, f"timeout: no answer within {self._timeout:g} s"
            time.sleep(POLL)
        return None, "the process is not there"

    def _kill(self) -> None:
        """End the child and what it started, as far as that has not left its process group."""
        if self._child is None:
            return
        with contextlib.suppress(AttributeError, ProcessLookupError, PermissionError):  # no groups on Windows
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.kill()
        self._child.wait()
        self._child = None


def _farewell(code: int) -> str:
    if code < 0:
        known = -code in set(signal.Signals)
        return f"the process was ended by {signal.Signals(-code).name if known else f'signal {-code}'}"
    return f"the process ended with exit code {code} before it had answered"
