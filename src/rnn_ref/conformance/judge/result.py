"""Compare one answer with the truth, and say where and by how much it is off."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..numbers.bounded import unit
from ..operation import Check
from ..run.call import Outcome
from ..targets.raised import Raised
from .compare import Comparison, compared, pytorch_beside
from .figures import Beyond, Figures, beyond, distinct_texts, figure_text, figures_of
from .raising import Raising

OVERWRITTEN = "right when it was returned, but a later call wrote into it: memory that is returned is used again"
AGAIN = "right at the first call, but the same call again: "
REWRITTEN = "right in new arrays, but not in arrays that held other numbers at the call before: "
SEVERAL = 16  # entries, of which half are lucky three times in a million
FAILING = ("failed", "error", "xfail")  # what is wrong, whether that was declared or not
KEPT = 32  # answers to one check of which it is known what came of them
STATUSES = ("passed", "failed", "error", "skipped", "xfail", "xpass")

_JUDGED: WeakKeyDictionary[Check, dict[tuple[Any, ...], "Result"]] = WeakKeyDictionary()


NUMBERS_RIGHT = "the numbers are right"  # though an argument is written to


@dataclass(frozen=True)
class Result:
    """The result of one check, as it stands in the report."""

    id: str
    function: str
    status: str  # one of STATUSES
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
    corner: bool = False  # of a check that is a corner: logits of -inf, a single class, saturated states
    raised: Raised | None = None  # the exception that the call raised
    left_out: Raising | None = None  # why it is skipped, if because it raises
    lost: bool = False  # no answer came back, for the process was ended
    ended: bool = False  # in this very check
    timeout: bool = False  # because it took too long
    declared: str = ""  # the reason for which it was expected to fail
    misshapen: bool = False  # wrong, because an output has another shape
    same_axes: bool = False  # which differs by their order alone, and by axes of size one, too many or lost
    second_call: bool = False  # right at the first call, and not when it was made again
    rewritten: bool = False  # right in new arrays, and not in arrays that held other numbers before
    figures: Figures | None = None  # of the output that is worst, where its numbers are wrong
    not_asked: str = ""  # why a check that the project's record demands is not asked now
    pytorch_beyond: Beyond | None = None  # where PyTorch's own answer is off by more than is allowed

    @property
    def ratio(self) -> float:
        """The error over what is allowed: above 1 is wrong."""
        error = self.max_abs_error or 0.0
        return 0.0 if error == 0 else error / self.allowed if self.allowed else np.inf


def judge(check: Check, calls: Sequence[Outcome]) -> Result:
    """Turn the outcomes of a call and its repetitions into a result.

    All must be right; their bits need not be the same, for sums in another order are as good.
    """
    first = _judge_one(check, calls[0])
    if first.status != "passed":
        return first
    for outcome in calls[1:]:
        again = first if same(outcome, calls[0]) else _judge_one(check, outcome)
        if again.status != "passed":
            message = f"{REWRITTEN if outcome.rewritten else AGAIN}{again.message}"
            of_numbers = outcome.rewritten
            return replace(again, status="failed", message=message, second_call=not of_numbers, rewritten=of_numbers)
    if calls[0].overwritten:
        return replace(first, status="failed", message=OVERWRITTEN)
    return first


def same(outcome: Outcome, other: Outcome) -> bool:
    """Whether two calls led to the same, to the bit."""
    if (outcome.error, outcome.unusable, outcome.mutated) != (other.error, other.unusable, other.mutated):
        return False
    if outcome.answers is other.answers:  # so it comes from a child
        return True
    pairs = [(answer, other.answers.get(name)) for name, answer in outcome.answers.items()]
    return all(
        isinstance(a, np.ndarray) and isinstance(b, np.ndarray) and a.shape == b.shape and a.tobytes() == b.tobytes()
        for a, b in pairs
    )


def _judge_one(check: Check, outcome: Outcome) -> Result:
    """Judge one call; of answers that were given before, to the bit, what was found then: most of a class agree."""
    key = _bits_of(outcome)
    if key is None:
        return _judge_anew(check, outcome)
    known = _JUDGED.setdefault(check, {})
    result = known.get(key)
    if result is None:
        result = _judge_anew(check, outcome)
        if len(known) < KEPT:
            known[key] = result
    return result


def _bits_of(outcome: Outcome) -> tuple[Any, ...] | None:
    """Return what tells the answers of a call from any others, None where there are not only numbers."""
    if outcome.error is not None or outcome.unusable is not None or outcome.mutated:
        return None
    found: list[Any] = [outcome.single_precision]
    for name, answer in outcome.answers.items():
        if not isinstance(answer, np.ndarray):
            return None
        found += [name, answer.shape, answer.dtype.str, hashlib.sha256(answer.tobytes()).digest()]
    return tuple(found)


def _judge_anew(check: Check, outcome: Outcome) -> Result:
    check = check.returning(outcome.answers)
    head: dict[str, Any] = {"id": check.id, "function": check.function, "dtype": check.dtype, "rank": check.rank}
    head["corner"] = "corner" in check.flags
    if outcome.error is not None:
        message = outcome.error if outcome.lost else f"raised {outcome.error}"
        known = {name: getattr(outcome, name) for name in ("mutated", "raised", "lost", "ended", "timeout")}
        return Result(status="error", message=message, **known, **head)
    if outcome.unusable is not None:
        return Result(status="failed", message=outcome.unusable, mutated=outcome.mutated, **head)
    outputs = compared(check, outcome.answers)
    worst = max(outputs, key=lambda one: one.ratio)
    head |= _measured(check, worst, outputs)
    if outcome.mutated:
        numbers = "the numbers are wrong too" if worst.wrong else NUMBERS_RIGHT
        message = f"writes into its argument {' and '.join(outcome.mutated)}; {numbers}"
        return Result(status="failed", message=message, mutated=outcome.mutated, **head)
    if not worst.wrong:
        return Result(status="passed", **head)
    step = next((one.step(check) for one in outputs if one.step(check) is not None), None)
    misshapen = [one.name for one in outputs if one.problem.startswith("has shape")]
    return Result(
        status="failed",
        message=_sentence(check, worst, outputs, step, head.get("figures")),
        first_wrong_step=step,
        misshapen=bool(misshapen),
        same_axes=bool(misshapen) and all(_longer(check.expected[n]) == _longer(outcome.answers[n]) for n in misshapen),
        narrow=check.dtype == "float64" and _as_float32(check, outcome, outputs),
        **head,
    )


def _longer(answer: Any) -> list[int]:
    """Return the sizes of the axes that are longer than one, whatever their order."""
    return sorted(size for size in np.shape(answer) if size != 1)


def _measured(check: Check, worst: Comparison, outputs: list[Comparison]) -> dict[str, Any]:
    """Return what a result says in numbers."""
    found: dict[str, Any] = {"pytorch_beyond": pytorch_beyond(check)}
    if worst.problem:
        return found
    error, allowed = float(worst.errors[worst.worst]), float(worst.allowed[worst.worst])
    found |= {"max_abs_error": error, "allowed": allowed, "max_ulp": error / worst.ulp, "index": worst.worst}
    if worst.wrong:
        found["figures"] = figures_of(worst, outputs, pytorch_beside(check).get(worst.name), check.dtype)
    return found


def pytorch_beyond(check: Check) -> Beyond | None:
    """Return where PyTorch's own answer to a check is off by more than is allowed; None where it is right."""
    if check.pytorch_off is False:  # as frozen beside the answers
        return None
    return beyond(pytorch_beside(check).values(), check.dtype, cancels=check.operation.cancels)


