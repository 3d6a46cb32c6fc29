"""What answers is this process alone, with what was taken before the target is loaded.

A target that replaces functions of NumPy does so for itself, and a copy of the process that it forks does not answer.
"""

import contextlib
import functools
import mmap
import os
import signal
import sys
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

from ..targets.raised import is_ours

TAKEN = ("numpy", "json", "os", "time", "contextlib", "functools", "threading", "queue")
COPIES = 100  # that copies have made of themselves: more and more of them would bring the machine down
_MADE_BY_US = [False]
PACKAGE = __name__.partition(".")[0]


def take() -> None:
    """Have the modules of this package use copies of others as they are now; what is replaced there is not seen here.

    This guards against ``np.concatenate = mine`` and the like, not against one who looks for a way around.
    """
    copies = {id(sys.modules[name]): _copy(sys.modules[name]) for name in TAKEN}
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == PACKAGE:
            for alias, value in list(vars(module).items()):
                if id(value) in copies:
                    setattr(module, alias, copies[id(value)])


def _copy(module: ModuleType) -> ModuleType:
    copied = ModuleType(module.__name__, module.__doc__)
    vars(copied).update(vars(module))
    return copied


@contextlib.contextmanager
def copies() -> Iterator[None]:
    """Let copies of this process go on: it is we who make them."""
    _MADE_BY_US[0] = True
    try:
        yield
    finally:
        _MADE_BY_US[0] = False


def end_copies() -> None:
    """Have each copy that the target forks from this process end as it comes back to us: it would go on as we do.

    All are ended, this process with them, once copies of copies are too many.
    """
    if hasattr(os, "register_at_fork"):
        process, counted = os.getpid(), mmap.mmap(-1, mmap.PAGESIZE)  # which the copies share
        os.register_at_fork(after_in_child=functools.partial(_end_on_return, process, counted))


def _end_on_return(process: int, counted: mmap.mmap) -> None:
    if _MADE_BY_US[0]:
        return
    if os.getppid() != process:
        counted[:4] = (int.from_bytes(counted[:4]) + 1).to_bytes(4)
        if int.from_bytes(counted[:4]) > COPIES and os.getpgrp() == process:
            os.killpg(process, signal.SIGKILL)
    ours = sys._getframe().f_back
    while ours is not None and not is_ours(ours.f_code.co_filename):
        ours = ours.f_back
    if ours is None:  # in a thread of the target
        return

    def comes_back(at: FrameType, event: str, _: Any) -> None:
        if at is ours or (event == "return" and at.f_back is ours):
            os._exit(0)

    sys.setprofile(comes_back)
