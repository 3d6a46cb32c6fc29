"""A crash or a time-out is pinned on the call that was running, and the command that is told repeats it."""

import shlex
from pathlib import Path

import pytest
from unit_learner import write

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import Report
from rnn_ref.conformance.cases import frozen

HEAD = "import os, time\nimport rnn_ref\nfrom rnn_ref import rnn_output_layer\n\ncalls = []\n\n"
STEP = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
RIGHT = "    return rnn_ref.rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h)\n"
DIES = "os.kill(os.getpid(), 11)"
HANGS = "time.sleep(60)"
WAYS = {"crash": ("crashed", DIES, "was ended by SIGSEGV"), "time-out": ("timeout", HANGS, "no answer within 2 s")}


def checked(folder: Path, condition: str, deed: str) -> Report:
    return rnn_ref.check(write(folder, f"{HEAD}{STEP}    if {condition}:\n        {deed}\n{RIGHT}"), timeout=2.0)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("condition", "case"),
    [("x_t.ndim == 2", "generic-float32"), ("x_t.ndim == 1 and x_t.dtype == 'f8'", "single-float64")],
)
def test_it_is_told_of_the_check_that_ran(
    way: str, condition: str, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict, deed, said = WAYS[way]
    report = checked(tmp_path, condition, deed)
    function = report.functions["rnn_cell_step"]
    assert (function.verdict, function.telling) == (verdict, f"rnn_cell_step/{case}")
    assert said in function.explanation
    others = {one.message for one in report.of("rnn_cell_step") if one.id != function.telling}
    assert all(one.startswith(f"not answered, because of {function.telling}: ") for one in others)
    assert report.functions["rnn_output_layer"].verdict == "conforms"
    words = shlex.split(function.reproduce)
    assert (words[:2], words[-2:]) == (["rnn-ref", "check"], ["--only", f"rnn_cell_step/{case}"])
    assert main(words[1:]) == 1
    assert f"rnn_cell_step/{case}: " in capsys.readouterr().out


@pytest.mark.parametrize("way", WAYS)
def test_of_two_calls_of_a_check_it_is_told_which(way: str, tmp_path: Path) -> None:
    verdict, deed, said = WAYS[way]
    function = checked(tmp_path, "calls.append(x_t.ndim) or calls.count(1) == 4", deed).functions["rnn_cell_step"]
    assert function.verdict == verdict
    assert said in function.explanation
    assert function.explanation.endswith(", when the same call was made again")


def test_a_time_out_names_the_option_and_the_command_keeps_it(tmp_path: Path) -> None:
    function = checked(tmp_path, "x_t.ndim == 2", HANGS).functions["rnn_cell_step"]
    assert function.explanation.endswith("timeout: no answer within 2 s (--timeout allows more)")
    assert "--timeout 2 " in function.reproduce


def test_a_crash_leaves_no_rank_unclaimed(tmp_path: Path) -> None:
    function = checked(tmp_path, "x_t.ndim == 2", DIES).functions["rnn_cell_step"]
    asked = [check for check in frozen.load()[0] if check.function == "rnn_cell_step"]
    assert (function.left_out, function.failed) == ([], len(asked))


def test_what_cannot_be_loaded_again_is_said(tmp_path: Path) -> None:
    once = f"import os\nif os.path.exists({str(tmp_path / 'once')!r}):\n    raise ValueError('only once')\n"
    once += f"open({str(tmp_path / 'once')!r}, 'w').close()\n"
    report = rnn_ref.check(write(tmp_path, f"{once}{HEAD}{STEP}    {DIES}\n"))
    assert report.functions["rnn_cell_step"].explanation.endswith("the process was ended by SIGSEGV")
    function = report.functions["rnn_output_layer"]
    assert function.verdict == "crashed"
    assert "the target could not be loaded again: " in function.explanation
    assert "ValueError: only once (learner.py:3)" in function.explanation


def test_a_copy_of_the_process_that_lives_on_does_not_hide_its_end(tmp_path: Path) -> None:
    forks = "    if x_t.ndim == 2:\n        time.sleep(60 * (os.fork() == 0))\n"
    report = rnn_ref.check(write(tmp_path, f"{HEAD}{STEP}{forks}        {DIES}\n{RIGHT}"), timeout=20.0)
    function = report.functions["rnn_cell_step"]
    assert (function.verdict, function.telling) == ("crashed", "rnn_cell_step/generic-float32")
