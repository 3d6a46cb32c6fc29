"""So many bits are right, everywhere: what computing in fewer bits does, whatever the dtype of the answer."""

from collections.abc import Iterator

import numpy as np

from ...._shapes import Array
from ...judge.compare import Comparison
from ...numbers.bounded import unit
from .seen import Everything

KEPT = {8: "bfloat16", 11: "float16 or TF32", 24: "float32"}  # bits, and what keeps so many
ENTRIES, MOSTLY = 40, 0.8  # that are needed to tell rounding from a mistake, and how many of them are off
SPREAD = 4.0  # bits by which checks may differ: rounding adds up, over inputs and steps
MORE = 1.5  # bits that are right beyond those kept, by luck: of what is right to more, it was no such rounding
TELLS = 64.0  # times as far off as the dtype explains: less may be a few roundings
CHANCE, TOWARDS = 0.3, 0.7  # by which the mean sign may be off 0: up or down; away from 0 or, cut off, towards it


def bits(known: Everything) -> Iterator[str]:
    """Yield how many bits are right, if that is alike in all checks and errors have either sign as chance has it."""
    plain = [one for one in known.every if not one.corner]
    if not plain or not all(one.numbers for one in plain):
        return
    shown = [(one.check.dtype, output) for one in plain if one.wrong or one.check.dtype == "float64"
             for output in one.ones if np.any(output.truth)]  # fmt: skip
    if not shown or not all(np.isfinite(one.answer).all() and np.isfinite(one.truth).all() for _, one in shown):
        return
    found = -np.log2([max(_relative(one), unit(dtype)) for dtype, one in shown])
    rightly = float(np.median(found))
    kept = min(KEPT, key=lambda kept: abs(kept - 1 - rightly))
    alike = bool(np.all(np.abs(found - rightly) <= SPREAD)) and abs(kept - 1 - rightly) <= SPREAD
    if alike and min(2.0**-found) > TELLS * unit("float64") and _by_chance(shown):
        rounding = f"after rounding to {KEPT[kept]}, or " if rightly <= kept + MORE else ""
        yield (
            f"about {rightly:.0f} bits are right in every check, with errors up and down: as {rounding}with a number "
            f"that is off by {2.0**-rightly:.0e}"
        )


def _relative(one: Comparison) -> float:
    """Return the greatest error, relative to the largest entry."""
    return float(one.errors.max(initial=0.0) / np.abs(one.truth).max(initial=0.0))


def _by_chance(shown: list[tuple[str, Comparison]]) -> bool:
    """Whether nearly all entries are off, as often up as down, and as often away from zero as towards it."""
    off = np.concatenate([np.ravel(one.answer - one.truth) for _, one in shown])
    due = np.concatenate([np.ravel(one.truth) for _, one in shown])
    bad = np.concatenate([np.ravel(~(one.ratios <= 1)) for _, one in shown])
    there = due != 0
    enough = there.sum() >= ENTRIES and bad[there].mean() >= MOSTLY
    return bool(enough and _mean(off[bad]) <= CHANCE and _mean((off * due)[bad & there]) <= TOWARDS)


def _mean(errors: Array) -> float:
    return abs(float(np.sign(errors).mean()))
