"""Mistakes in how layers and directions are put together, and in different lengths, forward and back, with their words.

Probes that show them have states that are not zero, all different; unequal lengths in no order; and once as many layers
and directions as rows and steps, where an exchange of axes raises nothing.
"""

from ...mistake import Entry
from . import back, back_lengths, directions, layers, lengths, network, network_back, network_constants, starts

FORWARD = (layers, starts, directions, lengths)
FILES = (*FORWARD, back, back_lengths, network, network_back, network_constants)
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
