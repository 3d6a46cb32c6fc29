"""What parent and child say to each other: files of JSON and npz in one folder, complete or not there. No pickle.

The parent writes ``job.json`` (target, memory, where to begin) and its requests, one after the other: ``N.ask.json``
and ``.npz``. The child answers with ``found.json`` and, request by request, with ``N.json`` and ``.npz``. Expected
values are never among it.
"""

import json
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import Check
from ..spec import OPERATIONS
from ..targets.convention import Convention
from .call import Outcome
from .session import Request


def write_json(path: Path, value: Any) -> None:
    """Write JSON that is complete when it appears under its name."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(value), encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote, None if it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


class Pool:
    """Arrays laid end to end, by dtype: a thousand small ones take long to store one by one."""

    def __init__(self) -> None:
        self._parts: dict[str, list[Array]] = {}
        self._sizes: dict[str, int] = {}

    def add(self, array: Array) -> dict[str, Any]:
        """Lay an array down, and return its place."""
        name = array.dtype.name
        start = self._sizes.get(name, 0)
        self._parts.setdefault(name, []).append(array.ravel())
        self._sizes[name] = start + array.size
        return {"array": [name, start, list(array.shape)]}

    def save(self, path: Path) -> None:
        """Write all of it."""
        np.savez(path, **{name: np.concatenate(parts) for name, parts in self._parts.items()})  # type: ignore[arg-type]


def _found_in(path: Path) -> Callable[[Any], Any]:
    """Return what finds arrays by their places in a file; other values are what they are."""
    with np.load(path, allow_pickle=False) as file:
        pools = {name: file[name] for name in file.files}

    def found(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        name, start, shape = value["array"]
        return pools[name][start : start + math.prod(shape)].reshape(shape)

    return found


def write_request(folder: Path, number: int, request: Request) -> None:
    """Hand over the inputs of checks, without their answers."""
    pool = Pool()

    def stored(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: pool.add(value) if isinstance(value, np.ndarray) else value for name, value in values.items()}

    questions = [
        {
            "case": check.case,
            "rank": check.rank,
            "dtype": check.dtype,
            "flags": list(check.flags),
            "lists": list(check.lists),
            "arguments": stored(check.arguments),
            "options": stored(check.options),
        }
        for check in request.checks
    ]
    pool.save(folder / f"{number}.ask.npz")
    asked = {"function": request.function, "convention": vars(request.convention), "checks": questions}
    write_json(folder / f"{number}.ask.json", asked)


def read_request(folder: Path, number: int) -> Request | None:
    """Read what ``write_request`` wrote: checks that have no answers. None if it is not there yet."""
    asked = read_json(folder / f"{number}.ask.json")
    if asked is None:
        return None
    one = _found_in(folder / f"{number}.ask.npz")

    def found(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: one(value) for name, value in values.items()}

    checks = [
        Check(
            OPERATIONS[asked["function"]],
            question["case"],
            question["rank"],
            question["dtype"],
            tuple(question["flags"]),
            found(question["arguments"]),
            found(question["options"]),
            lists=tuple(question["lists"]),
        )
        for question in asked["checks"]
    ]
    return Request(asked["function"], checks, Convention(**asked["convention"]))


def write_outcomes(folder: Path, number: int, outcomes: Sequence[Sequence[Outcome]]) -> None:
    """Answer one request; the JSON comes last and vouches for the rest."""
    pool = Pool()
    told: list[list[dict[str, Any]]] = []
    for i, calls in enumerate(outcomes):
        told.append([])
        for outcome in calls:
            answers = {name: one if isinstance(one, str) else pool.add(one) for name, one in outcome.answers.items()}
            told[i].append({**vars(outcome), "answers": answers})
    pool.save(folder / f"{number}.npz")
    write_json(folder / f"{number}.json", told)


def read_outcomes(folder: Path, number: int) -> list[list[Outcome]] | None:
    """Read what ``write_outcomes`` wrote, None if it is not complete."""
    told = read_json(folder / f"{number}.json")
    if told is None:
        return None
    found = _found_in(folder / f"{number}.npz")
    return [
        [
            Outcome(
                **{
                    **call,
                    "mutated": tuple(call["mutated"]),
                    "answers": {name: found(one) for name, one in call["answers"].items()},
                }
            )
            for call in calls
        ]
        for calls in told
    ]
