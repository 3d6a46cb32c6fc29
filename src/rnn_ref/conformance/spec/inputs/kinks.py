"""How close the sums of a network come to where the slope of its activation jumps.

Two right programs may find such a sum on either side, if it is closer than they round. Then their gradients differ by
all of it, and neither can be judged: so probes keep away.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

import numpy as np

from ...._shapes import Array
from ...numbers.shaken import Shaken
from ...numbers.through import Weights, forward
from ...operation import Cell

GAP = 1e-3  # between every sum and the jump: far more than any program rounds


def gap(cell: Cell, X_seq: Array, states0: Sequence[Array], weights: Weights) -> float:
    """Return the least size of what goes into max(0, ·) at any step, infinity where nothing does.

    >>> relu = Cell(lambda x, h, W: ((x.dot(W) + h).relu(),), ("h",), ("W",))
    >>> gap(relu, np.array([[1.0], [-0.5]]), [np.zeros(1)], {"W": np.ones((1, 1))})
    0.5
    """
    kind = noting()
    wide = {name: np.asarray(array, np.float64) for name, array in weights.items()}
    forward(cell, kind, np.asarray(X_seq, np.float64), [np.asarray(one, np.float64) for one in states0], wide)
    return kind.least[0]


def noting() -> "type[Noting]":
    """Return a kind of number with a note of its own."""
    return type("Noting", (Noting,), {"least": [np.inf]})


class Noting(Shaken):
    """Plain float64, which notes the least of what goes into max(0, ·)."""

    least: ClassVar[list[float]]

    def relu(self) -> Self:
        """Return max(0, ·), with the least of it noted."""
        self.least[0] = min(self.least[0], float(np.abs(self.a).min()))
        return super().relu()
