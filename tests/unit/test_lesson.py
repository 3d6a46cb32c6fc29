"""The notebooks: empty they ask, filled in they conform, and they are what their text says."""

import functools
import importlib.util
import re
from pathlib import Path

import numpy as np
import pytest
from sampled import some
from unit_notebooks import Ran, run

import rnn_ref
from rnn_ref import cli, lesson
from rnn_ref.lesson import notebooks
from rnn_ref.lesson.flow import measure

TEXTS = {name: notebooks.text_of(name) for name in notebooks.NAMES}
WRITTEN = {
    "09_rnn_from_scratch": {"rnn_cell_step", "rnn_forward", "rnn_output_layer", "rnn_sequence_loss"},
    "10_backpropagation_through_time": {
        *("rnn_cell_backward", "rnn_output_backward", "cross_entropy_backward", "rnn_sequence_loss_backward"),
        *("rnn_backward", "rnn_bptt"),
    },
    "11_what_a_gate_is_for": {"gru_cell_step", "gru_cell_backward", "lstm_cell_step", "lstm_cell_backward"},
}
PICTURES = {"09_rnn_from_scratch": 1, "10_backpropagation_through_time": 2, "11_what_a_gate_is_for": 1}
VERSIONS = [(name, solved) for name in notebooks.NAMES for solved in (False, True)]


@functools.cache
def cells_of(name: str, solved: bool) -> list[Ran]:
    return run(name, solved=solved)


def sections(text: str) -> list[str]:
    """The numbered ones."""
    return [part for part in re.split(r"^## ", text, flags=re.MULTILINE) if re.match(r"\d", part)]


BESIDE_PYTORCH = [[True], [True] * 2] if importlib.util.find_spec("torch") else [[False], [False] * 2]


@pytest.mark.parametrize(("name", "solved"), VERSIONS)
def test_runs_from_top_to_bottom(name: str, solved: bool) -> None:
    ran = cells_of(name, solved)
    checks = [one for one in ran if re.match(r'lesson\.check\("\w+"\)$', one.source)]
    assert len(checks) == len(WRITTEN[name])
    for one in checks:
        assert ("✓ conforms" if solved else "not implemented yet") in str(one.value)
        assert one.value._repr_html_().startswith("<p>")
    pictures = [one for one in ran if one.source.startswith(("lesson.error_map(", "lesson.gradient_flow("))]
    assert len(pictures) == PICTURES[name]
    for one in pictures:
        if "error_map" in one.source:
            why = "conforms, there is no error to draw" if solved else "not-implemented, there is nothing to draw yet"
            assert why in str(one.value)
            assert why in one.value._repr_html_()
    assert [one.value.ok for one in ran if one.source.startswith("lesson.compare(")] in BESIDE_PYTORCH


@pytest.mark.parametrize(("name", "solved"), some(VERSIONS, 5))
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
    for name in ("09_rnn_from_scratch", "11_what_a_gate_is_for"):
        (folder / f"{name}.ipynb").unlink()
    assert cli.main(["lesson", "--solved", str(folder)]) == 2
    assert "is there already, and may hold your work" in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == [mine.name]
    assert mine.read_text() == "my work"


def test_the_command_refuses_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert cli.main(["lesson", str(tmp_path / "file")]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_the_numbers_that_the_third_tells_are_those_that_it_shows() -> None:
    """How many mistakes zeros hide, and what is left of a gradient after fifty steps."""
    told = TEXTS["11_what_a_gate_is_for"]
    hidden = [lesson.overlooked("gru_cell_step", zero=zero) for zero in ("", "biases", "states", "biases, states")]
    assert [(sum(one.unseen.values()), one.of) for one in hidden] == [(0, 83), (16, 83), (12, 83), (42, 83)]
    assert "Sixteen with zero biases, twelve with a state of zero, and 42 of 83 with both" in told
    flows = {cell: measure(0.9, 50, 64, 1, cell) for cell in ("rnn", "gru", "lstm")}
    assert "The tanh network's dies, to 2e-5" in told
    assert f"{flows['rnn'].ours[50]:.0e}" == "2e-05"
    for cell in ("gru", "lstm"):
        np.testing.assert_allclose(flows[cell].straight[50], 0.95**50, rtol=0.2)
    assert flows["gru"].ours[50] < 1 < flows["lstm"].ours[50]
    assert flows["lstm"].ours[30] < flows["lstm"].ours[50]


def test_the_mistake_that_is_planted_conforms_without_biases_alone() -> None:
    ran = {one.source: one.value for one in cells_of("11_what_a_gate_is_for", True) if "planted}" in one.source}
    without, by_itself = ran.values()
    assert without.ok
    assert "As you said: claims no bias." in str(without)
    assert by_itself.mistake == "reset-misses-bias"
