"""The truth through time for many steps: float64 first, and then what it lacks, of all steps at once.

A float64 run of the equation is off by its roundings. How far each single step is off, from the state before it, can be
told in twice the precision, and of all steps together, for they do not wait for one another (``sharp.py``). What these
errors add up to follows the equation's own derivative, from step to step, and float64 is enough for it: it is right to
16 digits of something that is itself in the 16th. So two plain runs and a few large products give the states, or the
gradients, to some 70 bits. (It is one step of Newton's method for all states together. Where the network amplifies so
far that a rounding is not small any more, the result is not the truth; but then nobody can be judged by it.)
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np

from ..._shapes import Array
from ..operation import Cell
from .gradients import Asked
from .number import Number
from .shaken import shaken
from .sharp import Sharp
from .through import Back, Weights, backward, forward, rows, step, step_back
from .twice import Pair

PLAIN = shaken(1, seed=None)


def states(cell: Cell, X_seq: Array, states0: Sequence[Array], weights: Weights) -> list[Pair]:
    """Return every state (T, …, H) as a pair."""
    first = [np.asarray(state, np.float64) for state in states0]
    plain = [state.reshape(len(X_seq), *rows(start).shape)
            for state, start in zip(near(cell, X_seq, first, weights), first, strict=True)]  # fmt: skip
    before = [_shifted(state, rows(start)) for state, start in zip(plain, first, strict=True)]
    exact = step(cell, Sharp, Sharp.lift(rows(X_seq)), [Sharp.lift(rows(one)) for one in before], weights)
    lacking = [(one - Sharp.lift(rows(state))).nearest.reshape(state.shape)
               for one, state in zip(exact, plain, strict=True)]  # fmt: skip
    change = [np.zeros_like(rows(start)) for start in first]
    changes: list[list[Array]] = [[] for _ in first]
    for t, x_t in enumerate(X_seq):
        moved = [Tangent(one[t], d) for one, d in zip(before, change, strict=True)]
        after = step(cell, Tangent, Tangent.lift(rows(x_t)), moved, weights)
        change = [one.d + rest[t] for one, rest in zip(after, lacking, strict=True)]
        for kept, d in zip(changes, change, strict=True):
            kept.append(d)
    shapes = [(len(X_seq), *start.shape) for start in first]
    return [(state.reshape(shape), np.stack(d).reshape(shape))
            for state, d, shape in zip(plain, changes, shapes, strict=True)]  # fmt: skip


def near(cell: Cell, X_seq: Array, states0: Sequence[Array], weights: Weights) -> list[Array]:
    """Return every state (T, …, H) of one float64 run."""
    found = forward(cell, PLAIN, X_seq, states0, weights)
    return [np.stack([one.a[0] for one in every]).reshape(len(X_seq), *np.shape(start))
            for every, start in zip(found, states0, strict=True)]  # fmt: skip


def gradients(cell: Cell, asked: Asked, upstream: Sequence[Any], states: Sequence[Any]) -> Back:
    """Return the gradients as pairs, and what reaches every state with all that comes later.

    ``upstream`` and ``states`` (T, …, H) may be pairs; those of ``asked`` are their nearest float64. All steps stand
    below each other: there is one x, of all rows, and ``into`` has one item for each state.
    """
    wide = asked.cast(np.float64)
    T, B = len(wide.X_seq), len(rows(wide.states0[0]))
    above = [Sharp.of(_rows(up)) for up in upstream]
    into = [Sharp.lift(rows(one)) for one in _into(cell, wide, wide.upstream)]
    lacking = []
    for up, carried, reached in zip(above, _all_steps(cell, wide, into, states).states0, into, strict=True):
        later = carried.mapped(lambda a: np.concatenate([a[B:], np.zeros_like(a[:B])]))
        lacking.append((up + later - reached).nearest.reshape(T, *wide.states0[0].shape))
    into = [reached + Sharp.lift(rows(more)) for reached, more in zip(into, _into(cell, wide, lacking), strict=True)]
    back = _all_steps(cell, wide, into, states)
    first = tuple(carried.mapped(lambda a: a[:B]) for carried in back.states0)
    return back._replace(states0=first, into=[into])


def _into(cell: Cell, asked: Asked, upstream: Sequence[Array]) -> list[Array]:
    """Return what reaches every state in float64, with all that comes later (T, rows, H)."""

    def numbers(arrays: Array) -> list[Any]:
        return [PLAIN.lift(rows(one)) for one in arrays]

    first = [PLAIN.lift(rows(state)) for state in asked.states0]
    given = [numbers(one) for one in asked.states]
    above = [numbers(up) for up in upstream]
    found = backward(cell, PLAIN, above, given, numbers(asked.X_seq), first, asked.weights, keep=True)
    return [np.stack([into[place].a[0] for into in found.into]) for place in range(len(first))]


def _all_steps(cell: Cell, asked: Asked, into: Sequence[Sharp], states: Sequence[Any]) -> Back:
    """Go back through every step at once."""
    after = [Sharp.of(_rows(state)) for state in states]
    B = len(rows(asked.states0[0]))
    before = []
    for one, start in zip(after, asked.states0, strict=True):
        first = Sharp.lift(rows(start))
        before.append(one.mapped(lambda a, b: np.concatenate([b, a[:-B]]), first))
    return step_back(cell, Sharp, into, after, Sharp.lift(rows(asked.X_seq)), before, asked.weights)


def _rows(array: Any) -> Any:
    return tuple(rows(part) for part in array) if isinstance(array, tuple) else rows(array)


def _shifted(states: Array, first: Array) -> Array:
    return np.concatenate([first[np.newaxis], states[:-1]])


class Tangent(Number):
    """A float64 value v and, beside it, its change d to first order; weights do not change."""

    def __init__(self, v: Array, d: Array) -> None:
        self.v, self.d = v, d

    @classmethod
    def lift(cls, array: Any) -> Self:
        v = np.asarray(array, np.float64)
        return cls(v, np.zeros_like(v))

    @classmethod
    def weights(cls, array: Any) -> Array:
        return np.asarray(array, np.float64)

    def mapped(self, function: Callable[..., Array], *others: Self) -> Self:
        every = (self, *others)
        return type(self)(function(*(one.v for one in every)), function(*(one.d for one in every)))

    def _number(self, other: Any) -> Self:
        return other if isinstance(other, type(self)) else type(self).lift(np.broadcast_to(other, self.v.shape))

    def __add__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v + b.v, self.d + b.d)

    def __sub__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v - b.v, self.d - b.d)

    def __mul__(self, other: Any) -> Self:
        b = self._number(other)
        return type(self)(self.v * b.v, self.v * b.d + self.d * b.v)

    def one_minus(self) -> Self:
        return type(self)(1 - self.v, -self.d)

    def dot(self, W: Array) -> Self:
        return type(self)(self.v @ W.T, self.d @ W.T)

    def tanh(self) -> Self:
        t = np.tanh(self.v)
        return type(self)(t, (1 - t) * (1 + t) * self.d)

    def sigmoid(self) -> Self:
        with np.errstate(over="ignore"):
            s = 1 / (1 + np.exp(-self.v))
        return type(self)(s, s * (1 - s) * self.d)

    def positive(self) -> Array:
        return self.v > 0

    def outer(self, other: Self) -> Self:
        return type(self)(self.v.T @ other.v, self.v.T @ other.d + self.d.T @ other.v)

    def total(self) -> Self:
        return type(self)(self.v.sum(0), self.d.sum(0))
