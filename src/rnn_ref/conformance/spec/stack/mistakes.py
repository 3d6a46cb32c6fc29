"""Mistakes in how layers and directions are put together, and in sequences of different lengths, with their words.

Probes that show them have states that are not zero, all different; unequal lengths in no order; and once as many layers
and directions as rows and steps, where an exchange of axes raises nothing.
"""

from ..mistake import Entry
from . import mistakes_directions, mistakes_layers, mistakes_lengths, mistakes_starts

FILES = (mistakes_layers, mistakes_starts, mistakes_directions, mistakes_lengths)
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
