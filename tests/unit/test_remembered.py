"""What is worked out once for a class, answers of losses and judgements: to the bit, and for no other bits."""

import inspect
import json
import sys
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import rnn_ref
from rnn_ref.conformance import foreign_text
from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.judge import result
from rnn_ref.conformance.options import options_of
from rnn_ref.conformance.plan import plan_ahead
from rnn_ref.conformance.run.call import PLAIN, Outcome
from rnn_ref.conformance.run.session import LocalSession, Request
from rnn_ref.conformance.spec.losses import remembered
from rnn_ref.conformance.spec.losses.callables import CALLABLES

ROWS = np.random.default_rng(0).normal(size=(3, 4))
LOSSES = [name for name in CALLABLES if not name.endswith("_backward")]


def questions() -> list[tuple[Any, Any]]:
    """Questions that differ by a bit, a type, a shape or the place in memory; each twice, and once again changed."""
    targets: list[Any] = [np.array([0, 1, 3]), np.array([0, 1, 2]), np.array([0, 1, 3], np.int8)]
    every = [(rows, one) for rows in (ROWS, np.float32(ROWS), np.nextafter(ROWS, 9), ROWS[::-1]) for one in targets]
    every += [(ROWS[0], one) for one in (1, np.int64(1), np.array(1), 2)] + [(-ROWS[0], 1), (0 * ROWS[0], 1)]
    return every * 2


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_answers_each_question_as_if_it_had_no_memory(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembered, "_KNOWN", {})
    loss = remembered.remembering(name)
    for rows, targets in questions():
        due, answer = CALLABLES[name](rows, targets), loss(rows, targets)
        assert (type(answer), answer.tobytes()) == (type(due), due.tobytes())
    written = ROWS.copy()
    before = loss(written, np.array([0, 1, 3]))
    written[0] = 7.0
    assert loss(written, np.array([0, 1, 3])) == CALLABLES[name](written, np.array([0, 1, 3])) != before


def test_what_a_loss_has_answered_is_not_worked_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(remembered, "_KNOWN", {})
    monkeypatch.setitem(CALLABLES, "total_margin", lambda *one: asked.append(one) or np.float64(1.0))  # type: ignore[index]
    loss = remembered.remembering("total_margin")
    for _ in range(3):
        loss(ROWS[0], 1)
    assert len(asked) == 1
    loss(ROWS[0], 2)
    loss(np.full(10**4, 1.0), 1)  # too long to be kept
    loss(np.full(10**4, 1.0), 1)
    assert len(asked) == 4


def test_answers_that_were_judged_are_not_judged_again_and_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    check = next(one for one in all_questions(None, "vectors") if one.id == "rnn_forward/generic-float64")
    check = replace(check)  # of which nothing is known yet
    right = {name: one.copy() for name, one in check.expected.items()}
    (name,) = right
    assert result.judge(check, [Outcome(right)]).status == "passed"
    judged: list[Any] = []
    anew = result._judge_anew
    monkeypatch.setattr(result, "_judge_anew", lambda *one: judged.append(one) or anew(*one))
    assert result.judge(check, [Outcome({name: right[name].copy()})]).status == "passed"
    assert not judged
    for other in (right[name] + 0.5, right[name][:-1], np.where(right[name] == right[name].max(), np.nan, right[name])):
        assert result.judge(check, [Outcome({name: other})]).status == "failed"
    assert result.judge(check, [Outcome(right, mutated=("h0",))]).status == "failed"
    assert result.judge(check, [Outcome({}, error="E")]).status == "error"
    assert result.judge(check, [Outcome({name: "is None"})]).status == "failed"
    assert len(judged) == 6


def test_of_a_class_the_same_is_asked_by_the_same_requests() -> None:
    first, again = (plan_ahead(name, options_of({"name": name})) for name in ("anna.py", "ben.py"))
    assert first is again
    assert plan_ahead("anna.py", options_of({"rank": "single"})) is not first
    assert plan_ahead("torch", options_of({})) is not first
    assert not plan_ahead("exec:./one", options_of({})).requests


