"""The block under a function that does not conform: it is short, says who is off, and can be read and repeated."""

import dataclasses
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from unit_judged import LOGITS, LOSS, judged, off_with_pytorch, with_errors

import rnn_ref
from rnn_ref.conformance.reports.block import LINES, WIDTH, check_block, check_lines, function_block
from rnn_ref.conformance.reports.report import Report
from rnn_ref.conformance.reports.text import rendered

SECOND = "  right at the first call, wrong when the same call is made again"


def block_of(candidate: Any, function: str, **options: Any) -> list[str]:
    report = rnn_ref.check({function: candidate}, **options)
    return function_block(function, report.functions[function], report.results, full=True)


def test_an_error_just_above_the_allowed_one_does_not_look_like_it() -> None:
    result = with_errors(LOGITS, "logits", ((2, 1, 4), 1e-9))
    allowed = result.allowed or 0.0
    close = dataclasses.replace(result, max_abs_error=allowed * 1.0001)
    text = "\n".join(check_block(close, None))
    error, limit = text.partition("off by ")[2].partition(", PyTorch")[0].split(", allowed ")
    assert float(error) > float(limit)


@pytest.mark.parametrize("factor", [1.04, 1.004, 1 + 1e-9])
def test_nor_does_it_in_the_table_which_stays_narrow(factor: float) -> None:
    result = with_errors(LOGITS, "logits", ((2, 1, 4), 1e-9))
    close = dataclasses.replace(result, max_abs_error=(result.allowed or 0.0) * factor)
    function = rnn_ref.check(only="rnn_output_layer/generic-float64").functions["rnn_output_layer"]
    wrong = dataclasses.replace(function, verdict="wrong", telling=close.id)
    report = Report("mine", {"rnn_output_layer": wrong}, [close], {"oracle": "vectors"}, 0.1)
    row = next(line for line in rendered(report).splitlines() if line.startswith("rnn_output_layer "))
    error, limit = row.split()[3:5]
    assert error == f">{limit}" if factor < 1.001 else float(error) > float(limit)
    assert len(row) <= WIDTH


def test_gradients_have_the_same_names_in_every_line_and_every_report() -> None:
    def rnn_backward(*arguments: Any) -> Any:
        found = [gradient.copy() for gradient in rnn_ref.rnn_backward(*arguments)]
        found[0][0] += 0.1
        return [found[0], found[1] ** 2, *found[2:]]

    report = rnn_ref.check({"rnn_backward": rnn_backward}, only="rnn_backward/*")
    block = "\n".join(function_block("rnn_backward", report.functions["rnn_backward"], report.results, full=True))
    message = next(one.message for one in report.results if one.status == "failed")
    for text in (block, message, report.to_html().partition("Suite 1")[0]):
        assert not re.search(r"\b(X_seq|h0)\b", text)
        assert "dX_seq" in text
    assert "dh0" in block


@pytest.mark.parametrize("only", [pytest.param(None, marks=pytest.mark.slow), "generic-float64"])
def test_a_block_is_short_narrow_and_reproduces(only: str | None) -> None:
    worst_cases = {
        "rnn_forward": lambda *a: [h * 2 for h in rnn_ref.rnn_forward(*a)],
        "rnn_backward": lambda *a: [g * 2 for g in rnn_ref.rnn_backward(*a)],
        "rnn_bptt": lambda *a, **k: (1.0, [g.astype(np.float32) for g in rnn_ref.rnn_bptt(*a, **k)[1]], 3.0),
        "cross_entropy": lambda *a, **k: 1 / 0,
        "cross_entropy_backward": lambda *a, **k: np.nan * rnn_ref.cross_entropy_backward(*a, **k),
        "rnn_output_layer": lambda h_states, W_hy, b_y: int("x" * 1000),
    }
    report = rnn_ref.check(worst_cases, only=only)
    for function in worst_cases:
        lines = function_block(function, report.functions[function], report.results)
        picture = 0 if report.functions[function].error_map is None else 10
        assert 2 <= len(lines) <= LINES + picture
        assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("room", range(2, 6))
def test_lines_for_which_there_is_no_room_are_left_out_whole(room: int) -> None:
    result = with_errors(LOGITS, "logits", ((2, 1, 4), 1e-9), ((0, 0, 0), 1.0))
    every, some = check_lines(result, 20), check_lines(result, room)
    assert len(some) <= room
    assert set(some) < set(every)
    assert check_lines(dataclasses.replace(result, second_call=True), 5) == [*every[:2], SECOND, *every[2:4]]


def test_long_words_from_elsewhere_are_cut() -> None:
    report = rnn_ref.check({"rnn_cell_step": lambda *a: None})
    talkative = dataclasses.replace(report.functions["rnn_cell_step"], explanation="word " * 999, hint="more " * 999)
    lines = function_block("rnn_cell_step", talkative, report.results)
    assert max(map(len, lines)) <= 80
    assert len(lines) <= 20
    assert any(line.endswith("word ...") for line in lines)
    assert any(line.endswith("more ...") for line in lines)


