"""Gradients beside central differences of every number that might be the loss: which are its derivatives."""

import functools
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from ..._shapes import Array
from ..edits.slip import Slip
from ..targets.reading.names import is_gradient
from .arrays import Leaf, Path
from .descent import descends
from .meant import Off, by_others, of_several, were_right
from .mend import mend_of
from .pairs import is_state
from .replay import Key, Left, Replay
from .watch import Candidate

STIRRED = 0.5  # by how much biases are moved, and what goes into one unit
STEP = 1e-4  # the length by which a weight is moved
LONGER = 3  # times as far it is moved to see whether that makes a difference
DIRECTIONS = 2  # along which each is moved, and once more where it is off
NOISE = 1e-9  # absolute: of numbers such as 50, of which the 16th digit is divided by the length
FEWEST = 4  # entries of a gradient by which it is told what the loss is
ALIKE, OFF = 5e-5, 1e-2  # relative: what is right differs by 1e-7, for differences are no derivatives
LOSS = r"loss|cost|err|nll|[mbc]se|bce|entropy|xent|likelihood|objective|^[JLE]$"  # how it is called
UPWARDS = r"(?i)likelihood|objective|log_?p|reward|score"  # what one goes up
PIECES = 8  # of a vector of all weights
PARTS = (4, 3, 2)  # gates, or halves
CLIPPED = 2  # entries that are as large as the largest, and as each other, to be taken for cut there


class Gradient(NamedTuple):
    """What was found out about one gradient."""

    name: str
    weight: str
    shape: tuple[int, ...]
    verdict: str  # right, off, or unknown
    factor: float | None = None  # by which it differs from what is due, if by one
    due: float = 0.0  # along the direction in which it is off most
    got: float = 0.0
    where: str = ""  # in which rows or columns alone it is off


class Compared(NamedTuple):
    """The gradients of one call beside the loss whose derivatives most of them are."""

    loss: Key
    factor: float  # of all that are right
    gradients: list[Gradient]
    mend: Slip | None = None  # an edit with which all of them are

    @property
    def worth(self) -> tuple[int, float, float]:
        """How much speaks for that loss: how many are its derivatives, and whether by no factor."""
        right = sum(each.verdict == "right" for each in self.gradients)
        called = _is_called(self.loss)
        far = abs(np.log(abs(self.factor))) + (self.factor < 0)
        return right, -round(far, 3), called - len(self.loss) / 100


class _Measured:
    """A gradient, and by how much everything changes along some directions."""

    def __init__(self, gradient: Path, weight: Path, leaf: Leaf, values: Array, free: Array) -> None:
        self.gradient, self.weight, self.leaf, self.values, self.free = gradient, weight, leaf, values, free
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

    def part(self, axis: int, i: int, parts: int) -> "_Measured":
        """Return one of several parts of equal size along an axis."""
        mask = np.zeros_like(self.free)
        width = mask.shape[axis] // parts
        mask[(slice(None),) * axis + (slice(i * width, (i + 1) * width),)] = True
        return _Measured(self.gradient, self.weight, self.leaf, self.values, self.free & mask)

    def pieces(self) -> Iterator["_Measured"]:
        """Yield the pieces of a vector of all weights."""
        for some in np.array_split(np.arange(self.values.size), PIECES):
            mask = np.isin(np.arange(self.values.size), some)
            one = _Measured(self.gradient, self.weight, self.leaf, self.values, self.free & mask)
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
        return factor if np.max(np.abs(got)) > 100 * NOISE and _alike(factor * due, got) else None


