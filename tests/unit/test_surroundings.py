"""Odd surroundings: a full or closed output, a folder that is gone, a caller's error state, a package in a zip file."""

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import write

import rnn_ref
from rnn_ref._files import write as write_file
from rnn_ref.conformance.testing.items import Items

CELL = "import numpy as np\ndef rnn_cell_step(x, h, W, U, b):\n    return np.tanh(x @ W.T + h @ U.T + b)\n"
ONLY = ("--only", "rnn_cell_step/generic-float64")


@pytest.fixture
def cell(tmp_path: Path) -> str:
    return write(tmp_path, CELL, "cell.py")


def checked(*arguments: str, **given: Any) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "rnn_ref", "check", *arguments, *ONLY]
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run(command, text=True, timeout=100, check=False, **(streams | given))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_standard_output_is_named_is_no_verdict_and_costs_no_file(cell: str, tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = checked(cell, "--json", str(tmp_path / "a.json"), stdout=full)
    assert (done.returncode, done.stderr) == (2, f"rnn-ref: standard output: {os.strerror(errno.ENOSPC)}\n")
    assert '"ok": true' in (tmp_path / "a.json").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="closes file descriptors")
def test_with_all_standard_streams_closed_the_verdict_is_the_same(cell: str, tmp_path: Path) -> None:
    command = f"{sys.executable} -m rnn_ref check {cell} {' '.join(ONLY)} --json {tmp_path}/a.json <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, timeout=100, check=False).returncode == 0
    assert '"ok": true' in (tmp_path / "a.json").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="a current folder cannot be deleted there")
def test_a_current_folder_that_was_deleted_is_no_matter(cell: str, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    words = " ".join([sys.executable, "-m rnn_ref check", cell, *ONLY])
    done = subprocess.run(
        f"rmdir {gone} && {words}", shell=True, cwd=gone, timeout=100, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_more_memory_than_there_is_is_no_limit(cell: str) -> None:
    assert rnn_ref.check(cell, memory=10**20, only=ONLY[1]).ok


@pytest.mark.parametrize(("says", "taken"), [(errno.EBUSY, True), (errno.EPERM, False)])
def test_a_file_whose_place_cannot_be_given_to_another(
    says: int, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A single file that is mounted is written to as it is; one that may not be changed is told; no part stays."""
    path = tmp_path / "report.json"
    path.write_text("old")

    def refuses(*_: Any) -> None:
        raise OSError(says, os.strerror(says))

    monkeypatch.setattr("rnn_ref._files.os.replace", refuses)
    if taken:
        write_file(path, "new")
    else:
        with pytest.raises(OSError, match=r"cannot be written: .*report\.json"):
            write_file(path, "new")
    assert path.read_text() == ("new" if taken else "old")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/fd/1").exists(), reason="streams have no names here")
def test_a_report_goes_to_a_stream_of_this_process_by_its_name(cell: str) -> None:
    for name in ("/dev/stdout", "/dev/fd/1"):
        assert json.loads(checked(cell, "--json", name).stdout)["ok"]
    read, write_end = os.pipe()
    with os.fdopen(read) as heard, os.fdopen(write_end, "w"):
        done = checked(cell, "--json", f"/dev/fd/{write_end}", pass_fds=[write_end])
        os.set_blocking(read, False)
        assert (done.returncode, done.stderr) == (0, "")
        assert json.loads(heard.read())["ok"]


def test_a_report_that_links_to_itself_is_told(cell: str, tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    done = checked(cell, "--json", str(tmp_path / "loop"))
    assert "an error in rnn_ref itself" not in done.stderr
    assert sys.version_info >= (3, 13) or "cannot be written, it links to itself" in done.stderr


def test_the_callers_error_state_ends_neither_the_reference_nor_the_instrument(cell: str) -> None:
    logits = np.array([[1e3, 0.0, -1e3], [800.0, 0.0, -800.0]])
    with np.errstate(all="raise"):
        for smoothing in (0.0, 0.1):
            rnn_ref.cross_entropy(logits, np.array([0, 1]), label_smoothing=smoothing)
            rnn_ref.cross_entropy_backward(1.0, logits, np.array([0, 1]), label_smoothing=smoothing)
        rnn_ref.rnn_sequence_loss(logits, np.array([0, 1]), rnn_ref.cross_entropy)
        rnn_ref.rnn_bptt(np.ones((2, 1)), [0, 1], np.ones(1), *np.ones((2, 1, 1)), np.ones(1), logits[:1].T, np.ones(3))
        functions = {"rnn_cell_step": rnn_ref.rnn_cell_step, "cross_entropy": rnn_ref.cross_entropy}
        assert rnn_ref.check(functions, seed=3).ok
        assert rnn_ref.check(cell).ok
        assert Items({"rnn_cell_step": rnn_ref.rnn_cell_step}, only=ONLY[1]).all[0].outcome()[0] == "passed"


def test_the_package_works_from_a_zip_file(cell: str, tmp_path: Path) -> None:
    archive = shutil.make_archive(str(tmp_path / "wheel"), "zip", Path(rnn_ref.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": ""}
    program = f"import sys; sys.path.insert(0, {archive!r}); import rnn_ref; print(rnn_ref.__file__)\n"
    program += f"print(rnn_ref.check({cell!r}, only={ONLY[1]!r}).ok, len(rnn_ref.conformance.schema()) > 3)"
    command = [sys.executable, "-P", "-c", program]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    done = subprocess.run(command, cwd=tmp_path, env=environment, text=True, timeout=100, check=False, **streams)
    place, said = done.stdout.splitlines() or [done.stderr] * 2
    assert place.startswith(archive), done.stderr
    assert said == "True True"
