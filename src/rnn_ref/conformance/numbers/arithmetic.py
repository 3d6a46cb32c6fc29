"""The arithmetic that a program is measured against: in what it rounds products, adds up, and keeps the rest."""

from typing import Any, NamedTuple

import numpy as np

from .bounded import LAMBDA, Bounded, bounded
from .formats import FORMATS, Format, coarsest
from .gradients import FLOOR
from .kernels.emulated import emulated
from .kernels.mixed import mixed
from .shaken import shaken

LUCKY = 16  # tries that may all be lucky


class Arithmetic(NamedTuple):
    """The formats of operands of products, of their sums, and of what is kept between them."""

    operands: Format
    sums: Format
    between: Format

    @classmethod
    def of(cls, precision: str, accumulate: str, stored: str) -> "Arithmetic":
        """Return that of a kernel whose arrays are ``stored``; TF32 is for operands, what is kept is float32.

        >>> Arithmetic.of("tf32", "float32", "float32").between.name
        'float32'
        """
        operands, sums = FORMATS[precision], FORMATS[accumulate]
        kept = FORMATS["float32"] if precision == "tf32" else operands
        return cls(operands, sums, coarsest(kept, FORMATS[stored]))

    @property
    def plain(self) -> bool:
        """Whether it is all one format, of those in which libraries compute."""
        return self.operands == self.sums == self.between and self.between.name in {"float32", "float64"}

    @property
    def coarsest(self) -> Format:
        """The coarsest of all, in whose unit roundoff errors are counted."""
        return coarsest(*self)

    @property
    def tiny(self) -> float:
        """The largest of the smallest normal numbers, below which all may be flushed to zero."""
        return max(one.tiny for one in self)

    @property
    def bounded(self) -> type[Bounded]:
        """The kind of number that follows what rounding may do."""
        return bounded(self.between.name) if self.plain else mixed(self.operands, self.between, self.sums)

    @property
    def runs(self) -> Any:
        """What gives the kind of number that rounds as a program does, for a number of runs."""
        return shaken if self.plain else emulated(self.operands, self.between, self.sums)

    @property
    def dtype(self) -> str:
        """The dtype of the arrays with which such runs are made."""
        return self.between.name if self.plain else "float64"

    def floor(self, tries: int, terms: int = 1) -> float:
        """Return how many u Σ|terms| a gradient may be off at least, of which so many numbers were tried.

        It is for luck: few tries may all be lucky. With few bits u Σ|terms| is more than the gradient itself where many
        terms cancel; of many tries it is not taken that all are lucky, nor of many terms that all conspire.
        """
        return FLOOR if self.plain else FLOOR * min(1.0, LUCKY / tries, LAMBDA / np.sqrt(terms))
