"""The mistakes, each an edit of one right base."""

from collections.abc import Callable
from typing import Any

from . import base, base_loss


def right(function: str) -> Callable[..., Any]:
    """Return the base's own, right function."""
    home = base if hasattr(base, function) else base_loss
    candidate: Callable[..., Any] = getattr(home, function)
    return candidate
