"""The environment a check ran in, as the report tells it."""

import functools
import importlib.util
import platform
import sys
from pathlib import Path

import numpy as np


def version(package: str) -> str | None:
    """Return the version of a package that is installed, None if it is not; without loading it.

    The folder that pip leaves beside it tells, which is sooner read than ``importlib.metadata`` is loaded.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        return None
    beside = Path(found.origin).parents[1]
    folders = [folder.stem.removeprefix(f"{package}-") for folder in beside.glob(f"{package}-*.dist-info")]
    if len(folders) == 1:
        return folders[0]
    from importlib import metadata  # noqa: PLC0415

    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


@functools.cache
def _version(package: str, path: tuple[str, ...]) -> str | None:
    """Return the same of what is found in these folders: it is looked for once, for all targets of a class."""
    return version(package)


def environment(oracle: str) -> dict[str, str | None]:
    """Return the versions of what a check depends on."""
    return {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "torch": _version("torch", tuple(sys.path)),
        "oracle": oracle,
        "platform": platform.platform(),
    }
