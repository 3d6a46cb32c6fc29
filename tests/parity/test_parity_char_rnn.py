"""The character model trained in lockstep with PyTorch stays with it."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/train_char_rnn.py"
LINE = re.compile(r"held out ([\d.]+) bits per character; PyTorch ([\d.]+), (\S+) apart, weights (\S+)$", re.MULTILINE)


class TestLockstep(unittest.TestCase):
    def test_losses_and_weights_agree_at_every_report(self) -> None:
        asked = ["--most", "60000", "--steps", "30", "--report", "10", "--hidden", "24", "--sample", "0", "--compare"]
        ran = subprocess.run([sys.executable, str(SCRIPT), *asked], capture_output=True, text=True, check=False)
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        reports = LINE.findall(ran.stdout)
        self.assertEqual(len(reports), 3)
        for ours, theirs, apart, weights in reports:
            self.assertEqual(ours, theirs)
            self.assertLess(float(apart), 2e-6)  # of 4 bits: some ulp of float32 at T = 40, summed over 30 updates
            self.assertLess(0, float(weights))  # two programs, not one
            self.assertLess(float(weights), 1e-4)
