"""How far gradients reach back is measured, by two programs that agree, and never above the product of the norms."""

import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from parity_expand import expand

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/gradient_flow.py"
ROW = re.compile(r"^ +([\d.]+) +([\d.]+) +(\d+) +(\S+) +(\S+) +(\S+) +(\S+)$", re.MULTILINE)
REFUSED = {
    "radius": (("--radii", "0.5", "0"), "--radii is 0.0, expected a number above 0"),
    "steps": (("--steps", "0"), "--steps is 0"),
    "seed": (("--seed", "-1"), "--seed is -1"),
    "suffix": (("--save", "flow.jpg"), "expected a name that ends in .png or .svg"),
    "folder": (("--save", "/nowhere/flow.png"), "folder does not exist"),
}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, check=False)


class TestGradientFlow(unittest.TestCase):
    def test_is_that_of_autograd_and_within_the_bound(self) -> None:
        ran = run("--steps", "30", "--hidden", "12", "--radii", "0.4", "1.5")
        self.assertEqual((ran.returncode, ran.stderr), (0, ""))
        self.assertTrue(all(len(line) <= 80 for line in ran.stdout.splitlines()))
        rows = [tuple(map(float, row)) for row in ROW.findall(ran.stdout)]
        self.assertEqual([(row[0], row[2]) for row in rows], [(0.4, 10), (0.4, 30), (1.5, 10), (1.5, 30)])
        for radius, sigma, steps, ours, theirs, apart, bound in rows:
            self.assertEqual(ours, theirs)  # in all nine digits printed
            self.assertLess(apart, 1e-11)  # ρ = 1.5 multiplies an ulp by some 1e2 over 30 steps
            self.assertLess(ours, bound)
            self.assertLess(bound, 1.05 * sigma**steps)  # slopes are at most 1; the digits printed are few
            self.assertLess(radius, sigma)
        self.assertLess(rows[1][3], 0.4**20)  # it vanishes

    @expand((label, case) for label, case in REFUSED.items())
    def test_what_cannot_be_is_refused(self, case: tuple) -> None:
        arguments, expected = case
        ran = run(*arguments)
        self.assertEqual((ran.returncode, ran.stdout), (2, ""))
        self.assertIn(expected, ran.stderr)

    def test_is_drawn(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            path = Path(name, "flow.png")
            self.assertEqual(run("--steps", "5", "--hidden", "4", "--save", str(path)).stderr, "")
            self.assertTrue(path.read_bytes().startswith(b"\x89PNG"))
