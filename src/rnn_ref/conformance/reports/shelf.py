"""Reports of a class, of which few are held in memory: the others lie in a file that has no name, packed.

Ten thousand of them would take half a gigabyte. The file is this process's own, and nothing else is unpacked from it.
Where there is no room for one, the packed reports are held in memory, which is a sixth of what they would take.
"""

import pickle
import tempfile
import weakref
import zlib
from collections.abc import Sequence
from typing import IO, Any

from .findings import Findings, Unchecked

HELD = 100  # reports that stay as they are
Place = tuple[int, int] | bytes | Findings | Unchecked  # start and size in the file; or packed; or the report itself


class Shelf(Sequence[Findings | Unchecked]):
    """Reports in the order in which they came."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._file: IO[bytes] | None = None

    def put(self, one: Findings | Unchecked) -> int:
        """Keep a report, and return its number."""
        self._places.append(one if len(self._places) < HELD or isinstance(one, Unchecked) else self._packed(one))
        return len(self._places) - 1

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: Any) -> Any:
        place = self._places[index]
        if isinstance(place, tuple) and self._file is not None:
            self._file.seek(place[0])
            place = self._file.read(place[1])
        return pickle.loads(zlib.decompress(place)) if isinstance(place, bytes) else place

    def _packed(self, one: Findings) -> Place:
        packed = zlib.compress(pickle.dumps(one, pickle.HIGHEST_PROTOCOL), 1)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it is closed with this object
                weakref.finalize(self, self._file.close)
            start = self._file.seek(0, 2)
            self._file.write(packed)
            self._file.flush()
        except OSError:
            return packed
        return start, len(packed)


class Arranged(Sequence[Findings | Unchecked]):
    """Some of a shelf's reports in an order, and others between them."""

    def __init__(self, shelf: Shelf, order: Sequence[int | Unchecked]) -> None:
        self._shelf, self._order = shelf, order

    def __len__(self) -> int:
        return len(self._order)

    def __getitem__(self, index: Any) -> Any:
        one = self._order[index]
        return self._shelf[one] if isinstance(one, int) else one
