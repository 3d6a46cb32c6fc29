"""How far a right gradient through time may be from the truth.

A gradient through time is a chain of sums, and following worst cases down the chain soon allows anything. So it is
allowed what rounding does to plain arithmetic of the same precision on the same case (``shaken.py``), times 8: the
largest ratio r of error to u·Σ|terms| over an array gives each entry 8·r·u·Σ|terms|, and no entry more than 8 times
the largest error in the array. On tiny arrays that ratio may be small by luck (a factor of 1,341 was seen where every
axis is 1), hence a floor of 2u·Σ|terms|. The terms are those of the last sums alone, made of the true gradient of the
step after: chained through time, they grow with every step by the row sums of |W_hh|, which exceed 1, and after some 25
steps they would allow anything.

A library that differentiates by itself computes the states anew instead of taking those it is given; so the plain
program does it both ways, and the larger error counts. Where steps amplify, the error of the states decides, and that
of one program is a matter of luck (at a gain of 2.75 a lucky run allowed too little for the reference itself). So the
states are computed several more times, each rounded at random; the largest error counts. Three more runs are enough
where there are many units. Of three states of one unit each, three runs left the one rounding that mattered as it was,
and PyTorch's answer was refused: hence more runs there. Slopes of 0 and 1 do not move with the states; so of relu the
way back itself is rounded at random in these runs, for it may amplify what one of them happens to be off (of 4,500
right answers 4 were refused, at most at 1.3 of what was allowed).

On top of that comes what may be lost where numbers are flushed to zero (``flushed.py``).
"""

from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from ..._shapes import Array
from ..operation import Cell
from .bounded import Terms, unit
from .exact import Exact
from .flushed import flushed
from .shaken import Shaken, shaken
from .states import FACTOR, own_errors, plain_runs
from .through import Back, Weights, as_arrays, backward, forward, rows, step_back

FLOOR = 2  # multiples of u Σ|terms|


class Asked(NamedTuple):
    """What gradients through time are asked of: what comes from above and the states given, each for every state."""

    upstream: Sequence[Array]
    states: Sequence[Array]
    X_seq: Array
    states0: Sequence[Array]
    weights: Weights

    def cast(self, dtype: Any) -> "Asked":
        """Return the same in another precision."""

        def every(arrays: Sequence[Array]) -> list[Array]:
            return [np.asarray(array, dtype) for array in arrays]

        weights = {name: np.asarray(weight, dtype) for name, weight in self.weights.items()}
        X_seq = np.asarray(self.X_seq, dtype)
        return Asked(every(self.upstream), every(self.states), X_seq, every(self.states0), weights)


def truth(cell: Cell, asked: Asked) -> list[Array]:
    """Return the gradients as exact numbers: of X_seq, of the states before the first step, of the weights."""
    lifted = _lifted(Exact, asked)
    return as_arrays(cell, backward(cell, Exact, *lifted, asked.weights), _array, asked.X_seq, asked.states0)


def plain_states(cell: Cell, asked: Asked, kind: Any = shaken) -> list[Array]:
    """Return the states of plain arithmetic in several runs (R, T, …, H)."""
    runs = plain_runs(np.size(asked.states0[0]))
    found = forward(cell, kind(runs), asked.X_seq, asked.states0, asked.weights)
    return [np.stack([number.a for number in one], 1).reshape(runs, len(one), *np.shape(first))
            for one, first in zip(found, asked.states0, strict=True)]  # fmt: skip


