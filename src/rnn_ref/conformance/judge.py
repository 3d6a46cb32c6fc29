"""Compare one answer with the truth, and say where and by how much it is off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._shapes import Array
from .execute import Outcome
from .steps import exact_steps
from .suite import FUNCTIONS, Check
from .tolerance import allowed_errors, largest_entry, state_allowance, unit


@dataclass(frozen=True)
class Result:
    """The result of one check, as it stands in the report."""

    id: str
    function: str
    status: str  # passed, failed, error or skipped
    message: str = ""
    max_abs_error: float | None = None  # of the output that is worst, measured against what is allowed
    allowed: float | None = None
    max_ulp: float | None = None  # the same error, in ulp of the largest entry of that output
    index: tuple[int, ...] | None = None
    first_wrong_step: int | None = None
    mutated: tuple[str, ...] = ()
    narrow: bool = False  # wrong, but as right as float32 can be
    dtype: str = "float64"
    rank: str = ""
    timeout: bool = False

    @property
    def ratio(self) -> float:
        """The error over what is allowed: above 1 is wrong."""
        error = self.max_abs_error or 0.0
        return 0.0 if error == 0 else error / self.allowed if self.allowed else np.inf


@dataclass(frozen=True)
class _Comparison:
    """One output beside its expected values: errors and what is allowed, entry by entry."""

    name: str
    errors: Array
    allowed: Array
    ulp: float = 1.0
    problem: str = ""  # a sentence, where the two cannot be compared

    @property
    def ratios(self) -> Array:
        """Errors over allowed errors; above 1 is wrong."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.errors == 0, 0.0, self.errors / self.allowed)

    @property
    def worst(self) -> tuple[int, ...]:
        """Where the ratio is largest."""
        return tuple(int(i) for i in np.unravel_index(int(self.ratios.argmax()), self.errors.shape))

    @property
    def ratio(self) -> float:
        return np.inf if self.problem else float(self.ratios.max(initial=0.0))

    @property
    def wrong(self) -> bool:
        return not self.ratio <= 1

    def step(self, check: Check) -> int | None:
        """Return the first wrong step in the order of computation, for outputs that have one for every step."""
        function = FUNCTIONS[check.function]
        if self.problem or self.name not in function.timed:
            return None
        steps = np.flatnonzero(self.ratios.reshape(len(self.ratios), -1).max(1) > 1)
        return int(steps[-1 if function.backwards else 0]) if steps.size else None


def judge(check: Check, calls: Sequence[Outcome]) -> Result:
    """Turn the outcomes of a call and its repetition into a result: the first is judged, the second must equal it."""
    result = _judge_first(check, calls[0])
    leaks = any(calls[0].differs_from(again) for again in calls[1:])
    if not leaks or result.mutated:
        return result
    numbers = "those of the first are right" if result.status == "passed" else f"the first: {result.message}"
    return replace(result, status="failed", message=f"the same call twice gives different answers; {numbers}")


def _judge_first(check: Check, outcome: Outcome) -> Result:
    head: dict[str, Any] = {"id": check.id, "function": check.function, "dtype": check.dtype, "rank": check.rank}
    if outcome.error is not None:
        message = outcome.error if outcome.lost else f"raised {outcome.error}"
        return Result(status="error", message=message, mutated=outcome.mutated, timeout=outcome.timeout, **head)
    if outcome.unusable is not None:
        return Result(status="failed", message=outcome.unusable, mutated=outcome.mutated, **head)
    compared = _compared(check, outcome)
    worst = max(compared, key=lambda one: one.ratio)
    figures: dict[str, Any] = {}
    if not worst.problem:
        error, allowed = float(worst.errors[worst.worst]), float(worst.allowed[worst.worst])
        figures = {"max_abs_error": error, "allowed": allowed, "max_ulp": error / worst.ulp, "index": worst.worst}
    if outcome.mutated:
        numbers = "the numbers are wrong too" if worst.wrong else "the numbers are right"
        message = f"writes into its argument {' and '.join(outcome.mutated)}; {numbers}"
        return Result(status="failed", message=message, mutated=outcome.mutated, **figures, **head)
    if not worst.wrong:
        return Result(status="passed", **figures, **head)
    step = next((one.step(check) for one in compared if one.step(check) is not None), None)
    return Result(
        status="failed",
        message=_sentence(check, worst, compared, step),
        first_wrong_step=step,
        narrow=check.dtype == "float64" and _as_float32(check, outcome, compared),
        **figures,
        **head,
    )


