"""The frozen vectors: an uncompressed npz of arrays, and a JSON manifest that says what each check does with them.

The manifest carries a SHA-256 of every array's bytes, dtype and shape, and the number of arrays; loading verifies
both, so a truncated or edited file is an error, never a quietly smaller suite. Equal arrays are stored once.
"""

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from .._shapes import Array
from .suite import SUITE, Check

FOLDER = Path(__file__).parent / "frozen"


class VectorsError(Exception):
    """The frozen vectors are missing or damaged."""


def save(checks: Iterable[Check], provenance: dict[str, str], folder: Path = FOLDER) -> None:
    """Write both files; each is complete before it takes its name."""
    arrays: dict[str, Array] = {}
    keys: dict[str, str] = {}  # digest -> key
    entries = [_entry(check, arrays, keys) for check in checks]
    manifest = {
        "suite": SUITE,
        "provenance": provenance,
        "checks": entries,
        "count": len(arrays),
        "sha256": {key: digest for digest, key in keys.items()},
    }
    folder.mkdir(parents=True, exist_ok=True)
    npz, text = _paths(folder)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
    Path(file.name).chmod(0o644)
    os.replace(file.name, npz)  # noqa: PTH105
    text.write_text(_one_entry_a_line(manifest), encoding="utf-8")


@functools.cache
def load(folder: Path = FOLDER) -> tuple[tuple[Check, ...], dict[str, str]]:
    """Read and verify the vectors, once: the checks, their arrays read-only, and where they come from."""
    npz, text = _paths(folder)
    try:
        manifest = json.loads(text.read_text(encoding="utf-8"))
        with npz.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except Exception as error:
        raise VectorsError(f"the frozen vectors of suite {SUITE} cannot be read: {error}") from error
    if len(arrays) != manifest["count"]:
        raise VectorsError(f"{npz.name} holds {len(arrays)} arrays, expected {manifest['count']}; from {text.name}")
    for key, digest in manifest["sha256"].items():
        if key not in arrays or _digest(arrays[key]) != digest:
            raise VectorsError(f"{npz.name}: array {key} is missing or is not what {text.name} vouches for")
    for array in arrays.values():
        array.flags.writeable = False
    return tuple(_check(entry, arrays) for entry in manifest["checks"]), manifest["provenance"]


def _one_entry_a_line(manifest: dict[str, Any]) -> str:
    """Write JSON that is small and still can be read and compared line by line."""
    lines = []
    for name, value in manifest.items():
        if name == "checks":
            text = "[\n" + ",\n".join(json.dumps(entry) for entry in value) + "\n]"
        elif name == "sha256":
            text = "{\n" + ",\n".join(f'"{key}": "{digest}"' for key, digest in value.items()) + "\n}"
        else:
            text = json.dumps(value)
        lines.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _paths(folder: Path) -> tuple[Path, Path]:
    return folder / f"suite-{SUITE}.npz", folder / f"suite-{SUITE}.json"


def _entry(check: Check, arrays: dict[str, Array], keys: dict[str, str]) -> dict[str, Any]:
    def stored(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        key = keys.setdefault(_digest(value), f"a{len(keys):03d}")
        arrays.setdefault(key, value)
        return {"array": key}

    return {
        "id": check.id,
        "rank": check.rank,
        "dtype": check.dtype,
        "flags": list(check.flags),
        "lists": list(check.lists),
        "arguments": {name: stored(value) for name, value in check.arguments.items()},
        "options": {name: stored(value) for name, value in check.options.items()},
        "expected": {name: stored(value) for name, value in check.expected.items()},
        "scales": dict(check.scales),
    }


def _check(entry: dict[str, Any], arrays: dict[str, Array]) -> Check:
    def found(values: dict[str, Any]) -> dict[str, Any]:
        return {name: arrays[v["array"]] if isinstance(v, dict) else v for name, v in values.items()}

    return Check(
        id=entry["id"],
        rank=entry["rank"],
        dtype=entry["dtype"],
        flags=tuple(entry["flags"]),
        arguments=found(entry["arguments"]),
        options=found(entry["options"]),
        expected=found(entry["expected"]),
        scales=entry["scales"],
        lists=tuple(entry["lists"]),
    )


def _digest(array: Array) -> str:
    """Hash dtype, shape and bytes in C order."""
    header = f"{array.dtype.str} {array.shape} ".encode()
    return hashlib.sha256(header + np.ascontiguousarray(array).tobytes()).hexdigest()
