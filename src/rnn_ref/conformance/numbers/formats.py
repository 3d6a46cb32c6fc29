"""The formats in which kernels compute: how many bits they keep, how far they reach, and what becomes of a number."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..._shapes import Array


class Format(NamedTuple):
    """A format of binary numbers, float64 at most; all that is taken and returned is float64."""

    name: str
    bits: int  # of the significand, the leading one included
    exponent: int  # of the smallest normal number
    largest: float

    @property
    def u(self) -> float:
        """The unit roundoff.

        >>> FORMATS["bfloat16"].u
        0.00390625
        """
        return 2.0**-self.bits

    @property
    def tiny(self) -> float:
        """The smallest normal number, below which all may be flushed to zero."""
        return 2.0**self.exponent

    def rounded(self, a: Array) -> Array:
        """Return the nearest numbers of the format.

        >>> FORMATS["tf32"].rounded(np.array([1 / 3, 1e30]))
        array([3.33251953e-01, 1.00025555e+30])
        """
        if self.bits >= FORMATS["float32"].bits:
            with np.errstate(over="ignore", under="ignore"):
                return a.astype(self.name).astype(np.float64)
        return self._to_bits(a, np.rint)

    def cut(self, a: Array) -> Array:
        """Return the numbers of the format next to them towards zero: what is left where lower bits are not read."""
        return a if self.bits >= FORMATS["float64"].bits else self._to_bits(a, np.trunc)

    def _to_bits(self, a: Array, whole: Callable[[Array], Array]) -> Array:
        a = np.asarray(a, np.float64)
        _, exponent = np.frexp(a)
        last = np.maximum(exponent - self.bits, self.exponent - self.bits + 1)
        found = np.ldexp(whole(np.ldexp(a, -last)), last)
        beyond = np.abs(found) > self.largest
        return np.where(beyond, np.copysign(np.inf, a), found) if beyond.any() else found


def _format(name: str, bits: int, exponent: int) -> Format:
    return Format(name, bits, exponent, 2.0 ** (1 - exponent) * (2 - 2.0 ** (1 - bits)))


FORMATS = {
    one.name: one
    for one in (
        _format("float64", 53, -1022),
        _format("float32", 24, -126),
        _format("tf32", 11, -126),
        _format("bfloat16", 8, -126),
        _format("float16", 11, -14),
    )
}  # the finest first


def coarsest(*formats: Format) -> Format:
    """Return the format with the fewest bits; of two with as many, the one with the shorter reach.

    >>> coarsest(FORMATS["tf32"], FORMATS["float16"], FORMATS["float32"]).name
    'float16'
    """
    return min(formats, key=lambda one: (one.bits, -one.exponent))
