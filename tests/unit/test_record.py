"""``rnn-ref check --record``: what was asked once and is not asked now is a failure, in every report."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from unit_programs import command, program
from unit_record import BATCHES, BATCHES_LOST, FORGETFUL, RECORD, STEP_GONE, asked, entries, in_suite, project

from rnn_ref.cli import main
from rnn_ref.conformance import ConformanceError, schema
from rnn_ref.conformance.examine import examine
from rnn_ref.conformance.options import options_of

LOSS = "import rnn_ref\ndef cross_entropy({}):\n    {}\n    return rnn_ref.cross_entropy(logits, targets{})\n"
OPTIONS = 'logits, targets, *, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0'
ALL_OPTIONS = ", weight=weight, ignore_index=ignore_index, reduction=reduction, label_smoothing=label_smoothing"
NO_SMOOTHING = LOSS.format(
    OPTIONS.replace(", label_smoothing=0.0", ""), "pass", ALL_OPTIONS.replace(", label_smoothing=label_smoothing", "")
)
INDICES = LOSS.format(OPTIONS, 'if targets.dtype.kind == "f": raise TypeError("indices")', ALL_OPTIONS)
CELL = "import numpy as np\ndef rnn_cell_backward(dh_t, h_t, x_t, h_prev, W_xh, W_hh, b_h):\n"
OUTER = (
    CELL
    + "    dz = dh_t * (1 - h_t**2)\n    return dz @ W_xh, dz @ W_hh, np.outer(dz, x_t), np.outer(dz, h_prev), dz\n"
)
BATCHED, SINGLE = in_suite("rnn_forward", "batch"), in_suite("rnn_forward", "single")
REFERENCE = "from rnn_ref import cross_entropy, rnn_cell_backward, rnn_forward\n"


@pytest.fixture
def recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A project with a record, in its folder."""
    monkeypatch.chdir(project(tmp_path))
    assert main(["check", "mine.py", "--record"]) == 0
    whole = len(in_suite("rnn_cell_step")) + len(in_suite("rnn_forward"))
    assert f"recorded in rnn_ref.json: mine.py: {whole} checks of 2 functions" in capsys.readouterr().err
    return tmp_path


def test_it_says_by_function_the_suite_the_claims_and_the_ids_that_were_asked(recorded: Path) -> None:
    told = json.loads((recorded / RECORD).read_text())
    assert told["schema"] == 1
    assert list(told["targets"]) == ["mine.py"]
    for function, ids in asked(recorded).items():
        assert ids == in_suite(function)
    assert {one["suite"] for one in entries(recorded)["mine.py"]["functions"].values()} == {"1"}
    (recorded / "lost.py").write_text(BATCHES_LOST)
    assert main(["check", "lost.py", "--record"]) == 0
    lost = entries(recorded)["lost.py"]["functions"]["rnn_forward"]
    assert lost["claims"] == ["batches: not asked, they raise ValueError"]
    assert lost["asked"] == SINGLE
    assert len(entries(recorded)) == 2


def test_batches_that_raise_now_fail_and_are_told_with_the_exception(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "mine.py"]) == 0
    (recorded / "mine.py").write_text(BATCHES_LOST)
    before = (recorded / RECORD).read_bytes()
    assert main(["check", "mine.py"]) == 1
    out = capsys.readouterr().out
    assert re.search(rf"\nchecks: planned \d+, ran \d+, skipped 0, recorded and not asked now {len(BATCHED)};", out)
    assert re.search(rf"\nrnn_forward +not-asked +{len(SINGLE)}/{len(SINGLE)} ", out)  # of those that ran
    block = out.partition("\nrnn_forward: not-asked\n")[2]
    said = " ".join(block.partition("not there:")[0].split())
    assert f"{len(BATCHED)} recorded checks are not asked now" in said
    assert "batches: not asked, they raise ValueError, mine.py:9" in said
    assert "generic-float32, generic-float64, square-float32" in said
    assert "again: rnn-ref check mine.py --only rnn_forward/generic-float32" in said
    assert main(["check", "mine.py", "--only", "rnn_forward/generic-float32"]) == 1
    assert (recorded / RECORD).read_bytes() == before


