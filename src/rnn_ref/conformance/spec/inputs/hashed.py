"""Numbers made from a name: large inputs that need not be stored.

They are the bits of a hash, and therefore the same everywhere and for ever; NumPy promises that of no stream of random
numbers. With 24 bits they are exact in float32 as in float64.
"""

import hashlib
import math
from collections.abc import Sequence

import numpy as np

from ...._shapes import Array

BITS = 24
_MADE: dict[bytes, tuple[str, float]] = {}  # by its bytes in float32, how an array was made


def hashed(name: str, shape: Sequence[int], size: float) -> Array:
    """Return odd multiples of 2^-23 · 2^k, evenly spread between −2^k and 2^k, where 2^k is the power next to ``size``.

    >>> hashed("example", (2,), 1.0).round(3).tolist(), bool(abs(hashed("example", (9, 9), 0.1)).max() < 0.125)
    ([0.613, -0.855], True)
    """
    raw = hashlib.shake_256(name.encode()).digest(4 * math.prod(shape))
    whole = (np.frombuffer(raw, "<u4") >> (32 - BITS + 1)).astype(np.float64)
    spread = (2 * whole + 1) / 2**BITS * 2 - 1
    array: Array = np.ldexp(spread, round(math.log2(size))).reshape(shape)
    _MADE[_bytes(array)] = name, size
    return array


def how_made(array: Array) -> tuple[str, float] | None:
    """Return the name and the size from which an array was made, None if it was made in another way."""
    return _MADE.get(_bytes(array))


def _bytes(array: Array) -> bytes:
    return hashlib.sha256(array.astype(np.float32).tobytes()).digest()