def _as_float32(check: Check, outcome: Outcome, outputs: list[Comparison]) -> bool:
    """Whether a float64 answer is off as float32 would be: within its tolerance, in most entries where that shows.

    Off is an entry by more than float64 is allowed; and of outputs of several entries by no less than a 32nd of an ulp
    of float32, for rounding to it moves fifteen of sixteen further than that. (One alone may be lucky.)
    """
    coarser, flushed = unit("float32") / unit("float64"), np.finfo(np.float32).tiny
    off = shows = 0
    for one in outputs:
        with np.errstate(over="ignore"):  # states that exploded allow next to anything
            too_far = bool(one.problem) or bool(np.any(one.errors > coarser * one.allowed + flushed))
        if too_far:
            return False
        nearest = check.expected[one.name].astype(np.float32)
        ulp = np.spacing(np.abs(nearest))
        can_show = (nearest != check.expected[one.name]) & (ulp > 4 * one.allowed)
        least = ulp / 32 if can_show.sum() >= SEVERAL else 0.0
        off += int((one.errors > np.maximum(one.allowed, least))[can_show].sum())
        shows += int(can_show.sum())
    return outcome.single_precision or 2 * off > shows


def _sentence(
    check: Check, worst: Comparison, outputs: list[Comparison], step: int | None, figures: Figures | None
) -> str:
    name, *others = map(check.operation.shown, [worst.name, *(o.name for o in outputs if o.wrong and o is not worst)])
    also = f"; wrong as well: {', '.join(others)}" if others else ""
    if figures is None:
        return f"{name} {worst.problem}{also}"
    place = f" at {list(worst.worst)}" if worst.worst else ""
    since = f"; first wrong step {step}" if step is not None else ""
    error, allowed = distinct_texts(float(worst.errors[worst.worst]), float(worst.allowed[worst.worst]))
    pytorch = "" if figures.pytorch_error is None else f", PyTorch off by {figure_text(figures.pytorch_error)}"
    return f"{name}: off by {error}{place}, allowed {allowed}{pytorch}{since}{also}"
