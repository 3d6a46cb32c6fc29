"""The process in which a target lives: ``python -m rnn_ref.conformance.run.child FOLDER``.

It limits its own memory, loads the target, says what it found, and answers request by request until it is ended. It
holds no expected values and judges nothing.
"""

import contextlib
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from ..errors import NothingFoundError, TargetError
from ..targets.foreign_code import in_one_line
from . import exchange
from .session import LocalSession

POLL = 0.003


def main(folder: Path) -> None:
    """Do the job that the folder describes."""
    job = exchange.read_json(folder / "job.json")
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    sys.path += [entry for entry in job["path"] if entry not in sys.path]  # what the caller can import, this can
    sys.argv = [str(job["target"])]  # a target that reads the command line finds none of ours
    _limit_memory(job["memory"])
    try:
        session = LocalSession(job["target"], job["layout"])
    except TargetError as error:
        nothing = isinstance(error, NothingFoundError)
        exchange.write_json(folder / "found.json", {"error": str(error), "nothing": nothing})
        return
    except MemoryError as error:
        exchange.write_json(
            folder / "found.json",
            {"error": f"{job['target']}: cannot be loaded: {in_one_line(error)}", "nothing": False},
        )
        return
    found: dict[str, Any] = {name: one._asdict() for name, one in session.found.items()}
    exchange.write_json(folder / "found.json", {"name": session.name, "found": found})
    number = job["begin"]
    while True:
        request = exchange.read_request(folder, number)
        if request is None:
            time.sleep(POLL)
            continue
        if request.function in session.found and not session.found[request.function].stub:
            exchange.write_outcomes(folder, number, session.run(request))
        number += 1


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
