"""What surrounds a check: its options vetted, the command that repeats it, and the environment it ran in."""

import importlib.metadata
import platform
import shlex
import sys
from typing import Any

import numpy as np

from .plan import CLAIMS
from .suite import FUNCTIONS


def check_options(required: tuple[str, ...], dtype: str | None, rank: str | None, timeout: float, memory: int) -> None:
    """Raise ValueError for an option that does not exist."""
    unknown = [name for name in required if name not in FUNCTIONS]
    if unknown:
        raise ValueError(f"check: require names {', '.join(unknown)}, expected some of {', '.join(FUNCTIONS)}")
    if dtype not in {None, "float32", "float64", "both"}:
        raise ValueError(f"check: dtype is {dtype!r}, expected 'float32', 'float64' or 'both'")
    if rank is not None and rank not in CLAIMS:
        raise ValueError(f"check: rank is {rank!r}, expected {', '.join(map(repr, CLAIMS))}")
    if not timeout > 0 or not memory > 0:
        raise ValueError(f"check: timeout is {timeout} and memory {memory}, expected numbers above 0")


def command(target: Any, rank: str | None, dtype: str | None) -> str:
    """Return the command line that repeats this check, empty for an object that has no name there."""
    if target is not None and not isinstance(target, str):
        return ""
    words = ["rnn-ref", "check", *([target] if target else [])]
    words += [word for option, value in (("--rank", rank), ("--dtype", dtype)) if value for word in (option, value)]
    return shlex.join(words)


def environment() -> dict[str, str | None]:
    """Return the versions of what a check depends on."""
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        torch = None
    return {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": torch,
        "oracle": "vectors",
        "platform": platform.platform(),
    }