def steps(*, generic: bool | None = None) -> Request:
    every = [one for one in all_questions(None, "vectors") if one.function == "rnn_cell_step" and not one.options]
    return Request("rnn_cell_step", [one for one in every if generic in {None, "generic" in one.flags}], PLAIN)


def test_what_a_call_lets_out_is_held_back_at_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    seen, shown = list[bool](), sys.stdout

    def rnn_cell_step(*given: Any) -> Any:
        before = list(warnings.filters)
        print("printed")
        warnings.warn("warned", stacklevel=1)
        warnings.simplefilter("error")
        sys.stdout = sys.stderr = shown
        seen.append(before == warnings.filters)
        return rnn_ref.rnn_cell_step(*given)

    before = list(warnings.filters), sys.stdout
    outcomes = LocalSession({"rnn_cell_step": rnn_cell_step}).run(steps(generic=False))
    assert not [one.error for calls in outcomes for one in calls if one.error]
    assert (list(warnings.filters), sys.stdout) == before
    assert not any(seen)
    assert capsys.readouterr() == ("", "")


def test_what_raises_is_not_asked_again_and_what_writes_is_given_the_same_as_before() -> None:
    given: list[list[bytes]] = []

    def rnn_cell_step(*arrays: Any) -> Any:
        given.append([np.asarray(one).tobytes() for one in arrays])
        arrays[-1][...] = 7.0
        raise ValueError

    request = steps()
    for outcomes in (LocalSession({"rnn_cell_step": rnn_cell_step}).run(request) for _ in range(2)):
        assert [len(calls) for calls in outcomes] == [1] * len(request.checks)
        writable = [calls[0] for check, calls in zip(request.checks, outcomes, strict=True) if not check.forms]
        assert {one.mutated for one in writable} == {("b_h",)}
    half = len(given) // 2
    assert given[:half] == given[half:]
    assert len(given) == 2 * len(request.checks)


def test_what_asks_for_an_option_that_is_not_declared_is_not_asked_and_the_rest_is() -> None:
    asked: list[str] = []

    class Loss:
        def __call__(self, logits: Any, targets: Any, *, ignore_index: int = -100, **more: Any) -> Any:
            asked.extend(["ignore_index"] * (ignore_index != -100) + [*more])
            return rnn_ref.cross_entropy(logits, targets, ignore_index=ignore_index, **more)

    loss = Loss()
    loss.__signature__ = inspect.signature(lambda logits, targets, *, ignore_index=-100: ...)  # type: ignore[attr-defined]
    checks = [one for one in all_questions(None, "vectors") if one.function == "cross_entropy"]
    outcomes = LocalSession({"cross_entropy": loss}).run(Request("cross_entropy", checks, PLAIN))
    unasked = [check for check, calls in zip(checks, outcomes, strict=True) if calls[0].error]
    assert unasked == [check for check in checks if not set(check.options) <= {"ignore_index"}]
    assert set(asked) == {"ignore_index"}
    assert rnn_ref.check({"cross_entropy": loss}).functions["cross_entropy"].verdict == "conforms"


LETTERS = [
    "a",
    '"',
    "\\",
    "\n",
    "\x7f",
    "\x1b",
    "\u202e",
    "\ud800",
    "é",
    "\\n",
    '\\"',
    "a" * 10_000,
    "a" * 10_001,
    '"' * 10_001,
]


@pytest.mark.parametrize("before", LETTERS)
def test_text_that_is_taken_for_clean_is_not_changed_by_cleaning(before: str) -> None:
    for behind in LETTERS:
        for told in ([before + behind], {before: 1, "b": [behind]}, [before, behind]):
            for ascii_only in (True, False):
                text = json.dumps(told, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
                assert not foreign_text.is_clean(text) or foreign_text.cleaned(told) == told
    assert foreign_text.is_clean(json.dumps(["a", {'a "b" \\': 1.5}]).encode())
