"""Mistakes in a GRU's step, in its loop, and on the way back, each with its words.

Probes that show them have all biases different and not zero, and h0 ≠ 0: with zeros a third cannot be seen.
"""

from ...mistake import Entry
from . import back, elsewhere, gates, paths, reset, states, sums, terms, through_time

FORWARD = (gates, reset, terms, states)
FILES = (*FORWARD, paths, back, through_time, sums, elsewhere)  # in their order
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
