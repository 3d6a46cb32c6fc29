"""``.ci/full versions`` tries every Python that is there, whatever fails before, and says at the end what did."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FULL = Path(__file__).resolve().parents[2] / ".ci" / "full"
# A stand-in for ``python3.N``, and for what its environment has: it notes which NumPy is asked for, and PYTHONPATH.
STANDS_IN = """#!/bin/sh
case "$*" in
  *"print(sys.version_info[1])"*) echo MINOR ;;
  -V) echo "Python 3.MINOR.0" ;;
  "-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp "$0" "$3/bin/pip" ;;
  "install "*) echo "3.MINOR $3 ${PYTHONPATH-unset}" >>"$NOTES" ;;
  "-m pytest "*) cat >/dev/null; exit FAILS ;;
  *) exit 0 ;;
esac
"""
IS_THERE = all(shutil.which(name) for name in ("bash", "sort", "mktemp"))


def _with(folder: Path, name: str, minor: int, *, fails: bool = False, broken: bool = False) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    text = STANDS_IN.replace("MINOR", str(minor)).replace("FAILS", str(int(fails)))
    path.write_text("#!/bin/sh\nexit 1\n" if broken else text)
    path.chmod(0o755)


@pytest.mark.skipif(os.name == "nt" or not IS_THERE, reason="no bash here")
def test_every_python_is_tried_whatever_fails_before(tmp_path: Path) -> None:
    bin_, pyenv = tmp_path / "bin", tmp_path / "pyenv"
    for minor in range(11, 16):  # those of this machine are hidden
        _with(bin_, f"python3.{minor}", minor, broken=minor > 12, fails=minor == 11)
    _with(pyenv, "versions/3.13.9/bin/python3", 13)
    _with(pyenv, "versions/3.13.10/bin/python3", 13, fails=True)  # the newest, though a text before the other
    notes = tmp_path / "notes"
    variables = {"PATH": f"{bin_}{os.pathsep}{os.environ['PATH']}", "PYENV_ROOT": str(pyenv), "NOTES": str(notes)}
    done = subprocess.run(
        ["bash", str(FULL), "versions"],
        env={**os.environ, **variables, "PYTHONPATH": "elsewhere"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    asked = [("3.11", "numpy==2.0.*"), ("3.11", "numpy"), ("3.12", "numpy==2.0.*"), ("3.12", "numpy")]
    asked += [("3.13", "numpy==2.1.*"), ("3.13", "numpy")]
    assert notes.read_text().splitlines() == [f"{python} {numpy} unset" for python, numpy in asked]
    failed = [f"failed: Python {python}.0, {numpy}" for python, numpy in asked if python != "3.12"]
    assert (done.returncode, done.stderr.splitlines()) == (1, failed)
