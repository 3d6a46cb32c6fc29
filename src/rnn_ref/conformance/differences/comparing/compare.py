"""Gradients beside central differences of every number that might be the loss: which are its derivatives."""

import ast
import re
from collections.abc import Iterable, Sequence

import numpy as np

from ...targets.reading.names import is_gradient
from ..arrays import Leaf
from ..pairs import is_state
from ..replay import Key, Left, Replay
from ..usual import USUAL
from ..watch import Candidate
from .descent import descends
from .meant import TIMES
from .measured import DIRECTIONS, OFF, Measured, alike, begun, is_bounded, near
from .off import looked_at_again
from .told import Compared, Gradient, is_called, shown

STIRRED = 0.5  # by how much biases are moved, and what goes into one unit
ALL_ABOVE = "what is above"  # ends the name of a number of several that are returned, each with its gradient
FEW = 2  # gradients at the least that are off, where none is right
FEWEST = 4  # entries of a gradient by which it is told what the loss is
LOSSES = r"(?i)loss|cost|nll|entropy|xent|bce|objective"  # what one goes down, and no mere figure of how good it is
UPWARDS = r"(?i)likelihood|objective|log_?p|reward|score"  # what one goes up


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
    known = [begun(base, pair[0], replay.weights.get(pair[1]), nothing.get(pair[1])) for pair in candidate.pairs]
    some = [one for one in known if one]
    some = [*some[0].pieces()] if len(some) == 1 and some[0].values.ndim == 1 else some
    measured = [one for one in some if all(one.measure(replay, seed) for seed in range(DIRECTIONS))]
    steady = [key for key in steady if not (TIMES in key and _goes_on(key, base, measured))]
    called = _of_one_called(steady, measured)
    own = [key for key in steady if not (called and key[0] == USUAL)]  # there is one of its own
    best = _best(own, base, measured, replay.program.tree)
    if best is not None:
        return _again(replay, candidate, base, measured, best)
    usual = _best([key for key in steady if called and key[0] == USUAL], base, measured, replay.program.tree)
    found = usual and _again(replay, candidate, base, measured, usual)
    if found and (found.mend or not any(one.verdict == "off" for one in found.gradients)):
        return found._replace(instead=_asked(replay, steady, measured))
    return _all_off(replay, candidate, base, measured, steady)


def _asked(replay: Replay, steady: Sequence[Key], measured: Sequence[Measured]) -> Key | None:
    """Return the loss of the program's own that was told the same, None if it may differ by a penalty alone."""
    for key in steady:
        if key[1] == 0 and re.search(LOSSES, str(key[0])) and all(np.any(one.due(key)) for one in measured):
            enough = [one for one in measured if len(one.along) > DIRECTIONS or one.measure(replay, DIRECTIONS)]
            is_near = any(one.penalty(one.due(key), np.array(one.along)) for one in enough)
            return None if is_near else key
    return None


def _goes_on(key: Key, base: Left, measured: Sequence[Measured]) -> bool:
    """Whether weights act on what a call returns through the calls before as well, as in a cell of a later step."""
    name, nth = key[0], key[1]
    before = [one for one in base.numbers if one[0] == name and one[1] < nth and TIMES in one]
    return (name, nth) in base.going_on and any(np.any(one.due(other)) for one in measured for other in before)


def _of_one_called(steady: Sequence[Key], measured: Sequence[Measured]) -> bool:
    """Whether there is a number that is called like a loss, and changes with a weight."""
    return any(is_called(key) and any(np.any(one.due(key)) for one in measured) for key in steady)


def _again(replay: Replay, candidate: Candidate, base: Left, measured: Sequence[Measured], best: Compared) -> Compared:
    """Look again at what is off, along more directions."""
    for each, told in zip(measured, best.gradients, strict=True):
        if told.verdict == "off":
            each.measure(replay, DIRECTIONS)
    gradients = [_one(each, best.loss, best.factor, cut=candidate.cut) for each in measured]
    return looked_at_again(replay, candidate, base, measured, best._replace(gradients=gradients))


