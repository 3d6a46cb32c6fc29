"""The script that prints the tables of docs/why/parity.md measures what the tests judge, and prints narrow Markdown."""

import importlib.util
import re
import sys
import unittest
from itertools import islice
from pathlib import Path
from unittest import mock

import numpy as np
from parity_compare import LIMIT

ROOT = Path(__file__).parents[2]


def load():
    """Import scripts/parity_table.py, and what it imports by name from the tests."""
    spec = importlib.util.spec_from_file_location("parity_table", ROOT / "scripts" / "parity_table.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


class TheTables(unittest.TestCase):
    def setUp(self):
        self.script = load()
        for patch in (mock.patch.object(sys, "path", [str(ROOT / "tests" / "unit"), *sys.path]),
                      mock.patch.object(self.script, "_hint")):  # fmt: skip
            self.enterContext(patch)

    def test_the_grid_is_counted_and_stays_within_the_promise(self):
        with mock.patch.object(self.script, "_pairs", return_value=islice(self.script._pairs(), 300)):
            lines = self._narrow(self.script.grid())
        cells = [re.split(r" *\| *", line)[1:-1] for line in lines if line.startswith("| `")]
        self.assertEqual(sum(int(row[5].replace(",", "")) for row in cells), 300)
        for _, dtype, terms, largest, _, _ in cells:
            self.assertTrue(0 < float(terms) <= LIMIT[dtype])
            self.assertTrue(0 < float(largest) <= LIMIT[dtype])

    def test_sure_predictions_are_shown_beside_the_truth(self):
        with mock.patch.object(self.script, "MARGINS", (20,)):
            lines = self._narrow(self.script.confident())
        loss = next(line for line in lines if line.startswith("| loss"))
        _, _, truth, ours, off, theirs, their_off = re.split(r" *\| *", loss)[1:-1]
        self.assertEqual(truth, ours)
        self.assertEqual(truth, "6.595e-05")  # log(1 + 31,999 exp(−20))
        self.assertLess(float(off), 1e-7)
        digit = 10.0 ** np.floor(np.log10(float(their_off)))  # one is shown; which it is depends on the machine
        self.assertAlmostEqual(abs(float(theirs) / float(truth) - 1), float(their_off), delta=0.51 * digit)

    def _narrow(self, lines):
        lines = list(lines)
        self.assertLessEqual(max(map(len, lines)), 80)
        return lines
