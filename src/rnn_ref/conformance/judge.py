"""Compare one answer with the truth, and say where and by how much it is off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .._shapes import Array
from .execute import Outcome
from .suite import FUNCTIONS, Check
from .tolerance import allowed_error, largest_entry


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
        return _ratio(self.max_abs_error or 0.0, self.allowed or 0.0)


@dataclass(frozen=True)
class _Comparison:
    """One output beside its expected values."""

    name: str
    error: float
    allowed: float
    ulp: float
    index: tuple[int, ...]
    step: int | None
    problem: str = ""  # a sentence, where the two cannot be compared

    @property
    def badness(self) -> float:
        return np.inf if self.problem else _ratio(self.error, self.allowed)

    @property
    def wrong(self) -> bool:
        return bool(self.problem) or not self.error <= self.allowed


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
    compared = [_compare(check, name, outcome.answers[name]) for name in check.expected]
    worst = max(compared, key=lambda one: (one.wrong, one.badness))
    figures: dict[str, Any] = {}
    if not worst.problem:
        figures = {"max_abs_error": worst.error, "allowed": worst.allowed, "max_ulp": worst.ulp, "index": worst.index}
    if outcome.mutated:
        numbers = "the numbers are wrong too" if worst.wrong else "the numbers are right"
        message = f"writes into its argument {' and '.join(outcome.mutated)}; {numbers}"
        return Result(status="failed", message=message, mutated=outcome.mutated, **figures, **head)
    if not worst.wrong:
        return Result(status="passed", **figures, **head)
    step = next((one.step for one in compared if one.step is not None), None)
    return Result(
        status="failed",
        message=_sentence(check, worst, compared, step),
        first_wrong_step=step,
        narrow=check.dtype == "float64" and _as_float32(check, outcome, compared),
        **figures,
        **head,
    )


def _ratio(error: float, allowed: float) -> float:
    return 0.0 if error == 0 else error / allowed if allowed else np.inf


def _compare(check: Check, name: str, answer: Array | str) -> _Comparison:
    expected = check.expected[name]
    allowed = allowed_error(expected, check.dtype, check.scales.get(name, 0.0))

    def impossible(problem: str) -> _Comparison:
        return _Comparison(name, np.inf, allowed, np.inf, (), None, problem)

    if isinstance(answer, str):
        return impossible(answer)
    if expected.ndim == 0 and answer.size == 1:
        answer = answer.reshape(())
    if answer.shape != expected.shape:
        return impossible(f"has shape {answer.shape}, expected {expected.shape}")
    errors = _errors(answer, check, name)
    index = tuple(int(i) for i in np.unravel_index(int(errors.argmax()), errors.shape))
    ulp = float(np.spacing(np.asarray(largest_entry(expected), check.dtype)))
    step = None
    if name in FUNCTIONS[check.function].timed:
        wrong = np.flatnonzero(errors.reshape(len(errors), -1).max(1) > allowed)
        step = int(wrong[-1 if FUNCTIONS[check.function].backwards else 0]) if wrong.size else None
    return _Comparison(name, float(errors.max()), allowed, float(errors.max()) / ulp, index, step)


def _errors(answer: Array, check: Check, name: str) -> Array:
    """Return |answer − truth|: 0 where both are nan or the same infinity, inf where only one is finite."""
    expected = check.expected[name]
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.abs((answer - expected) - check.remainder[name] * np.spacing(np.abs(expected)))
    same = np.isnan(answer) & np.isnan(expected) | np.isinf(answer) & (answer == expected)
    return np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))


def _as_float32(check: Check, outcome: Outcome, compared: list[_Comparison]) -> bool:
    """Whether a float64 answer is off as float32 would be: within its tolerance, in most entries where that shows."""
    off = shows = 0
    for one in compared:
        expected, answer = check.expected[one.name], outcome.answers[one.name]
        if one.problem or one.error > allowed_error(expected, "float32", check.scales.get(one.name, 0.0)):
            return False
        nearest = expected.astype(np.float32)
        can_show = (nearest != expected) & (np.spacing(np.abs(nearest)) > 4 * one.allowed)
        off += int((_errors(np.reshape(answer, expected.shape), check, one.name) > one.allowed)[can_show].sum())
        shows += int(can_show.sum())
    return outcome.single_precision or 2 * off > shows


def _sentence(check: Check, worst: _Comparison, compared: list[_Comparison], step: int | None) -> str:
    others = [one.name for one in compared if one.wrong and one is not worst]
    also = f"; wrong as well: {', '.join(others)}" if others else ""
    if worst.problem:
        return f"{worst.name} {worst.problem}{also}"
    place = f" at {list(worst.index)}" if worst.index else ""
    since = f"; first wrong step {step}" if step is not None else ""
    pytorch = _errors(check.pytorch[worst.name], check, worst.name).max()
    figures = f"off by {worst.error:.2g}{place}, allowed {worst.allowed:.1e}, PyTorch off by {pytorch:.1e}"
    return f"{worst.name}: {figures}{since}{also}"
