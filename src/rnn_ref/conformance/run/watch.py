"""The process that outlives its parent, to end what that has started.

It reads lines from the parent, ``+ PID`` for a process that was started and ``- PID`` for one that has ended. When the
parent is gone, however that came, it ends those that are left, with what belongs to their process groups, and itself.
A child that holds the interpreter's lock, or is stopped, is ended as well: nothing is asked of it.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterable


def watch(lines: Iterable[str]) -> None:
    """Read to the end, and end what is left then."""
    running: dict[str, int] = {}
    for line in lines:
        sign, _, text = line.strip().partition(" ")
        if sign == "+":
            running[text] = int(text)
        else:
            running.pop(text, None)
    for process in running.values():
        end_group(process)


def end_group(process: int) -> None:
    """End a process and its group, of which it is the first; on a system without groups the process alone."""
    ended = getattr(os, "killpg", os.kill)
    with contextlib.suppress(OSError):  # it has ended by itself
        ended(process, getattr(signal, "SIGKILL", signal.SIGTERM))


def main() -> None:
    """Watch the process that has started this one."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # what ends the parent is no reason to be gone before it
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    watch(sys.stdin)
