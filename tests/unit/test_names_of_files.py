"""Names of files with signs that mean something elsewhere, # before a part and ends of lines; and what a file holds."""

import os
from pathlib import Path

import pytest
from unit_learner import LEARNER, write

from rnn_ref.conformance import check_several
from rnn_ref.conformance.reports.journal import key_of
from rnn_ref.conformance.targets.from_text.by_text import parted

pytestmark = pytest.mark.skipif(os.name == "nt", reason="such names are none on Windows")


def test_a_file_may_have_the_sign_of_a_part_in_its_name(tmp_path: Path) -> None:
    path = write(tmp_path, "", "hw#2.py")
    assert parted(path) == (path, "")
    assert parted(f"{path}:MyRNN") == (f"{path}:MyRNN", "")
    assert parted(f"{path}:net#rnn") == (f"{path}:net", "rnn")
    assert parted("model.py:net#rnn") == ("model.py:net", "rnn")
    assert parted("pkg.model:net#rnn#2") == ("pkg.model:net", "rnn#2")


def test_each_is_checked_and_stands_in_a_line_of_its_own(tmp_path: Path) -> None:
    names = ["hw#2.py", "#.py", "a\nok: 9 of 9 targets conform.py"]
    reports = check_several([write(tmp_path, LEARNER, one) for one in names], only="rnn_cell_step/single")
    assert [one.ok for one in reports] == [True] * 3
    assert all("\n" not in one.target for one in reports)
    assert "\nok: 9 of 9" not in str(reports)


@pytest.mark.parametrize("target", ["hw#2.py", "hw.py:MyRNN", "hw#2.py:MyRNN", "hw.py:net#rnn"])
def test_what_a_file_holds_now_tells_a_target_from_what_it_was(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "x = 1", target.partition(".py")[0] + ".py")
    before = key_of(target, None, "1")
    write(tmp_path, "x = 2", target.partition(".py")[0] + ".py")
    assert key_of(target, None, "1") != before


def test_what_is_no_file_is_the_line_of_its_target(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "nowhere.py").symlink_to("there_is_none")
    (tmp_path / "endless.py").symlink_to("/dev/zero" if Path("/dev/zero").exists() else "fifo.py")
    names = ["fifo.py", "loop.py", "nowhere.py", "endless.py", "right.py"]
    *odd, right = check_several([str(tmp_path / one) for one in [*names[:-1], write(tmp_path, LEARNER, names[-1])]])
    assert right.ok
    ends = [one.error.partition(f"{name}: ")[2].partition(",")[0] for one, name in zip(odd, names, strict=False)]
    assert ends == ["is no regular file", "no such file", "no such file", "is no regular file"]
