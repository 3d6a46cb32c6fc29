"""One output beside the truth: errors and what is allowed, entry by entry."""

from dataclasses import dataclass

import numpy as np

from .._shapes import Array
from .execute import Outcome
from .steps import exact_steps
from .suite import FUNCTIONS, Check
from .tolerance import allowed_errors, largest_entry, state_allowance


@dataclass(frozen=True)
class Comparison:
    """One output beside its expected values: errors and what is allowed, entry by entry."""

    name: str
    errors: Array
    allowed: Array
    ulp: float = 1.0
    problem: str = ""  # a sentence, where the two cannot be compared

    @property
    def ratios(self) -> Array:
        """Errors over allowed errors; above 1 is wrong."""
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            return np.where(self.errors == 0, 0.0, self.errors / self.allowed)

    @property
    def worst(self) -> tuple[int, ...]:
        """Where the ratio is largest."""
        return tuple(int(i) for i in np.unravel_index(int(self.ratios.argmax()), self.errors.shape))

    @property
    def ratio(self) -> float:
        """The largest ratio; infinite where the two cannot be compared."""
        return np.inf if self.problem else float(self.ratios.max(initial=0.0))

    @property
    def wrong(self) -> bool:
        """Whether any entry is off by more than is allowed."""
        return not self.ratio <= 1

    def step(self, check: Check) -> int | None:
        """Return the first wrong step in the order of computation, for outputs that have one for every step."""
        function = FUNCTIONS[check.function]
        if self.problem or self.name not in function.timed:
            return None
        steps = np.flatnonzero(self.ratios.reshape(len(self.ratios), -1).max(1) > 1)
        return int(steps[-1 if function.backwards else 0]) if steps.size else None


def compared(check: Check, outcome: Outcome) -> list[Comparison]:
    """Return every output of a call beside its expected values."""
    if check.function == "rnn_forward":
        return [_compare_states(check, outcome.answers["h_states"])]
    allowed = allowed_errors(check)
    return [_compare(check, name, outcome.answers[name], allowed[name]) for name in check.expected]


def _compare(check: Check, name: str, answer: Array | str, allowed: Array) -> Comparison:
    answer, problem = _fitting(check.expected[name], answer)
    if problem:
        return Comparison(name, np.zeros(()), np.zeros(()), problem=problem)
    allowed = np.broadcast_to(allowed, answer.shape)
    return Comparison(name, errors_of(answer, check, name), allowed, _ulp_of_largest(check, name))


def _compare_states(check: Check, answer: Array | str) -> Comparison:
    """Compare every state with one exact step from the candidate's own state before it."""
    answer, problem = _fitting(check.expected["h_states"], answer)
    if problem:
        return Comparison("h_states", np.zeros(()), np.zeros(()), problem=problem)
    inputs = [value.astype(np.float64) for value in check.arguments.values()]
    with np.errstate(all="ignore"):
        steps, terms = exact_steps(answer, *inputs)
        allowed = state_allowance(steps, terms, inputs[0].shape[-1] + inputs[1].shape[-1] + 1, check.dtype)
        errors = np.abs(answer - steps)
    errors = np.where(np.isnan(errors), np.inf, errors)
    return Comparison("h_states", errors, np.nan_to_num(allowed), _ulp_of_largest(check, "h_states"))


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


def errors_of(answer: Array, check: Check, name: str) -> Array:
    """Return |answer − truth|: 0 where both are nan or the same infinity, inf where only one is finite."""
    expected = check.expected[name]
    with np.errstate(invalid="ignore", over="ignore"):
        errors = np.abs((answer - expected) - check.remainder[name] * np.spacing(np.abs(expected)))
    same = np.isnan(answer) & np.isnan(expected) | np.isinf(answer) & (answer == expected)
    return np.where(same, 0.0, np.where(np.isnan(errors), np.inf, errors))