def plain(cell: Cell, asked: Asked, kind: Any = shaken, *, at_once: bool = True) -> list[Array]:
    """Return the gradients of plain arithmetic, run by run; upstream and states have the runs in front (R, T, …, H).

    Those of the weights have each run twice: added up step by step, and as one product of all rows (``at_once``), as a
    library does it; a kernel of few bits is not to add up thousands of rows in them.
    """
    R = len(asked.states[0])
    kind = kind(R, seed=1 if _is_kinked(cell, asked) else None)

    def numbers(arrays: Array) -> list[Shaken]:
        with_runs = arrays.ndim == asked.states[0].ndim
        every = arrays if with_runs else np.broadcast_to(arrays, (R, *arrays.shape))
        return [kind(one.reshape(R, -1, one.shape[-1])) for one in np.moveaxis(every, 1, 0)]

    X = [kind.lift(rows(x_t)) for x_t in asked.X_seq]
    first = [kind.lift(rows(state)) for state in asked.states0]
    states = [numbers(one) for one in asked.states]
    found = backward(cell, kind, [numbers(up) for up in asked.upstream], states, X, first, asked.weights, keep=True)
    by_steps = as_arrays(cell, found, _array, asked.X_seq, asked.states0)
    if not at_once:
        return by_steps
    into = [_end_to_end([one[place] for one in found.into]) for place in range(len(states))]
    before = [_end_to_end([start, *every[:-1]]) for start, every in zip(first, states, strict=True)]
    product = step_back(cell, kind, into, list(map(_end_to_end, states)), _end_to_end(X), before, asked.weights)
    found = found._replace(weights=product.weights)
    sums, products = (
        one[-len(cell.weights) :] for one in (by_steps, as_arrays(cell, found, _array, asked.X_seq, asked.states0))
    )
    both = [np.concatenate(pair) for pair in zip(sums, products, strict=True)]
    return by_steps[: -len(cell.weights)] + both


class Kinked(Shaken):
    """Plain numbers that note whether max(0, ·) is taken of any."""

    seen: ClassVar[list[bool]]

    def relu(self) -> Self:
        """Return max(0, ·), and note it."""
        self.seen[0] = True
        return super().relu()


def _is_kinked(cell: Cell, asked: Asked) -> bool:
    """Whether slopes are 0 or 1, whatever the states are."""
    seen, wide = [False], asked.cast(np.float64)
    forward(cell, type("Noting", (Kinked,), {"seen": seen}), wide.X_seq[:1], wide.states0, wide.weights)
    return seen[0]


def _end_to_end(numbers: Sequence[Any]) -> Any:
    """Return numbers of all steps as one, of all rows."""
    return numbers[0].mapped(lambda *parts: np.concatenate(parts, -2), *numbers[1:])


def last_terms(cell: Cell, asked: Asked, more: Array | None = None, into: Sequence[Array] | None = None) -> list[Array]:
    """Return Σ|terms| of the last sums behind every gradient, those before them exact: of all steps at once.

    ``more`` is what the first upstream gradient brings along as its own Σ|terms|, where that exceeds itself; ``into``
    what reaches every state with all that comes later (T·rows, H), where it is known.
    """
    wide = asked.cast(np.float64)
    own = own_errors(cell, Terms, wide.states, wide.X_seq, wide.states0, wide.weights)
    B = len(rows(wide.states0[0]))
    sharp = [Terms(one) for one in (reaching(cell, wide) if into is None else into)]
    x, after = Terms.lift(rows(wide.X_seq)), [Terms.lift(rows(state)) for state in wide.states]
    before = [_before(*one, B) for one in zip(wide.states, wide.states0, own, strict=True)]
    exact = [Terms.lift(one.v) for one in before]
    carried = step_back(cell, Terms, sharp, after, x, exact, wide.weights).states0
    upstream = [Terms(rows(up)) for up in wide.upstream]
    if more is not None:
        upstream[0] = Terms(upstream[0].v, np.maximum(upstream[0].S, rows(more)), 1)

    def back(steps: slice, above: Sequence[Terms]) -> Back:
        some = [[_of(steps, one) for one in every] for every in (after, [x], before)]
        return step_back(cell, Terms, above, some[0], some[1][0], some[2], wide.weights)

    # Of the last step, for what reaches its state is given and no sum; and of all others at once.
    last, others, later = slice(-B, None), slice(None, -B), slice(B, None)
    found = [back(last, [_of(last, up) for up in upstream])]
    if len(wide.X_seq) > 1:
        both = [_of(others, up) + _of(later, one) for up, one in zip(upstream, carried, strict=True)]
        found.insert(0, back(others, both))
    dX = found[0].x[0].mapped(lambda *parts: np.concatenate(parts), *(one.x[0] for one in found[1:]))
    total = {key: sum((one.weights[key] for one in found[1:]), d) for key, d in found[0].weights.items()}
    every = Back([dX], tuple(_of(slice(B), d) for d in found[0].states0), total)
    return as_arrays(cell, every, lambda number: number.error() / Terms.u, wide.X_seq, wide.states0)


