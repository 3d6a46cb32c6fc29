"""States judged by one exact step from the candidate's own states before: however long the sequence.

Errors of a recurrence feed on themselves; with large weights two correct programs part by 100 %. But each single step
of a correct program is right to rounding, given the state it started from. So every state of the candidate is compared
with the equation's, computed in twice the precision from the candidate's own state before it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..operation import Cell
from .bounded import Bounded, Terms, bounded, tiny
from .shaken import shaken
from .through import forward, rows, step
from .twice import Twice

FACTOR = 8  # how many times as far as plain arithmetic a right program may be off
RUNS = 3  # more of plain arithmetic, rounded at random
UNITS = 32  # at every step, of all those runs together: where there are few units, it takes more runs


class Judged(NamedTuple):
    """One state at every step: what one exact step gives, and how far a right program may be off it."""

    exact: Array
    allowed: Array


def one_step(
    cell: Cell,
    dtype: str,
    answers: Sequence[Array],
    X_seq: Array,
    states0: Sequence[Array],
    weights: Mapping[str, Array],
) -> list[Judged]:
    """Return for every state (T, …, H) the exact steps from the answers themselves, and the allowed errors."""
    before = [rows(np.concatenate([np.asarray(first, np.float64)[np.newaxis], answer[:-1]]))
              for first, answer in zip(states0, answers, strict=True)]  # fmt: skip
    x, kind = rows(X_seq), bounded(dtype)
    exact = step(cell, Twice, Twice.lift(x), [Twice.lift(one) for one in before], weights)
    allowed = step(cell, kind, kind.lift(x), [kind.stored(one) for one in before], weights)
    return [
        Judged(one.nearest.reshape(answer.shape), (may.error() + tiny(dtype)).reshape(answer.shape))
        for one, may, answer in zip(exact, allowed, answers, strict=True)
    ]


def followed(
    cell: Cell,
    dtype: str,
    answers: Sequence[Array],
    X_seq: Array,
    states0: Sequence[Array],
    weights: Mapping[str, Array],
) -> list[Judged]:
    """Return the same where the first state alone is answered (T, …, H), as most libraries' LSTM does.

    The others follow from it, and from what is known: they are taken along in twice the precision, and with them what
    the candidate's own may be off. A memory's error goes on times the forget gates, which are below 1: it does not grow
    beyond a few steps' worth.
    """
    (shown,), kind = answers, bounded(dtype)
    before = [Twice.lift(rows(state)) for state in states0]
    off: list[Any] = [0.0 for _ in states0]
    exact: list[list[Array]] = [[] for _ in states0]
    allowed: list[list[Array]] = [[] for _ in states0]
    for h_t, x_t in zip(shown, X_seq, strict=True):
        held = [kind.stored(state.nearest, error) for state, error in zip(before, off, strict=True)]
        after = step(cell, Twice, Twice.lift(rows(x_t)), before, weights)
        may = step(cell, kind, kind.lift(rows(x_t)), held, weights)
        errors = [one.error() + tiny(dtype) for one in may]
        for place, (one, error) in enumerate(zip(after, errors, strict=True)):
            exact[place].append(one.nearest.reshape(h_t.shape))
            allowed[place].append(error.reshape(h_t.shape))
        before, off = [Twice.lift(rows(h_t)), *after[1:]], [0.0, *errors[1:]]
    return [Judged(np.array(one), np.array(may)) for one, may in zip(exact, allowed, strict=True)]


def own_errors(
    cell: Cell, kind: type[Bounded], states: Sequence[Array], X_seq: Array, states0: Sequence[Array],
    weights: Mapping[str, Array],
) -> list[Array]:  # fmt: skip
    """Return what one step may add to the error of every state (T, …, H), in the arithmetic of a kind."""
    before = [
        rows(np.concatenate([first[np.newaxis], state[:-1]])) for first, state in zip(states0, states, strict=True)
    ]
    after = step(cell, kind, kind.lift(rows(X_seq)), [kind.lift(one) for one in before], weights)
    return [made.error().reshape(state.shape) for made, state in zip(after, states, strict=True)]


def plain_runs(size: int) -> int:
    """Return how many runs it takes: of a few units, three lucky ones may all miss the one rounding that matters."""
    return 1 + max(RUNS, UNITS // size)


def last_states(
    cell: Cell,
    dtype: str,
    truth: Sequence[Array],
    X_seq: Array,
    states0: Sequence[Array],
    weights: Mapping[str, Array],
) -> list[Array]:
    """Return what the states after the last step may be off, where those before it are not returned.

    ``truth`` holds the right ones, of the first states of the cell or of all.

    That is what a step may be, and what came with the state before: taken, as of gradients, from plain arithmetic and
    its runs rounded at random, relative to the terms of the last sums.
    """
    wide = [np.asarray(state, np.float64) for state in states0]
    W = {name: np.asarray(weight, np.float64) for name, weight in weights.items()}
    found = forward(cell, shaken(1, seed=None), np.asarray(X_seq, np.float64), wide, W)
    states = [np.stack([one.a.reshape(first.shape) for one in every]) for every, first in zip(found, wide, strict=True)]
    of_step = own_errors(cell, bounded(dtype), states, X_seq, wide, W)
    behind = own_errors(cell, Terms, states, X_seq, wide, W)
    tries = forward(cell, shaken(plain_runs(wide[0].size)), X_seq, states0, weights)
    allowed = []
    for due, error, terms, every in zip(truth, of_step, behind, tries, strict=False):
        runs, last_terms = every[-1].a.astype(np.float64), terms[-1] / Terms.u
        off = np.abs(runs.reshape(len(runs), *due.shape) - due)
        ratios = np.divide(off, last_terms, out=np.zeros_like(off), where=last_terms > 0)
        ratio = np.nanmax(ratios, initial=0.0)  # a row of a batch that is no number says nothing of the others
        allowed.append(error[-1] + tiny(dtype) + FACTOR * ratio * last_terms)
    return allowed
