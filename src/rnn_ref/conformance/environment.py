"""The environment a check ran in, as the report tells it."""

import importlib.metadata
import platform
import sys

import numpy as np


def environment(oracle: str) -> dict[str, str | None]:
    """Return the versions of what a check depends on."""
    try:
        torch = importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        torch = None
    return {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": torch,
        "oracle": oracle,
        "platform": platform.platform(),
    }
