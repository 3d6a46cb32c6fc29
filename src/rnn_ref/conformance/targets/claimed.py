"""What a target says of itself about the calls it takes, before it is asked."""

import inspect
from collections.abc import Sequence
from typing import Any, NamedTuple


class Claimed(NamedTuple):
    """Precisions and ranks, None where nothing is said of them; and whether functions can be handed to it."""

    dtypes: Sequence[str] | None = None
    ranks: Sequence[str] | None = None
    callables: bool = True

    @classmethod
    def of(cls, candidate: Any) -> "Claimed":
        """Return what a function bears as its attribute ``claimed``."""
        found = inspect.getattr_static(candidate, "claimed", None)  # runs no code of the target
        return found if isinstance(found, cls) else cls()
