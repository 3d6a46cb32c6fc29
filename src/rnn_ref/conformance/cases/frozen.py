"""The frozen vectors: an uncompressed npz of numbers, and a JSON manifest that says what each check does with them.

An npz entry costs more than most of these arrays hold, so the numbers lie end to end in a few long ones: the inputs
by dtype, and four in parallel for the answers: ``truth`` (the nearest float64), ``remainder`` (what is missing to
50 digits, in ulp of it), ``pytorch`` (PyTorch's own answer) and ``allowed`` (how far off a right answer may be, which
takes longer to derive than to read). The manifest gives place, shape and a digest (half a
SHA-256) of every array, and their number, and refers to it as ``@a000``; loading verifies all of it, so a truncated
or edited file is an error, never a quietly smaller suite. Equal inputs are stored once.
"""

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import SUITE, Check
from ..spec import OPERATIONS

FOLDER = Path(__file__).parents[1] / "frozen"


SHORT = (",", ":")
PARALLEL = {"truth": ("truth", "remainder", "pytorch", "allowed")}


class VectorsError(Exception):
    """The frozen vectors are missing or damaged."""


class Store:
    """Arrays laid end to end, by pool, each with its place."""

    def __init__(self) -> None:
        self.arrays: dict[str, tuple[str, int, tuple[int, ...], str]] = {}  # name -> pool, start, shape, digest
        self._parts: dict[str, list[Array]] = {}
        self._known: dict[str, str] = {}

    def add(self, pool: str, *planes: Array) -> str:
        """Lay down an array (an answer has four parallel planes) and return its name."""
        digest = _digest(planes[0].shape, list(planes))
        if digest not in self._known:
            name = self._known[digest] = f"a{len(self._known):03d}"
            start = sum(part.size for part in self._parts.get(PARALLEL.get(pool, (pool,))[0], []))
            self.arrays[name] = (pool, start, planes[0].shape, digest)
            for key, plane in zip(PARALLEL.get(pool, (pool,)), planes, strict=True):
                self._parts.setdefault(key, []).append(plane.ravel())
        return self._known[digest]

    def pools(self) -> dict[str, Array]:
        """Return the long arrays."""
        return {key: np.concatenate(parts) for key, parts in self._parts.items()}


def save(checks: Iterable[Check], provenance: dict[str, str], folder: Path = FOLDER, suite: str = SUITE) -> None:
    """Write both files; each is complete before it takes its name."""
    store = Store()
    entries = [_entry(check, store) for check in checks]
    manifest = {
        "suite": suite,
        "provenance": provenance,
        "count": len(store.arrays),
        "checks": entries,
        "arrays": store.arrays,
    }
    folder.mkdir(parents=True, exist_ok=True)
    npz, text = _paths(folder, suite)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        np.savez(file, **store.pools())  # type: ignore[arg-type]
    Path(file.name).chmod(0o644)
    os.replace(file.name, npz)  # noqa: PTH105
    text.write_text(_one_entry_a_line(manifest), encoding="utf-8")


@functools.cache
def load(folder: Path = FOLDER, suite: str = SUITE) -> tuple[tuple[Check, ...], dict[str, str]]:
    """Read and verify the vectors of a suite, once: the checks, their arrays read-only, and where they come from."""
    npz, text = _paths(folder, suite)
    try:
        manifest = json.loads(text.read_text(encoding="utf-8"))
        with npz.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            pools = {key: file[key] for key in file.files}
    except Exception as error:
        raise VectorsError(f"the frozen vectors of suite {suite} cannot be read: {error}") from error
    if len(manifest["arrays"]) != manifest["count"]:
        raise VectorsError(f"{text.name} lists {len(manifest['arrays'])} arrays, expected {manifest['count']}")
    for pool in pools.values():
        pool.flags.writeable = False
    found = {name: _planes(npz.name, pools, name, *place) for name, place in manifest["arrays"].items()}
    return tuple(_check(entry, found) for entry in manifest["checks"]), manifest["provenance"]


