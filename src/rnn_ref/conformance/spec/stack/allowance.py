"""How far a right stack may be from the truth. What its inner layers return nobody sees, so no exact step judges them.

What is shown, and every last state, may be off by what one step of its own layer may, from the true states and the true
inputs; and on top of that by 8 times what plain arithmetic of the same precision is off, and its runs rounded at random
(``numbers/shaken.py``): as a last state may whose states before are not returned (``numbers/states.py``). The largest
ratio r of plain arithmetic's error to the terms of the last sum, over an array, gives each entry 8·r times its terms.
Behind the end of a sequence are zeros, which are exact.

Gradients are allowed what those of one layer are (``numbers/gradients.py``): 8 times what plain arithmetic is off, from
the states given and from states that it computes anew, and 2 roundings of the terms of the last sums.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...._shapes import Array
from ...numbers import gradients
from ...numbers.bounded import Bounded, Terms, bounded, unit
from ...numbers.shaken import Shaken, shaken
from ...numbers.states import FACTOR, plain_runs
from ...numbers.tape import Gradients
from ...numbers.through import rows, step
from ...numbers.twice import Twice
from ...operation import Check
from . import going_back
from .reading import Asked, One, asked_of, in_a_batch, order, read, top

PLAIN = shaken(1, seed=None)


def allowed(check: Check, arguments: list[Any], options: dict[str, Any]) -> dict[str, Array]:
    """Return the allowed error of every entry of every output, in units of u."""
    return _of_gradients(check) if check.operation.twin else _of_states(check)


def _of_states(check: Check) -> dict[str, Array]:
    asked = asked_of(check.options, *check.operation.handed(check.arguments))
    wide, every = asked.cast(np.float64), range(len(asked.sequences))
    true = [read(wide, Twice, b) for b in every]
    of_step, terms = (
        in_a_batch(asked, [_one_step(wide, kind, b, true[b]) for b in every], lambda number: number.error(), 0.0)
        for kind in (bounded(check.dtype), Terms)
    )
    runs = shaken(plain_runs(asked.states0[0][0].size * len(every)))
    tries = in_a_batch(asked, [read(asked, runs, b) for b in every], lambda number: number.a, 0.0)
    return {
        name: (error + _plain(tries[name], check.expected[name], terms[name] / Terms.u)) / unit(check.dtype)
        for name, error in of_step.items()
        if name in check.expected  # not everybody returns the last states
    }


def _plain(tries: Array, truth: Array, terms: Array) -> Array:
    """Return 8 times what plain arithmetic is off, relative to the terms of the last sums."""
    errors = np.abs(tries.astype(np.float64) - truth)
    ratios = np.divide(errors, terms, out=np.zeros_like(errors), where=terms > 0)
    return FACTOR * float(ratios.max()) * terms


def _one_step(asked: Asked, kind: type[Bounded], b: int, true: One) -> One:
    """Return every state as one step makes it from the true one before it and from the true input."""
    states = []
    for k, weights in enumerate(asked.layers):
        before = [[kind.lift(rows(start[k])) for start in asked.states0[b]]]
        before += [[kind.lift(one.nearest) for one in after] for after in true.states[k][:-1]]
        inputs = [kind.lift(x_t.nearest) for x_t in true.inputs[k]]
        taken = zip(inputs, before, strict=True)
        states.append([step(asked.cell, kind, x_t, state, weights) for x_t, state in taken])
    return One(true.inputs, states, top(asked, states))


def _of_gradients(check: Check) -> dict[str, Array]:
    asked, above = going_back.asked_back(check.options, *check.operation.handed(check.arguments))
    wide, wide_above, every = asked.cast(np.float64), above.cast(np.float64), range(len(asked.sequences))
    given = [going_back.given(wide, wide_above, PLAIN, b) for b in every]
    backs = [going_back.back(wide, wide_above, PLAIN, b, given[b]) for b in every]
    terms = _last_terms(wide, wide_above, given, backs)
    found = {}
    for name, tries in _tries(asked, above).items():
        due = check.expected[name]
        found[name] = gradients.allowed(check.dtype, tries.reshape(len(tries), *due.shape), due, terms[name])
    return found


def _tries(asked: Asked, above: going_back.Above) -> dict[str, Array]:
    """Return the gradients of plain arithmetic (R, …), from the states given, from its own, and from those shaken."""
    every, runs = range(len(asked.sequences)), plain_runs(asked.states0[0][0].size * len(asked.sequences))
    several, anew = shaken(runs, seed=None), shaken(runs)
    both = []
    for kind, ones in (
        (PLAIN, [going_back.given(asked, above, PLAIN, b) for b in every]),
        (several, [_still(read(asked, anew, b), several) for b in every]),
    ):
        with np.errstate(all="ignore"):
            found = [going_back.back(asked, above, kind, b, one) for b, one in enumerate(ones)]
        both.append(going_back.in_a_batch(asked, found, lambda number: number.a, 0.0))
    return {name: np.concatenate([one[name] for one in both]) for name in both[0]}


def _still(one: One, kind: type[Shaken]) -> One:
    """Return what was read in numbers whose dice are thrown no more."""
    inputs = [[kind(number.a) for number in every] for every in one.inputs]
    states = [[[kind(number.a) for number in after] for after in every] for every in one.states]
    return One(inputs, states, one.shown)


def _last_terms(
    asked: Asked, above: going_back.Above, given: Sequence[One], backs: Sequence[going_back.Back]
) -> dict[str, Array]:
    """Return the terms of the last sums behind every gradient: those of each layer, what reaches it exact."""
    found = []
    for b, back in enumerate(backs):
        kinds = len(asked.states0[b])
        by_layer = [_terms_of_layer(asked, above, k, b, given[b], back) for k in range(len(asked.layers))]
        of_x = np.sum([one[0][order(asked, k)] for k, one in enumerate(by_layer[: asked.directions])], 0)
        states0: list[Sequence[Terms]] = [[Terms(one) for one in every[1 : 1 + kinds]] for every in by_layer]
        weights: list[Gradients] = [
            {(name, (0, 1)): Terms(one) for name, one in zip(asked.cell.weights, every[1 + kinds :], strict=True)}
            for every in by_layer
        ]
        found.append(going_back.Back([Terms(row) for row in of_x], states0, weights, [], []))
    return going_back.in_a_batch(asked, found, lambda number: number.v, 0.0)


def _terms_of_layer(
    asked: Asked, above: going_back.Above, k: int, b: int, given: One, back: going_back.Back
) -> list[Array]:
    """Return the terms of one layer and direction of one sequence, in the order of its reading."""

    def over_time(numbers: Sequence[Shaken]) -> Array:
        return np.stack([one.a[0] for one in numbers])

    of_layer = gradients.Asked(
        [over_time(one) for one in back.upstream[k]],
        [one[:, np.newaxis] for one in above.inside[b][k]],
        over_time(given.inputs[k]),
        [one[k][np.newaxis] for one in asked.states0[b]],
        asked.layers[k],
    )
    kinds = range(len(asked.states0[b]))
    reaching = [np.concatenate([after[place].a[0] for after in back.into[k]]) for place in kinds]
    return gradients.last_terms(asked.cell, of_layer, into=reaching)
