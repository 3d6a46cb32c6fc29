"""docs/do/modules-and-files.md is true: its files are written, its programs run, its commands print what it shows."""

import contextlib
import importlib.util
import io
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from rnn_ref.cli import main

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "do" / "modules-and-files.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?:<!-- (.*?) -->\n)?^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NEEDS = [one for one in ("keras", "onnx", "onnxruntime") if importlib.util.find_spec(one) is None]


def plain(text):
    return " ".join(text.split())


class ThePage(unittest.TestCase):
    @unittest.skipIf(NEEDS, f"{', '.join(NEEDS)} not installed")
    def test_every_block_runs_and_prints_what_it_says(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(contextlib.chdir(folder))
        printed, done = "", []
        for mark, language, text in BLOCKS:
            if mark.startswith("file: "):
                Path(mark.removeprefix("file: ")).write_text(text, encoding="utf-8")
            elif mark == "run":
                Path("block.py").write_text(f"import os\nos.environ.setdefault('KERAS_BACKEND', 'torch')\n{text}")
                ran = subprocess.run([sys.executable, "block.py"], capture_output=True, text=True, check=False)
                self.assertEqual(ran.returncode, 0, ran.stderr)
            elif language == "sh":
                self.assertTrue(text.startswith("rnn-ref "))
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    code = main(text.split()[1:])
                printed = plain(out.getvalue())
                self.assertEqual(code, "NOT OK" in printed)
            else:
                for line in re.split(r"\n(?! {4})", text.rstrip()):  # what is wrapped belongs to the line above
                    self.assertIn(plain(line), printed)
            done.append(language)
        self.assertEqual([done.count(one) for one in ("python", "sh", "text")], [4, 5, 5])

    @unittest.skipIf(NEEDS, f"{', '.join(NEEDS)} not installed")
    def test_so_does_the_example_to_copy(self):
        folder = Path(self.enterContext(tempfile.TemporaryDirectory())) / "export"
        shutil.copytree(DOCS / "examples" / "export", folder)
        self.enterContext(contextlib.chdir(folder))
        page = (DOCS / "examples" / "index.md").read_text(encoding="utf-8")
        shell = re.search(r"<!-- in docs/examples/export -->\n```sh\n(.*?)\n(.*?)\n```\n\n```text\n(.*?)\n```", page)
        script, command, line = shell.groups()
        subprocess.run([sys.executable, *script.split()[1:]], capture_output=True, check=True)
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(main(command.split()[1:]), 0)
        self.assertIn(plain(line), plain(out.getvalue()))
