"""The mistakes, each an edit of one right base."""

from collections.abc import Callable
from typing import Any

from .. import family_of
from . import base, base_loss


def right(function: str) -> Callable[..., Any]:
    """Return the base's own, right function."""
    family = family_of(function)
    homes = (family.part("base"),) if family.has("base") else (base, base_loss)
    candidate: Callable[..., Any] = next(getattr(home, function) for home in homes if hasattr(home, function))
    return candidate
