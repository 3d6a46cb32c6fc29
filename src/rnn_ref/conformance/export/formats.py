"""The records of one function as the bytes of one file: JSON, plain text or npz."""

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from ..._shapes import Array
from ..operation import SUITE
from .record import PLANES, Record, numbers

SCHEMA = 1


def as_json(function: str, records: Sequence[Record]) -> bytes:
    """Return JSON with one array a line; numbers that are not integers are strings, for JSON cannot hold them all."""
    head = json.dumps({"schema": SCHEMA, "suite": SUITE, "function": function, "count": len(records)})[:-1]
    checks = ",\n".join(_json_check(record) for record in records)
    return f'{head}, "checks": [\n{checks}\n]}}\n'.encode()


def as_text(function: str, records: Sequence[Record]) -> bytes:
    """Return words and numbers between blanks, as ``fscanf`` reads them."""
    lines = [f"vectors {SCHEMA} suite {SUITE} function {function} checks {len(records)}"]
    for record in records:
        lines += [f"check {record.check.id}", *_text_check(record), "end"]
    return ("\n".join(lines) + "\n").encode()


def as_npz(function: str, records: Sequence[Record]) -> bytes:
    """Return an npz with keys such as ``generic-float32/expected/h_states``; words are in index.json."""
    arrays: dict[str, Any] = {}
    for record in records:
        case = record.check.id.removeprefix(f"{function}/")
        inputs = record.arguments | record.options
        arrays |= {f"{case}/input/{name}": value for name, value in inputs.items() if not isinstance(value, str)}
        arrays |= {
            f"{case}/{plane}/{name}": answer[plane] for name, answer in record.outputs.items() for plane in PLANES
        }
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def entry(record: Record) -> dict[str, Any]:
    """Return what the index says of a check: everything but the numbers."""

    def described(values: dict[str, Array | str]) -> list[dict[str, Any]]:
        return [{"name": name, **_described(value)} for name, value in values.items()]

    check = record.check
    return {
        "id": check.id,
        "rank": check.rank,
        "dtype": check.dtype,
        "flags": list(check.flags),
        "forms": dict(check.forms),
        "arguments": described(record.arguments),
        "options": described(record.options),
        "outputs": [{"name": name, "shape": list(one["expected"].shape)} for name, one in record.outputs.items()],
    }


def _described(value: Array | str) -> dict[str, Any]:
    return {"word": value} if isinstance(value, str) else {"dtype": value.dtype.name, "shape": list(value.shape)}


def _json_check(record: Record) -> str:
    told = entry(record)
    inputs = record.arguments | record.options
    for one in told["arguments"] + told["options"]:
        value = inputs[one["name"]]
        one.update({} if isinstance(value, str) else {"values": numbers(value)})
    for one in told["outputs"]:
        one.update({plane: numbers(array) for plane, array in record.outputs[one["name"]].items()})
    lists = [f'"{key}": [\n{_lines(told.pop(key))}]' for key in ("arguments", "options", "outputs")]
    return json.dumps(told)[:-1] + ",\n" + ",\n".join(lists) + "}"


def _lines(values: list[dict[str, Any]]) -> str:
    return ",\n".join(" " + json.dumps(value, allow_nan=False) for value in values)


def _text_check(record: Record) -> Iterator[str]:
    for kind, values in (("argument", record.arguments), ("option", record.options)):
        for name, value in values.items():
            yield f"{kind} {name} word {value}" if isinstance(value, str) else _text_array(kind, name, value)
    for name, answer in record.outputs.items():
        yield from (_text_array(plane, name, answer[plane]) for plane in PLANES)


def _text_array(kind: str, name: str, array: Array) -> str:
    head = [kind, name, array.dtype.name, array.ndim, *array.shape]
    return " ".join(map(str, head)) + "\n" + " ".join(map(str, numbers(array)))
