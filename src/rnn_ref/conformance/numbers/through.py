"""A cell taken through time, on any kind of number: one step for many rows at once, forward, and back.

States, and what reaches them from above, come as tuples, one for each state of the cell. Arrays are (T, …, H) for T
steps of one sequence (H,) or a batch (B, H).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..operation import Cell
from .number import Number
from .tape import Gradients, Recorded, Weight, back

Weights = Mapping[str, Array]


def rows(array: Any) -> Array:
    """Flatten all axes but the last."""
    return np.reshape(array, (-1, np.shape(array)[-1]))


class Step(NamedTuple):
    """One step recorded: what went in and what came out. Clearing the tape frees it all."""

    tape: list[Recorded]
    x: Recorded
    before: tuple[Recorded, ...]
    after: tuple[Recorded, ...]


def recorded(cell: Cell, kind: type[Number], x: Number, states: Sequence[Number], weights: Weights) -> Step:
    """Take one step, or many independent ones (rows), and record it."""
    tape: list[Recorded] = []
    read, before = Recorded(tape, x), tuple(Recorded(tape, state) for state in states)
    given = {name: Weight(name, kind.weights(weights[name])) for name in cell.weights}
    return Step(tape, read, before, cell.step(read, *before, **given))


def step(cell: Cell, kind: type[Number], x: Number, states: Sequence[Number], weights: Weights) -> list[Any]:
    """Take one step, or many independent ones (rows), and return the states after it."""
    taken = recorded(cell, kind, x, states, weights)
    taken.tape.clear()
    return [state.value for state in taken.after]


def forward(
    cell: Cell, kind: type[Number], X_seq: Array, states0: Sequence[Array], weights: Weights
) -> list[list[Any]]:
    """Return the states after every step, as numbers: a list of T for each state."""
    states: list[Any] = [kind.lift(rows(state)) for state in states0]
    every: list[list[Any]] = [[] for _ in states]
    for x_t in X_seq:
        states = step(cell, kind, kind.lift(rows(x_t)), states, weights)
        for kept, state in zip(every, states, strict=True):
            kept.append(state)
    return every


class Back(NamedTuple):
    """Gradients as numbers: of every input x_t, of the states before the first step, of the weights by block."""

    x: list[Any]
    states0: tuple[Any, ...]
    weights: Gradients
    into: Sequence[Sequence[Any]] = ()  # those of the states after every step, with all that comes later, if kept


def step_back(
    cell: Cell,
    kind: type[Number],
    upstream: Sequence[Any],
    after: Sequence[Any],
    x: Any,
    before: Sequence[Any],
    weights: Weights,
) -> Back:
    """Go back through one step, from numbers to numbers."""
    taken = recorded(cell, kind, x, before, weights)
    if cell.slopes_from_state:
        for made, state in zip(taken.after, after, strict=True):
            made.value = state
    found = back(taken.tape, dict(zip(taken.after, upstream, strict=True)))
    taken.tape.clear()
    return Back([taken.x.gradient], tuple(state.gradient for state in taken.before), found)


def backward(
    cell: Cell,
    kind: type[Number],
    upstream: Sequence[Sequence[Any]],
    states: Sequence[Sequence[Any]],
    X_seq: Sequence[Any],
    states0: Sequence[Any],
    weights: Weights,
    *,
    keep: bool = False,
) -> Back:
    """Go back through time, over numbers: what reaches each state from above, the states given, the inputs."""
    T, dX = len(X_seq), []
    every: list[Sequence[Any]] = []
    carried: Sequence[Any] = [None] * len(states)
    total: Gradients = {}
    for t in reversed(range(T)):
        before = [one[t - 1] if t else first for one, first in zip(states, states0, strict=True)]
        into = [up[t] if d is None else up[t] + d for up, d in zip(upstream, carried, strict=True)]
        found = step_back(cell, kind, into, [one[t] for one in states], X_seq[t], before, weights)
        dX.append(found.x[0])
        every += [into] if keep else []
        carried = found.states0
        total = {key: total[key] + d if key in total else d for key, d in found.weights.items()}
    return Back(dX[::-1], tuple(carried), total, every[::-1])


def as_arrays(cell: Cell, found: Back, arrays: Any, X_seq: Array, states0: Sequence[Array]) -> list[Array]:
    """Return gradients as arrays: of X_seq, of every state before the first step, of the weights in their order.

    ``arrays`` takes the array out of a number; runs that stand in front stay there.
    """

    def shaped(array: Array, shape: tuple[int, ...], lead: int) -> Array:
        return np.reshape(array, (*array.shape[:lead], *shape))

    dX = [arrays(d) for d in found.x]
    lead = dX[0].ndim - 2
    result = [shaped(np.stack(dX, lead), np.shape(X_seq), lead)]
    result += [shaped(arrays(d), np.shape(state), lead) for d, state in zip(found.states0, states0, strict=True)]
    for name in cell.weights:
        blocks = sorted((block, d) for (one, block), d in found.weights.items() if one == name)
        result.append(np.concatenate([arrays(d) for _, d in blocks], lead))
    return result
