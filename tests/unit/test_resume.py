"""A check that is interrupted writes what is finished, marked as partial; with a journal it goes on from there."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from unit_reports import mixed, nasty, pytorch_off, right

from rnn_ref.cli import main
from rnn_ref.conformance import check_several, schema, several
from rnn_ref.conformance.reports.findings import Several, Unchecked
from rnn_ref.conformance.reports.journal import Journal
from rnn_ref.conformance.reports.report import Reports

RIGHT = "import numpy as np\ndef rnn_cell_step(x, h, W, U, b):\n    return np.tanh(x @ W.T + h @ U.T + b)\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "class").mkdir()
    for name in ("anna", "ben"):
        (tmp_path / "class" / f"{name}.py").write_text(RIGHT)
    return tmp_path


def heeds_interrupts() -> None:
    """Undo what a shell does to jobs in the background: they do not hear of Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_an_interrupt_writes_what_is_finished_marked_as_partial(folder: Path) -> None:
    """As Ctrl-C does, while the third of four targets sleeps."""
    (folder / "class" / "carl.py").write_text("import time\nopen('asleep', 'w').close()\ntime.sleep(600)\n")
    (folder / "class" / "dora.py").write_text(RIGHT)
    files = ["--json", "a.json", "--junit", "a.xml", "--markdown", "a.md", "--html", "a.html"]
    command = [sys.executable, "-m", "rnn_ref", "check", "class", "--whole", *files, "--resume", "done.jsonl"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes, preexec_fn=heeds_interrupts) as run:  # noqa: PLW1509 - no threads here
        for _ in range(2000):
            if Path("asleep").exists():
                break
            time.sleep(0.02)
        run.send_signal(signal.SIGINT)
        out, error = run.communicate(timeout=60)
    assert (run.returncode, error) == (130, "")
    assert "2 of 4 targets conform; 2 left, for the check was interrupted" in out
    told = json.loads(Path("a.json").read_text())
    Draft202012Validator(schema()).validate(told)
    assert (told["partial"], told["ok"]) == (True, False)
    assert ["interrupted" in one.get("error", "") for one in told["targets"]] == [False, False, True, True]
    assert Path("a.md").read_text().startswith("**partial: 2 of 4 targets conform; 2 left, for")
    assert Path("a.xml").read_text().count("<error ") == 2
    assert "interrupted" in Path("a.html").read_text()
    assert len(Path("done.jsonl").read_text().splitlines()) == 2


def test_what_is_finished_and_has_not_changed_is_not_checked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []
    examine_all = several.examine_all

    def counted(target: Any, options: Any) -> Any:
        asked.append(Path(target).stem)
        return examine_all(target, options)

    monkeypatch.setattr(several, "examine_all", counted)
    command = ["check", "class", "--only", "rnn_cell_step/generic*", "--resume", "done.jsonl"]
    assert main(command) == 0
    first = capsys.readouterr().out
    with Path("done.jsonl").open("a") as file:
        file.write('{"key": "cut off')
    Path("class/ben.py").write_text(RIGHT.replace(" + b)", ")"))
    Path("class/zoe.py").write_text(RIGHT)
    assert main(command) == 1
    assert asked == ["anna", "ben", "ben", "zoe"]
    assert first.splitlines()[1] in capsys.readouterr().out
    assert main([*command, "--dtype", "float64"]) == 1
    assert asked[4:] == ["anna", "ben", "zoe"]
    assert [report.ok for report in check_several(["class"], resume="done.jsonl", only="rnn_cell_step/generic*")] == [
        True,
        False,
        True,
    ]
    assert len(asked) == 7


def test_every_report_can_be_made_of_the_journal(tmp_path: Path) -> None:
    reports = [mixed(), right(), nasty(), pytorch_off(), Unchecked("a.py", "no \ud800", empty=True)]
    Journal(tmp_path / "done.jsonl").add("key", reports)
    read = Journal(tmp_path / "done.jsonl").known("key")
    assert read is not None
    then, now = Reports(reports), Reports(read)
    assert now.to_json() == then.to_json()
    assert now.to_markdown() == then.to_markdown()
    assert now.to_html() == then.to_html()
    assert now[0].to_text(full=True) == then[0].to_text(full=True)
    assert read == reports


def test_a_journal_that_cannot_be_written_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "class", "--resume", os.path.join("nowhere", "done.jsonl")]) == 2  # noqa: PTH118
    assert "its folder does not exist" in capsys.readouterr().err


def test_a_report_with_nothing_left_is_not_partial() -> None:
    assert Several([right(), Unchecked("a", "b")]).left == 0
