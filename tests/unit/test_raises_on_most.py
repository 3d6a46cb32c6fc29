"""Where most checks of a function raise, the report leads with the exception, its place and the line of source."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_learner import write

import rnn_ref
from rnn_ref.cli import main

TURNED = "import numpy as np\n\n\ndef rnn_output_layer(h_states, W_hy, b_y):\n"
TURNED += "    return W_hy @ np.array(h_states).T + b_y\n"


@pytest.fixture
def turned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, TURNED, "mine.py")
    return "mine.py"


def test_the_exception_comes_before_the_numbers_of_the_few(turned: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", turned]) == 1
    printed = capsys.readouterr().out
    row = next(line for line in printed.splitlines() if line.startswith("rnn_output_layer "))
    assert row.split() == ["rnn_output_layer", "wrong", "0/41"]
    block = printed.split("\n\n")[2].splitlines()
    assert block[0] == "rnn_output_layer: wrong"
    assert block[1].startswith("  33 of 41 checks raise ValueError: operands could not be broadcast together")
    assert "  mine.py:5: return W_hy @ np.array(h_states).T + b_y" in block
    assert "got" not in " ".join(block).split()
    assert block[-1] == "  again: rnn-ref check mine.py --only rnn_output_layer/single-float64"
    assert main(["check", turned, "--only", "rnn_output_layer/single-float64"]) == 1
    assert "raise ValueError: operands could not be broadcast" in capsys.readouterr().out


def test_every_report_has_exception_and_source(turned: str) -> None:
    report = rnn_ref.check(turned)
    raises = json.loads(report.to_json())["functions"]["rnn_output_layer"]["raises"]
    assert raises[0]["what"] == "33 of 41 checks"
    assert (raises[0]["raised"]["file"], raises[0]["raised"]["line"]) == ("mine.py", 5)
    for text in (report.to_markdown(), report.to_html(), report.to_junit()):
        assert "mine.py:5: return W_hy @ np.array(h_states).T + b_y" in text


def test_where_few_raise_the_numbers_come_first(tmp_path: Path) -> None:
    few = "    if len(W_hy) == len(W_hy.T):\n        1 / 0\n    return 1.01 * (np.array(h_states) @ W_hy.T + b_y)\n"
    path = write(tmp_path, TURNED.replace("    return W_hy @ np.array(h_states).T + b_y\n", few))
    function = rnn_ref.check(path).functions["rnn_output_layer"]
    assert "off by" in function.explanation
    assert (function.verdict, function.raises, function.failed) == ("wrong", [], 41)


def test_of_two_ranks_that_both_raise_both_reasons_are_told() -> None:
    def rnn_cell_step(x_t: Any, *rest: Any) -> Any:
        if x_t.ndim == 1:
            raise ValueError("no vectors")
        raise TypeError("no matrices")

    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step})
    assert report.functions["rnn_cell_step"].verdict == "crashed"
    lines = [line.strip() for line in str(report).splitlines()]
    assert "20 of 40 checks (single sequences) raise ValueError: no vectors" in lines
    assert "20 of 40 checks (batches) raise TypeError: no matrices" in lines


def test_what_most_checks_raise_comes_before_the_name_of_the_mistake_too() -> None:
    def rnn_cell_step(x_t: Any, h_prev: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return np.tanh(W_xh.T @ x_t + W_hh @ h_prev + b_h)

    report = rnn_ref.check({"rnn_cell_step": rnn_cell_step})
    assert report.functions["rnn_cell_step"].mistake == "W_xh-transposed"
    block = report.to_text(full=True).split("\n\n")[2]
    assert block.index("checks raise ValueError") < block.index("return np.tanh(W_xh.T @ x_t") < block.index("Agrees")


def test_a_target_without_source_has_its_exception(tmp_path: Path) -> None:
    namespace: dict[str, Any] = {}
    exec("def rnn_cell_step(*a):\n    return 1 / 0\n", namespace)
    assert "40 of 40 checks raise ZeroDivisionError: division by zero\n  <string>:2\n" in str(rnn_ref.check(namespace))


@pytest.mark.parametrize(("finite", "verdict"), [(1.0, "crashed"), (1.01, "wrong")])
def test_an_exception_tells_more_than_numbers_that_are_wrong_in_corners_alone(finite: float, verdict: str) -> None:
    """It raises where targets are ignored, and where a logit is -inf it answers nan."""

    def cross_entropy(logits: Any, targets: Any, *, ignore_index: int = -100, reduction: str = "mean") -> Any:
        if np.any(np.asarray(targets) == ignore_index):
            raise IndexError("no such class")
        if np.isinf(logits).any():
            return np.full(logits.shape[:-1] if reduction == "none" else (), np.nan)
        return finite * rnn_ref.cross_entropy(logits, targets, reduction=reduction)

    function = rnn_ref.check({"cross_entropy": cross_entropy}).functions["cross_entropy"]
    assert function.verdict == verdict
    assert ("no such class" in function.explanation) == (verdict == "crashed")