def _paths(folder: Path, suite: str) -> tuple[Path, Path]:
    return folder / f"suite-{suite}.npz", folder / f"suite-{suite}.json"


def _entry(check: Check, store: Store) -> dict[str, Any]:
    def stored(values: Mapping[str, Any]) -> dict[str, Any]:
        return {n: f"@{store.add(v.dtype.name, v)}" if isinstance(v, np.ndarray) else v for n, v in values.items()}

    answers = {name: "@" + store.add("truth", *_answer(check, name)) for name in check.expected}
    entry = {
        "id": check.id,
        "rank": check.rank,
        "dtype": check.dtype,
        "flags": list(check.flags),
        "lists": list(check.lists),
        "arguments": stored(check.arguments),
        "options": stored(check.options),
        "expected": answers,
        "pytorch": "" if check.pytorch else "none",
    }
    return {name: value for name, value in entry.items() if value}


def _answer(check: Check, name: str) -> Iterator[Array]:
    """Yield the planes of one answer; what is missing to the truth in float32."""
    yield check.expected[name]
    yield check.remainder[name].astype(np.float32)
    yield check.pytorch.get(name, np.full(check.expected[name].shape, np.nan))
    yield np.broadcast_to(check.allowed[name], check.expected[name].shape).astype(np.float64)


def _check(entry: dict[str, Any], found: dict[str, list[Array]]) -> Check:
    def inputs(values: dict[str, Any]) -> dict[str, Any]:
        return {name: found[v[1:]][0] if str(v).startswith("@") else v for name, v in values.items()}

    answers = {name: found[reference[1:]] for name, reference in entry["expected"].items()}
    function, _, case = entry["id"].partition("/")
    return Check(
        operation=OPERATIONS[function],
        case=case,
        rank=entry["rank"],
        dtype=entry["dtype"],
        flags=tuple(entry.get("flags", ())),
        arguments=inputs(entry["arguments"]),
        options=inputs(entry.get("options", {})),
        expected={name: planes[0] for name, planes in answers.items()},
        remainder={name: planes[1] for name, planes in answers.items()},
        pytorch={} if "pytorch" in entry else {name: planes[2] for name, planes in answers.items()},
        allowed={name: planes[3] for name, planes in answers.items()},
        lists=tuple(entry.get("lists", ())),
    )


def _planes(
    file: str, pools: dict[str, Array], name: str, pool: str, start: int, shape: Any, digest: str
) -> list[Array]:
    """Cut one array out of its pool (or pools, for an answer), and verify it."""
    size = int(np.prod(shape))
    parts = [pools.get(key, np.empty(0))[start : start + size] for key in PARALLEL.get(pool, (pool,))]
    if any(part.size != size for part in parts) or _digest(shape, parts) != digest:
        raise VectorsError(f"{file}: array {name} is missing or is not what the manifest vouches for")
    return [part.reshape(shape) for part in parts]


def _digest(shape: Iterable[int], parts: list[Array]) -> str:
    """Hash shape, dtypes and bytes in C order."""
    hashed = hashlib.sha256(repr(tuple(shape)).encode())
    for part in parts:
        hashed.update(part.dtype.str.encode() + np.ascontiguousarray(part).tobytes())
    return hashed.hexdigest()[:32]


def _one_entry_a_line(manifest: dict[str, Any]) -> str:
    """Write JSON that is small and still can be read and compared line by line."""
    lines = []
    for name, value in manifest.items():
        if name == "checks":
            text = "[\n" + ",\n".join(json.dumps(entry, separators=SHORT) for entry in value) + "\n]"
        elif name == "arrays":
            text = (
                "{\n"
                + ",\n".join(f'"{key}":{json.dumps(place, separators=SHORT)}' for key, place in value.items())
                + "\n}"
            )
        else:
            text = json.dumps(value)
        lines.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + "\n}\n"
