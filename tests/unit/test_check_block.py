"""The block under a function that does not conform: its figures are true, it is short, and it can be read."""

import dataclasses
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance import vectors
from rnn_ref.conformance.block import LINES, WIDTH, check_block, function_block
from rnn_ref.conformance.execute import Outcome
from rnn_ref.conformance.figures import apart, distinct
from rnn_ref.conformance.judge import Result, judge
from rnn_ref.conformance.report import Report
from rnn_ref.conformance.suite import Check
from rnn_ref.conformance.table import render

CHECKS = {one.id: one for one in vectors.load()[0]}
LOGITS = CHECKS["rnn_output_layer/generic-float64"]
LOSS = CHECKS["cross_entropy/step-float32"]


def judged(check: Check, **answers: Any) -> Result:
    """Return the result for the true answers, some of them replaced."""
    outcome = Outcome(answers={**check.expected, **answers})
    return judge(check, [outcome, outcome])


def with_errors(check: Check, name: str, *errors: tuple[tuple[int, ...], float]) -> Result:
    answer = check.expected[name].copy()
    for place, error in errors:
        answer[place] += error
    return judged(check, **{name: answer})


def block_of(candidate: Any, function: str, **options: Any) -> list[str]:
    report = rnn_ref.check({function: candidate}, **options)
    return function_block(function, report.functions[function], report.results)


def test_the_figures_count_and_place_what_is_wrong() -> None:
    truth = LOGITS.expected["logits"]
    small, large = (4, 2, 7), (1, 0, 3)
    found = with_errors(LOGITS, "logits", (small, 1e-9), (large, -0.5)).figures
    assert found is not None
    assert (found.output, found.dtype, found.shape) == ("logits", "float64", truth.shape)
    assert (found.mismatched, found.entries) == (2, truth.size)
    assert found.greatest_abs.index == found.greatest_ulp.index == large
    assert found.greatest_abs.value == pytest.approx(0.5) == found.needed_abs
    assert found.greatest_ulp.value == pytest.approx(0.5 / np.spacing(np.abs(truth).max()))
    assert found.greatest_rel is not None
    assert found.greatest_rel.value == pytest.approx(0.5 / abs(truth[large]))
    assert found.also == {}


def test_the_relative_error_has_a_place_of_its_own() -> None:
    truth = LOGITS.expected["logits"]
    least = tuple(int(i) for i in np.unravel_index(np.abs(truth).argmin(), truth.shape))
    most = tuple(int(i) for i in np.unravel_index(np.abs(truth).argmax(), truth.shape))
    found = with_errors(LOGITS, "logits", (least, 0.4), (most, 0.5)).figures
    assert found is not None
    assert found.greatest_rel is not None
    assert (found.greatest_abs.index, found.greatest_rel.index) == (most, least)


def test_with_the_tolerance_that_is_needed_it_would_pass_and_with_less_it_would_not() -> None:
    result = with_errors(LOGITS, "logits", ((0, 0, 0), 1e-13), ((3, 1, 2), 3e-13))
    assert result.figures is not None
    assert result.allowed is not None
    assert result.max_abs_error == pytest.approx(result.figures.needed_times * result.allowed)
    assert result.figures.needed_times == result.ratio > 1


def test_the_other_outputs_that_are_wrong_are_counted() -> None:
    check = CHECKS["rnn_output_backward/generic-float64"]
    wrong = {"b_y": check.expected["b_y"] * 3, "W_hy": np.zeros(2)}
    result = judged(check, h_states=check.expected["h_states"] + 1.0, **wrong)
    assert result.figures is None  # a shape is worse than any number
    del wrong["W_hy"]
    result = judged(check, h_states=check.expected["h_states"] + 1e-9, **wrong)
    assert result.figures is not None
    size = check.expected["h_states"].size
    assert (result.figures.output, result.figures.also) == ("b_y", {"h_states": f"{size} of {size}"})


