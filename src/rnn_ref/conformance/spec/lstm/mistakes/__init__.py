"""Mistakes in an LSTM's step, in its loop, and on the way back, each with its words.

Probes that show them have all biases different and not zero, h0 and c0 ≠ 0 and not equal, memories beyond where they
are clipped, and a gradient that reaches the memories from outside.
"""

from ...mistake import Entry
from . import back, elsewhere, gates, loop, memory, terms, through_time

FILES = (gates, memory, terms, loop, back, through_time, elsewhere)
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
