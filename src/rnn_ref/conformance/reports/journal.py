"""A file of what is finished, a line of JSON for each target: written as they end, read by whoever goes on later.

A line holds everything that was found out, so that every report can be made of it; a line that was cut off is as if it
was not there. A target is the same as then if its options, its file and this package are.
"""

import dataclasses
import functools
import hashlib
import json
import types
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..targets.from_text.by_text import divided, parted
from .findings import Findings, Unchecked
from .report import Report

KINDS: Mapping[str, type[Findings | Unchecked]] = {"report": Report, "unchecked": Unchecked}


class Journal:
    """The lines of one file, and what is added to them."""

    def __init__(self, path: Path) -> None:
        """Read what is there. Raises OSError if the file can be neither read nor made."""
        self._path = path
        self._places: dict[str, int] = {}  # where a target's line begins: not all of them are in memory
        with path.open("ab+") as file:
            place = file.seek(0)
            for line in file:
                if (known := _heard(line)) is not None:
                    self._places[known[0]] = place
                place += len(line)
                if not line.endswith(b"\n"):
                    file.write(b"\n")  # behind a line that was cut off

    def known(self, key: str) -> Sequence[Findings | Unchecked] | None:
        """Return what was found out earlier, None if nothing was."""
        if key not in self._places:
            return None
        with self._path.open("rb") as file:
            file.seek(self._places[key])
            known = _heard(file.readline())
        return known[1] if known else None

    def add(self, key: str, reports: Sequence[Findings | Unchecked]) -> None:
        """Write what was found out about a target. Raises OSError."""
        told = [[_kind(one), dataclasses.asdict(one)] for one in reports]
        line = json.dumps({"key": key, "reports": told})
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _heard(line: bytes) -> tuple[str, Sequence[Findings | Unchecked]] | None:
    """Return the key and the reports of a line, None of one that is none."""
    try:
        told = json.loads(line)
        return told["key"], [_object(KINDS[kind], value) for kind, value in told["reports"]]
    except (ValueError, KeyError, TypeError):
        return None


def key_of(target: str, options: Any, version: str) -> str:
    """Return what tells a target, as it is now, and what is asked of it from any other.

    >>> key_of("torch", None, "1") == key_of("torch", None, "1") != key_of("jax", None, "1")
    True
    """
    file = Path(divided(parted(target)[0])[0])
    content = file.read_bytes() if file.is_file() else b""
    return hashlib.sha256(repr((target, options, version, content)).encode()).hexdigest()


def _kind(one: Findings | Unchecked) -> str:
    return next(kind for kind, cls in KINDS.items() if isinstance(one, cls))


def _object(kind: Any, value: Any) -> Any:
    """Return what JSON tells as the type says that stands at a field: lists as tuples, mappings as dataclasses.

    >>> _object(tuple[int, ...] | None, [1, 2])
    (1, 2)
    """
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if origin in {typing.Union, types.UnionType}:
        return None if value is None else _object(next(one for one in inside if one is not types.NoneType), value)
    if dataclasses.is_dataclass(kind):
        known = _hints(typing.cast(type, kind))
        return typing.cast(Any, kind)(**{name: _object(known[name], one) for name, one in value.items()})
    if origin is dict:
        return {name: _object(inside[1], one) for name, one in value.items()}
    if origin in {list, tuple}:
        return origin(_object(inside[0], one) for one in value)
    return value


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind)
