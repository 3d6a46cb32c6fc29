"""The README's example project, with this tree; ``.ci/run`` does the same with the wheel, without PyTorch."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "example_project.py"


@pytest.mark.slow
def test_the_readmes_project_is_red_as_printed_and_green_when_mended() -> None:
    command = [sys.executable, str(SCRIPT), "-p", "rnn_ref.pytest_plugin", "-p", "no:cacheprovider"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 5
