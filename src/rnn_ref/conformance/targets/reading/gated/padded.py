"""A way through time that is told where sequences end: read as a stack of one cell, of which lengths are asked.

What it takes for the ends, a length of each sequence or a mask of the steps that count, is found by shapes and values.
What is shown behind the ends is a convention: zeros, the last output once more, or what the network makes of padding.
It is looked at where no last state tells that the ends are heeded.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....._shapes import Array
from .....stack import stack_forward
from ....operation import Outputs
from ....spec.bases import right
from ....spec.claims import FLOAT32, FULL_ONLY, NO_BIAS, NO_MEMORY, NO_STATE, ONE_BIAS, ONLY, SINGLE_ONLY
from ..calling.place import Place
from ..calling.way import shown
from ..reading import rank_and_sizes
from ..syntax.ends import MASKED, MASKS, Ends, counting, told_by
from ..tensors import converter
from .nearness import NEAR
from .reading import GatedReading, drawn_for

STACK = "stack_forward"
KNOWN = {NO_STATE, NO_MEMORY, NO_BIAS, ONE_BIAS, FLOAT32, FULL_ONLY, *ONLY}  # claims that a stack can make as well
FULL = "lengths"  # what is handed over for an argument that has to be there: all are T
LENGTHS: dict[str, Ends] = {"lengths": lambda ends, T: np.array(ends)}


def with_lengths(one: GatedReading) -> tuple[dict[str, Callable[..., Any]], tuple[str, ...]]:
    """Return a stack of what is read, of which lengths are asked, and what it leaves out if they cannot be.

    Nothing of what is told no ends, or takes no batch.
    """
    taken = told_by(one.way.signature.parameters)
    size = one.way.given.get(taken, FULL) != FULL  # it is the number of steps
    if not taken or size or not one.operation.states or SINGLE_ONLY in one.claims:
        return {}, ()
    masks = re.fullmatch(MASKS, taken.lower()) is not None
    found = list(_tried(one, taken, MASKED if masks else LENGTHS)) if one.shows_all and {*one.claims} <= KNOWN else []
    best = min(found, key=lambda padded: padded.off(), default=None)
    if best is None or (masks and best.off() > NEAR) or best.wants_order:
        several = taken.endswith("s") or best is not None  # a mask may be for dropout, a length for all
        return {}, (FULL_ONLY,) if several and not masks else ()
    return {STACK: best.candidate()}, ()


def _tried(one: GatedReading, taken: str, forms: Mapping[str, Ends]) -> Iterator["Padded"]:
    for form in forms:
        padded = Padded(one, taken, form, forms[form])
        try:
            padded.off()
        except KeyboardInterrupt:
            raise
        except BaseException:  # it takes something else
            continue
        yield padded


@dataclass(frozen=True)
class Padded:
    """A reading of a way through time, and what its argument for the ends takes."""

    one: GatedReading
    taken: str
    form: str
    made: Ends

    @property
    def wants_order(self) -> bool:
        """Whether it is right where lengths fall, and there alone, and does not sort them itself."""
        sorts = {"sort", "argsort", "sorted"} & self.one.way.source.calls()
        return not sorts and self.off() > NEAR > self.off(falls=True)

    def off(self, *, falls: bool = False) -> float:
        """Return how far what it shows before the ends is from what is due, on a small batch."""
        named, sizes = drawn_for(self.one.operation, "batch", self.one.precision)
        ends = 1 + np.arange(sizes["B"]) % sizes["T"]
        ends = ends[::-1] if falls else ends
        states0, weights = self._divided(named)
        due = stack_forward(right(self.one.operation.name), named["X_seq"], states0, [weights], lengths=ends)
        shown = self._layer(named["X_seq"], [one[0] for one in states0], weights, ends)["h_states"]
        before = counting(ends, sizes["T"])
        off = float(np.abs(np.asarray(shown)[before] - np.asarray(due.h_states)[before]).mean())
        return off if np.isfinite(off) else np.inf

    def _divided(self, named: Mapping[str, Array]) -> tuple[tuple[Array, ...], dict[str, Array]]:
        own, states = self.one.own, len(self.one.operation.cell.states)  # type: ignore[union-attr]
        first = tuple(named[name][np.newaxis] for name in own[1 : 1 + states])
        return first, {name: named[name] for name in own[1 + states :]}

    def _layer(self, X: Array, starts: Sequence[Array], weights: Mapping[str, Array], ends: Any) -> Outputs:
        """Return what one layer answers, by the names of its outputs."""
        one = self.one
        named = dict(zip(one.own, (X, *starts, *weights.values()), strict=True))
        rank, sizes = rank_and_sizes(one.operation, named)
        if rank not in one.layouts:
            raise NotImplementedError(f"{one.way.name} takes {' or '.join(one.layouts)} only")
        values, convert = one.handed(named, rank, sizes), converter(one.kind)
        given = {place: convert(values[place]) for place in one.way.places if place in values}
        if ends is None and self.taken in one.masks:
            ends = np.full(X.shape[1] if X.ndim > 2 else 1, len(X))
        if ends is not None:
            made = self.made(np.asarray(ends), len(X))
            given[Place("argument", self.taken)] = convert(made if made.dtype.kind in "bi" else made.astype(X.dtype))
        returned = one.way.call(given, {**sizes, "vocabulary": sizes["D"]})
        return one.answers(returned, rank, sizes, np.asarray(starts[0]))

    @property
    def last(self) -> list[str]:
        """The names of the last states that it returns."""
        returned = self.one.outputs["batch"]
        return [name for name in self.one.operation.ends.values() if name in returned]

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the arguments of a stack: layer upon layer is the same function once more."""

        def candidate(run: Any, X_seq: Array, states0: Any, layers: Any, *, lengths: Any = None) -> Outputs:
            if getattr(run, "__name__", run) != self.one.operation.name:
                raise NotImplementedError(f"{self.one.way.name} is a {self.one.operation.name}")
            below, ends = np.nan_to_num(X_seq), []  # what masks its padding multiplies it by 0
            for k, weights in enumerate(layers):
                found = self._layer(below, [one[k] for one in states0], weights, lengths)
                below = np.asarray(found["h_states"])
                ends.append([np.asarray(found[name]) for name in self.last])
            if lengths is not None and (self.last or _repeats(below, np.asarray(lengths))):
                below = np.where(counting(np.asarray(lengths), len(below))[..., np.newaxis], below, 0)
            every = {f"states_T[{i}]": np.stack(ones) for i, ones in enumerate(zip(*ends, strict=True))}
            return Outputs({"h_states": below, **every})

        candidate.__name__ = STACK
        candidate.__signature__ = inspect.signature(candidate)  # type: ignore[attr-defined]
        way = self.one.way
        told = f"{shown(way.function, way.name)}: layer upon layer, {self.taken} as {self.form}"
        told += ", what stands behind the ends is not looked at" if self.last else ""
        candidate.__reading__ = told  # type: ignore[attr-defined]
        left = [f"no states_T[{i}]" for i, name in enumerate(self.one.operation.ends.values()) if name not in self.last]
        claims = [claim for claim in self.one.claims if claim != FULL_ONLY]
        candidate.__claims__ = (*claims, *left)  # type: ignore[attr-defined]
        return candidate


def _repeats(states: Array, ends: Array) -> bool:
    """Whether behind the end of every sequence its last output is repeated."""
    rows = zip(states.swapaxes(0, 1), ends, strict=True)
    return all(np.array_equal(row[end:], np.broadcast_to(row[end - 1], row[end:].shape)) for row, end in rows)
