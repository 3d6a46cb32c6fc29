"""The scripts that draw: in a short form, refused before any work, and with nothing but NumPy."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORGETS = """
import numpy as np

def rnn_forward(X_seq, h0, W_xh, W_hh, b_h):
    return [np.tanh(W_xh @ x_t + W_hh @ h0 + b_h) for x_t in X_seq]
"""


def run(name: str, *arguments: object, code: int = 0) -> str:
    """Run a script and return what it said, all of it on the stream that its exit code demands."""
    command = [sys.executable, str(ROOT / "scripts" / f"{name}.py"), *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    assert not (ran.stdout if code == 2 else ran.stderr)
    return ran.stderr if code == 2 else ran.stdout


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("run")
    text, kept = folder / "text.txt", folder / "run.npz"
    text.write_text("so it goes,\n\tand so it went. " * 150, encoding="utf-8")
    small = ("--hidden", 12, "--steps-back", 5, "--batch", 4, "--sample", 0, "--steps", 20)
    run("train_char_rnn", "--text", text, "--checkpoint", kept, *small)
    return text, kept


def test_errors_are_drawn_and_told_by_the_exit_code(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    mine, kept = tmp_path / "mine.py", tmp_path / "errors.png"
    mine.write_text(FORGETS)
    printed = run("error_picture", mine, "--save", kept, code=1)
    assert "  unit 0 .#####\n" in printed
    assert kept.read_bytes().startswith(b"\x89PNG")
    kept.unlink()
    assert "conforms" in run("error_picture", "rnn_ref", "--save", kept)
    assert not kept.exists()


def test_what_has_no_such_function_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text(FORGETS)
    said = run("error_picture", mine, "--function", "rnn_backward", code=2)
    assert "nothing to check" in said
    assert len(said.splitlines()) == 1
    assert "nowhere.py: no such file" in run("error_picture", "nowhere.py", code=2)
    assert "expected a name that ends in .png or .svg" in run("error_picture", mine, "--save", "errors.gif", code=2)


def test_a_prediction_is_painted_on_the_text_before_it(trained: tuple[Path, Path], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    text, kept = trained
    at, length = 150, 70
    printed = run("paint_sensitivity", kept, "--text", text, "--at", at, "--length", length,
                  "--save", tmp_path / "painted.svg").splitlines()  # fmt: skip
    whole = text.read_text(encoding="utf-8")
    held = whole[int(len(whole) * 0.95) :].translate({ord(" "): "·", ord("\n"): "↵", ord("\t"): "→"})
    assert printed[0].startswith(f"What comes next is {held[at]}, predicted with p = ")
    assert [line.strip() for line in (printed[1], printed[3])] == [held[at - length : at - 10], held[at - 10 : at]]
    assert "9" in printed[2] + printed[4]
    assert (tmp_path / "painted.svg").read_bytes().startswith(b"<?xml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--at", 10, "--length", 20), "--at is 10, expected 20 (of --length) to "),
        (("--at", 10**6), "--at is 1000000, expected 120"),
        (("--length", 0), "--length is 0, expected 1 or above"),
        (("--save", "painted.jpg"), "--save is painted.jpg, expected a name that ends in .png or .svg"),
        (("--save", "/nowhere/painted.png"), "folder does not exist"),
        (("--text", "nowhere.txt"), "nowhere.txt: No such file"),
        (("--most", 2500), "was trained on another text"),
    ],
)
def test_what_cannot_be_painted_is_refused(arguments: tuple, said: str, trained: tuple[Path, Path]) -> None:
    text, kept = trained
    printed = run("paint_sensitivity", kept, "--text", text, *arguments, code=2)
    assert said in printed
    assert len(printed.splitlines()) == 1


def test_what_is_no_checkpoint_is_refused(trained: tuple[Path, Path]) -> None:
    text, _ = trained
    assert "is no checkpoint" in run("paint_sensitivity", text, "--text", text, code=2)
