"""What parent and child say to each other: lines of JSON through two pipes, and files of JSON and npz. No pickle.

The parent's first line is the job (target, layout, memory, where to import from); after it comes the number of every
request that it has written: ``N.ask.json`` and ``.npz``. The child's first line is what it found in the target; after
it comes the number of every request that it has answered: ``N.json`` and ``.npz``. Which call it is in, it notes in
memory that is a file, ``call``, and outlives it. Expected values are never among it.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..cases.stored import Pools, as_entry, cut, from_entry, read_pools
from ..targets.artefacts.held import Held, Mark, marked
from ..targets.convention import Convention
from ..targets.raised import Raised
from .call import Outcome
from .session import Request


def say(pipe: IO[str], value: Any) -> None:
    """Write one line. Raises OSError if nobody reads any more."""
    pipe.write(json.dumps(value) + "\n")
    pipe.flush()


class Call(NamedTuple):
    """A call of the target: the number of the request, the place of the check in it, and 0 or 1 for which call."""

    request: int
    check: int
    again: int


NO_CALL = Call(-1, -1, -1)


def clear_call(folder: Path) -> None:
    """Have it noted that no call has begun."""
    np.array(NO_CALL, np.int64).tofile(folder / "call")


def shared_call(folder: Path) -> Array:
    """Return the three numbers of the call, for the child to write into."""
    return np.memmap(folder / "call", np.int64, "r+", shape=(len(NO_CALL),))


def read_call(folder: Path) -> Call:
    """Return the call that began last, none where the folder is gone."""
    try:
        return Call(*np.fromfile(folder / "call", np.int64).tolist())
    except FileNotFoundError:
        return NO_CALL


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
    asked = {
        "function": request.function,
        "part": request.part,
        "claims": request.claims,
        "convention": vars(request.convention),
        "checks": questions,
    }
    (folder / f"{number}.ask.json").write_text(json.dumps(asked), encoding="utf-8")


def read_request(folder: Path, number: int) -> Request:
    """Read what ``write_request`` wrote: checks that have no answers."""
    asked = json.loads((folder / f"{number}.ask.json").read_text(encoding="utf-8"))
    found = _found_in(folder / f"{number}.ask.npz")
    checks = [from_entry(question, found) for question in asked["checks"]]
    convention = Convention(**asked["convention"])
    return Request(asked["function"], checks, convention, asked["part"], asked["claims"])


def write_held(folder: Path, held: Sequence[Held], file: str = "held.npz") -> list[dict[str, Any]]:
    """Lay down the weights of the networks that an artefact holds, and return what is to be said of each."""
    pools = Pools()
    store = _stored_in(pools)

    def stored(arrays: Mapping[str, Array]) -> dict[str, Any]:
        return {name: store(array) for name, array in arrays.items()}

    told = [
        {
            **vars(one),
            "calls": {name: vars(mark) for name, mark in one.marks.items()},
            "weights": stored(one.weights),
            "shares": stored(one.shares),
        }
        for one in held
    ]
    if told:
        pools.save(folder / file)
    return told


def read_held(folder: Path, told: Sequence[dict[str, Any]], file: str = "held.npz") -> list[Held]:
    """Read what ``write_held`` wrote: networks whose calls are made elsewhere, and bear their marks alone."""
    find = _found_in(folder / file) if told else _elsewhere
    return [
        Held(
            **{
                **one,
                "calls": {name: marked(_elsewhere, Mark(**mark)) for name, mark in one["calls"].items()},
                "weights": {name: find(array) for name, array in one["weights"].items()},
                "shares": {name: find(array) for name, array in one["shares"].items()},
                "suspected": tuple(one["suspected"]),
                "notes": tuple(one["notes"]),
            }
        )
        for one in told
    ]


def _elsewhere(*_: Any) -> Any:
    raise RuntimeError("the call is made in the process that has the target")


def write_outcomes(folder: Path, number: int, outcomes: Sequence[Sequence[Outcome]]) -> None:
    """Answer one request."""
    pools = Pools()
    store = _stored_in(pools)
    told: list[list[dict[str, Any]]] = []
    for i, calls in enumerate(outcomes):
        told.append([])
        for outcome in calls:
            answers = {name: one if isinstance(one, str) else store(one) for name, one in outcome.answers.items()}
            raised = outcome.raised and vars(outcome.raised)
            told[i].append({**vars(outcome), "answers": answers, "raised": raised})
    pools.save(folder / f"{number}.npz")
    (folder / f"{number}.json").write_text(json.dumps(told), encoding="utf-8")


def read_outcomes(folder: Path, number: int) -> list[list[Outcome]]:
    """Read what ``write_outcomes`` wrote."""
    told = json.loads((folder / f"{number}.json").read_text(encoding="utf-8"))
    found = _found_in(folder / f"{number}.npz")
    return [[_outcome(call, found) for call in calls] for calls in told]


def _outcome(call: dict[str, Any], found: Callable[[Any], Any]) -> Outcome:
    return Outcome(
        **{
            **call,
            "answers": {name: found(one) for name, one in call["answers"].items()},
            "mutated": tuple(call["mutated"]),
            "relied_on": tuple(call["relied_on"]),
            "raised": call["raised"] and Raised(**call["raised"]),
        }
    )
