"""The base: every function once, plain and right. The mistakes of the catalogue are edits of its text.

A family keeps its functions in a file ``base.py``. It is read as text as well as run, so what the edits refer to must
stay as it is. Nothing there calls a neighbour: a mistake in one function stays in that function. Where two functions
say the same thing they say it in the same words, so that one edit fits both.
"""

from collections.abc import Callable
from typing import Any

from . import family_of


def right(function: str) -> Callable[..., Any]:
    """Return the base's own, right function."""
    candidate: Callable[..., Any] = getattr(family_of(function).part("base"), function)
    return candidate
