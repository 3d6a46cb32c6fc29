"""The frozen vectors: an uncompressed npz of numbers, and a JSON manifest that says what each check does with them.

The numbers lie end to end in a few long arrays: the inputs by dtype, and four in parallel for the answers: ``truth``
(the nearest float64), ``remainder`` (what is missing to 50 digits, in ulp of it), ``pytorch`` (PyTorch's own answer)
and ``allowed`` (how far off a right answer may be, which takes longer to derive than to read). The manifest gives
place, shape and a digest (half a SHA-256) of every array, and their number, and refers to it as ``@a000``; loading
verifies all of it, so a truncated or edited file is an error, never a quietly smaller suite. Equal inputs are stored
once.
"""

import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import SUITE, Check
from .stored import Pools, as_entry, cut, from_entry, read_pools

FOLDER = Path(__file__).parents[1] / "frozen"
SHORT = (",", ":")
PARALLEL = {"truth": ("truth", "remainder", "pytorch", "allowed")}


class VectorsError(Exception):
    """The frozen vectors are missing or damaged."""


class Store:
    """Different arrays, each once, with its name and its place."""

    def __init__(self) -> None:
        self.arrays: dict[str, tuple[str, int, tuple[int, ...], str]] = {}  # name -> pool, start, shape, digest
        self.pools = Pools()
        self._known: dict[str, str] = {}

    def add(self, pool: str, *planes: Array) -> str:
        """Lay down an array (an answer has four parallel planes) and return its name."""
        digest = _digest(planes[0].shape, list(planes))
        if digest not in self._known:
            name = self._known[digest] = f"a{len(self._known):03d}"
            keys = PARALLEL.get(pool, (pool,))
            starts = [self.pools.add(plane, key) for key, plane in zip(keys, planes, strict=True)]
            self.arrays[name] = (pool, starts[0], planes[0].shape, digest)
        return self._known[digest]


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
        store.pools.save(file)
    Path(file.name).chmod(0o644)
    os.replace(file.name, npz)  # noqa: PTH105
    text.write_text(_one_entry_a_line(manifest), encoding="utf-8")


@functools.cache
def load(folder: Path = FOLDER, suite: str = SUITE) -> tuple[tuple[Check, ...], dict[str, str]]:
    """Read and verify the vectors of a suite, once: the checks, their arrays read-only, and where they come from."""
    npz, text = _paths(folder, suite)
    try:
        manifest = json.loads(text.read_text(encoding="utf-8"))
        with npz.open("rb") as file:
            pools = read_pools(file)
    except Exception as error:
        raise VectorsError(f"the frozen vectors of suite {suite} cannot be read: {error}") from error
    if len(manifest["arrays"]) != manifest["count"]:
        raise VectorsError(f"{text.name} lists {len(manifest['arrays'])} arrays, expected {manifest['count']}")
    found = {name: _planes(npz.name, pools, name, *place) for name, place in manifest["arrays"].items()}
    return tuple(_check(entry, found) for entry in manifest["checks"]), manifest["provenance"]


def _paths(folder: Path, suite: str) -> tuple[Path, Path]:
    return folder / f"suite-{suite}.npz", folder / f"suite-{suite}.json"


def _entry(check: Check, store: Store) -> dict[str, Any]:
    answers = {name: "@" + store.add("truth", *_answer(check, name)) for name in check.expected}
    question = as_entry(check, lambda array: "@" + store.add(array.dtype.name, array))
    entry = question | {"expected": answers, "pytorch": "" if check.pytorch else "none"}
    return {name: value for name, value in entry.items() if value}


def _answer(check: Check, name: str) -> Iterator[Array]:
    """Yield the planes of one answer; what is missing to the truth in float32."""
    yield check.expected[name]
    yield check.remainder[name].astype(np.float32)
    yield check.pytorch.get(name, np.full(check.expected[name].shape, np.nan))
    yield np.broadcast_to(check.allowed[name], check.expected[name].shape).astype(np.float64)


def _check(entry: dict[str, Any], found: dict[str, list[Array]]) -> Check:
    answers = {name: found[reference[1:]] for name, reference in entry["expected"].items()}
    planes = [{name: answer[k] for name, answer in answers.items()} for k in range(len(PARALLEL["truth"]))]
    return replace(
        from_entry(entry, lambda value: found[value[1:]][0] if str(value).startswith("@") else value),
        expected=planes[0],
        remainder=planes[1],
        pytorch={} if "pytorch" in entry else planes[2],
        allowed=planes[3],
    )


def _planes(
    file: str, pools: dict[str, Array], name: str, pool: str, start: int, shape: Any, digest: str
) -> list[Array]:
    """Cut one array out of its pool (or pools, for an answer), and verify it."""
    parts = [cut(pools, key, start, shape) for key in PARALLEL.get(pool, (pool,))]
    whole = [part for part in parts if part is not None]
    if len(whole) < len(parts) or _digest(shape, whole) != digest:
        raise VectorsError(f"{file}: array {name} is missing or is not what the manifest vouches for")
    return whole


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
