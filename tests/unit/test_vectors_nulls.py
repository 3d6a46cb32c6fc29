"""Candidates that compute nothing pass nothing: constants, noise, an input handed back, the answer to another check."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sampled import some

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.judge.result import judge
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome
from rnn_ref.conformance.spec import OPERATIONS

CHECKS = [check for check in frozen.load()[0] if "corner" not in check.flags]  # corners have answers like 0
Answers = dict[str, Any]


def constants(check: Check) -> Iterator[Answers]:
    """Yield the same number everywhere; the mean of the right answer is the best of them."""
    for number in (0.0, 1.0, -1.0, 0.5, np.nan, np.inf):
        yield {name: np.full_like(right, number) for name, right in check.expected.items()}
    if all(right.size > 1 for right in check.expected.values()):
        yield {name: np.full_like(right, right.mean()) for name, right in check.expected.items()}


def noise(check: Check) -> Iterator[Answers]:
    for seed in range(3):
        rng = np.random.default_rng(seed)
        yield {name: rng.normal(size=right.shape) for name, right in check.expected.items()}
        yield {name: 2 * right.mean() * rng.uniform(size=right.shape) for name, right in check.expected.items()}


def echoes(check: Check) -> Iterator[Answers]:
    """Yield every input in the shape of every output, and every gradient's own input."""
    inputs = {name: np.asarray(value, float) for name, value in check.arguments.items() if not isinstance(value, str)}
    for value in inputs.values():
        yield {name: np.resize(value, right.shape) for name, right in check.expected.items()}
    yield {name: np.resize(inputs.get(name, value), right.shape) for name, right in check.expected.items()}


def other_answers(check: Check) -> Iterator[Answers]:
    """Yield the right answers to every other check of the function, the one before among them."""
    for other in CHECKS:
        if other.function == check.function and not _same(other, check):
            yield {name: np.resize(other.expected[name], right.shape) for name, right in check.expected.items()}


def _same(one: Check, other: Check) -> bool:
    """Whether they ask the same: the states as a list and as an array do."""
    return all(np.array_equal(one.expected[name], right) for name, right in other.expected.items())


@pytest.mark.parametrize("null", [constants, noise, echoes, other_answers])
@pytest.mark.parametrize("function", some(OPERATIONS, 1))
def test_a_null_candidate_passes_no_check(function: str, null: Any) -> None:
    for check in CHECKS:
        if check.function == function:
            for answers in null(check):
                assert judge(check, [Outcome(answers=answers)]).status == "failed"


def test_the_right_answer_passes() -> None:
    for check in CHECKS:
        assert judge(check, [Outcome(answers=dict(check.expected))]).status == "passed", check.id


@pytest.mark.parametrize("function", OPERATIONS)
def test_no_two_checks_have_the_same_answer_but_those_that_ask_the_same(function: str) -> None:
    plain = [check for check in CHECKS if check.function == function and not check.forms]
    mine = [check for check in plain if "single-average" not in check.id]  # where every step has one row
    for i, check in enumerate(mine):
        assert not [other.id for other in mine[:i] if _same(other, check)], check.id
