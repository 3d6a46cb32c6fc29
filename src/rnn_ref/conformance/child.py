"""The process in which a target lives: ``python -m rnn_ref.conformance.child FOLDER``.

It limits its own memory, loads the target, says what it found, and answers function by function. It holds no expected
values and judges nothing.
"""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from . import exchange
from .execute import told
from .session import LocalSession
from .target import TargetError


def main(folder: Path) -> None:
    """Do the job that the folder describes."""
    job = exchange.read_json(folder / "job.json")
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    sys.path += [entry for entry in job["path"] if entry not in sys.path]  # what the caller can import, this can
    sys.argv = [str(job["target"])]  # a target that reads the command line finds none of ours
    _limit_memory(job["memory"])
    try:
        session = LocalSession(job["target"])
    except TargetError as error:
        exchange.write_json(folder / "found.json", {"error": str(error)})
        return
    except MemoryError as error:
        exchange.write_json(folder / "found.json", {"error": f"{job['target']}: cannot be loaded: {told(error)}"})
        return
    found: dict[str, Any] = {name: one._asdict() for name, one in session.found.items()}
    exchange.write_json(folder / "found.json", {"name": session.name, "found": found})
    for function in job["functions"]:
        if function in session.found and not session.found[function].stub:
            outcomes = session.run(function, exchange.read_questions(folder, function))
            exchange.write_outcomes(folder, function, outcomes)


def _end_with(parent: int) -> None:
    """End this process when its parent is gone, however that ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def _limit_memory(mebibytes: int) -> None:
    """Set the limit on address space, where the system has one."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415 - not on every system

        resource.setrlimit(resource.RLIMIT_AS, (mebibytes * 2**20, mebibytes * 2**20))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
