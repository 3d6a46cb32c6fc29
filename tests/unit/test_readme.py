"""The README is true and short: its example runs, its report is what is printed. The rest is in ``test_docs.py``."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
from unit_pages import DOCS, blocks_on
from unit_pytest import pytest_in

from rnn_ref import cli
from rnn_ref.conformance.spec import OPERATIONS

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def masked(report: str) -> str:
    """Take out what another processor or a busier one may print otherwise: rounding errors and seconds."""
    return re.sub(r" +\d\.\de-1\d(?=[ ,;]|$)|\d+\.\d+ ?s$", "#", report, flags=re.MULTILINE)


def test_the_first_two_shell_blocks_are_one_command_each() -> None:
    assert blocks("sh")[:2] == [
        "pip install . && rnn-ref check\n",
        'pip install -e ".[test]" -c constraints.txt && pytest -n auto\n',
    ]


def test_the_report_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = next(block for block in blocks("python") if "def rnn_forward" in block)
    Path("my_rnn.py").write_text(source, encoding="utf-8")
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        assert cli.main(["check", "my_rnn.py"]) == 1
    shown = next(block for block in blocks("text") if block.startswith("my_rnn.py: suite"))
    assert masked(printed.getvalue()) == masked(shown)


def test_so_is_what_pytest_prints(tmp_path: Path) -> None:
    source = next(block for block in blocks("python") if "def rnn_forward" in block)
    (tmp_path / "my_rnn.py").write_text(source, encoding="utf-8")
    page = (DOCS / "do" / "ci.md").read_text(encoding="utf-8")
    printed = pytest_in(tmp_path, *shlex.split(re.findall(r"`pytest (-q .*?)`", page)[0])).stdout
    shown = next(text for mark, _, text in blocks_on("do/ci.md") if mark == "pytest")
    assert masked(printed) == masked(shown)


def test_every_function_of_the_suite_is_in_the_glossary() -> None:
    forwards = {name for name in OPERATIONS if not name.endswith("_backward")}
    assert all(f"{name}(" in README for name in forwards)


def test_it_is_short() -> None:
    assert len(README.splitlines()) <= 180


def test_contributing_is_short_and_the_changelog_knows_the_version() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 60
    assert f"## {cli.__version__}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_changelog_says_nothing_twice() -> None:
    """What two branches have written at one place is easily there twice once they are joined."""
    words = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").split()
    runs = [" ".join(words[i : i + 8]) for i in range(len(words) - 8)]
    assert sorted({one for one in runs if runs.count(one) > 1}) == []
