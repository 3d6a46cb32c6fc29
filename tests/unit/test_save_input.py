"""The input of a failing check can be had, and the lines that are printed make the same call."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnn_ref import cli

SOURCE = """\
import numpy as np
from rnn_ref import cross_entropy

def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):
    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T)

def rnn_sequence_loss(logits_seq, targets_seq, loss_fn):
    return sum(map(loss_fn, logits_seq, targets_seq))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def printed_lines(out: str) -> list[str]:
    return [line.strip() for line in out.partition("from Python:\n")[2].splitlines() if line.startswith("  ")]


@pytest.mark.parametrize(
    ("target", "id_"),
    [
        ("mine.py", "rnn_cell_step/single-float64"),
        ("./mine.py", "rnn_cell_step/single-float64"),
        ("mine.py", "rnn_sequence_loss/single-margin-float64"),
        (None, "cross_entropy/step-large-float32"),
        (None, "stack_forward/lstm-whole-float64"),
    ],
)
def test_the_lines_make_the_same_call(
    target: str | None, id_: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["check", *([target] if target else []), "--only", id_, "--save-input", "in.npz"])
    lines = printed_lines(capsys.readouterr().out)
    assert len(lines) == (6 if {"rnn_sequence_loss", "stack_forward"} & {id_.partition("/")[0]} else 5)
    done = subprocess.run([sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True)
    got, due = done.stdout.removeprefix("got\n").split("\ndue\n")
    same = re.findall(r"-?\d\.\d{3}", got)[:3] == re.findall(r"-?\d\.\d{3}", due)[:3]
    assert same == (id_ != "rnn_cell_step/single-float64"), done.stdout
    with np.load("in.npz", allow_pickle=False) as saved:
        assert [name for name in saved if name.startswith("due_")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--save-input", "in.npz"], "expected --only ID; there is no --only"),
        (["--only", "rnn_cell_step", "--save-input", "in.npz"], "expected --only ID; --only matches 48"),
        (["--only", "rnn_cell_step/single-float64", "--save-input", "in"], "expects a name that ends in .npz"),
    ],
)
def test_what_is_no_single_check_or_no_file_is_refused(
    options: list[str], message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["check", "mine.py", *options]) == 2
    assert message in capsys.readouterr().err
    assert not (folder / "in.npz").exists()


def test_beside_a_report_on_standard_output_the_lines_go_to_standard_error(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cli.main(["check", "mine.py", "--only", "rnn_cell_step/single-float64", "--save-input", "in.npz", "--json", "-"])
    out, err = capsys.readouterr()
    assert out.startswith("{")
    assert printed_lines(err)


def test_the_report_says_once_how_an_input_is_had(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "mine.py").write_text(SOURCE.replace("sum(map", "max(map"), encoding="utf-8")
    cli.main(["check", "mine.py", "--only", "*single-float64"])
    assert capsys.readouterr().out.count("--save-input FILE.npz") == 1
    cli.main(["check", "--only", "rnn_cell_step/single-float64"])
    assert "--save-input" not in capsys.readouterr().out
