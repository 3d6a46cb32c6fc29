"""Put what is measured into README and docs: the reports of the README's example, scripts/parity_table.py's tables.

python scripts/refresh_readme.py           all blocks (the tables take a minute)
python scripts/refresh_readme.py report    only the reports
"""

import argparse
import contextlib
import io
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from rnn_ref.cli import main as rnn_ref_main

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
WHY = ROOT / "docs" / "why"
PYTEST = ROOT / "docs" / "do" / "ci.md"
TABLES = {"parity": WHY / "parity.md", "confident": WHY / "parity.md", "parting": WHY / "parting.md"}  # as printed


def example(readme: str) -> str:
    """Return the source of my_rnn.py as the README shows it."""
    return _block(readme, "my_rnn.py").group("body")


def report(readme: str) -> str:
    """Return what ``rnn-ref check my_rnn.py`` prints for the README's example."""
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.chdir(folder),
        contextlib.redirect_stdout(io.StringIO()) as out,
    ):
        Path("my_rnn.py").write_text(example(readme), encoding="utf-8")
        rnn_ref_main(["check", "my_rnn.py"])
    return out.getvalue()


def pytest_report(readme: str, page: str) -> str:
    """Return what the pytest command of the page on CI prints for the README's example."""
    arguments = shlex.split(re.findall(r"`pytest (-q .*?)`", page)[0])
    command = [sys.executable, "-m", "pytest", "-p", "rnn_ref.pytest_plugin", "-p", "no:cacheprovider", *arguments]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "my_rnn.py").write_text(example(readme), encoding="utf-8")
        return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=False).stdout


def replaced(readme: str, marker: str, body: str) -> str:
    """Return a page with the fenced block or the table behind a marker replaced."""
    match = _block(readme, marker)
    start, end = match.span("body")
    return readme[:start] + body + readme[end:]


def _block(readme: str, marker: str) -> re.Match[str]:
    fenced = re.search(rf"<!-- {re.escape(marker)} -->\n```\w+\n(?P<body>.*?)```\n", readme, re.DOTALL)
    table = re.search(rf"<!-- {re.escape(marker)} -->\n(?P<body>(?:\|.*\n)*)", readme)
    match = fenced or table
    if match is None:
        raise SystemExit(f"no marker <!-- {marker} -->")
    return match


def _tables() -> dict[str, str]:
    """Return the tables that parity_table.py prints, in their order."""
    command = [sys.executable, str(ROOT / "scripts" / "parity_table.py")]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    tables = re.findall(r"(?:^\|.*\n)+", printed, re.MULTILINE)
    return dict(zip(TABLES, tables, strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("which", nargs="?", choices=("all", "report"), default="all", help="what to refresh")
    which = parser.parse_args().which
    readme = README.read_text(encoding="utf-8")
    README.write_text(replaced(readme, "report", report(readme)), encoding="utf-8")
    page = PYTEST.read_text(encoding="utf-8")
    PYTEST.write_text(replaced(page, "pytest", pytest_report(readme, page)), encoding="utf-8")
    for marker, table in _tables().items() if which == "all" else ():
        text = TABLES[marker].read_text(encoding="utf-8")
        TABLES[marker].write_text(replaced(text, marker, table), encoding="utf-8")


if __name__ == "__main__":
    main()
