"""All mistakes of the catalogue, in the order in which data flows; those of later families behind."""

from ..mistake import Mistake, entries
from . import anywhere, backward, forward, loss, loss_options, output

__all__ = ["MISTAKES", "Mistake"]

MISTAKES: tuple[Mistake, ...] = (
    *(one for family in (forward, output, loss, loss_options, backward, anywhere) for one in family.MISTAKES),
    *(one for entry in entries() for one in entry.mistakes),
)
