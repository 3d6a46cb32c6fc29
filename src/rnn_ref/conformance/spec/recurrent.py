"""Functions that are an equation: a step, its way through time, a layer, and the ways back.

Their truth and what is allowed follow from the record and the equation; nothing here knows which equation it is.
"""

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from ..._shapes import Array
from ..numbers import gradients, states
from ..numbers.bounded import Bounded, bounded, tiny, unit
from ..numbers.exact import Exact
from ..numbers.gradients import Asked
from ..numbers.states import Judged
from ..numbers.through import as_arrays, forward, rows, step, step_back
from ..operation import Cell, Check, Operation
from . import OPERATIONS

Named = dict[str, Any]
NO_OPTIONS: Mapping[str, Any] = {}
_JUDGED: WeakKeyDictionary[Check, tuple[tuple[Any, ...], dict[str, Judged]]] = WeakKeyDictionary()


def truth(operation: Operation, values: Mapping[str, Array], options: Mapping[str, Any] = NO_OPTIONS) -> Named:
    """Return the outputs as exact numbers; the arguments are exact numbers too."""
    cell, asked = asked_of(operation, values, options)
    if not operation.twin and operation.states:
        found = forward(cell, Exact, asked.X_seq, asked.states0, asked.weights)
        shape = (len(asked.X_seq), *asked.states0[0].shape)
        return {name: np.array([one.a for one in every]).reshape(shape)
                for name, every in zip(operation.outputs, found, strict=True)}  # fmt: skip
    if not operation.twin:
        before = [Exact(rows(state)) for state in asked.states0]
        after = step(cell, Exact, Exact(rows(asked.X_seq)), before, asked.weights)
        shape = asked.X_seq.shape[1 if cell.states else 0 : -1]
        return {name: made.a.reshape(*shape, -1) for name, made in zip(operation.outputs, after, strict=True)}
    back = gradients.truth(cell, asked) if cell.states else layer_back(cell, Exact, asked, lambda number: number.a)
    return as_returned(operation, back)


def judged(check: Check, answers: Mapping[str, Array]) -> dict[str, Judged]:
    """Return for all states what one exact step from the candidate's own gives, and what is allowed, by output.

    Where it returns those alone that it shows, the others are followed from them. What was found last is kept: of one
    answer several questions are asked.
    """
    key = tuple((name, answer.shape, answer.dtype.str, answer.tobytes()) for name, answer in answers.items())
    if check not in _JUDGED or _JUDGED[check][0] != key:
        _JUDGED[check] = key, _judged(check, answers)
    return _JUDGED[check][1]


def _judged(check: Check, answers: Mapping[str, Array]) -> dict[str, Judged]:
    cell, asked = asked_of(check.operation, check.arguments, check.options)
    names = list(check.operation.ends)
    how = states.one_step if answers.keys() >= {*names} else states.followed
    given = [answers[name] for name in (names if how is states.one_step else names[:1])]
    with np.errstate(all="ignore"):  # of answers that are not finite
        found = how(cell, check.dtype, given, asked.X_seq, asked.states0, asked.weights)
    return dict(zip(names, found, strict=True))


def allowed_errors(check: Check) -> Named:
    """Return the allowed error of every entry of every output; of all states, that at the true ones."""
    operation, dtype = check.operation, check.dtype
    cell, asked = asked_of(operation, check.arguments, check.options)
    if operation.states in check.expected:
        at_the_truth = {name: one.allowed for name, one in judged(check, check.expected).items()}
        return at_the_truth | {last: at_the_truth[states][-1] for states, last in operation.ends.items()}
    if operation.states:
        last = [name for name in operation.ends.values() if name in check.expected]
        truth = [check.expected[name] for name in last]
        found = states.last_states(cell, dtype, truth, asked.X_seq, asked.states0, asked.weights)
        return dict(zip(last, found, strict=True))
    if operation.twin and OPERATIONS[operation.twin].states:
        terms = gradients.last_terms(cell, asked)
        tries = gradients.tries(cell, asked, dtype)
        due = [check.expected[name] for name in operation.outputs]
        rounded = [unit(dtype) * gradients.allowed(dtype, *one) for one in zip(tries, due, terms, strict=True)]
        every = [one + lost for one, lost in zip(rounded, gradients.lost(cell, asked, dtype), strict=True)]
    else:
        every = one_step_errors(operation, cell, asked, bounded(dtype))
    return {
        name: one.reshape(check.expected[name].shape) + tiny(dtype)
        for name, one in zip(operation.outputs, every, strict=True)
    }