def test_a_state_is_due_by_one_exact_step_from_its_own_state_before() -> None:
    check = CHECKS["rnn_forward/single-float64"]
    states = check.expected["h_states"].copy()
    states[1] += 0.25
    result = judged(check, h_states=states)
    assert result.figures is not None
    assert result.index is not None
    assert result.index[0] in {1, 2}
    X_seq, _, *weights = check.arguments.values()
    due = rnn_ref.rnn_forward(X_seq[result.index[0]][None], states[result.index[0] - 1], *weights)[0]
    assert result.figures.truth == pytest.approx(due[result.index[1:]], abs=1e-14)


def test_an_error_just_above_the_allowed_one_does_not_look_like_it() -> None:
    result = with_errors(LOGITS, "logits", ((2, 1, 4), 1e-9))
    allowed = result.allowed or 0.0
    close = dataclasses.replace(result, max_abs_error=allowed * 1.0001)
    text = "\n".join(check_block(close, None))
    error, limit = text.partition("off by ")[2].partition(", PyTorch")[0].split(", allowed ")
    assert float(error) > float(limit)


@pytest.mark.parametrize("factor", [1.3, 1.04, 1.0004, 1 + 1e-9, 1 + 2**-52])
@pytest.mark.parametrize("allowed", [2.14e-15, 9.99e-8, 0.5, 1.0])
def test_figures_are_written_with_enough_digits(factor: float, allowed: float) -> None:
    error, limit = apart(allowed * factor, allowed)
    assert float(error) > float(limit)
    answer, truth = distinct(allowed * factor, allowed)
    assert float(answer) != float(truth)


@pytest.mark.parametrize("factor", [1.04, 1.004, 1 + 1e-9])
def test_nor_does_it_in_the_table_which_stays_narrow(factor: float) -> None:
    result = with_errors(LOGITS, "logits", ((2, 1, 4), 1e-9))
    close = dataclasses.replace(result, max_abs_error=(result.allowed or 0.0) * factor)
    function = rnn_ref.check(only="rnn_output_layer/generic-float64").functions["rnn_output_layer"]
    wrong = dataclasses.replace(function, verdict="wrong", telling=close.id)
    report = Report("mine", {"rnn_output_layer": wrong}, [close], {"oracle": "vectors"}, 0.1)
    row = next(line for line in render(report).splitlines() if line.startswith("rnn_output_layer "))
    error, limit = row.split()[3:5]
    assert error.startswith(">") or float(error) > float(limit)
    assert len(row) <= WIDTH


def test_a_block_is_short_narrow_and_reproduces() -> None:
    worst_cases = {
        "rnn_forward": lambda *a: [h * 2 for h in rnn_ref.rnn_forward(*a)],
        "rnn_backward": lambda *a: [g * 2 for g in rnn_ref.rnn_backward(*a)],
        "rnn_bptt": lambda *a, **k: (1.0, [g.astype(np.float32) for g in rnn_ref.rnn_bptt(*a, **k)[1]], 3.0),
        "cross_entropy": lambda *a, **k: 1 / 0,
        "cross_entropy_backward": lambda *a, **k: np.nan * rnn_ref.cross_entropy_backward(*a, **k),
        "rnn_output_layer": lambda h_states, W_hy, b_y: int("x" * 1000),
    }
    report = rnn_ref.check(worst_cases)
    for function in worst_cases:
        lines = function_block(function, report.functions[function], report.results)
        assert 2 <= len(lines) <= LINES
        assert max(map(len, lines)) <= WIDTH


def test_a_long_command_is_broken_where_a_shell_lets_it_be() -> None:
    report = rnn_ref.check({"rnn_cell_step": lambda *a: None})
    function = report.functions["rnn_cell_step"]
    command = f"rnn-ref check {'folder/' * 8}mine.py --dtype float64 --only {function.telling}"
    lines = function_block("rnn_cell_step", dataclasses.replace(function, reproduce=command), report.results)
    assert lines[-2].endswith("mine.py --dtype float64 \\")
    assert " ".join(line.strip(" \\") for line in lines[-2:]).removeprefix("again: ") == command


