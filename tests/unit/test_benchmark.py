"""The benchmark's arithmetic: ratios within a round, their median, and the median of several runs."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "benchmark.py"


def ran(*arguments):
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def kept(folder, name, ours, theirs):
    """Write what a run would have kept, of one row."""
    row = {"workload": "W1", "kind": "gradient", "dtype": "float32", "threads": 1}
    grown = [{"T": T, "contender": "rnn_ref", "seconds": T * 2e-6} for T in (100, 1000)]
    weighed = [{"workload": "W1", "dtype": "float32", "contender": "rnn_ref", "bytes": 3_000_000}]
    run = {"rows": [row | {"seconds": {"rnn_ref": ours, "PyTorch": theirs}}], "memory": weighed, "growth": grown}
    path = folder / name
    path.write_text(json.dumps(run))
    return path


def test_ratios_are_taken_within_a_round_and_then_the_median(tmp_path):
    one = kept(
        tmp_path, "a.json", [0.001, 0.01, 0.004], [0.002, 0.04, 0.004]
    )  # 0.5, 0.25, 1; the medians alone would say 4 / 4
    printed = ran("--from", one).stdout
    assert "| W1 | float32 |       4 |       4 |  0.50 |" in printed
    assert "geometric mean of the ratios: 0.50" in printed
    assert "| W1 | float32 |     3.0 |       – |" in printed
    assert "| 1,000 |    2.00 |" in printed


def test_of_several_runs_the_median(tmp_path):
    runs = [kept(tmp_path, f"{i}.json", [ratio], [1]) for i, ratio in enumerate((0.9, 0.2, 0.3))]
    assert "| 0.30 / – |" in ran("--from", *runs, "--markdown").stdout


def test_networks_with_gates_have_a_table_of_their_own(tmp_path):
    row = {"workload": "W1", "dtype": "float64", "threads": 1}
    took = {"gru": {"rnn_ref": [1.0], "PyTorch": [4.0]}, "lstm": {"rnn_ref": [1.0], "PyTorch": [2.0], "JAX jit": [3.0]}}
    rows = [row | {"kind": kind, "seconds": seconds} for kind, seconds in took.items()]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"rows": rows, "memory": [], "growth": []}))
    printed = ran("--from", path, "--gated").stdout
    assert "– / 0.25 |" in printed
    assert "– / 0.50 | – / 1.50 |" in printed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--from", "nowhere.json"], "nowhere.json"),
        (["--json", "nowhere/a.json"], "folder does not exist"),
        (["--rounds", "-1"], "at least 1"),
        (["--from", "a.json", "--json", "b.json"], "nothing is"),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(arguments, told):
    done = ran(*arguments)
    assert (done.returncode, told in done.stderr, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.skipif(importlib.util.find_spec("matplotlib") is None, reason="matplotlib is not installed")
def test_the_picture_is_drawn(tmp_path):
    done = ran("--from", kept(tmp_path, "a.json", [1], [2]), "--save", tmp_path / "speed.png")
    assert (tmp_path / "speed.png").read_bytes()[:4] == b"\x89PNG", done.stderr
