"""The JSON report keeps to its schema, whatever the target did; and the schema refuses what is not a report."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from unit_learner import LEARNER, STUB, write
from unit_reports import pytorch_off

import rnn_ref
from rnn_ref.conformance import Report, schema
from rnn_ref.conformance.judge.own_gradients import NAME as OWN_GRADIENTS
from rnn_ref.conformance.judge.result import STATUSES
from rnn_ref.conformance.judge.verdict import VERDICTS
from rnn_ref.conformance.spec import OPERATIONS

SCHEMA = schema()
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
FORWARD = "rnn_forward"


def by_hand(candidate: Callable[..., Any]) -> Report:
    return rnn_ref.check({FORWARD: candidate, "rnn_cell_step": rnn_ref.rnn_cell_step})


def mutating(X_seq: Any, *rest: Any) -> Any:
    states = rnn_ref.rnn_forward(X_seq, *rest)
    X_seq[...] = 0
    return states


REPORTS: dict[str, Callable[[], Report]] = {
    "reference": rnn_ref.check,
    "wrong": lambda: by_hand(lambda *a: [2 * h for h in rnn_ref.rnn_forward(*a)]),
    "wrong gradients": lambda: rnn_ref.check({"rnn_backward": lambda *a: [2 * g for g in rnn_ref.rnn_backward(*a)]}),
    "wrong shape": lambda: by_hand(lambda *a: rnn_ref.rnn_forward(*a)[-1]),
    "wrong scalar": lambda: rnn_ref.check({"cross_entropy": lambda *a, **k: rnn_ref.cross_entropy(*a, **k) + 1}),
    "no array": lambda: by_hand(lambda *a: "text"),
    "crashed": lambda: by_hand(lambda *a: 1 / 0),
    "nan": lambda: by_hand(lambda *a: [np.nan * h for h in rnn_ref.rnn_forward(*a)]),
    "infinite": lambda: by_hand(lambda *a: [-np.inf + h for h in rnn_ref.rnn_forward(*a)]),
    "mutates": lambda: by_hand(mutating),
    "low precision": lambda: by_hand(lambda *a: rnn_ref.rnn_forward(*(x.astype("f4") for x in a))),
    "one sequence": lambda: by_hand(lambda X, *a: rnn_ref.rnn_forward(X, *a) if X.ndim == 2 else 1 / 0),
    "required": lambda: rnn_ref.check({"rnn_cell_step": rnn_ref.rnn_cell_step}, require=["rnn_bptt"]),
    "PyTorch off": pytorch_off,
}


def valid(report: dict[str, Any]) -> bool:
    return VALIDATOR.is_valid(json.loads(json.dumps(report)))


def test_the_schema_is_a_schema_and_knows_the_words_of_the_house() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    definitions = SCHEMA["$defs"]
    assert tuple(definitions["function"]["properties"]["verdict"]["enum"]) == VERDICTS
    assert tuple(definitions["result"]["properties"]["status"]["enum"]) == STATUSES
    assert definitions["name"]["enum"] == [*OPERATIONS, OWN_GRADIENTS]
    objects = [one for one in definitions.values() if one.get("type") == "object"]
    assert len(objects) == 12
    for one in objects:
        assert one["additionalProperties"] is False
        assert one["description"]
        assert all(value.keys() & {"description", "$ref", "const", "enum"} for value in one["properties"].values())


@pytest.mark.parametrize("kind", REPORTS)
def test_real_reports_keep_to_it(kind: str) -> None:
    report = json.loads(REPORTS[kind]().to_json(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    VALIDATOR.validate(report)
    VALIDATOR.validate({"schema": 1, "ok": report["ok"], "targets": [report, report]})


@pytest.mark.parametrize("source", [LEARNER, STUB])
def test_reports_on_files_keep_to_it(source: str, tmp_path: Path) -> None:
    VALIDATOR.validate(json.loads(rnn_ref.check(write(tmp_path, source)).to_json()))


def test_of_several_targets_what_passed_is_counted_and_what_failed_is_told(tmp_path: Path) -> None:
    wrong = LEARNER.replace("W_hh @ h_prev", "W_hh.T @ h_prev")
    paths = [write(tmp_path, source, f"{name}.py") for name, source in (("right", LEARNER), ("wrong", wrong))]
    told = json.loads(rnn_ref.check_several(paths).to_json())
    VALIDATOR.validate(told)
    right, other = told["targets"]
    assert right["results"] == []
    assert sum(right["skipped_for"].values()) == right["skipped"]
    assert len(json.dumps(right)) < 8_000
    assert {one["status"] for one in other["results"]} == {"failed"}
    telling = {one["telling"] for one in other["functions"].values()}
    assert {one["id"] for one in other["results"] if "figures" in one} <= telling
    assert sum(one["failed"] for one in other["functions"].values()) == len(other["results"])


def test_a_target_that_hangs_or_dies_is_reported_within_it(tmp_path: Path) -> None:
    source = "import os, time\ndef rnn_forward(*a):\n    time.sleep(60)\ndef rnn_cell_step(*a):\n    os._exit(3)\n"
    report = rnn_ref.check(write(tmp_path, source), timeout=2)
    assert {report.functions[name].verdict for name in (FORWARD, "rnn_cell_step")} == {"timeout", "crashed"}
    VALIDATOR.validate(json.loads(report.to_json()))
    left = report.planned - 2
    assert f"checks: planned {report.planned}, ran 2, skipped 0, not answered {left};" in str(report)
    for text in (str(report), report.to_markdown(), report.to_html()):
        for name in (FORWARD, "rnn_cell_step"):
            others = len(report.of(name)) - 1
            assert f"not asked again after {report.functions[name].telling}: {others} other checks" in " ".join(
                text.split()
            )
        assert len(re.findall(r"\b0/1\b", text)) == 2
    assert report.to_html().count("1 of 1 checks did not pass") == 2


@pytest.fixture(scope="module")
def wrong() -> dict[str, Any]:
    told: dict[str, Any] = json.loads(REPORTS["wrong"]().to_json())
    assert valid(told)
    return told


def first(report: dict[str, Any], status: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in report["results"] if one["status"] == status)
    return found


BREAK: dict[str, Callable[[dict[str, Any]], Any]] = {
    "another schema": lambda r: r.update(schema=2),
    "no schema": lambda r: r.pop("schema"),
    "unknown field": lambda r: r.update(extra=1),
    "no results": lambda r: r.pop("results"),
    "ok is a text": lambda r: r.update(ok="yes"),
    "negative count": lambda r: r.update(planned=-1),
    "half a check": lambda r: r.update(ran=1.5),
    "unknown function": lambda r: r["functions"].update(lstm=r["functions"][FORWARD]),
    "unknown verdict": lambda r: r["functions"][FORWARD].update(verdict="fine"),
    "verdict missing": lambda r: r["functions"][FORWARD].pop("verdict"),
    "field too many in a function": lambda r: r["functions"][FORWARD].update(note=""),
    "mistakes are no texts": lambda r: r["functions"][FORWARD].update(mistakes=[1]),
    "unknown status": lambda r: r["results"][0].update(status="ok"),
    "id without a case": lambda r: r["results"][0].update(id="rnn_forward"),
    "error as text": lambda r: first(r, "failed").update(max_abs_error="large"),
    "capital Infinity": lambda r: first(r, "failed").update(max_ulp="Infinity"),
    "negative index": lambda r: first(r, "failed").update(index=[-1]),
    "field too many in a result": lambda r: r["results"][0].update(seconds=1),
    "field too many in the figures": lambda r: first(r, "failed")["figures"].update(median=1),
    "figures without their place": lambda r: first(r, "failed")["figures"]["greatest_abs"].pop("index"),
    "nothing mismatched": lambda r: first(r, "failed")["figures"].update(mismatched=0),
    "figures are null": lambda r: first(r, "failed").update(figures=None),
    "environment without Python": lambda r: r["environment"].pop("python"),
    "unknown function required": lambda r: r.update(required_missing=["lstm"]),
    "notes are no texts": lambda r: r.update(notes=[{}]),
}


@pytest.mark.parametrize("how", BREAK)
def test_a_broken_report_is_refused_alone_and_among_others(how: str, wrong: dict[str, Any]) -> None:
    broken = copy.deepcopy(wrong)
    BREAK[how](broken)
    assert not valid(broken)
    assert not valid({"schema": 1, "ok": False, "targets": [wrong, broken]})


@pytest.mark.parametrize("roof", [{"targets": []}, {"targets": [{}]}, {}, [], "report", None])
def test_what_is_no_report_at_all_is_refused(roof: Any, wrong: dict[str, Any]) -> None:
    assert not valid({"schema": 1, "ok": True, **roof} if isinstance(roof, dict) else roof)
    assert not valid({**wrong, "targets": [wrong]})


def test_the_optional_fields_may_be_absent(wrong: dict[str, Any]) -> None:
    bare = copy.deepcopy(wrong)
    for name in ("notes", "required_missing"):
        del bare[name]
    for function in bare["functions"].values():
        del function["telling"]
    for result in bare["results"]:
        for name in ("figures", "first_wrong_step", "pytorch_beyond"):
            result.pop(name, None)
    VALIDATOR.validate(bare)
    VALIDATOR.validate({**bare, "suite": "1"})
