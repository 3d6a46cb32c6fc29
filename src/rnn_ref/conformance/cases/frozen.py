"""The frozen vectors: an npz of numbers, and a JSON manifest that says what each check does with them.

The numbers lie end to end in a few long arrays: the inputs by dtype, and for the answers in either precision several in
parallel: ``truth`` (the nearest float64), ``remainder`` (what is missing to 50 digits, in ulp of it; not of float32,
where it is nothing), ``pytorch`` (how many floating-point numbers PyTorch's own answer is from the truth) and
``allowed`` (how far off a right answer may be, which takes longer to derive than to read). The manifest gives kind and
shape of every array, in their order, calls them ``@0``, ``@1`` …, and has a digest (half a SHA-256) of every long array
and of itself; loading verifies all of them, so a truncated or edited file is an error, never a quietly smaller suite.
Equal inputs are stored once, and those made from a name (``spec/inputs/hashed.py``) not at all.
"""

import functools
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import numpy as np

from ..._shapes import Array
from ..operation import SUITE, Check
from ..spec.inputs.hashed import hashed, how_made
from .stored import Pools, as_entry, cut, from_entry, read_pools

FOLDER = cast(Path, files("rnn_ref.conformance") / "frozen")  # less than a path where the package is in a zip file
SHORT = (",", ":")
DIGEST = '"digest": '
FLUSHED = 2.0**-100  # above what flushing to zero costs in float32
MADE = "made-"  # of arrays that are made from a name
PLANES: Mapping[str, Mapping[str, str]] = {
    "float32": {"truth": "float64", "pytorch": "int32", "allowed": "float32"},
    "float64": {"truth": "float64", "remainder": "float32", "pytorch": "int64", "allowed": "float32"},
}  # what is stored of an answer in one precision, and in which type


class VectorsError(Exception):
    """The frozen vectors are missing or damaged."""


class Store:
    """Different arrays, each once; its name is its number."""

    def __init__(self) -> None:
        self.arrays: list[list[Any]] = []  # of each the kind, or its dtype and how it is made, and its shape
        self.pools = Pools()
        self._known: dict[Any, str] = {}

    def add(self, array: Array) -> str:
        """Lay down an input, and return its name."""
        made = how_made(array) if array.dtype.kind == "f" else None
        array = _without_sign(array)
        key = array.shape, array.dtype.str, array.tobytes()
        return self._named(key, f"{MADE}{array.dtype.name}" if made else array.dtype.name, [array], made)

    def add_answer(self, dtype: str, planes: Mapping[str, Array]) -> str:
        """Lay down what is known of an answer, in parallel, and return its name."""
        stored = [_without_sign(planes[name]).astype(kind) for name, kind in PLANES[dtype].items() if name in planes]
        pool = f"{'answer' if 'pytorch' in planes else 'alone'}-{dtype}"
        return self._named((pool, planes["truth"].shape, *(one.tobytes() for one in stored)), pool, stored)

    def _named(self, key: Any, kind: str, planes: list[Array], made: Any = None) -> str:
        if key not in self._known:
            self._known[key] = f"@{len(self._known)}"
            self.arrays.append([kind, *(made or ()), *planes[0].shape])
            for pool, plane in zip(_pools(kind), planes, strict=True) if made is None else ():
                self.pools.add(plane, pool)
        return self._known[key]


def save(checks: Iterable[Check], provenance: dict[str, str], folder: Path = FOLDER, suite: str = SUITE) -> None:
    """Write both files; each is complete before it takes its name."""
    store = Store()
    entries = [_entry(check, store) for check in checks]
    long = store.pools.whole()
    pools = {name: _digest(pool.tobytes()) for name, pool in long.items()}
    manifest = {"suite": suite, "provenance": provenance, "pools": pools, "checks": entries, "arrays": store.arrays}
    folder.mkdir(parents=True, exist_ok=True)
    npz, text = _paths(folder, suite)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as file:
        np.savez_compressed(file, **long)  # type: ignore[arg-type]
    Path(file.name).chmod(0o644)
    os.replace(file.name, npz)  # noqa: PTH105
    told = _one_entry_a_line(manifest)
    text.write_text(f'{told}{DIGEST}"{_digest(told.encode())}"\n}}\n', encoding="utf-8")


@functools.cache
def load(folder: Path = FOLDER, suite: str = SUITE) -> tuple[tuple[Check, ...], dict[str, str]]:
    """Read and verify the vectors of a suite, once: the checks, their arrays read-only, and where they come from."""
    npz, text = _paths(folder, suite)
    try:
        written = text.read_text(encoding="utf-8")
        manifest = json.loads(written)
        with npz.open("rb") as file:
            pools = read_pools(file)
    except Exception as error:
        raise VectorsError(f"the frozen vectors of suite {suite} cannot be read: {error}") from error
    if manifest.get("digest") != _digest(written.rpartition(DIGEST)[0].encode()):
        raise VectorsError(f"{text.name} is not what it was when it was written: its digest is another")
    for name, digest in manifest["pools"].items():
        if name not in pools or _digest(pools[name].tobytes()) != digest:
            raise VectorsError(f"{npz.name}: {name} is missing or is not what the manifest vouches for")
    found = list(_arrays(pools, manifest["arrays"]))
    return tuple(_check(entry, found) for entry in manifest["checks"]), manifest["provenance"]


