"""The end of what a process writes: kept in little memory, however much that is."""

import os
import threading

from ..foreign_text import printable

KEPT = 2**12  # bytes
SHOWN = 200  # characters
FRAME = "at "  # how JavaScript and Java begin the lines that follow what went wrong
PATIENCE = 1.0  # seconds for the pipe to be read to its end, once its writer is ended


class Tail:
    """What came last through a pipe, which is read to its end in a thread."""

    def __init__(self, pipe: int) -> None:
        """Read from a file descriptor, which is closed at the end."""
        self._pipe, self._kept = pipe, b""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def text(self) -> str:
        """Return the last of it, in one line that can be printed."""
        self._thread.join(PATIENCE)
        lines = self._kept.decode("utf-8", "backslashreplace").splitlines()
        text = " ".join(word for line in lines if not line.lstrip().startswith(FRAME) for word in line.split())
        text = printable(text)
        return text if len(text) <= SHOWN else f"... {text[-SHOWN:]}"

    def _read(self) -> None:
        with os.fdopen(self._pipe, "rb", 0) as pipe:
            while read := pipe.read(KEPT):
                self._kept = (self._kept + read)[-KEPT:]
