"""Where a function of one number is zero: between two points at which it has different signs."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

MOST = 60  # points that are tried
Point = tuple[float, float]  # a number, and the function there
Bracket = tuple[Point, Point]


class Near(NamedTuple):
    """A number near a zero, and two points around it."""

    root: float
    bracket: Bracket


def brackets(function: Callable[[float], float], grid: Iterable[float]) -> Iterator[Bracket]:
    """Yield the neighbours on a grid between which a function changes its sign; what is not finite is passed over.

    >>> [(float(a), float(b)) for (a, _), (b, _) in brackets(lambda x: x * x - 2, [-2.0, 0.0, 1.0, 3.0])]
    [(-2.0, 0.0), (1.0, 3.0)]
    """
    points = [(float(x), function(float(x))) for x in grid]
    for a, b in pairwise(points):
        if a[1] * b[1] <= 0 and a[1] != b[1]:
            yield a, b


def between(function: Callable[[float], float], bracket: Bracket, close: float) -> Near:
    """Return the zero in a bracket, by the Illinois variant of the rule of false position.

    The search ends where the function is at most ``close`` times what it was in the beginning, or with the last bit.

    >>> round(between(lambda x: x * x - 2, ((1.0, -1.0), (3.0, 7.0)), 0.0).root, 12)
    1.414213562373
    """
    a, b = bracket
    enough = close * max(abs(a[1]), abs(b[1]))
    for _ in range(MOST):
        if not a[1] or not b[1]:
            break
        x = (a[0] * b[1] - b[0] * a[1]) / (b[1] - a[1])
        at_x = function(x)
        if not np.isfinite(at_x) or x in (a[0], b[0]):
            break
        a = b if at_x * b[1] < 0 else (a[0], a[1] / 2)
        b = (x, at_x)
        if abs(at_x) <= enough:
            break
    return Near(a[0] if not a[1] else b[0], (a, b))