def compared(replay: Replay, candidate: Candidate) -> Compared | None:
    """Return which gradients are right, None if there is no number whose derivative any of them is."""
    nothing = {path: leaf.array == 0 for path, leaf in replay.weights.items()}
    _stir(replay.weights.values())
    first = replay.copy()
    if first is None:
        return None
    replay.above = {name: one for name, one in first.above.items() if is_gradient(name)}
    base, again = replay.copy(), replay.copy()
    if base is None or again is None:
        return None
    steady = [key for key, one in base.numbers.items() if again.numbers.get(key) == one and np.isfinite(one)]
    known = [_begun(replay, base, *pair, nothing.get(pair[1])) for pair in candidate.pairs]
    begun = [one for one in known if one]
    begun = [*begun[0].pieces()] if len(begun) == 1 and begun[0].values.ndim == 1 else begun
    measured = [one for one in begun if all(one.measure(replay, seed) for seed in range(DIRECTIONS))]
    found = [one for key in steady if key[0] != "size" and (one := _against(key, measured)) is not None]
    if any(_is_called(key) and any(np.any(one.due(key)) for one in measured) for key in steady):
        found = [one for one in found if one.loss[0] != "usual"]  # there is one of its own
    most = max((one.worth[0] for one in found), default=0)
    called = [one for one in found if one.worth[0] == most and _is_called(one.loss)]  # before the outputs of one row
    best = max(called or found, key=lambda one: one.worth, default=None)
    if best is None:
        return None
    if best.factor < 0 and called and re.search(UPWARDS, str(best.loss)) is None and descends(replay.program.tree):
        best = _against(best.loss, measured, turned=True) or best
    for each, told in zip(measured, best.gradients, strict=True):
        if told.verdict == "off":
            each.measure(replay, DIRECTIONS)
    gradients = [_one(each, best.loss, best.factor, cut=candidate.cut) for each in measured]
    meant = _meant(replay, candidate, base, measured, best._replace(gradients=gradients))
    gradients = [one._replace(verdict="unknown", factor=None) if i in meant else one for i, one in enumerate(gradients)]
    at = next((i for i, one in enumerate(gradients) if one.verdict == "off" and not one.factor), None)
    if at is not None:
        gradients[at] = gradients[at]._replace(where=_where(replay, measured[at], best))
    names = {kind: _names_of(measured, gradients, kind) for kind in ("off", "right")}
    mend = None
    if names["off"]:
        is_right = functools.partial(_is_right, measured, best._replace(gradients=gradients))
        mend = mend_of(replay, base.shapes, names["off"], names["right"], [one.gradient for one in measured], is_right)
    return best._replace(gradients=gradients, mend=mend)


def _names_of(measured: Sequence[_Measured], gradients: Sequence[Gradient], verdict: str) -> set[str]:
    """Return the names on the ways to gradients of one verdict."""
    of_it = [one.gradient[1:] for one, told in zip(measured, gradients, strict=True) if told.verdict == verdict]
    return {name for path in of_it for name in path if isinstance(name, str)}


def _is_right(measured: Sequence[_Measured], best: Compared, left: Mapping[Path, Array]) -> bool:
    """Whether all gradients that a copy leaves are derivatives of the loss."""
    for one, told in zip(measured, best.gradients, strict=True):
        values = left.get(one.gradient)
        if values is None or values.shape != one.values.shape:
            return False
        got = np.array([float(np.sum(values * direction)) for direction in one.directions])
        if told.verdict != "unknown" and not _alike(best.factor * one.due(best.loss), got):
            return False
    return True


def _meant(
    replay: Replay, candidate: Candidate, base: Left, measured: Sequence[_Measured], best: Compared
) -> Collection[int]:
    """Return which gradients that are off may be meant so."""
    off = {i for i, one in enumerate(best.gradients) if one.verdict == "off"}
    meant = {i for i in off if not measured[i].is_smooth(replay, best.loss)}
    if off == meant:
        return meant
    dues = [best.factor * one.due(best.loss) for one in measured]
    told = [
        ({key: one.due(key) for key in base.numbers}, due, np.array(one.along))
        for one, due in zip(measured, dues, strict=True)
    ]
    meant |= of_several(told, _alike) & off
    if off == meant:
        return meant
    every = [
        Off(one.gradient, one.directions, dues[i], np.array(one.penalties).T, best.gradients[i].factor)
        for i, one in enumerate(measured)
        if i in off
    ]
    meant |= {i for i, was in zip(sorted(off), were_right(replay, candidate.call, every, _alike), strict=True) if was}
    right = [one.gradient for one, told in zip(measured, best.gradients, strict=True) if told.verdict == "right"]
    changed = by_others(replay, base, best.loss, every, right) if off - meant else set()
    return meant | {i for i in off if measured[i].gradient in changed}


def _where(replay: Replay, one: _Measured, best: Compared) -> str:
    """Return in which parts of a gradient it is off, along the first axis of which some parts are right; or nothing."""
    for axis, size in enumerate(one.values.shape):
        parts = next((count for count in PARTS if size % count == 0 and size > count), 0)
        told = [_is_off(replay, one.part(axis, i, parts), best) for i in range(parts)]
        if any(told) and not all(told) and None not in told:
            width = size // parts
            ranges = [f"{i * width}:{(i + 1) * width}" for i, off in enumerate(told) if off]
            return f"{'columns' if axis else 'rows'} {' and '.join(ranges)} of {size}"
    return ""


def _is_off(replay: Replay, part: _Measured, best: Compared) -> bool | None:
    if not part.measure(replay, 0):
        return None
    due, got = best.factor * part.due(best.loss), np.array(part.along)
    return None if not np.all(np.isfinite(due)) else not _alike(due, got)


def _is_called(number: Key) -> bool:
    """Whether a number is called like a loss."""
    return number[0] != "usual" and any(re.search(LOSS, str(one), re.IGNORECASE) for one in number)


