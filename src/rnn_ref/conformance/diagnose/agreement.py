"""Do two programs say the same, to rounding? A candidate's answers beside those of a wrong implementation.

What rounding may do to a *wrong* implementation has no derivation: its sums are other sums. It is measured: the inputs
are moved by a rounding each, and what that does to its answers, times a small number, is allowed, on top of what is
allowed on the check. An answer so sensitive that this exceeds a hundredth of it tells nothing. Mistakes are far apart
(two of them, or one and the truth, by many thousand times as much), so the factor is not delicate.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..._shapes import Array
from ..mistakes.answers import answered
from ..numbers.bounded import unit
from ..operation import Check
from ..run.call import Outcome
from ..spec.tolerance import allowed_errors

DRAWS, TIMES, TELLING = 2, 16.0, 0.01
OF_NUMBERS = {"ValueError", "OverflowError", "ZeroDivisionError", "FloatingPointError"}
ROUGH = {"float32": 1e-3, "float64": 1e-6}  # of the largest entry


@dataclass(frozen=True)
class Said:
    """What a wrong implementation answers to one check, and how far rounding may move it, by output."""

    outcome: Outcome
    moved: dict[str, float]


def said(make: Callable[[], Callable[..., Any]], outcome: Outcome, check: Check) -> Said:
    """Return the outcome of a wrong implementation, freshly made for each call, with its sensitivity to rounding."""
    moved = dict.fromkeys(outcome.answers, 0.0)
    rng = np.random.default_rng(0)
    for _ in range(DRAWS):
        other = answered(make(), _shaken(check, rng))
        for name, answer in outcome.answers.items():
            moved[name] = max(moved[name], apart(answer, other.answers.get(name, "")))
    return Said(outcome, moved)


def in_turn(make: Callable[[], Callable[..., Any]], calls: Sequence[tuple[Check, Outcome]]) -> bool:
    """Whether a wrong implementation that keeps something agrees with every call, made in the same order."""
    implementation = make()
    others = [answered(implementation, check) for check, _ in calls]
    if not all(nearly(outcome, other, check) for (check, outcome), other in zip(calls, others, strict=True)):
        return False
    implementation, rng = make(), np.random.default_rng(0)
    for (check, outcome), other in zip(calls, others, strict=True):
        shaken = answered(implementation, _shaken(check, rng))
        moved = {name: apart(answer, shaken.answers.get(name, "")) for name, answer in other.answers.items()}
        ratio = agree(outcome, Said(other, moved), check)
        if ratio is not None and ratio > 1:
            return False
    return True


def nearly(candidate: Outcome, other: Outcome, check: Check, only: str | None = None) -> bool:
    """Whether two outcomes may turn out to agree, in one output or in all: cheap, for small probes."""
    if _raises_for(candidate, other):
        return True
    if candidate.error is not None or other.error is not None:
        return candidate.error is not None and other.error is not None
    if candidate.unusable is not None or other.unusable is not None:
        return _kind(candidate) == _kind(other)
    return all(
        apart(candidate.answers.get(name, ""), answer) <= ROUGH[check.dtype] * _size(answer)
        for name, answer in as_returned(check, other.answers, candidate).items()
        if only in {None, name}
    )


def nearly_alike(candidate: Outcome, other: Outcome, check: Check) -> set[str]:
    """Return the outputs of another program that may turn out to agree with the candidate's."""
    return {
        name
        for name, answer in as_returned(check, other.answers, candidate).items()
        if apart(candidate.answers.get(name, ""), answer) <= ROUGH[check.dtype] * _size(answer)
    }


def agree(candidate: Outcome, wrong: Said, check: Check) -> float | None:
    """Return by how much two outcomes differ, relative to what is allowed (at most 1 is agreement).

    None if the check tells nothing: both raise, or the wrong one is too sensitive; infinity if they differ in kind.
    """
    other = wrong.outcome
    if _raises_for(candidate, other):
        return 0.0
    if candidate.error is not None or other.error is not None:
        return None if candidate.error is not None and other.error is not None else math.inf
    if candidate.unusable is not None or other.unusable is not None:
        return 0.0 if _kind(candidate) == _kind(other) else math.inf
    if bool(candidate.mutated) != bool(other.mutated):
        return math.inf
    answers = as_returned(check, other.answers, candidate)
    check, moved = check.returning(candidate.answers), max(wrong.moved.values(), default=0.0)
    ratios = [
        _ratio(candidate.answers.get(name, ""), answer, wrong.moved.get(name, moved), check, name)
        for name, answer in answers.items()
    ]
    telling = [ratio for ratio in ratios if ratio is not None]
    return max(telling, default=None)


