"""pytest run in a project of its own, with the plugin, whether or not this environment has it by entry point."""

import os
import subprocess
import sys
from pathlib import Path

ELSEWHERE = ("CI", "BUILD_NUMBER", "COLUMNS", "GITHUB_")  # where pytest prints long lines whole, or wider ones
CONFIG = '[pytest]\nstrict = true\nfilterwarnings = ["error"]\n'


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a folder, strict as our own, and return what it said."""
    config = folder / "pytest.toml"
    if not config.exists():
        config.write_text(CONFIG)
    command = [sys.executable, "-m", "pytest", "-p", "rnn_ref.pytest_plugin", "-p", "no:cacheprovider", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", *ELSEWHERE))}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def results(printed: str) -> dict[str, str]:
    """Return the results by node id, of a run with ``-v``."""
    lines = [line.split() for line in printed.splitlines() if "::" in line]
    words = {"PASSED", "FAILED", "SKIPPED", "ERROR", "XFAIL"}
    return {line[0]: line[1] for line in lines if len(line) > 1 and line[1] in words}
