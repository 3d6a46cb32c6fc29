"""However a check is ended, at whatever moment, no process of it is left, and no folder."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from unit_learner import write
from unit_processes import until

from rnn_ref.conformance.run import guard, watch

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at /proc")

NOTES = "import ctypes, os, time\nopen({0!r} + str(os.getpid()), 'w').close()\n"
HOLDS_THE_LOCK = NOTES + "ctypes.PyDLL(None).sleep(600)\n"  # PyDLL keeps the interpreter's lock: no thread gets on
SLEEPS = NOTES + "time.sleep(600)\n"
HELPED = "import subprocess\nwith subprocess.Popen(['sleep', '600']) as helper:\n"
HELPED += "    open({0!r} + str(helper.pid), 'w').close()\n"


def checking(*targets: str, folder: Path, **given: Any) -> "subprocess.Popen[bytes]":
    """Start a check whose temporary files go to a folder of its own."""
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "rnn_ref", "check", *targets]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=os.environ | {"TMPDIR": str(scratch)}, **(quiet | given))


def noted(folder: Path, source: str) -> Path:
    """Write a target that notes its number, and return where it does."""
    pids = folder / "pids"
    pids.mkdir(exist_ok=True)
    write(folder, source.format(f"{pids}/"))
    return pids


def children_of(process: int) -> set[int]:
    """Return the processes that a process, or one of those, has started."""
    found: set[int] = set()
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
        found |= {int(stat.parent.name)} if parent == process else set()
    return found | {one for child in found for one in children_of(child)}


def runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.parametrize(("source", "sent"), [(HOLDS_THE_LOCK, "SIGHUP"), (NOTES + HELPED, "SIGKILL")])
def test_a_child_that_hears_nothing_and_what_it_has_started_end_with_the_parent(
    source: str, sent: str, tmp_path: Path
) -> None:
    pids = noted(tmp_path, source)
    parent = checking(str(tmp_path / "learner.py"), folder=tmp_path)
    until(lambda: len(list(pids.iterdir())) == source.count(".close()"))
    parent.send_signal(getattr(signal, sent))
    assert parent.wait(10) == {"SIGHUP": 128 + signal.SIGHUP, "SIGKILL": -signal.SIGKILL}[sent]
    until(lambda: not any(runs(int(one.name)) for one in pids.iterdir()))
    assert list((tmp_path / "scratch").iterdir()) == []


@pytest.mark.parametrize("moment", [0.05, 0.25, 0.5])
def test_at_no_moment_of_the_start_is_anything_left(moment: float, tmp_path: Path) -> None:
    write(tmp_path, SLEEPS.format(f"{tmp_path}/"))
    parent = checking(str(tmp_path / "learner.py"), folder=tmp_path)
    time.sleep(moment)
    started = children_of(parent.pid)
    parent.kill()
    parent.wait()
    until(lambda: not any(runs(one) for one in started))


@pytest.mark.parametrize("killed", ["the watcher", "nothing"])
def test_each_of_the_two_guards_does_alone(killed: str, tmp_path: Path) -> None:
    pids = noted(tmp_path, HOLDS_THE_LOCK if killed == "the watcher" else NO_SIGNAL + HOLDS_THE_LOCK)
    parent = checking(str(tmp_path / "learner.py"), folder=tmp_path)
    until(lambda: list(pids.iterdir()))
    (child,) = (int(one.name) for one in pids.iterdir())
    for other in children_of(parent.pid) - {child} if killed == "the watcher" else ():
        os.kill(other, signal.SIGKILL)
    parent.kill()
    parent.wait()
    until(lambda: not runs(child))


FORKED = "ignore:os.fork"  # of JAX, where another test has imported it
NO_SIGNAL = "import ctypes\nctypes.CDLL(None).prctl(1, 0)\n"  # the target takes back what Linux was asked for


@pytest.mark.filterwarnings(FORKED)
def test_a_hangup_ends_a_whole_class_and_nohup_keeps_it(tmp_path: Path) -> None:
    pids = noted(tmp_path, SLEEPS)
    write(tmp_path, SLEEPS.format(f"{pids}/"), "other.py")
    parent = checking(str(tmp_path / "learner.py"), str(tmp_path / "other.py"), "-j", "2", folder=tmp_path)
    until(lambda: len(list(pids.iterdir())) == 2)
    parent.send_signal(signal.SIGHUP)
    assert parent.wait(10) == 128 + signal.SIGHUP
    until(lambda: not any(runs(int(one.name)) for one in pids.iterdir()))
    kept = checking("--only", "rnn_cell_step/", folder=tmp_path, preexec_fn=_ignores_hangups)
    time.sleep(0.3)
    kept.send_signal(signal.SIGHUP)
    assert kept.wait(60) == 0


def _ignores_hangups() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


@pytest.mark.filterwarnings(FORKED)
def test_a_fork_of_this_process_has_a_guard_of_its_own() -> None:
    """What a pool of processes does: a thread of the parent is not there to start anything for the child."""
    with guard.GUARD.start([sys.executable, "-c", ""]) as first:
        first.wait()
    read, write_end = os.pipe()
    if not (pid := os.fork()):
        signal.alarm(30)
        with guard.GUARD.start([sys.executable, "-c", ""]) as second:
            os.write(write_end, b"%d" % second.wait())
        guard.GUARD.close()
        os._exit(0)
    os.close(write_end)
    assert os.waitpid(pid, 0) == (pid, 0)
    assert os.read(read, 1) == b"0"
    os.close(read)


def test_without_process_groups_the_process_itself_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows, where there is neither killpg nor SIGKILL."""
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with subprocess.Popen(command) as left, subprocess.Popen(command) as ended:
        with monkeypatch.context() as without:
            without.delattr("os.killpg")
            without.delattr("signal.SIGKILL")
            watch.watch([f"+ {ended.pid}\n", f"+ {left.pid}\n", f"- {ended.pid}\n"])
        try:
            assert left.wait(10) == -signal.SIGTERM
            assert ended.poll() is None
        finally:
            left.kill()
            ended.kill()