def chained_errors(check: Check) -> Named:
    """Return how far the states of a right program may be from the true ones, where they are simply compared with them.

    The error that is allowed at one step goes into the next. This is a bound for any implementation whose every step
    is right; it holds however the errors conspire, and therefore grows with the number of steps faster than real errors
    do. It is finite and small for the weights of the suite, which contract, and says nothing where they do not.
    """
    (cell, asked), kind = asked_of(check.operation, check.arguments, check.options), bounded(check.dtype)
    truth = [check.expected[name] for name in check.operation.ends]
    before, off = asked.states0, [np.zeros(1) for _ in truth]
    allowed = [np.empty_like(one) for one in truth]
    for t, x_t in enumerate(asked.X_seq):
        held = [kind.stored(rows(state), error) for state, error in zip(before, off, strict=True)]
        off = [made.error() + tiny(check.dtype) for made in step(cell, kind, kind.lift(rows(x_t)), held, asked.weights)]
        before = [one[t] for one in truth]
        for whole, error in zip(allowed, off, strict=True):
            whole[t] = error.reshape(whole[t].shape)
    return dict(zip(check.operation.ends, allowed, strict=True))


def asked_of(operation: Operation, values: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[Cell, Asked]:
    """Return the equation, and which arguments are its: of one step as of a sequence of one.

    Of a way back that is not given the states after the step, they are zeros: nothing depends on them.
    """
    cell, twin = operation.equation(options), OPERATIONS.get(operation.twin, operation)
    own = list(twin.arguments)
    above = [name for name in operation.arguments if name not in own]
    x, *first = (np.asarray(values[name]) for name in own[: 1 + len(cell.states)])
    over_time = [np.asarray(values[name]) for name in above]
    if cell.states and twin.arguments[own[0]].axes[0] != "T":
        x, over_time = x[np.newaxis], [one[np.newaxis] for one in over_time]
    count = len(twin.outputs)
    upstream, given = over_time[:count], over_time[count:] or [np.zeros_like(one) for one in over_time]
    return cell, Asked(
        upstream, given if operation.twin else [], x, first, {name: values[name] for name in cell.weights}
    )


def one_step_errors(operation: Operation, cell: Cell, asked: Asked, kind: type[Bounded]) -> list[Array]:
    """Return the allowed errors of one step or of a layer, forward or back.

    A state that is given may be computed anew by a library that differentiates by itself, with errors of its own.
    """
    if not operation.twin:
        before = [kind.stored(rows(state)) for state in asked.states0]
        return [made.error() for made in step(cell, kind, kind.lift(rows(asked.X_seq)), before, asked.weights)]
    if not cell.states:
        return layer_back(cell, kind, asked, lambda number: number.error())
    wide = asked.cast(np.float64)
    own = states.own_errors(cell, kind, wide.states, wide.X_seq, wide.states0, wide.weights)
    after = [kind.stored(rows(state), rows(off)) for state, off in zip(wide.states, own, strict=True)]
    before = [kind.lift(rows(state)) for state in wide.states0]
    upstream = [kind.lift(rows(up)) for up in wide.upstream]
    found = step_back(cell, kind, upstream, after, kind.lift(rows(wide.X_seq)), before, wide.weights)
    return as_arrays(cell, found, lambda number: number.error(), wide.X_seq, wide.states0)


def layer_back(cell: Cell, kind: Any, asked: Asked, arrays: Any) -> list[Array]:
    """Go back through a layer; ``arrays`` takes the array out of a number."""
    upstream = [kind.lift(rows(up)) for up in asked.upstream]
    found = step_back(cell, kind, upstream, (), kind.lift(rows(asked.X_seq)), (), asked.weights)
    return as_arrays(cell, found, arrays, asked.X_seq, asked.states0)


def as_returned(operation: Operation, every: list[Array]) -> Named:
    """Return gradients by the outputs' names; of one step without the axis of time."""
    one_step = operation.outputs[next(iter(operation.outputs))].axes[0] != "T"
    return {name: found[0] if one_step and not place else found
            for place, (name, found) in enumerate(zip(operation.outputs, every, strict=True))}  # fmt: skip
