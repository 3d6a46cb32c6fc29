"""How far what a stack shows may be from the truth, and its last states.

Each may be off by what one step of its own layer may, from the true states and the true inputs; and on top of that by 8
times what plain arithmetic of the same precision is off, and its runs rounded at random (``numbers/shaken.py``): as a
last state may whose states before are not returned (``numbers/states.py``). The largest ratio r of plain arithmetic's
error to the terms of the last sum, over an array, gives each entry 8·r times its terms. Behind the end of a sequence
are zeros, which are exact.
"""

import numpy as np

from ....._shapes import Array
from ....numbers.bounded import Bounded, Terms, bounded, unit
from ....numbers.shaken import shaken
from ....numbers.states import FACTOR, plain_runs
from ....numbers.through import rows, step
from ....numbers.twice import Twice
from ..reading import Asked, One, in_a_batch, read, top


def of_states(asked: Asked, dtype: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return what every state may be off in units of u, and the terms of the last sums behind it."""
    wide, every = asked.cast(np.float64), range(len(asked.sequences))
    true = [read(wide, Twice, b) for b in every]
    due = in_a_batch(wide, true, lambda number: number.nearest, 0.0)
    of_step, terms = (
        in_a_batch(asked, [_one_step(wide, kind, b, true[b]) for b in every], lambda number: number.error(), 0.0)
        for kind in (bounded(dtype), Terms)
    )
    behind = {name: one / Terms.u for name, one in terms.items()}
    runs = shaken(plain_runs(asked.states0[0][0].size * len(every)))
    tries = in_a_batch(asked, [read(asked, runs, b) for b in every], lambda number: number.a, 0.0)
    allowed = {
        name: (error + _plain(tries[name], due[name], behind[name])) / unit(dtype) for name, error in of_step.items()
    }
    return allowed, behind


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
