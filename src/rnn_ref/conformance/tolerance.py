"""How far a right answer may be from the truth.

Until tolerances are derived entry by entry, there is one: 256 units of rounding (2⁻⁵² for float64, 2⁻²³ for float32)
of the largest entry of the answer, or of the largest Σ|terms| behind it where the answer is what is left when larger
terms cancel, as a loss is. That makes 5.7e-14 and 3.1e-5.

Why 256: a correct implementation in whatever order of summation makes about √n roundings for sums of n terms, and on
the frozen probes (n ≤ 82, at most 40 steps, contracting weights) PyTorch and plain loops stay below 10 units. Of the
catalogued mistakes, the smallest is off by far more than 1e-4 in float64 and float32 alike.
"""

import numpy as np

from .._shapes import Array

UNITS = 256


def allowed_error(expected: Array, dtype: str, scale: float = 0.0) -> float:
    """Return the largest error that rounding may explain, in the unit of the answer.

    >>> import numpy as np
    >>> allowed_error(np.array([0.5, -1.0]), "float64") == 2.0**-44
    True
    """
    return UNITS * unit(dtype) * max(largest_entry(expected), scale)


def unit(dtype: str) -> float:
    """Return the distance from 1 to the next number of the dtype."""
    return float(np.finfo(dtype).eps)


def largest_entry(array: Array) -> float:
    """Return the largest finite absolute value, 0 if there is none."""
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