def test_a_long_command_is_broken_where_a_shell_lets_it_be() -> None:
    report = rnn_ref.check({"rnn_cell_step": lambda *a: None})
    function = report.functions["rnn_cell_step"]
    command = f"rnn-ref check {'folder/' * 8}mine.py --dtype float64 --only {function.telling}"
    lines = function_block("rnn_cell_step", dataclasses.replace(function, reproduce=command), report.results)
    assert lines[-2].endswith("mine.py --dtype float64 \\")
    assert " ".join(line.strip(" \\") for line in lines[-2:]).removeprefix("again: ") == command


def test_in_short_a_block_leaves_out_the_evidence_ulps_what_would_pass_and_the_key_of_the_picture() -> None:
    def from_h0(X_seq: Any, h0: Any, W_xh: Any, W_hh: Any, b_h: Any) -> Any:
        return [rnn_ref.rnn_cell_step(x_t, h0, W_xh, W_hh, b_h) for x_t in X_seq]

    report = rnn_ref.check({"rnn_forward": from_h0, "rnn_cell_step": lambda *a: np.cbrt(rnn_ref.rnn_cell_step(*a))})
    long = ["grees with this mistake", " ulp", "would pass if", ". right, x X # wrong: up to"]
    for text, there in ((str(report), False), (report.to_text(full=True), True)):
        assert [part in text for part in long] == [there] * len(long)
        for part in ("Every step starts from h0", "why: ", "look: ", "unit 0 .####", "known: h_t is another function"):
            assert part in text


def test_a_named_exception_comes_with_the_line_that_raised_it(tmp_path: Path) -> None:
    lines = ["import numpy as np", "def rnn_cell_step(x_t, h_prev, W_xh, W_hh, b_h):", "    if x_t.shape[-1] > 8:"]
    lines += ["        raise ValueError('too wide')", "    return np.tanh(x_t @ W_xh.T + h_prev @ W_hh.T + b_h)"]
    (tmp_path / "mine.py").write_text("\n".join(lines))
    report = rnn_ref.check(str(tmp_path / "mine.py"))
    assert "mine.py:4: raise ValueError('too wide')" in " ".join(str(report).split())
    assert "mine.py:4: raise ValueError(&#x27;too wide&#x27;)" in report.to_html()


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

    text = " ".join(block_of(rnn_cell_step, "rnn_cell_step"))
    assert "rnn_cell_step: wrong (not-repeatable)" in text
    assert "The same call, made again, gives another answer" in text


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
    assert lines[:2] == ["rnn_cell_step: wrong (tanh-twice, bias-missing)", "  Tanh is taken twice"]
    assert "  look: once is enough" in lines


def test_where_pytorch_is_beyond_what_is_allowed_the_block_says_who_is_off() -> None:
    check = off_with_pytorch(LOSS, "loss", 0.01)
    answer = check.expected["loss"] + 0.01
    text = "\n".join(check_block(judged(check, loss=answer), None))
    assert "PyTorch is off by 0.01, more than is allowed" in text
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
    assert note.startswith(f"{LOSS.id}: loss: PyTorch is off by 0.01 where 4.")
    assert note.endswith(" is due; the check is by the truth, not by PyTorch")
    assert report.to_dict()["notes"] == [note]
    assert "\nnote: cross_entropy/step-float32: loss: PyTorch is off by" in rendered(report, full=True)
    skipped = dataclasses.replace(quiet, results=[dataclasses.replace(result, status="skipped")])
    assert skipped.notes == []


def test_without_pytorchs_answer_nothing_is_said_of_it() -> None:
    alone = dataclasses.replace(LOGITS, pytorch={})
    result = with_errors(alone, "logits", ((0, 0, 0), 1.0))
    assert "PyTorch" not in "\n".join([result.message, *check_block(result, None)])


def test_of_several_gradients_a_mistake_with_a_name_says_which_are_wrong() -> None:
    def rnn_output_backward(dlogits_seq: Any, h_states: Any, W_hy: Any, b_y: Any) -> Any:
        due = rnn_ref.rnn_output_backward(dlogits_seq, h_states, W_hy, b_y)
        return due._replace(b_y=due.b_y / len(dlogits_seq))

    report = rnn_ref.check({"rnn_output_backward": rnn_output_backward})
    assert report.functions["rnn_output_backward"].mistake == "averaged-over-steps"
    told = function_block("rnn_output_backward", report.functions["rnn_output_backward"], report.results)
    assert told[2] == "  wrong: db_y; what else is returned is right"

    def all_of_them(*given: Any) -> Any:
        return tuple(one / len(given[0]) for one in rnn_ref.rnn_output_backward(*given))

    report = rnn_ref.check({"rnn_output_backward": all_of_them})
    told = function_block("rnn_output_backward", report.functions["rnn_output_backward"], report.results)
    assert not any("what else is returned" in line for line in told)