def tries(cell: Cell, asked: Asked, dtype: str) -> list[Array]:
    """Return the gradients of plain arithmetic from the states given, from its own, and from those shaken (R, …)."""
    narrow = asked.cast(dtype)
    own = plain_states(cell, narrow)
    every = [np.concatenate([given[np.newaxis], found]) for given, found in zip(narrow.states, own, strict=True)]
    with np.errstate(all="ignore"):
        return plain(cell, narrow._replace(states=every))


def lost(cell: Cell, asked: Asked, dtype: str, more: Array | None = None) -> list[Array]:
    """Return what flushing to zero may take from every gradient.

    ``more`` is what the first upstream gradient may have lost before, as squares in units of the smallest number.
    """
    kind, wide = flushed(dtype), asked.cast(np.float64)
    upstream, states, X, first = _lifted(kind, wide)
    if more is not None:
        upstream[0] = [kind(one.v, one.squares + rows(squares)) for one, squares in zip(upstream[0], more, strict=True)]
    found = backward(cell, kind, upstream, states, X, first, wide.weights)
    return as_arrays(cell, found, lambda number: number.lost(), wide.X_seq, wide.states0)


def carried_to_a_sum(into: Array, errors: Array) -> float:
    """Return what errors of the shown state add up to in a sum over steps, of which ``into`` reaches that state.

    A single number says little of how far rounding may carry it, where steps amplify (two correct programs were off 12
    and 17 times as far as the unluckiest of four runs: gain 3.8, 25 steps). But its error can be followed. An error ε_t
    made in a state reaches the sum as G_t·ε_t, G_t the gradient with all that comes after. The allowed error a_t of a
    state is λ standard deviations of ε_t, and the errors are independent: together they are √Σ(G_t a_t)².
    """
    return float(np.sqrt(((into.reshape(errors.shape) * errors) ** 2).sum()))


def allowed(dtype: str, answers: Array, truth: Array, terms: Array, floor: float = FLOOR) -> Array:
    """Return what every entry of one gradient may be off, in units of u, given what plain arithmetic answers (R, …)."""
    u = unit(dtype)
    errors = np.abs(answers.astype(np.float64) - truth)
    ratios = np.divide(errors, u * terms, out=np.zeros_like(errors), where=u * terms > 0)
    r, largest = (float(np.nan_to_num(one, nan=0.0).max()) for one in (ratios, errors))
    found: Array = np.maximum(FACTOR * np.minimum(r * terms, largest / u), floor * terms)
    return found


def reaching(cell: Cell, wide: Asked) -> list[Array]:
    """Return what reaches every state with all that comes later, in float64 (T·rows, H)."""
    kind = shaken(1, seed=None)
    found = backward(cell, kind, *_lifted(kind, wide), wide.weights, keep=True).into
    return [np.concatenate([into[place].a[0] for into in found]) for place in range(len(wide.states0))]


def _before(states: Array, first: Array, own: Array, B: int) -> Terms:
    """Return the states before every step, with the errors of their own that a library brings along which computes them
    anew.
    """
    v, off = rows(states), rows(own)
    return Terms(np.concatenate([rows(first), v[:-B]]), e=np.concatenate([np.zeros_like(off[:B]), off[:-B]]))


def _of(which: slice, number: Terms) -> Terms:
    return number.mapped(lambda a: a[which])


def _lifted(kind: Any, asked: Asked) -> tuple[list[list[Any]], list[list[Any]], list[Any], list[Any]]:
    def each(arrays: Array) -> list[Any]:
        return [kind.lift(rows(one)) for one in arrays]

    first = [kind.lift(rows(state)) for state in asked.states0]
    return [each(up) for up in asked.upstream], [each(one) for one in asked.states], each(asked.X_seq), first


def _array(number: Any) -> Array:
    array: Array = number.a
    return array
