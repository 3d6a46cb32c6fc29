"""Windows and macOS, as far as that can be told here; and the source distribution, which others test from."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest
from unit_reports import mixed, pytorch_off

import rnn_ref
from rnn_ref.conformance.options import Options

ROOT = Path(__file__).parents[2]
POSIX_ALONE = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
OF_ITSELF = {"README.md", "LICENSE", "pyproject.toml", ".gitignore"}  # what the builder puts in unasked


def imported_at_once(path: Path) -> set[str]:
    """Return what a file imports as it is imported itself."""
    found = set()
    nodes: list[ast.AST] = [*ast.parse(path.read_text("utf-8")).body]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {node.module or ""}
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            nodes += ast.iter_child_nodes(node)
    return {name.partition(".")[0] for name in found}


def test_no_module_needs_what_posix_alone_has() -> None:
    files = [*Path(rnn_ref.__file__).parent.rglob("*.py")]
    assert not {file.name: found for file in files if (found := imported_at_once(file) & POSIX_ALONE)}


@pytest.mark.parametrize("target", ["my rnn.py", r"C:\my files\rnn.py"])
def test_the_line_to_repeat_is_quoted_for_the_shell_at_hand(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Options().command(target) == f"rnn-ref check '{target}'"
    monkeypatch.setattr("rnn_ref.conformance.options.sys.platform", "win32")
    assert Options().command(target) == f'rnn-ref check "{target}"'


def test_a_console_of_windows_shows_every_letter_of_a_report() -> None:
    for report in (mixed(), pytorch_off()):
        text = report.to_text(full=True)
        assert text.encode("cp1252").decode("cp1252") == text


def test_the_source_distribution_holds_all_that_is_kept() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"]["targets"]["sdist"]
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no repository: this is the source distribution")
    kept = {line.partition("/")[0] for line in listed.splitlines()}
    assert kept - OF_ITSELF == {name.removeprefix("/") for name in asked["include"]}
