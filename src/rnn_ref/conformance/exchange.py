"""What parent and child say to each other: files of JSON and npz in one folder, complete or not there. No pickle.

The parent writes ``job.json`` (target, memory, where to begin) and its requests, one after the other: ``N.ask.json``
and ``.npz``. The child answers with ``found.json`` and, request by request, with ``N.json`` and ``.npz``. Expected
values are never among it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._shapes import Array
from .convention import Convention
from .execute import Outcome
from .session import Request
from .suite import Check


def write_json(path: Path, value: Any) -> None:
    """Write JSON that is complete when it appears under its name."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(value), encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote, None if it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write_request(folder: Path, number: int, request: Request) -> None:
    """Hand over the inputs of checks, without their answers."""
    arrays: dict[str, Array] = {}

    def stored(values: Mapping[str, Any], where: str) -> dict[str, Any]:
        told: dict[str, Any] = {}
        for name, value in values.items():
            told[name] = {"array": f"{where}.{name}"} if isinstance(value, np.ndarray) else value
            if isinstance(value, np.ndarray):
                arrays[f"{where}.{name}"] = value
        return told

    questions = [
        {
            "id": check.id,
            "rank": check.rank,
            "dtype": check.dtype,
            "flags": list(check.flags),
            "lists": list(check.lists),
            "arguments": stored(check.arguments, f"{i}.a"),
            "options": stored(check.options, f"{i}.o"),
        }
        for i, check in enumerate(request.checks)
    ]
    np.savez(folder / f"{number}.ask.npz", **arrays)  # type: ignore[arg-type]
    asked = {"function": request.function, "convention": vars(request.convention), "checks": questions}
    write_json(folder / f"{number}.ask.json", asked)


def read_request(folder: Path, number: int) -> Request | None:
    """Read what ``write_request`` wrote: checks that have no answers. None if it is not there yet."""
    asked = read_json(folder / f"{number}.ask.json")
    if asked is None:
        return None
    with np.load(folder / f"{number}.ask.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}

    def found(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: arrays[v["array"]] if isinstance(v, dict) else v for name, v in values.items()}

    checks = [
        Check(
            question["id"],
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
    arrays: dict[str, Array] = {}
    told: list[list[dict[str, Any]]] = []
    for i, calls in enumerate(outcomes):
        told.append([])
        for j, outcome in enumerate(calls):
            answers: dict[str, Any] = {}
            for name, answer in outcome.answers.items():
                answers[name] = answer if isinstance(answer, str) else {"array": f"{i}.{j}.{name}"}
                if not isinstance(answer, str):
                    arrays[f"{i}.{j}.{name}"] = answer
            told[i].append({**vars(outcome), "answers": answers})
    np.savez(folder / f"{number}.npz", **arrays)  # type: ignore[arg-type]
    write_json(folder / f"{number}.json", told)


def read_outcomes(folder: Path, number: int) -> list[list[Outcome]] | None:
    """Read what ``write_outcomes`` wrote, None if it is not complete."""
    told = read_json(folder / f"{number}.json")
    if told is None:
        return None
    with np.load(folder / f"{number}.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    return [
        [
            Outcome(
                **{
                    **call,
                    "mutated": tuple(call["mutated"]),
                    "answers": {
                        n: arrays[v["array"]] if isinstance(v, dict) else v for n, v in call["answers"].items()
                    },
                }
            )
            for call in calls
        ]
        for calls in told
    ]
