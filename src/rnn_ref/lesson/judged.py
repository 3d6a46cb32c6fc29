"""A function called on given arguments and judged by the truth on those very arguments."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

import rnn_ref

from .._shapes import Array
from ..conformance.judge.compare import compared
from ..conformance.operation import Check
from ..conformance.run.call import Outcome, perform
from ..conformance.run.session import describe
from ..conformance.spec import OPERATIONS, truth
from . import gates

Functions = Mapping[str, Callable[..., Any]]
OPTIONS = ("reduction",)


class Step(NamedTuple):
    """One intermediate result: its name, whose it is, its value, and its error over what rounding may explain."""

    name: str
    function: str
    yours: bool
    value: Array
    ratio: float
    problem: str = ""  # a sentence, where there is no such value; the one given is then rnn_ref's
    note: str = ""  # behind the heading


@dataclass(frozen=True)
class Ran:
    """What one call returned, by name, in the network's own precision, and how far off it is."""

    function: str
    yours: bool
    values: dict[str, Array]
    ratios: dict[str, Array]
    problem: str
    inside: dict[str, Array] = field(default_factory=dict)  # the gates of a step, as far as they are known

    def __getitem__(self, name: str) -> Array:
        """Return the output of this name."""
        return self.values[name]

    def whole(self, name: str, short: str, t: int | None = None) -> Step:
        """Return one output as a step, judged whole or at one time."""
        ratios, value = self.ratios[name], self.values[name]
        if t is not None and len(ratios) > t and ratios.ndim == value.ndim > 1:
            ratios = ratios[t]
        return Step(short, self.function, self.yours, value, float(np.max(ratios, initial=0.0)), self.problem)

    def at(self, t: int, name: str, short: str) -> Step:
        """Return one output at one time, numbered from 1."""
        return self.whole(name, f"{short}_{t + 1}", t)._replace(value=self.values[name][t])

    def by_step(self, name: str, short: str) -> Iterator[Step]:
        """Yield one output time by time."""
        yield from (self.at(t, name, short) for t in range(len(self.values[name])))


class Caller:
    """Calls the user's functions, and rnn_ref's where there is none, it is not written yet, or it returns nothing."""

    def __init__(self, functions: Functions, dtype: str) -> None:
        self._functions = {name: one for name, one in functions.items() if not describe(one).stub}
        self._dtype = dtype

    def has(self, function: str) -> bool:
        """Whether the user has written this function."""
        return function in self._functions

    def __call__(self, function: str, /, **arguments: Any) -> Ran:
        """Call a function and judge it by the truth on the very same arguments."""
        check = self._check(function, arguments)
        candidate, problem, outcome, inside = self._functions.get(function), "", Outcome(), {}
        if candidate is not None:
            shape = np.shape(arguments.get("h_prev", ()))
            with gates.noted(candidate, function.removesuffix("_cell_step"), shape) as inside:
                outcome = perform(candidate, check)
            problem = outcome.error or outcome.unusable or _unfit(check, outcome)
        if candidate is None or problem:
            outcome = perform(getattr(rnn_ref, function), check, ours=True)
        ratios = {one.name: one.ratios for one in compared(check, outcome.answers)}
        values = {name: np.asarray(value).astype(self._dtype) for name, value in outcome.answers.items()}
        return Ran(function, candidate is not None, values, ratios, problem, {} if problem else inside)

    def _check(self, function: str, arguments: dict[str, Any]) -> Check:
        options = {name: value for name, value in arguments.items() if name in OPTIONS}
        given = {name: value for name, value in arguments.items() if name not in OPTIONS}
        answers = truth.ask_decimal(function, given, options)
        case = f"compare-{self._dtype}"
        return Check(OPERATIONS[function], case, "single", self._dtype, (), given, options).answered(answers)


def _unfit(check: Check, outcome: Outcome) -> str:
    problems = [f"{one.name} {one.problem}" for one in compared(check, outcome.answers) if one.problem]
    return problems[0] if problems else ""
