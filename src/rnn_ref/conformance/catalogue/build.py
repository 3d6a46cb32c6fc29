"""From a mistake to a function that makes it."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from . import base, base_loss
from .mistake import Mistake


def right(function: str) -> Callable[..., Any]:
    """Return the base's own, right function."""
    home = base if hasattr(base, function) else base_loss
    candidate: Callable[..., Any] = getattr(home, function)
    return candidate


def wrong(mistake: Mistake, function: str) -> Callable[..., Any]:
    """Return the function with the mistake in it, fresh: what it may keep between calls begins empty."""
    namespace: dict[str, Any] = {"np": np, "KEPT": {}}
    exec(_edited(mistake, function), namespace)
    candidate: Callable[..., Any] = namespace[function]
    return candidate


@functools.cache
def _edited(mistake: Mistake, function: str) -> Any:
    return compile(source(mistake, function), f"<{mistake.slug}>", "exec")


def source(mistake: Mistake, function: str) -> str:
    """Return the text of the function with the mistake in it; it may use ``np`` and a dict ``KEPT``."""
    text = inspect.getsource(right(function))
    for old, new in mistake.edits:
        if old not in text:
            raise ValueError(f"{mistake.slug}: {function} of the base does not contain {old!r}")
        text = text.replace(old, new)
    return text