def _without_sign(array: Array) -> Array:
    """Return the array with one nan for all: processors disagree on the sign of the one they make.

    >>> np.signbit(_without_sign(np.array([-1.0, -np.nan])))
    array([ True, False])
    """
    unsigned: Array = np.where(np.isnan(array), np.nan, array) if array.dtype.kind == "f" else array
    return unsigned


def _paths(folder: Path, suite: str) -> tuple[Path, Path]:
    return folder / f"suite-{suite}.npz", folder / f"suite-{suite}.json"


def _entry(check: Check, store: Store) -> dict[str, Any]:
    answers = {name: store.add_answer(check.dtype, _answer(check, name)) for name in check.expected}
    question = as_entry(check, store.add)
    own = [name for name in check.expected if name in check.pytorch]
    entry = question | {"expected": answers, "pytorch": "" if len(own) == len(answers) else ",".join(own) or "none"}
    entry |= {"pytorch_off": check.pytorch_off}
    return {name: value for name, value in entry.items() if value}


def _answer(check: Check, name: str) -> dict[str, Array]:
    """Return what is known of one answer; what is allowed is rounded up."""
    truth = check.expected[name]
    theirs = check.pytorch.get(name)
    own = {} if theirs is None else {"pytorch": _bits(theirs, check.dtype) - _bits(truth, check.dtype)}
    return own | {
        "truth": truth,
        "remainder": check.remainder[name],
        "allowed": _rounded_up(np.broadcast_to(check.allowed[name], truth.shape), truth, check.dtype),
    }


def _bits(array: Array, dtype: str) -> Array:
    """Return numbers of a precision as integers, of which neighbours are one apart."""
    return np.asarray(_without_sign(array), dtype).view(PLANES[dtype]["pytorch"])


def _rounded_up(array: Array, truth: Array, dtype: str) -> Array:
    """Return the next float32; of float32 and where nothing is due, a power of two for what is flushed to zero."""
    narrow = array.astype(np.float32)
    narrow = np.where(narrow < array, np.nextafter(narrow, np.float32(np.inf)), narrow)
    mantissa, exponent = np.frexp(narrow)
    power = np.ldexp(np.ones_like(narrow), exponent - (mantissa == 0.5))
    flushed = (truth == 0) & (narrow > 0) & (narrow < FLUSHED) & (dtype == "float32")
    return np.where(flushed, power, narrow)


def _check(entry: dict[str, Any], found: list[list[Array]]) -> Check:
    dtype, own = entry["dtype"], entry.get("pytorch", ",".join(entry["expected"])).split(",")
    answers = {
        name: dict(zip(_stored(name in own, dtype), found[int(reference[1:])], strict=True))
        for name, reference in entry["expected"].items()
    }
    return replace(
        from_entry(entry, lambda value: found[int(value[1:])][0] if str(value).startswith("@") else value),
        expected={name: one["truth"] for name, one in answers.items()},
        remainder={name: one.get("remainder", np.zeros_like(one["truth"])) for name, one in answers.items()},
        pytorch={
            name: (_bits(one["truth"], dtype) + one["pytorch"]).view(dtype).astype(np.float64)
            for name, one in answers.items()
            if "pytorch" in one
        },
        pytorch_off=entry.get("pytorch_off", False),
        allowed={name: one["allowed"].astype(np.float64) for name, one in answers.items()},
    )


def _pools(pool: str) -> list[str]:
    """Return the long arrays in which a kind of array lies: those of an answer are several, in parallel."""
    kind, _, dtype = pool.partition("-")
    return [f"{kind}-{plane}-{dtype}" for plane in _stored(kind == "answer", dtype)] if dtype else [pool]


def _stored(with_pytorch: bool, dtype: str) -> list[str]:
    return [plane for plane in PLANES[dtype] if with_pytorch or plane != "pytorch"]


def _arrays(pools: Mapping[str, Array], listed: Iterable[Sequence[Any]]) -> Iterator[list[Array]]:
    """Cut one array after the other out of the long ones (an answer out of several), or make it from its name."""
    starts = dict.fromkeys(pools, 0)
    for kind, *place in listed:
        if kind.startswith(MADE):
            name, size, *shape = place
            made = hashed(name, shape, size).astype(kind.removeprefix(MADE))
            made.flags.writeable = False
            yield [made]
        else:
            names = _pools(kind)
            yield [cut(pools, one, starts[one], place) for one in names]
            for one in names:
                starts[one] += math.prod(place)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def _one_entry_a_line(manifest: dict[str, Any]) -> str:
    """Write JSON that is small and still can be read and compared line by line."""
    lines = []
    for name, value in manifest.items():
        if name in {"checks", "arrays"}:
            text = "[\n" + ",\n".join(json.dumps(entry, separators=SHORT) for entry in value) + "\n]"
        else:
            text = json.dumps(value)
        lines.append(f"{json.dumps(name)}: {text}")
    return "{\n" + ",\n".join(lines) + ",\n"