def _begun(replay: Replay, base: Left, gradient: Path, weight: Path, nothing: Array | None) -> _Measured | None:
    """Return what is to be measured of a gradient: not where it is cut, nor where it leaves zeros as they are."""
    values, leaf = base.gradients.get(gradient), replay.weights.get(weight)
    if values is None or leaf is None or values.shape != leaf.array.shape or not np.all(np.isfinite(values)):
        return None
    frozen = (values == 0) & (False if nothing is None or not values.any() else nothing)
    free = ~_cut(values) & ~frozen
    return _Measured(gradient, weight, leaf, values, free) if free.any() else None


def _stir(weights: Iterable[Leaf]) -> None:
    """Move weights to where nothing vanishes: at the small ones that networks begin with a state is as good as none."""
    rng = np.random.default_rng(1)
    every = list(weights)
    for one in every:
        shape = one.array.shape
        into = max(shape) if min(shape) > 1 and len(shape) > 1 else np.sqrt(max(shape)) if len(every) == 1 else 1.0
        one.add(rng.normal(size=shape) * STIRRED / np.sqrt(into))


def _cut(values: Array) -> Array:
    """Return which entries are as large as a bound may be: as each other, or a number of few digits."""
    size = np.abs(values)
    largest = size == size.max()
    is_bound = largest.sum() >= CLIPPED or float(f"{size.max():.3g}") == size.max()
    return largest if is_bound and values.any() else np.zeros_like(values, bool)


def _against(key: Key, measured: Sequence[_Measured], *, turned: bool = False) -> Compared | None:
    """Return the gradients beside one number, None if none of them is its derivative, up to a factor.

    Of one that is ``turned`` the other sign is due.
    """
    factors = [one.factor(key) for one in measured]
    telling = [f for f, one in zip(factors, measured, strict=True) if f is not None and one.values.size >= FEWEST]
    if not telling:
        return None
    exact = [one for one in telling if _near(one, 1.0)]  # which is no accident, however many have another
    votes = [(sum(_near(f, one) for f in factors if f), -abs(np.log(abs(one))), one) for one in exact or telling]
    factor = max(votes)[2] * (-1 if turned else 1)
    return Compared(key, factor, [_one(one, key, factor) for one in measured])


def _one(one: _Measured, key: Key, factor: float, *, cut: bool = False) -> Gradient:
    due, got = factor * one.due(key), np.array(one.along)
    head = _shown(one.gradient) + one.piece, _shown(one.weight) + one.piece, one.values.shape
    if not np.all(np.isfinite(due)) or not np.any(due):
        return Gradient(*head, "unknown")
    worst = int(np.argmax(np.abs(due - got)))
    own, more = one.factor(key), _penalty(one, due, got)
    if _alike(due, got) or more > 0 or (own and _is_bounded(one.values)):
        verdict = "right"
    else:
        far = np.max(np.abs(due - got)) >= OFF * max(np.max(np.abs(due)), np.max(np.abs(got)))
        verdict = "off" if far and not (cut or more or is_state(one.weight)) else "unknown"
    return Gradient(
        *(*head, verdict, own / factor if own and verdict == "off" else None, float(due[worst]), float(got[worst]))
    )


def _alike(due: Array, got: Array) -> bool:
    return bool(np.max(np.abs(due - got)) <= NOISE + ALIKE * max(np.max(np.abs(due)), np.max(np.abs(got))))


def _penalty(one: _Measured, due: Array, got: Array) -> float:
    """Return by how much a weight, or its sign, is in a gradient more than in the loss; 0 if that is not what differs.

    Less is in it where the loss has a penalty whose gradient is added elsewhere.
    """
    for along in np.array(one.penalties).T if len(due) > DIRECTIONS else ():
        share = float(np.sum(along * (got - due)) / np.sum(along * along))
        if abs(share) > NOISE and _alike(due + share * along, got):
            return share
    return 0.0


def _is_bounded(values: Array) -> bool:
    """Whether the length of a gradient is a number of few digits, as where it is cut to that by itself."""
    length = float(np.linalg.norm(values))
    return abs(length - float(f"{length:.2g}")) <= NOISE * length


def _near(a: float, b: float) -> bool:
    return abs(a - b) <= 10 * ALIKE * abs(b)


def _shown(path: Path) -> str:
    """Return the way to an array as it is written in Python.

    >>> _shown(("called", "dWxh")), _shown(("caller's", "params", "Wxh")), _shown(("local", "self", "grads", 0))
    ('dWxh', 'params.Wxh', 'self.grads[0]')
    """
    path = path[1:] if path[0] in {"called", "local", "returned", "argument", "caller's", "global"} else path
    return "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path).removeprefix(".") or "its answer"


def as_told(found: Compared, function: str) -> dict[str, Any]:
    """Return what was found in words and numbers that can be sent."""
    return {
        "function": function,
        "number": list(found.loss),
        "factor": found.factor,
        "mend": found.mend._asdict() if found.mend else None,
        "gradients": [one._asdict() | {"shape": list(one.shape)} for one in found.gradients],
    }
