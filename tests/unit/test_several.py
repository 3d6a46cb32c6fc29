"""Folders, patterns and lists of targets: one line each, one JSON, one exit code."""

import json
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError

from rnn_ref.cli import main
from rnn_ref.conformance import TargetError, check_several, schema
from rnn_ref.conformance.judge.verdict import FunctionReport
from rnn_ref.conformance.reports.findings import Findings, Several
from rnn_ref.conformance.reports.html import page
from rnn_ref.conformance.reports.overview import shared
from rnn_ref.conformance.reports.text import rendered
from rnn_ref.conformance.several import written_out
from rnn_ref.conformance.targets import foreign_code

RIGHT = "import numpy as np\ndef rnn_cell_step(x, h, W, U, b):\n    return np.tanh(x @ W.T + h @ U.T + b)\n"
WRONG = RIGHT.replace(" + b)", ")")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    inside = tmp_path / "class"
    (inside / "late").mkdir(parents=True)
    (inside / ".ipynb_checkpoints").mkdir()
    (inside / "anna.py").write_text(RIGHT)
    (inside / "ben.py").write_text(WRONG)
    (inside / "late" / "eve.py").write_text(RIGHT)
    (inside / ".ipynb_checkpoints" / "anna.py").write_text(WRONG)
    (inside / "helpers.py").write_text("def unrelated():\n    return 1\n")
    cell = {"cell_type": "code", "source": RIGHT}
    (inside / "zoe.ipynb").write_text(json.dumps({"cells": [cell], "nbformat": 4}))
    return inside


def test_folders_and_patterns_are_written_out_in_order_each_file_once(folder: Path) -> None:
    found = ["class/anna.py", "class/ben.py", "class/helpers.py", "class/late/eve.py", "class/zoe.ipynb"]
    assert written_out(["class"]) == found
    assert written_out(["class/*.py", "class/anna.py", "torch"]) == [*found[:3], "torch"]
    assert written_out(["class/**/*.py"]) == found[:4]


def test_every_target_has_its_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "class", "-j", "2"]) == 1
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    rows = {line.split()[0]: line for line in out.splitlines() if line.startswith("class/")}
    assert "1/1" in rows["class/anna.py"]
    assert "0/1  rnn_cell_step wrong" in rows["class/ben.py"]
    assert "none of the functions is in it" in rows["class/helpers.py"]
    assert "NOT OK: 3 of 5 targets conform; 1 do not; 1 without any of the functions" in out


def test_what_is_said_of_every_target_is_said_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone = "    if x.ndim > 1:\n        raise ValueError('one')\n"
    for name, text in (("anna.py", RIGHT), ("ben.py", WRONG), ("late/eve.py", RIGHT)):
        head, body = text.split(":\n", 1)
        (folder / name).write_text(f"{head}:\n{alone}{body}")
    (folder / "zoe.ipynb").unlink()
    told = "batches: not asked, they raise"
    main(["check", "class", "--markdown", "class.md", "--html", "class.html"])
    out = capsys.readouterr().out
    assert f"\nof each of them: {told}\n" in out
    assert [text.count(told) for text in (out, Path("class.md").read_text().partition("\n## ")[0])] == [1, 1]
    page = Path("class.html").read_text().partition("<details")[0]
    assert page.count(told) == page.count(f"Of each of them: {told}.") == 1


def test_what_is_said_of_all_but_a_few_is_said_once_and_names_them() -> None:
    told = [(name, ["a", name]) for name in "uvwxy"] + [("z", ["b"])]
    assert shared(told) == {"a": "of all but z: a"}
    assert shared([*told, ("t", []), ("s", [])]) == {}  # too many others: each has it in its line
    assert shared([(str(one), ["a"] if one < 90 else []) for one in range(100)]) == {}


def test_what_holds_the_networks_that_conform_is_not_taken_for_judged() -> None:
    whole = "not judged: Net itself, how it joins what is in it"
    right = {"rnn_forward": FunctionReport("conforms")}
    told = {"suites": "1", "oracle": "vectors"}
    parts = [Findings(f"net.py:Net#{one}", right, [], told, 0.0, on_record=(whole,)) for one in ("left", "right")]
    assert rendered(Several(parts)).splitlines()[-2] == f"ok: 2 of 2 targets conform; {whole}"
    assert page.rendered(Several(parts)).partition("<details")[0].count(whole) == 1
    assert rendered(parts[0]).splitlines()[-2] == f"ok: 1 conforms; {whole}"


