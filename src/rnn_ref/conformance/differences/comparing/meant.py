"""What differs from the derivative though it is no slip: by other losses, by what is done to it, by other arrays."""

import functools
import itertools
import mmap
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from ...._shapes import Array
from ...targets.reading.names import is_gradient
from ..arrays import Leaf, Path, leaves_in
from ..replay import Key, Left, Replay
from ..watch import Call, around, is_function

TIMES = "times"  # in the name of a number: what is returned times what is above
MOVED = 1e-3  # by how much what is no weight is moved
MOST = 24  # arrays that are moved
LOOKS = 4000  # lines after which gradients are looked for
WHOLE = 1e-4  # relative, by which a factor may differ from a whole number
LONGEST = 256  # names in one place
ALIKE = 1e-6  # relative, by which a change may differ from that of a penalty
SAME = 1e-9  # relative, by which what is the same may differ


class Off(NamedTuple):
    """A gradient that is not what is due, along some directions."""

    gradient: Path
    directions: Sequence[Array]
    due: Array
    penalties: Array  # on its weight, along each direction: of the weight itself, and of its sign
    factor: float | None = None  # by which it differs, if by one

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the gradient."""
        return self.directions[0].shape


Alike = Callable[[Array, Array], bool]


def of_several(every: Sequence[tuple[Mapping[Key, Array], Array, Array]], alike: Alike) -> set[int]:
    """Return which gradients, two at least, are the derivative of one number and of a share of another.

    Each may have a share of its own. Of each there is by how much numbers change along some directions, what is due
    there of the one, and what it says.

    >>> ce, kl = np.array([1.0, 2.0, 0.0]), np.array([3.0, 1.0, 1.0])
    >>> mixed, nothing, other = ({"kl": kl}, ce, ce + 0.1 * kl), ({"kl": 0 * kl}, ce, ce), ({"kl": kl}, ce, 2 * ce)
    >>> [of_several(one, np.allclose) for one in ([mixed, nothing, mixed], [mixed, other, mixed], [mixed, other])]
    [{0, 2}, {0, 2}, set()]
    >>> of_several([({"kl": kl}, ce, kl)] * 2, np.allclose)  # of the other alone
    {0, 1}
    >>> of_several([({"half": ce / 2}, ce, -ce)] * 2, np.allclose)  # the same number again
    set()
    """
    found: set[int] = set()
    for key in set.intersection(*(set(slopes) for slopes, _, _ in every)):
        mixed = {i for i, (slopes, due, got) in enumerate(every) if _is_mixed(slopes[key], due, got, alike)}
        found |= mixed if len(mixed) > 1 else set()
    return found


def _is_mixed(slope: Array, due: Array, got: Array, alike: Alike) -> bool:
    """Whether what is not due, or all of it, is a share of a slope, which is no share of what is due."""
    if alike(due, got) or not (np.all(np.isfinite(slope)) and np.any(slope)):
        return False
    size = float(np.sum(slope * slope))
    same = float(np.sum(slope * due)) / size
    if np.any(due) and alike(same * slope, due):
        return False
    return any(alike(rest + float(np.sum(slope * (got - rest))) / size * slope, got) for rest in (due, 0 * due))


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


def by_others(replay: Replay, base: Left, key: Key, every: Sequence[Off], right: Sequence[Path]) -> set[Path]:
    """Return which gradients change with something that is no weight, while the loss does not.

    Something is a matrix, or a number with a name: not in a way in which all change, nor as a penalty on weights does.
    """
    frame = own_frame(replay.program)
    others: list[Leaf | Number] = [*itertools.islice(_matrices(replay, frame), MOST)]
    others += itertools.islice(numbers_in(frame, replay.program.modules), MOST)
    found: set[Path] = set()
    for one in others:
        change = MOVED * np.asarray(np.random.default_rng(0).normal(size=one.array.shape))
        left = replay.copy(one, change)
        if left is not None and _same(left.numbers.get(key), base.numbers[key]) and _is_told_the_same(key, base, left):
            found |= {each.gradient for each in every if _is_changed(base, left, each, _ratio(base, left, right))}
    return found


def _is_told_the_same(key: Key, base: Left, left: Left) -> bool:
    """Whether what is above is as it was, where the number is what is returned times that."""
    above = key[key.index(TIMES) + 1] if TIMES in key else ""
    return above not in base.above or np.array_equal(base.above[above], left.above.get(above, np.empty(0)))


def _matrices(replay: Replay, frame: FrameType) -> Iterator[Leaf]:
    sizes = {one for leaf in replay.weights.values() for one in (leaf.array.shape, leaf.array.T.shape)}
    own = {id(one.value) for one in replay.weights.values()}
    for one in around(frame, replay.program):
        is_other = id(one.value) not in own and one.array.ndim == 2 and one.array.shape in sizes
        if is_other and not any(isinstance(name, str) and is_gradient(name) for name in one.path[1:]):
            yield one


class Number:
    """A number that has a name, or a key, to be moved."""

    def __init__(self, put: Callable[[float], None], value: float) -> None:
        """Take by what it is put where it stands."""
        self._put, self.array = put, np.array(value)

    def add(self, change: Array) -> None:
        """Move it by a share of itself."""
        self._put(float(self.array * (1 + change)))


def numbers_in(frame: FrameType, own: frozenset[str]) -> Iterator[Number]:
    """Yield the real numbers that have a name in a module, in an object of the modules ``own``, or in a dict.

    >>> rates = {"W": 0.5, "b": 1, "inner": {"V": 0.25}}
    >>> frame = type("", (), {"f_globals": rates, "f_locals": {}})
    >>> [float(one.array) for one in numbers_in(frame, frozenset())]
    [0.5, 0.25]
    """
    seen, todo = set[int](), [frame.f_globals, *frame.f_locals.values()]
    while todo:
        holder = todo.pop(0)
        if id(holder) in seen or not (isinstance(holder, dict) or type(holder).__module__ in own):
            continue
        seen.add(id(holder))
        if isinstance(holder, dict):
            items, put = holder, holder.__setitem__
        else:
            items, put = {**vars(type(holder)), **getattr(holder, "__dict__", {})}, functools.partial(setattr, holder)
        for name, value in list(items.items())[:LONGEST]:
            if type(value) is float and value:
                yield Number(functools.partial(put, name), value)
            todo += [value]


def _same(one: float | None, other: float) -> bool:
    return one is not None and abs(one - other) <= SAME * abs(other)


def _ratio(base: Left, left: Left, right: Sequence[Path]) -> float:
    """Return by what all gradients are longer, told by one that is right."""
    for path in right:
        before, after = base.gradients[path], left.gradients.get(path)
        if after is not None and after.shape == before.shape and before.any():
            return float(np.sum(after * before) / np.sum(before * before))
    return 1.0


def _is_changed(base: Left, left: Left, one: Off, ratio: float) -> bool:
    before, after = base.gradients[one.gradient], left.gradients.get(one.gradient)
    if after is None or after.shape != before.shape:
        return False
    changes = np.array([float(np.sum((after - ratio * before) * direction)) for direction in one.directions])
    least = SAME * float(np.max(np.abs(before)))
    shares = [along * np.sum(along * changes) / np.sum(along * along) for along in one.penalties]
    return bool(
        np.max(np.abs(changes)) > least
        and not any(np.max(np.abs(changes - share)) <= max(least, ALIKE * np.max(np.abs(changes))) for share in shares)
    )


def own_frame(program: Any) -> FrameType:
    """Return the frame of the program's own that goes on."""
    frame = sys._getframe()
    while frame.f_back is not None and not is_function(frame, program):
        frame = frame.f_back
    return frame
