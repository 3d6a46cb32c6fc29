"""What parent and child say to each other: files of JSON and npz in one folder, complete or not there. No pickle.

The parent writes ``job.json`` (target, functions, memory) and the inputs of every function's checks
(``FUNCTION.ask.json`` and ``.npz``). The child answers with ``found.json`` and, function by function, with
``FUNCTION.json`` and ``.npz``. Expected values are never among it.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .._shapes import Array
from .execute import Outcome
from .suite import Check


def write_json(path: Path, value: Any) -> None:
    """Write JSON that is complete when it appears under its name."""
    beside = path.with_suffix(".part")
    beside.write_text(json.dumps(value), encoding="utf-8")
    os.replace(beside, path)  # noqa: PTH105


def read_json(path: Path) -> Any:
    """Read what ``write_json`` wrote, None if it is not there."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write_questions(folder: Path, function: str, checks: Sequence[Check]) -> None:
    """Hand over the inputs of one function's checks, without their answers."""
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
        for i, check in enumerate(checks)
    ]
    np.savez(folder / f"{function}.ask.npz", **arrays)  # type: ignore[arg-type]
    write_json(folder / f"{function}.ask.json", questions)


def read_questions(folder: Path, function: str) -> list[Check]:
    """Read what ``write_questions`` wrote: checks that have no answers."""
    with np.load(folder / f"{function}.ask.npz", allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}

    def found(values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: arrays[v["array"]] if isinstance(v, dict) else v for name, v in values.items()}

    return [
        Check(
            question["id"],
            question["rank"],
            question["dtype"],
            tuple(question["flags"]),
            found(question["arguments"]),
            found(question["options"]),
            lists=tuple(question["lists"]),
        )
        for question in read_json(folder / f"{function}.ask.json")
    ]


def write_outcomes(folder: Path, function: str, outcomes: Sequence[Sequence[Outcome]]) -> None:
    """Answer for one function; the JSON comes last and vouches for the rest."""
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
    np.savez(folder / f"{function}.npz", **arrays)  # type: ignore[arg-type]
    write_json(folder / f"{function}.json", told)


def read_outcomes(folder: Path, function: str) -> list[list[Outcome]] | None:
    """Read what ``write_outcomes`` wrote, None if it is not complete."""
    told = read_json(folder / f"{function}.json")
    if told is None:
        return None
    with np.load(folder / f"{function}.npz", allow_pickle=False) as file:
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
