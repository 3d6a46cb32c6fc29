"""The character model in short: it learns, it goes on bit for bit, it survives a kill, and it refuses what it must."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts/train_char_rnn.py"
SMALL = ("--hidden", "12", "--steps-back", "5", "--batch", "4", "--sample", "20", "--report", "4")


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("so it goes, and so it went. " * 150 + "é", encoding="utf-8")
    return path


def train(*arguments: object, code: int = 0) -> str:
    """Run the script and return what it said, all of it on the stream that its exit code demands."""
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == code, ran.stderr
    return ran.stderr if code else ran.stdout


def told(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if line.startswith("step ")]


def arrays(path: Path) -> dict[str, bytes]:
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name].tobytes() for name in file if name != "told"}


def test_it_learns_more_than_counting_pairs(text: Path) -> None:
    printed = train("--text", text, "--steps", 400, "--report", 200, "--hidden", 32, "--rate", 0.01, "--sample", 40)
    assert "below the pairs'" in printed
    assert "so it" in printed
    assert "not below" in train("--text", text, "--steps", 1, *SMALL)


def test_resumed_it_is_the_same_bit_for_bit(text: Path, tmp_path: Path) -> None:
    whole, parts = tmp_path / "whole.npz", tmp_path / "parts.npz"
    straight = train("--text", text, "--steps", 12, "--checkpoint", whole, *SMALL)
    first = train("--text", text, "--steps", 6, "--checkpoint", parts, *SMALL)  # in the middle of a report
    second = train("--text", text, "--steps", 12, "--resume", parts, "--sample", 20, "--report", 4)
    assert arrays(parts) == arrays(whole)
    assert [*told(first)[:1], *told(second)] == told(straight)


def test_a_kill_at_any_moment_leaves_a_whole_checkpoint(text: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    command = [sys.executable, str(SCRIPT), "--text", str(text), "--steps", "100000", *SMALL, "--report", "1"]
    seen = 0
    for attempt in range(4):
        start = ["--resume", str(kept)] if attempt else ["--checkpoint", str(kept)]
        asked = command if attempt == 0 else [*command[:6], "--report", "1"]
        with subprocess.Popen([*asked, *start], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            before, waited = seen, time.monotonic()
            while seen == before and time.monotonic() - waited < 60 and process.poll() is None:
                seen = kept.stat().st_mtime_ns if kept.exists() else 0
            time.sleep(0.013 * attempt)
            process.kill()
        assert seen > before
        assert {"params/W_hh", "m/W_hh", "v/W_hh", "h"} <= set(arrays(kept))


@pytest.fixture
def heeding() -> Iterator[None]:
    """Let children heed SIGINT, as at a terminal: what a shell starts in the background ignores it, and they would."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeding")
def test_interrupted_it_keeps_the_run_and_says_how_to_go_on(text: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    command = [sys.executable, str(SCRIPT), "--text", str(text), "--steps", "100000", *SMALL, "--checkpoint", str(kept)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("step "):
            pass
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"go on with --resume {kept}" in said
    assert "Traceback" not in said
    assert arrays(kept)


def test_resumed_it_knows_its_text(text: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.npz"
    train("--text", text, "--most", 3000, "--steps", 2, "--checkpoint", kept, *SMALL)
    assert f"{text}: 2,850 characters to train on" in train("--resume", kept, "--steps", 4, "--sample", 0)
    text.rename(tmp_path / "moved.txt")
    try:
        assert "text.txt: No such file" in train("--resume", kept, "--steps", 6, code=2)
    finally:
        (tmp_path / "moved.txt").rename(text)


def test_another_network_or_text_is_refused(text: Path, tmp_path: Path) -> None:
    kept, other = tmp_path / "kept.npz", tmp_path / "other.txt"
    train("--text", text, "--steps", 2, "--checkpoint", kept, *SMALL)
    before = kept.read_bytes()
    other.write_text(text.read_text(encoding="utf-8") + "more", encoding="utf-8")
    assert "was trained on another text" in train("--text", other, "--resume", kept, code=2)
    assert "--hidden is 13, but" in train("--text", text, "--resume", kept, "--hidden", 13, code=2)
    assert "is no checkpoint" in train("--text", text, "--resume", text, code=2)
    assert kept.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "has 0 characters, expected 2,000 or more"),
        (b"ab" * 3000 + b"\xff\xfe", "is not UTF-8 (byte 6000: invalid start byte)"),
        (b"too short", "has 9 characters"),
        (None, "No such file"),
    ],
)
def test_a_text_that_is_none_is_refused(content: bytes | None, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    if content is not None:
        path.write_bytes(content)
    kept = tmp_path / "kept.npz"
    said = train("--text", path, "--checkpoint", kept, *SMALL, code=2)
    assert expected in said
    assert len(said.splitlines()) == 1
    assert not kept.exists()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--hidden", 0), "--hidden is 0, expected a number above 0"),
        (("--minutes", -1), "--minutes is -1.0, expected"),
        (("--temperature", 0), "--temperature is 0.0"),
        (("--batch", 4000), "expected 164,000 for one chunk"),
        (("--checkpoint", "/nowhere/kept.npz"), "folder does not exist"),
        (("--resume", "nowhere.npz"), "nowhere.npz: No such file"),
        (("--compare", "--resume", "some.npz"), "expected no --resume"),
        (("--save", "curve.jpg"), "--save is curve.jpg, expected a name that ends in .png or .svg"),
        (("--save", "/nowhere/curve.png"), "folder does not exist"),
    ],
)
def test_what_cannot_be_is_refused_at_once(arguments: tuple, expected: str, text: Path) -> None:
    assert expected in train("--text", text, *arguments, code=2)


def test_a_picture_is_drawn(text: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    train("--text", text, "--steps", 8, *SMALL, "--save", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_default_text_is_the_standard_library() -> None:
    assert "Python's standard library" in train("--most", 20_000, "--steps", 2, *SMALL)