def _all_off(
    replay: Replay, candidate: Candidate, base: Left, measured: Sequence[Measured], steady: Sequence[Key]
) -> Compared | None:
    """Return gradients none of which is right, if one edit makes all right that go back from what they are told.

    What the loss is need not be known then. Else nothing is said: they may be the derivatives of another loss.
    """
    likely = [key for key in steady if TIMES in key and all(np.any(one.due(key)) for one in measured)]
    for key in sorted(likely, key=lambda one: one[-1] != ALL_ABOVE)[:1]:
        gradients = [_one(one, key, 1.0, cut=candidate.cut) for one in measured]
        if sum(one.verdict == "off" for one in gradients) >= FEW:
            found = looked_at_again(replay, candidate, base, measured, Compared(key, 1.0, gradients))
            return found if found.mend else None
    return None


def _best(steady: Sequence[Key], base: Left, measured: Sequence[Measured], tree: ast.AST) -> Compared | None:
    """Return the gradients beside the number that is most likely the loss."""
    found = [one for key in steady if key[0] != "size" and (one := _against(key, measured)) is not None]
    most = max((one.worth[0] for one in found), default=0)
    called = [one for one in found if one.worth[0] == most and is_called(one.loss)]  # before the outputs of one row
    best = max(called or found, key=lambda one: one.worth, default=None)
    if best is None:
        return None
    is_cost = called and base.numbers[best.loss] > 0 and re.search(UPWARDS, str(best.loss)) is None  # no difference
    turned = _against(best.loss, measured, turned=True) if best.factor < 0 and is_cost and descends(tree) else None
    return turned or best


def _stir(weights: Iterable[Leaf]) -> None:
    """Move weights to where nothing vanishes: at the small ones that networks begin with a state is as good as none."""
    rng = np.random.default_rng(1)
    every = list(weights)
    for one in every:
        shape = one.array.shape
        into = max(shape) if min(shape) > 1 and len(shape) > 1 else np.sqrt(max(shape)) if len(every) == 1 else 1.0
        one.add(rng.normal(size=shape) * STIRRED / np.sqrt(into))


def _against(key: Key, measured: Sequence[Measured], *, turned: bool = False) -> Compared | None:
    """Return the gradients beside one number, None if none of them is its derivative, up to a factor.

    Of one that is ``turned`` the other sign is due.
    """
    factors = [one.factor(key) for one in measured]
    telling = [f for f, one in zip(factors, measured, strict=True) if f is not None and one.values.size >= FEWEST]
    if not telling:
        return None
    exact = [one for one in telling if near(one, 1.0)]  # which is no accident, however many have another
    votes = [(sum(near(f, one) for f in factors if f), -abs(np.log(abs(one))), one) for one in exact or telling]
    factor = max(votes)[2] * (-1 if turned else 1)
    return Compared(key, factor, [_one(one, key, factor) for one in measured])


def _one(one: Measured, key: Key, factor: float, *, cut: bool = False) -> Gradient:
    due, got = factor * one.due(key), np.array(one.along)
    head = shown(one.gradient) + one.piece, shown(one.leaf.path) + one.piece, one.values.shape
    if not np.all(np.isfinite(due)) or not np.any(due):
        return Gradient(*head, "unknown")
    worst = int(np.argmax(np.abs(due - got)))
    own, more = one.factor(key), one.penalty(due, got)
    if alike(due, got) or more > 0 or (own and is_bounded(one.values)):
        verdict = "right"
    else:
        far = np.max(np.abs(due - got)) >= OFF * max(np.max(np.abs(due)), np.max(np.abs(got)))
        verdict = "off" if far and not (cut or more or is_state(one.leaf.path)) else "unknown"
    return Gradient(
        *(*head, verdict, own / factor if own and verdict == "off" else None, float(due[worst]), float(got[worst]))
    )
