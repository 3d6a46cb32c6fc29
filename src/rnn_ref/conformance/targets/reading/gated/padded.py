"""A way through time that is told where sequences end: read as a stack of one cell, of which lengths are asked.

What it takes for the ends, a length of each sequence or a mask of the steps that count, is found by shapes and values.
What is shown behind the ends is a convention: zeros, the last output once more, or what the network makes of padding.
It is looked at where no last state tells that the ends are heeded.
"""

import functools
import inspect
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ....._shapes import Array
from .....stack import stack_forward, turned
from ....operation import Outputs
from ....spec.bases import right
from ....spec.claims import (
    FLOAT32,
    FULL_ONLY,
    LAST,
    LAYERS_ONLY,
    NO_BIAS,
    NO_MEMORY,
    NO_STATE,
    ONE_BIAS,
    ONLY,
    OPTION_ONLY,
    SINGLE_ONLY,
    STACKS_OF,
)
from ....spec.stack.callables import told as told_of
from ..calling.masks import MASKED, MASKS, Lengths, Mask, told_by
from ..calling.way import shown
from ..reading import Reading, rank_and_sizes
from ..syntax.documented import marks_padding
from ..tensors import converter
from .nearness import NEAR
from .reading import GatedReading, drawn_for

STACK = "stack_forward"
KNOWN = {NO_STATE, NO_MEMORY, NO_BIAS, ONE_BIAS, FLOAT32, FULL_ONLY, LAST, *ONLY}  # claims that a stack can make too
FULL = "lengths"  # what is handed over for an argument that has to be there: all are T


def with_lengths(
    one: GatedReading | Reading, claims: Collection[str], options: Mapping[str, Any]
) -> tuple[dict[str, Callable[..., Any]], tuple[str, ...]]:
    """Return a stack of what is read, of which lengths are asked, and what it leaves out if they cannot be.

    It is read with ``options``, of which another equation follows.
    Nothing of what is told no ends, or takes no batch.
    """
    taken = told_by(one.way.signature.parameters)
    size = one.way.given.get(taken, FULL) != FULL  # it is the number of steps
    if not taken or size or not one.operation.states or SINGLE_ONLY in claims:
        return {}, ()
    masks = re.fullmatch(MASKS, taken.lower()) is not None
    only = [OPTION_ONLY.format(*pair) for pair in options.items()]
    claims = list(dict.fromkeys([*claims, *only]))
    found = list(_tried(one, taken, claims, options)) if {*claims} <= {*KNOWN, *only} else []
    best = min(found, key=lambda padded: padded.off(), default=None)
    if best is None or (masks and best.off() > NEAR and not best.needed) or best.wants_order:
        several = taken.endswith("s") or best is not None  # a mask may be for dropout, a length for all
        return {}, (FULL_ONLY,) if several and not masks else ()
    return {STACK: best.candidate()}, ()


