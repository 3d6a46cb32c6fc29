"""What is not asked because it raises stands in the line of its function, with the exception and its place."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import LEARNER, notebook, write
from unit_pytest import pytest_in

import rnn_ref
from rnn_ref.cli import main
from rnn_ref.conformance import TargetError, parametrize_with_checks
from rnn_ref.conformance.several import check_several

HEAD = "import numpy as np\nimport rnn_ref\n\n\n"
STEP = "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):\n"
RIGHT = "    return rnn_ref.rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h)\n"
BATCHES = "    if x_t.ndim == 2:\n        raise ValueError('one at a time')\n"
SAID = "batches: not asked, they raise ValueError, mine.py:7"


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, HEAD + STEP + BATCHES + RIGHT, "mine.py")
    return "mine.py"


def test_it_stands_under_the_row_of_the_function(mine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", mine]) == 0
    lines = capsys.readouterr().out.splitlines()
    row = next(i for i, line in enumerate(lines) if line.startswith("rnn_cell_step "))
    assert (lines[row].split()[1], lines[row + 1]) == ("conforms", f"  {SAID}")
    assert "  20 not asked because they raise, as the table says (--rank both insists)" in lines


ONE_PRECISION = """    if x_t.dtype != np.float64:
        raise TypeError('float64 wanted')
