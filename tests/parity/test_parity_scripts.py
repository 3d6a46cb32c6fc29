"""The scripts that calibrate run, in a short form, and keep what the docs promise."""

import json
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import pytest

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.spec import OPERATIONS

ROOT = Path(__file__).parents[2]


def printed(name, *arguments):
    """Return what a script prints, run as a user does."""
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


class TheScripts(unittest.TestCase):
    @pytest.mark.slow
    def test_accuracy_is_never_far_behind_pytorch(self):
        table = [line for line in printed("accuracy", "--seeds", "1").splitlines() if line.startswith("| `")]
        self.assertEqual(len(table), 2 * len(OPERATIONS))
        for line in table:
            function, _, *cells = [cell.strip(" `") for cell in line.strip("|").split("|")]
            ours, theirs = (float(one.split()[0]) for one in cells[:2])  # the largest errors
            # few seeds make the largest error a matter of luck: one ulp is granted on top
            factor = 1.0 if function.startswith("cross_entropy") else 2.5
            self.assertLessEqual(ours, factor * theirs + 1, line)

    def test_there_are_no_false_alarms_and_planted_errors_are_caught(self):
        out = printed("false_alarms", "--cases", "3", "--seed", "3", "--jobs", "1", "--jax-every", "3", "--some", "14")
        table, _, _ = out.partition("\n\n")
        alarms = [int(line.split("|")[3]) for line in table.splitlines()[2:]]
        self.assertGreaterEqual(len(alarms), 30)  # most implementations need nothing but PyTorch
        self.assertEqual(sum(alarms), 0)
        planted = re.findall(r"\| \w+ \| float\d\d \| (\d+) \| (\d+) \|", out)
        self.assertEqual(len(planted), 26)
        for answers, seen in planted:
            self.assertEqual(answers, seen)
        self.assertIn("3 cases of 3.", out)

    @pytest.mark.slow
    def test_the_benchmark_times_and_weighs_everyone_it_is_asked_for(self):
        quick = ["--quick", "--rounds", "1", "--workloads", "W1", "--contenders", "rnn_ref", "PyTorch", "floor"]
        run = json.loads(printed("benchmark", *quick, "--json", "-"))
        self.assertEqual(len(run["rows"]), 6)  # three kinds of work in two precisions
        for row in run["rows"]:
            self.assertEqual([len(one) for one in row["seconds"].values()], [1, 1, 1])
        self.assertEqual(len(run["memory"]), 4)
        self.assertEqual([row["T"] for row in run["growth"]], [100, 100, 1000, 1000, 10_000, 10_000])

    @pytest.mark.slow
    def test_what_there_was_no_time_for_is_said(self):
        out = printed("false_alarms", "--cases", "3", "--jobs", "1", "--minutes", "0")
        self.assertIn("0 cases of 3: the time was over.", out)

    @pytest.mark.slow  # test_parity_vectors.py freezes them anew as well
    def test_frozen_anew_the_vectors_are_as_many_and_can_be_loaded(self):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            count = len(frozen.load(suite="gru-1")[0])
            self.assertIn(f"{count} checks", printed("freeze_vectors", "--folder", name, "--suite", "gru-1"))
            self.assertEqual(len(frozen.load(folder, "gru-1")[0]), count)
