"""The report as JSON, schema 1: all that is known of one target, or of several under one roof what tells them apart.

Of a class, checks that passed or were skipped are counted and not listed: they are the same for nearly all.
"""

import json
import math
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from ..judge.result import Result
from ..judge.verdict import FunctionReport
from ..operation import SUITE
from .findings import Findings, Several, Unchecked

SHORT = (",", ":")
RESULT_FIELDS = ("id", "function", "status", "max_abs_error", "allowed", "max_ulp", "index", "message")
COUNTED = {"passed", "skipped"}  # of several targets counted alone
FIGURES = ("max_abs_error", "allowed", "max_ulp")
# told only of the results, and of the functions, that have them
WHERE_THERE = ("first_wrong_step", "figures", "pytorch_beyond", "declared", "not_asked", "raised")
WHERE_ANY = ("left_out", "raises", "reading", "claims")


def pieces(found: Findings | Several) -> Iterator[str]:
    """Yield the text; of several targets each in a line of its own."""
    if isinstance(found, Findings):
        yield json.dumps(as_dict(found), indent=1, allow_nan=False) + "\n"
        return
    yield json.dumps(_head(found))[:-1] + ', "targets": ['
    for i, one in enumerate(found):
        yield f"{',' if i else ''}\n{json.dumps(as_dict(one, brief=True), allow_nan=False, separators=SHORT)}"
    yield "\n]}\n"


def as_dict(found: Findings | Several | Unchecked, *, brief: bool = False) -> dict[str, Any]:
    """Return what JSON schema 1 has; non-finite numbers are text. A ``brief`` one lists what did not pass."""
    if isinstance(found, Several):
        return {**_head(found), "targets": [as_dict(one, brief=True) for one in found]}
    head = {"schema": 1, "suite": SUITE, "target": found.target, "ok": found.ok}
    if isinstance(found, Unchecked):
        return {**head, "error": found.error}
    report: dict[str, Any] = {
        **head,
        **({"suites": found.suites} if found.suites != [SUITE] else {}),
        "planned": found.planned,
        "ran": found.ran,
        "skipped": found.skipped,
        "seconds": round(found.seconds, 3),
        "environment": found.environment,
        "required_missing": found.required_missing,
        "notes": found.notes,
        "functions": {name: _function(function) for name, function in found.functions.items()},
    }
    finite: dict[str, Any] = _without_nonfinite(report)
    if not brief:
        return {**finite, "results": [_result(result) for result in found.results]}
    telling = {one.telling for one in found.functions.values()}
    told = [_result(result) for result in found.results if result.status not in COUNTED]
    results = [{k: v for k, v in one.items() if k != "figures" or one["id"] in telling} for one in told]
    return {**finite, "skipped_for": dict(found.reasons), "results": results}


def _head(found: Several) -> dict[str, Any]:
    return {"schema": 1, "ok": found.ok, **({"partial": True} if found.left else {})}


def _function(function: FunctionReport) -> dict[str, Any]:
    return {name: value for name, value in vars(function).items() if value or name not in WHERE_ANY}


def _result(result: Result) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(result, name) for name in RESULT_FIELDS}
    for name in WHERE_THERE:
        value = getattr(result, name)
        if value is not None and value != "":
            told[name] = _without_nonfinite(value)
    for name in FIGURES:
        if told[name] is not None and not math.isfinite(told[name]):
            told[name] = str(told[name])
    return told


def _without_nonfinite(value: Any) -> Any:
    """Return what JSON can say of a value: records as objects, and numbers that are not finite as text."""
    value = vars(value) if is_dataclass(value) else value
    if isinstance(value, dict):
        return {key: _without_nonfinite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nonfinite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