def test_every_form_of_the_report_tells_it(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded / "mine.py").write_text(BATCHES_LOST)
    files = {name: recorded / f"report.{name}" for name in ("json", "junit", "markdown", "html")}
    assert main(["check", "mine.py", *(word for name, file in files.items() for word in (f"--{name}", str(file)))]) == 1
    told = json.loads(files["json"].read_text())
    Draft202012Validator(schema()).validate(told)
    lost = [one["id"] for one in told["results"] if "not_asked" in one]
    assert lost == BATCHED
    assert {one["status"] for one in told["results"] if one["id"] in lost} == {"failed"}
    assert (told["ok"], told["functions"]["rnn_forward"]["mistake"]) == (False, None)
    cases = ET.parse(files["junit"]).getroot().iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None] == lost
    for name in ("markdown", "html"):
        assert "batches: not asked, they raise ValueError, mine.py:9" in " ".join(files[name].read_text().split())
        assert "NOT OK" in files[name].read_text()
    assert main(["check", "."]) == 1
    assert f"rnn_forward not-asked ({len(BATCHED)} recorded" in capsys.readouterr().out


def test_what_the_user_leaves_out_is_no_failure(recorded: Path) -> None:
    (recorded / "mine.py").write_text(BATCHES_LOST)
    for narrowed in (["--rank", "single"], ["--only", "single"], ["--only", "rnn_cell_step"]):
        assert main(["check", "mine.py", *narrowed]) == 0
    assert main(["check", "mine.py", "--dtype", "float64"]) == 1
    assert main(["check", "mine.py", "--seed", "3"]) == 1
    (recorded / "mine.py").write_text(BATCHES)
    assert main(["check", "mine.py", "--dtype", "float64"]) == 0


def test_a_deviation_that_is_declared_is_none(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded / "mine.py").write_text(BATCHES_LOST)
    assert main(["check", "mine.py", "--expect-fail", "rnn_forward=batches come back in May"]) == 0
    assert f"failed as declared: {len(BATCHED)} of rnn_forward: batches come back in May" in capsys.readouterr().out


def test_a_mistake_is_named_as_without_a_record_and_both_are_told(
    recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (recorded / "mine.py").write_text(FORGETFUL)
    assert main(["check", "mine.py"]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "rnn_forward: wrong (h0-every-step)" in out
    assert "Every step starts from h0" in out
    assert f"{len(BATCHED)} recorded checks are not asked now: batches: not asked, they raise ValueError" in out


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (NO_SMOOTHING, "options not among its arguments (label_smoothing)"),
        (INDICES, "recorded checks are not asked now: class probabilities: not asked, they raise TypeError"),
        (OUTER, "a batch gave other shapes"),
    ],
)
def test_whatever_the_reason_is_for_which_it_is_not_asked(
    source: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, REFERENCE))
    assert main(["check", "mine.py", "--record"]) == 0
    function = "rnn_cell_backward" if source == OUTER else "cross_entropy"
    (tmp_path / "mine.py").write_text(source)
    (tmp_path / "other.py").write_text(source)
    assert main(["check", "other.py", "--only", f"{function}/*"]) == 0
    assert main(["check", "mine.py", "--only", f"{function}/*"]) == 1
    assert reason in " ".join(capsys.readouterr().out.partition("not-asked\n")[2].split())


def test_a_precision_that_a_framework_does_not_claim_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("onnxruntime")
    monkeypatch.chdir(project(tmp_path))
    only = ["check", "onnxruntime", "--only", "rnn_forward/*"]
    main([*only, "--dtype", "both", "--record"])
    capsys.readouterr()
    assert main(only) == 1
    assert "float64 not claimed by onnxruntime" in " ".join(capsys.readouterr().out.split())


