"""Arrays that a user gives: the truth and what may be off, for large sizes and in any arithmetic.

The truth is in twice the precision of float64 (``numbers/refined.py``, and ``IN_PAIRS`` of a family with functions that
are no equation); only for a function that has neither is it made with 50 digits. What may be off is
derived as for the checks of a suite, and equal to it where the arithmetic is all float32 or all float64.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..._shapes import Array
from ..numbers import gradients, refined, states
from ..numbers.arithmetic import Arithmetic
from ..numbers.bounded import Terms, unit
from ..numbers.gradients import Asked
from ..numbers.sharp import Sharp
from ..numbers.states import Judged, own_errors
from ..numbers.through import forward, rows, step
from ..numbers.twice import Pair
from ..operation import Cell, Check, Operation
from . import OPERATIONS, family_of
from .recurrent import asked_of, one_step_errors
from .truth import answers_of, ask_decimal, gradients_of, of_step, stated

Named = dict[str, Array]


@dataclass(frozen=True)
class Given:
    """One call of a function with arrays of a user; all numbers are float64 here."""

    operation: Operation
    arguments: Mapping[str, Any]
    options: Mapping[str, Any]
    arithmetic: Arithmetic

    @property
    def equation(self) -> tuple[Cell, Asked]:
        """The equation that it is, and which arguments are its."""
        return asked_of(self.operation, self.arguments, self.options)

    @property
    def goes_back_in_time(self) -> bool:
        """Whether its gradients come through many steps."""
        twin = OPERATIONS.get(self.operation.twin)
        return bool(self.operation.cell and twin and twin.states)


@dataclass(frozen=True)
class Due:
    """The right answers, by output: the nearest float64, what is missing in ulp of it, and what may be off.

    ``least`` is the part of it that no rounding on the way has made larger; ``parted`` how far the states of two right
    programs are apart, over the largest of them, where they decide.
    """

    nearest: Named
    missing: Named
    allowed: Named
    least: Named = field(default_factory=dict)
    parted: float = 0.0


def due(given: Given) -> Due:
    """Return the right answers, and what may be off; of all states, at the true ones: one exact step from them."""
    with np.errstate(all="ignore"):
        found = _of_equation(given) if given.operation.cell else _of_its_own(given)
    tiny = given.arithmetic.tiny
    return Due(found.nearest, found.missing, {name: one + tiny for name, one in found.allowed.items()}, found.least,
               found.parted)  # fmt: skip


def judged(given: Given, answers: Sequence[Array]) -> list[Judged]:
    """Return for every state what one exact step from the answers' own states gives, and what may be off there."""
    cell, asked = given.equation
    with np.errstate(all="ignore"):
        exact = states.one_step(cell, "float64", answers, asked.X_seq, asked.states0, asked.weights)
        kind = given.arithmetic.bounded
        before = [kind.stored(_before(answer, first)) for answer, first in zip(answers, asked.states0, strict=True)]
        allowed = step(cell, kind, kind.lift(rows(asked.X_seq)), before, asked.weights)
        errors = [may.error() + given.arithmetic.tiny for may in allowed]
    return [Judged(one.exact, off.reshape(one.exact.shape)) for one, off in zip(exact, errors, strict=True)]


def last_state(given: Given) -> Due:
    """Return the same of the state after the last step alone, where the states before it are not returned."""
    cell, asked = given.equation
    arithmetic, name = given.arithmetic, given.operation.last_state
    with np.errstate(all="ignore"):
        every = refined.states(cell, asked.X_seq, asked.states0, asked.weights)
        nearest = [Sharp(one).nearest for one in every]
        step_error = own_errors(cell, arithmetic.bounded, nearest, asked.X_seq, asked.states0, asked.weights)[0][-1]
        terms = own_errors(cell, Terms, nearest, asked.X_seq, asked.states0, asked.weights)[0][-1]
        terms = terms / Terms.u
        narrow = asked.cast(arithmetic.dtype)
        kind = arithmetic.runs(states.plain_runs(np.size(asked.states0[0])))
        found = forward(cell, kind, narrow.X_seq, narrow.states0, narrow.weights)[0][-1].a.astype(np.float64)
        off = np.abs(found.reshape(len(found), *nearest[0][-1].shape) - nearest[0][-1])
        allowed = step_error + states.FACTOR * np.max(off / terms) * terms
    end, missing = Sharp((every[0][0][-1], every[0][1][-1])).rest()
    parted = _parted(found, found[0])
    return Due({name: end}, {name: missing}, {name: allowed + arithmetic.tiny}, {name: step_error}, parted)


def _of_equation(given: Given) -> Due:
    operation, arithmetic = given.operation, given.arithmetic
    cell, asked = given.equation
    if given.goes_back_in_time:
        return _through_time(given, cell, asked)
    if operation.states:
        every = refined.near(cell, asked.X_seq, asked.states0, asked.weights)
        steps = dict(zip(operation.outputs, judged(given, every), strict=False))
        zeros = {name: np.zeros(()) for name in steps}
        allowed = {name: one.allowed - arithmetic.tiny for name, one in steps.items()}
        return Due({name: one.exact for name, one in steps.items()}, zeros, allowed)
    pairs = of_step(operation, cell, asked)
    errors = one_step_errors(operation, cell, asked, arithmetic.bounded)
    return _due(pairs, {name: error.reshape(pairs[name][0].shape)
                        for name, error in zip(operation.outputs, errors, strict=True)})  # fmt: skip


