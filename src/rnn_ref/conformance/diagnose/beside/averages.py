"""A loss that is an average where a sum is due, and gradients with it: a scale, which silences every other name.

Where the output layer's gradients are what is due over the number of steps, of sequences, or of both, all gradients and
the loss are taken times that number, and what is wrong beside it is looked for in what is left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ...judge.probe import Probe
from ...judge.result import Result, judge
from ...operation import Check
from ...run.call import Outcome
from ...spec.tolerance import allowed_errors
from ..agreement import ROUGH, largest
from ..naming import Case
from .habits import bound_of

OVER: Mapping[str, tuple[int, ...]] = {"T * B": (0, 1), "B": (1,), "T": (0,)}  # axes of the targets
LEAST = 2  # probes in which it shows
EPS = 8  # times the precision of the largest entry: what a division more may be off


def without_average(case: Case) -> Case | None:
    """Return the case with all gradients and the loss as of a sum; None if they are no average."""
    checks = {check.id: check for check in case.examination.planned[case.function]}
    if not any(
        value.kind == "classes" for value in case.examination.planned[case.function][0].operation.arguments.values()
    ):
        return None
    plain = [probe for probe in case.probes if probe.outcome.error is None and probe.outcome.unusable is None]
    for axes in OVER.values():
        if _shows(plain, axes):
            outcomes = {id_: [_times(checks[id_], one, axes) for one in every] for id_, every in case.outcomes.items()}
            ran = {result.id for result in case.results if result.status != "skipped" and result.id in outcomes}
            results = [_judged(checks[one.id], outcomes[one.id]) if one.id in ran else one for one in case.results]
            return case._replace(outcomes=outcomes, results=results)
    return None


def bound_of_average(probes: Sequence[Probe]) -> float | None:
    """Return the bound at which the gradients of an average are clipped, None if more or less than that is wrong."""
    if not any(value.kind == "classes" for probe in probes[:1] for value in probe.check.operation.arguments.values()):
        return None
    for axes in OVER.values():
        bound = bound_of([replace(probe, check=_averaged(probe.check, axes)) for probe in probes])
        if bound is not None:
            return bound
    return None


def _averaged(check: Check, axes: tuple[int, ...]) -> Check:
    """Return a check of which the average is due."""
    number, allowed = _number(check, axes), allowed_errors(check)
    scaled = [name for name in check.expected if _is_scaled(check, name)]
    due = {name: check.expected[name] / number for name in scaled}
    off = {name: allowed[name] / number + EPS * np.finfo(check.dtype).eps * largest(one) for name, one in due.items()}
    nothing = {name: np.zeros_like(one) for name, one in due.items()}
    return replace(
        check,
        expected={**check.expected, **due},
        remainder={**check.remainder, **nothing},
        allowed={**allowed, **off},
    )


def _shows(probes: Sequence[Probe], axes: tuple[int, ...]) -> bool:
    """Whether the gradients of the output layer are all over a number that is not 1, where one of them tells."""
    arguments = probes[0].check.operation.arguments if probes else {}
    for name in [name for name, value in arguments.items() if value.axes[:1] == ("V",)]:
        telling = [probe for probe in probes if name in probe.check.expected and _number(probe.check, axes) != 1]
        if len(telling) >= LEAST and all(_is_over(probe, name, axes) for probe in telling):
            return True
    return False


def _is_over(probe: Probe, name: str, axes: tuple[int, ...]) -> bool:
    """Whether one gradient, times a number, is what is due."""
    return _is_due(probe.check, _times(probe.check, probe.outcome, axes), name)


def _is_due(check: Check, outcome: Outcome, name: str) -> bool:
    """Whether an output is what is due, but for the rounding of a division that the sum has not."""
    answer, due = outcome.answers.get(name), check.expected[name]
    if not isinstance(answer, np.ndarray) or answer.shape != due.shape:
        return False
    finite = np.isfinite(due)
    same = np.array_equal(np.isfinite(answer), finite)
    return same and bool(np.all(np.abs(answer - due)[finite] <= ROUGH[check.dtype] * largest(due)))


def _judged(check: Check, outcomes: Sequence[Outcome]) -> Result:
    """Return the result of a sum, right where all of it is what is due."""
    result = judge(check, outcomes)
    check = check.returning(outcomes[0].answers)
    right = outcomes[0].error is None and all(_is_due(check, outcomes[0], name) for name in check.expected)
    return replace(result, status="passed") if right and result.status == "failed" else result


def _times(check: Check, outcome: Outcome, axes: tuple[int, ...]) -> Outcome:
    number = _number(check, axes)
    scaled = {name: np.asarray(answer * number) for name, answer in outcome.answers.items()
              if name in check.expected and _is_scaled(check, name) and isinstance(answer, np.ndarray)}  # fmt: skip
    return replace(outcome, answers={**outcome.answers, **scaled})


def _is_scaled(check: Check, name: str) -> bool:
    return not check.expected[name].ndim or name.removeprefix("d") in check.operation.arguments


def _number(check: Check, axes: tuple[int, ...]) -> int:
    """Return the number of steps, of sequences, or of both, of those that are not ignored."""
    name = next(name for name, value in check.operation.arguments.items() if value.kind == "classes")
    shape: tuple[Any, ...] = np.shape(check.arguments[name])
    steps = np.any(np.reshape(check.arguments[name], (shape[0], -1)) >= 0, 1).sum() if shape else 1
    sizes = (int(steps), *shape[1:], 1)
    return int(np.prod([sizes[axis] for axis in axes]))