def test_a_function_that_is_gone_is_missing(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (recorded / "mine.py").write_text(STEP_GONE)
    assert main(["check", "mine.py", "--junit", "junit.xml"]) == 1
    steps = len(in_suite("rnn_cell_step"))
    note = f"rnn_cell_step: {steps} of its checks are recorded, and it is not there now; mend that, or if it is meant,"
    out = " ".join(capsys.readouterr().out.split())
    assert f"note: {note} record anew with --record" in out
    assert out.count("rnn_cell_step") == 1
    assert "NOT OK: 1 conforms, 1 missing checks:" in out
    assert main(["check", ".", "--html", "page.html", "--markdown", "page.md"]) == 1
    row = " ".join(capsys.readouterr().out.split())
    assert row.count("rnn_cell_step") == 1
    assert note in row
    for page in ("page.html", "page.md"):
        assert note in Path(page).read_text()
        assert "not there: rnn_cell_step" not in Path(page).read_text()
    cases = ET.parse("junit.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases if case.find("failure") is not None] == ["rnn_cell_step"]
    assert main(["check", "mine.py", "--only", "rnn_forward"]) == 0
    (recorded / "mine.py").write_text("x = 1\n")
    assert main(["check", "mine.py"]) == 2
    (recorded / "right.py").write_text(BATCHES)
    assert main(["check", "."]) == 2


def test_a_function_of_another_suite_is_missed_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path, "from rnn_ref import gru_cell_step, rnn_cell_step\n"))
    assert main(["check", "mine.py", "--record"]) == 0
    assert entries(tmp_path)["mine.py"]["functions"]["gru_cell_step"]["suite"] == "gru-1"
    (tmp_path / "mine.py").write_text("from rnn_ref import rnn_cell_step\n")
    assert main(["check", "mine.py"]) == 1
    assert "note: gru_cell_step: " in capsys.readouterr().out


def test_a_check_that_the_suite_dropped_is_a_note(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads((recorded / RECORD).read_text())
    functions = told["targets"]["mine.py"]["functions"]
    functions["rnn_forward"]["asked"].append("rnn_forward/of-old-float64")
    functions["rnn_ancient"] = {"suite": "0", "claims": [], "asked": ["rnn_ancient/single-float64"]}
    (recorded / RECORD).write_text(json.dumps(told))
    assert main(["check", "mine.py"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "no longer in the suite: rnn_ancient/single-float64, rnn_forward/of-old-float64" in said


def test_a_target_that_fails_is_recorded_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path, FORGETFUL))
    assert main(["check", "mine.py", "--record"]) == 1
    assert asked(tmp_path)["rnn_forward"] == SINGLE


def test_fresh_cases_and_the_oracle_are_not_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path))
    assert main(["check", "mine.py", "--seed", "3", "--record"]) == 0
    assert not [one for ids in asked(tmp_path).values() for one in ids if "seed" in one]
    assert main(["check", "mine.py"]) == 0


