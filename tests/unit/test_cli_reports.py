"""--json, --junit and --markdown together, and the summary of a step on GitHub."""

import json
import os
import pickle
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from rnn_ref.cli import main
from rnn_ref.conformance import ConformanceError, TargetError, VectorsError
from rnn_ref.conformance.operation import UnusableError

CHECK = ["check", "--only", "rnn_cell_step"]
WRONG = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n    return h_prev\n"


@pytest.fixture
def wrong(tmp_path: Path) -> str:
    path = tmp_path / "wrong.py"
    path.write_text(WRONG)
    return str(path)


def test_all_three_are_written_beside_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {name: tmp_path / f"report.{name}" for name in ("json", "junit", "markdown")}
    options = [word for name, file in files.items() for word in (f"--{name}", str(file))]
    assert main([*CHECK, *options]) == 0
    assert json.loads(files["json"].read_text())["ok"] is True
    assert ET.parse(files["junit"]).getroot().tag == "testsuites"
    assert files["markdown"].read_text().startswith("## rnn_ref: ok\n")
    assert "\nrnn_ref: suite 1, relu-1, vectors\n" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "start"), [("json", "{"), ("junit", "<?xml"), ("markdown", "## ")])
def test_each_can_go_to_standard_output_alone(
    name: str, start: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = "json" if name != "json" else "junit"
    assert main([*CHECK, f"--{name}", "-", f"--{other}", str(tmp_path / "other")]) == 0
    out = capsys.readouterr().out
    assert out.startswith(start)
    assert "suite 1, vectors\n" not in out
    assert (tmp_path / "other").exists()


@pytest.mark.parametrize("pair", [("json", "junit"), ("junit", "markdown"), ("json", "markdown")])
def test_two_on_standard_output_are_refused_before_anything_runs(
    pair: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*CHECK, *(word for name in pair for word in (f"--{name}", "-"))]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == (
        f"rnn-ref: --{pair[0]} and --{pair[1]} cannot all be - : only one report goes to standard output\n"
    )


@pytest.mark.parametrize("name", ["json", "junit", "markdown"])
@pytest.mark.parametrize("text", ["", ".", "no/such/folder/report"])
def test_every_file_is_vetted_before_anything_runs(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = tmp_path / "ran"
    Path("target.py").write_text(f"open({str(ran)!r}, 'w').close()\n{WRONG}")
    fine = "json" if name != "json" else "junit"
    assert main(["check", "target.py", f"--{fine}", "fine", f"--{name}", text]) == 2
    assert "folder" in capsys.readouterr().err
    assert not ran.exists()
    assert not Path("fine").exists()


def test_two_reports_do_not_go_to_one_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "report")
    assert main([*CHECK, "--json", str(tmp_path / "report"), "--markdown", str(tmp_path / "link")]) == 2
    assert "--json and --markdown name the same file" in capsys.readouterr().err
    assert main([*CHECK, "--json", os.devnull, "--markdown", os.devnull]) == 0


def test_the_markdown_is_appended_to_the_summary_of_the_step(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    assert main(["check", wrong, "--junit", "-"]) == 1
    assert main(CHECK) == 0
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("before\n## ")
    assert "### rnn_cell_step: wrong" in text
    assert text.index("NOT OK") < text.index("## rnn_ref: ok")
    assert capsys.readouterr().err == ""


def test_a_summary_that_cannot_be_written_is_a_warning_and_no_verdict(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))  # a folder
    assert main(CHECK) == 0
    captured = capsys.readouterr()
    assert captured.err.startswith("rnn-ref: warning: GITHUB_STEP_SUMMARY, ")
    assert "ok: 1 conforms" in captured.out
    assert main(["check", wrong]) == 1
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "")
    assert main(CHECK) == 0
    assert capsys.readouterr().err.count("warning") == 1


@pytest.mark.parametrize("error", [ConformanceError, TargetError, VectorsError, UnusableError])
def test_exceptions_can_be_pickled(error: type[Exception]) -> None:
    again = pickle.loads(pickle.dumps(error("the text")))
    assert (type(again), str(again)) == (error, "the text")
