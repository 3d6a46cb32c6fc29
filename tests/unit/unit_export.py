"""The exported folders, as their readers get them; each is made once."""

import functools
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.export import export
from rnn_ref.conformance.spec import OPERATIONS

CHECKS = {check.id: check for check in frozen.load()[0]}
PLANES = ("expected", "remainder", "pytorch", "allowed")


@functools.cache
def files(name: str) -> dict[str, bytes]:
    """Return the files of one format by name."""
    with tempfile.TemporaryDirectory() as above:
        return {file.name: file.read_bytes() for file in export(Path(above, "vectors"), name).iterdir()}


@functools.cache
def calls() -> dict[str, Any]:
    """Return the calls as a reader of JSON gets them, by id."""
    read_in = [json.loads(files("json")[f"{name}.json"]) for name in OPERATIONS]
    assert all(len(one["checks"]) == one["count"] for one in read_in)
    return {call["id"]: call for one in read_in for call in one["checks"]}


def read(shape: list[int], values: list[Any]) -> Any:
    """Return an array of JSON."""
    numbers = [float.fromhex(value) if isinstance(value, str) else value for value in values]
    return np.array(numbers).reshape(shape)
