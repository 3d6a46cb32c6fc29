"""The processes of targets: the first is started, the others are forks of one that has loaded what all need."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit_learner import LEARNER, write
from unit_processes import until

import rnn_ref
from rnn_ref.conformance.run import exchange, forks, sandbox
from rnn_ref.conformance.targets.builtins import FRAMEWORKS, Framework

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks are taken on Linux alone")
TELLS = "import os, sys\nwith open({!r}, 'a') as told:\n    print(os.getppid(), *[{}], file=told)\n"


@pytest.fixture(autouse=True)
def own(monkeypatch: pytest.MonkeyPatch) -> Iterator[forks.Forks]:
    """Forks of this test alone."""
    mine = forks.Forks()
    monkeypatch.setattr(sandbox, "FORKS", mine)
    yield mine
    mine.close()


def told(folder: Path, what: str = "", checks: int = 1, before: str = "") -> list[list[str]]:
    """Check a target that tells of its parent, and of something else; return all that was told so far."""
    file = folder / "told.txt"
    for _ in range(checks):
        assert rnn_ref.check(write(folder, before + LEARNER + TELLS.format(str(file), what)), only="generic-float64").ok
    return [line.split() for line in file.read_text().splitlines()]


def test_the_first_is_started_and_the_others_have_one_parent(tmp_path: Path) -> None:
    first, *others = [parent for parent, *_ in told(tmp_path, checks=3)]
    assert first == str(os.getpid())
    assert len(set(others)) == 1
    assert others[0] != first


def test_a_fork_has_the_environment_and_the_folder_of_the_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    what = "os.environ.get('OF_THE_MOMENT'), os.getcwd(), len(os.listdir('/proc/self/fd'))"
    told(tmp_path, what, checks=2)
    monkeypatch.setenv("OF_THE_MOMENT", "now")
    monkeypatch.chdir(tmp_path)
    first, second, third = told(tmp_path, what)
    descriptors = str(int(first[3]) - 1)  # none more than in a process that was started, which keeps that of its board
    assert second == [second[0], "None", first[2], descriptors]
    assert third == [second[0], "now", str(tmp_path), descriptors]


def test_what_acts_at_the_start_of_python_starts_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(tmp_path, "hash('a')", checks=2)
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    third = told(tmp_path, "hash('a')")[-1]
    alone = subprocess.run([sys.executable, "-c", "print(hash('a'))"], capture_output=True, text=True, check=True)
    assert third == [str(os.getpid()), alone.stdout.strip()]


def test_an_environment_too_long_for_a_request_is_no_matter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told(tmp_path, checks=2)
    for i in range(4):
        monkeypatch.setenv(f"LONG_{i}", "x" * 100_000)
    assert told(tmp_path)[-1] == [str(os.getpid())]


def test_with_the_stem_its_forks_are_ended_and_the_next_are_those_of_another(tmp_path: Path, own: forks.Forks) -> None:
    stem = int(told(tmp_path, checks=2)[-1][0])
    slow = "import os, signal, time\n" + LEARNER.replace('    """One step."""\n', "    time.sleep(60)\n")
    killer = threading.Timer(1.0, os.kill, (stem, signal.SIGKILL))
    killer.start()
    function = rnn_ref.check(write(tmp_path, slow), only="rnn_cell_step/generic-float64").functions["rnn_cell_step"]
    killer.join()
    assert function.verdict == "crashed"
    assert "SIGKILL" in function.explanation
    again = told(tmp_path)[-1][0]
    assert again not in {str(stem), str(os.getpid())}


def test_where_the_system_does_not_tell_of_ends_no_fork_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> int:
        raise OSError("Function not implemented")

    monkeypatch.setattr(os, "pidfd_open", refused)
    assert [parent for parent, *_ in told(tmp_path, checks=3)] == [str(os.getpid())] * 3


def test_no_descriptor_and_no_process_is_left(tmp_path: Path, own: forks.Forks) -> None:
    told(tmp_path, checks=2)
    stem = int(told(tmp_path)[-1][0])
    own_files = Path("/proc/self/fd")
    before = len([*own_files.iterdir()])
    told(tmp_path, checks=3)
    until(lambda: len([*own_files.iterdir()]) <= before)
    assert Path(f"/proc/{stem}/task/{stem}/children").read_text() == ""
    own.close()
    with contextlib.suppress(FileNotFoundError):
        assert Path(f"/proc/{stem}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_fork_knows_what_was_asked_before_and_is_told_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(tmp_path, checks=2)
    asked: list[str] = []
    tell = exchange.asked
    monkeypatch.setattr(exchange, "asked", lambda request: asked.append(request.function) or tell(request))
    target = write(tmp_path, LEARNER)
    assert rnn_ref.check(target, only="generic-float64").ok
    assert asked == []
    assert rnn_ref.check(target, only="rnn_forward/*").ok
    assert asked != []


def test_the_call_in_which_a_fork_ends_or_hangs_is_known(tmp_path: Path) -> None:
    told(tmp_path, checks=2)
    dies = LEARNER.replace("    total = 0.0\n", "    total = 0.0\n    if len(logits_seq) == 1: {}\n")
    for what, verdict in (("import os; os._exit(3)", "crashed"), ("__import__('time').sleep(60)", "timeout")):
        found = rnn_ref.check(write(tmp_path, dies.format(what)), only="rnn_sequence_loss/*", timeout=2.0)
        assert found.functions["rnn_sequence_loss"].verdict == verdict
        assert found.functions["rnn_sequence_loss"].telling == "rnn_sequence_loss/one-step-single-float32"


def test_a_fork_of_this_process_has_no_stem_yet(tmp_path: Path, own: forks.Forks) -> None:
    stem = told(tmp_path, checks=2)[-1][0]
    process = os.fork()
    if process == 0:
        with contextlib.suppress(BaseException):
            own.forget()
            told(tmp_path, checks=2)
        os._exit(0)
    os.waitpid(process, 0)
    *_, first, second = [parent for parent, *_ in told(tmp_path)[:-1]]
    assert first == str(process)
    assert second not in {str(process), stem}
    assert told(tmp_path)[-1][0] == stem


def test_what_needs_a_framework_is_a_fork_of_one_that_has_imported_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "on the path"
    path.mkdir()
    write(path, "import os\nIMPORTED_BY = os.getpid()\n", "framework.py")
    monkeypatch.setenv("PYTHONPATH", str(path), prepend=os.pathsep)
    monkeypatch.setitem(FRAMEWORKS, "framework", Framework(("framework",), forked=("framework",)))
    plain = [told(tmp_path)[-1] for _ in range(2)]
    needs = "os.getpid(), __import__('framework').IMPORTED_BY"
    first, second = [told(tmp_path, needs, before="import framework\n")[-1] for _ in range(2)]
    assert first[::2] == second[::2] == [first[0], first[0]]  # its parent has imported it
    assert first[0] not in {*plain[0], *plain[1]}
    assert told(tmp_path)[-1] == plain[1]  # and the others go without
