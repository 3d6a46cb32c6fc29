"""An answer beside what is expected: what is just allowed is right, and the first wrong step is the first one asked."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge.compare import Comparison, _of_one_layer, compared
from rnn_ref.conformance.operation import Check

EVERY = {one.id: one for one in all_questions(None, "vectors")}
FORWARD, LOSS = EVERY["rnn_forward/generic-float64"], EVERY["cross_entropy/generic-float64"]


def beside(errors: Any, allowed: Any, name: str = "h_states") -> Comparison:
    return Comparison(name, np.asarray(errors, float), np.asarray(allowed, float))


def test_what_is_just_allowed_is_right_and_no_error_is_none_of_nothing() -> None:
    assert (beside([1.0, 0.5], [1.0, 1.0]).ratio, beside([1.0], [1.0]).wrong) == (1.0, False)
    assert beside([1.0], [np.nextafter(1.0, 0.0)]).wrong
    assert beside([0.0], [0.0]).ratio == 0.0
    assert beside(np.empty(0), np.empty(0)).ratio == 0.0
    assert beside([0.0, np.nan], [1.0, 1.0]).wrong
    assert beside([[1.0, 4.0], [5.0, 1.0]], [[1.0, 1.0], [2.0, 1.0]]).worst == (0, 1)
    assert Comparison("h_states", np.zeros(()), np.zeros(())).ulp == 1.0


@pytest.mark.parametrize(("wrong", "first", "last"), [([], None, None), ([2], 2, 2), ([1, 3], 1, 3), ([0, 4], 0, 4)])
def test_the_first_wrong_step_is_the_first_in_the_order_of_computation(
    wrong: list[int], first: int | None, last: int | None
) -> None:
    errors = np.ones((5, 3, 2))  # just allowed
    errors[wrong, 2, 1] = 1.5
    back = replace(FORWARD, operation=replace(FORWARD.operation, from_the_end=True))
    assert beside(errors, np.ones((5, 3, 2))).step(FORWARD) == first
    assert beside(errors, np.ones((5, 3, 2))).step(back) == last
    assert beside(errors, np.ones((5, 3, 2)), "b_h").step(FORWARD) is None


def due(check: Check) -> dict[str, Any]:
    return {name: one.copy() for name, one in check.expected.items()}


def test_what_expected_may_be_off_itself_is_allowed_as_well() -> None:
    (name,) = LOSS.expected
    (plain,) = compared(LOSS, due(LOSS))
    (more,) = compared(replace(LOSS, slack={name: np.float64(0.25)}), due(LOSS))
    np.testing.assert_allclose(more.allowed, plain.allowed + 0.25, rtol=0, atol=0)


def test_one_number_may_have_axes_and_two_are_too_many() -> None:
    (name,) = LOSS.expected
    loss = LOSS.expected[name]
    assert [one.wrong for one in compared(LOSS, {name: loss.reshape(1, 1)})] == [False]
    assert [one.wrong for one in compared(LOSS, {name: np.stack([loss, loss])})] == [True]


def test_a_last_state_may_have_an_axis_of_one_layer_and_of_no_more() -> None:
    states, last = next(iter(FORWARD.operation.ends.items()))
    check = FORWARD.returning([last])
    right = FORWARD.expected[states][-1]
    for answer, problem in ((right, ""), (right[None], ""), (np.stack([right, right]), "has shape")):
        (one,) = compared(check, {last: answer})
        assert one.problem.startswith(problem)
        assert bool(one.problem) == one.wrong == bool(problem)
    both, every = FORWARD.returning([states, last]), FORWARD.expected[states]
    assert [one.wrong for one in compared(both, {states: every, last: right})] == [False, False]
    for other in every[:-1]:
        assert [one.wrong for one in compared(both, {states: every, last: other})] == [False, True]
    of_one = replace(FORWARD, expected={last: np.ones((1, 3))})  # a batch of one is no layer
    assert np.shape(_of_one_layer(of_one, last, np.ones((1, 3)))) == (1, 3)
    off = right.copy()
    off[0, 0] = np.nan
    (one,) = compared(check, {last: off})
    assert one.errors[0, 0] == np.inf
    lost = FORWARD.expected[states].copy()
    lost[1:] = np.nan  # of what is no number, no number is made
    (one,) = compared(FORWARD, {states: lost})
    assert (one.errors[1] == np.inf).all()
    assert (one.errors[2:] == 0.0).all()
    (one,) = compared(FORWARD, {states: FORWARD.expected[states][:-1]})
    assert one.problem.startswith("has shape")
