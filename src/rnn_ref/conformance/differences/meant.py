"""What differs from the derivative though it is no slip: by other losses, by what is done to it, by other arrays."""

import itertools
import mmap
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..targets.reading.names import is_gradient
from .arrays import Leaf, Path, leaves_in
from .replay import Key, Left, Replay
from .watch import Call, around, is_function

MOVED = 1e-3  # by how much what is no weight is moved
MOST = 24  # arrays that are moved
LOOKS = 4000  # lines after which gradients are looked for
WHOLE = 1e-4  # relative, by which a factor may differ from a whole number
SAME = 1e-9  # relative, by which what is the same may differ


class Off(NamedTuple):
    """A gradient that is not what is due, along some directions."""

    gradient: Path
    directions: Sequence[Array]
    due: Array
    got: Array
    factor: float | None = None  # by which it differs, if by one

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the gradient."""
        return self.directions[0].shape


Alike = Callable[[Array, Array], bool]


def of_several(every: Sequence[tuple[Mapping[Key, Array], Array, Array]], alike: Alike) -> bool:
    """Whether gradients are together the derivative of one number and of a share of another.

    Of each there is by how much numbers change along some directions, what is due there of the one, and what it says.

    >>> ce, kl = np.array([1.0, 2.0]), np.array([3.0, 1.0])
    >>> of_several([({"kl": kl}, ce, ce + 0.1 * kl), ({"kl": 0 * kl}, ce, ce)], np.allclose)
    True
    >>> of_several([({"kl": kl}, ce, ce + 0.1 * kl), ({"kl": kl}, ce, ce)], np.allclose)
    False
    """
    for key in set.intersection(*(set(slopes) for slopes, _, _ in every)):
        slope = np.concatenate([slopes[key] for slopes, _, _ in every])
        rest = np.concatenate([got - due for _, due, got in every])
        size = float(np.sum(slope * slope))
        share = float(np.sum(slope * rest)) / size if 0 < size < np.inf else 0.0
        if share and all(alike(due + share * slopes[key], got) for slopes, due, got in every):
            return True
    return False


class _Looking:
    """In a copy: looks after every line of the program for arrays that are what is due."""

    def __init__(self, replay: Replay, call: Call, every: Sequence[Off], alike: Alike, found: mmap.mmap) -> None:
        self._program, self._function, self._alike, self._found = replay.program, call.function, alike, found
        self._every, self._own = every, replay.program.modules
        self._left, self._inside = LOOKS, 0

    def add(self, _: Any) -> None:
        """Begin to look, in what is going on, and in what it calls."""
        frame = own_frame(self._program)
        sys.settrace(self._enters)
        if frame.f_code.co_qualname == self._function:
            self._inside += 1
            frame.f_trace = self._line

    def _enters(self, frame: FrameType, _event: str, _value: Any) -> Any:
        if not is_function(frame, self._program):
            return None
        is_it = frame.f_code.co_qualname == self._function
        self._inside += is_it
        return self._line if self._inside > 0 else None

    def _line(self, frame: FrameType, event: str, _value: Any) -> Any:
        if event == "return":
            self._inside -= frame.f_code.co_qualname == self._function
        elif event == "line" and self._left > 0:
            self._left -= 1
            for leaf in leaves_in(frame.f_locals, self._own):
                self._look_at(leaf)
        return self._line

    def _look_at(self, leaf: Leaf) -> None:
        shape = np.shape(leaf.value)
        for i, one in enumerate(self._every):
            if not self._found[i] and one.shape == shape:
                along = np.array([float(np.sum(leaf.array * direction)) for direction in one.directions])
                self._found[i] = self._alike(one.due, along)


def were_right(replay: Replay, call: Call, every: Sequence[Off], alike: Alike) -> Iterator[bool]:
    """Yield which gradients were what is due before something was done to them, but to take them some times."""
    found = mmap.mmap(-1, max(len(every), 1))
    replay.copy(_Looking(replay, call, every, alike, found), np.zeros(1))
    for was, one in zip(found[:], every, strict=False):
        yield bool(was) and not _is_whole(one.factor)


def _is_whole(factor: float | None) -> bool:
    """Whether a factor is a whole number, or one by it.

    >>> [_is_whole(one) for one in (2.0, 0.125, 10.3, None)]
    [True, True, False, False]
    """
    return any(one and abs(one - round(one)) < WHOLE * abs(one) for one in ([factor, 1 / factor] if factor else ()))


def by_other_arrays(replay: Replay, base: Left, key: Key, every: Sequence[Off]) -> set[Path]:
    """Return which gradients change with an array that is no weight, while the loss does not."""
    sizes = {one for leaf in replay.weights.values() for one in (leaf.array.shape, leaf.array.T.shape)}
    own = {id(one.value) for one in replay.weights.values()}
    arrays = (
        one
        for one in around(own_frame(replay.program), replay.program)
        if one.array.ndim == 2 and one.array.shape in sizes and id(one.value) not in own
        and not any(isinstance(name, str) and is_gradient(name) for name in one.path[1:])
    )  # fmt: skip
    found: set[Path] = set()
    for leaf in itertools.islice(arrays, MOST):
        change = MOVED * np.random.default_rng(0).normal(size=leaf.array.shape)
        left = replay.copy(leaf, change)
        if left is not None and _same(left.numbers.get(key), base.numbers[key]):
            found |= {one.gradient for one in every if _is_changed(base, left, one)}
    return found


def _same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= SAME * abs(other)


def _is_changed(base: Left, left: Left, one: Off) -> bool:
    before, after = base.gradients[one.gradient], left.gradients.get(one.gradient)
    if after is None or after.shape != before.shape:
        return False
    changes = [float(np.sum((after - before) * direction)) for direction in one.directions]
    return bool(np.max(np.abs(changes)) > SAME * np.max(np.abs(before)))


def own_frame(program: Any) -> FrameType:
    """Return the frame of the program's own that goes on."""
    frame = sys._getframe()
    while frame.f_back is not None and not is_function(frame, program):
        frame = frame.f_back
    return frame
