"""Targets checked by an executor of the user's: processes here, and whatever else has that interface."""

import importlib.util
import multiprocessing
import os
import subprocess
import sys
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from unit_learner import write

import rnn_ref
from rnn_ref.cli import main

RIGHT = "import numpy as np\ndef rnn_cell_step(x, h, W, U, b):\n    return np.tanh(x @ W.T + h @ U.T + b)\n"
# ends the worker that checks it, once: never the process of the tests, which is given by its number
ENDS_ITS_WORKER = """
import os, pathlib, signal
done = pathlib.Path({done!r})
if not done.exists() and os.getppid() != {tests}:
    done.touch()
    os.kill(os.getppid(), signal.SIGKILL)
"""
# ends every worker of a cluster that checks it: its name stands in the command line, which that of the script does not
ENDS_EACH_WORKER = """
import os, pathlib, signal
parent = os.getppid()
while parent > 1 and b"spawn_main" not in pathlib.Path(f"/proc/{{parent}}/cmdline").read_bytes():
    parent = int(pathlib.Path(f"/proc/{{parent}}/stat").read_text().rpartition(")")[2].split()[1])
if parent > 1:
    os.kill(parent, signal.SIGKILL)
"""
CLUSTER = """
import os, signal, sys
import rnn_ref

def kill(done, of, which):
    if {first} and done == 3:
        os.kill(min(workers.values()), signal.SIGKILL)

if __name__ == "__main__":
    from distributed import Client, LocalCluster
    local = dict(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1", silence_logs=50)
    with LocalCluster(**local) as cluster, Client(cluster) as client:
        workers = client.run(os.getpid)
        reports = rnn_ref.check_several([sys.argv[1]], executor=client.get_executor(), progress=kill)
        print(len(reports), reports.ok, client.run(os.getpid) != workers)
"""


class Elsewhere(Executor):
    """Does as it is told at once, and notes what that was."""

    def __init__(self) -> None:
        self.asked: list[Any] = []

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.asked.append(arguments)
        future = Future[Any]()
        future.set_result(function(*arguments, **named))
        return future


def test_targets_are_checked_by_the_executor_and_it_is_left_open(tmp_path: Path) -> None:
    targets = [write(tmp_path, RIGHT, f"{name}.py") for name in ("anna", "ben")]
    elsewhere = Elsewhere()
    reports = rnn_ref.check_several(targets, executor=elsewhere, only="rnn_cell_step/generic*")
    assert [report.target for report in reports] == targets
    assert [target for target, _ in elsewhere.asked] == targets
    assert reports.ok


def test_what_an_executor_loses_in_its_own_way_is_checked_here(tmp_path: Path) -> None:
    class Loses(Elsewhere):
        def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
            if arguments[0].endswith("anna.py"):
                return super().submit(function, *arguments, **named)
            future = Future[Any]()
            future.set_exception(RuntimeError("the worker was killed four times"))
            return future

    targets = [write(tmp_path, RIGHT, f"{name}.py") for name in ("anna", "ben", "cy")]
    reports = rnn_ref.check_several(targets, executor=Loses(), only="rnn_cell_step/generic*")
    assert [(report.target, report.ok) for report in reports] == [(target, True) for target in targets]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason="distributed is not installed")
@pytest.mark.parametrize("ends", [False, True])
def test_a_cluster_of_dask_of_which_a_worker_is_killed(tmp_path: Path, *, ends: bool) -> None:
    """Its targets are done again: by another worker, or here, if it is a target that ends each worker."""
    for name in map(str, range(8)):
        write(tmp_path, RIGHT, f"{name}.py")
    if ends:
        write(tmp_path, ENDS_EACH_WORKER.format() + RIGHT, "ends.py")
    script = write(tmp_path, CLUSTER.format(first=not ends), "cluster.script")
    command = [sys.executable, "-W", "ignore", script, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, f"{9 if ends else 8} True True\n"), done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="kills a process")
def test_what_is_lost_with_a_worker_is_checked_again(tmp_path: Path) -> None:
    ends = ENDS_ITS_WORKER.format(done=str(tmp_path / "done"), tests=os.getpid())
    targets = [write(tmp_path, f"{ends}{RIGHT}", "ends.py"), write(tmp_path, RIGHT, "right.py")]
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        reports = rnn_ref.check_several(targets, executor=pool, only="rnn_cell_step/generic*")
    assert (tmp_path / "done").exists()
    assert [(report.target, report.ok) for report in reports] == [(target, True) for target in targets]


def test_the_command_line_takes_a_factory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    write(tmp_path, "from test_executor import Elsewhere\nmade = []\n", "unit_factory.py")
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    (tmp_path / "class").mkdir()
    write(tmp_path / "class", RIGHT)
    command = ["check", str(tmp_path / "class"), "--only", "rnn_cell_step/generic*", "--executor"]
    assert main([*command, "unit_factory:Elsewhere"]) == 0
    assert main([*command, "unit_factory:list"]) == 2
    assert main([*command, "unit_factory:dict.fromkeys"]) == 2
    assert "--executor unit_factory:list makes no executor: AttributeError" in capsys.readouterr().err
    write(tmp_path, "made = list\n", "unit_list.py")
    assert main([*command, "unit_list:made"]) == 2
    assert "--executor unit_list:made makes a list, expected an Executor" in capsys.readouterr().err