def test_a_narrowed_check_adds_and_another_replaces(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = asked(recorded)
    for narrowed in (["--only", "rnn_cell_step/single"], ["--dtype", "float64"], ["--rank", "single"]):
        assert main(["check", "mine.py", "--record", *narrowed]) == 0
        assert asked(recorded) == whole
    assert all(not one["claims"] for one in entries(recorded)["mine.py"]["functions"].values())
    (recorded / "mine.py").write_text(BATCHES_LOST)
    assert main(["check", "mine.py", "--record", "--only", "rnn_forward"]) == 1
    assert asked(recorded) == whole
    capsys.readouterr()
    assert main(["check", "mine.py", "--record"]) == 0
    assert f"no longer recorded: {len(BATCHED)}: {', '.join(sorted(BATCHED))}" in capsys.readouterr().err
    assert asked(recorded)["rnn_forward"] == SINGLE
    assert main(["check", "mine.py"]) == 0


def test_what_cannot_be_checked_leaves_the_record_as_it_is(recorded: Path) -> None:
    before = (recorded / RECORD).read_bytes()
    (recorded / "mine.py").write_text("def (:\n")
    assert main(["check", "mine.py", "--record"]) == 2
    assert (recorded / RECORD).read_bytes() == before


def test_the_same_file_is_the_same_target_however_it_is_named(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (recorded / "mine.py").write_text(BATCHES_LOST)
    (recorded / "inside").mkdir()
    for folder, target in (
        (".", "./mine.py"),
        (".", "mine"),
        (".", str(recorded / "mine.py")),
        ("inside", "../mine.py"),
    ):
        monkeypatch.chdir(recorded / folder)
        assert main(["check", target]) == 1
    assert not (recorded / "inside" / RECORD).exists()


@pytest.mark.parametrize("mark", ["pyproject.toml", RECORD])
@pytest.mark.parametrize("around", ["", "pyproject.toml"])
@pytest.mark.parametrize(("folder", "target"), [(".", "proj/mine.py"), ("proj/inside", "../mine.py"), (".", "proj")])
def test_it_is_found_from_the_target_upwards_from_whichever_folder(
    mark: str, around: str, folder: str, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "proj" / "inside").mkdir(parents=True)
    monkeypatch.chdir(project(tmp_path / "proj"))
    (tmp_path / "proj" / "pyproject.toml").unlink() if mark == RECORD else None
    assert main(["check", "mine.py", "--record"]) == 0
    (tmp_path / around).write_text("") if around else None
    (tmp_path / "proj" / "mine.py").write_text(BATCHES_LOST)
    monkeypatch.chdir(tmp_path / folder)
    assert main(["check", target]) == 1
    assert main(["check", target, "--record"]) == 0
    assert list(entries(tmp_path / "proj")) == ["mine.py"]
    assert not Path(RECORD).exists()


def test_a_program_has_the_record_of_its_own_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "proj").mkdir()
    monkeypatch.chdir(project(tmp_path / "proj"))
    only = ["--only", "rnn_cell_step/generic-float64"]
    assert main(["check", program(Path()), *only, "--record"]) == 0
    program(Path(), ('"dtypes"', '"ranks": ["single"], "dtypes"'))
    monkeypatch.chdir(tmp_path)
    assert main(["check", command(Path("proj/program.py")), *only]) == 1
    assert "recorded check is not asked now" in capsys.readouterr().out


def test_what_the_current_project_knows_is_its_own_also_where_a_nearer_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project(tmp_path))
    (tmp_path / "inside").mkdir()
    (tmp_path / "inside" / "mine.py").write_text(BATCHES)
    assert main(["check", "inside/mine.py", "--record"]) == 0
    project(tmp_path / "inside", BATCHES_LOST)
    assert main(["check", "inside/mine.py"]) == 1


def test_a_file_elsewhere_that_belongs_to_no_project_has_its_record_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    (tmp_path / "there" / "mine.py").write_text(BATCHES)
    monkeypatch.chdir(project(tmp_path / "here"))
    assert main(["check", "../there/mine.py", "--record"]) == 0
    assert list(entries(tmp_path / "there")) == ["mine.py"]


def test_a_recorded_file_that_is_gone_is_missed_from_the_folder_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "proj").mkdir()
    monkeypatch.chdir(project(tmp_path / "proj"))
    (tmp_path / "proj" / "gone.py").write_text(BATCHES)
    assert main(["check", ".", "--record"]) == 0
    (tmp_path / "proj" / "gone.py").unlink()
    monkeypatch.chdir(tmp_path)
    assert main(["check", "proj"]) == 2


def test_without_a_pyproject_it_lies_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    monkeypatch.chdir(tmp_path)
    assert main(["check", "mine.py", "--record"]) == 0
    assert asked(tmp_path)


