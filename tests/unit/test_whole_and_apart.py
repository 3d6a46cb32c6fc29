"""``--whole`` and ``--apart`` insist on how a file is loaded, wherever options are given."""

import json
from pathlib import Path
from typing import Any

import pytest
from unit_learner import notebook, verdicts, write
from unit_pytest import pytest_in

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance.options import options_of, over

STEP = """\
import numpy as np
def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return {}(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)
"""
MINE = STEP.format("np.tanh")
DELETES = f"{MINE}from pathlib import Path\nPath(__file__).with_name('kept.txt').unlink()\n"  # and ends, if it is there
HIDDEN = f"exec({MINE!r} + '')\n"  # which only running it all brings to light


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "kept.txt"
    path.write_text("kept")
    return path


def test_apart_does_not_try_the_whole(kept: Path) -> None:
    report = rnn_ref.check(write(Path(), DELETES, "mine.py"), apart=True)
    assert report.ok
    assert kept.exists()
    assert report.notes == ["taken apart: line 5 is left alone, because --apart asks for that"]
    assert rnn_ref.check("mine.py").notes == []
    assert not kept.exists()


def test_where_all_of_it_is_needed_that_is_said() -> None:
    [note] = rnn_ref.check(write(Path(), MINE, "mine.py"), apart=True).notes
    assert note == "taken apart: only what the functions reach is run, because --apart asks for that"


def test_whole_is_never_taken_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for source, told in {
        f"{MINE}1 / 0\n": "mine.py: cannot be loaded: ZeroDivisionError: division by zero (mine.py:4)",
        f"{MINE}print 'x'\n": "mine.py, line 4: syntax error: Missing parentheses",
        f"{MINE}while True: pass\n": "mine.py: cannot be loaded: timeout: no answer within 3 s",
    }.items():
        write(Path(), source, "mine.py")
        assert main(["check", "mine.py", "--whole", "--timeout", "3"]) == 2
        assert told in capsys.readouterr().err
        assert main(["check", "mine.py"]) == 0


@pytest.mark.slow
def test_whole_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnn_ref.conformance.run.sandbox.PATIENCE", 0.5)
    write(Path(), f"{MINE}import time\ntime.sleep(3)\nrnn_forward = exec\n", "mine.py")
    assert not any("taken apart" in note for note in rnn_ref.check("mine.py", whole=True).notes)
    assert "0.5 s (--whole waits for it)" in rnn_ref.check("mine.py").notes[0]


def test_of_a_notebook_whole_runs_all_cells(kept: Path) -> None:
    write(
        Path(), notebook("%matplotlib inline", HIDDEN, "from pathlib import Path\nPath('kept.txt').unlink()"), "n.ipynb"
    )
    with pytest.raises(rnn_ref.conformance.TargetError, match="none of the functions is in it"):
        rnn_ref.check("n.ipynb")
    assert rnn_ref.check("n.ipynb", whole=True).ok
    assert not kept.exists()
    with pytest.raises(rnn_ref.conformance.TargetError, match="cannot be loaded: FileNotFoundError"):
        rnn_ref.check("n.ipynb", whole=True)
    write(Path(), notebook(MINE, "print 'x'"), "n.ipynb")
    with pytest.raises(rnn_ref.conformance.TargetError, match=r"n\.ipynb, code cell 2, line 1: syntax error"):
        rnn_ref.check("n.ipynb", whole=True)
    assert rnn_ref.check("n.ipynb", apart=True).ok


def test_a_function_that_crashes_is_met_again_apart(capsys: pytest.CaptureFixture[str]) -> None:
    source = (
        f"{MINE}def rnn_forward(*a):\n    import os\n    os._exit(1)\ndef rnn_output_layer(*a):\n    return 1\n1 / 0\n"
    )
    report = rnn_ref.check(write(Path(), source, "mine.py"), only="rnn_*/*float64")
    assert verdicts(report) == {"rnn_cell_step": "conforms", "rnn_forward": "crashed", "rnn_output_layer": "wrong"}


def test_the_command_that_repeats_a_check_insists_as_well() -> None:
    write(Path(), STEP.format(""), "mine.py")
    for how in ("whole", "apart"):
        assert f"--{how}" in rnn_ref.check("mine.py", **{how: True}).functions["rnn_cell_step"].reproduce
    assert "--apart" not in rnn_ref.check("mine.py").functions["rnn_cell_step"].reproduce


def test_both_at_once_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="check: whole and apart are both asked for, expected one of them"):
        rnn_ref.check("mine.py", whole=True, apart=True)
    with pytest.raises(SystemExit):
        main(["check", "mine.py", "--whole", "--apart"])
    assert "not allowed with argument" in capsys.readouterr().err


def test_the_project_says_it_and_the_command_line_wins(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(Path(), DELETES, "mine.py")
    write(Path(), "[tool.rnn_ref]\napart = true\n[tool.rnn_ref.targets.mine]\ntarget = 'mine.py'\n", "pyproject.toml")
    assert main(["check", "mine", "--json", "-"]) == 0
    assert json.loads(capsys.readouterr().out)["notes"][0].endswith("because --apart asks for that")
    assert kept.exists()
    assert main(["check", "mine", "--whole", "--json", "-"]) == 0
    assert not kept.exists()
    assert json.loads(capsys.readouterr().out)["notes"] == []
    own = "[tool.rnn_ref]\nwhole = true\n[tool.rnn_ref.targets.mine]\ntarget = 'mine.py'\napart = true\n"
    write(Path(), own, "pyproject.toml")
    assert main(["check", "mine"]) == 0
    write(Path(), "[tool.rnn_ref]\napart = 'yes'\n", "pyproject.toml")
    assert main(["check", "mine"]) == 2
    assert "tool.rnn_ref.apart is 'yes', expected true or false" in capsys.readouterr().err


def test_who_insists_on_one_overrides_who_insisted_on_the_other() -> None:
    assert over({"whole": True}, {"apart": True, "whole": None}) == {"apart": True, "whole": None}
    assert over({"whole": True}, {"apart": False}) == {"whole": True, "apart": False}
    assert options_of({"apart": True}).how == "apart"
    assert options_of({}).how is None


@pytest.mark.slow
def test_under_pytest_a_file_is_taken_apart_once_and_a_failure_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = "from pathlib import Path\nwith Path('loads.txt').open('a') as f: f.write('x')\n1 / 0\n"
    write(tmp_path, STEP.format("np.sin") + "def rnn_forward(*a):\n    return 1\n" + counts, "mine.py")
    done = pytest_in(tmp_path, "--rnn-ref", "mine.py", "--rnn-ref-only", "long-float64")
    assert "taken apart: lines 7-8 are left alone, because imported whole it raises ZeroDivisionError" in done.stdout
    assert (tmp_path / "loads.txt").read_text() == "x"
    done = pytest_in(tmp_path, "--rnn-ref", "mine.py", "--rnn-ref-whole")
    assert "mine.py: cannot be loaded: ZeroDivisionError" in done.stdout
    (tmp_path / "loads.txt").unlink()
    pytest_in(tmp_path, "--rnn-ref", "mine.py", "--rnn-ref-apart", "--rnn-ref-only", "rnn_cell_step/long-float64")
    assert not (tmp_path / "loads.txt").exists()
    refused: Any = pytest_in(tmp_path, "--rnn-ref", "mine.py", "--rnn-ref-apart", "--rnn-ref-whole")
    assert "whole and apart are both asked for" in refused.stderr