def _through_time(given: Given, cell: Cell, asked: Asked) -> Due:
    """Return gradients through time, and what they may be off, as ``numbers/gradients.py`` derives it.

    Who computes the states anew is allowed that, where those given are a right program's; where they are not, the
    gradients are those at the states given alone.
    """
    operation, arithmetic = given.operation, given.arithmetic
    back = refined.gradients(cell, asked, asked.upstream, asked.states)
    pairs = gradients_of(operation, cell, asked, back)
    narrow = asked.cast(arithmetic.dtype)
    own = gradients.plain_states(cell, narrow, arithmetic.runs)
    parted = max(_parted(runs, state) for runs, state in zip(own, asked.states, strict=True))
    if not _right(given, asked):
        own, parted = [np.broadcast_to(state, one.shape) for one, state in zip(own, narrow.states, strict=True)], 0.0
    every = [np.concatenate([state[np.newaxis], runs]) for state, runs in zip(narrow.states, own, strict=True)]
    answers = gradients.plain(cell, narrow._replace(states=every), arithmetic.runs, at_once=arithmetic.plain)
    terms = gradients.last_terms(cell, asked, into=[one.nearest for one in back.into[0]])
    u = arithmetic.coarsest.name
    allowed, least = {}, {}
    for (name, one), runs, behind in zip(pairs.items(), answers, terms, strict=True):
        floor = arithmetic.floor(runs.size)
        allowed[name] = unit(u) * gradients.allowed(u, runs, one[0], behind, floor)
        least[name] = floor * unit(u) * behind
    return _due(pairs, allowed, least, parted)


def _right(given: Given, asked: Asked) -> bool:
    """Whether the states given are those of a right program: each is one step from the one before it."""
    forward_twin = OPERATIONS[given.operation.twin]
    arguments = {name: given.arguments[name] for name in forward_twin.arguments}
    steps = judged(Given(forward_twin, arguments, given.options, given.arithmetic), asked.states)
    return all(bool(np.all(np.abs(state - one.exact) <= one.allowed))
               for state, one in zip(asked.states, steps, strict=True))  # fmt: skip


def _of_its_own(given: Given) -> Due:
    """Return what the family states of a function that is no equation."""
    operation, arithmetic, family = given.operation, given.arithmetic, family_of(given.operation.name)
    arguments, options = list(given.arguments.values()), dict(given.options)
    in_pairs = stated(operation)
    if in_pairs is None:
        answers = ask_decimal(operation.name, given.arguments, given.options)
        nearest, missing = ({name: one[part] for name, one in answers.items()} for part in (0, 1))
        return Due(nearest, missing, _allowed(given, nearest))
    pairs = in_pairs(*arguments, **options)
    found = _due(pairs, {})
    allowance = family.part("allowance")
    if hasattr(allowance, "derived"):
        derived, u = allowance.derived(arguments, options, found.nearest, arithmetic), arithmetic.coarsest.u
        allowed = {name: u * np.asarray(one) for name, one in derived.allowed.items()}
        least = {name: u * np.asarray(one) for name, one in derived.least.items()}
        end = operation.last_state
        return _due(pairs, allowed, least, _parted(derived.tries[end], derived.tries[end][0]))
    allowed = _allowed(given, found.nearest)
    if not arithmetic.plain:
        more = {"u": arithmetic.coarsest.u} if operation.twin else {}
        kept = family.part("narrow").KEPT[operation.name](*arguments, **more, **options)
        allowed = {name: one + arithmetic.coarsest.u * kept[name] for name, one in allowed.items()}
    return Due(found.nearest, found.missing, allowed)


def _allowed(given: Given, nearest: Named) -> Named:
    """Return what a library's program may be off that computes all of it in the format of the sums."""
    sums = given.arithmetic.sums.name
    check = Check(given.operation, "given", "batch", sums, (), given.arguments, given.options, expected=nearest)
    allowance = family_of(given.operation.name).part("allowance")
    found = allowance.allowed(check, list(given.arguments.values()), dict(given.options))
    return {name: unit(sums) * np.asarray(one) for name, one in found.items()}


def _due(pairs: Mapping[str, Pair], allowed: Named, least: Named | None = None, parted: float = 0.0) -> Due:
    rests = answers_of(pairs)
    nearest, missing = ({name: one[part] for name, one in rests.items()} for part in (0, 1))
    return Due(nearest, missing, allowed, least or {}, parted)


def _before(answer: Array, first: Array) -> Array:
    return rows(np.concatenate([np.asarray(first, np.float64)[np.newaxis], answer[:-1]]))


def _parted(runs: Array, state: Array) -> float:
    """Return how far several runs of the states part from them, over the largest."""
    return float(np.nan_to_num(np.abs(runs - state).max() / max(np.abs(state).max(), 1e-300), nan=np.inf))
