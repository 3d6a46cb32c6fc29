"""Compare one answer with the truth, and say where and by how much it is off."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .compare import Comparison, compared, errors_of
from .execute import Outcome
from .suite import Check, returning
from .tolerance import unit


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
    misshapen: bool = False  # wrong, because an output has another shape

    @property
    def ratio(self) -> float:
        """The error over what is allowed: above 1 is wrong."""
        error = self.max_abs_error or 0.0
        return 0.0 if error == 0 else error / self.allowed if self.allowed else np.inf


def judge(check: Check, calls: Sequence[Outcome]) -> Result:
    """Turn the outcomes of a call and its repetition into a result.

    Both must be right; their bits need not be the same, for sums in another order are as good.
    """
    results = [_judge_one(check, outcome) for outcome in calls]
    first = results[0]
    if first.status != "passed":
        return first
    for again in results[1:]:
        if again.status != "passed":
            message = f"right at the first call, but the same call again: {again.message}"
            return replace(again, status="failed", message=message)
    return first


def _judge_one(check: Check, outcome: Outcome) -> Result:
    check = returning(check, outcome.answers)
    head: dict[str, Any] = {"id": check.id, "function": check.function, "dtype": check.dtype, "rank": check.rank}
    if outcome.error is not None:
        message = outcome.error if outcome.lost else f"raised {outcome.error}"
        return Result(status="error", message=message, mutated=outcome.mutated, timeout=outcome.timeout, **head)
    if outcome.unusable is not None:
        return Result(status="failed", message=outcome.unusable, mutated=outcome.mutated, **head)
    outputs = compared(check, outcome)
    worst = max(outputs, key=lambda one: one.ratio)
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
    step = next((one.step(check) for one in outputs if one.step(check) is not None), None)
    return Result(
        status="failed",
        message=_sentence(check, worst, outputs, step),
        first_wrong_step=step,
        misshapen=any(one.problem.startswith("has shape") for one in outputs),
        narrow=check.dtype == "float64" and _as_float32(check, outcome, outputs),
        **figures,
        **head,
    )


def _as_float32(check: Check, outcome: Outcome, outputs: list[Comparison]) -> bool:
    """Whether a float64 answer is off as float32 would be: within its tolerance, in most entries where that shows."""
    coarser, flushed = unit("float32") / unit("float64"), np.finfo(np.float32).tiny
    off = shows = 0
    for one in outputs:
        if one.problem or np.any(one.errors > coarser * one.allowed + flushed):
            return False
        nearest = check.expected[one.name].astype(np.float32)
        can_show = (nearest != check.expected[one.name]) & (np.spacing(np.abs(nearest)) > 4 * one.allowed)
        off += int((one.errors > one.allowed)[can_show].sum())
        shows += int(can_show.sum())
    return outcome.single_precision or 2 * off > shows


def _sentence(check: Check, worst: Comparison, outputs: list[Comparison], step: int | None) -> str:
    others = [one.name for one in outputs if one.wrong and one is not worst]
    also = f"; wrong as well: {', '.join(others)}" if others else ""
    if worst.problem:
        return f"{worst.name} {worst.problem}{also}"
    place = f" at {list(worst.worst)}" if worst.worst else ""
    since = f"; first wrong step {step}" if step is not None else ""
    pytorch = errors_of(check.pytorch[worst.name], check, worst.name)[worst.worst]
    figures = f"off by {worst.errors[worst.worst]:.2g}{place}, allowed {worst.allowed[worst.worst]:.1e}"
    return f"{worst.name}: {figures}, PyTorch off by {pytorch:.1e}{since}{also}"
