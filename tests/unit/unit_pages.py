"""Pages of the documentation, and their blocks: files to be checked, commands to be run, and what these print."""

import contextlib
import io
import re
import shlex
import subprocess
import sys
from pathlib import Path

from unit_pytest import pytest_in

from rnn_ref.cli import main

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FILE = re.compile(r"<!-- (\w+\.py) (.*?) -->\n```python\n(.*?)```", re.DOTALL)
_BLOCK = re.compile(r"(?:^<!-- (.*?) -->\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def files_on(page):
    """Return name, verdicts by function, and text of every file on a page."""
    found = []
    for name, verdicts, text in _FILE.findall((DOCS / page).read_text("utf-8")):
        told = dict(one.split() for one in verdicts.split(", "))
        found.append((name, told, text))
    return found


def blocks_on(page):
    """Return mark, language and text of every fenced block of a page."""
    return _BLOCK.findall((DOCS / page).read_text("utf-8"))


def walk(page, folder, only=None):
    """Do what a page says in the current folder: write its files, run its commands, see that they print what it shows.

    Returns how many commands were run. With ``only`` those alone that are marked ``in`` that folder.
    """
    printed, ran, here = "", 0, only is None
    for mark, language, text in blocks_on(page):
        if language == "sh" and only is not None:
            here = mark == f"in {only}"
        if mark.startswith("file: "):
            Path(mark.removeprefix("file: ")).write_text(text, "utf-8")
        elif language == "sh" and here:
            printed = "".join(_ran(line, folder) for line in text.splitlines())
            ran += len(text.splitlines())
        elif language == "text" and here and not mark:
            for line in text.splitlines():
                assert _plain(line) in _plain(printed), (line, printed)
    return ran


def _ran(line, folder):
    words = shlex.split(line)
    if words[0] == "rnn-ref":
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = main(words[1:])
        assert code == ("NOT OK" in out.getvalue())
        return out.getvalue()
    if words[0] == "pytest":
        return pytest_in(folder, *words[1:]).stdout
    assert words[0] == "python", line
    return subprocess.run([sys.executable, *words[1:]], capture_output=True, text=True, check=True).stdout


def _plain(text):
    return " ".join(text.split())