def _raises_for(candidate: Outcome, other: Outcome) -> bool:
    """Whether Python's own numbers raise where another's are not finite: the logarithm of 0, what is too large."""
    if candidate.raised is None or candidate.raised.type not in OF_NUMBERS or other.error is not None:
        return False
    numbers = [one for one in other.answers.values() if isinstance(one, np.ndarray)]
    if candidate.raised.type == "ValueError":  # of log(0), which is infinite; it need not have been a number since
        return any(np.isinf(one).any() for one in numbers) and not any(np.isnan(one).any() for one in numbers)
    return not all(np.isfinite(one).all() for one in numbers)


def as_returned(check: Check, answers: Mapping[str, Array | str], candidate: Outcome) -> dict[str, Array | str]:
    """Return answers in the form in which a candidate returns its own: with the last state, or with that alone.

    What is not asked of the candidate, because it claims not to offer it, is left out.
    """
    asked = {*check.expected, *check.returning(candidate.answers).expected}
    found = dict(answers)
    returned = {*check.operation.ends, *check.operation.ends.values()} & {*candidate.answers}
    for states, last in check.operation.ends.items():
        every = found.get(states, "")
        if last in returned and last not in found and states in found:
            found[last] = every if isinstance(every, str) or not every.size or not every.ndim else every[-1]
        if returned and states not in returned:
            found.pop(states, None)
    return {name: answer for name, answer in found.items() if name in asked or not asked}


def _ratio(answer: Array | str, other: Array | str, moved: float, check: Check, name: str) -> float | None:
    if isinstance(answer, str) or isinstance(other, str):
        return 0.0 if isinstance(answer, str) and isinstance(other, str) else math.inf
    size = largest(other)
    allowed = TIMES * (moved + _allowed(check, name) * max(1.0, size / (largest(check.expected[name]) or 1.0)))
    off = apart(answer, other)
    if off > allowed > TELLING * size > 0:
        return None
    return off / allowed if allowed else (0.0 if off == 0 else math.inf)


def _allowed(check: Check, name: str) -> float:
    return float(np.max(allowed_errors(check)[name], initial=0.0))


def apart(answer: Array | str, other: Array | str) -> float:
    """Return the greatest difference; what is not finite in both counts as the same."""
    if isinstance(answer, str) or isinstance(other, str):
        return 0.0 if isinstance(answer, str) and isinstance(other, str) else math.inf
    if answer.shape != other.shape:
        return math.inf
    with np.errstate(all="ignore"):
        most = float(np.abs(answer - other).max(initial=0.0))
    if most < math.inf:
        return most
    finite = np.isfinite(answer)
    if np.any(finite != np.isfinite(other)):
        return math.inf
    return float(np.abs(answer[finite] - other[finite]).max(initial=0.0))


def _size(answer: Array | str) -> float:
    return 0.0 if isinstance(answer, str) else largest(answer)


def largest(array: Array) -> float:
    """Return the largest finite absolute value."""
    most = float(np.abs(array).max(initial=0.0))
    if most < math.inf:
        return most
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))


def _kind(outcome: Outcome) -> str:
    return (outcome.unusable or "").partition(":")[0]


def _shaken(check: Check, rng: np.random.Generator) -> Check:
    """Move every floating-point input by about its rounding."""

    def moved(value: Any) -> Any:
        if not isinstance(value, np.ndarray) or value.dtype.kind != "f":
            return value
        noise = 1 + 2 * unit(check.dtype) * rng.uniform(-1, 1, value.shape)
        return (value * noise).astype(value.dtype)

    return check.asking({name: moved(value) for name, value in check.arguments.items()})
