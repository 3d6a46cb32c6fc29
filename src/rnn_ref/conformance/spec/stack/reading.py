"""A stack read on any kind of number, one sequence after the other: without padding there is nothing to turn or cut.

That is another way than the library's, which reads a batch at once and turns each sequence within its own length.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...numbers.through import rows, step
from ...operation import Cell
from .. import OPERATIONS


class One(NamedTuple):
    """What was read of one sequence, as numbers of one row each: a step's states are a list of them."""

    inputs: list[list[Any]]  # of each layer and direction, in the order of its reading
    states: list[list[list[Any]]]  # after every step of each layer and direction, likewise
    shown: list[Any]  # by the top layer


class Asked(NamedTuple):
    """A stack of one equation: its batch apart, each sequence (T_b, D) of its own length, with its states (LK, H)."""

    cell: Cell
    sequences: list[Array]
    states0: list[list[Array]]
    layers: Sequence[Mapping[str, Array]]
    directions: int
    steps: int
    single: bool

    def cast(self, dtype: Any) -> "Asked":
        """Return the same in another precision."""
        return self._replace(
            sequences=[one.astype(dtype) for one in self.sequences],
            states0=[[one.astype(dtype) for one in every] for every in self.states0],
            layers=[{name: one.astype(dtype) for name, one in weights.items()} for weights in self.layers],
        )


def asked_of(
    options: Mapping[str, Any], run: str, X_seq: Array, states0: Sequence[Array], layers: Sequence[Mapping[str, Array]]
) -> Asked:
    """Return a batch apart; ``run`` is the name of a forward of one layer, or of its way back."""
    single, T = X_seq.ndim == 2, len(X_seq)
    X = X_seq[:, np.newaxis] if single else X_seq
    first = [one[:, np.newaxis] if single else one for one in states0]
    ends = options.get("lengths")
    ends = [T] * X.shape[1] if ends is None else [int(end) for end in ends]
    sequences = [X[:end, b] for b, end in enumerate(ends)]
    starts = [[one[:, b] for one in first] for b in range(X.shape[1])]
    cell = OPERATIONS[run].equation(options)
    return Asked(cell, sequences, starts, layers, options.get("directions", 1), T, single)


def sequences_of(asked: Asked, array: Array) -> list[Array]:
    """Return what stands in a batch at every step, sequence by sequence, each to its own end."""
    apart = [array] if asked.single else list(array.swapaxes(0, 1))
    return [one[: len(sequence)] for one, sequence in zip(apart, asked.sequences, strict=True)]


def read(asked: Asked, kind: Any, b: int) -> One:
    """Read one sequence with layer upon layer, the second direction from its end."""
    below = [kind.lift(rows(x_t)) for x_t in asked.sequences[b]]
    inputs: list[list[Any]] = []
    states: list[list[list[Any]]] = []
    for k, weights in enumerate(asked.layers):
        inputs.append(below[order(asked, k)])
        after = [kind.lift(rows(start[k])) for start in asked.states0[b]]
        states.append([after := step(asked.cell, kind, x_t, after, weights) for x_t in inputs[k]])
        if len(states) % asked.directions == 0:
            below = top(asked, states)
    return One(inputs, states, below)


def top(asked: Asked, states: Sequence[Sequence[Sequence[Any]]]) -> list[Any]:
    """Return what the last layer so far shows at every step, its directions side by side."""
    first = len(states) - asked.directions
    shown = [[one[0] for one in after][order(asked, k)] for k, after in enumerate(states[first:], first)]
    return [one.mapped(lambda *every: np.concatenate(every, -1), *others) for one, *others in zip(*shown, strict=True)]


def order(asked: Asked, k: int) -> slice:
    """Return the order in which a layer and direction reads, as a slice, which is its own inverse."""
    return slice(None, None, -1 if k % asked.directions else 1)


def in_a_batch(asked: Asked, found: Sequence[One], arrays: Callable[[Any], Array], nothing: Any) -> dict[str, Array]:
    """Return what is shown (…, T, [B,] KH) and the last states (…, LK, [B,] H), with ``nothing`` behind the ends.

    ``arrays`` takes an array out of a number; runs that stand in front stay there.
    """
    shown = []
    for one in found:
        steps = [arrays(h_t)[..., 0, :] for h_t in one.shown]
        shown.append(np.stack(padded(steps, asked.steps, nothing), -2))
    every = {"h_states": np.stack(shown, -2)}
    for place in range(len(asked.states0[0])):
        ends = [np.stack([arrays(layer[-1][place])[..., 0, :] for layer in one.states], -2) for one in found]
        every[f"states_T[{place}]"] = np.stack(ends, -2)
    return {name: one[..., 0, :] if asked.single else one for name, one in every.items()}


def padded(steps: list[Array], T: int, nothing: Any) -> list[Array]:
    """Return arrays of all T steps, those behind the end made of ``nothing``."""
    return steps + [np.full_like(steps[0], nothing)] * (T - len(steps))
