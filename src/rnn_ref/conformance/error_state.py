"""NumPy's error state, of which the caller's is no matter here: ``np.seterr(all="raise")`` ends no check."""

import numpy as np


def usual() -> np.errstate:
    """Return NumPy's own default, as a context or a decorator; what underflows on the way to 0 is no error.

    >>> with np.errstate(all="raise"), usual():
    ...     np.exp(-1000.0)
    np.float64(0.0)
    """
    return np.errstate(divide="warn", over="warn", invalid="warn", under="ignore")
