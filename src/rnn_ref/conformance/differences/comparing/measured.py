"""A gradient beside differences: by how much every number changes along some directions, and what the gradient says."""

from collections.abc import Iterator, Mapping

import numpy as np

from ...._shapes import Array
from ..arrays import Leaf, Path
from ..replay import Key, Left, Replay

STEP = 1e-4  # the length by which a weight is moved
LONGER = 3  # times as far it is moved to see whether that makes a difference
DIRECTIONS = 2  # along which each is moved, and once more where it is off
NOISE = 1e-9  # absolute: of numbers such as 50, of which the 16th digit is divided by the length
ALIKE, OFF = 5e-5, 1e-2  # relative: what is right differs by 1e-7, for differences are no derivatives
PIECES = 8  # of a vector of all weights
CLIPPED = 2  # entries that are as large as the largest, and as each other, to be taken for cut there


class Measured:
    """A gradient, and by how much everything changes along some directions."""

    def __init__(self, gradient: Path, leaf: Leaf, values: Array, free: Array) -> None:
        self.gradient, self.leaf, self.values, self.free = gradient, leaf, values, free
        self.piece = ""  # of a vector of all weights, in Python's words
        self.directions: list[Array] = []
        self.along: list[float] = []  # of the gradient
        self.penalties: list[list[float]] = []  # of the weight itself, and of its sign
        self.slopes: list[Mapping[Key, float]] = []

    def measure(self, replay: Replay, seed: int) -> bool:
        """Measure along one more direction; whether that could be done."""
        direction = np.random.default_rng(seed).normal(size=self.values.shape) * self.free
        if not direction.any():
            return False
        direction /= np.linalg.norm(direction)
        self.directions.append(direction)
        there, back = replay.copy(self.leaf, STEP * direction), replay.copy(self.leaf, -STEP * direction)
        if there is None or back is None:
            return False
        keys = there.numbers.keys() & back.numbers.keys()
        self.along.append(float(np.sum(self.values * direction)))
        own = self.leaf.array
        self.penalties.append([float(np.sum(own * direction)), float(np.sum(np.sign(own) * direction))])
        self.slopes.append({key: (there.numbers[key] - back.numbers[key]) / (2 * STEP) for key in keys})
        return True

    def is_smooth(self, replay: Replay, key: Key) -> bool:
        """Whether a number changes by as much for a longer step: where it is rounded on the way it does not."""
        change = LONGER * STEP * self.directions[0]
        there, back = replay.copy(self.leaf, change), replay.copy(self.leaf, -change)
        if there is None or back is None or not (key in there.numbers and key in back.numbers):
            return False
        slope = (there.numbers[key] - back.numbers[key]) / (2 * LONGER * STEP)
        due = self.due(key)
        return bool(abs(slope - due[0]) <= OFF / 10 * np.max(np.abs(due)))

    def penalty(self, due: Array, got: Array) -> float:
        """Return by how much the weight, or its sign, is in it more than in the loss; 0 if that is not what differs.

        Less is in it where the loss has a penalty whose gradient is added elsewhere.
        """
        for along in np.array(self.penalties).T if len(due) > DIRECTIONS else ():
            share = float(np.sum(along * (got - due)) / np.sum(along * along))
            if abs(share) > NOISE and alike(due + share * along, got):
                return share
        return 0.0

    def part(self, axis: int, i: int, parts: int) -> "Measured":
        """Return one of several parts of equal size along an axis."""
        mask = np.zeros_like(self.free)
        width = mask.shape[axis] // parts
        mask[(slice(None),) * axis + (slice(i * width, (i + 1) * width),)] = True
        return Measured(self.gradient, self.leaf, self.values, self.free & mask)

    def pieces(self) -> Iterator["Measured"]:
        """Yield the pieces of a vector of all weights."""
        for some in np.array_split(np.arange(self.values.size), PIECES):
            mask = np.isin(np.arange(self.values.size), some)
            one = Measured(self.gradient, self.leaf, self.values, self.free & mask)
            one.piece = f"[{some[0]}:{some[-1] + 1}]"
            yield one

    def due(self, key: Key) -> Array:
        """Return by how much a number changes along every direction."""
        return np.array([one.get(key, np.nan) for one in self.slopes])

    def factor(self, key: Key) -> float | None:
        """Return the factor by which this is the derivative of a number, None if it is not, or it cannot be told."""
        due, got = self.due(key), np.array(self.along)
        if not np.all(np.isfinite(due)) or not np.any(due):
            return None
        factor = float(np.sum(due * got) / np.sum(due * due))
        return factor if np.max(np.abs(got)) > 100 * NOISE and alike(factor * due, got) else None


def begun(base: Left, gradient: Path, leaf: Leaf | None, nothing: Array | None) -> Measured | None:
    """Return what is to be measured of a gradient: not where it is cut, nor where it leaves zeros as they are."""
    values = base.gradients.get(gradient)
    if values is None or leaf is None or values.shape != leaf.array.shape or not np.all(np.isfinite(values)):
        return None
    frozen = (values == 0) & (False if nothing is None or not values.any() else nothing)
    free = ~_cut(values) & ~frozen
    return Measured(gradient, leaf, values, free) if free.any() else None


def _cut(values: Array) -> Array:
    """Return which entries are as large as a bound may be: as each other, or a number of few digits."""
    size = np.abs(values)
    largest = size == size.max()
    is_bound = largest.sum() >= CLIPPED or float(f"{size.max():.3g}") == size.max()
    return largest if is_bound and values.any() else np.zeros_like(values, bool)


def alike(due: Array, got: Array) -> bool:
    """Whether what a gradient says is what is due."""
    return bool(np.max(np.abs(due - got)) <= NOISE + ALIKE * max(np.max(np.abs(due)), np.max(np.abs(got))))


def near(a: float, b: float) -> bool:
    """Whether two factors are the same."""
    return abs(a - b) <= 10 * ALIKE * abs(b)


def is_bounded(values: Array) -> bool:
    """Whether the length of a gradient is a number of few digits, as where it is cut to that by itself."""
    length = float(np.linalg.norm(values))
    return abs(length - float(f"{length:.2g}")) <= NOISE * length
