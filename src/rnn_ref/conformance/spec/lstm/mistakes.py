"""Mistakes in an LSTM's step, in its loop, and on the way back, each with its words.

Probes that show them have all biases different and not zero, h0 and c0 ≠ 0 and not equal, memories beyond where they
are clipped, and a gradient that reaches the memories from outside.
"""

from ..mistake import Entry
from . import mistakes_back, mistakes_gates, mistakes_loop, mistakes_memory, mistakes_terms, mistakes_through_time

FILES = (mistakes_gates, mistakes_memory, mistakes_terms, mistakes_loop, mistakes_back, mistakes_through_time)
ENTRIES: tuple[Entry, ...] = tuple(entry for file in FILES for entry in file.ENTRIES)
