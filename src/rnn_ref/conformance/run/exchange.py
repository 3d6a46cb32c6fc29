"""What parent and child say to each other: files of JSON and npz in one folder, complete or not there. No pickle.

The parent writes ``job.json`` (target, memory, where to begin) and its requests, one after the other: ``N.ask.json``
and ``.npz``. The child answers with ``found.json`` and, request by request, with ``N.json`` and ``.npz``. Expected
values are never among it.
"""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..._shapes import Array
from ..cases.stored import Pools, as_entry, cut, from_entry, read_pools
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


def _stored_in(pools: Pools) -> Callable[[Array], dict[str, Any]]:
    """Return what lays an array down, by its dtype, and returns its place."""
    return lambda array: {"array": [array.dtype.name, pools.add(array, array.dtype.name), list(array.shape)]}


def _found_in(path: Path) -> Callable[[Any], Any]:
    """Return what finds arrays by their places in a file; other values are what they are."""
    pools = read_pools(path)
    return lambda value: cut(pools, *value["array"]) if isinstance(value, dict) else value


def write_request(folder: Path, number: int, request: Request) -> None:
    """Hand over the inputs of checks, without their answers."""
    pools = Pools()
    questions = [as_entry(check, _stored_in(pools)) for check in request.checks]
    pools.save(folder / f"{number}.ask.npz")
    asked = {"function": request.function, "convention": vars(request.convention), "checks": questions}
    write_json(folder / f"{number}.ask.json", asked)


def read_request(folder: Path, number: int) -> Request | None:
    """Read what ``write_request`` wrote: checks that have no answers. None if it is not there yet."""
    asked = read_json(folder / f"{number}.ask.json")
    if asked is None:
        return None
    found = _found_in(folder / f"{number}.ask.npz")
    checks = [from_entry(question, found) for question in asked["checks"]]
    return Request(asked["function"], checks, Convention(**asked["convention"]))


def write_outcomes(folder: Path, number: int, outcomes: Sequence[Sequence[Outcome]]) -> None:
    """Answer one request; the JSON comes last and vouches for the rest."""
    pools = Pools()
    store = _stored_in(pools)
    told: list[list[dict[str, Any]]] = []
    for i, calls in enumerate(outcomes):
        told.append([])
        for outcome in calls:
            answers = {name: one if isinstance(one, str) else store(one) for name, one in outcome.answers.items()}
            told[i].append({**vars(outcome), "answers": answers})
    pools.save(folder / f"{number}.npz")
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
                    "relied_on": tuple(call["relied_on"]),
                    "answers": {name: found(one) for name, one in call["answers"].items()},
                }
            )
            for call in calls
        ]
        for calls in told
    ]
