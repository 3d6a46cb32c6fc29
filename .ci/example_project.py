"""The README's project under its own CI, by the Python that runs this: as printed, and with its mistake mended.

python .ci/example_project.py [PYTEST_ARGUMENT ...]     none where the plugin is installed, as from a wheel
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).resolve().parents[1] / "README.md"
MISTAKE, MENDED = "rnn_cell_step(x_t, h0,", "rnn_cell_step(x_t, h,"
PASSED, FAILED = 0, 1


def block(name: str) -> str:
    """Return a file as the README shows it."""
    found = re.search(rf"<!-- {re.escape(name)} -->\n```python\n(.*?)```\n", README.read_text("utf-8"), re.DOTALL)
    if found is None:
        raise SystemExit(f"README.md does not show {name}")
    return found.group(1)


def run(folder: str, code: int, text: str, *arguments: str) -> None:
    """Run pytest in the project; its exit code and what it says must be as told."""
    command = [sys.executable, "-m", "pytest", "-ra", *sys.argv[1:], *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != code or text not in done.stdout:
        raise SystemExit(
            f"{command}: exit code {done.returncode}, expected {code} and {text!r}\n{done.stdout}{done.stderr}"
        )
    print(f"{' '.join(arguments) or 'pytest'}: {done.stdout.splitlines()[-1].strip('= ')}")


def main() -> None:
    """Write the project out and put it to the test."""
    source = block("my_rnn.py")
    if MISTAKE not in source:
        raise SystemExit(f"the README's my_rnn.py no longer has {MISTAKE!r} in it")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "test_my_rnn.py").write_text(block("test_my_rnn.py"), encoding="utf-8")
        for text, code in ((source, FAILED), (source.replace(MISTAKE, MENDED), PASSED)):
            Path(folder, "my_rnn.py").write_text(text, encoding="utf-8")
            told = "FAILED {}rnn_forward/long-float64" if code else " passed, "
            run(folder, code, told.format("test_my_rnn.py::test_my_rnn[mine-"), "test_my_rnn.py")
            run(folder, code, told.format("rnn_ref::my_rnn::"), "--rnn-ref", "my_rnn", "-k", "not test_my_rnn")
        run(folder, FAILED, "rnn_bptt: required, but not there", "--rnn-ref", "my_rnn", "--rnn-ref-require", "rnn_bptt")


if __name__ == "__main__":
    main()