def _tried(
    one: GatedReading | Reading, taken: str, claims: Collection[str], options: Mapping[str, Any]
) -> Iterator["Padded"]:
    """Yield what the argument for the ends may take; of a mask that has to be there it is known how it counts."""
    known = [layout.mask for layout in one.layouts.values() if layout.mask is not None]
    known += [one.masks[taken]] if isinstance(one, GatedReading) and taken in one.masks else []
    said = marks_padding(one.way.function, taken)
    masks: Sequence[Lengths | Mask] = known[:1] or [form for form in MASKED if said in {None, form.padding}]
    for form in masks if re.fullmatch(MASKS, taken.lower()) else [Lengths()]:
        padded = Padded(one, claims, taken, form, options, bool(known) or said is not None)
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

    one: GatedReading | Reading
    claims: Collection[str]
    taken: str
    form: Lengths | Mask
    options: Mapping[str, Any]  # of a layer by which it is read
    needed: bool = False  # whether it is a mask that has to be there, or of which it is said what it marks

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
        run = functools.partial(right(self.one.operation.name), **self.options)
        due = stack_forward(run, named["X_seq"], states0, [weights], lengths=ends)
        found = self._layer(named["X_seq"], [one[0] for one in states0], weights, ends)
        before = _before(ends, sizes["T"])
        if self.one.shows_all:
            shown, wanted = np.asarray(found["h_states"])[before], np.asarray(due.h_states)[before]
        else:
            shown, wanted = np.asarray(found[self.last[0]]), np.asarray(due.states_T[0][0])
        off = float(np.abs(shown - wanted).mean())
        return off if np.isfinite(off) else np.inf

    def _divided(self, named: Mapping[str, Array]) -> tuple[tuple[Array, ...], dict[str, Array]]:
        own, states = [*self.one.operation.arguments], len(self.one.operation.cell.states)  # type: ignore[union-attr]
        first = tuple(named[name][np.newaxis] for name in own[1 : 1 + states])
        return first, {name: named[name] for name in own[1 + states :]}

    def _layer(self, X: Array, starts: Sequence[Array], weights: Mapping[str, Array], ends: Any) -> Outputs:
        """Return what one layer answers, by the names of its outputs."""
        one, before = self.one, self.one.way.fixed
        named = dict(zip(one.operation.arguments, (X, *starts, *weights.values()), strict=True))
        if rank_and_sizes(one.operation, named)[0] not in one.layouts:
            raise NotImplementedError(f"{one.way.name} takes {' or '.join(one.layouts)} only")
        if ends is not None:
            told = self.form.made(np.asarray(ends), len(X))
            told = told.astype(X.dtype) if told.dtype.kind == "f" else told  # a mask is multiplied by
            one.way.fixed = before | {self.taken: converter(one.kind)(told)}
        try:
            found: Outputs = one.candidate()(*named.values())
            return found
        finally:
            one.way.fixed = before

    @property
    def last(self) -> list[str]:
        """The names of the last states that it returns."""
        returned = self.one.outputs["batch"]
        return [name for name in self.one.operation.ends.values() if name in returned]

    def candidate(self) -> Callable[..., Any]:
        """Return what takes the arguments of a stack: each layer and direction is the same function once more."""

        def candidate(
            run: Any, X_seq: Array, states0: Any, layers: Any, *, directions: int = 1, lengths: Any = None
        ) -> Outputs:
            if told_of(run) != (self.one.operation.name, {**self.options}):
                raise NotImplementedError(f"{self.one.way.name} is a {self.one.operation.name}")
            if not self.one.shows_all and len(layers) > directions:
                raise NotImplementedError(f"{self.one.way.name} shows no layer what is below it")
            below, shown, ends = np.nan_to_num(X_seq), [], []  # what masks its padding multiplies it by 0
            for k, weights in enumerate(layers):
                read = turned(below, lengths) if k % directions else below
                found = self._layer(read, [one[k] for one in states0], weights, lengths)
                states = np.asarray(found.get("h_states", np.empty((len(below), *np.shape(states0[0][k])))))
                if lengths is not None and k >= len(layers) - directions and (self.last or _repeats(states, lengths)):
                    states = np.where(_before(lengths, len(states))[..., np.newaxis], states, 0)
                shown.append(turned(states, lengths) if k % directions else states)
                ends.append([np.asarray(found[name]) for name in self.last])
                if len(shown) == directions:
                    below, shown = np.concatenate(shown, -1), []
            every = {f"states_T[{i}]": np.stack(ones) for i, ones in enumerate(zip(*ends, strict=True))}
            return Outputs({"h_states": below, **every} if self.one.shows_all else every)

        candidate.__name__ = STACK
        offers = inspect.signature(candidate)
        if isinstance(self.one, GatedReading):  # of which the suite asks lengths in one direction
            offers = offers.replace(parameters=[one for one in offers.parameters.values() if one.name != "directions"])
        candidate.__signature__ = offers  # type: ignore[attr-defined]
        way = self.one.way
        told = f"{shown(way.function, way.name)}: layer upon layer, {self.taken} as {self.form.told}"
        told += ", what stands behind the ends is not looked at" if self.last else ""
        candidate.__reading__ = told  # type: ignore[attr-defined]
        left = [f"no states_T[{i}]" for i, name in enumerate(self.one.operation.ends.values()) if name not in self.last]
        left += [] if self.one.shows_all else [LAYERS_ONLY.format(1), "no h_states"]
        claims = [claim for claim in self.claims if claim not in {FULL_ONLY, LAST}]
        candidate.__claims__ = (STACKS_OF.format(self.one.operation.name), *claims, *left)  # type: ignore[attr-defined]
        return candidate


def _before(ends: Array, T: int) -> Array:
    return np.arange(T)[:, np.newaxis] < ends  # (T, B)


def _repeats(states: Array, ends: Array) -> bool:
    """Whether behind the end of every sequence its last output is repeated."""
    rows = zip(states.swapaxes(0, 1), ends, strict=True)
    return all(np.array_equal(row[end:], np.broadcast_to(row[end - 1], row[end:].shape)) for row, end in rows)
