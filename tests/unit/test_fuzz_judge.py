"""Odd answers to the judge: whatever comes back is a result that can be reported, and passes only if it is right."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_fuzz import CHANGES, Odd
from unit_judged import CHECKS

from rnn_ref.conformance.environment import environment
from rnn_ref.conformance.judge.compare import compared
from rnn_ref.conformance.judge.result import STATUSES, judge
from rnn_ref.conformance.judge.verdict import VERDICTS, verdict_of
from rnn_ref.conformance.reports.formats import FORMATS, rendered
from rnn_ref.conformance.reports.report import Report
from rnn_ref.conformance.run import exchange
from rnn_ref.conformance.run.call import Outcome, perform
from rnn_ref.conformance.targets.raised import Raised


class Endless:
    """Yields for ever, and has a length that is no number."""

    def __iter__(self) -> Any:
        return iter(int, 1)

    def __len__(self) -> int:
        raise OverflowError("too long")


class Liar(np.ndarray[Any, Any]):
    """Says that it has another shape and another type than it has."""

    shape = property(lambda self: ("a", None))  # type: ignore[assignment]
    dtype = property(lambda self: "float64")  # type: ignore[assignment]


def itself() -> Any:
    inside: list[Any] = []
    inside.append(inside)
    return inside


class WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


def raising(error: BaseException) -> Callable[[Any], Any]:
    def answer(_: Any) -> Any:
        raise error

    return answer


def recurring(due: Any) -> Any:
    return recurring(due)


def of_arrays(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return what changes an answer, or every array of several."""
    return lambda due: tuple(map(change, due)) if isinstance(due, tuple) else change(due)


ODD: dict[str, Callable[[Any], Any]] = {
    **{name: of_arrays(change) for name, change in CHANGES.items()},
    "in a list": lambda due: [due],
    "in a dict": lambda due: {"dx": due, 1: None},
    "twice": lambda due: (due, due),
    "nothing": lambda due: (),
    "ragged": lambda due: [[1.0], [2.0, 3.0]],
    "itself": lambda due: itself(),
    "endless": lambda due: Endless(),
    "Liar": of_arrays(lambda one: np.array(one).view(Liar)),
    "generator": lambda due: (one for one in due),
    "times": of_arrays(lambda one: np.zeros(np.shape(one), "M8[s]")),
    "records": of_arrays(lambda one: np.zeros(np.shape(one), [("a", float), ("b", "S3")])),
    "a large integer": lambda due: 10**400,
    "objects": of_arrays(lambda one: np.full(np.shape(one), Odd(), object)),
    "a type": lambda due: np.ndarray,
    "far more": of_arrays(lambda one: np.broadcast_to(np.float64(1), (10**9,))),
    "an exception": lambda due: ValueError("returned"),
    "raises": raising(ValueError("x" * 10**5)),
    "raises without words": raising(WordlessError()),
    "exits": raising(SystemExit(0)),
    "leaves": raising(GeneratorExit()),
    "stops": raising(StopIteration(3)),
    "recurs": recurring,
}
SOME = [one for one in CHECKS.values() if one.case.startswith(("generic-f", "single-f", "step-f"))]


def right_answer(check: Any) -> Any:
    answers = [np.array(one, dtype=check.dtype) for one in check.expected.values()]
    return answers[0] if len(answers) == 1 else tuple(answers)


def is_right(check: Any, outcome: Outcome) -> bool:
    return all(np.all(one.errors <= one.allowed) and not one.problem for one in compared(check, outcome.answers))


SMALL = [name for name in ODD if name not in {"wide", "far more"}]  # of which anything else can be made


@given(data=st.data())
@settings(max_examples=150)
def test_whatever_is_answered_is_judged(data: Any) -> None:
    first = data.draw(st.lists(st.sampled_from(SMALL), max_size=1))
    judged(data.draw(st.sampled_from(SOME)), [*first, data.draw(st.sampled_from(list(ODD)))])


@pytest.mark.slow
@pytest.mark.parametrize("odd", ODD)
def test_every_odd_answer_of_every_function_is_judged(odd: str) -> None:
    for check in SOME:
        judged(check, [odd])


def judged(check: Any, odd: list[str]) -> None:
    def candidate(*_: Any, **__: Any) -> Any:
        answer = right_answer(check)
        for one in odd:
            answer = ODD[one](answer)
        return answer

    outcome = perform(candidate, check)
    told, numbers = exchange.as_outcomes([[outcome, outcome]])
    (calls,) = exchange.outcomes_of(json.loads(json.dumps(told)), numbers)  # as from a child
    result = judge(check, calls)
    assert result.status in STATUSES
    assert len(result.message) < 10**4
    if result.status == "passed":
        assert is_right(check, outcome)
    elif outcome.error is None and outcome.unusable is None:
        assert not is_right(check, outcome)
    function = verdict_of([result], "again")
    assert function.verdict in VERDICTS
    report = Report("odd", {check.function: function}, [result], environment("vectors"), 0.0)
    for name in FORMATS:
        assert len(rendered(report, name)) < 10**6
    assert isinstance(outcome.raised, Raised | None)