def _compared(check: Check, outcome: Outcome) -> list[_Comparison]:
    if check.function == "rnn_forward":
        return [_compare_states(check, outcome.answers["h_states"])]
    allowed = allowed_errors(check)
    return [_compare(check, name, outcome.answers[name], allowed[name]) for name in check.expected]


def _compare(check: Check, name: str, answer: Array | str, allowed: Array) -> _Comparison:
    answer, problem = _fitting(check.expected[name], answer)
    if problem:
        return _Comparison(name, np.zeros(()), np.zeros(()), problem=problem)
    allowed = np.broadcast_to(allowed, answer.shape)
    return _Comparison(name, _errors(answer, check, name), allowed, _ulp_of_largest(check, name))


def _compare_states(check: Check, answer: Array | str) -> _Comparison:
    """Compare every state with one exact step from the candidate's own state before it."""
    answer, problem = _fitting(check.expected["h_states"], answer)
    if problem:
        return _Comparison("h_states", np.zeros(()), np.zeros(()), problem=problem)
    inputs = [value.astype(np.float64) for value in check.arguments.values()]
    with np.errstate(all="ignore"):
        steps, terms = exact_steps(answer, *inputs)
        allowed = state_allowance(steps, terms, inputs[0].shape[-1] + inputs[1].shape[-1] + 1, check.dtype)
        errors = np.abs(answer - steps)
    errors = np.where(np.isnan(errors), np.inf, errors)
    return _Comparison("h_states", errors, np.nan_to_num(allowed), _ulp_of_largest(check, "h_states"))


def _fitting(expected: Array, answer: Array | str) -> tuple[Array, str]:
    """Return the answer in the expected shape, or what is the matter with it."""
    if isinstance(answer, str):
        return expected, answer
    if expected.ndim == 0 and answer.size == 1:
        return answer.reshape(()), ""
    if answer.shape != expected.shape:
        return expected, f"has shape {answer.shape}, expected {expected.shape}"
    return answer, ""


def _ulp_of_largest(check: Check, name: str) -> float:
    return float(np.spacing(np.asarray(largest_entry(check.expected[name]), check.dtype)))


def _errors(answer: Array, check: Check, name: str) -> Array:
    """Return |answer − truth|: 0 where both are nan or the same infinity, inf where only one is finite."""
    expected = check.expected[name]
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.abs((answer - expected) - check.remainder[name] * np.spacing(np.abs(expected)))
    same = np.isnan(answer) & np.isnan(expected) | np.isinf(answer) & (answer == expected)
    return np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))


def _as_float32(check: Check, outcome: Outcome, compared: list[_Comparison]) -> bool:
    """Whether a float64 answer is off as float32 would be: within its tolerance, in most entries where that shows."""
    coarser, flushed = unit("float32") / unit("float64"), np.finfo(np.float32).tiny
    off = shows = 0
    for one in compared:
        if one.problem or np.any(one.errors > coarser * one.allowed + flushed):
            return False
        nearest = check.expected[one.name].astype(np.float32)
        can_show = (nearest != check.expected[one.name]) & (np.spacing(np.abs(nearest)) > 4 * one.allowed)
        off += int((one.errors > one.allowed)[can_show].sum())
        shows += int(can_show.sum())
    return outcome.single_precision or 2 * off > shows


def _sentence(check: Check, worst: _Comparison, compared: list[_Comparison], step: int | None) -> str:
    others = [one.name for one in compared if one.wrong and one is not worst]
    also = f"; wrong as well: {', '.join(others)}" if others else ""
    if worst.problem:
        return f"{worst.name} {worst.problem}{also}"
    place = f" at {list(worst.worst)}" if worst.worst else ""
    since = f"; first wrong step {step}" if step is not None else ""
    pytorch = _errors(check.pytorch[worst.name], check, worst.name)[worst.worst]
    figures = f"off by {worst.errors[worst.worst]:.2g}{place}, allowed {worst.allowed[worst.worst]:.1e}"
    return f"{worst.name}: {figures}, PyTorch off by {pytorch:.1e}{since}{also}"
