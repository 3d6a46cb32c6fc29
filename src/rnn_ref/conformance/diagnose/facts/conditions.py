"""Where it fails: one property of a problem, or several together, that all wrong answers have, and no right one.

A sentence is made only where it holds both ways, and on enough problems of either kind to be no chance. Corners may be
right where the rest is wrong (nothing is added where nothing is): how many are wrong is in the sentence. Two options
that all wrong answers have, and no others, are told as well where some answers with both are right, with the counts.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations

import numpy as np

from ...._shapes import Array
from .properties import SIZES, Properties, asked, counted, held, sizes
from .seen import Everything, Seen

MOST = 0.5  # of the checks with a property that are wrong, where it is told though some are right
LEAST, LEAST_ORDERED = 2, 3  # problems of either kind; of those beyond a bound that they set themselves


def conditions(known: Everything) -> Iterator[str]:
    """Yield the plainest condition of failure, if there is one: of all checks, or of those that are no corners.

    Where what the arrays hold tells right from wrong, a size or a largest entry may do so by chance: both are told.
    """
    plain = [one for one in known.every if not one.corner]
    yield from _plainest(known.every) or [f"corners aside, {one}" for one in _plainest(plain)]


def _plainest(every: Sequence[Seen]) -> list[str]:
    wrong = np.array([one.wrong for one in every], bool)
    firm = np.array([one.wrong or not one.corner for one in every], bool)  # a right corner shows nothing
    if min(wrong.sum(), (~wrong).sum()) >= LEAST:
        found = _sharpest(_single(every, wrong, firm, asked), wrong)
        others = _single(every, wrong, firm, held)
        found = found or _equal(list(_bounds(every, wrong, firm)), wrong) + _sharpest(others, wrong)
        found = found or _sharpest(_single(every, wrong, firm, counted), wrong)
        return found or list(_together(every, wrong, firm))[:1] or list(_mostly(every, wrong))
    return []


def _sharpest(found: Iterable[tuple[str, Array]], wrong: Array) -> list[str]:
    """Return the sentence on the first property that fewest of the right answers have."""
    best = min(found, key=lambda one: int((one[1] & ~wrong).sum()), default=None)
    return [best[0]] if best is not None else []


def _equal(found: list[tuple[str, Array]], wrong: Array) -> list[str]:
    """Return the sharpest sentence on a bound, and one more on what the very same checks share: a size, or an entry."""
    first = _sharpest(found, wrong)
    same = [holds for words, holds in found if words in first]
    others = [words for words, holds in found if words not in first and (holds == same[0]).all()]
    return first + [words for words in others if ("in which" in words) != ("in which" in first[0])][:1]


def _single(every: Sequence[Seen], wrong: Array, firm: Array, kind: Properties) -> Iterator[tuple[str, Array]]:
    for words, holds in _those(every, kind):
        if _both_ways(holds, wrong, firm):
            yield _sentence(words, holds, wrong), holds


def _together(every: Sequence[Seen], wrong: Array, firm: Array) -> Iterator[str]:
    """Yield two properties that fail together, or three of what is asked, and no fewer of them."""
    chosen = [one for one in _those(every, asked) if one[1][wrong].all()]
    given = [one for kind in (held, counted) for one in _those(every, kind) if one[1][wrong].all()]
    for some in [*combinations([*chosen, *given], 2), *combinations(chosen, 3)]:
        holds = np.all([one for _, one in some], axis=0)
        needed = all((np.all([o for _, o in some if o is not one], axis=0) & ~wrong & ~one).any() for _, one in some)
        if needed and _both_ways(holds, wrong, firm):
            yield _sentence(" and ".join(words for words, _ in some), holds, wrong)


def _mostly(every: Sequence[Seen], wrong: Array) -> Iterator[str]:
    """Yield what is asked in all checks that are wrong, and most of which are, where nothing tells them exactly."""
    chosen = [one for one in _those(every, asked) if one[1][wrong].all()]
    some = [(*one, *other) for one, other in combinations(chosen, 2)]
    found = min(some, key=lambda one: int((one[1] & one[3]).sum()), default=None)
    if found is None or wrong.sum() < LEAST_ORDERED:
        return
    holds = found[1] & found[3]
    if MOST <= wrong.sum() / holds.sum() < 1 and holds.sum() < min(found[1].sum(), found[3].sum()):
        others = f"right in all {int((~holds).sum())} others"
        yield f"wrong in {int(wrong.sum())} of {int(holds.sum())} checks {found[0]} and {found[2]}, {others}"


def _bounds(every: Sequence[Seen], wrong: Array, firm: Array) -> Iterator[tuple[str, Array]]:
    """Yield a size, or the largest entry of an argument or output, beyond which everything is wrong."""
    plain = np.array([not one.corner for one in every], bool)
    made_large = np.array(["size" in one.check.flags for one in every], bool)
    for name, what, found in sizes([one.check for one in every]):
        numbers = np.array(found)
        for sign, beyond in ((1, "or more"), (-1, "or fewer")):
            holds = sign * numbers >= (sign * numbers)[wrong].min()
            others = numbers[~holds]
            least = LEAST if name in SIZES else LEAST_ORDERED
            if others.size < LEAST_ORDERED or wrong.sum() < least or not _both_ways(holds, wrong, firm):
                continue
            if name not in SIZES and (~holds & plain).sum() < LEAST_ORDERED:
                continue
            if (sign < 0 or name not in SIZES) and made_large[~holds].all():
                continue  # right at those problems alone that are there for their size
            edge, inside = sign * (sign * numbers)[holds].min(), sign * (sign * others).max()
            if name in SIZES:
                one = inside == edge - sign or sign < 0
                until = f"with {inside:g} or {'more' if sign < 0 else 'fewer'}"
                words = f"with {edge:g} {what} {beyond} ({name})"
                yield _sentence(words, holds, wrong) + ("" if one else f" ({until})"), holds
            else:
                bound = between(inside, edge)
                words = f"in which max {name} is {'above' if sign > 0 else 'below'} {bound}"
                yield _sentence(words, holds, wrong), holds


def between(one: float, other: float) -> str:
    """Write a number between two others with as few digits as it takes.

    >>> between(0.8812, 0.9127), between(30.2, 88.7)
    ('0.9', '60')
    """
    for digits in range(1, 18):
        text = f"{(one + other) / 2:.{digits}g}"
        if min(one, other) < float(text) < max(one, other):
            break
    return f"{float(text):g}" if digits < 6 else text


def _those(every: Sequence[Seen], kind: Properties) -> list[tuple[str, Array]]:
    """Return the properties that some of the checks have and others have not."""
    found = [(words, np.array(holds, bool)) for words, holds in kind([one.check for one in every])]
    return [(words, holds) for words, holds in found if holds.any() and not holds.all()]


def _both_ways(holds: Array, wrong: Array, firm: Array) -> bool:
    enough = min((holds & wrong).sum(), (~holds & ~wrong).sum()) >= LEAST
    return bool(enough and not (holds & ~wrong & firm).any() and not (wrong & ~holds).any())


def _sentence(words: str, holds: Array, wrong: Array) -> str:
    there, others = int(holds.sum()), int((~holds).sum())
    count = f"all {there}" if wrong[holds].all() else f"{int(wrong[holds].sum())} of {there}"
    return f"wrong in {count} checks {words}, right in all {others} others"
