"""What gated cells share: the logistic function, and weights and gradients that are stacked gate by gate."""

import numpy as np

from ._shapes import Array, wide


def sigmoid(a: Array) -> Array:
    """Return 1 / (1 + exp(−a)), between 0 and 1; where exp overflows the quotient is 0, rightly.

    >>> sigmoid(np.array([0.0, -1000.0]))
    array([0.5, 0. ])
    """
    with np.errstate(over="ignore", under="ignore"):
        found: Array = 1 / (1 + np.exp(-a))
    return found


def squashed(a: Array) -> Array:
    """Overwrite an array by its sigmoid and return it, within an errstate that lets exp overflow."""
    a *= -1
    np.exp(a, out=a)
    a += 1
    return np.reciprocal(a, out=a)


def by_gate(stacked: Array, gates: int) -> Array:
    """Return (GH, …), blocks of rows for G gates, as a view (G, H, …).

    >>> by_gate(np.arange(6), 3).tolist()
    [[0, 1], [2, 3], [4, 5]]
    """
    return stacked.reshape(gates, -1, *stacked.shape[1:])


def summed(d: Array) -> Array:
    """Add up (G, rows, H) over the rows, in float64, and return the gates end to end (GH,)."""
    found: Array = d.sum(1, dtype=wide(d.dtype)).astype(d.dtype).ravel()
    return found