def test_the_sum_names_the_classes_that_are_not_judged_and_nothing_that_is() -> None:
    notes = ("not judged: Net.forward", "not judged: Tagger", "not read: unroll(x) as rnn_forward: it raises")
    notes += ("not read: lstm_cell_step(x) as a cell with gates: its arguments or its answer are not understood",)
    found = Findings("a.py", {"lstm_cell_step": FunctionReport("wrong")}, [], {}, 0.0, on_loading=notes)
    assert found.not_judged == ["not judged: Net.forward, Tagger", "not read: unroll"]


def test_all_right_is_zero(folder: Path) -> None:
    (folder / "ben.py").unlink()
    assert main(["check", "class"]) == 0
    assert main(["check", "class", "--require", "rnn_cell_step"]) == 2  # helpers.py has it not


def test_one_that_cannot_be_checked_is_two(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "carl.py").write_text("def (:\n")
    assert main(["check", "class"]) == 2
    out = capsys.readouterr().out
    assert "line 1: syntax error" in out
    assert "1 could not be checked" in out


def test_nothing_to_check_is_two(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "class/helpers.py", "class/help*.py"]) == 2
    shutil.rmtree(folder)
    folder.mkdir()
    assert main(["check", "class"]) == 2
    assert "class: no .py and no .ipynb file" in capsys.readouterr().err


def test_one_json_for_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "class", "--json", "-"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["ok"]) == (1, False)
    assert [one["target"] for one in told["targets"]] == written_out(["class"])
    assert [one["ok"] for one in told["targets"]] == [True, False, True, True, True]
    assert "none of the functions" in told["targets"][2]["error"]


def test_several_from_python(folder: Path) -> None:
    seen: list[Any] = []
    reports = check_several(["class"], jobs=2, progress=lambda *one: seen.append(one), only="rnn_cell_step")
    assert [done for done, _, _ in seen] == [1, 2, 3, 4, 5]
    assert {name for _, _, name in seen} == set(written_out(["class"]))
    assert len(reports) == 5
    assert not reports.ok
    with pytest.raises(Exception, match="rnn_cell_step wrong"):
        reports.raise_if_failed()
    with pytest.raises(ValueError, match="jobs is 0"):
        check_several(["class"], jobs=0)
    with pytest.raises(TargetError, match=r"nowhere\*: no .py"):
        check_several(["nowhere*"])


def test_an_error_ends_the_others(folder: Path) -> None:
    (folder / "slow.py").write_text(
        f"import time\n{RIGHT}    time.sleep(50)\n".replace("    return", "    time.sleep(50)\n    return")
    )

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_several(["class/slow.py", "class/anna.py"], jobs=2, progress=stop)


def test_every_form_tells_of_what_could_not_be_checked(folder: Path) -> None:
    (folder / "carl.py").write_text("def (:\n")
    assert main(["check", "class", "--json", "a.json", "--junit", "a.xml", "--markdown", "a.md"]) == 2
    told = json.loads(Path("a.json").read_text())
    Draft202012Validator(schema()).validate(told)
    with pytest.raises(ValidationError):
        Draft202012Validator(schema()).validate({**told, "targets": [{**told["targets"][0], "error": "both"}]})
    suites = {suite.get("name"): suite for suite in ET.parse("a.xml").getroot()}
    assert list(suites) == written_out(["class"])
    assert [suites["class/carl.py"].get(count) for count in ("tests", "errors", "skipped")] == ["1", "1", "0"]
    assert [suites["class/helpers.py"].get(count) for count in ("tests", "errors", "skipped")] == ["1", "0", "1"]
    text = Path("a.md").read_text()
    assert "## class/carl.py: could not be checked" in text
    assert "## class/helpers.py: nothing to check" in text
    assert "## class/ben.py: NOT OK" in text


def test_a_diagnosis_leaves_standard_output_alone(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once would take it away from each other, and from the report."""

    def unwanted() -> Any:
        raise AssertionError("standard output was redirected in the parent")

    monkeypatch.setattr(foreign_code, "quiet", unwanted)
    reports = check_several(["class/ben.py", "class/anna.py"], jobs=2)
    assert [report.ok for report in reports] == [False, True]
    assert reports[0].functions["rnn_cell_step"].mistake == "bias-missing"
