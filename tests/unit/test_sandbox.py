"""Targets that exit, crash, hang, fill the memory or bend NumPy: each gets its verdict, and the others theirs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import LEARNER, write

import rnn_ref
from rnn_ref.cli import main

SIGNATURE = "def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):\n"
RIGHT = SIGNATURE + "    return rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)\n"
HEAD = "import ctypes, os, sys, time\nimport numpy as np\nimport rnn_ref\nfrom rnn_ref import rnn_output_layer\n\n"
WRONG = SIGNATURE + "    return [1.01 * h for h in rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)]\n"

ENDINGS = {
    "sys.exit(0)": ("crashed", "raised SystemExit: 0"),
    "os._exit(0)": ("crashed", "the process ended with exit code 0 before it had answered"),
    "ctypes.string_at(0)": ("crashed", "the process was ended by SIGSEGV"),
    "os.kill(os.getpid(), 9)": ("crashed", "the process was ended by SIGKILL"),
    "np.ones(2**37)": ("crashed", "raised "),
    "input()": ("crashed", "raised EOFError"),
    "return rnn_forward(X_seq, h0, W_xh, W_hh, b_h)": ("crashed", "raised RecursionError"),
    "while True: time.sleep(0.01)": ("timeout", "timeout: no answer within 3 s"),
    "while True: pass": ("timeout", "timeout: no answer within 3 s"),
}


@pytest.mark.parametrize("statement", ENDINGS)
def test_what_ends_badly_has_its_verdict_and_the_next_function_is_still_checked(statement: str, tmp_path: Path) -> None:
    verdict, sentence = ENDINGS[statement]
    report = rnn_ref.check(write(tmp_path, f"{HEAD}{SIGNATURE}    {statement}\n"), timeout=3.0)
    assert report.functions["rnn_forward"].verdict == verdict
    assert sentence in report.functions["rnn_forward"].explanation
    assert report.functions["rnn_output_layer"].verdict == "conforms"


BENT = {
    "np.tanh": "np.tanh = lambda x, **k: x",
    "np.abs": "np.abs = lambda x: 0 * np.asarray(x)",
    "np.allclose": "np.allclose = lambda *a, **k: True",
    "np.testing": "np.testing.assert_allclose = lambda *a, **k: None",
    "np.array_equal": "np.array_equal = lambda *a, **k: True",
}


@pytest.mark.parametrize("name", BENT)
def test_bending_numpy_in_the_child_bends_no_verdict(name: str, tmp_path: Path) -> None:
    report = rnn_ref.check(write(tmp_path, f"{HEAD}{BENT[name]}\n{WRONG}"), only="rnn_forward/")
    assert report.functions["rnn_forward"].verdict == "wrong"
    assert rnn_ref.check(only="rnn_forward/").ok


def test_an_object_whose_array_lies_is_judged_by_what_it_gives(tmp_path: Path) -> None:
    liar = "class Liar:\n    def __array__(self, *a, **k):\n        return np.zeros(3)\n    shape = (5, 3, 6)\n\n"
    report = rnn_ref.check(write(tmp_path, f"{HEAD}{liar}{SIGNATURE}    return Liar()\n"))
    assert report.functions["rnn_forward"].verdict == "wrong"
    assert "has shape (3,), expected" in report.functions["rnn_forward"].explanation


def test_the_answer_is_nowhere_in_the_callers_frames(tmp_path: Path) -> None:
    snoop = (
        SIGNATURE
        + "    frame = sys._getframe()\n"
        + "    while frame is not None:\n"
        + "        for value in frame.f_locals.values():\n"
        + "            expected = getattr(value, 'expected', None)\n"
        + "            if expected:\n"
        + "                return expected['h_states']\n"
        + "        frame = frame.f_back\n"
    )
    function = rnn_ref.check(write(tmp_path, HEAD + snoop)).functions["rnn_forward"]
    assert function.verdict == "wrong"
    assert function.mistake == "returns-none"


def test_a_megabyte_of_output_is_no_matter(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    noise = "    os.write(1, b'x' * 2**20)\n    os.write(2, b'y' * 2**20)\n    print('z' * 1000)\n"
    loud = RIGHT.replace(SIGNATURE, SIGNATURE + noise)
    assert main(["check", write(tmp_path, HEAD + loud), "--only", "rnn_forward"]) == 0
    captured = capfd.readouterr()
    assert "x" * 9 + "y" * 9 not in captured.out + captured.err
    assert len(captured.out) < 1000
    assert captured.err == ""


def test_state_kept_between_calls_is_found(tmp_path: Path) -> None:
    keeps = "kept = []\n\ndef rnn_forward(X_seq, h0, W_xh, W_hh, b_h):\n    kept.append(0)\n"
    keeps += "    return [h + 1e-3 * (len(kept) > 1) for h in rnn_ref.rnn_forward(X_seq, h0, W_xh, W_hh, b_h)]\n"
    function = rnn_ref.check(write(tmp_path, HEAD + keeps)).functions["rnn_forward"]
    assert function.verdict == "wrong"
    assert function.passed <= 1
    assert function.failed >= 13


def test_state_that_shows_only_at_the_second_call_is_found_too() -> None:
    calls: list[int] = []

    def rnn_forward(*arguments: Any) -> Any:
        calls.append(0)
        return [h + (len(calls) + 1) % 2 for h in rnn_ref.rnn_forward(*arguments)]

    function = rnn_ref.check({"rnn_forward": rnn_forward}).functions["rnn_forward"]
    assert function.verdict == "wrong"
    assert "right at the first call, but the same call again: h_states: off by 1" in function.explanation


@pytest.mark.parametrize("worse", ["raise ValueError('again')", "return None", "arguments[0][...] = 0"])
def test_what_goes_wrong_only_at_the_second_call_is_wrong(worse: str) -> None:
    source = "def rnn_forward(*arguments):\n    calls.append(0)\n    if len(calls) % 2 == 0:\n        " + worse
    namespace: dict[str, Any] = {"calls": [], "right": rnn_ref.rnn_forward}
    exec(source + "\n    return right(*arguments)", namespace)
    report = rnn_ref.check({"rnn_forward": namespace["rnn_forward"]})
    assert report.functions["rnn_forward"].passed == 0
    assert "right at the first call, but the same call again" in " ".join(str(report).split())


def test_another_order_of_summation_at_the_second_call_is_as_good() -> None:
    rng = np.random.default_rng(0)

    def rnn_output_layer(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        order = rng.permutation(W_hy.shape[1])
        return sum(np.asarray(h_states)[..., [i]] * W_hy[:, i] for i in order) + b_y

    assert rnn_ref.check({"rnn_output_layer": rnn_output_layer}).ok


def test_an_answer_far_too_large_is_told_by_its_shape(tmp_path: Path) -> None:
    big = write(tmp_path, f"{HEAD}{SIGNATURE}    return np.broadcast_to(1.0, (3000, 3000))\n")
    explanation = rnn_ref.check(big, only="rnn_forward/").functions["rnn_forward"].explanation
    assert explanation.endswith("has shape (3000, 3000), far more than any answer")


def test_a_neighbour_may_be_imported_late_and_from_where_the_caller_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "def rnn_cell_step(*a):\n    from unit_late import step\n    return step(*a)\n"
    write(tmp_path, "from rnn_ref import rnn_cell_step as step\n", "unit_late.py")
    assert rnn_ref.check(write(tmp_path, late, "unit_lazy.py")).ok
    monkeypatch.syspath_prepend(str(tmp_path))
    assert rnn_ref.check("unit_lazy").ok


@pytest.mark.slow
def test_loading_again_has_its_own_time(tmp_path: Path) -> None:
    slow = f"import time\ntime.sleep(2)\n{HEAD}{SIGNATURE}    os._exit(0)\n\nfirst = [2]\n\n"
    slow += "def rnn_output_layer(*a):\n    time.sleep(first.pop() if first else 0)\n"
    slow += "    return rnn_ref.rnn_output_layer(*a)\n"
    report = rnn_ref.check(write(tmp_path, slow), timeout=4.0)
    assert report.functions["rnn_output_layer"].verdict == "conforms"


def test_a_parent_that_is_ended_leaves_nothing_behind(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    hangs = f"import os, time\nopen({str(pid)!r}, 'w').write(str(os.getpid()))\nwhile True: time.sleep(0.1)\n"
    path = write(tmp_path, hangs)
    for sent in (signal.SIGTERM, signal.SIGKILL):
        pid.unlink(missing_ok=True)
        parent = subprocess.Popen([sys.executable, "-m", "rnn_ref", "check", path])
        _until(lambda: pid.exists() and pid.read_text())
        parent.send_signal(sent)
        parent.wait()
        _until(lambda: not _is_running(int(pid.read_text())))


def _until(true: Any) -> None:
    for _ in range(500):
        if true():
            return
        time.sleep(0.02)
    pytest.fail("it did not come true within ten seconds")


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import os\nos._exit(0)\n", "cannot be loaded: the process ended with exit code 0 before it had answered"),
        ("import time\ntime.sleep(60)\n", "cannot be loaded: timeout: no answer within 3 s"),
        ("import ctypes\nctypes.string_at(0)\n", "cannot be loaded: the process was ended by SIGSEGV"),
        ("import numpy as np\nx = np.ones(2**37)\n", "cannot be loaded"),
    ],
)
def test_what_cannot_even_be_loaded_is_one_clear_line(
    source: str, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", write(tmp_path, source), "--timeout", "3"]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_nothing_is_left_running(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    child = f"import subprocess\np = subprocess.Popen(['sleep', '60'])\nopen({str(pid)!r}, 'w').write(str(p.pid))\n"
    assert rnn_ref.check(write(tmp_path, child + LEARNER), only="rnn_cell_step").ok
    for _ in range(100):
        if not Path(f"/proc/{pid.read_text()}/cmdline").exists() or not _is_running(int(pid.read_text())):
            return
        time.sleep(0.02)
    pytest.fail("a process the target started is still running")


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return " Z " not in Path(f"/proc/{pid}/stat").read_text()


def test_a_local_file_named_like_a_module_does_not_stand_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "raise RuntimeError('this is not NumPy')", "numpy.py")
    write(tmp_path, "raise RuntimeError('this is not json')", "json.py")
    assert main(["check", "--only", "rnn_cell_step"]) == 0


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        (["--timeout", "0"], "timeout is 0.0, expected a number above 0"),
        (["--timeout", "nan"], "timeout is nan, expected a number above 0"),
        (["--memory", "-1"], "memory is -1, expected at least 512 (MiB)"),
        (["--memory", "200"], "memory is 200, expected at least 512 (MiB)"),  # no target could be loaded in that
    ],
)
def test_limits_leave_room_for_something(option: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", *option]) == 2
    assert expected in capsys.readouterr().err


def test_a_long_complaint_is_cut_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "loud.py"
    path.write_text("def rnn_cell_step(*arguments):\n    raise ValueError('no ' * 10**7)\n", encoding="utf-8")
    found = rnn_ref.check(str(path), timeout=50).functions["rnn_cell_step"]
    assert found.verdict == "crashed"  # not timeout: one such text takes minutes, read letter by letter
    assert len(found.explanation) < 500
