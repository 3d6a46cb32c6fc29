"""Results of checks that were answered with the truth, a little of it spoilt."""

import dataclasses
from typing import Any

from rnn_ref.conformance.cases import frozen
from rnn_ref.conformance.judge.result import Result, judge
from rnn_ref.conformance.operation import Check
from rnn_ref.conformance.run.call import Outcome

CHECKS = {one.id: one for one in frozen.load()[0]}
LOGITS = CHECKS["rnn_output_layer/generic-float64"]
FORWARD = CHECKS["rnn_forward/single-float64"]
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


def off_with_pytorch(check: Check, name: str, error: float) -> Check:
    return dataclasses.replace(check, pytorch={**check.pytorch, name: check.expected[name] + error}, pytorch_off=None)