def test_not_a_number_is_said_as_such() -> None:
    lines = block_of(lambda *a: rnn_ref.rnn_cell_step(*a) * np.nan, "rnn_cell_step")
    text = "\n".join(lines)
    assert "got nan, due " in text
    assert "no tolerance would let this pass" in text
    assert "greatest" not in text


def test_what_is_wrong_at_the_second_call_only_says_so() -> None:
    count = [0]

    def rnn_cell_step(*arguments: Any) -> Any:
        count[0] += 1
        return rnn_ref.rnn_cell_step(*arguments) * (1 if count[0] % 2 else 2)

    lines = block_of(rnn_cell_step, "rnn_cell_step")
    assert "  right at the first call, wrong when the same call is made again" in lines


def test_a_named_mistake_is_told_before_figures() -> None:
    report = rnn_ref.check({"rnn_cell_step": lambda *a: rnn_ref.rnn_cell_step(*a) * 2})
    found = dataclasses.replace(
        report.functions["rnn_cell_step"],
        mistake="tanh-twice",
        mistakes=["tanh-twice", "bias-missing"],
        explanation="tanh is taken twice",
        hint="once is enough",
    )
    lines = function_block("rnn_cell_step", found, report.results)
    assert lines == ["rnn_cell_step: wrong (tanh-twice, bias-missing)", "  tanh is taken twice", "  once is enough"]


def off_with_pytorch(check: Check, name: str, error: float) -> Check:
    return dataclasses.replace(check, pytorch={**check.pytorch, name: check.expected[name] + error})


def test_where_pytorch_is_beyond_what_is_allowed_the_block_says_who_is_off() -> None:
    check = off_with_pytorch(LOSS, "loss", 0.01)
    answer = check.expected["loss"] + 0.01
    text = "\n".join(check_block(judged(check, loss=answer), None))
    assert "PyTorch is off by 0.01, more than is allowed; the truth has 50 digits" in text
    ordinary = "\n".join(check_block(judged(LOSS, loss=answer), None))
    assert "more than is allowed" not in ordinary
    assert "PyTorch off by" in ordinary


def test_functions_that_conform_get_a_note_where_pytorch_is_off() -> None:
    check = off_with_pytorch(LOSS, "loss", 0.01)
    result = judged(check)
    assert result.status == "passed"
    quiet = rnn_ref.check(only=LOSS.id)
    assert quiet.notes == []
    report = dataclasses.replace(quiet, results=[result])
    (note,) = report.notes
    assert note.startswith(f"{LOSS.id}: loss: PyTorch is off by 0.01, more than is allowed (")
    assert note.endswith("; the truth has 50 digits")
    assert report.to_dict()["notes"] == [note]
    assert "\nnote: cross_entropy/step-float32: loss: PyTorch is off by" in render(report)
    skipped = dataclasses.replace(quiet, results=[dataclasses.replace(result, status="skipped")])
    assert skipped.notes == []


def test_a_state_of_pytorch_is_measured_as_the_candidates_are() -> None:
    check = CHECKS["rnn_forward/single-float64"]
    states = check.expected["h_states"].copy()
    states[1] += 1e-9
    result = judged(dataclasses.replace(check, pytorch={"h_states": states}))
    assert result.pytorch_beyond is not None
    assert result.pytorch_beyond.index[0] in {1, 2}
    assert judged(check).pytorch_beyond is None


def test_pytorch_itself_is_within_bounds_on_every_frozen_vector() -> None:
    assert rnn_ref.check().notes == []


def test_without_pytorchs_answer_nothing_is_said_of_it() -> None:
    alone = dataclasses.replace(LOGITS, pytorch={})
    result = with_errors(alone, "logits", ((0, 0, 0), 1.0))
    assert "PyTorch" not in "\n".join([result.message, *check_block(result, None)])
