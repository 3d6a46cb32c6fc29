"""A class goes on whatever happens to one of its targets, and what happened is the line of that target."""

import os
from pathlib import Path
from typing import Any

import pytest
from unit_learner import write

import rnn_ref
from rnn_ref.conformance import check_several, several
from rnn_ref.conformance.reports.findings import Unchecked
from rnn_ref.conformance.run.forks import Forks

HEAD = "import contextlib, json, os, pathlib, shutil, sys, tempfile\nimport numpy as np\n"
CELL = "def rnn_cell_step(x, h, W, U, b):\n    return tanh(x @ W.T + h @ U.T + b)\n"
RIGHT = "from numpy import tanh\n" + CELL

# A tidy-up of temporary files, which touches nothing but the folder that the test has made and marked for it.
MARK = "this folder is a test's, and may be emptied"
TIDY = """
scratch = pathlib.Path({scratch!r})
if pathlib.Path(tempfile.gettempdir()) == scratch and (scratch / {mark!r}).is_file():
    for entry in scratch.iterdir():
        if entry.name != {mark!r}:
            shutil.rmtree(entry, ignore_errors=True)
    (scratch / "tidied").touch()
"""

BENT = {
    "json": "json.dumps = json.loads = lambda *a, **k: 1 / 0\n",
    "numpy": "".join(f"np.{name} = " for name in ("concatenate", "array", "savez", "asarray", "array_equal", "ndarray"))
    + "lambda *a, **k: 1 / 0\n",
    "errstate": "np.errstate = None\nos.path.join = None\n",
    "contextlib": "contextlib.suppress = contextlib.redirect_stdout = None\n",
}


@pytest.mark.parametrize("what", BENT)
def test_what_a_target_replaces_is_replaced_for_itself_alone(what: str, tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, f"{HEAD}from numpy import tanh\n{BENT[what]}{CELL}"))
    assert report.ok, str(report)


def test_a_target_that_empties_the_folder_of_temporary_files_is_checked_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    (scratch / MARK).touch()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setenv("TMPDIR", str(scratch))
    source = HEAD + TIDY.format(scratch=str(scratch), mark=MARK) + RIGHT
    assert rnn_ref.check(write(tmp_path, source)).ok
    assert sorted(one.name for one in scratch.iterdir()) == sorted([MARK, "tidied"])


def test_no_folder_of_temporary_files_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "gone"))
    assert rnn_ref.check(write(tmp_path, RIGHT)).ok


ENDS = {  # what a target does at import, and what its line says
    "os.closerange(3, 999)": "the process ",  # is ended, or ends itself, whichever comes first
    "os.write(2, b'no memory left\\n'); os._exit(7)": "exit code 7 before it had answered; its standard error ends: no",
    "[os.write(n, b'x' * 999) for n in range(3, 30) if not contextlib.suppress(OSError).__enter__()]": "",
    "sys.setrecursionlimit(60)": "",
    "sys.modules.clear()": "",
}


def test_whatever_ends_one_target_is_its_line_and_the_others_have_theirs(tmp_path: Path) -> None:
    targets = [write(tmp_path, RIGHT, "first.py")]
    for i, statement in enumerate(ENDS):
        targets.append(write(tmp_path, f"{HEAD}{statement}\n{RIGHT}", f"ends_{i}.py"))
    targets.append(write(tmp_path, RIGHT, "last.py"))
    first, *ended, last = check_several(targets, jobs=2, apart=False, whole=True, timeout=20.0)
    assert first.ok
    assert last.ok
    for report, says in zip(ended, ENDS.values(), strict=True):
        assert not says or says in report.error


def test_a_fault_of_ours_is_the_line_of_the_target_in_which_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    examine_all = several.examine_all

    def fails_on_one(target: Any, options: Any) -> Any:
        return 1 // 0 if "odd" in target else examine_all(target, options)

    monkeypatch.setattr(several, "examine_all", fails_on_one)
    odd, right = check_several([write(tmp_path, RIGHT, "odd.py"), write(tmp_path, RIGHT, "right.py")])
    assert isinstance(odd, Unchecked)
    assert "an error in rnn_ref itself; no verdict: ZeroDivisionError: integer division" in odd.error
    assert right.ok


def test_a_process_that_cannot_be_started_is_the_line_of_its_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: Any, **__: Any) -> None:
        raise OSError(11, os.strerror(11))

    monkeypatch.setattr("rnn_ref.conformance.run.guard.subprocess.Popen", no_room)
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.FORKS", Forks())  # which has no stem yet
    (report,) = check_several([write(tmp_path, RIGHT)])
    assert f"its process cannot be started: {os.strerror(11)}" in report.error
