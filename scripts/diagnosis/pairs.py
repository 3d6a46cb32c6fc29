"""Two mistakes in one function."""

from collections.abc import Iterator

from .written import Written2


def pairs() -> Iterator[Written2]:
    """Yield every pair, fresh."""
    yield from ()
