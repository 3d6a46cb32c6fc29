"""Standard output whose reader may have had enough, as ``head`` has: that is no error, and changes no exit code."""

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any, TextIO


class Output:
    """A stream; once its reader is gone, what is written to it goes nowhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text."""
        with self._reader_may_leave():
            self._stream.write(text)
        return len(text)

    def writelines(self, texts: Iterable[str]) -> None:
        """Write texts one by one."""
        for text in texts:
            self.write(text)

    def flush(self) -> None:
        """Write what is left in memory."""
        with self._reader_may_leave():
            self._stream.flush()

    @contextlib.contextmanager
    def _reader_may_leave(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
