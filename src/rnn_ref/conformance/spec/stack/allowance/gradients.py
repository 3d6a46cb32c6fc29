"""How far a stack's gradients may be from the truth.

They are allowed what those of one layer are (``numbers/gradients.py``): 8 times what plain arithmetic is off, from the
states given and from states that it computes anew, and 2 roundings of the terms of the last sums. Where slopes are 0 or
1, other states change none of them: there the way back is rounded at random as well, for it may amplify what one run
happens to be off.
"""

from collections.abc import Sequence

import numpy as np

from ....._shapes import Array
from ....numbers import gradients
from ....numbers.bounded import Terms
from ....numbers.shaken import Shaken, shaken
from ....numbers.states import plain_runs
from ....numbers.tape import Gradients
from ....operation import Check
from ...inputs.kinks import noting
from .. import going_back
from ..reading import Asked, One, order, read

PLAIN = shaken(1, seed=None)


def of_gradients(check: Check) -> dict[str, Array]:
    """Return what every entry of every gradient may be off, in units of u."""
    asked, above = going_back.asked_back(check.options, *check.operation.handed(check.arguments))
    wide, wide_above, every = asked.cast(np.float64), above.cast(np.float64), range(len(asked.sequences))
    given = [going_back.given(wide, wide_above, PLAIN, b) for b in every]
    backs = [going_back.back(wide, wide_above, PLAIN, b, given[b]) for b in every]
    terms = last_terms(wide, wide_above, given, backs)
    found = {}
    for name, tries in _tries(asked, above).items():
        due = check.expected[name]
        found[name] = gradients.allowed(check.dtype, tries.reshape(len(tries), *due.shape), due, terms[name])
    return found


def _tries(asked: Asked, above: going_back.Above) -> dict[str, Array]:
    """Return the gradients of plain arithmetic (R, …), from the states given, from its own, and from those shaken."""
    every, runs = range(len(asked.sequences)), plain_runs(asked.states0[0][0].size * len(asked.sequences))
    several, anew = moved(asked, runs), shaken(runs)
    both = []
    for kind, ones in (
        (PLAIN, [going_back.given(asked, above, PLAIN, b) for b in every]),
        (several, [still(read(asked, anew, b), several) for b in every]),
    ):
        with np.errstate(all="ignore"):
            found = [going_back.back(asked, above, kind, b, one) for b, one in enumerate(ones)]
        both.append(going_back.in_a_batch(asked, found, lambda number: number.a, 0.0))
    return {name: np.concatenate([one[name] for one in both]) for name in both[0]}


def moved(asked: Asked, runs: int) -> type[Shaken]:
    """Return the numbers of a way back in several runs: shaken themselves where no slope depends on the states."""
    kind = noting()
    read(asked.cast(np.float64), kind, 0)
    return shaken(runs, seed=1 if np.isfinite(kind.least[0]) else None)


def still(one: One, kind: type[Shaken]) -> One:
    """Return what was read in numbers whose dice are thrown no more."""
    inputs = [[kind(number.a) for number in every] for every in one.inputs]
    states = [[[kind(number.a) for number in after] for after in every] for every in one.states]
    return One(inputs, states, one.shown)


def last_terms(
    asked: Asked,
    above: going_back.Above,
    given: Sequence[One],
    backs: Sequence[going_back.Back],
    more: Sequence[Array] | None = None,
) -> dict[str, Array]:
    """Return the terms of the last sums behind every gradient: those of each layer, what reaches it exact.

    ``more`` is what that brings along of a sum of its own to the top layer, of every sequence (T_b, KH).
    """
    found = []
    for b, back in enumerate(backs):
        kinds = len(asked.states0[b])
        of_top = {} if more is None else _of_directions(asked, more[b])
        layers = range(len(asked.layers))
        by_layer = [_terms_of_layer(asked, above, k, b, given[b], back, of_top.get(k)) for k in layers]
        of_x = np.sum([one[0][order(asked, k)] for k, one in enumerate(by_layer[: asked.directions])], 0)
        states0: list[Sequence[Terms]] = [[Terms(one) for one in every[1 : 1 + kinds]] for every in by_layer]
        weights: list[Gradients] = [
            {(name, (0, 1)): Terms(one) for name, one in zip(asked.cell.weights, every[1 + kinds :], strict=True)}
            for every in by_layer
        ]
        found.append(going_back.Back([Terms(row) for row in of_x], states0, weights, [], []))
    return going_back.in_a_batch(asked, found, lambda number: number.v, 0.0)


def _of_directions(asked: Asked, shown: Array) -> dict[int, Array]:
    """Return what belongs to each direction of the top layer, in the order of its reading."""
    first = len(asked.layers) - asked.directions
    parts = np.split(shown, asked.directions, -1)
    return {k: part[order(asked, k)][:, np.newaxis] for k, part in enumerate(parts, first)}


def _terms_of_layer(
    asked: Asked, above: going_back.Above, k: int, b: int, given: One, back: going_back.Back, more: Array | None
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
    return gradients.last_terms(asked.cell, of_layer, more, into=reaching)