@pytest.mark.parametrize("target", ["class", "class/*.py", "class/**/*.py"])
def test_a_recorded_file_that_is_gone_from_a_folder_is_missed(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path))
    (tmp_path / "class").mkdir()
    for name in ("anna", "ben"):
        (tmp_path / "class" / f"{name}.py").write_text(BATCHES)
    assert main(["check", "class", "mine.py", "--record"]) == 0
    (tmp_path / "class" / "ben.py").rename(tmp_path / "ben.py")
    (tmp_path / "mine.py").unlink()
    capsys.readouterr()
    assert main(["check", target]) == 2
    assert "class/ben.py                         -  no such file" in capsys.readouterr().out
    assert main(["check", target, "--record"]) == 0
    assert sorted(entries(tmp_path)) == ["class/anna.py", "mine.py"]
    (tmp_path / "class" / "anna.py").write_text(BATCHES + "class Net:\n    rnn_forward = staticmethod(rnn_forward)\n")
    assert main(["check", "class/anna.py:Net", "--record"]) == 0
    assert main(["check", target]) == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is damaged: Expecting property name"),
        ("[]", "schema is None, expected 1"),
        ('{"schema": 2, "targets": 3}', "schema is 2, expected 1: a newer rnn_ref wrote it"),
        ('{"schema": 1}', "targets is None, expected an object"),
        ('{"schema": 1, "targets": {"a": 3}}', "targets.a is 3, expected an object"),
        ('{"schema": 1, "targets": {"a": {}}}', "targets.a.functions is None, expected an object"),
        ('{"schema": 1, "targets": {"a": {"functions": {"f": 3}}}}', "targets.a.functions.f is 3, expected an object"),
        (
            '{"schema": 1, "targets": {"a": {"functions": {"f": {"asked": [3]}}}}}',
            "targets.a.functions.f.asked is [3], expected a list of texts",
        ),
        (
            '{"schema": 1, "targets": {"a": {"functions": {"f": {"asked": [], "claims": ""}}}}}',
            "targets.a.functions.f.claims is '', expected a list of texts",
        ),
    ],
)
def test_a_record_that_cannot_be_used_is_refused_and_kept(
    content: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project(tmp_path))
    (tmp_path / RECORD).write_text(content)
    for options in ([], ["--record"]):
        assert main(["check", "mine.py", *options]) == 2
        captured = capsys.readouterr()
        assert captured.err.startswith(f"rnn-ref: rnn_ref.json: {said}")
        assert captured.out == ""
    assert (tmp_path / RECORD).read_text() == content


def test_what_a_later_version_adds_to_an_entry_is_kept(recorded: Path) -> None:
    told = json.loads((recorded / RECORD).read_text())
    told["targets"]["mine.py"]["functions"]["rnn_forward"]["reading"] = "x W"
    (recorded / RECORD).write_text(json.dumps(told))
    assert main(["check", "mine.py", "--record", "--only", "rnn_forward/single"]) == 0
    assert entries(recorded)["mine.py"]["functions"]["rnn_forward"]["reading"] == "x W"


def test_a_report_can_be_held_against_the_record_from_python(recorded: Path) -> None:
    (recorded / "mine.py").write_text(BATCHES_LOST)
    ids = frozenset(one for function in asked(recorded).values() for one in function)
    report = examine("mine.py", options_of({"recorded": ids}))
    assert not report.ok
    with pytest.raises(ConformanceError, match="recorded checks are not asked now"):
        report.raise_if_failed()


CALLER = BATCHES_LOST.replace(
    "h = np.tanh(W_xh @ x_t + W_hh @ h + b_h)", "h = rnn_cell_step(x_t, h0, W_xh, W_hh, b_h)"
).replace("x_t @ W_xh.T + h_prev @ W_hh.T", "W_xh @ x_t + W_hh @ h_prev")
UNNAMED = BATCHES_LOST.replace("h_states.append(h)", "h_states.append(h + 0.01 * h**3)")


@pytest.mark.parametrize("source", [FORGETFUL, CALLER, UNNAMED])
def test_what_is_wrong_besides_is_told_as_without_a_record(
    source: str, recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    for name in ("mine.py", "other.py"):
        (recorded / name).write_text(source)
        assert main(["check", name, "--json", "-"]) == 1
        function = json.loads(capsys.readouterr().out.replace("other.py", "mine.py"))["functions"]["rnn_forward"]
        told.append({key: value for key, value in function.items() if key not in {"failed", "reproduce"}})
    assert told[0] == told[1]
    assert told[0]["verdict"] == "wrong"
