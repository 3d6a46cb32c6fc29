"""A program that runs, and the lines that go to it and come from it.

What it writes is read in a thread of its own, a few lines ahead at most, so that a program that never stops writing
fills no memory, and what it wrote without being asked is noticed. The program belongs to the process group of this
process, and is ended with it.
"""

import json
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import IO, Any

from ...errors import LostError, TargetError
from ..foreign_code import farewell
from .command import as_target, is_file_name, words_of

LINE = 2**25  # bytes of a line: a million numbers
AHEAD = 2  # lines that are read before they are asked for
QUOTED = 80  # characters of a line that are shown
SOON = 1.0  # seconds in which a program that has closed its output may end


class Program:
    """A program, started without a shell."""

    def __init__(self, target: str) -> None:
        """Start it. Raises TargetError if that cannot be done."""
        words = words_of(target)
        place = words[0] if is_file_name(words[0]) else shutil.which(words[0])
        if place is None:
            here = f"; the file here is {as_target(Path(words[0]))}" if Path(words[0]).is_file() else ""
            raise TargetError(f"{target}: no program {words[0]} is on the PATH{here}")
        if is_file_name(words[0]) and not Path(place).is_file():
            raise TargetError(f"{target}: {place}: no such file")
        try:
            self._process = subprocess.Popen([place, *words[1:]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        except OSError as error:
            raise TargetError(f"{target}: {place} cannot be started: {error.strerror}") from error
        self._lines = queue.Queue[bytes](AHEAD)
        threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True).start()

    def tell(self, value: Any) -> None:
        """Write one line. Raises LostError if it cannot be read any more, or something else was said meanwhile."""
        if not self._lines.empty():
            line = self._lines.get()
            raise LostError(f"the program wrote {shown(line)} without being asked" if line else self._end())
        try:
            self._pipe.write(json.dumps(value).encode("ascii") + b"\n")
            self._pipe.flush()
        except OSError:
            raise LostError(self._end("the program has closed its standard input")) from None

    def hear(self) -> Any:
        """Return what stands in the next line. Raises LostError for one that is no JSON, and where none comes."""
        line = self._lines.get()
        if not line:
            raise LostError(self._end())
        if not line.endswith(b"\n") and len(line) == LINE:
            raise LostError(f"the program wrote a line of more than {LINE:,} bytes: {shown(line)}")
        try:
            return json.loads(line)
        except (ValueError, RecursionError):
            raise LostError(
                f"the program wrote {shown(line)}, which is no JSON (its standard output is for answers alone)"
            ) from None

    @property
    def _pipe(self) -> IO[bytes]:
        if self._process.stdin is None:
            raise LostError("the program has no standard input")
        return self._process.stdin

    def _read(self, pipe: IO[bytes]) -> None:
        """Read line by line; an empty one says that there are no more."""
        line = b"the first"
        while line:
            line = pipe.readline(LINE)
            self._lines.put(line)

    def _end(self, otherwise: str = "the program has closed its standard output") -> str:
        """Say how it ended, or what it did instead."""
        try:
            return farewell(self._process.wait(SOON), "program")
        except subprocess.TimeoutExpired:
            return otherwise


def shown(line: bytes) -> str:
    """Return a line as a message quotes it.

    >>> shown(b"step 1 of 3\\n")
    "'step 1 of 3'"
    """
    text = line[: 2 * QUOTED].decode("utf-8", "backslashreplace").rstrip("\r\n")
    return repr(text) if len(text) <= QUOTED else f"{text[:QUOTED]!r} ..."
