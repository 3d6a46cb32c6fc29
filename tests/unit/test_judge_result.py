"""One answer and what is said of it, at the edges: all calls count, and what is off as float32 is, is told."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge import class_indices, result
from rnn_ref.conformance.judge.compare import Comparison
from rnn_ref.conformance.judge.result import Result, judge
from rnn_ref.conformance.run.call import Outcome

EVERY = {one.id: one for one in all_questions(None, "vectors")}
FORWARD, BACK = EVERY["rnn_forward/generic-float64"], EVERY["rnn_cell_backward/generic-float64"]
COARSER = 2.0**29  # units of float32 in one of float64
ULP = 2.0**-23  # of float32, at 1
ODD = 1 + 2.0**-30  # no number of float32


def right(check: Any = FORWARD) -> dict[str, Any]:
    return {name: one.copy() for name, one in check.expected.items()}


def off(check: Any = FORWARD, by: float = 0.5) -> dict[str, Any]:
    """Answers of which the first is off in its first entry, and no other."""
    answers = right(check)
    next(iter(answers.values())).flat[0] += by
    return answers


def of(error: float | None, allowed: float | None) -> float:
    return Result("f/a", "f", "passed", max_abs_error=error, allowed=allowed).ratio


def test_the_ratio_is_the_error_over_what_is_allowed() -> None:
    assert [of(3.0, 2.0), of(1.0, 2.0), of(0.0, 0.0), of(None, None)] == [1.5, 0.5, 0.0, 0.0]
    assert of(1.0, 0.0) == of(1.0, None) == np.inf


def test_every_call_must_be_right() -> None:
    wrong = Outcome(off())
    assert judge(FORWARD, [wrong, Outcome(right())]).message.startswith("h_states: off by")
    for calls in ([Outcome(right()), wrong], [Outcome(right()), Outcome(right()), wrong]):
        found = judge(FORWARD, calls)
        assert (found.status, found.message.startswith(result.AGAIN), found.second_call) == ("failed", True, True)
    found = judge(FORWARD, [Outcome(right()), replace(wrong, rewritten=True)])
    assert (found.message.startswith(result.REWRITTEN), found.rewritten, found.second_call) == (True, True, False)
    assert judge(FORWARD, [Outcome(right(), overwritten=True)]).message == result.OVERWRITTEN
    assert judge(FORWARD, [Outcome(right(), overwritten=True), Outcome(right())]).status == "failed"


def test_each_output_tells_answers_apart_and_only_so_many_are_kept() -> None:
    check = replace(BACK)
    assert judge(check, [Outcome(right(check))]).status == "passed"
    assert judge(check, [Outcome(off(check))]).status == "failed"
    for number in range(40):
        judge(check, [Outcome(off(check, 1.0 + number))])
    assert len(result._JUDGED[check]) == 32


def test_an_error_is_told_in_ulp_of_the_largest_entry() -> None:
    largest = np.spacing(np.abs(FORWARD.expected["h_states"]).max())
    found = judge(FORWARD, [Outcome(off())])
    assert found.max_ulp == pytest.approx(0.5 / largest, rel=1e-9)
    assert found.max_abs_error == pytest.approx(0.5, rel=1e-9)
    assert (found.index, found.function, found.dtype) == ((0, 0, 0), "rnn_forward", "float64")


def test_where_pytorch_is_off_is_told_beside_the_numbers() -> None:
    check = EVERY["cross_entropy/confident-float32"]
    assert check.pytorch_off
    assert judge(check, [Outcome(right(check))]).pytorch_beyond is not None
    assert judge(FORWARD, [Outcome(off())]).pytorch_beyond is None


def test_axes_of_size_one_and_their_order_make_the_same_axes() -> None:
    states = FORWARD.expected["h_states"]
    found = [judge(FORWARD, [Outcome({"h_states": one})]) for one in (states.T, states[..., None].T, states[:, :2])]
    assert [(one.misshapen, one.same_axes) for one in found] == [(True, True), (True, True), (True, False)]


def as_float32(*outputs: tuple[list[float], float, list[float]], single: bool = False) -> bool:
    """Whether outputs, each with what is due, what is allowed and how far it is off, are off as float32 is."""
    names = [f"o{number}" for number in range(len(outputs))]
    check = replace(FORWARD, expected={name: np.array(due) for name, (due, *_) in zip(names, outputs, strict=True)})
    beside = [
        Comparison(name, np.array(errors), np.full(len(due), allowed))
        for name, (due, allowed, errors) in zip(names, outputs, strict=True)
    ]
    return result._as_float32(check, Outcome(single_precision=single), beside)


def test_off_as_float32_is_more_than_half_of_the_entries_that_show_it() -> None:
    tiny, by = 2.0**-53, 2.0**-26
    assert as_float32(([ODD], tiny, [by]))
    assert not as_float32(([ODD, ODD], tiny, [by, 0.0]))  # half
    assert as_float32(([ODD] * 3, tiny, [by, by, 0.0]))
    assert not as_float32(([ODD] * 5, tiny, [by, by, 0.0, 0.0, 0.0]))
    assert not as_float32(([1.0], tiny, [by]))  # float32 has that number
    assert as_float32(([1.0], tiny, [by]), single=True)
    assert as_float32(([ODD] * 2, tiny, [by, by]), ([ODD], tiny, [0.0]))  # of all outputs together
    assert not as_float32(([ODD] * 3, tiny, [0.0] * 3), ([ODD], tiny, [by]))


def test_off_by_more_than_float32_is_allowed_is_wrong() -> None:
    tiny = 2.0**-53
    assert as_float32(([ODD], tiny, [COARSER * tiny]))  # just allowed
    assert not as_float32(([ODD], tiny, [2 * COARSER * tiny]))
    assert as_float32(([ODD, 0.0], tiny, [2.0**-26, 0.0]))
    least = float(np.finfo(np.float32).tiny)
    assert as_float32(([ODD], tiny, [2.0**-26]), ([0.0], 0.0, [least]))  # flushed to zero
    assert not as_float32(([ODD], tiny, [2.0**-26]), ([0.0], 0.0, [2 * least]))


def test_what_is_allowed_hides_rounding_from_a_quarter_of_an_ulp_on() -> None:
    assert not as_float32(([ODD], ULP / 4, [ULP / 2]))
    assert as_float32(([ODD], 0.9 * ULP / 4, [ULP / 2]))
    assert not as_float32(([ODD], 2.0**-53, [2.0**-53]))  # off by no more than float64 may be


def test_of_several_entries_luck_is_not_asked_for() -> None:
    tiny = 2.0**-53
    for by, many in ((ULP / 16, True), (ULP / 32, False), (ULP / 32.5, False)):
        assert as_float32(([ODD] * 16, tiny, [by] * 16)) == many
        assert as_float32(([ODD] * 15, tiny, [by] * 15))


def test_shares_are_moved_away_from_the_nearest_of_nothing_half_and_all() -> None:
    shares = np.array([0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.9, 1.0])
    up = np.array([0.0, 0.1, -0.25, -0.4, 0.5, 0.4, -0.1, 0.0])
    np.testing.assert_allclose(class_indices._moved(shares), shares + up / 64, rtol=1e-15, atol=0)
    assert class_indices._moved(shares.astype(np.float32)).dtype == np.float32
