"""The way back through a stack on any kind of number, one sequence after the other, from the states that are given."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ....stack import Run
from ...numbers.tape import Gradients
from ...numbers.through import backward, rows
from .reading import Asked, One, asked_of, order, padded, sequences_of, top


class Above(NamedTuple):
    """What comes from above, and the states given: a batch apart, as ``Asked`` is."""

    shown: list[Array]  # (T_b, KH) of each sequence
    last: list[list[Array]]  # of each sequence and kind of state (LK, H)
    inside: list[list[list[Array]]]  # of each sequence, of each layer and direction the states (T_b, H)

    def cast(self, dtype: Any) -> "Above":
        """Return the same in another precision."""
        return Above(
            [one.astype(dtype) for one in self.shown],
            [[one.astype(dtype) for one in every] for every in self.last],
            [[[one.astype(dtype) for one in every] for every in layers] for layers in self.inside],
        )


class Back(NamedTuple):
    """Gradients of one sequence, as numbers; ``into`` what reaches every state with all that comes later."""

    x: list[Any]
    states0: list[Sequence[Any]]  # of each layer and direction
    weights: list[Gradients]
    into: list[Sequence[Sequence[Any]]]
    upstream: list[list[list[Any]]]  # what reaches the states of each layer and direction from above


def asked_back(
    options: Mapping[str, Any],
    run_back: str,
    dh_states: Array,
    dstates_T: Sequence[Array],
    run: Run,
    X_seq: Array,
    states0: Sequence[Array],
    layers: Sequence[Mapping[str, Array]],
) -> tuple[Asked, Above]:
    """Return a batch apart, and what comes from above."""
    asked = asked_of(options, run_back, X_seq, states0, layers)
    every = range(len(asked.sequences))
    last = [[one if asked.single else one[:, b] for one in dstates_T] for b in every]
    inside = [[sequences_of(asked, one) for one in states] for states in run.inside]
    return asked, Above(
        sequences_of(asked, dh_states), last, [[[one[b] for one in states] for states in inside] for b in every]
    )


def from_outputs(asked: Asked, dh_states: Array) -> Above:
    """Return what comes from above where nothing goes on from the last states."""
    return Above(sequences_of(asked, dh_states), [[np.zeros_like(one) for one in every] for every in asked.states0], [])


def given(asked: Asked, above: Above, kind: Any, b: int) -> One:
    """Return the states of one sequence that are given, and what each layer reads of them, as numbers."""
    inputs: list[list[Any]] = []
    states: list[list[list[Any]]] = []
    below = [kind.lift(rows(x_t)) for x_t in asked.sequences[b]]
    for k, every in enumerate(above.inside[b]):
        inputs.append(below[order(asked, k)])
        states.append([[kind.lift(rows(one)) for one in after] for after in zip(*every, strict=True)])
        if len(states) % asked.directions == 0:
            below = top(asked, states)
    return One(inputs, states, below)


def back(asked: Asked, above: Above, kind: Any, b: int, read: One, dshown: list[Any] | None = None) -> Back:
    """Go back through one sequence, layer by layer from the top, from the states that were ``read``.

    ``dshown`` is what reaches the top layer at every step, where that is numbers already.
    """
    LK, K = len(asked.layers), asked.directions
    dstates0: list[Any] = [None] * LK
    weights: list[Any] = [None] * LK
    into: list[Any] = [None] * LK
    upstream: list[Any] = [None] * LK
    dshown = dshown or [kind.lift(rows(one)) for one in above.shown[b]]
    for first in reversed(range(0, LK, K)):
        parts = [one.blocks(K) for one in dshown]
        dread = []
        for k in range(first, first + K):
            shown = [part[k - first] for part in parts][order(asked, k)]
            upstream[k] = _from_above(shown, [one[k] for one in above.last[b]], kind)
            states = [list(one) for one in zip(*read.states[k], strict=True)]
            start = [kind.lift(rows(one[k])) for one in asked.states0[b]]
            found = backward(asked.cell, kind, upstream[k], states, read.inputs[k], start, asked.layers[k], keep=True)
            dstates0[k], weights[k], into[k] = found.states0, found.weights, found.into
            dread.append(found.x[order(asked, k)])
        dshown = [sum(others, one) for one, *others in zip(*dread, strict=True)]
    return Back(dshown, dstates0, weights, into, upstream)


def _from_above(dshown: list[Any], last: Sequence[Array], kind: Any) -> list[list[Any]]:
    """Return what reaches every kind of state at every step: what is shown, and at the last step the last states."""
    of_shown, *others = [kind.lift(rows(one)) for one in last]
    nothing = kind.lift(np.zeros_like(rows(last[0])))
    before = len(dshown) - 1
    return [[*dshown[:-1], dshown[-1] + of_shown], *([*[nothing] * before, one] for one in others)]


def in_a_batch(asked: Asked, found: Sequence[Back], arrays: Callable[[Any], Array], nothing: Any) -> dict[str, Array]:
    """Return the gradients of all inputs by name, with ``nothing`` behind the ends of the sequences.

    ``arrays`` takes an array out of a number; runs that stand in front stay there.
    """
    of_x = [np.stack(padded([arrays(d)[..., 0, :] for d in one.x], asked.steps, nothing), -2) for one in found]
    every = {"X_seq": np.stack(of_x, -2)}
    for place in range(len(asked.states0[0])):
        starts = [np.stack([arrays(one[place])[..., 0, :] for one in back.states0], -2) for back in found]
        every[f"states0[{place}]"] = np.stack(starts, -2)
    every = {name: one[..., 0, :] if asked.single else one for name, one in every.items()}
    for k, weights in enumerate(asked.layers):
        total = summed(one.weights[k] for one in found)
        for name in asked.cell.weights:
            blocks = [total[key] for key in sorted(total) if key[0] == name]
            every[f"layers[{k}].{name}"] = np.concatenate([arrays(d) for d in blocks], -np.ndim(weights[name]))
    return every


def summed(found: Iterable[Gradients]) -> Gradients:
    """Return the gradients of weights, added up over sequences."""
    first, *others = found
    return {key: sum((one[key] for one in others), d) for key, d in first.items()}
