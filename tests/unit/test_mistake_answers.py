"""What a mistake answers is found in a short way, which says what the long one does."""

import random

import numpy as np
import pytest

from rnn_ref.conformance.cases.asked import all_questions
from rnn_ref.conformance.mistakes.answers import answered, untouched
from rnn_ref.conformance.mistakes.make import wrong
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome, perform
from rnn_ref.conformance.spec.catalogue import MISTAKES
from rnn_ref.conformance.spec.mistake import Mistake

CHECKS = all_questions(None, "vectors")
DRAWN = random.Random(5).sample([(one, function) for one in MISTAKES for function in one.functions], 60)


def _told(outcome: Outcome) -> tuple[object, ...]:
    return outcome.error is None, outcome.unusable, outcome.mutated, list(outcome.answers)


@pytest.mark.parametrize(("mistake", "function"), DRAWN)
def test_the_short_way_says_what_the_long_one_does(mistake: Mistake, function: str) -> None:
    mine = [check for check in CHECKS if check.function == function]
    for check in random.Random(7).sample(mine, 4):
        short, long = answered(wrong(mistake, function), check), perform(wrong(mistake, function), check, ours=True)
        assert _told(short) == _told(long)
        for name, answer in long.answers.items():
            assert np.array_equal(short.answers[name], answer, equal_nan=not isinstance(answer, str))


def test_an_answer_is_worked_out_once() -> None:
    check: Check = CHECKS[0]
    mistake = next(one for one in MISTAKES if check.function in one.functions)
    assert untouched(check.function, (mistake,), check) is untouched(check.function, (mistake,), check)


def test_one_that_writes_into_its_input_is_told() -> None:
    check = next(check for check in CHECKS if check.id == "rnn_cell_step/generic-float64")
    writes = next(one for one in MISTAKES if one.slug == "mutates-input" and "rnn_cell_step" in one.functions)
    assert answered(wrong(writes, "rnn_cell_step"), check).mutated == ("h_prev",)


def test_two_edits_that_leave_no_python_cannot_be_made_together() -> None:
    line = "logits = h_states @ W_hy.T + b_y"
    squared = Mistake("squared", ("rnn_output_layer",), ((line, f"logits = ({line.partition(' = ')[2]})**2"),))
    below = Mistake("below", ("rnn_output_layer",), (("+ b_y", "+ b_y\n    logits = 2 * logits"),))
    with pytest.raises(ValueError, match="squared and below: cannot be made together in rnn_output_layer"):
        wrong((squared, below), "rnn_output_layer")
