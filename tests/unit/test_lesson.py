"""The notebooks: empty they ask, filled in they conform, and they are what their text says."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from sampled import some

import rnn_ref
from rnn_ref import cli
from rnn_ref.lesson import notebooks

TEXTS = {name: notebooks.text_of(name) for name in notebooks.NAMES}
WRITTEN = {
    "09_rnn_from_scratch": {"rnn_cell_step", "rnn_forward", "rnn_output_layer", "rnn_sequence_loss"},
    "10_backpropagation_through_time": {
        *("rnn_cell_backward", "rnn_output_backward", "cross_entropy_backward", "rnn_sequence_loss_backward"),
        *("rnn_backward", "rnn_bptt"),
    },
}
VERSIONS = [(name, solved) for name in notebooks.NAMES for solved in (False, True)]


def sections(text: str) -> list[str]:
    """The numbered ones."""
    return [part for part in re.split(r"^## ", text, flags=re.MULTILINE) if re.match(r"\d", part)]


@pytest.mark.parametrize(("name", "solved"), some(VERSIONS, 2))
def test_runs_from_top_to_bottom(name: str, solved: bool, tmp_path: Path) -> None:
    notebooks.write(tmp_path, solved=solved)
    path = tmp_path / f"{name}.ipynb"
    nbformat.validate(nbformat.read(path, as_version=4))
    command = [sys.executable, "-m", "jupyter", "execute", "--inplace", str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    checks = [cell for cell in cells if "".join(cell["source"]).startswith("lesson.check(")]
    assert len(checks) == len(WRITTEN[name])
    for cell in checks:
        shown = cell["outputs"][0]["data"]
        assert ("✓ conforms" if solved else "not implemented yet") in "".join(shown["text/plain"])
        assert "".join(shown["text/html"]).startswith("<p>")
    pictures = {"".join(cell["source"]): cell["outputs"][0]["data"] for cell in cells if is_picture(cell)}
    assert len(pictures) == (1 if name.startswith("09") else 2)
    for source, shown in pictures.items():
        if "error_map" in source:
            why = "conforms, there is no error" if solved else "not-implemented, there is nothing"
            assert f"{why} to draw" in "".join(shown["text/plain"])
        else:
            drawn = importlib.util.find_spec("matplotlib") is not None
            assert ("image/png" in shown) == drawn
            assert ("matplotlib is not installed" in "".join(shown["text/plain"])) == (not drawn)


def is_picture(cell: dict[str, Any]) -> bool:
    return "".join(cell["source"]).startswith(("lesson.error_map(", "lesson.gradient_flow("))


@pytest.mark.parametrize(("name", "solved"), VERSIONS)
def test_is_checked_from_outside(name: str, solved: bool, tmp_path: Path) -> None:
    notebooks.write(tmp_path, solved=solved)
    report = rnn_ref.check(tmp_path / f"{name}.ipynb")
    found = {
        one: report.functions[one].verdict for one in report.functions if report.functions[one].verdict != "missing"
    }
    assert found == dict.fromkeys(WRITTEN[name], "conforms" if solved else "not-implemented")


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_an_idea_takes_five_sentences(name: str) -> None:
    for section in sections(TEXTS[name]):
        idea = section.split("\n\n")[1]
        assert len(re.findall(r"[.!?](?=\s|$)", idea)) == 5, idea


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_a_function_has_its_formula_its_future_and_what_to_expect(name: str) -> None:
    for section in sections(TEXTS[name]):
        assert "$$" in section
        if "scaffold" in section:
            parts = (
                "$$",
                "**How it lives on.**",
                "**What to expect.**",
                "```python scaffold",
                "# TODO",
                "lesson.check(",
            )
            assert [section.index(part) for part in parts] == sorted(section.index(part) for part in parts)


@pytest.mark.parametrize("name", notebooks.NAMES)
def test_the_answers_are_told_in_the_solved_one_only(name: str) -> None:
    asked, told = ([c.source for c in notebooks.cells(TEXTS[name], solved=solved)] for solved in (False, True))
    assert all("<!--" not in source for source in (*asked, *told))
    answers = re.findall(r"<!-- solved -->\n(.*?)\n<!-- /solved -->", TEXTS[name], re.DOTALL)
    assert len(answers) == TEXTS[name].count("**Predict first.**") > 3
    for answer in answers:
        assert any(answer in source for source in told)
        assert not any(answer in source for source in asked)
    assert all("..." not in source for source in told if source.startswith("def "))


def test_ids_are_the_same_every_time_and_never_doubled() -> None:
    for text in TEXTS.values():
        ids = [cell["id"] for cell in notebooks.notebook(text)["cells"]]
        assert len(set(ids)) == len(ids)
        assert notebooks.notebook(text) == notebooks.notebook(text)


def test_the_command_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "new"
    assert cli.main(["lesson", str(folder)]) == 0
    assert f"rnn-ref check {folder}" in capsys.readouterr().out
    mine = folder / "10_backpropagation_through_time.ipynb"
    mine.write_text("my work")
    (folder / "09_rnn_from_scratch.ipynb").unlink()
    assert cli.main(["lesson", "--solved", str(folder)]) == 2
    assert "is there already, and may hold your work" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [mine.name]
    assert mine.read_text() == "my work"


def test_the_command_refuses_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["lesson", str(tmp_path / "file")]) == 2
    assert "is no folder" in capsys.readouterr().err
