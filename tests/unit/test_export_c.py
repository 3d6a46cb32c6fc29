"""The exported example in C: compiled as strictly as can be, right as it is, and wrong when it is made wrong."""

import shutil
import subprocess
from pathlib import Path

import pytest

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.export import EXAMPLE, export

COUNT = sum(check.function == "rnn_forward" for check in frozen.load()[0])
CC = shutil.which("cc")
pytestmark = pytest.mark.skipif(CC is None, reason="no C compiler")
STRICT = ("-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("c") / "vectors", "text")


def run(folder: Path, build: Path, *edits: tuple[str, str], file: str = "rnn_forward.txt") -> tuple[int, str]:
    """Compile the example with pieces of its text replaced, and run it."""
    source = (folder / EXAMPLE.name).read_text(encoding="utf-8")
    for old, new in edits:
        assert old in source, old
        source = source.replace(old, new)
    (build / "example.c").write_text(source)
    subprocess.run([str(CC), *STRICT, "example.c", "-lm", "-o", "example"], cwd=build, check=True)
    done = subprocess.run([str(build / "example"), str(folder / file)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_as_it_is(folder: Path, tmp_path: Path) -> None:
    assert run(folder, tmp_path) == (0, f"{COUNT} checks planned, {COUNT} ran, 0 failed\n")


@pytest.mark.parametrize(
    ("edit", "failed"),
    [
        (("double z = b_h[i];", "double z = 0 * b_h[i];"), COUNT - 4),  # in four it is zero
        (("h0 = h, h += B * H", "h += B * H"), COUNT - 4),  # of one step it is right, and far from zero
        (("W_hh[i * H + j]", "W_hh[j * H + i]"), COUNT - 2),  # of one unit it is right
        (
            ("h[b * H + i] = tanh(z)", "h[b * H + i] = (float)tanh(z)"),
            18,
        ),  # float64 only, where the state is not 0 or 1
    ],
)
def test_made_wrong(folder: Path, tmp_path: Path, edit: tuple[str, str], failed: int) -> None:
    code, said = run(folder, tmp_path, edit)
    assert code == 1
    assert f"{COUNT} checks planned, {COUNT} ran, {failed} failed" in said
    assert "rnn_forward/generic-float64: wrong" in said


def test_nan_is_right_where_it_is_due_and_nowhere_else(folder: Path, tmp_path: Path) -> None:
    hidden = ("h[b * H + i] = tanh(z)", "h[b * H + i] = isnan(z) ? 0 : tanh(z)")
    said = f"rnn_forward/nan-batch-float32: wrong\n{COUNT} checks planned, {COUNT} ran, 1 failed\n"
    assert run(folder, tmp_path, hidden) == (1, said)
    spread = ("h[b * H + i] = tanh(z)", "h[b * H + i] = NAN * tanh(z)")
    assert f"{COUNT} ran, {COUNT} failed" in run(folder, tmp_path, spread)[1]


def test_too_few_checks_and_the_wrong_file_are_no_pass(folder: Path, tmp_path: Path) -> None:
    assert run(folder, tmp_path, file="rnn_backward.txt") == (2, "no vectors\n")
    text = (folder / "rnn_forward.txt").read_text()
    (tmp_path / "short.txt").write_text(text[: text.rindex("check ")])
    assert run(folder, tmp_path, file=str(tmp_path / "short.txt")) == (
        2,
        f"{COUNT} checks planned, {COUNT - 1} ran, 0 failed\n",
    )
