"""One output beside the truth: errors and what is allowed, entry by entry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from weakref import WeakKeyDictionary

import numpy as np

from ..._shapes import Array
from ..operation import NOT_THERE, Check
from ..spec.recurrent import judged
from ..spec.tolerance import allowed_errors, largest_entry

_PYTORCH: WeakKeyDictionary[Check, dict[str, "Comparison"]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Comparison:
    """One output beside its expected values: errors and what is allowed, entry by entry."""

    name: str
    errors: Array
    allowed: Array
    ulp: float = 1.0
    problem: str = ""  # a sentence, where the two cannot be compared
    answer: Array = field(default_factory=lambda: np.zeros(()))
    truth: Array = field(default_factory=lambda: np.zeros(()))  # the nearest float64; of a state, one exact step

    @cached_property
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
        if self.problem or self.name not in check.operation.timed:
            return None
        steps = np.flatnonzero(self.ratios.reshape(len(self.ratios), -1).max(1) > 1)
        return int(steps[-1 if check.operation.from_the_end else 0]) if steps.size else None


def compared(check: Check, answers: Mapping[str, Array | str]) -> list[Comparison]:
    """Return every output of a call beside its expected values."""
    if check.operation.states in check.expected:
        return _states_compared(check, answers)
    allowed = allowed_errors(check)
    return [_compare(check, name, answers.get(name, NOT_THERE), allowed[name]) for name in check.expected]


def pytorch_beside(check: Check) -> dict[str, Comparison]:
    """Return PyTorch's own answers compared in the same way, by output, as far as known; kept for each check."""
    if check not in _PYTORCH:
        known = {name: answer.astype(np.float64) for name, answer in check.pytorch.items()}
        ones = compared(check.only(known), known) if known else []
        _PYTORCH[check] = {one.name: one for one in ones}
    return _PYTORCH[check]


def _compare(check: Check, name: str, answer: Array | str, allowed: Array) -> Comparison:
    answer, problem = _fitting(check.expected[name], _of_one_layer(check, name, answer))
    if problem:
        return Comparison(name, np.zeros(()), np.zeros(()), problem=problem)
    errors, allowed = check.errors(name, answer), allowed + check.slack.get(name, 0.0)
    if allowed.shape != answer.shape:
        allowed = np.broadcast_to(allowed, answer.shape)
    return Comparison(name, errors, allowed, _ulp_of_largest(check, name), "", answer, check.expected[name])


def _states_compared(check: Check, answers: Mapping[str, Array | str]) -> list[Comparison]:
    """Compare every state with one exact step from the candidate's own states before it.

    With last states returned beside them, those stand in the place of the last rows.
    """
    fitted = {name: _fitting(check.expected[name], _of_one_layer(check, name, answers.get(name, NOT_THERE)))
              for name in check.expected}  # fmt: skip
    shown, ends = check.operation.states, check.operation.ends
    own = {name: answer for name, (answer, problem) in fitted.items() if name in ends and not problem}
    due = {}
    if shown in own:
        due = judged(check, own)
    found = []
    for name, (answer, unfit) in fitted.items():
        states = next(one for one, last in ends.items() if name in {one, last})
        if problem := unfit or fitted[shown][1]:
            found.append(Comparison(name, np.zeros(()), np.zeros(()), problem=problem))
            continue
        which = slice(None) if name == states else -1
        exact, allowed = due[states].exact[which], np.nan_to_num(due[states].allowed[which])
        with np.errstate(all="ignore"):
            errors = np.abs(answer - exact)
        none = np.isnan(answer) & np.isnan(exact)  # of what is no number, no number is made
        errors = np.where(none, 0.0, np.where(np.isnan(errors), np.inf, errors))
        found.append(Comparison(name, errors, allowed, _ulp_of_largest(check, name), "", answer, exact))
    return found


def _fitting(expected: Array, answer: Array | str) -> tuple[Array, str]:
    """Return the answer in the expected shape, or what is the matter with it."""
    if isinstance(answer, str):
        return expected, answer
    if expected.ndim == 0 and answer.size == 1:
        return answer.reshape(()), ""
    if answer.shape != expected.shape:
        return expected, f"has shape {answer.shape}, expected {expected.shape}"
    return answer, ""


def _of_one_layer(check: Check, name: str, state: Array | str) -> Array | str:
    """Take the axis of the layers off, which the frameworks' recurrent layers give the last states that they return."""
    if isinstance(state, str) or name not in check.operation.ends.values():
        return state
    return state[0] if state.ndim > check.expected[name].ndim and len(state) == 1 else state


def _ulp_of_largest(check: Check, name: str) -> float:
    return float(np.spacing(np.asarray(largest_entry(check.expected[name]), check.dtype)))
