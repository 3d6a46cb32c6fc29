"""Runs tests again and again, each time in a fork of one process that has imported pytest and NumPy, never the package.

To start Python and pytest takes ten times as long as the tests of a small file; ``mutants.py`` runs them hundreds of
times. What is forked knows nothing of the package, so every fork imports it anew, with the mutant of the moment.
"""

import contextlib
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType

CPU, PATIENCE = 120, 3600  # seconds of work, and of waiting where others work: what takes longer never ends
UNWARNED = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # that Hypothesis is there before pytest is
LIBRARIES = ("numpy", "pytest", "_pytest.doctest", "hypothesis", "mpmath")


class ForkedTests:
    """The process from which tests are forked, as a context; the package is imported from ``path``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> "ForkedTests":
        environment = {**os.environ, "PYTHONPATH": str(self.path), "OPENBLAS_NUM_THREADS": "1"}
        self.process = subprocess.Popen(
            [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.communicate()

    def passed(self, arguments: list[str], *, keep: bool = False) -> bool:
        """Whether pytest, called with these arguments, ends in time and finds nothing; bytecode may be kept."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([arguments, keep]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError("the process from which tests are forked has ended")
        return int(answer) == 0


def _run(arguments: list[str], keep: bool) -> int:
    """Return the exit code of pytest in a fork, which is negative if it does not end."""
    child = os.fork()
    if not child:
        code = 3
        try:
            os.setsid()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            _set_bytecode(keep)
            import pytest  # noqa: PLC0415 - it is there already

            code = int(pytest.main([*UNWARNED, *arguments]))
        finally:
            os._exit(code)
    signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
    signal.alarm(PATIENCE)
    _, status = os.waitpid(child, 0)
    signal.alarm(0)
    with contextlib.suppress(ProcessLookupError):  # nothing that the tests have started stays
        os.killpg(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(status)


def _set_bytecode(keep: bool) -> None:
    """Let this process and those that it starts write bytecode or not."""
    sys.dont_write_bytecode = not keep
    os.environ["PYTHONDONTWRITEBYTECODE"] = "" if keep else "1"


def main() -> None:
    """Answer each line of standard input, a list of arguments, by an exit code."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            __import__(name)
    for line in sys.stdin:
        print(_run(*json.loads(line)), flush=True)


if __name__ == "__main__":
    main()
