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
    "import rnn_ref.conformance.run.exchange as e; e.as_held = lambda *_: 1 / 0": "ZeroDivisionError",  # of ours
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


ONCE = """
def once(marker={marker!r}):
    if os.path.exists(marker):
        return False
    open(marker, "w").close()
    return True
"""
CALLS = "    with open({calls!r}, 'a') as file: file.write(f'{os.getpid()} ')\n    return"
COPIES = {  # a target that forks once, for who forks at each call has millions of copies if they go on
    "as it is imported": "once() and os.fork()\n" + CELL.replace("    return", CALLS),
    "and answers": CELL.replace("    return", "    once() and os.fork()\n" + CALLS),
    "and raises": CELL.replace("    return", f"    if once() and not os.fork(): raise ValueError\n{CALLS}"),
}
IN_A_POOL = """
import multiprocessing
def rnn_cell_step(x, h, W, U, b):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        return np.array(pool.map(tanh, list(x @ W.T + h @ U.T + b)))
"""
SOME = "rnn_cell_step/generic-float64"


def forking(folder: Path, source: str) -> str:
    source = f"{HEAD}from numpy import tanh\n{ONCE}{source}".replace("{marker!r}", repr(str(folder / "marker")))
    return write(folder, source.replace("{calls!r}", repr(str(folder / "calls"))))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
@pytest.mark.parametrize("when", COPIES)
def test_a_copy_of_the_process_ends_as_it_comes_back_to_us(when: str, tmp_path: Path) -> None:
    report = rnn_ref.check(forking(tmp_path, COPIES[when]), only=SOME, whole=True, timeout=20.0)
    assert report.ok, str(report)
    assert len({*(tmp_path / "calls").read_text().split()}) == 1 + (when == "and answers")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_a_copy_that_does_not_come_back_does_its_work(tmp_path: Path) -> None:
    assert rnn_ref.check(forking(tmp_path, IN_A_POOL), only=SOME, timeout=20.0).ok


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here")
def test_copies_of_copies_are_ended_before_they_are_too_many(tmp_path: Path) -> None:
    stays = "    for _ in range(9 * once()): os.fork()\n    import time; time.sleep(5)\n    return"
    forks = CELL.replace("    return", stays)
    report = rnn_ref.check(forking(tmp_path, forks), only=SOME, timeout=20.0)
    assert "the process was ended by SIGKILL" in report.functions["rnn_cell_step"].explanation


def test_what_is_far_more_than_any_answer_is_not_kept(tmp_path: Path) -> None:
    source = "import numpy as np\ndef rnn_cell_step(*a):\n    return np.zeros((10**4, 10**4))\n"
    found = rnn_ref.check(write(tmp_path, source), only="rnn_cell_step/generic-float64", memory=1800)
    assert "far more than any answer" in found.functions["rnn_cell_step"].explanation
    assert found.functions["rnn_cell_step"].mistake is None
