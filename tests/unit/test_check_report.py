"""The report: JSON schema 1, the table of 80 columns, and the sums that must add up."""

import json
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import LEARNER, edited, write

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import ConformanceError, examine
from rnn_ref.conformance.judge.verdict import VERDICTS
from rnn_ref.conformance.operation import SUITE
from rnn_ref.conformance.reports.text import rendered
from rnn_ref.conformance.spec import OPERATIONS, family_of

TOP = {
    "schema": int, "suite": str, "target": str, "ok": bool, "planned": int, "ran": int, "skipped": int,
    "seconds": float, "environment": dict, "required_missing": list, "notes": list, "functions": dict,
    "results": list,
}  # fmt: skip
FUNCTION = {
    "verdict", "mistake", "mistakes", "only_mistake", "explanation", "hint", "first_wrong_step", "max_ulp", "passed",
    "failed", "reproduce", "telling",
}  # fmt: skip
RESULT = {"id", "function", "status", "max_abs_error", "allowed", "max_ulp", "index", "message"}
FORGETFUL = edited(("h = rnn_cell_step(x_t, h,", "h = rnn_cell_step(x_t, h0,"))


@pytest.fixture
def forgetful(tmp_path: Path) -> str:
    return write(tmp_path, FORGETFUL, "forgetful.py")


def test_json_is_schema_1(forgetful: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    assert main(["check", forgetful, "--json", str(file)]) == 1
    report = json.loads(file.read_text(), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert {name: type(value) for name, value in report.items()} == TOP
    assert set(report["environment"]) == {"python", "numpy", "torch", "oracle", "platform"}
    assert list(report["functions"]) == [name for name in OPERATIONS if family_of(name).suite == SUITE]
    for function in report["functions"].values():
        assert set(function) - {"left_out"} == FUNCTION | {"evidence", "facts", "passes_on", "error_map"}
        assert function["verdict"] in VERDICTS
    assert report["functions"]["rnn_forward"]["mistake"] == "h0-every-step"
    assert report["functions"]["rnn_cell_step"]["mistake"] is None
    for result in report["results"]:
        assert set(result) - {"first_wrong_step", "figures"} == RESULT
        assert result["status"] in {"passed", "failed", "error", "skipped"}
        assert result["id"].startswith(f"{result['function']}/")
    assert (report["schema"], report["suite"], report["ok"]) == (1, "1", False)


def test_a_wrong_function_is_told_with_its_figures(forgetful: str) -> None:
    report = rnn_ref.check(forgetful)
    function = report.functions["rnn_forward"]
    assert (function.verdict, function.first_wrong_step) == ("wrong", 1)  # the first step does start from h0
    assert function.max_ulp is not None
    assert function.max_ulp > 1e12
    worst = next(result for result in report.results if result.id == "rnn_forward/single-float64")
    assert worst.status == "failed"
    assert worst.index is not None
    assert worst.max_abs_error is not None
    assert worst.allowed is not None
    assert worst.index[0] >= 1
    assert worst.max_abs_error > 1e10 * worst.allowed
    assert function.reproduce == f"rnn-ref check {forgetful} --only {worst.id}"


def test_the_reproduce_line_reproduces(forgetful: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = rnn_ref.check(forgetful).functions["rnn_forward"].reproduce
    assert main(command.split()[1:]) == 1
    assert "NOT OK: 1 wrong\nchecks: planned 1, ran 1, skipped 0" in capsys.readouterr().out


def test_planned_is_ran_plus_skipped_and_every_check_is_listed_once(forgetful: str) -> None:
    report = rnn_ref.check(forgetful)
    ids = [result.id for result in report.results]
    assert len(ids) == len(set(ids)) == report.planned == report.ran + report.skipped
    counted = sum(function.passed + function.failed for function in report.functions.values())
    assert counted == report.ran


def test_a_lost_result_is_an_error_and_no_verdict(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(examine, "excuse_unclaimed", lambda results, *_, **__: results[1:])
    assert main(["check"]) == 2
    assert "checks planned" in capsys.readouterr().err


def test_nonfinite_numbers_are_text() -> None:
    def rnn_forward(*arguments: Any) -> Any:
        return [h * np.nan for h in rnn_ref.rnn_forward(*arguments)]

    report = rnn_ref.check({"rnn_forward": rnn_forward}).to_dict()
    assert {result["max_abs_error"] for result in report["results"]} == {"inf"}
    assert report["functions"]["rnn_forward"]["max_ulp"] == "inf"


def test_nan_where_nan_is_due_and_nowhere_else() -> None:
    nan_for_all = {"cross_entropy": lambda logits, targets, **options: math.nan}
    report = rnn_ref.check(nan_for_all)
    assert {r.id for r in report.results if r.status == "passed"} == {
        "cross_entropy/all-ignored-float32",
        "cross_entropy/all-ignored-float64",
    }


def test_json_on_standard_output_stands_alone(forgetful: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", forgetful, "--json", "-"]) == 1
    assert json.loads(capsys.readouterr().out)["target"] == forgetful


@pytest.mark.parametrize("source", [LEARNER, FORGETFUL, edited(("return h_states\n", "return 1 / 0\n"))])
def test_the_table_keeps_to_80_columns(source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, source, "candidate.py")
    lines = rendered(rnn_ref.check("candidate.py")).splitlines()
    assert max(map(len, lines)) <= 80


def test_list_prints_every_check_and_only_narrows_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--list"]) == 0
    every = capsys.readouterr().out.splitlines()
    assert main(["check", "--list", "--only", "rnn_bptt/*-float64"]) == 0
    some = capsys.readouterr().out.splitlines()
    assert set(some[:-1]) < set(every)
    assert every[-1] == f"{len(every) - 1} checks"
    assert all(line.startswith("rnn_bptt/") for line in some[:-1])


def test_printed_it_is_the_table_and_shown_it_is_short() -> None:
    report = rnn_ref.check(only="rnn_cell_step")
    assert str(report) == rendered(report)
    assert repr(report) == "<Report on rnn_ref: ok, {'rnn_cell_step': 'conforms'}>"


def test_a_report_can_be_pickled_and_raised(forgetful: str) -> None:
    checked = rnn_ref.check(forgetful)
    report = pickle.loads(pickle.dumps(checked))
    assert report == checked
    assert report.to_json() == checked.to_json()
    with pytest.raises(ConformanceError, match=r"rnn_forward +wrong"):
        report.raise_if_failed()
    rnn_ref.check(only="rnn_cell_step").raise_if_failed()
