"""All mistakes of the catalogue, in the order in which data flows."""

from . import anywhere, backward, forward, loss, loss_options, output
from .mistake import Mistake

__all__ = ["MISTAKES", "Mistake"]

MISTAKES: tuple[Mistake, ...] = tuple(
    mistake for family in (forward, output, loss, loss_options, backward, anywhere) for mistake in family.MISTAKES
)
