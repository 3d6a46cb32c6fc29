"""Where the report goes, and what happens when it cannot get there."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from unit_learner import write

from rnn_ref.cli import main


def test_a_report_replaces_the_file_that_was_there_and_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")
    file.chmod(0o640)
    assert main(["check", "--only", "rnn_cell_step", "--json", str(file)]) == 0
    assert json.loads(file.read_text())["ok"] is True
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_a_link_stays_a_link_and_a_pipe_a_pipe(tmp_path: Path) -> None:
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    assert main(["check", "--only", "rnn_cell_step", "--json", str(tmp_path / "link.json")]) == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text())["ok"] is True
    assert main(["check", "--only", "rnn_cell_step", "--json", os.devnull]) == 0
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("destination", ["", "."])
def test_what_is_no_file_is_refused_before_anything_runs(destination: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", destination]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "is a folder, expected a file to write the report to" in captured.err


def test_a_target_that_changes_folders_does_not_take_the_report_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    moving = "import os\nos.chdir('/')\nfrom rnn_ref import rnn_cell_step\n"
    assert main(["check", write(tmp_path, moving), "--json", "here.json"]) == 0
    assert (tmp_path / "here.json").exists()


def test_a_console_without_the_letters_still_gets_the_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", console)
    greek = "def rnn_cell_step(*a):\n    raise ValueError('\u2192 \u03a3')\n"
    assert main(["check", write(tmp_path, greek)]) == 1
    console.flush()
    assert b"ValueError: \\u2192 \\u03a3" in console.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("words", "begins"),
    [
        ("check --list", "rnn_"),
        ("mistakes", "no-tanh"),
        ("check --help", "usage"),
        ("check --only rnn_cell_step", "ok"),
    ],
)
def test_a_reader_that_has_enough_is_no_error(words: str, begins: str, unbuffered: str) -> None:
    command = f"set -o pipefail; {sys.executable} -m rnn_ref {words} | head -n 1"
    environment = os.environ | {"PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.startswith(begins)
    assert (done.returncode, done.stderr) == (0, "")