"""


def test_a_precision_is_not_taken_where_all_of_it_raises(tmp_path: Path) -> None:
    write(tmp_path, HEAD + STEP + ONE_PRECISION + RIGHT, "mine.py")
    found = rnn_ref.check(str(tmp_path / "mine.py"))
    assert found.ok
    assert [one.what for one in found.functions["rnn_cell_step"].left_out] == ["arrays of float32"]
    assert rnn_ref.check(str(tmp_path / "mine.py"), dtype="both").functions["rnn_cell_step"].verdict == "crashed"


def test_json_has_a_record_of_it(mine: str) -> None:
    function = json.loads(rnn_ref.check(mine).to_json())["functions"]["rnn_cell_step"]
    source = "raise ValueError('one at a time')"
    raised = {"type": "ValueError", "message": "one at a time", "file": "mine.py", "line": 7, "source": source}
    assert function["left_out"] == [{"what": "batches", "raised": raised, "insist": "--rank both"}]
    assert "left_out" not in json.loads(rnn_ref.check(only="rnn_cell_step").to_json())["functions"]["rnn_cell_step"]


def test_every_other_report_says_the_same(mine: str) -> None:
    report = rnn_ref.check(mine)
    skipped = [case.find("skipped") for case in ET.fromstring(report.to_junit()).iter("testcase")]
    assert {case.get("message") for case in skipped if case is not None} == {SAID}
    assert next(line for line in report.to_markdown().splitlines() if line.startswith("| rnn_cell_step")).count(SAID)
    assert report.to_html().count(f'<small class="left-out">{SAID}</small>') == 1


def test_of_several_targets_each_says_it_in_its_row(mine: str) -> None:
    write(Path(), LEARNER)
    reports = check_several([mine, "learner.py"])
    rows = " ".join(str(reports).split())
    assert "mine.py 1/1 batches: not asked, they raise" in rows
    assert "rnn_cell_step, rnn_forward, rnn_output_layer: batches: not asked, they raise ok:" in rows
    assert '">batches: not asked, they raise<' in reports.to_html().partition("</table>")[0]


def test_tests_that_are_skipped_say_it(mine: str) -> None:
    mark = parametrize_with_checks({"mine": mine}, only="rnn_cell_step/generic-float64")
    with pytest.raises(pytest.skip.Exception, match=SAID):
        mark.args[1][0].values[0]()
    printed = pytest_in(Path(), "-rs", "--rnn-ref", mine).stdout
    assert SAID in printed


def test_where_nothing_else_is_asked_it_is_the_reason(mine: str) -> None:
    with pytest.raises(TargetError, match=SAID):
        rnn_ref.check(mine, only="rnn_cell_step/generic-float64")


PLACES = {
    "a library raises": ("    if x_t.ndim == 2:\n        np.concatenate([x_t, h_prev[0]])\n", "mine.py:7"),
    "a function in Python of a library": ("    if x_t.ndim == 2:\n        np.stack([x_t, h_prev])\n", "mine.py:7"),
    "the standard library": ("    if x_t.ndim == 2:\n        import json; json.loads('?')\n", "mine.py:7"),
    "our own function": (
        "    if x_t.ndim == 2:\n        rnn_ref.rnn_cell_step(x_t, h_prev[0], 1, 2, 3)\n",
        "mine.py:7",
    ),
    "a callback of a library": (
        "    if x_t.ndim == 2:\n        np.apply_along_axis(lambda row:\n            1 / 0, 1, x_t)\n",
        "mine.py:8",
    ),
    "a helper beside it": ("    from helper import one\n    one(x_t)\n", "helper.py:2"),
}


@pytest.mark.parametrize("kind", PLACES)
def test_the_place_is_the_innermost_line_of_the_users_own(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lines, place = PLACES[kind]
    write(tmp_path, "def one(x):\n    assert x.ndim == 1\n", "helper.py")
    write(tmp_path, HEAD + STEP + lines + RIGHT, "mine.py")
    (left,) = rnn_ref.check("mine.py").functions["rnn_cell_step"].left_out
    assert (left.what, left.raised.place) == ("batches", place)
    assert (
        left.raised.source
        == (tmp_path / left.raised.file).read_text().splitlines()[(left.raised.line or 0) - 1].strip()
    )


def test_in_a_notebook_the_cell_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, notebook("import rnn_ref", STEP + BATCHES + RIGHT), "mine.ipynb")
    (left,) = rnn_ref.check("mine.ipynb").functions["rnn_cell_step"].left_out
    assert (left.raised.place, left.raised.source) == (
        "mine.ipynb, code cell 2, line 3",
        "raise ValueError('one at a time')",
    )


def test_an_installed_package_is_the_users_own_where_it_is_the_target(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site-packages"
    (site / "theirs").mkdir(parents=True)
    write(site / "theirs", HEAD + STEP + BATCHES + RIGHT, "__init__.py")
    monkeypatch.syspath_prepend(str(site))
    (left,) = rnn_ref.check("theirs").functions["rnn_cell_step"].left_out
    assert left.raised.place == "__init__.py:7"


def test_of_two_ranks_that_are_not_taken_both_are_told() -> None:
    def cross_entropy(logits: Any, targets: Any) -> Any:
        if logits.ndim == 2:
            raise ValueError("no sequences")
        if logits.ndim == 3:
            raise TypeError("no batches")
        return rnn_ref.cross_entropy(logits, targets)

    left = rnn_ref.check({"cross_entropy": cross_entropy}).functions["cross_entropy"].left_out
    assert {(one.what, one.raised.type) for one in left} == {
        ("single sequences", "ValueError"),
        ("batches", "TypeError"),
    }


def test_lists_may_be_left_out_and_arrays_may() -> None:
    def arrays(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return h_states.reshape(h_states.shape) @ W_hy.T + b_y

    def lists(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return arrays(np.array(h_states if h_states else []), W_hy, b_y)

    for candidate, what in ((arrays, "lists for h_states"), (lists, "arrays for h_states")):
        report = rnn_ref.check({"rnn_output_layer": candidate})
        assert report.ok
        assert [one.what for one in report.functions["rnn_output_layer"].left_out] == [what]


def test_a_list_that_raises_as_an_array_does_is_no_claim() -> None:
    def turned(h_states: Any, W_hy: Any, b_y: Any) -> Any:
        return W_hy @ np.array(h_states).T + b_y

    function = rnn_ref.check({"rnn_output_layer": turned}).functions["rnn_output_layer"]
    assert (function.verdict, function.left_out) == ("wrong", [])


@pytest.mark.parametrize("kind", ["x_t.ndim == 2", "x_t.ndim == 1"])
def test_a_misspelt_name_leaves_nothing_out(kind: str, tmp_path: Path) -> None:
    path = write(tmp_path, f"{HEAD}{STEP}    if {kind}:\n        return misspelt\n{RIGHT}")
    assert rnn_ref.check(path).functions["rnn_cell_step"].verdict == "crashed"


def test_a_misspelt_name_leaves_no_probabilities_out() -> None:
    def cross_entropy(logits: Any, targets: Any) -> Any:
        return rnn_ref.cross_entropy(logits, targets) if targets.dtype.kind == "i" else misspelt  # type: ignore[name-defined]  # noqa: F821

    assert rnn_ref.check({"cross_entropy": cross_entropy}).functions["cross_entropy"].verdict == "crashed"
